// What a host's device keeps of its door, and what it does not let a server take away.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FLAGS } from "../e2ee/conference_values.ts";
import { keptDoors, lastDoor, newer } from "./kept_doors.ts";

test("of a door only link version, lock and passcode are kept", () => {
  const door = newer(undefined, { linkVersion: 3, flags: 15 });
  assert.deepEqual(door, { linkVersion: 3, flags: FLAGS.locked | FLAGS.passcode });
});

test("a door of an older link does not take the place of a newer one", () => {
  const before = { linkVersion: 3, flags: FLAGS.passcode };
  assert.equal(newer(before, { linkVersion: 2, flags: 0 }), undefined);
  assert.equal(newer(before, { linkVersion: 3, flags: FLAGS.passcode }), undefined);
  assert.deepEqual(newer(before, { linkVersion: 4, flags: 0 }), { linkVersion: 4, flags: 0 });
});

test("where the browser keeps nothing, the page knows the door for as long as it is open", async () => {
  const kept = keptDoors("a meeting");
  assert.equal(await lastDoor("a meeting"), undefined);
  kept.stands({ linkVersion: 2, flags: FLAGS.passcode });
  kept.stands({ linkVersion: 1, flags: 0 });
  assert.deepEqual(await lastDoor("a meeting"), { linkVersion: 2, flags: FLAGS.passcode });
  kept.forget();
  assert.equal(await lastDoor("a meeting"), undefined);
});
