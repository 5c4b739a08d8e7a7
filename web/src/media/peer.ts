// One RTCPeerConnection from its first breath to its end. After a failure there is a new Peer, with a
// new number and new keys; this one never starts over, except that it may restart ICE.
//
//   addTransceiver + transform (every line) -> createOffer -> connect ... answer -> media
//
// A sender gets its track only after its transform was reported attached.

import type {
  Answer,
  Connect,
  FromClient,
  FromServer,
  Ice,
  Relays,
  Slot,
  Stream,
} from "../signal/messages.ts";
import { bytesOf, type Counts, countsOf, type Way, wayOf } from "./counts.ts";
import {
  answerAfterRestart,
  connectLines,
  type Offer,
  type Purpose,
  parseOffer,
  writeAnswer,
} from "./sdp.ts";
import { addLines, type Lines, layersOf } from "./transceivers.ts";

/** Sets the transforms; frames pass through nothing else. Both refuse a line that is negotiated. */
export interface Sealer {
  seal(sender: RTCRtpSender, line: string, stream: Stream, codec: "opus" | "vp8"): void;
  open(receiver: RTCRtpReceiver, line: string, codec: "opus" | "vp8"): void;
  /** What share of a line's packets its receivers miss. */
  lost(line: string, share: number): void;
}

/** What a sender sends; `height` is the captured one, of video only. */
export interface Source {
  readonly track: MediaStreamTrack;
  readonly height?: number;
}

/** A receive line, ready to be shown once its first frame is decrypted. */
export interface Receiving {
  readonly line: string; // the name its transform knows it by
  readonly mid: string;
  readonly slot: Slot;
  readonly stream: MediaStream; // always this line's only track
}

export type PeerState = "connecting" | "connected" | "disconnected" | "failed";

interface Sending {
  readonly line: string;
  readonly stream: Stream;
  readonly sender: RTCRtpSender;
  attached: boolean;
  source: Source | null;
  layers: number; // how many of them the server asked for, from the lowest
  codec: Picture;
  last: Promise<void>; // changes of one sender happen one after another
}

export class Peer {
  readonly number: number;
  readonly lineNames: string[] = [];
  receiving: readonly Receiving[] = [];
  readonly #peer: RTCPeerConnection;
  readonly #sealer: Sealer;
  readonly #sending = new Map<Stream, Sending>();
  readonly #lines: Lines;
  #offer: Offer | undefined;
  #answer: Answer | undefined;
  #closed = false;
  #most = ALL_LAYERS;

