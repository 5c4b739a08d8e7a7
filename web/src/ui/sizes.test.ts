// What a browser must load: the join page at most 90 kB of script and style, the meeting 160 kB more,
// gzip; and nothing that names another host.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";

const JOIN_LIMIT = 90_000;
const MEETING_LIMIT = 160_000;

let folder = "";
before(() => {
  mkdirSync("build", { recursive: true });
  folder = mkdtempSync("build/web-sizes-");
  const built = spawnSync(process.execPath, ["web/build.mjs", folder], { encoding: "utf8" });
  assert.equal(built.status, 0, built.stderr);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string) => readFileSync(join(folder, "assets", name), "utf8");

/** A script and all it imports at once; what it imports on demand goes to `later`. */
function needed(name: string, later: Set<string>, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  const text = read(name);
  for (const [, lazy] of text.matchAll(/import\("\.\/([^"]+)"\)/g)) later.add(lazy ?? "");
  for (const [, now] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) {
    needed(now ?? "", later, found);
  }
  return found;
}

function gzipped(names: Iterable<string>): number {
  return [...names].reduce((sum, name) => sum + gzipSync(read(name), { level: 9 }).length, 0);
}

test("the join page and the meeting keep to their weights", (t) => {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  const named = [...html.matchAll(/"\/assets\/([^"]+)"/g)].map((m) => m[1] ?? "");
  const script = named.find((name) => name.endsWith(".js")) ?? "";
  const later = new Set<string>();
  const first = new Set([...needed(script, later), ...named]);
  const meeting = new Set<string>();
  for (const name of later) for (const part of needed(name, new Set())) meeting.add(part);
  for (const name of first) meeting.delete(name);
  const joining = gzipped(first);
  const added = gzipped(meeting);
  t.diagnostic(`join page ${joining} bytes, meeting ${added} bytes more (gzip)`);
  assert.ok(first.size >= 2 && meeting.size >= 1);
  assert.ok(joining <= JOIN_LIMIT, `join page: ${joining}`);
  assert.ok(added <= MEETING_LIMIT, `meeting: ${added}`);
});

test("the page has no script, style or picture of its own that a policy would have to allow", () => {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|javascript:|data:/i);
  assert.match(html, /<script type="module" src="\/assets\/[^"]+"><\/script>/);
  for (const name of readdirSync(join(folder, "assets"))) assert.match(name, /-[A-Z0-9]{8}\.\w+$/);
});

test("a bundle that names a foreign host is not built", () => {
  const source = readFileSync("web/src/strings/pages.en.ftl", "utf8");
  const bad = `${source}\nfoot = See https://cdn.example.net/x.js\n`;
  const copy = mkdtempSync("build/web-foreign-");
  try {
    writeFileSync(join(copy, "page.js"), `export const words = ${JSON.stringify(bad)};`);
    const run = spawnSync(process.execPath, ["web/build.mjs", "--check", copy], {
      encoding: "utf8",
    });
    assert.notEqual(run.status, 0);
    assert.match(run.stderr, /cdn\.example\.net/);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});
