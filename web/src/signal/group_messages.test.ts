// The grammar of a meeting with a group against the sections of the page that define it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  GROUP_FROM_CLIENT,
  GROUP_FROM_SERVER,
  parseFromClient,
  parseFromServer,
  write,
} from "./group_messages.ts";
import { Malformed } from "./shape.ts";

const page = readFileSync("docs/protocol.md", "utf8");

function section(title: string): string {
  const start = page.indexOf(`## ${title}\n`);
  assert.ok(start >= 0, `docs/protocol.md has a section "${title}"`);
  return page.slice(start, page.indexOf("\n## ", start));
}

function examples(title: string): string[] {
  return [...section(title).matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => json ?? "");
}

function typesOfTable(title: string): string[] {
  const rows = [...section(title).matchAll(/^\| `([a-z_]+)` \|/gm)];
  return rows.map(([, name]) => name ?? "").sort();
}

const typesOf = (list: string[]) => [...new Set(list.map((json) => JSON.parse(json).type))].sort();
const CLIENT = "From the client, with a group";
const SERVER = "From the server, with a group";

test("every example with a group is in the grammar, and comes out as it went in", () => {
  for (const json of examples(CLIENT))
    assert.deepEqual(JSON.parse(write(parseFromClient(json))), JSON.parse(json));
  for (const json of examples(SERVER)) assert.deepEqual(parseFromServer(json), JSON.parse(json));
});

test("the page's tables, its examples and the grammar name the same messages with a group", () => {
  assert.deepEqual(typesOfTable(CLIENT), Object.keys(GROUP_FROM_CLIENT).sort());
  assert.deepEqual(typesOf(examples(CLIENT)), Object.keys(GROUP_FROM_CLIENT).sort());
  const server = Object.keys(GROUP_FROM_SERVER).sort();
  assert.deepEqual(
    typesOfTable(SERVER),
    server.filter((name) => name !== "error"),
  );
  assert.deepEqual(typesOf(examples(SERVER)), server);
});

test("every truncation of an example with a group is refused", () => {
  for (const json of examples(SERVER).map((e) => e.trim()))
    for (let cut = 0; cut < json.length; cut += 1)
      assert.throws(() => parseFromServer(json.slice(0, cut)), Malformed);
});

const id = "AAECAwQFBgcICQoLDA0ODw";
const damaged: { what: string; message: string }[] = [
  { what: "a message of the first stage", message: `{"type":"announced","participant":"${id}"}` },
  { what: "an index", message: `{"type":"left","participant":"${id}","index":1}` },
  { what: "nothing sealed", message: '{"type":"carded","sealed":""}' },
  { what: "no base64url", message: '{"type":"carded","sealed":"A+=="}' },
  { what: "no sender", message: '{"type":"message","sealed":"AAAA"}' },
  { what: "an epoch below zero", message: '{"type":"conflict","epoch":-1}' },
  { what: "an epoch that is a text", message: '{"type":"conflict","epoch":"1"}' },
  { what: "an unknown key", message: '{"type":"removed","why":"x"}' },
  {
    what: "a refusal of nothing that can be said",
    message: '{"type":"error","code":"full","of":"x"}',
  },
  { what: "a count for those who wait", message: '{"type":"attended","attended":true,"count":2}' },
];

for (const { what, message } of damaged) {
  test(`a message with a group is refused: ${what}`, () => {
    assert.throws(() => parseFromServer(message), Malformed);
  });
}

test("a door is open with epoch and info, or closed with neither", () => {
  for (const door of ['"open":true', '"open":true,"epoch":1', '"open":false,"info":"AAAA"'])
    assert.throws(() => parseFromClient(`{"type":"door",${door}}`), Malformed);
});

test("a commit of a megabyte and a half is read, in a time that nobody notices", () => {
  const commit = { type: "committed", epoch: 1, from: id, sealed: "A".repeat(2_000_000) };
  const from = performance.now();
  assert.deepEqual(parseFromServer(JSON.stringify(commit)), commit);
  assert.ok(performance.now() - from < 1000);
  const more = { ...commit, sealed: "A".repeat(2_000_004) };
  assert.throws(() => parseFromServer(JSON.stringify(more)), Malformed);
});
