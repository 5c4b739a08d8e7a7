// Copies of a voice's frames: what a sender adds, and what a receiver makes of a packet whose
// predecessors were lost. RFC 2198.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRedundant, Redundancy, writeRedundant } from "./redundancy.ts";
import { ALICE, Pair } from "./testing.ts";

const MICROPHONE = { index: ALICE, stream: "microphone" } as const;
const bytes = (...values: number[]) => Uint8Array.from(values);

test("what is written is read again, and is what the standard says", () => {
  const blocks = [
    { type: 111, offset: 1920, frame: bytes(1, 2) },
    { type: 111, offset: 960, frame: new Uint8Array(300).fill(7) },
    { type: 111, offset: 0, frame: bytes(9) },
  ];
  const payload = writeRedundant(blocks);
  assert.deepEqual([...payload.subarray(0, 9)], [0xef, 0x1e, 0, 2, 0xef, 0x0f, 1, 44, 111]);
  assert.deepEqual(parseRedundant(payload), blocks);
});

test("every truncation and every wrong length is refused", () => {
  const payload = bytes(0xef, 0x0f, 0, 3, 111, 1, 2, 3, 4);
  for (let length = 0; length < 9; length++)
    assert.equal(parseRedundant(payload.slice(0, length)), undefined, `${length}`);
  assert.equal(parseRedundant(bytes(0xef, 0x0f, 0, 4, 111, 1, 2, 3, 4)), undefined);
  assert.equal(parseRedundant(bytes(...Array(40).fill(0xef))), undefined);
});

test("one older frame is added, and two for a while after much was lost", () => {
  const sender = new Redundancy();
  const counts = (at: number) =>
    parseRedundant(sender.payload(bytes(at), 960 * at, 111, 20 * at))?.length;
  assert.deepEqual([counts(1), counts(2), counts(3)], [1, 2, 2]);
  sender.lost(0.01, 70);
  assert.equal(counts(4), 2);
  sender.lost(0.1, 90);
  assert.deepEqual([counts(5), counts(6)], [3, 3]);
  assert.equal(counts(1000), 1); // after a silence they are too old
  assert.deepEqual([counts(1001), counts(1002)], [2, 2]);
});

/** What a voice of `count` frames becomes between two ends of which the second misses `missing`. */
async function heard(count: number, missing: readonly number[]) {
  const pair = await Pair.make();
  pair.install();
  const sealer = pair.sealer("microphone", "opus");
  const opener = pair.opener("opus");
  opener.expect(MICROPHONE);
  const frames: number[][] = [];
  for (let i = 0; i < count; i++) {
    const frame = {
      data: bytes(0x78, i, i).buffer,
      getMetadata: () => ({ rtpTimestamp: 960 * i, payloadType: 111, mimeType: "audio/red" }),
    };
    await sealer.transform(frame, () => undefined);
    if (missing.includes(i)) continue;
    await opener.transform(frame, ({ data }) => {
      const blocks = parseRedundant(new Uint8Array(data)) ?? assert.fail("not redundant");
      frames.push(blocks.map((block) => block.frame[1] ?? -1));
      const ages = blocks.map((block) => (i - (block.frame[1] ?? -1)) * 960);
      assert.deepEqual(
        blocks.map((block) => block.offset),
        ages,
      );
    });
  }
  return { frames, counts: opener.counts };
}

test("a copy opens only where the frame itself did not come", async () => {
  const { frames, counts } = await heard(6, [2, 4]);
  assert.deepEqual(frames, [[0], [1], [2, 3], [4, 5]]);
  assert.deepEqual([counts.failed, counts.dropped, counts.repeated], [0, 0, 0]);
});

test("a receiver without copies gets plain Opus", async () => {
  const pair = await Pair.make();
  pair.install();
  const sealer = pair.sealer("microphone", "opus");
  const opener = pair.opener("opus");
  opener.expect(MICROPHONE);
  const frame = { data: bytes(0x78, 1).buffer };
  await sealer.transform(frame, () => undefined);
  const newest = parseRedundant(new Uint8Array(frame.data))?.at(-1); // as the server cuts it
  let passed: ArrayBuffer | undefined;
  const plain = {
    data: newest?.frame.buffer ?? assert.fail("nothing"),
    getMetadata: () => ({ mimeType: "audio/opus" }),
  };
  await opener.transform(plain, ({ data }) => {
    passed = data;
  });
  assert.deepEqual(passed && [...new Uint8Array(passed)], [0x78, 1]);
});

test("a packet that is malformed is dropped and nothing else happens", async () => {
  const pair = await Pair.make();
  pair.install();
  const opener = pair.opener("opus");
  opener.expect(MICROPHONE);
  const frame = {
    data: bytes(0xef, 0xff, 0xff, 0xff).buffer,
    getMetadata: () => ({ mimeType: "audio/red" }),
  };
  await opener.transform(frame, () => assert.fail("passed"));
  assert.equal(opener.counts.dropped, 1);
});
