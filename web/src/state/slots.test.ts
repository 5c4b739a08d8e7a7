// Which slot shows whom: stillness, order and limits.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assignSlots, fits, isSameShowing, type Wish } from "./slots.ts";

const slots = [
  { mid: "9", slot: "stage" as const },
  { mid: "10", slot: "tile" as const },
  { mid: "11", slot: "tile" as const },
];
const camera = (participant: string, height = 360): Wish => ({
  participant,
  stream: "camera",
  height,
});
const none = new Map<string, Wish>();

test("the screen goes to the stage and cameras to tiles, in order, as far as there are slots", () => {
  const screen: Wish = { participant: "a", stream: "screen", height: 720 };
  const shown = assignSlots(none, [camera("a"), screen, camera("b"), camera("c")], slots);
  assert.deepEqual(
    [...shown],
    [
      ["10", camera("a")],
      ["9", screen],
      ["11", camera("b")],
    ],
  );
});

test("a picture keeps its slot when others come and go", () => {
  const first = assignSlots(none, [camera("a"), camera("b")], slots);
  const second = assignSlots(first, [camera("c"), camera("b")], slots);
  assert.equal(second.get("11")?.participant, "b");
  assert.equal(second.get("10")?.participant, "c");
});

test("a picture comes beside the voice of the same person, else beside nobody's", () => {
  const tile = (mid: string, beside?: string | null) => ({ mid, slot: "tile" as const, beside });
  const placed = (...tiles: ReturnType<typeof tile>[]) => [
    ...assignSlots(none, [camera("a")], tiles).keys(),
  ];
  assert.deepEqual(placed(tile("1", "b"), tile("2", null), tile("3", "a")), ["3"]);
  assert.deepEqual(placed(tile("1", "b"), tile("2"), tile("3", null)), ["3"]);
  assert.deepEqual(placed(tile("1", "b"), tile("2")), ["2"]);
  assert.deepEqual(placed(tile("1", "b")), ["1"]);
});

test("a height that changed a little stays what it was", () => {
  const first = assignSlots(none, [camera("a", 360)], slots);
  for (const height of [300, 360, 390]) {
    assert.ok(isSameShowing(assignSlots(first, [camera("a", height)], slots), first));
  }
  for (const height of [180, 720]) {
    assert.equal(assignSlots(first, [camera("a", height)], slots).get("10")?.height, height);
  }
});

test("nothing drawn empties the slots", () => {
  const first = assignSlots(none, [camera("a")], slots);
  assert.deepEqual(assignSlots(first, [], slots), none);
  assert.equal(isSameShowing(first, none), false);
});

test("slots of another connection are not kept", () => {
  const first = assignSlots(none, [camera("a")], slots);
  const other = [{ mid: "x", slot: "tile" as const }];
  assert.deepEqual([...assignSlots(first, [camera("a")], other).keys()], ["x"]);
});

test("a slot carries only the streams of its kind", () => {
  assert.equal(fits("voice", "microphone"), true);
  assert.equal(fits("voice", "screen_audio"), false);
  assert.equal(fits("screen_audio", "microphone"), false);
  assert.equal(fits("tile", "screen"), true);
  assert.equal(fits("stage", "microphone"), false);
});
