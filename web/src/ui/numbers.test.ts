// How numbers of a connection read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { rateText, shareText } from "./numbers.ts";

test("rates and shares are said with two digits that count", () => {
  assert.deepEqual([0, 499, 31_600, 999_400, 999_600, 2_449_000, 12_600_000].map(rateText), [
    "0 kb/s",
    "0 kb/s",
    "32 kb/s",
    "999 kb/s",
    "1.0 Mb/s",
    "2.4 Mb/s",
    "13 Mb/s",
  ]);
  assert.deepEqual([0, 0.0004, 0.004, 0.124, 1].map(shareText), [
    "0 %",
    "0 %",
    "0.4 %",
    "12 %",
    "100 %",
  ]);
});
