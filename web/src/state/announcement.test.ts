// Announcements: the page's example, and everything that makes one worthless.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Announcement, isNewer, readAnnouncement, writeAnnouncement } from "./announcement.ts";

const said: Announcement = {
  index: 3,
  epoch: 7,
  nonce: "AAECAwQFBgcICQoLDA0ODw",
  serial: 2,
  name: "Layla Rahman",
  streams: ["microphone", "camera"],
  away: false,
};

test("the example of docs/protocol.md is an announcement", () => {
  const page = readFileSync("docs/protocol.md", "utf8");
  const example = /```json\n(\{"announcement"[^`]*)```/.exec(page)?.[1] ?? "";
  assert.deepEqual(readAnnouncement(example, 3), said);
  assert.deepEqual(JSON.parse(writeAnnouncement(said)), JSON.parse(example));
});

test("a camera that is paused is told, and otherwise not a word", () => {
  const away = { ...said, streams: [], away: true };
  assert.deepEqual(readAnnouncement(writeAnnouncement(away), 3), away);
  assert.doesNotMatch(writeAnnouncement(said), /away/);
});

test("the spaces that hide a name's length do not matter", () => {
  assert.deepEqual(readAnnouncement(writeAnnouncement(said).padEnd(256), 3), said);
});

const refused: { what: string; change: object; index?: number }[] = [
  { what: "another index than the server said", change: {}, index: 4 },
  { what: "another version", change: { announcement: 2 } },
  { what: "an epoch above 255", change: { epoch: 256 } },
  { what: "a short nonce", change: { nonce: "AAEC" } },
  { what: "a name with a bidi override", change: { name: "Layla\u202e" } },
  { what: "no name", change: { name: "" } },
  { what: "an unknown stream", change: { streams: ["desktop"] } },
  { what: "five streams", change: { streams: Array(5).fill("camera") } },
  { what: "being away as a word", change: { away: "yes" } },
  { what: "more than the page knows", change: { role: "host" } },
];

for (const { what, change, index } of refused) {
  test(`an announcement is refused: ${what}`, () => {
    const json = JSON.stringify({ ...JSON.parse(writeAnnouncement(said)), ...change });
    assert.equal(readAnnouncement(json, index ?? 3), undefined);
  });
}

test("an announcement that is not JSON is refused", () => {
  assert.equal(readAnnouncement("Layla", 3), undefined);
});

test("an older serial is ignored within an epoch, and never across epochs", () => {
  assert.equal(isNewer(said, undefined), true);
  assert.equal(isNewer(said, said), false);
  assert.equal(isNewer({ ...said, serial: 1 }, said), false);
  assert.equal(isNewer({ ...said, serial: 3 }, said), true);
  assert.equal(isNewer({ ...said, epoch: 8, serial: 0 }, said), true);
});
