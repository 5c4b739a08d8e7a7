// Who is here and who shares, from what the group says alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { GroupEvent } from "../e2ee/conference_values.ts";
import { People } from "./people.ts";

const MICROPHONE = 1;
const CAMERA = 2;
const SCREEN = 4;

function event(what: GroupEvent["what"], participant: string, number = 0): GroupEvent {
  const leaf = participant.charCodeAt(0) - 97;
  return { what, leaf, participant, epoch: 1, number, text: `Name ${participant}` };
}

function world(...participants: string[]) {
  const people = new People();
  for (const participant of participants) people.came(event("person", participant));
  const announce = (participant: string, streams: number) =>
    people.announced(event("presence", participant, streams));
  return { people, announce };
}

test("people are in order of joining, whatever they announce later", () => {
  const { people, announce } = world("a", "b");
  announce("a", CAMERA);
  assert.deepEqual(
    people.members.map(({ participant }) => participant),
    ["a", "b"],
  );
  assert.equal(people.has("a", "camera"), true);
  assert.equal(people.has("b", "camera"), false);
});

test("joining is said once, and leaving once, with its reason", () => {
  const { people } = world();
  assert.deepEqual(people.came(event("person", "a")), [
    { what: "joined", name: "Name a", isGuest: true },
  ]);
  assert.deepEqual(people.came(event("person", "a", 15)), [], "new rights are no joining");
  assert.equal(people.get("a")?.isHost, true);
  assert.deepEqual(people.left(event("person_left", "a", 2)), [
    { what: "removed_by_host", name: "Name a" },
  ]);
  assert.deepEqual(people.left(event("person_left", "a")), []);
  people.came(event("person", "a"));
  assert.deepEqual(people.left(event("person_left", "a", 3)), [
    { what: "sent_back", name: "Name a" },
  ]);
});

test("a new right keeps what somebody announced", () => {
  const { people, announce } = world("a");
  announce("a", MICROPHONE);
  people.came(event("person", "a", 15));
  assert.equal(people.has("a", "microphone"), true);
});

test("whoever is no member announces nothing", () => {
  const { people, announce } = world("a");
  assert.deepEqual(announce("b", SCREEN), []);
  assert.equal(people.get("b"), undefined);
});

test("the newest share is shown, and the older one again when it ends", () => {
  const { people, announce } = world("a", "b");
  announce("a", SCREEN);
  assert.deepEqual(announce("b", SCREEN), [{ what: "share_started", name: "Name b" }]);
  assert.equal(people.sharer?.participant, "b");
  announce("a", SCREEN | CAMERA);
  assert.equal(people.sharer?.participant, "b");
  assert.deepEqual(announce("b", 0), [{ what: "share_ended", name: "Name b" }]);
  assert.equal(people.sharer?.participant, "a");
  assert.deepEqual(people.left(event("person_left", "a")), [
    { what: "share_ended", name: "Name a" },
    { what: "left", name: "Name a" },
  ]);
  assert.equal(people.sharer, undefined);
});
