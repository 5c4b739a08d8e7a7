// What `live` says of a camera must fit the layers it sends: l is a quarter, m a half of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { layersOf, liveHeight } from "./transceivers.ts";

test("the height said fits every layer that is sent", () => {
  const shares: Readonly<Record<string, number>> = { l: 4, m: 2, h: 1 };
  for (const captured of [1080, 720, 540, 480, 360, 270, 240, 180, 90]) {
    for (const [layer, scale] of layersOf(captured)) {
      assert.equal(captured / scale, liveHeight(captured) / (shares[layer] ?? 0), layer);
    }
  }
});
