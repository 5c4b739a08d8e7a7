// The transform of a sender: what the encoder gives leaves as ciphertext, or not at all.

import type { Codec, Stream } from "./core.ts";
import type { Counts } from "./counts.ts";
import { EXHAUSTED, type FramesModule } from "./frames_module.ts";

/** As much of RTCEncodedVideoFrame and RTCEncodedAudioFrame as is used. */
export interface Frame {
  data: ArrayBuffer;
}

export class Sealer {
  readonly counts: Counts;
  readonly #module: FramesModule;
  readonly #sender: number;
  readonly #exhausted: () => void;
  #closed = false;

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
    this.counts = counts;
  }

  /** Calls `pass` with the frame once it is sealed; otherwise the frame is dropped. */
  async transform<F extends Frame>(frame: F, pass: (frame: F) => void): Promise<void> {
    this.counts.in += 1;
    const sealed = await this.#seal(new Uint8Array(frame.data));
    if (!sealed || this.#closed) {
      this.counts.dropped += 1;
      return;
    }
    frame.data = sealed;
    this.counts.out += 1;
    pass(frame);
  }

  async #seal(frame: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer | undefined> {
    if (this.#closed) return undefined;
    const plan = this.#module.planSeal(this.#sender, frame);
    if (typeof plan === "number") {
      if (plan === EXHAUSTED) this.#exhausted();
      return undefined;
    }
    const key = await this.#module.keys.hardened(plan.key);
    if (!key) return undefined;
    const body = await crypto.subtle.encrypt(plan.parameters, key, frame);
    const sealed = new Uint8Array(plan.prefix.length + body.byteLength);
    sealed.set(plan.prefix);
    sealed.set(new Uint8Array(body), plan.prefix.length);
    return sealed.buffer;
  }

  close(): void {
    if (!this.#closed) this.#module.freeSender(this.#sender);
    this.#closed = true;
  }
}
