// The transform of a receiver: only what is authentic, new, and of whom the slot shows goes on to
// the decoder. A frame whose key or assignment is late waits, and those behind it with it, in order.

import { fromSlice, isAnnexB } from "./annexb.ts";
import type { Codec, Shown } from "./core.ts";
import type { Counts } from "./counts.ts";
import {
  FORBIDDEN,
  type FramesModule,
  MALFORMED,
  NOT_FOUND,
  type Plan,
  REPLAYED,
  shownBy,
} from "./frames_module.ts";
import { unpadded } from "./padding.ts";
import { type Block, parseRedundant, writeRedundant } from "./redundancy.ts";
import type { Frame } from "./seal.ts";

const HOLD_VIDEO_MS = 200;
const HOLD_AUDIO_MS = 60;
const REQUEST_EVERY_MS = 300;

export interface OpenerEvents {
  /** The first frame of whom the slot is expected to show now. */
  readonly showing: (shown: Shown) => void;
  /** Decoding cannot go on without a key frame. */
  readonly requestKeyFrame: () => void;
  readonly now: () => number; // ms
  /** Runs later, unless the function that it returns is called before. */
  readonly after: (ms: number, run: () => void) => () => void;
}

type Opened = {
  readonly data: ArrayBuffer;
  readonly shown: Shown;
  readonly isKeyFrame: boolean;
};

export class Opener {
  readonly counts: Counts;
  readonly #module: FramesModule;
  readonly #receiver: number;
  readonly #codec: Codec;
  readonly #events: OpenerEvents;
  #closed = false;
  #reported = false;
  #gap = false; // a video frame is missing since the last key frame
  #requestedAt = Number.NEGATIVE_INFINITY;
  /** When patience with late keys ends; renewed by anything that opens or changes. */
  #waitUntil: number | undefined;
  #wake: (() => void) | undefined;

  constructor(module: FramesModule, codec: Codec, counts: Counts, events: OpenerEvents) {
    this.#module = module;
    this.#receiver = module.newReceiver(codec);
    this.#codec = codec;
    this.#events = events;
    this.counts = counts;
  }

  expect(shown: Shown | null): void {
    if (this.#closed) return;
    this.#module.expect(this.#receiver, shown);
    this.#reported = false;
    this.changed();
  }

  /** A key came or the assignment changed: what waits is looked at again. */
  changed(): void {
    this.#waitUntil = undefined;
    this.#wake?.();
    this.#mendGap();
  }

  async transform<F extends Frame>(frame: F, pass: (frame: F) => void): Promise<void> {
    this.counts.in += 1;
    const received = this.#sealedOf(new Uint8Array(frame.data));
    if (!received) {
      this.#refuse(MALFORMED);
      return;
    }
    const blocks = isRedundant(frame) ? parseRedundant(received) : [];
    const newest = blocks?.at(-1);
    const older = newest && blocks ? await this.#openOlder(blocks.slice(0, -1)) : [];
    const opened = blocks ? await this.#open(newest?.frame ?? received) : this.#refuse(MALFORMED);
    if (!opened || this.#closed) return;
    const data = new Uint8Array(opened.data);
    frame.data = newest
      ? writeRedundant([...older, { ...newest, frame: data }]).buffer
      : opened.data;
    this.#passed(opened);
    pass(frame);
  }

  close(): void {
    if (!this.#closed) this.#module.freeReceiver(this.#receiver);
    this.#closed = true;
    this.#wake?.();
  }

  /** What the core has to open, without what H.264 needs around it. */
  #sealedOf(received: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
    return this.#codec !== "opus" && isAnnexB(received) ? fromSlice(received) : received;
  }

  /** Of the older frames of a packet those that have not come yet; none of them is waited for. */
  async #openOlder(blocks: readonly Block[]): Promise<readonly Block[]> {
    const opened: Block[] = [];
    for (const block of blocks) {
      const plan = this.#module.planOpen(this.#receiver, block.frame, this.#events.now());
      const key = typeof plan === "number" ? undefined : await this.#module.keys.hardened(plan.key);
      if (typeof plan === "number" || !key || this.#closed) continue;
      const frame = await this.#decrypt(block.frame, plan, key);
      if (frame) opened.push({ ...block, frame: new Uint8Array(frame.data) });
    }
    return opened;
  }

  async #open(sealed: Uint8Array<ArrayBuffer>): Promise<Opened | undefined> {
    let held = false;
    while (!this.#closed) {
      const plan = this.#module.planOpen(this.#receiver, sealed, this.#events.now());
      if (typeof plan === "number" && plan !== NOT_FOUND) return this.#refuse(plan);
      const key = typeof plan === "number" ? undefined : await this.#module.keys.hardened(plan.key);
      if (typeof plan !== "number" && key) return this.#decrypt(sealed, plan, key);
      const change = this.#change();
      if (!change) return this.#refuse(NOT_FOUND);
      if (!held) this.counts.held += 1;
      held = true;
      if (!(await change)) return this.#refuse(NOT_FOUND);
    }
    return undefined;
  }

  async #decrypt(
    sealed: Uint8Array<ArrayBuffer>,
    plan: Plan,
    key: CryptoKey,
  ): Promise<Opened | undefined> {
    let data: ArrayBuffer;
    try {
      const body = sealed.subarray(plan.prefix.length);
      data = await crypto.subtle.decrypt(plan.parameters, key, body);
    } catch {
      this.counts.failed += 1;
      this.#gap = true;
      return undefined;
    }
    if (this.#closed) return undefined;
    const claimed = this.#module.claim(this.#receiver, plan, this.#events.now());
    if (claimed < 0) return this.#refuse(claimed);
    const { isKeyFrame } = plan;
    const shown = shownBy(plan.keyId);
    if (this.#codec !== "opus") return { data, shown, isKeyFrame };
    const frame = unpadded(new Uint8Array(data));
    return frame ? { data: frame.buffer, shown, isKeyFrame } : this.#refuse(MALFORMED);
  }

  #refuse(reason: number): undefined {
    if (reason === REPLAYED) this.counts.repeated += 1;
    else this.counts.dropped += 1;
    // Browsers repeat frames, and the last frames of whom the slot showed before are none of ours.
    if (reason !== REPLAYED && reason !== FORBIDDEN) this.#gap = true;
    return undefined;
  }

  /** True: something changed, look again. False: it took too long. Undefined: it has already. */
  #change(): Promise<boolean> | undefined {
    const now = this.#events.now();
    this.#waitUntil ??= now + (this.#codec === "opus" ? HOLD_AUDIO_MS : HOLD_VIDEO_MS);
    const left = this.#waitUntil - now;
    if (left <= 0) return undefined;
    return new Promise((resolve) => {
      const cancel = this.#events.after(left, () => resolve(false));
      this.#wake = () => {
        cancel();
        resolve(true);
      };
    });
  }

  #passed({ shown, isKeyFrame }: Opened): void {
    this.counts.out += 1;
    this.#waitUntil = undefined;
    if (isKeyFrame) this.#gap = false;
    this.#mendGap();
    if (this.#reported) return;
    this.#reported = true;
    this.#events.showing(shown);
  }

  #mendGap(): void {
    const now = this.#events.now();
    if (!this.#gap || this.#codec === "opus" || now - this.#requestedAt < REQUEST_EVERY_MS) return;
    this.#requestedAt = now;
    this.#events.requestKeyFrame();
  }
}

function isRedundant(frame: Frame): boolean {
  return frame.getMetadata?.().mimeType?.toLowerCase() === "audio/red";
}
