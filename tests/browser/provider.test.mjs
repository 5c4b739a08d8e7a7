// The provider of the browser in real browsers: the C tests of src/crypto and src/e2ee, with the
// published vectors, in a module worker under the policy that the server sends. libsodium's
// WebAssembly starts there, without eval and with nothing from elsewhere.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { POLICY } from "./lib/gallery.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { root } from "./lib/server.mjs";

const require = createRequire(join(root, "web/package.json"));
const { build } = require("esbuild");
const { OPTIONS } = await import("../../web/build.mjs");
const VECTORS = join(root, process.env.VECTORS ?? "../shared/vectors");
const WASM = ["build/asan", "build/release"]
  .map((build) => join(root, build, "tests/e2ee/c_tests.wasm"))
  .find(existsSync);

async function script(entry) {
  const made = await build({ ...OPTIONS, entryPoints: [join(root, entry)], write: false });
  return made.outputFiles[0].text;
}

/** As in Node: what takes minutes there, and the file that is not among the published ones everywhere. */
function mayBeSkipped(test) {
  if (test === "mls_proposals_give_the_trees_of_the_published_vectors")
    return !existsSync(join(VECTORS, "mls/tree-operations.json"));
  return test === "link_passcode_changes_the_key_as_other_code_finds";
}

let server;
let origin;

before(async () => {
  const names = existsSync(VECTORS)
    ? readdirSync(VECTORS, { recursive: true }).filter((name) => name.endsWith(".json"))
    : [];
  const page = '<!doctype html><title>provider</title><script type="module" src="/page.js"></script>';
  const files = {
    "/": ["text/html", page],
    "/page.js": ["text/javascript", await script("tests/browser/pages/c_tests.ts")],
    "/e2ee-worker.js": ["text/javascript", await script("tests/browser/pages/c_tests_worker.ts")],
    "/c_tests.wasm": ["application/wasm", readFileSync(WASM)],
    "/vectors.json": ["application/json", JSON.stringify(names)],
  };
  for (const name of names)
    files[`/vectors/${name}`] = ["application/json", readFileSync(join(VECTORS, name))];
  server = createServer(({ url }, response) => {
    const [type, body] = files[url] ?? ["text/plain", ""];
    response.writeHead(200, { "content-type": type, "content-security-policy": POLICY });
    response.end(body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  origin = `http://127.0.0.1:${server.address().port}/`;
});

after(() => server?.close());

for (const [name, start] of [
  ["Chromium", chromium],
  ["Firefox", firefox],
]) {
  test(`every C test that Node runs as WebAssembly passes in a worker of ${name}`, async (t) => {
    const person = await start({ name });
    try {
      await person.open(origin);
      const told = await person.evaluate(() => globalThis.told);
      assert.deepEqual(told.failed, []);
      assert.ok(told.passed > 100, JSON.stringify(told));
      if (existsSync(VECTORS)) assert.deepEqual(told.skipped.filter((test) => !mayBeSkipped(test)), []);
      t.diagnostic(`${told.passed} tests in ${Math.round(told.ms)} ms`);
    } finally {
      await person.close();
    }
  });
}
