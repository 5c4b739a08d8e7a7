// The group's operations of MLS in three libraries: ours native, ours as WebAssembly with the browser's
// provider, and ts-mls. Everybody was added by one member and has been silent since, so a commit has a
// ciphertext for each member: the worst case. The least of a few rounds, in milliseconds of processor
// time, of this process or of the native one behind its pipe. Last, joining in many rounds that take
// turns, beside ts-mls as it is and without the native code that WebCrypto gives it.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { help } from "./help.mjs";

const SUITES = [1, 0xf1c1];
const SIZES = [2, 10, 100, 500, 1000];
const BATCH = 250;
const TURNS = { 10: 12, 100: 12, 500: 3 }; // by the number of members
const OWN_TIME_MS = 60_000; // a library that took longer for a size is spared the next ones
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { build } = createRequire(join(root, "web/package.json"))("esbuild");

async function load(name) {
  const outfile = join(root, `build/bench/${name}.mjs`);
  await build({
    entryPoints: [join(root, `web/src/e2ee/${name}.ts`)],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
    logLevel: "warning",
  });
  return import(pathToFileURL(outfile).href);
}

help("mls_others_bench.mjs\nWhat the group's operations cost natively, as WebAssembly and in ts-mls.");
const { native, wasm } = await load("mls_ours");
const { tsMls } = await load("mls_others");
const peer = join(root, "build/release/tests/e2ee/mls_peer");
const packer = native(peer); // makes key packages of those who are only added
const kinds = [native(peer), await wasm(`${peer}.wasm`), tsMls()];

function stopwatch(kind) {
  const own = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const cpu = kind.cpu ?? own;
  const start = cpu();
  return () => cpu() - start;
}

/** How long each operation takes, and how many bytes its message has. */
class Sheet {
  rows = new Map();

  async time(kind, what, run) {
    const stop = stopwatch(kind);
    const result = await run();
    const ms = stop();
    const row = this.rows.get(what) ?? { ms: Number.POSITIVE_INFINITY, bytes: 0 };
    const bytes = result?.commit?.length ?? (result instanceof Uint8Array ? result.length : 0);
    this.rows.set(what, { ms: Math.min(row.ms, ms), bytes });
    return result;
  }
}

/** Once more for the least: added and joined; removed again where one more would be many. */
async function joinAgain(sheet, kind, suite, first, isSmall) {
  for (let round = isSmall ? 5 : 2; round > 0; round--) {
    const again = await kind.member(4, suite);
    const add = [await again.keyPackage()];
    const { welcome } = await sheet.time(kind, "add one more", () => first.commit({ add }));
    await sheet.time(kind, "join by Welcome", () => again.join(welcome));
    if (isSmall) await first.commit({ remove: [(await again.state()).leaf] });
    await again.leave();
  }
}

async function measure(kind, suite, packages) {
  const sheet = new Sheet();
  const [first, second, third] = await Promise.all([1, 2, 3].map((n) => kind.member(n, suite)));
  await sheet.time(kind, "create", () => first.create(Buffer.from("bench")));
  for (let i = 0; i < packages.length; i += BATCH)
    await first.commit({ add: packages.slice(i, i + BATCH) });
  const isSmall = packages.length < 200;
  await joinAgain(sheet, kind, suite, first, isSmall);
  const add = [await second.keyPackage()];
  const { welcome } = await sheet.time(kind, "add one more", () => first.commit({ add }));
  await sheet.time(kind, "join by Welcome", () => second.join(welcome));
  for (let round = isSmall ? 5 : 2; round > 0; round--) {
    const made = await sheet.time(kind, "commit", () => first.commit({}));
    await sheet.time(kind, "process", () => second.hear(made.commit));
  }
  const info = await sheet.time(kind, "info with tree", () => first.info());
  const commit = await sheet.time(kind, "external join", () => third.joinExternal(info));
  await sheet.time(kind, "process it", () => first.hear(commit));
  for (const member of [first, second, third]) await member.leave();
  return sheet.rows;
}

async function packagesOf(count, suite) {
  const packages = [];
  while (packages.length < count) {
    const other = await packer.member(2 + (packages.length % 1000), suite);
    packages.push(await other.keyPackage());
    await other.leave();
  }
  return packages;
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/** Joining by Welcome in the hybrid: a round for each library, then the next. */
async function joinInTurn(size, turns) {
  const suite = SUITES[1];
  const packages = await packagesOf(size - 2, suite);
  const rows = [];
  for (const kind of [...kinds, tsMls({ isNative: false })]) {
    const first = await kind.member(1, suite);
    await first.create(Buffer.from("bench"));
    for (let i = 0; i < packages.length; i += BATCH)
      await first.commit({ add: packages.slice(i, i + BATCH) });
    rows.push({ kind, first, ms: [] });
  }
  for (let turn = 0; turn < turns; turn++)
    for (const { kind, first, ms } of rows) {
      const member = await kind.member(4, suite);
      const { welcome } = await first.commit({ add: [await member.keyPackage()] });
      const stop = stopwatch(kind);
      await member.join(welcome);
      ms.push(stop());
      await first.commit({ remove: [(await member.state()).leaf] });
      await member.leave();
    }
  console.log(`\njoining by Welcome in the hybrid, ${size} members, ${turns} rounds in turn: least, median ms`);
  for (const { kind, first, ms } of rows) {
    await first.leave();
    const cells = [Math.min(...ms), median(ms)].map((n) => n.toFixed(1).padStart(9));
    console.log(kind.name.padEnd(34) + cells.join(""));
  }
}

function print(members, sheets) {
  const [, inWasm, inTs] = sheets;
  for (const [what, row] of inWasm) {
    const others = sheets.map((s) => (s ? s.get(what).ms.toFixed(1) : "-").padStart(9));
    const ratio = inTs ? (inTs.get(what).ms / row.ms).toFixed(1) : "-";
    const bytes = [row.bytes, inTs?.get(what).bytes ?? "-"].map((n) => String(n).padStart(9));
    const cells = [String(members).padStart(5), what.padEnd(16), ...others, ratio.padStart(8)];
    console.log([...cells, ...bytes].join(" "));
  }
}

for (const suite of SUITES) {
  console.log(`\nsuite 0x${suite.toString(16)}, ms`);
  console.log("count operation           native      wasm    ts-mls  ts/wasm     bytes of ts-mls");
  const slow = new Set();
  const packages = [];
  for (const kind of kinds) await measure(kind, suite, []); // warms it up
  for (const size of SIZES) {
    packages.push(...(await packagesOf(size - 2 - packages.length, suite)));
    const sheets = [];
    for (const kind of kinds) {
      const start = performance.now();
      sheets.push(slow.has(kind) ? undefined : await measure(kind, suite, packages));
      if (performance.now() - start > OWN_TIME_MS) slow.add(kind);
    }
    print(size, sheets);
  }
}
for (const [size, turns] of Object.entries(TURNS)) await joinInTurn(Number(size), turns);
for (const kind of [packer, ...kinds]) kind.end();
