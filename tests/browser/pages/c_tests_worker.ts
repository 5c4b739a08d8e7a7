// The worker of provider.test.mjs: a module worker with the whole provider in it, libsodium too, that
// runs the C tests.

import { cTests } from "../../../web/src/e2ee/c_tests.ts";
import { Sodium } from "../../../web/src/e2ee/sodium.ts";

export interface Told {
  readonly passed: number;
  readonly skipped: readonly string[];
  readonly failed: readonly string[];
  readonly ms: number;
}

const WRITTEN = "../shared/vectors/"; // so the tests name the folder

async function vectors(): Promise<Map<string, string>> {
  const names: readonly string[] = await (await fetch("/vectors.json")).json();
  const texts = names.map(async (name) => (await fetch(`/vectors/${name}`)).text());
  return new Map((await Promise.all(texts)).map((text, i) => [names[i] ?? "", text]));
}

async function runAll(): Promise<Told> {
  const files = await vectors();
  const wasm = await (await fetch("/c_tests.wasm")).arrayBuffer();
  const started = performance.now();
  const told = { passed: 0, skipped: [] as string[], failed: [] as string[] };
  const read = (path: string) => files.get(path.replace(WRITTEN, ""));
  for (const { name, run } of await cTests(wasm, await Sodium.load(), read)) {
    try {
      if ((await run()).skipped) told.skipped.push(name);
      else told.passed += 1;
    } catch (error) {
      told.failed.push(`${name}: ${error}`);
    }
  }
  return { ...told, ms: performance.now() - started };
}

runAll().then(
  (told) => postMessage(told),
  (error) => postMessage({ passed: 0, skipped: [], failed: [String(error)], ms: 0 }),
);
