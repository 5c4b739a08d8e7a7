// Who may be shown in a slot: only where the server's word, the person's own announcement and the
// frames that were decrypted agree. The core, the connection and the sound are of the test's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Core, Shown } from "../e2ee/core.ts";
import { noCounts } from "../e2ee/counts.ts";
import type { Peer, Receiving } from "../media/peer.ts";
import type { Playback } from "../media/playback.ts";
import type { Stream } from "../signal/messages.ts";
import { People } from "./people.ts";
import { Receivers } from "./receivers.ts";

const layla = { participant: "layla", index: 3 };
const LINES = [
  { line: "1-0", mid: "4", slot: "voice" },
  { line: "1-1", mid: "9", slot: "stage" },
  { line: "1-2", mid: "10", slot: "tile" },
] as const;

const STREAMS: readonly Stream[] = ["microphone", "camera", "screen", "screen_audio"];

function world() {
  const expected: [string, Shown | null][] = [];
  const heard = new Set<string>();
  const people = new People();
  const core: Pick<Core, "expect"> = {
    expect: (line, shown) => {
      expected.push([line, shown]);
    },
  };
  const playback: Pick<Playback, "play" | "stop" | "stopAll" | "speaking"> = {
    play: (line) => void heard.add(line),
    stop: (line) => void heard.delete(line),
    stopAll: () => heard.clear(),
    speaking: (line) => heard.has(line),
  };
  const receivers = new Receivers(core as Core, people, playback as Playback);
  const receiving = LINES.map((line): Receiving => ({ ...line, stream: {} as MediaStream }));
  receivers.opened({ receiving } as unknown as Peer);
  const announce = (streams: Stream[], leaf = layla.index) => {
    const about = { leaf, participant: layla.participant, epoch: 1, text: "Layla" };
    const bits = streams.reduce((sum, stream) => sum | (1 << STREAMS.indexOf(stream)), 0);
    people.came({ what: "person", number: 0, ...about });
    people.announced({ what: "presence", number: bits, ...about });
    receivers.refresh();
  };
  const assign = (mid: string, stream: Stream, participant = layla.participant) =>
    receivers.assigned([{ mid, participant, stream }]);
  return { receivers, expected, heard, announce, assign };
}

const camera: Shown = { index: 3, stream: "camera" };

test("a slot waits for a sender once the server and the sender's announcement agree", () => {
  const { expected, announce, assign } = world();
  assign("10", "camera");
  assert.deepEqual(expected, [], "nobody announced it");
  announce(["microphone"]);
  assert.deepEqual(expected, [], "announced without a camera");
  announce(["camera"]);
  assert.deepEqual(expected, [["1-2", camera]]);
});

test("a picture is there from the first decrypted frame, and not before", () => {
  const { receivers, announce, assign } = world();
  announce(["camera"]);
  assign("10", "camera");
  assert.equal(receivers.picture("layla", "camera"), undefined);
  receivers.showing("1-2", camera);
  assert.notEqual(receivers.picture("layla", "camera"), undefined);
});

test("frames of anybody else than the slot waits for show nothing", () => {
  const { receivers, announce, assign } = world();
  announce(["camera", "screen"]);
  assign("10", "camera");
  receivers.showing("1-2", { index: 4, stream: "camera" });
  receivers.showing("1-2", { index: 3, stream: "screen" });
  receivers.showing("1-1", camera);
  receivers.showing("0-2", camera);
  assert.equal(receivers.picture("layla", "camera"), undefined);
  assert.equal(receivers.picture("layla", "screen"), undefined);
});

test("a slot is emptied when the server or the sender says so", () => {
  for (const end of ["server", "sender"]) {
    const { receivers, expected, announce, assign } = world();
    announce(["camera"]);
    assign("10", "camera");
    receivers.showing("1-2", camera);
    if (end === "server") receivers.assigned([]);
    else announce([]);
    assert.deepEqual(expected.at(-1), ["1-2", null]);
    assert.equal(receivers.picture("layla", "camera"), undefined);
  }
});

test("after a slot was emptied, a late frame of before shows nothing", () => {
  const { receivers, announce, assign } = world();
  announce(["camera"]);
  assign("10", "camera");
  receivers.assigned([]);
  receivers.showing("1-2", camera);
  assert.equal(receivers.picture("layla", "camera"), undefined);
});

test("the server cannot put a stream into a slot of another kind", () => {
  const { expected, announce, assign } = world();
  announce(["microphone", "camera"]);
  assign("4", "camera");
  assign("10", "microphone");
  assert.deepEqual(expected, []);
});

test("sound is played from the first decrypted frame until the slot changes", () => {
  const { receivers, heard, announce, assign } = world();
  announce(["microphone"]);
  assign("4", "microphone");
  assert.deepEqual([...heard], []);
  receivers.showing("1-0", { index: 3, stream: "microphone" });
  assert.deepEqual([...heard], ["1-0"]);
  assert.equal(receivers.speaking("layla"), true);
  announce([]);
  assert.deepEqual([...heard], []);
});

test("the video slots are the stage and the tiles", () => {
  const { receivers } = world();
  assert.deepEqual(
    receivers.videoSlots.map(({ mid }) => mid),
    ["9", "10"],
  );
});

test("somebody whose microphone and camera bring nothing for 2 s is silent until a frame comes", () => {
  const { receivers, announce } = world();
  const { participant } = layla;
  announce(["microphone", "camera"]);
  receivers.assigned([
    { mid: "4", participant, stream: "microphone" },
    { mid: "10", participant, stream: "camera" },
  ]);
  receivers.showing("1-0", { index: 3, stream: "microphone" });
  receivers.showing("1-2", camera);
  const voice = (frames: number) => [{ ...noCounts(), line: "1-0", in: frames }];
  assert.equal(receivers.counted(voice(5), 1000), false);
  assert.equal(receivers.counted(voice(9), 2900), false);
  receivers.counted([], 4800);
  assert.equal(receivers.silent(participant), false, "the camera stands still, the voice does not");
  assert.equal(receivers.counted([], 4900), true);
  assert.equal(receivers.silent(participant), true);
  assert.equal(receivers.counted(voice(10), 5400), true);
  assert.equal(receivers.silent(participant), false);
});

test("a shared screen that stands still is not silent", () => {
  const { receivers, announce, assign } = world();
  announce(["screen"]);
  assign("9", "screen");
  receivers.showing("1-1", { index: 3, stream: "screen" });
  receivers.counted([], 1000);
  assert.equal(receivers.counted([], 60_000), false);
});
