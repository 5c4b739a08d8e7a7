// What is sealed of a voice is as long for a word as for silence (PRV-17).

import assert from "node:assert/strict";
import { test } from "node:test";
import { padded, unpadded } from "./padding.ts";
import { parseRedundant } from "./redundancy.ts";
import { Pair, through } from "./testing.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

test("padding is one byte and zeros, and comes off again, whatever the frame ends with", () => {
  assert.deepEqual([...padded(bytes(7, 8), 6)], [7, 8, 0x80, 0, 0, 0]);
  for (const frame of [bytes(1), bytes(0, 0), bytes(5, 0x80), bytes(0x80, 0x80, 0)])
    for (const more of [1, 2, 50])
      assert.deepEqual(unpadded(padded(frame, frame.length + more)), frame);
});

test("a body without padding, or with nothing in front of it, is refused", () => {
  for (const body of [bytes(), bytes(0, 0), bytes(1, 2), bytes(0x80, 0, 0)])
    assert.equal(unpadded(body), undefined);
});

test("frames of speech and of silence have the same size on the wire", async () => {
  const sealer = (await Pair.make()).sealer("microphone", "opus");
  const sizes = new Set<number>();
  for (let i = 0; i < 300; i++) {
    const packet = await through(sealer, new Uint8Array(1 + ((i * 37) % 88)).fill(i));
    const blocks = parseRedundant(Uint8Array.from(packet ?? assert.fail()));
    for (const { frame } of blocks ?? assert.fail()) sizes.add(frame.length);
  }
  assert.deepEqual([...sizes], [112]);
});
