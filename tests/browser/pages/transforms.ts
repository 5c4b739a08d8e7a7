// The page of transforms.test.mjs: Alice's microphone and camera go to Bob through two real peer
// connections, with our own core and worker on both ends. As in the product each end makes an offer
// and is given an answer in the words of the other one.

import type { Heard } from "../../../web/src/e2ee/conference_values.ts";
import { Core, type CoreEvent, type LineCounts } from "../../../web/src/e2ee/core.ts";
import { Courier, GUEST, HOST, MEETING, type Party } from "../../../web/src/e2ee/testing_courier.ts";

export interface Scene {
  /** When transforms are set: as the product does, only after the negotiation, or not at all. */
  readonly alice: "early" | "late" | "never";
  readonly bob: "early" | "late";
  readonly newKeyAfterMs?: number; // Alice takes new keys while she sends; Bob learns them so late
  readonly linksToMake?: number; // what Bob's group is asked to do at once while he watches
  readonly ms: number; // how long Alice sends
}

export interface Seen {
  readonly refused: number; // transforms that the core would not set
  readonly sent: number; // packets of both of Alice's streams
  readonly pictures: number; // decoded by Bob's browser
  readonly drawn: number; // different pictures in Bob's video element
  readonly drawnMeanwhile: number; // of these, while Bob's group was busy with the links
  readonly thawedMs: number; // from Bob's new key to the first picture that it opened
  readonly energy: number; // of the sound that Bob's browser decoded
  readonly shown: readonly string[]; // lines that Bob's core reported as decrypted
  readonly counts: Readonly<Record<string, LineCounts>>;
}

class End implements Party {
  readonly pc = new RTCPeerConnection();
  readonly events: CoreEvent[] = [];
  core!: Core;
  readonly #courier: Courier;

  private constructor(
    readonly id: string,
    courier: Courier,
  ) {
    this.#courier = courier;
  }

