// One connection against an RTCPeerConnection of the test's own that writes down what happens to it:
// transforms before anything else, tracks only behind attached transforms, and what off means.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answerTo } from "./fixtures/answer.ts";
import { fakeBrowser, OFFER } from "./fixtures/browser.ts";
import { Peer, type PeerState } from "./peer.ts";
import { parseOffer } from "./sdp.ts";

function connected() {
  const connections = fakeBrowser();
  const set = (on: { transform: unknown }, line: string) => {
    on.transform = { line };
  };
  const sealer = {
    seal: (sender: RTCRtpSender, line: string) => set(sender, line),
    open: (receiver: RTCRtpReceiver, line: string) => set(receiver, line),
    lost: () => undefined,
  };
  const states: PeerState[] = [];
  const peer = new Peer(7, 9, sealer, (state) => states.push(state));
  const [connection] = connections;
  assert.ok(connection);
  const { happened, transceivers } = connection;
  return { peer, connection, happened, transceivers, states };
}

const settle = () => new Promise((done) => setTimeout(done, 0));
const track = () => ({ contentHint: "" }) as MediaStreamTrack;

test("every line has its transform before the next thing happens, and before the offer", async () => {
  const { peer, happened } = connected();
  await peer.offer();
  assert.equal(happened.at(-1), "offer");
  const lines = happened.slice(0, -1);
  assert.equal(lines.length, 2 * 19);
  for (let at = 0; at < lines.length; at += 2) {
    assert.match(lines[at] ?? "", /^(audio|video) (sendonly|recvonly)$/);
    assert.match(lines[at + 1] ?? "", /^transform 7-/);
  }
  assert.equal(new Set(peer.lineNames).size, 19);
});

test("only VP8 with its resends and Opus with its copies are offered, and no line goes both ways", () => {
  const { transceivers } = connected();
  const kinds = new Set(transceivers.map(({ codecs }) => codecs.join(" ")));
  assert.deepEqual([...kinds].sort(), [
    "audio/opus",
    "audio/opus audio/red",
    "video/VP8 video/rtx",
  ]);
  assert.equal(transceivers.filter(({ direction }) => direction === "sendonly").length, 4);
  assert.equal(transceivers.filter(({ direction }) => direction === "recvonly").length, 15);
});

test("pictures of people wait for their voices from the start; voices and screens wait for nothing", () => {
  const { transceivers } = connected();
  const targets = transceivers.map(({ receiver }) => receiver.jitterBufferTarget);
  const nothing = Array(4 + 6).fill(null); // what is sent; voices, a screen and its sound
  assert.deepEqual(targets, [...nothing, ...Array(9).fill(70)]);
});

test("a track waits until the worker has its line's transform (SEC-01)", async () => {
  const { peer, happened, transceivers } = connected();
  await peer.offer();
  await peer.answered(answerTo(parseOffer(OFFER)));
  const microphone = track();
  peer.send("microphone", { track: microphone });
  peer.attached("7-camera");
  peer.attached("6-microphone");
  await settle();
  assert.equal(happened.includes("track"), false);
  peer.attached("7-microphone");
  await settle();
  assert.equal(transceivers[0]?.sender.track, microphone);
});

test("only the layers that somebody shows are sent, and all again when the camera begins anew", async () => {
  const { peer, transceivers } = connected();
  const active = async () => {
    await settle();
    return transceivers[1]?.sender.encodings.map(({ active }) => active);
  };
  peer.attached("7-camera");
  peer.want("camera", 1, "vp8"); // of an earlier camera
  peer.send("camera", { track: track(), height: 720 });
  assert.deepEqual(await active(), [true, true, true]);
  peer.want("camera", 2, "vp8");
  assert.deepEqual(await active(), [true, true, false]);
  peer.want("camera", 3, "vp8");
  assert.deepEqual(await active(), [true, true, true]);
  peer.want("camera", 1, "vp8");
  assert.deepEqual(await active(), [true, false, false]);
  peer.send("camera", null);
  peer.want("camera", 2, "vp8");
  assert.deepEqual(await active(), [false, false, false]);
  peer.send("camera", { track: track(), height: 720 });
  assert.deepEqual(await active(), [true, true, true]);
});

