// Single keys act, unless a field has the focus or the person turned them off.
import assert from "node:assert/strict";
import { test } from "node:test";
import { actionOf, KEY_LIST, type Key, neighbour } from "./keys.ts";

const PLAIN: Key = {
  key: "m",
  control: false,
  shift: false,
  alt: false,
  repeat: false,
  inField: false,
  onControl: false,
  inDialog: false,
};

test("single keys act only outside fields, once, and while they are on", () => {
  assert.equal(actionOf(PLAIN, true), "microphone");
  assert.equal(actionOf({ ...PLAIN, key: "V" }, true), "camera");
  assert.equal(actionOf({ ...PLAIN, inField: true }, true), undefined);
  assert.equal(actionOf({ ...PLAIN, repeat: true }, true), undefined);
  assert.equal(actionOf(PLAIN, false), undefined);
  assert.deepEqual(actionOf({ ...PLAIN, key: "3" }, true), { pin: 3 });
  assert.equal(actionOf({ ...PLAIN, key: "?", shift: true }, true), "list");
});

test("Space talks while held, unless it would press or write something", () => {
  const space = { ...PLAIN, key: " " };
  assert.equal(actionOf(space, true), "talk");
  assert.equal(actionOf({ ...space, repeat: true }, true), "talk");
  assert.equal(actionOf({ ...space, onControl: true }, true), undefined);
  assert.equal(actionOf({ ...space, inField: true }, true), undefined);
  assert.equal(actionOf({ ...space, shift: true }, true), undefined);
  assert.equal(actionOf(space, false), undefined);
});

test("while a dialog waits for an answer only Escape and the way out act", () => {
  const over = { ...PLAIN, inDialog: true };
  for (const key of ["m", "p", "o", "3", "?", " "])
    assert.equal(actionOf({ ...over, key }, true), undefined, key);
  assert.equal(actionOf({ ...over, key: "Escape" }, true), "close");
  assert.equal(actionOf({ ...over, key: "L", control: true, shift: true }, true), "leave");
});

test("keys that browsers and screen readers own are left alone", () => {
  for (const key of ["d", "e", "m", "r", "l"]) {
    assert.equal(actionOf({ ...PLAIN, key, control: true }, true), undefined, `Ctrl+${key}`);
  }
  assert.equal(actionOf({ ...PLAIN, key: "a", alt: true }, true), undefined);
  assert.equal(actionOf({ ...PLAIN, key: "L", control: true, shift: true }, true), "leave");
  assert.equal(actionOf({ ...PLAIN, key: "Escape", inField: true }, false), "close");
});

test("every single key is in the list that a person can read", () => {
  const listed = KEY_LIST.map(([key]) => key.toLowerCase());
  for (const key of ["m", "space", "v", "o", "d", "p", "w", "s", "f", "n", "?"])
    assert.ok(listed.includes(key as never), key);
});

test("arrows move between tiles and stop at the edges", () => {
  assert.equal(neighbour(0, "ArrowRight", 3, 7, false), 1);
  assert.equal(neighbour(1, "ArrowDown", 3, 7, false), 4);
  assert.equal(neighbour(6, "ArrowRight", 3, 7, false), 6);
  assert.equal(neighbour(1, "ArrowUp", 3, 7, false), 1);
  assert.equal(neighbour(1, "ArrowRight", 3, 7, true), 0);
  assert.equal(neighbour(2, "x", 3, 7, false), 2);
});
