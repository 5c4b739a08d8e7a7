// For the tests of this folder: the built modules, two participants, and frames without a browser.

import { existsSync, readFileSync } from "node:fs";
import type { Codec, Shown, Stream } from "./core.ts";
import { noCounts } from "./counts.ts";
import { FramesModule } from "./frames_module.ts";
import { GroupModule } from "./group_module.ts";
import type { KeyOrder } from "./key_orders.ts";
import { Opener } from "./open.ts";
import { type Frame, Sealer } from "./seal.ts";

export const ALICE = 3;

/** A file of the build, the sanitizer build first: `make test` has just made it. */
export function built(path: string): string {
  const found = ["build/asan", "build/release"].map((dir) => `${dir}/${path}`).find(existsSync);
  if (!found) throw new Error(`${path} is not built`);
  return found;
}

const wasm = (name: string) => readFileSync(built(`src/e2ee/${name}.wasm`));

/** What the group orders about its keys goes to `order`. */
export function newGroup(order: (order: KeyOrder) => void = () => undefined): Promise<GroupModule> {
  return GroupModule.load(wasm("e2ee"), order);
}

export function newFrames(): Promise<FramesModule> {
  return FramesModule.load(wasm("frames"));
}

function countUp(length: number, from: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (from + i) & 255);
}

/** A member whose keys the test sets, instead of a group. */
export class Member {
  readonly module: FramesModule;

  private constructor(module: FramesModule) {
    this.module = module;
  }

  static async make(): Promise<Member> {
    return new Member(await newFrames());
  }

  /** From now on frames of that epoch open. */
  install(epoch: number, baseKey: Uint8Array, now = 0): void {
    const copy = Uint8Array.from(baseKey).buffer;
    this.module.obey({ order: "install", epoch, baseKey: copy, keepMs: 1000 }, now);
  }

  /** And this member seals with it. */
  send(epoch: number, leaf: number): void {
    this.module.obey({ order: "send", epoch, leaf }, 0);
  }
}

export function baseKeyOf(epoch: number): Uint8Array {
  return countUp(16, epoch);
}

/** Alice seals; Bob opens. The clock stands still but for `pass`. */
export class Pair {
  readonly alice: FramesModule;
  readonly bob: FramesModule;
  epoch = 0;
  now = 0;
  readonly shown: Shown[] = [];
  keyFramesAsked = 0;
  readonly #timers = new Map<() => void, number>();
  readonly #members: { readonly alice: Member; readonly bob: Member };

  private constructor(alice: Member, bob: Member) {
    this.alice = alice.module;
    this.bob = bob.module;
    this.#members = { alice, bob };
  }

  /** Alice has keys; Bob has them only after `install`. */
  static async make(): Promise<Pair> {
    const pair = new Pair(await Member.make(), await Member.make());
    pair.#members.alice.install(++pair.epoch, baseKeyOf(pair.epoch));
    pair.#members.alice.send(pair.epoch, ALICE);
    return pair;
  }

  install(): void {
    this.#members.bob.install(this.epoch, baseKeyOf(this.epoch), this.now);
  }

  sealer(stream: Stream = "camera", codec: Codec = "vp8"): Sealer {
    return new Sealer(this.alice, stream, codec, noCounts(), () => undefined);
  }

  opener(codec: Codec = "vp8"): Opener {
    return new Opener(this.bob, codec, noCounts(), {
      showing: (shown) => this.shown.push(shown),
      requestKeyFrame: () => {
        this.keyFramesAsked += 1;
      },
      now: () => this.now,
      after: (ms, run) => {
        this.#timers.set(run, this.now + ms);
        return () => this.#timers.delete(run);
      },
    });
  }

  /** Time passes, and everything that follows from it happens. */
  async pass(ms: number): Promise<void> {
    await settle();
    this.now += ms;
    for (const [run, at] of this.#timers) {
      if (at > this.now) continue;
      this.#timers.delete(run);
      run();
    }
    await settle();
  }
}

/** Lets promises run until nothing is left to do, WebCrypto included. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

export function frameOf(bytes: Uint8Array | readonly number[], mimeType = "audio/opus"): Frame {
  return { data: Uint8Array.from(bytes).buffer, getMetadata: () => ({ mimeType }) };
}

/** What the transform lets pass of one frame: its bytes, or undefined. */
export async function through(
  transform: Sealer | Opener,
  bytes: Uint8Array | readonly number[],
  mimeType?: string,
): Promise<Uint8Array | undefined> {
  let passed: Frame | undefined;
  await transform.transform(frameOf(bytes, mimeType), (frame) => {
    passed = frame;
  });
  return passed && new Uint8Array(passed.data);
}

export const KEY_FRAME = [0x10, 2, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xb4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
export const DELTA = [0x31, 1, 0, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7];