  /** All lines and their transforms exist when this returns; nothing can flow before `answered`. */
  constructor(
    number: number,
    tiles: number,
    sealer: Sealer,
    changed: (state: PeerState) => void,
    relays?: Relays,
  ) {
    this.number = number;
    this.#sealer = sealer;
    this.#peer = new RTCPeerConnection(settingsOf(relays));
    this.#peer.onconnectionstatechange = () => {
      if (!this.#closed) changed(stateOf(this.#peer.connectionState));
    };
    this.#lines = addLines(this.#peer, tiles, {
      seal: (sender, stream) => this.#seal(sender, stream),
      open: (receiver, slot, position) => this.#open(receiver, slot, position),
    });
  }

  get state(): PeerState {
    return stateOf(this.#peer.connectionState);
  }

  get isAnswered(): boolean {
    return this.#answer !== undefined;
  }

  /** The `connect` message of this connection. */
  async offer(): Promise<Connect> {
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    const offer = parseOffer(this.#peer.localDescription?.sdp ?? "");
    this.#offer = offer;
    this.receiving = this.#lines.receive.map(({ slot, transceiver }, position) => ({
      line: this.#lineName(`${position}`),
      mid: transceiver.mid ?? "",
      slot,
      stream: new MediaStream([transceiver.receiver.track]),
    }));
    const { ice, fingerprint } = offer;
    const lines = connectLines(offer, this.#purposes());
    return { type: "connect", connection: this.number, ice, fingerprint, lines };
  }

  /** The server's answer to `offer`. */
  async answered(answer: Answer): Promise<void> {
    if (!this.#offer || this.#closed) return;
    this.#answer = answer;
    await this.#peer.setRemoteDescription({
      type: "answer",
      sdp: writeAnswer(this.#offer, answer, this.#purposes()),
    });
  }

  /** New ICE credentials for another network; keys and streams go on. */
  async restart(): Promise<Extract<FromClient, { type: "restart" }>> {
    await this.#peer.setLocalDescription(await this.#peer.createOffer({ iceRestart: true }));
    this.#offer = parseOffer(this.#peer.localDescription?.sdp ?? "");
    return { type: "restart", connection: this.number, ice: this.#offer.ice };
  }

  async restarted(ice: Ice): Promise<void> {
    if (this.#answer) await this.answered(answerAfterRestart(this.#answer, ice));
  }

  /** From the next restart on. */
  use(relays: Relays): void {
    this.#peer.setConfiguration(settingsOf(relays));
  }

  /** The worker has the transform of this line. */
  attached(line: string): void {
    for (const sending of this.#sending.values()) {
      if (sending.line !== line || sending.attached) continue;
      sending.attached = true;
      this.#apply(sending);
    }
  }

  /** Null: off, and nothing of this stream leaves. */
  send(stream: Stream, source: Source | null): void {
    const sending = this.#sending.get(stream);
    if (!sending || sending.source?.track === source?.track) return;
    if (!sending.source) sending.layers = ALL_LAYERS;
    sending.source = source;
    if (sending.attached) this.#apply(sending);
  }

  /** Nobody shows more of this stream than its lowest layers: the others need not be sent. All who may
   * see it take the codec. */
  want(stream: Stream, layers: number, codec: Picture): void {
    const sending = this.#sending.get(stream);
    if (!sending || (sending.layers === layers && sending.codec === codec)) return;
    sending.layers = layers;
    sending.codec = codec;
    if (sending.attached && sending.source) this.#apply(sending);
  }

  /** Bytes on the wire so far, without those of ICE, and the way they go now. The sealer of the
   * microphone hears how much of that is lost. */
  async traffic(): Promise<{ sent: number; received: number; way?: Way }> {
    const reports = await this.#lines.send[0]?.transceiver.sender.getStats();
    if (!reports) return { sent: 0, received: 0 };
    this.#tellLost(reports);
    const way = wayOf(reports);
    return { ...bytesOf(reports), ...(way ? { way } : {}) };
  }

  /** Of each picture no more layers than this are sent, whatever the server wants. */
  limit(layers: number): void {
    if (layers === this.#most) return;
    this.#most = layers;
    for (const sending of this.#sending.values())
      if (sending.attached && sending.source && sending.stream === "camera") this.#apply(sending);
  }

  /** Everything of every line: for somebody who looks at it, not more than now and then. */
  async counts(): Promise<Counts> {
    return countsOf(await this.#peer.getStats(), performance.now());
  }

  close(): void {
    this.#closed = true;
    this.#peer.close();
  }

  #tellLost(reports: RTCStatsReport): void {
    const voice = this.#sending.get("microphone");
    reports.forEach((report) => {
      if (report.type === "remote-inbound-rtp" && voice && report.fractionLost !== undefined)
        this.#sealer.lost(voice.line, report.fractionLost);
    });
  }

  #seal(sender: RTCRtpSender, stream: Stream): void {
    const line = this.#lineName(stream);
    this.lineNames.push(line);
    this.#sealer.seal(sender, line, stream, isVideo(stream) ? "vp8" : "opus");
    this.#sending.set(stream, {
      line,
      stream,
      sender,
      attached: false,
      source: null,
      layers: ALL_LAYERS,
      codec: "vp8",
      last: Promise.resolve(),
    });
  }

  #open(receiver: RTCRtpReceiver, slot: Slot, position: number): void {
    const line = this.#lineName(`${position}`);
    this.lineNames.push(line);
    const sound = slot === "voice" || slot === "screen_audio";
    this.#sealer.open(receiver, line, sound ? "opus" : "vp8");
  }

  #lineName(what: string): string {
    return `${this.number}-${what}`;
  }

  #purposes(): Map<string, Purpose> {
    return new Map<string, Purpose>([
      ...this.#lines.send.map(({ stream, transceiver }): [string, Purpose] => [
        transceiver.mid ?? "",
        { stream },
      ]),
      ...this.#lines.receive.map(({ slot, transceiver }): [string, Purpose] => [
        transceiver.mid ?? "",
        { slot },
      ]),
    ]);
  }

  #apply(sending: Sending): void {
    const { source } = sending;
    sending.last = sending.last
      .then(() => (source ? turnOn(sending, source, this.#most) : turnOff(sending)))
      .catch(() => {
        // A sender of a closed connection refuses both; there is nothing left to send through.
      });
  }
}

async function turnOn(
  { sender, stream, layers, codec }: Sending,
  source: Source,
  most: number,
): Promise<void> {
  source.track.contentHint = HINTS[stream];
  if (isVideo(stream))
    await setActive(sender, stream, source.height ?? 0, Math.min(layers, most), codec);
  await sender.replaceTrack(source.track);
}

// Both steps are needed: Firefox sends a frame a second after the first alone.
async function turnOff({ sender, stream }: Sending): Promise<void> {
  await sender.replaceTrack(null);
  if (isVideo(stream)) await setActive(sender, stream, undefined, 0);
}

const HINTS: Readonly<Record<Stream, string>> = {
  microphone: "speech",
  camera: "motion",
  screen: "detail",
  screen_audio: "music",
};

export const ALL_LAYERS = 3;

/** Codecs of pictures. */
export type Picture = Extract<FromServer, { type: "wanted" }>["codec"];

type Parameters = Omit<RTCRtpSendParameters, "encodings"> & {
  encodings: (RTCRtpEncodingParameters & { codec?: RTCRtpCodec })[];
  degradationPreference?: string;
};

async function setActive(
  sender: RTCRtpSender,
  stream: Stream,
  height: number | undefined,
  wanted: number,
  codec?: Picture,
): Promise<void> {
  const parameters: Parameters = sender.getParameters();
  const layers = layersOf(height ?? 0);
  const isWanted = (rid: string) => [...layers.keys()].indexOf(rid) < wanted;
  for (const encoding of parameters.encodings) {
    const scale = encoding.rid === undefined ? 1 : layers.get(encoding.rid);
    encoding.active =
      height !== undefined &&
      scale !== undefined &&
      (encoding.rid === undefined || isWanted(encoding.rid));
    if (encoding.active && scale !== undefined) encoding.scaleResolutionDownBy = scale;
  }
  if (stream === "screen") {
    parameters.degradationPreference = "maintain-resolution";
    if (codec) choose(parameters, codec);
  }
  await sender.setParameters(parameters);
}

/** Where the browser cannot choose it goes on with the first, which all take. */
function choose(parameters: Parameters, wanted: Picture): void {
  const found = parameters.codecs.find(
    ({ mimeType }) => mimeType.toLowerCase() === `video/${wanted}`,
  );
  for (const encoding of parameters.encodings) if (found) encoding.codec = found;
}

function isVideo(stream: Stream): boolean {
  return stream === "camera" || stream === "screen";
}

export function serversOf(servers: Relays["servers"]): RTCIceServer[] {
  return servers.map(({ url, username, credential }) => ({ urls: url, username, credential }));
}

function settingsOf(relays?: Relays): RTCConfiguration {
  return {
    bundlePolicy: "max-bundle",
    iceServers: serversOf(relays?.servers ?? []),
    iceTransportPolicy: relays?.only ? "relay" : "all",
  };
}

function stateOf(state: RTCPeerConnectionState): PeerState {
  if (state === "connected" || state === "disconnected") return state;
  return state === "failed" || state === "closed" ? "failed" : "connecting";
}
