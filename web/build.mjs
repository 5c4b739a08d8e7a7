// Builds the web client: `node web/build.mjs [folder]`, by default into build/web; with `--check folder` it
// only looks for foreign hosts in what is there. The folder is then all that a browser gets: index.html,
// assets/ with names that hold a hash of the content (so they may be cached for ever), and beside it the
// two workers of the encryption and their WebAssembly modules.
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, parse, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const web = dirname(fileURLToPath(import.meta.url));
const root = dirname(web);
const src = join(web, "src");

/** What script and style are made with, for the product and for the gallery alike. */
export const OPTIONS = {
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome111", "firefox115", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".ftl": "text" },
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
};

/** The name that esbuild gave to what it made of `entry`. */
function outputOf(metafile, entry) {
  const path = Object.keys(metafile.outputs).find(
    (name) => metafile.outputs[name].entryPoint === entry,
  );
  if (!path) throw new Error(`nothing was made of ${entry}`);
  return basename(path);
}

/** Copies a file under a name that holds a hash of it; gives the name. */
function copyHashed(file, folder) {
  const hash = createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 8);
  const { name, ext } = parse(file);
  const hashed = `${name}-${hash.toUpperCase()}${ext}`;
  copyFileSync(file, join(folder, hashed));
  return hashed;
}

/** Pages: script, style and the html that names them. */
export async function buildPages(out, script, style, html) {
  const { metafile } = await build({
    ...OPTIONS,
    absWorkingDir: web,
    entryPoints: [script, style],
    outdir: join(out, "assets"),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    splitting: true,
    metafile: true,
  });
  const page = readFileSync(html, "utf8")
    .replace("%ICON%", `/assets/${copyHashed(join(src, "icon.svg"), join(out, "assets"))}`)
    .replace("%STYLE%", `/assets/${outputOf(metafile, style)}`)
    .replace("%SCRIPT%", `/assets/${outputOf(metafile, script)}`);
  writeFileSync(join(out, "index.html"), page);
}

/** What there are of the encryption's two workers and of their modules: the name in the folder, and its source. */
const WORKERS = {
  "e2ee-worker.js": "e2ee/group_worker.ts",
  "frames-worker.js": "e2ee/frames_worker.ts",
};
const MODULES = ["e2ee.wasm", "frames.wasm"];

/** The workers that hold the group and the frames, and the modules they load, where they are there to take. */
export async function buildEncryption(out) {
  for (const [name, source] of Object.entries(WORKERS)) {
    const worker = join(src, source);
    if (existsSync(worker)) {
      await build({ ...OPTIONS, entryPoints: [worker], outfile: join(out, name) });
    }
  }
  for (const name of MODULES) {
    const made = join(root, "build/release/src/e2ee", name);
    if (existsSync(made)) copyFileSync(made, join(out, name));
  }
}

/** The only addresses that may be in what we ship: names of XML namespaces, which nothing fetches. */
const NAMESPACES = /^https?:\/\/www\.w3\.org\//;

function refuseForeignHosts(folder) {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!/\.(html|js|css|svg)$/.test(name)) continue;
    const text = readFileSync(join(folder, name), "utf8");
    const foreign = (text.match(/\b(?:https?|wss?):\/\/[a-z0-9][\w.-]*[^\s"'`)]*/gi) ?? []).filter(
      (address) => !NAMESPACES.test(address),
    );
    if (foreign.length > 0) throw new Error(`${name} names a foreign host: ${foreign.join(" ")}`);
  }
}

async function main() {
  const [first, folder] = process.argv.slice(2);
  if (first === "--check") return refuseForeignHosts(resolve(folder));
  const out = resolve(first ?? join(root, "build/web"));
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, "assets"), { recursive: true });
  await buildPages(out, "src/main.tsx", "src/ui/style.css", join(src, "index.html"));
  await buildEncryption(out);
  refuseForeignHosts(out);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
