// The catalogue has every word that the interface asks for, and none that nobody uses.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import meeting from "../strings/meeting.en.ftl";
import pages from "../strings/pages.en.ftl";

const UI = "web/src/ui";

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /(?<!\.test)\.tsx?$/.test(entry.name) ? [readFileSync(path, "utf8")] : [];
  });
}

const idsOf = (catalogue: string) =>
  [...catalogue.matchAll(/^([a-z][\w-]*) =/gm)].map((m) => m[1] ?? "");
const catalogue = [...idsOf(pages), ...idsOf(meeting)];
const code = sources(UI).join("\n");

test("every word asked for by name is in the catalogue", () => {
  const asked = [...code.matchAll(/\bt\(\s*"([\w-]+)"/g)].map((m) => m[1] ?? "");
  assert.ok(asked.length > 60);
  for (const id of asked) assert.ok(catalogue.includes(id), id);
});

test("every word of the catalogue is used", () => {
  const prefixes = [...code.matchAll(/`([a-z]+(?:-[a-z]+)*-)\$\{/g)].map((m) => m[1] ?? "");
  const kinds = ["mic-", "camera-"]; // `${kind}-${problem}`
  for (const id of catalogue) {
    const named = code.includes(`"${id}"`);
    const built = [...prefixes, ...kinds].some((prefix) => id.startsWith(prefix));
    assert.ok(named || built, id);
  }
});

test("no sentence shouts, jokes about errors or promises in general", () => {
  for (const line of `${pages}\n${meeting}`.split("\n").filter((l) => !l.startsWith("#"))) {
    assert.doesNotMatch(line, /!|\boops\b|\bmay\b.*improve|\bsecure\b/i, line);
  }
});

test("no id is in two catalogues", () => {
  assert.equal(new Set(catalogue).size, catalogue.length);
});
