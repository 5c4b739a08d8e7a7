// The grammar against the page that defines it: every example parses, both tables name what the
// page's tables name, and a damaged message is refused.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { FROM_CLIENT, FROM_SERVER, parseFromClient, parseFromServer, write } from "./messages.ts";
import { Malformed, parseStrict } from "./shape.ts";

const page = readFileSync("docs/protocol.md", "utf8");

function section(title: string): string {
  const start = page.indexOf(`## ${title}\n`);
  assert.ok(start >= 0, `docs/protocol.md has a section "${title}"`);
  const end = page.indexOf("\n## ", start);
  return page.slice(start, end);
}

function examples(title: string): string[] {
  return [...section(title).matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => json ?? "");
}

function tableRows(title: string, heading: string): string[] {
  const from = section(title).split(`| ${heading} |`)[1]?.split("\n\n")[0] ?? "";
  return [...from.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name]) => name ?? "");
}

test("every example of the page is in the grammar, and comes out as it went in", () => {
  const said = examples("From the client");
  assert.ok(said.length >= 18);
  for (const json of said) {
    assert.deepEqual(JSON.parse(write(parseFromClient(json))), JSON.parse(json));
  }
  const heard = examples("From the server");
  assert.ok(heard.length >= 24);
  for (const json of heard) assert.deepEqual(parseFromServer(json), JSON.parse(json));
});

test("the page's tables and the grammar name the same messages and codes", () => {
  assert.deepEqual(tableRows("From the client", "type").sort(), Object.keys(FROM_CLIENT).sort());
  assert.deepEqual(tableRows("From the server", "type").sort(), Object.keys(FROM_SERVER).sort());
  const codes = tableRows("From the server", "code");
  assert.equal(codes.length, 12);
  for (const code of codes) parseFromServer(JSON.stringify({ type: "error", code }));
});

test("every message of the tables has an example on the page", () => {
  const types = (list: string[]) => new Set(list.map((json) => JSON.parse(json).type));
  assert.deepEqual([...types(examples("From the client"))].sort(), Object.keys(FROM_CLIENT).sort());
  assert.deepEqual([...types(examples("From the server"))].sort(), Object.keys(FROM_SERVER).sort());
});

const id = "AAECAwQFBgcICQoLDA0ODw";
const damaged: { what: string; message: string }[] = [
  { what: "nothing", message: "" },
  { what: "not an object", message: "[]" },
  { what: "null", message: "null" },
  { what: "no type", message: "{}" },
  { what: "unknown type", message: '{"type":"attention"}' },
  { what: "a type every object inherits", message: '{"type":"toString"}' },
  { what: "a client's message", message: '{"type":"leave"}' },
  { what: "unknown key", message: '{"type":"ended","why":"x"}' },
  { what: "missing key", message: '{"type":"created"}' },
  { what: "doubled key", message: `{"type":"created","meeting":"${id}","meeting":"${id}"}` },
  { what: "doubled key, once escaped", message: '{"type":"ended","\\u0074ype":"ended"}' },
  { what: "id too short", message: '{"type":"created","meeting":"AAECAwQFBgcICQoLDA0O"}' },
  { what: "id with spare bits", message: '{"type":"created","meeting":"AAECAwQFBgcICQoLDA0ODx"}' },
  { what: "id with padding", message: '{"type":"created","meeting":"AAECAwQFBgcICQoLDA0ODw=="}' },
  { what: "number for a word", message: '{"type":"left","participant":7}' },
  { what: "word for a flag", message: '{"type":"voices","crowded":"yes"}' },
  { what: "unknown code", message: '{"type":"error","code":"gone"}' },
  { what: "a fraction", message: '{"type":"error","code":"full","retry_after":1.5}' },
  { what: "a negative time", message: '{"type":"error","code":"full","retry_after":-1}' },
  { what: "too big", message: `{"type":"ended"}${" ".repeat(2_162_688)}` },
  {
    what: "an unknown stream",
    message: `{"type":"slots","slots":[{"mid":"4","participant":"${id}","stream":"desktop"}]}`,
  },
  {
    what: "a mid that could end an SDP line",
    message: `{"type":"slots","slots":[{"mid":"4\\r\\n","participant":"${id}","stream":"camera"}]}`,
  },
  {
    what: "an ICE password that could end an SDP line",
    message:
      '{"type":"restarted","connection":1,"ice":{"ufrag":"abcd","pwd":"aaaaaaaaaaaaaaaaaaaaaa\\r\\na=x"}}',
  },
  {
    what: "a relay that is none",
    message:
      '{"type":"relays","only":false,"servers":[{"url":"stun:x.example:1","username":"1:a","credential":"0kOVt1qrQ3GCBIxxzbFNRzp3MbA="}]}',
  },
  {
    what: "what the first stage said about somebody",
    message: `{"type":"announced","participant":"${id}","index":0,"sealed":"AAAA"}`,
  },
  { what: "an index", message: `{"type":"left","participant":"${id}","index":1}` },
  { what: "nothing sealed", message: '{"type":"carded","sealed":""}' },
  { what: "no base64url", message: '{"type":"carded","sealed":"A+=="}' },
  { what: "no sender", message: '{"type":"message","sealed":"AAAA"}' },
  { what: "an epoch below zero", message: '{"type":"conflict","epoch":-1}' },
  { what: "an epoch that is a text", message: '{"type":"conflict","epoch":"1"}' },
  {
    what: "a refusal of nothing that can be said",
    message: '{"type":"error","code":"full","of":"x"}',
  },
  { what: "a count for those who wait", message: '{"type":"attended","attended":true,"count":2}' },
];

for (const { what, message } of damaged) {
  test(`a message is refused: ${what}`, () => {
    assert.throws(() => parseFromServer(message), Malformed);
  });
}

test("depth is limited to eight, whatever the grammar says", () => {
  assert.deepEqual(parseStrict("[[[[[[[[]]]]]]]]"), [[[[[[[[]]]]]]]]);
  assert.throws(() => parseStrict("[[[[[[[[[]]]]]]]]]"), Malformed);
  assert.deepEqual(parseStrict('{"a":"[[[[[[[[[","b":"{"}'), { a: "[[[[[[[[[", b: "{" });
});

test("every truncation of an example is refused", () => {
  for (const json of examples("From the server").map((e) => e.trim())) {
    for (let cut = 0; cut < json.length; cut += 1) {
      assert.throws(() => parseFromServer(json.slice(0, cut)), Malformed);
    }
  }
});

test("a line is a stream or a slot, never both, never neither", () => {
  const connect = examples("From the client").find((json) => json.includes('"connect"')) ?? "";
  const both = connect.replace('"stream":"microphone"', '"stream":"microphone","slot":"voice"');
  const neither = connect.replace('"stream":"microphone",', "");
  assert.notEqual(both, connect);
  assert.notEqual(neither, connect);
  assert.throws(() => parseFromClient(both), Malformed);
  assert.throws(() => parseFromClient(neither), Malformed);
});

test("a meeting has a group, so its maker cannot say whether it has", () => {
  const create = examples("From the client").find((json) => json.includes('"create"')) ?? "";
  for (const group of [true, false])
    assert.throws(() => parseFromClient(create.replace("}", `,"group":${group}}`)), Malformed);
});

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

test("docs/protocol.md has no message about attention, focus, or another's microphone", () => {
  const words = /attention|focus|engag|unmute|presence/;
  for (const name of [...Object.keys(FROM_CLIENT), ...Object.keys(FROM_SERVER)]) {
    assert.doesNotMatch(name, words);
  }
});
