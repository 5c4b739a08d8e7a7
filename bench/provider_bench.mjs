// The primitives of MLS, native and as the browser has them, in rounds that take turns: microseconds of
// processor time a call, medians, and what the browser's cost over the native ones (provider.c).
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { help } from "./help.mjs";

const ROUNDS = 7;
const ROUND_NS = 15e6;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { build } = createRequire(join(root, "web/package.json"))("esbuild");

/** The provider of web/src/e2ee, as Node can load it. */
async function load() {
  const outfile = join(root, "build/bench/provider.mjs");
  await build({
    stdin: {
      contents:
        'export { CoreMemory } from "./memory.ts"; export { provider } from "./provider.ts";' +
        'export { Sodium } from "./sodium.ts";',
      resolveDir: join(root, "web/src/e2ee"),
    },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
    logLevel: "warning",
  });
  return import(pathToFileURL(outfile).href);
}

async function browserLike() {
  const { CoreMemory, provider, Sodium } = await load();
  const memory = new CoreMemory();
  const sodium = await Sodium.load();
  const incamera = { ...provider(memory), ...sodium.imports(memory) };
  const wasm = readFileSync(join(root, "build/release/bench/provider.wasm"));
  const { exports } = (await WebAssembly.instantiate(wasm, { incamera })).instance;
  memory.attach(exports.memory);
  exports._initialize();
  exports.prepare();
  return async (row, count) => {
    const start = process.cpuUsage();
    exports.run(row, count);
    const { user, system } = process.cpuUsage(start);
    return (user + system) * 1000;
  };
}

async function native() {
  const program = spawn(join(root, "build/release/bench/provider_native"), {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(program.stdout)[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value ?? "";
  const names = [];
  for (let name = await next(); name !== ""; name = await next()) names.push(name);
  const run = async (row, count) => {
    program.stdin.write(`${row} ${count}\n`);
    return Number(await next());
  };
  return { names, run, end: () => program.stdin.end() };
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/** How often a call fits into a round; finding out warms it up. */
async function countFor(run, row) {
  for (let count = 1; ; count *= 2) if ((await run(row, count)) >= ROUND_NS) return count;
}

async function measure(runs, row) {
  const counts = [];
  for (const run of runs) counts.push(await countFor(run, row));
  const us = runs.map(() => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, run] of runs.entries())
      us[i].push((await run(row, counts[i])) / counts[i] / 1000);
  return us.map(median);
}

help("provider_bench.mjs\nMicroseconds that the primitives of MLS take, natively and as WebAssembly.");
const own = await native();
if (own.names.length === 0) process.exit(1);
const runs = [own.run, await browserLike()];
console.log(`Microseconds a call, medians of ${ROUNDS} rounds; WebAssembly in Node ${process.version}`);
console.log(`${"".padEnd(32)}${"native".padStart(9)}${"wasm".padStart(9)}${"ratio".padStart(8)}`);
for (const [row, name] of own.names.entries()) {
  const [a, b] = await measure(runs, row);
  const columns = [a.toFixed(1).padStart(9), b.toFixed(1).padStart(9), (b / a).toFixed(1).padStart(8)];
  console.log(name.padEnd(32) + columns.join(""));
}
own.end();
