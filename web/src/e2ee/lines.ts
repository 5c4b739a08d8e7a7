// All that the worker with the frames does, apart from being a worker: the transform of each line.

import type { CoreEvent, LineCounts, Shown } from "./core.ts";
import { noCounts } from "./counts.ts";
import { FramesBroken, FramesModule } from "./frames_module.ts";
import type { KeyOrder } from "./key_orders.ts";
import type { CallTable, FramesCalls, TransformOptions } from "./messages.ts";
import { Opener } from "./open.ts";
import { type Frame, Sealer } from "./seal.ts";

/** Without a word of the group's worker for so long nothing is sealed: it could not say "hold". */
const GROUP_SILENT_MS = 5000;

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
}

export class Lines {
  readonly #around: Surroundings;
  readonly #lines = new Map<string, Sealer | Opener>();
  readonly #expected = new Map<string, Shown | null>();
  readonly #reported = new Map<string, string>();
  #module: FramesModule | undefined;
  #held = false; // by the group
  #heardAt = 0; // of the group
  #rekeyAsked = false;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  readonly calls: CallTable<FramesCalls> = {
    load: async (wasm) => {
      this.#module = await FramesModule.load(await this.#around.fetchWasm(wasm));
    },
    expect: (line, shown) => {
      this.#expected.set(line, shown);
      const opener = this.#lines.get(line);
      if (opener instanceof Opener) opener.expect(shown);
    },
    lost: (line, share) => {
      const sealer = this.#lines.get(line);
      if (sealer instanceof Sealer) sealer.redundancy?.lost(share, this.#around.now());
    },
    forget: (lines) => {
      for (const line of lines) this.#forget(line);
    },
  };

  /** A transform was made for a line. From here on its frames pass through here or not at all. */
  attach(transformer: Transformer): void {
    const { line, codec, stream } = transformer.options;
    const made = stream
      ? new Sealer(this.#core, stream, codec, noCounts(), () => this.#askRekey())
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

  /** What the group decided about its keys. */
  obey(order: KeyOrder): void {
    const core = this.#core;
    const now = this.#around.now();
    this.#heardAt = now;
    if (order.order === "hold") this.#held = order.held;
    core.hold(this.#held); // or goes on after a silence
    core.obey(order, now);
    if (order.order === "install") this.#changed();
    if (order.order === "send") void core.keys.harden();
  }

  /** Ten times a second: what has been kept long enough is wiped. */
  tick(): void {
    const now = this.#around.now();
    this.#module?.expire(now);
    if (now - this.#heardAt > GROUP_SILENT_MS) this.#module?.hold(true);
  }

  /** Twice a second. */
  report(): void {
    if (this.#lines.size === 0) return;
    const lines: LineCounts[] = [];
    for (const [line, { counts }] of this.#lines) {
      const text = JSON.stringify(counts);
      if (this.#reported.get(line) !== text) lines.push({ line, ...counts });
      this.#reported.set(line, text);
    }
    this.#around.emit({ type: "counts", lines });
  }

  #opener(transformer: Transformer): Opener {
    const { line, codec } = transformer.options;
    const opener = new Opener(this.#core, codec, noCounts(), {
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

  get #core(): FramesModule {
    if (!this.#module) throw new FramesBroken("the core is not loaded");
    return this.#module;
  }
}
