// What seals and opens frames, in its WebAssembly module (src/e2ee/wasm_frames.c), with types. The
// keys are those that the group's module said (key_orders.ts).

import type { Codec, Shown, Stream } from "./core.ts";
import type { KeyOrder } from "./key_orders.ts";
import { MediaKeys } from "./media_keys.ts";
import { CoreMemory, wipe } from "./memory.ts";

/** enum ic_err of src/base/base.h, as far as the core gives it. */
export const MALFORMED = -1;
export const REPLAYED = -3;
export const FORBIDDEN = -4;
export const NOT_FOUND = -5;
export const EXHAUSTED = -7;

/** The numbers of src/base/stream.h. */
const STREAMS: readonly Stream[] = ["microphone", "camera", "screen", "screen_audio"];
const CODECS: readonly Codec[] = ["opus", "vp8", "vp9", "av1", "h264"];

/** As many bytes of a frame as the core looks at. */
const START_LEN = 27;
const TAG_BITS = 128;

interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  buffer(): number;
  open(): number;
  epoch_install(number: number, keepMs: number, now: number): number;
  epoch_send(number: number, leaf: number): number;
  leaf_left(leaf: number): void;
  hold_sending(held: boolean): void;
  group_over(): void;
  expire(now: number): void;
  sender_new(stream: number, codec: number): number;
  sender_use(sender: number, codec: number): number;
  sender_free(sender: number): void;
  receiver_new(codec: number): number;
  receiver_free(receiver: number): void;
  receiver_expect(receiver: number, index: number, stream: number): number;
  receiver_expect_nobody(receiver: number): void;
  plan_seal(sender: number, startLength: number, length: number): number;
  plan_open(receiver: number, startLength: number, length: number, now: number): number;
  claim(receiver: number, keyId: number, serial: number, counter: number, now: number): number;
}

/** What the cipher needs for one frame; nothing in it is a secret but by number. */
export interface Plan {
  readonly key: number;
  readonly parameters: AesGcmParams;
  readonly prefix: Uint8Array;
  readonly keyId: number;
  readonly serial: number;
  readonly counter: number;
  readonly bodyLength: number; // for sealing: of the frame with its padding
  readonly isKeyFrame: boolean; // a picture that needs none before it
}

/** The module must not go on: it has no memory, or the group's worker and this one disagree. */
export class FramesBroken extends Error {}

export class FramesModule {
  readonly keys: MediaKeys;
  readonly #exports: Exports;
  readonly #buffer: number;

  private constructor(keys: MediaKeys, exports: Exports) {
    this.keys = keys;
    this.#exports = exports;
    exports._initialize();
    if (!exports.open()) throw new FramesBroken("no memory");
    this.#buffer = exports.buffer();
  }

  static async load(wasm: BufferSource): Promise<FramesModule> {
    const memory = new CoreMemory();
    const keys = new MediaKeys(memory);
    const { instance } = await WebAssembly.instantiate(wasm, { incamera: keys.imports });
    const exports = instance.exports as unknown as Exports;
    memory.attach(exports.memory);
    return new FramesModule(keys, exports);
  }

  /** What the group decided about its keys, in the order in which it did. */
  obey(order: KeyOrder, now: number): void {
    switch (order.order) {
      case "install":
        this.#install(order.epoch, new Uint8Array(order.baseKey), order.keepMs, now);
        break;
      case "send":
        checked(this.#exports.epoch_send(order.epoch, order.leaf));
        break;
      case "left":
        this.#exports.leaf_left(order.leaf);
        break;
      case "hold":
        this.hold(order.held);
        break;
      case "over":
        this.#exports.group_over();
        break;
      case "go_on":
        break;
    }
  }

  /** Beside what the group orders. */
  hold(held: boolean): void {
    this.#exports.hold_sending(held);
  }

  expire(now: number): void {
    this.#exports.expire(now);
  }

  newSender(stream: Stream, codec: Codec): number {
    return made(this.#exports.sender_new(STREAMS.indexOf(stream), CODECS.indexOf(codec)));
  }
  /** Of the frames that follow. False: not of this stream, or unknown. */
  use(sender: number, codec: string): boolean {
    const number = (CODECS as readonly string[]).indexOf(codec);
    return number >= 0 && this.#exports.sender_use(sender, number) === 0;
  }
  freeSender(sender: number): void {
    this.#exports.sender_free(sender);
  }

  newReceiver(codec: Codec): number {
    return made(this.#exports.receiver_new(CODECS.indexOf(codec)));
  }
  freeReceiver(receiver: number): void {
    this.#exports.receiver_free(receiver);
  }

  expect(receiver: number, shown: Shown | null): void {
    const refused =
      shown &&
      this.#exports.receiver_expect(receiver, shown.index, STREAMS.indexOf(shown.stream)) < 0;
    if (!shown || refused) this.#exports.receiver_expect_nobody(receiver);
  }

  planSeal(sender: number, frame: Uint8Array): Plan | number {
    const start = this.#writeStart(frame);
    const result = this.#exports.plan_seal(sender, start, frame.length);
    return result < 0 ? result : this.#plan();
  }

  planOpen(receiver: number, frame: Uint8Array, now: number): Plan | number {
    const start = this.#writeStart(frame);
    const result = this.#exports.plan_open(receiver, start, frame.length, now);
    return result < 0 ? result : this.#plan();
  }

  /** After the body was found authentic. Zero, or why the frame must not be used. */
  claim(receiver: number, { keyId, serial, counter }: Plan, now: number): number {
    return this.#exports.claim(receiver, keyId, serial, counter, now);
  }

  #install(epoch: number, baseKey: Uint8Array, keepMs: number, now: number): void {
    this.#write(baseKey);
    wipe(baseKey);
    checked(this.#exports.epoch_install(epoch, keepMs, now));
  }

  #writeStart(frame: Uint8Array): number {
    const start = frame.subarray(0, START_LEN);
    this.#write(start);
    return start.length;
  }

  // The places of `buffer.plan` in wasm_frames.c.
  #plan(): Plan {
    const view = new DataView(this.#exports.memory.buffer, this.#buffer);
    const prefixLength = view.getUint32(4, true);
    return {
      key: view.getUint32(0, true),
      keyId: view.getUint32(8, true),
      counter: view.getUint32(12, true),
      serial: view.getFloat64(16, true),
      bodyLength: view.getUint32(24, true),
      isKeyFrame: view.getUint32(28, true) !== 0,
      parameters: {
        name: "AES-GCM",
        tagLength: TAG_BITS,
        iv: this.#read(12, 32),
        additionalData: this.#read(prefixLength, 71),
      },
      prefix: this.#read(prefixLength, 44),
    };
  }

  #write(bytes: Uint8Array, offset = 0): void {
    new Uint8Array(this.#exports.memory.buffer, this.#buffer + offset, bytes.length).set(bytes);
  }

  #read(length: number, offset = 0): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#exports.memory.buffer, this.#buffer + offset, length).slice();
  }
}

/** Whose stream a key id names (src/e2ee/key_id.h). */
export function shownBy(keyId: number): Shown {
  const stream = STREAMS[keyId >> 18];
  if (!stream) throw new Error("no such stream");
  return { index: (keyId >> 8) & 1023, stream };
}

function made(handle: number): number {
  if (handle === 0) throw new FramesBroken("no memory");
  return handle;
}

function checked(result: number): void {
  if (result < 0) throw new FramesBroken(`the group's order is refused: ${result}`);
}