test("with less data only the smallest layer of the camera is sent, whatever the server wants", async () => {
  const { peer, transceivers } = connected();
  const active = async () => {
    await settle();
    return transceivers[1]?.sender.encodings.map(({ active }) => active);
  };
  peer.attached("7-camera");
  peer.limit(1);
  peer.send("camera", { track: track(), height: 720 });
  assert.deepEqual(await active(), [true, false, false]);
  peer.want("camera", 2, "vp8");
  assert.deepEqual(await active(), [true, false, false]);
  peer.limit(3);
  assert.deepEqual(await active(), [true, true, false]);
});

test("off is a null track and no active encoding (PRV-02)", async () => {
  const { peer, transceivers } = connected();
  const camera = transceivers[1]?.sender;
  peer.attached("7-camera");
  peer.send("camera", { track: track(), height: 720 });
  await settle();
  assert.notEqual(camera?.track, null);
  peer.send("camera", null);
  await settle();
  assert.equal(camera?.track, null);
  assert.deepEqual(
    camera?.encodings.map(({ active }) => active),
    [false, false, false],
  );
});

test("on and off in quick succession ends as the last press says", async () => {
  const { peer, transceivers } = connected();
  peer.attached("7-camera");
  peer.send("camera", { track: track(), height: 720 });
  peer.send("camera", null);
  peer.send("camera", { track: track(), height: 720 });
  peer.send("camera", null);
  await settle();
  assert.equal(transceivers[1]?.sender.track, null);
  assert.equal(
    transceivers[1]?.sender.encodings.some(({ active }) => active),
    false,
  );
});

const captures: { height: number; scales: (number | false)[] }[] = [
  { height: 1080, scales: [4, 2, 1] },
  { height: 540, scales: [4, 2, 1] },
  { height: 539, scales: [2, 1, false] },
  { height: 270, scales: [2, 1, false] },
  { height: 180, scales: [1, false, false] },
];

for (const { height, scales } of captures) {
  test(`a camera of ${height} lines sends the layers it is worth, the lower ones first`, async () => {
    const { peer, transceivers } = connected();
    peer.attached("7-camera");
    peer.send("camera", { track: track(), height });
    await settle();
    const sent = transceivers[1]?.sender.encodings.map(
      ({ active, scaleResolutionDownBy }) => active === true && scaleResolutionDownBy,
    );
    assert.deepEqual(sent, scales);
  });
}

test("an answer after the end is not applied", async () => {
  const { peer, happened } = connected();
  await peer.offer();
  peer.close();
  await peer.answered(answerTo(parseOffer(OFFER)));
  assert.equal(happened.includes("answer"), false);
});

test("a restart offers again on the same lines and takes the new credentials", async () => {
  const { peer, happened } = connected();
  await peer.offer();
  await peer.answered(answerTo(parseOffer(OFFER)));
  const message = await peer.restart();
  assert.deepEqual(message, { type: "restart", connection: 7, ice: parseOffer(OFFER).ice });
  await peer.restarted({ ufrag: "m4K0t1bA", pwd: "YW5vdGhlci1zZXJ2ZXItcGFzc3dk" });
  assert.deepEqual(happened.slice(-3), ["answer", "restart offer", "answer"]);
});

test("the state is told until the end, and not after it", () => {
  const { peer, connection, states } = connected();
  for (const state of ["connecting", "connected", "disconnected", "failed"])
    connection.become(state);
  assert.deepEqual(states, ["connecting", "connected", "disconnected", "failed"]);
  peer.close();
  connection.become("closed");
  assert.equal(states.length, 4);
});
