// What the panel about the connection says, of made-up numbers.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Counts } from "../media/counts.ts";
import { pathView, Shortage } from "./path.ts";

const counts = (at: number, more: Partial<Counts> = {}): Counts => ({
  at,
  sent: 0,
  received: 0,
  came: 0,
  lost: 0,
  lostUp: 0,
  ...more,
});

test("rates and losses are those since the look before", () => {
  const before = counts(1000, { sent: 1000, received: 500_000, came: 1000, lost: 90 });
  const now = counts(3000, {
    sent: 101_000,
    received: 750_000,
    came: 1190,
    lost: 100,
    delayMs: 42,
    way: "tcp",
  });
  assert.deepEqual(pathView(before, now, new Shortage()), {
    upBps: 400_000,
    downBps: 1_000_000,
    lost: 10 / 200,
    delayMs: 42,
    way: "tcp",
    turnedDown: [],
  });
});

test("the worse of both directions counts as loss, and packets that came late after all are none", () => {
  const before = counts(0, { came: 100, lost: 10 });
  const shortage = new Shortage();
  assert.equal(pathView(before, counts(1000, { came: 200, lost: 8 }), shortage).lost, 0);
  assert.equal(
    pathView(before, counts(1000, { came: 199, lost: 11, lostUp: 0.2 }), shortage).lost,
    0.2,
  );
});

test("counters of a connection that began anew make no negative rates", () => {
  const { upBps, downBps } = pathView(
    counts(0, { sent: 9000, received: 9000 }),
    counts(1000, { sent: 10, received: 10 }),
    new Shortage(),
  );
  assert.deepEqual([upBps, downBps], [0, 0]);
});

test("what is turned down is said with its reason: the network of this side, or this device", () => {
  const shortage = new Shortage();
  shortage.said({ type: "path", bps: 640_000, lowered: 2, dark: 1 }, 0);
  const seen = (limited?: "bandwidth" | "cpu") =>
    pathView(counts(0), counts(1000, limited ? { limited } : {}), shortage).turnedDown;
  const others = [
    { what: "smaller", pictures: 2, bps: 640_000 },
    { what: "dark", pictures: 1, bps: 640_000 },
  ];
  assert.deepEqual(seen(), others);
  assert.deepEqual(seen("bandwidth"), [...others, { what: "own_network" }]);
  assert.deepEqual(seen("cpu"), [...others, { what: "own_device" }]);
});

test("a connection is called weak only when pictures stay turned down, and not any more when none is", () => {
  const shortage = new Shortage();
  shortage.said({ type: "path", bps: 300_000, lowered: 1, dark: 0 }, 1000);
  assert.equal(shortage.lasts(4000), false);
  shortage.said({ type: "path", bps: 250_000, lowered: 1, dark: 1 }, 4500);
  assert.equal(shortage.lasts(5000), true);
  assert.deepEqual([shortage.isLong(30_999), shortage.isLong(31_000)], [false, true]);
  shortage.said({ type: "path", bps: 900_000, lowered: 0, dark: 0 }, 6000);
  assert.equal(shortage.lasts(60_000), false);
  assert.equal(shortage.isLong(60_000), false);
});
