// What the transforms let pass, without a browser: sealed frames out, authentic ones in, in order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { noCounts } from "./counts.ts";
import { EXHAUSTED, type FramesModule } from "./frames_module.ts";
import { Sealer } from "./seal.ts";
import { ALICE, DELTA, KEY_FRAME, Member, Pair, settle, through } from "./testing.ts";

const CAMERA = { index: ALICE, stream: "camera" } as const;

async function ready(stream: "camera" | "screen" = "camera") {
  const pair = await Pair.make();
  pair.install();
  const sealer = pair.sealer(stream);
  const opener = pair.opener();
  opener.expect({ index: ALICE, stream });
  return { pair, sealer, opener };
}

async function sealed(sealer: Sealer, frame: readonly number[]): Promise<Uint8Array> {
  const bytes = await through(sealer, frame);
  assert.ok(bytes);
  return bytes;
}

test("a frame goes through sealed and comes out whole, and the slot is reported once", async () => {
  const { pair, sealer, opener } = await ready();
  for (const frame of [KEY_FRAME, DELTA, DELTA]) {
    const between = await sealed(sealer, frame);
    assert.equal(Buffer.from(between).includes(Buffer.from(frame.slice(10))), false);
    assert.deepEqual([...((await through(opener, between)) ?? [])], frame);
  }
  assert.deepEqual(pair.shown, [CAMERA]);
  assert.equal(opener.counts.out, 3);
});

test("what was sealed by who is gone opens no more, also under the same leaf", async () => {
  const { pair, sealer, opener } = await ready();
  const [before, late] = [await sealed(sealer, KEY_FRAME), await sealed(sealer, KEY_FRAME)];
  assert.ok(await through(opener, before));
  pair.bob.obey({ order: "left", leaf: ALICE }, pair.now);
  const shown = through(opener, late);
  await pair.pass(1000);
  assert.equal(await shown, undefined);
});

test("a screen goes over to another codec, and a frame of one that cannot be sealed stays", async () => {
  const { pair, sealer, opener } = await ready("screen");
  const frames: [string, number, readonly number[]][] = [
    ["video/VP8", 0x10, KEY_FRAME],
    ["video/AV1", 0x0a, [0x12, 0, 0x0a, 1, 2, 3]],
    ["video/AV1", 0x32, [0x12, 0, 0x32, 1, 2, 3]],
    ["video/VP9", 0x82, [0x82, 1, 2, 3]],
    ["video/H264", 0, [0, 0, 0, 1, 0x67, 1, 2, 3]],
    ["video/H264", 0, [0, 0, 0, 1, 0x61, 1, 2, 3]],
    ["video/VP8", 0x11, DELTA],
  ];
  for (const [mimeType, first, frame] of frames) {
    const between = (await through(sealer, frame, mimeType)) ?? assert.fail(mimeType);
    assert.equal(between[0], first, mimeType);
    assert.deepEqual([...((await through(opener, between, mimeType)) ?? [])], frame);
  }
  assert.equal(await through(sealer, KEY_FRAME, "video/H265"), undefined);
  assert.equal(pair.keyFramesAsked, 0);
});

test("only a key frame mends a gap, of whichever codec", async () => {
  const { pair, sealer, opener } = await ready("screen");
  const seal = async (...frame: number[]) =>
    (await through(sealer, [0x12, 0, ...frame], "video/AV1")) ?? assert.fail();
  const [lost, delta, key, later] = [
    await seal(0x32, 1),
    await seal(0x32, 2),
    await seal(0x0a, 3),
    await seal(0x32, 4),
  ];
  await through(opener, [...lost.slice(0, -1), (lost.at(-1) ?? 0) ^ 1]);
  await through(opener, delta);
  assert.equal(pair.keyFramesAsked, 1);
  await pair.pass(1000);
  await through(opener, key);
  await through(opener, later);
  assert.equal(pair.keyFramesAsked, 1);
});

test("a sender without an epoch lets nothing pass", async () => {
  const sealer = new Sealer(
    (await Member.make()).module,
    "camera",
    "vp8",
    noCounts(),
    () => undefined,
  );
  assert.equal(await through(sealer, KEY_FRAME), undefined);
  assert.equal(sealer.counts.dropped, 1);
});

test("a sender whose key is used up lets nothing pass and asks for a new epoch", async () => {
  const usedUp = { newSender: () => 1, planSeal: () => EXHAUSTED } as unknown as FramesModule;
  let asked = 0;
  const sealer = new Sealer(usedUp, "camera", "vp8", noCounts(), () => {
    asked += 1;
  });
  assert.equal(await through(sealer, KEY_FRAME), undefined);
  assert.equal(asked, 1);
  assert.equal(sealer.counts.dropped, 1);
});

test("a closed sender and a closed receiver let nothing pass", async () => {
  const { sealer, opener } = await ready();
  const between = await sealed(sealer, KEY_FRAME);
  sealer.close();
  sealer.close();
  opener.close();
  opener.close();
  assert.equal(await through(sealer, KEY_FRAME), undefined);
  assert.equal(await through(opener, between), undefined);
});

