// Runs every src/**/*.test.ts (and .test.tsx): bundles each with esbuild, then `node --test`, which
// prints TAP. Arguments, if any, choose the files whose path holds one of them. A test's working
// directory is the repository's root, so that it can read docs/, build/ and $VECTORS.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const web = dirname(fileURLToPath(import.meta.url));
const root = dirname(web);
const outdir = join(root, "build", "web-test");

function testsUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return testsUnder(path);
    return /\.test\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

const wanted = process.argv.slice(2);
const sources = join(web, "src");
const tests = testsUnder(sources)
  .filter((path) => wanted.length === 0 || wanted.some((w) => relative(sources, path).includes(w)))
  .sort();
if (tests.length === 0) {
  console.error("no web test matches");
  process.exit(1);
}

rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: tests,
  outdir,
  outbase: sources,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  target: "node18",
  format: "esm",
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".ftl": "text" },
  banner: {
    // Node 18 keeps Web Crypto, which every browser has, in a module.
    js: 'import { webcrypto } from "node:crypto"; globalThis.crypto ??= webcrypto;',
  },
  sourcemap: "inline",
  logLevel: "warning",
});

const bundles = tests.map((path) =>
  join(outdir, relative(sources, path).replace(/\.tsx?$/, ".mjs")),
);
const options = ["--enable-source-maps", "--test", "--test-reporter=tap"];
const run = spawnSync(process.execPath, [...options, ...bundles], { cwd: root, stdio: "inherit" });
process.exit(run.status ?? 1);
