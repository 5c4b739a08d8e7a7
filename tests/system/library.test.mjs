// Messaging Layer Security as a library of others: what an installation holds of it is enough for the example of docs/mls.md.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { root } from "../lib/programs.mjs";

const STRICT = ["-std=c17", "-Wall", "-Wextra", "-Werror", "-pedantic"];
let folder;
let prefix;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "incamera-library-"));
  execFileSync("meson", ["install", "-C", path.join(root, "build/release"), "--no-rebuild", "--destdir", folder]);
  const made = JSON.parse(execFileSync("meson", ["introspect", "--buildoptions", path.join(root, "build/release")]));
  prefix = path.join(folder, made.find(({ name }) => name === "prefix").value);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const installed = (name) => execFileSync("find", [prefix, "-name", name]).toString().trim().split("\n");

/** What pkg-config says of the library, as words. */
function flags(...asked) {
  const [file] = installed("incamera-mls.pc");
  const env = { ...process.env, PKG_CONFIG_PATH: path.dirname(file), PKG_CONFIG_SYSROOT_DIR: folder };
  return execFileSync("pkg-config", [...asked, "incamera-mls"], { env }).toString().trim().split(/\s+/);
}

const compile = (...words) => spawnSync("cc", [...STRICT, ...words], { cwd: folder });

test("a program outside is compiled with what is installed, and two members hear each other in it", () => {
  const example = path.join(root, "docs/mls-example.c");
  const made = compile(...flags("--cflags"), example, "-o", "example", ...flags("--libs"));
  assert.equal(made.status, 0, made.stderr.toString());
  const ran = spawnSync(path.join(folder, "example"));
  assert.equal(ran.status, 0);
  assert.match(ran.stdout.toString(), /^member 0: .+\nmember 1: .+\n/);
});

test("every header that is installed can be included alone", () => {
  const headers = installed("*.h");
  assert.ok(headers.length > 20);
  for (const header of headers) {
    const made = compile(...flags("--cflags"), "-fsyntax-only", "-include", header, "-x", "c", "/dev/null");
    assert.equal(made.status, 0, `${header}: ${made.stderr}`);
  }
});

test("no symbol of the archive is outside of its own names", () => {
  const [archive] = installed("libincamera-mls.a");
  const listed = execFileSync("nm", ["--defined-only", "--extern-only", "--format=posix", archive]).toString();
  const names = listed.split("\n").filter((line) => / [A-Z] /.test(line)).map((line) => line.split(" ")[0]);
  assert.ok(names.includes("ic_mls_group_create"));
  assert.deepEqual(names.filter((name) => !/^(ic_|IC_|PQCLEAN_)/.test(name)), []);
});
