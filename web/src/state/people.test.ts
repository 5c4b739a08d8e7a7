// Who is here and who shares, from announcements alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Stream } from "../signal/messages.ts";
import { type Member, People } from "./people.ts";

let serial = 0;

function member(participant: string, index: number, ...streams: Stream[]): Member {
  serial += 1;
  const nonce = "AAECAwQFBgcICQoLDA0ODw";
  const name = `Name ${participant}`;
  const announcement = { index, epoch: 0, nonce, serial, name, streams, away: false };
  return { participant, index, announcement };
}

test("people are in order of joining, whatever they announce later", () => {
  const people = new People();
  people.announced(member("a", 0));
  people.announced(member("b", 1));
  people.announced(member("a", 0, "camera"));
  assert.deepEqual(
    people.members.map(({ participant }) => participant),
    ["a", "b"],
  );
  assert.equal(people.has("a", "camera"), true);
  assert.equal(people.has("b", "camera"), false);
});

test("joining is said once, and leaving once", () => {
  const people = new People();
  assert.deepEqual(people.announced(member("a", 0)), [{ what: "joined", name: "Name a" }]);
  assert.deepEqual(people.announced(member("a", 0, "microphone")), []);
  assert.deepEqual(people.left("a"), [{ what: "left", name: "Name a" }]);
  assert.deepEqual(people.left("a"), []);
});

test("an old announcement changes nothing", () => {
  const people = new People();
  const old = member("a", 0, "camera");
  people.announced(member("a", 0));
  assert.equal(people.announced(old), undefined);
  assert.equal(people.has("a", "camera"), false);
});

test("the newest share is shown, and the older one again when it ends", () => {
  const people = new People();
  people.announced(member("a", 0, "screen"));
  people.announced(member("b", 1));
  assert.deepEqual(people.announced(member("b", 1, "screen")), [
    { what: "share_started", name: "Name b" },
  ]);
  assert.equal(people.sharer?.participant, "b");
  people.announced(member("a", 0, "screen", "camera"));
  assert.equal(people.sharer?.participant, "b");
  assert.deepEqual(people.announced(member("b", 1)), [{ what: "share_ended", name: "Name b" }]);
  assert.equal(people.sharer?.participant, "a");
  assert.deepEqual(people.left("a"), [
    { what: "share_ended", name: "Name a" },
    { what: "left", name: "Name a" },
  ]);
  assert.equal(people.sharer, undefined);
});
