// The table of the design, and what must hold for every stage.
import assert from "node:assert/strict";
import { test } from "node:test";
import { boxesOf, capFor, grid, large, pair, TILE_GAP } from "./layout.ts";

const TABLE = [
  { stage: [1408, 760], cap: 25, count: 1, want: "1x1 1 1351x760" },
  { stage: [1408, 760], cap: 25, count: 2, want: "2x1 2 700x525" },
  { stage: [1408, 760], cap: 25, count: 4, want: "2x2 4 668x376" },
  { stage: [1408, 760], cap: 25, count: 5, want: "3x2 5 464x348" },
  { stage: [1408, 760], cap: 25, count: 6, want: "3x2 6 464x348" },
  { stage: [1408, 760], cap: 25, count: 9, want: "3x3 9 440x248" },
  { stage: [1408, 760], cap: 25, count: 12, want: "4x3 12 346x248" },
  { stage: [1408, 760], cap: 25, count: 16, want: "4x4 16 327x184" },
  { stage: [1408, 760], cap: 25, count: 25, want: "5x5 25 258x145" },
  { stage: [1408, 760], cap: 25, count: 49, want: "5x5 25 258x145" },
  { stage: [1024, 600], cap: 25, count: 1, want: "1x1 1 1024x600" },
  { stage: [1024, 600], cap: 25, count: 2, want: "2x1 2 508x381" },
  { stage: [1024, 600], cap: 25, count: 4, want: "2x2 4 508x296" },
  { stage: [1024, 600], cap: 25, count: 6, want: "3x2 6 336x252" },
  { stage: [1024, 600], cap: 25, count: 9, want: "3x3 9 336x194" },
  { stage: [1024, 600], cap: 25, count: 12, want: "4x3 12 250x187" },
  { stage: [1024, 600], cap: 25, count: 16, want: "4x4 16 250x144" },
  { stage: [1024, 600], cap: 25, count: 25, want: "5x5 25 198x113" },
  { stage: [1888, 910], cap: 49, count: 49, want: "9x6 49 202x145" },
  { stage: [340, 572], cap: 8, count: 1, want: "1x1 1 340x453" },
  { stage: [340, 572], cap: 8, count: 2, want: "1x2 2 340x282" },
  { stage: [340, 572], cap: 8, count: 3, want: "1x3 3 247x185" },
  { stage: [340, 572], cap: 8, count: 4, want: "2x2 4 166x221" },
  { stage: [340, 572], cap: 8, count: 6, want: "2x3 6 166x185" },
  { stage: [340, 572], cap: 8, count: 9, want: "2x4 8 166x137" },
] as const;

test("grid gives the figures of the design's table", () => {
  for (const { stage, cap, count, want } of TABLE) {
    const g = grid(count, { width: stage[0], height: stage[1] }, cap);
    const got = `${g.columns}x${g.rows} ${g.shown} ${g.width}x${g.height}`;
    assert.equal(got, want, `${count} people in ${stage[0]}x${stage[1]}`);
  }
});

test("no tile leaves the stage or lies on another, whatever the stage", () => {
  for (let width = 280; width <= 1900; width += 135) {
    for (let height = 180; height <= 1100; height += 115) {
      const stage = { width, height };
      for (const count of [1, 2, 3, 5, 7, 11, 25]) {
        const boxes = boxesOf(grid(count, stage), stage);
        assert.ok(boxes.length >= 1);
        for (const [i, a] of boxes.entries()) {
          assert.ok(a.x >= 0 && a.y >= 0, `${count} in ${width}x${height}`);
          assert.ok(a.x + a.width <= width + 1 && a.y + a.height <= height + 1);
          const next = boxes[i + 1];
          if (next && next.y === a.y) assert.ok(next.x - a.x - a.width >= TILE_GAP - 1);
        }
      }
    }
  }
});

test("two people overlap only where there is no room for a lane", () => {
  const wide = pair({ width: 1408, height: 760 });
  assert.equal(wide.overlaps, false);
  assert.ok(wide.other.x + wide.other.width < wide.own.x);
  const phone = pair({ width: 340, height: 572 });
  assert.equal(phone.overlaps, true);
  assert.ok(phone.own.x + phone.own.width < 340 && phone.own.y > 572 / 2);
});

test("a share leaves a strip for the others, and the whole stage when there are none", () => {
  const desk = large(12, { width: 1024, height: 760 });
  assert.ok(desk.others.length >= 3 && desk.others.length < 12);
  for (const box of desk.others) assert.ok(box.y > desk.large.height);
  const phone = large(4, { width: 340, height: 572 });
  assert.equal(phone.others.length, 4);
  assert.deepEqual(large(0, { width: 300, height: 200 }).large, {
    x: 0,
    y: 0,
    width: 300,
    height: 200,
  });
});

test("small windows hold fewer tiles", () => {
  assert.deepEqual([capFor(320), capFor(768), capFor(1440)], [8, 16, 25]);
});