// SEC-04, part
test("a frame in the clear, of a wrong link, or with any bit flipped does not pass", async () => {
  const { pair, sealer, opener } = await ready();
  const between = await sealed(sealer, KEY_FRAME);
  for (let bit = 0; bit < between.length * 8; bit++) {
    const damaged = between.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const passed = through(opener, damaged);
    await pair.pass(200);
    assert.equal(await passed, undefined, `bit ${bit}`);
  }
  const clear = through(opener, KEY_FRAME);
  await pair.pass(200);
  assert.equal(await clear, undefined);
  assert.equal(opener.counts.out, 0);
});

test("a frame that comes again is dropped silently", async () => {
  const { sealer, opener } = await ready();
  const between = await sealed(sealer, KEY_FRAME);
  assert.ok(await through(opener, between));
  assert.equal(await through(opener, between), undefined);
  assert.deepEqual(
    {
      repeated: opener.counts.repeated,
      failed: opener.counts.failed,
      dropped: opener.counts.dropped,
    },
    { repeated: 1, failed: 0, dropped: 0 },
  );
});

test("two copies of a frame at once pass once", async () => {
  const { sealer, opener } = await ready();
  const between = await sealed(sealer, KEY_FRAME);
  const passed = await Promise.all([through(opener, between), through(opener, between.slice())]);
  assert.equal(passed.filter((frame) => frame).length, 1);
});

test("frames wait for a key that is late, and pass in order without a key frame", async () => {
  const pair = await Pair.make();
  const sealer = pair.sealer();
  const opener = pair.opener();
  opener.expect(CAMERA);
  const order: number[] = [];
  let queue = Promise.resolve();
  for (let i = 0; i < 4; i++) {
    const between = await sealed(sealer, i === 0 ? KEY_FRAME : [...DELTA, i]);
    queue = queue.then(async () => {
      if (await through(opener, between)) order.push(i);
    });
  }
  await settle();
  assert.deepEqual(order, []);
  pair.now = 150;
  pair.install();
  opener.changed();
  await queue;
  assert.deepEqual(order, [0, 1, 2, 3]);
  assert.equal(pair.keyFramesAsked, 0);
});

test("after 200 ms they are dropped, and when the key comes a key frame is asked for", async () => {
  const pair = await Pair.make();
  const sealer = pair.sealer();
  const opener = pair.opener();
  opener.expect(CAMERA);
  const first = through(opener, await sealed(sealer, KEY_FRAME));
  await pair.pass(199);
  assert.equal(opener.counts.dropped, 0);
  await pair.pass(1);
  assert.equal(await first, undefined);
  assert.equal(opener.counts.dropped, 1);
  // Patience is used up: what follows does not pile up.
  assert.equal(await through(opener, await sealed(sealer, DELTA)), undefined);
  assert.equal(pair.keyFramesAsked, 0);
  pair.install();
  opener.changed();
  assert.equal(pair.keyFramesAsked, 1);
  assert.ok(await through(opener, await sealed(sealer, DELTA)));
  pair.now += 300;
  assert.ok(await through(opener, await sealed(sealer, DELTA)));
  assert.equal(pair.keyFramesAsked, 2);
  assert.ok(await through(opener, await sealed(sealer, KEY_FRAME)));
  pair.now += 1000;
  assert.ok(await through(opener, await sealed(sealer, DELTA)));
  assert.equal(pair.keyFramesAsked, 2);
});

test("voice waits 60 ms and never asks for a key frame", async () => {
  const pair = await Pair.make();
  const sealer = pair.sealer("microphone", "opus");
  const opener = pair.opener("opus");
  opener.expect({ index: ALICE, stream: "microphone" });
  const first = through(opener, await sealed(sealer, [0xf8, 1, 2, 3]), "audio/red");
  await pair.pass(60);
  assert.equal(await first, undefined);
  pair.install();
  opener.changed();
  assert.ok(await through(opener, await sealed(sealer, [0xf8, 1, 2, 3]), "audio/red"));
  assert.equal(pair.keyFramesAsked, 0);
});

test("a frame waits for the assignment of its slot, which is then reported anew", async () => {
  const { pair, sealer, opener } = await ready();
  assert.ok(await through(opener, await sealed(sealer, KEY_FRAME)));
  const screen = pair.sealer("screen");
  const waiting = through(opener, await sealed(screen, KEY_FRAME));
  await settle();
  assert.equal(opener.counts.held, 1);
  const shown = { index: ALICE, stream: "screen" } as const;
  opener.expect(shown);
  assert.ok(await waiting);
  assert.deepEqual(pair.shown, [CAMERA, shown]);
});

test("the last frames of whom the slot showed before are dropped at once", async () => {
  const { pair, sealer, opener } = await ready();
  assert.ok(await through(opener, await sealed(sealer, KEY_FRAME)));
  opener.expect({ index: ALICE + 1, stream: "camera" });
  assert.equal(await through(opener, await sealed(sealer, DELTA)), undefined);
  assert.equal(opener.counts.held, 0);
  assert.equal(pair.keyFramesAsked, 0);
});
