// When silence is a lost path and when it is only quiet, with times and counts of the test's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Silence } from "./silence.ts";

function measured(...steps: [now: number, sent: number, received: number][]): Silence {
  const silence = new Silence();
  for (const [now, sent, received] of steps) silence.measured({ sent, received }, now);
  return silence;
}

test("what is sent and not answered for 1.5 s is silence, since the last answer", () => {
  const silence = measured([1000, 0, 0], [1500, 3000, 200], [2000, 6000, 200], [2500, 9000, 200]);
  assert.equal(silence.since(2999), undefined);
  assert.equal(silence.since(3000), 1500);
});

test("whoever sends nothing hears nothing, and that is no silence", () => {
  const silence = measured([0, 500, 100], [5000, 900, 100]);
  assert.equal(silence.since(5000), undefined);
  assert.equal(new Silence().since(5000), undefined);
});

test("reports that add up over a long time are no silence either", () => {
  const steps = Array.from({ length: 100 }, (_, i): [number, number, number] => [
    i * 500,
    i * 150,
    100,
  ]);
  assert.equal(measured(...steps).since(50_000), undefined);
});

test("a lost path stays lost when the sending ends, until something is heard", () => {
  const silence = measured([0, 0, 100], [500, 3000, 100], [5000, 3010, 100], [9000, 3020, 100]);
  assert.equal(silence.since(9000), 0);
  silence.measured({ sent: 3030, received: 160 }, 9500);
  assert.equal(silence.since(20_000), undefined);
});

test("one answer ends the silence", () => {
  const silence = measured([0, 0, 100], [2000, 9000, 100], [2500, 12_000, 160]);
  assert.equal(silence.since(2500), undefined);
});
