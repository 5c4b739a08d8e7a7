// When a slower way is told of, with times of the test's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SlowerWay } from "./slower_way.ts";

test("a way over TCP or a relay is told once, and again only after UDP was back", () => {
  const slower = new SlowerWay();
  assert.equal(slower.measured("tcp", 1000), false);
  assert.equal(slower.measured(undefined, 2000), false);
  assert.equal(slower.measured("tcp", 2900), false);
  assert.equal(slower.measured("relay", 3000), true);
  assert.equal(slower.measured("relay", 9000), false);
  assert.equal(slower.measured("udp", 10_000), false);
  assert.equal(slower.measured("tcp", 11_000), false);
  assert.equal(slower.measured("tcp", 13_000), true);
});

test("a path that settles on UDP is not told of", () => {
  const slower = new SlowerWay();
  assert.equal(slower.measured("tcp", 0), false);
  assert.equal(slower.measured("udp", 1500), false);
  assert.equal(slower.measured("tcp", 2500), false);
});
