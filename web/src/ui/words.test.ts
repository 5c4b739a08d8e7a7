// The catalogue has every word that the interface asks for, and none that nobody uses.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const UI = "web/src/ui";
const STRINGS = "web/src/strings";
const words = readdirSync(STRINGS)
  .filter((name) => name.endsWith(".en.ftl"))
  .map((name) => readFileSync(join(STRINGS, name), "utf8"));

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /(?<!\.test)\.tsx?$/.test(entry.name) ? [readFileSync(path, "utf8")] : [];
  });
}

const idsOf = (catalogue: string) =>
  [...catalogue.matchAll(/^([a-z][\w-]*) =/gm)].map((m) => m[1] ?? "");
const catalogue = words.flatMap(idsOf);
const code = sources(UI).join("\n");

test("every word asked for by name is in the catalogue", () => {
  const asked = [...code.matchAll(/\bt\(\s*"([\w-]+)"/g)].map((m) => m[1] ?? "");
  assert.ok(asked.length > 60);
  for (const id of asked) assert.ok(catalogue.includes(id), id);
});

test("every word of the catalogue is used", () => {
  const prefixes = [...code.matchAll(/`([a-z]+(?:-[a-z]+)*-)\$\{/g)].map((m) => m[1] ?? "");
  const suffixes = [...code.matchAll(/`\$\{[^}]*\}(-[a-z]+)`/g)].map((m) => m[1] ?? "");
  const kinds = ["mic-", "camera-"]; // `${kind}-${problem}`
  for (const id of catalogue) {
    const named = code.includes(`"${id}"`);
    const built = [...prefixes, ...kinds].some((prefix) => id.startsWith(prefix));
    const ended = suffixes.some(
      (end) => id.endsWith(end) && code.includes(`"${id.slice(0, -end.length)}"`),
    );
    assert.ok(named || built || ended, id);
  }
});

test("no sentence shouts, jokes about errors or promises in general", () => {
  for (const line of words
    .join("\n")
    .split("\n")
    .filter((l) => !l.startsWith("#"))) {
    assert.doesNotMatch(line, /!|\boops\b|\bmay\b.*improve|\bsecure\b/i, line);
  }
});

test("no id is in two catalogues", () => {
  assert.equal(new Set(catalogue).size, catalogue.length);
});