  static async make(id: string, courier: Courier): Promise<End> {
    const end = new End(id, courier);
    const wasm = { group: "/e2ee.wasm", frames: "/frames.wasm" };
    end.core = await Core.start({ wasm, on: (event) => end.#on(event) });
    return end;
  }

  readonly hear = (heard: Heard): void => this.core.hear(heard);

  #on(event: CoreEvent): void {
    this.events.push(event);
    if (event.type !== "say") return;
    this.#courier.say(this, event.message);
    this.#courier.deliver();
  }

  /** How often the group's epoch has changed. */
  epochs(): number {
    return this.events.filter((e) => e.type === "group" && e.event.what === "epoch").length;
  }

  /** One's own place in the group; undefined before one is in it. */
  leaf(): number | undefined {
    for (const event of this.events)
      if (event.type === "group" && event.event.what === "entered") return event.event.leaf;
    return undefined;
  }

  attached(line: string): boolean {
    return this.events.some((event) => event.type === "attached" && event.line === line);
  }

  counts(): Record<string, LineCounts> {
    const all = this.events.flatMap((event) => (event.type === "counts" ? event.lines : []));
    return Object.fromEntries(all.map((counts) => [counts.line, counts]));
  }

  async stat(type: string, name: string): Promise<number> {
    let sum = 0;
    (await this.pc.getStats()).forEach((stat) => {
      if (stat.type === type) sum += stat[name] ?? 0;
    });
    return sum;
  }

  close(): void {
    this.pc.close();
    this.core.close();
  }
}

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function until(what: () => boolean, ms = 5000): Promise<void> {
  const end = performance.now() + ms;
  while (!what()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await sleep(5);
  }
}

/** How many were refused. */
function attach(end: End, transceivers: readonly RTCRtpTransceiver[]): number {
  let refused = 0;
  for (const { sender, receiver, direction } of transceivers) {
    const isVoice = receiver.track.kind === "audio";
    const [line, codec] = isVoice ? (["voice", "opus"] as const) : (["picture", "vp8"] as const);
    try {
      if (direction === "recvonly") end.core.open(receiver, line, codec);
      else end.core.seal(sender, line, isVoice ? "screen_audio" : "camera", codec);
    } catch {
      refused += 1;
    }
  }
  return refused;
}

/** The other's offer, as an answer to one's own. */
function asAnswer(offer: RTCSessionDescription, setup: "active" | "passive"): string {
  return offer.sdp.replaceAll("a=setup:actpass", `a=setup:${setup}`);
}

async function connect(alice: End, bob: End, scene: Scene): Promise<number> {
  let refused = 0;
  for (const [end, direction, when] of [
    [alice, "sendonly", scene.alice],
    [bob, "recvonly", scene.bob],
  ] as const) {
    const lines = ["audio", "video"].map((kind) => end.pc.addTransceiver(kind, { direction }));
    if (when === "early") refused += attach(end, lines);
    await end.pc.setLocalDescription();
    if (end.pc.iceGatheringState !== "complete")
      await new Promise((done) => {
        end.pc.onicegatheringstatechange = () =>
          end.pc.iceGatheringState === "complete" && done(undefined);
      });
  }
  const [a, b] = [alice.pc.localDescription, bob.pc.localDescription];
  if (!a || !b) throw new Error("no offer");
  await alice.pc.setRemoteDescription({ type: "answer", sdp: asAnswer(b, "active") });
  await bob.pc.setRemoteDescription({ type: "answer", sdp: asAnswer(a, "passive") });
  const isUp = ({ pc }: End) => pc.connectionState === "connected";
  await until(() => isUp(alice) && isUp(bob), 15000);
  if (scene.alice === "late") refused += attach(alice, alice.pc.getTransceivers());
  if (scene.bob === "late") refused += attach(bob, bob.pc.getTransceivers());
  return refused;
}

/** Plays Bob's sound, whatever happened to it; without an element Chromium does not decode. */
function listen(bob: End): void {
  const tracks = bob.pc.getReceivers().map(({ track }) => track);
  const speaker = new Audio();
  speaker.srcObject = new MediaStream(tracks.filter(({ kind }) => kind === "audio"));
  void speaker.play();
}

/** Counts different pictures in a video element that plays Bob's track whatever happened to it. */
function watch(bob: End): { readonly seen: ReadonlySet<string>; readonly stop: () => void } {
  const video = document.createElement("video");
  video.muted = true;
  const tracks = bob.pc.getReceivers().map(({ track }) => track);
  video.srcObject = new MediaStream(tracks.filter(({ kind }) => kind === "video"));
  void video.play();
  const canvas = new OffscreenCanvas(64, 36);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const seen = new Set<string>();
  const timer = setInterval(() => {
    if (!context || video.videoWidth === 0) return;
    context.drawImage(video, 0, 0, 64, 36);
    seen.add(context.getImageData(0, 0, 64, 36).data.join());
  }, 30);
  return { seen, stop: () => clearInterval(timer) };
}

/** Alice's next frames have new keys. How long Bob's picture stands still once he has them too. */
async function renew(
  courier: Courier,
  alice: End,
  bob: End,
  lateMs: number,
  pictures: ReadonlySet<string>,
): Promise<number> {
  courier.hold(bob);
  const epochs = alice.epochs();
  await alice.core.wish({ wish: "rekey" });
  await until(() => alice.epochs() > epochs);
  await sleep(lateMs);
  const before = pictures.size;
  courier.release(bob);
  const from = performance.now();
  await until(() => pictures.size > before, 10000);
  return performance.now() - from;
}

/** How many pictures Bob sees while his group is busy. */
async function occupy(bob: End, links: number, pictures: ReadonlySet<string>): Promise<number> {
  const before = pictures.size;
  await Promise.all(Array.from({ length: links }, () => bob.core.makeLink()));
  return pictures.size - before;
}

/** Alice is the host and lets Bob in. */
async function meet(courier: Courier): Promise<readonly [End, End, number]> {
  const [alice, bob] = [await End.make(HOST, courier), await End.make(GUEST, courier)];
  const links = await alice.core.makeLink();
  await alice.core.openGroup(links.host, MEETING, { name: "Alice" });
  await bob.core.openGroup(links.guest, MEETING, { name: "Bob" });
  courier.found(alice);
  const hasCard = () => alice.events.some((e) => e.type === "say" && e.message.type === "card");
  await until(hasCard);
  courier.wait(bob);
  const knocks = () => alice.events.some((e) => e.type === "group" && e.event.what === "knock");
  await until(knocks);
  await alice.core.wish({ wish: "admit", participant: GUEST });
  await until(() => bob.leaf() !== undefined);
  return [alice, bob, alice.leaf() ?? 0];
}

export async function play(scene: Scene): Promise<Seen> {
  const courier = new Courier();
  const [alice, bob, index] = await meet(courier);
  bob.core.expect("voice", { index, stream: "screen_audio" }); // copies need a server between
  bob.core.expect("picture", { index, stream: "camera" });
  const refused = await connect(alice, bob, scene);
  listen(bob);
  const watched = watch(bob);

  const media = await navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: 640, height: 360, frameRate: 30 },
  });
  for (const { sender, receiver } of alice.pc.getTransceivers()) {
    const { kind } = receiver.track;
    // The product's rule. "Never" is somebody else's client, which has none.
    const isAttached = () => alice.attached(kind === "audio" ? "voice" : "picture");
    if (scene.alice === "early") await until(isAttached);
    if (scene.alice !== "never" && !isAttached()) continue;
    await sender.replaceTrack(media.getTracks().find((track) => track.kind === kind) ?? null);
  }
  await sleep(scene.ms);
  const thawedMs =
    scene.newKeyAfterMs === undefined ? 0 : await renew(courier, alice, bob, scene.newKeyAfterMs, watched.seen);
  const drawnMeanwhile = await occupy(bob, scene.linksToMake ?? 0, watched.seen);
  watched.stop();
  const seen: Seen = {
    refused,
    sent: await alice.stat("outbound-rtp", "packetsSent"),
    pictures: await bob.stat("inbound-rtp", "framesDecoded"),
    drawn: watched.seen.size,
    drawnMeanwhile,
    thawedMs,
    energy: await bob.stat("inbound-rtp", "totalAudioEnergy"),
    shown: bob.events.flatMap((event) => (event.type === "showing" ? [event.line] : [])).sort(),
    counts: bob.counts(),
  };
  for (const track of media.getTracks()) track.stop();
  alice.close();
  bob.close();
  return seen;
}

Object.assign(globalThis, { play });
