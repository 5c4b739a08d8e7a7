// One connection against an RTCPeerConnection of the test's own that writes down what happens to it:
// transforms before anything else, tracks only behind attached transforms, and what off means.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { answerTo } from "./fixtures/answer.ts";
import { Peer, type PeerState } from "./peer.ts";
import { parseOffer } from "./sdp.ts";

const sdp = readFileSync("web/src/media/fixtures/chromium.offer.sdp", "utf8");

type Encoding = RTCRtpEncodingParameters;

class FakeSender {
  track: MediaStreamTrack | null = null;
  encodings: Encoding[];
  readonly #happened: string[];
  #transform: unknown;
  constructor(happened: string[], encodings: Encoding[]) {
    this.#happened = happened;
    this.encodings = encodings;
  }
  set transform(transform: { line: string }) {
    this.#transform = transform;
    this.#happened.push(`transform ${transform.line}`);
  }
  get transform(): unknown {
    return this.#transform;
  }
  async replaceTrack(track: MediaStreamTrack | null): Promise<void> {
    this.track = track;
    this.#happened.push(track ? "track" : "no track");
  }
  getParameters() {
    return { encodings: this.encodings.map((encoding) => ({ ...encoding })) };
  }
  async setParameters({ encodings }: { encodings: Encoding[] }): Promise<void> {
    this.encodings = encodings;
  }
}

function fakeBrowser() {
  const happened: string[] = [];
  const transceivers: { direction: string; codecs: string[]; sender: FakeSender }[] = [];
  class FakeConnection {
    connectionState = "new";
    localDescription = { sdp };
    onconnectionstatechange?: () => void;
    addTransceiver(kind: string, init: { direction: string; sendEncodings?: Encoding[] }) {
      happened.push(`${kind} ${init.direction}`);
      const encodings = (init.sendEncodings ?? []).map((each) => ({ active: true, ...each }));
      const sender = new FakeSender(happened, encodings);
      const transceiver = {
        mid: `${transceivers.length}`,
        direction: init.direction,
        codecs: [] as string[],
        sender,
        receiver: new FakeSender(happened, []),
        setCodecPreferences: (codecs: { mimeType: string }[]) => {
          transceiver.codecs = codecs.map(({ mimeType }) => mimeType);
        },
      };
      transceivers.push(transceiver);
      return transceiver;
    }
    async createOffer(options?: object) {
      happened.push(options ? "restart offer" : "offer");
      return {};
    }
    async setLocalDescription() {}
    async setRemoteDescription() {
      happened.push("answer");
    }
    close() {
      happened.push("close");
    }
  }
  const capabilities = ["video/VP8", "video/rtx", "video/H264", "audio/opus", "audio/red"];
  Object.assign(globalThis, {
    RTCPeerConnection: FakeConnection,
    RTCRtpReceiver: {
      getCapabilities: (kind: string) => ({
        codecs: capabilities.filter((c) => c.startsWith(kind)).map((mimeType) => ({ mimeType })),
      }),
    },
    MediaStream: class {},
  });
  const set = (on: { transform: unknown }, line: string) => {
    on.transform = { line };
  };
  const sealer = {
    seal: (sender: RTCRtpSender, line: string) => set(sender, line),
    open: (receiver: RTCRtpReceiver, line: string) => set(receiver, line),
  };
  const states: PeerState[] = [];
  const peer = new Peer(7, sealer, (state) => states.push(state));
  return { peer, happened, transceivers };
}

const settle = () => new Promise((done) => setTimeout(done, 0));
const track = () => ({ contentHint: "" }) as MediaStreamTrack;

test("every line has its transform before the next thing happens, and before the offer", async () => {
  const { peer, happened } = fakeBrowser();
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

test("only VP8 with its resends and Opus are offered, and no line goes both ways", () => {
  const { transceivers } = fakeBrowser();
  const kinds = new Set(transceivers.map(({ codecs }) => codecs.join(" ")));
  assert.deepEqual([...kinds].sort(), ["audio/opus", "video/VP8 video/rtx"]);
  assert.equal(transceivers.filter(({ direction }) => direction === "sendonly").length, 4);
  assert.equal(transceivers.filter(({ direction }) => direction === "recvonly").length, 15);
});

test("a track waits until the worker has its line's transform (SEC-01)", async () => {
  const { peer, happened, transceivers } = fakeBrowser();
  await peer.offer();
  await peer.answered(answerTo(parseOffer(sdp)));
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

test("off is a null track and no active encoding (PRV-02)", async () => {
  const { peer, transceivers } = fakeBrowser();
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
  const { peer, transceivers } = fakeBrowser();
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
    const { peer, transceivers } = fakeBrowser();
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
  const { peer, happened } = fakeBrowser();
  await peer.offer();
  peer.close();
  await peer.answered(answerTo(parseOffer(sdp)));
  assert.equal(happened.includes("answer"), false);
});

test("a restart offers again on the same lines and takes the new credentials", async () => {
  const { peer, happened } = fakeBrowser();
  await peer.offer();
  await peer.answered(answerTo(parseOffer(sdp)));
  const message = await peer.restart();
  assert.deepEqual(message, { type: "restart", connection: 7, ice: parseOffer(sdp).ice });
  await peer.restarted({ ufrag: "m4K0t1bA", pwd: "YW5vdGhlci1zZXJ2ZXItcGFzc3dk" });
  assert.deepEqual(happened.slice(-3), ["answer", "restart offer", "answer"]);
});
