// All that the worker does, apart from being a worker: the core, and the transform of each line.

import { fromBase64url, toBase64url } from "./base64url.ts";
import type { CoreEvent, LineCounts, Shown } from "./core.ts";
import { noCounts } from "./counts.ts";
import { wipe } from "./memory.ts";
import type { CallTable, TransformOptions } from "./messages.ts";
import { Module } from "./module.ts";
import { Opener } from "./open.ts";
import { passcodeKey, wordsKey } from "./passcode.ts";
import { type Frame, Sealer } from "./seal.ts";

const ID_LEN = 16;

/** As much of RTCRtpScriptTransformer as is used. */
export interface Transformer {
  readonly readable: ReadableStream<Frame>;
  readonly writable: WritableStream<Frame>;
  readonly options: TransformOptions;
  readonly sendKeyFrameRequest?: () => Promise<unknown>;
}

export interface Surroundings {
  readonly emit: (event: CoreEvent) => void;
  readonly fetchWasm: (address: string) => Promise<BufferSource>;
  readonly now: () => number; // ms, monotonic
  readonly wallAtZero: number; // ms since 1970 when `now` was 0
}

export class Lines {
  readonly #around: Surroundings;
  readonly #lines = new Map<string, Sealer | Opener>();
  readonly #expected = new Map<string, Shown | null>();
  readonly #reported = new Map<string, string>();
  #module: Module | undefined;
  #opened = false;
  #meeting: Uint8Array = new Uint8Array();
  #rekeyAsked = false;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  readonly calls: CallTable = {
    load: async (wasm) => {
      this.#module = await Module.load(await this.#around.fetchWasm(wasm));
    },
    expect: (line, shown) => {
      this.#expected.set(line, shown);
      const opener = this.#lines.get(line);
      if (opener instanceof Opener) opener.expect(shown);
    },
    makeLink: () => this.#core.conference.makeLink(),
    proofs: async (fragment) => {
      const proofs = this.#core.conference.proofs(fragment);
      if ("fault" in proofs) return proofs;
      const { isHost, admission, host } = proofs;
      const forAll = { proof: toBase64url(admission), hash: await hashOf(admission) };
      return isHost ? { ...forAll, host: toBase64url(host), hostHash: await hashOf(host) } : forAll;
    },
    openGroup: (fragment, meeting, name) => {
      if (this.#opened) throw new Error("a link is open already");
      this.#meeting = bytesOf(meeting);
      const { wallAtZero } = this.#around;
      this.#opened = this.#core.openGroup(fragment, this.#meeting, name, wallAtZero);
      return this.#opened;
    },
    hear: (heard) => {
      this.#open.conference.hear(heard, this.#around.now());
      this.#group();
    },
    wish: (wish) => {
      const granted = this.#open.conference.wish(wish, this.#around.now());
      this.#group();
      return granted;
    },
    passcode: async (text) => {
      const key = await passcodeKey(text, this.#meeting);
      if (!key) return false;
      const taken = this.#open.conference.wish({ wish: "passcode", key }, this.#around.now());
      wipe(key);
      this.#group();
      return taken;
    },
    setPasscode: async (text) => {
      const key = text === null ? new Uint8Array() : await passcodeKey(text, this.#meeting);
      if (!key) return false;
      const { conference } = this.#open;
      const granted = conference.wish({ wish: "set_passcode", key }, this.#around.now());
      wipe(key);
      this.#group();
      return granted;
    },
    words: async () => {
      const { conference } = this.#open;
      const authenticator = conference.authenticator();
      return authenticator && conference.words(await wordsKey(authenticator, this.#meeting));
    },
    safety: (participant) => this.#open.conference.safety(participant),
    groupEpoch: () => (this.#opened ? this.#core.conference.epoch : 0),
    authenticator: () => {
      const bytes = this.#open.conference.authenticator();
      return bytes && toBase64url(bytes);
    },
    forget: (lines) => {
      for (const line of lines) this.#forget(line);
    },
  };

  /** A transform was made for a line. From here on its frames pass through here or not at all. */
  attach(transformer: Transformer): void {
    const { line, codec, stream } = transformer.options;
    const made = stream
      ? new Sealer(this.#open, stream, codec, noCounts(), () => this.#askRekey())
      : this.#opener(transformer);
    this.#forgetLine(line);
    this.#lines.set(line, made);
    const sieve = new TransformStream<Frame, Frame>({
      transform: (frame, controller) =>
        made.transform(frame, (passed) => controller.enqueue(passed)),
    });
    transformer.readable
      .pipeThrough(sieve)
      .pipeTo(transformer.writable)
      .catch((error) => this.#ended(error))
      .finally(() => this.#forget(line, made));
    this.#around.emit({ type: "attached", line });
  }

  /** Ten times a second: commits and keys that are due. */
  tickGroup(): void {
    if (!this.#opened) return;
    this.#core.conference.tick(this.#around.now());
    this.#group();
  }

  /** Twice a second. */
  tick(): void {
    if (!this.#opened) return;
    this.#open.expire(this.#around.now());
    const lines: LineCounts[] = [];
    for (const [line, { counts }] of this.#lines) {
      const text = JSON.stringify(counts);
      if (this.#reported.get(line) !== text) lines.push({ line, ...counts });
      this.#reported.set(line, text);
    }
    this.#around.emit({ type: "counts", lines });
  }

  // What the group has to say and to show, and what waits for its keys.
  #group(): void {
    const { conference, keys } = this.#core;
    let epoch = false;
    for (const message of conference.says()) this.#around.emit({ type: "say", message });
    for (const event of conference.events()) {
      epoch ||= event.what === "epoch";
      this.#around.emit({ type: "group", event });
    }
    if (epoch) void keys.harden().then(() => this.#changed());
  }

  #opener(transformer: Transformer): Opener {
    const { line, codec } = transformer.options;
    const opener = new Opener(this.#open, codec, noCounts(), {
      showing: (shown) => this.#around.emit({ type: "showing", line, shown }),
      requestKeyFrame: () => {
        transformer.sendKeyFrameRequest?.().catch(() => undefined); // not receiving any more
      },
      now: this.#around.now,
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    });
    const expected = this.#expected.get(line);
    if (expected) opener.expect(expected);
    return opener;
  }

  /** Usually the connection was closed. After a trap the core must seal and open nothing further. */
  #ended(error: unknown): void {
    if (error instanceof WebAssembly.RuntimeError) this.#around.emit({ type: "failed" });
  }

  #changed(): void {
    for (const line of this.#lines.values()) if (line instanceof Opener) line.changed();
  }

  #askRekey(): void {
    if (!this.#rekeyAsked) this.#around.emit({ type: "rekey" });
    this.#rekeyAsked = true;
  }

  #forget(line: string, only?: Sealer | Opener): void {
    if (only && this.#lines.get(line) !== only) return;
    this.#forgetLine(line);
    this.#expected.delete(line);
  }

  #forgetLine(line: string): void {
    this.#lines.get(line)?.close();
    this.#lines.delete(line);
    this.#reported.delete(line);
  }

  get #core(): Module {
    if (!this.#module) throw new Error("the core is not loaded");
    return this.#module;
  }

  get #open(): Module {
    if (!this.#opened) throw new Error("no link is open");
    return this.#core;
  }
}

function bytesOf(id: string): Uint8Array {
  const bytes = fromBase64url(id, ID_LEN);
  if (!bytes) throw new Error("not an id");
  return bytes;
}

async function hashOf(bytes: Uint8Array): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource)));
}
