// What `live` says of a camera must fit the layers it sends: l is a quarter, m a half of it; and there
// is a picture for every tile that is drawn.

import assert from "node:assert/strict";
import { test } from "node:test";
import { capFor } from "../ui/layout.ts";
import { layersOf, liveHeight, tileSlotsFor } from "./transceivers.ts";

test("the height said fits every layer that is sent", () => {
  const shares: Readonly<Record<string, number>> = { l: 4, m: 2, h: 1 };
  for (const captured of [1080, 720, 540, 480, 360, 270, 240, 180, 90]) {
    for (const [layer, scale] of layersOf(captured)) {
      assert.equal(captured / scale, liveHeight(captured) / (shares[layer] ?? 0), layer);
    }
  }
});

test("a connection has a slot for every tile of a full screen, and no more than 32 slots", () => {
  for (const width of [320, 599, 600, 1023, 1024, 3840])
    assert.ok(tileSlotsFor(width) >= capFor(width), `${width} px`);
  assert.equal(tileSlotsFor(1280), 25);
  assert.ok(6 + tileSlotsFor(1280) <= 32);
});
