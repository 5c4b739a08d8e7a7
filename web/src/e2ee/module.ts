// The C core in its WebAssembly module (src/e2ee/wasm_api.c), with types. One core each.

import { Conference, type ConferenceExports } from "./conference.ts";
import type { Codec, Shown, Stream } from "./core.ts";
import { MediaKeys } from "./media_keys.ts";
import { CoreMemory } from "./memory.ts";
import { provider } from "./provider.ts";
import { Sodium } from "./sodium.ts";

/** enum ic_err of src/base/base.h, as far as the core gives it. */
export const REPLAYED = -3;
export const FORBIDDEN = -4;
export const NOT_FOUND = -5;
export const EXHAUSTED = -7;

/** The numbers of src/base/stream.h. */
const STREAMS: readonly Stream[] = ["microphone", "camera", "screen", "screen_audio"];
const CODECS: readonly Codec[] = ["opus", "vp8"];

/** As many bytes of a frame as the core looks at. */
export const START_LEN = 27;
/** IC_SUITE_HYBRID: meetings that begin here are secret from quantum computers too. */
const HYBRID = 0xf1c1;
const TAG_BITS = 128;

interface Exports extends ConferenceExports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  buffer(): number;
  expire(now: number): void;
  sender_new(stream: number, codec: number): number;
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
}

export class Module {
  readonly keys: MediaKeys;
  readonly conference: Conference;
  readonly #exports: Exports;
  readonly #buffer: number;

  private constructor(keys: MediaKeys, exports: Exports) {
    this.keys = keys;
    this.#exports = exports;
    exports._initialize();
    this.#buffer = exports.buffer();
    this.conference = new Conference(exports, () => exports.memory.buffer as ArrayBuffer);
  }

  /** `exported` is for tests: all that the module exports. */
  static async load(
    wasm: BufferSource,
    exported: (exports: WebAssembly.Exports) => void = () => undefined,
  ): Promise<Module> {
    const memory = new CoreMemory();
    const keys = new MediaKeys(memory);
    const sodium = await Sodium.load();
    const incamera = { ...provider(memory), ...keys.imports, ...sodium.imports(memory) };
    const { instance } = await WebAssembly.instantiate(wasm, { incamera });
    const exports = instance.exports as unknown as Exports;
    memory.attach(exports.memory);
    exported(instance.exports);
    return new Module(keys, exports);
  }

  /** Once, before all that follows. False: the name is none, or the link opens nothing. */
  openGroup(fragment: string, meeting: Uint8Array, name: string, wallAtZero: number): boolean {
    return this.conference.open(fragment, meeting, name, HYBRID, Math.round(wallAtZero));
  }

  expire(now: number): void {
    this.#exports.expire(now);
  }

  newSender(stream: Stream, codec: Codec): number {
    return made(this.#exports.sender_new(STREAMS.indexOf(stream), CODECS.indexOf(codec)));
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

  #writeStart(frame: Uint8Array): number {
    const start = frame.subarray(0, START_LEN);
    this.#write(start);
    return start.length;
  }

  // The places of `buffer.plan` in wasm_api.c.
  #plan(): Plan {
    const view = new DataView(this.#exports.memory.buffer, this.#buffer);
    const prefixLength = view.getUint32(4, true);
    return {
      key: view.getUint32(0, true),
      keyId: view.getUint32(8, true),
      counter: view.getUint32(12, true),
      serial: view.getFloat64(16, true),
      parameters: {
        name: "AES-GCM",
        tagLength: TAG_BITS,
        iv: this.#read(12, 24),
        additionalData: this.#read(prefixLength, 63),
      },
      prefix: this.#read(prefixLength, 36),
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
  if (handle === 0) throw new Error("no link is open, or no memory");
  return handle;
}
