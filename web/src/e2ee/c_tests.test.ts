// The C tests of src/crypto and src/e2ee on what the browser runs: the same files, compiled to
// WebAssembly, with the published vectors read in place from $VECTORS.

import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { cTests } from "./c_tests.ts";
import { Sodium } from "./sodium.ts";
import { built } from "./testing.ts";

const WRITTEN = "../shared/vectors"; // in the tests, where $VECTORS says nothing
const folder = process.env.VECTORS ?? WRITTEN;
const read = (path: string) => {
  const file = path.replace(WRITTEN, folder);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
};

const wasm = readFileSync(built("tests/e2ee/c_tests.wasm"));
for (const { file, name, run } of await cTests(wasm, await Sodium.load(), read))
  test(`${file.replace("_test.c", "")} in WebAssembly: ${name}`, async (t) => {
    const { skipped, said } = await run();
    for (const line of new Set(said)) t.diagnostic(line);
    if (skipped) t.skip(said.at(-1));
  });
