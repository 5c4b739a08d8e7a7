// The transform of a sender: what the encoder gives leaves as ciphertext, or not at all.

import { asSlice } from "./annexb.ts";
import type { Codec, Stream } from "./core.ts";
import type { Counts } from "./counts.ts";
import { EXHAUSTED, type FramesModule } from "./frames_module.ts";
import { padded } from "./padding.ts";
import { Redundancy } from "./redundancy.ts";

/** As much of RTCEncodedVideoFrame and RTCEncodedAudioFrame as is used. */
export interface Frame {
  data: ArrayBuffer;
  getMetadata?(): {
    readonly rtpTimestamp?: number;
    readonly payloadType?: number;
    readonly mimeType?: string;
  };
}

export class Sealer {
  readonly counts: Counts;
  /** Of a voice: what is lost on the way comes once more. */
  readonly redundancy: Redundancy | undefined;
  readonly #module: FramesModule;
  readonly #sender: number;
  readonly #exhausted: () => void;
  #closed = false;
  #codec: string;

  constructor(
    module: FramesModule,
    stream: Stream,
    codec: Codec,
    counts: Counts,
    exhausted: () => void,
  ) {
    this.#module = module;
    this.#sender = module.newSender(stream, codec);
    this.#exhausted = exhausted;
    this.#codec = codec;
    this.redundancy = stream === "microphone" ? new Redundancy() : undefined;
    this.counts = counts;
  }

  /** Calls `pass` with the frame once it is sealed; otherwise the frame is dropped. */
  async transform<F extends Frame>(frame: F, pass: (frame: F) => void): Promise<void> {
    this.counts.in += 1;
    const sealed = this.#follows(frame) && (await this.#seal(new Uint8Array(frame.data)));
    if (!sealed || this.#closed) {
      this.counts.dropped += 1;
      return;
    }
    frame.data = this.redundancy ? again(this.redundancy, frame, sealed).buffer : sealed.buffer;
    this.counts.out += 1;
    pass(frame);
  }

  /** The encoder may go over to another codec. False: to one whose packets cannot be sealed. */
  #follows(frame: Frame): boolean {
    const [kind, codec] = frame.getMetadata?.().mimeType?.toLowerCase().split("/") ?? [];
    if (kind !== "video" || codec === undefined || codec === this.#codec || this.#closed)
      return true;
    if (!this.#module.use(this.#sender, codec)) return false;
    this.#codec = codec;
    return true;
  }

  async #seal(frame: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#closed) return undefined;
    const isH264 = this.#codec === "h264";
    const plan = this.#module.planSeal(this.#sender, frame);
    if (typeof plan === "number") {
      if (plan === EXHAUSTED) this.#exhausted();
      return undefined;
    }
    const key = await this.#module.keys.hardened(plan.key);
    if (!key) return undefined;
    const plain = padded(frame, plan.bodyLength);
    const body = await crypto.subtle.encrypt(plan.parameters, key, plain);
    const sealed = new Uint8Array(plan.prefix.length + body.byteLength);
    sealed.set(plan.prefix);
    sealed.set(new Uint8Array(body), plan.prefix.length);
    return isH264 ? asSlice(sealed) : sealed;
  }

  close(): void {
    if (!this.#closed) this.#module.freeSender(this.#sender);
    this.#closed = true;
  }
}

function again(redundancy: Redundancy, frame: Frame, sealed: Uint8Array<ArrayBuffer>) {
  const { rtpTimestamp = 0, payloadType = 0 } = frame.getMetadata?.() ?? {};
  return redundancy.payload(sealed, rtpTimestamp, payloadType, performance.now());
}
