// For the tests of this folder: the built modules, two participants, and frames without a browser.

import { existsSync, readFileSync } from "node:fs";
import type { Codec, Epoch, Shown, Stream } from "./core.ts";
import { noCounts } from "./counts.ts";
import { Module } from "./module.ts";
import { Opener } from "./open.ts";
import { type Frame, Sealer } from "./seal.ts";

export const ALICE = 3;

/** A file of the build, the sanitizer build first: `make test` has just made it. */
export function built(path: string): string {
  const found = ["build/asan", "build/release"].map((dir) => `${dir}/${path}`).find(existsSync);
  if (!found) throw new Error(`${path} is not built`);
  return found;
}

export async function newModule(): Promise<Module> {
  return Module.load(readFileSync(built("src/e2ee/e2ee.wasm")));
}

export function countUp(length: number, from: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (from + i) & 255);
}

/** In the meeting and with the link of the C tests. */
export async function participant(): Promise<Module> {
  const module = await newModule();
  module.openLink(countUp(32, 0), countUp(16, 0x40));
  return module;
}

/** Alice seals; Bob opens. The clock stands still but for `pass`. */
export class Pair {
  readonly alice: Module;
  readonly bob: Module;
  epoch: Epoch = { number: 0, nonce: "" };
  now = 0;
  readonly shown: Shown[] = [];
  keyFramesAsked = 0;
  readonly #timers = new Map<() => void, number>();

  private constructor(alice: Module, bob: Module) {
    this.alice = alice;
    this.bob = bob;
  }

  static async make(): Promise<Pair> {
    const pair = new Pair(await participant(), await participant());
    pair.epoch = await pair.alice.epochBegin(ALICE);
    return pair;
  }

  install(): Promise<boolean> {
    return this.bob.memberInstall(ALICE, this.epoch, this.now);
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

export function frameOf(bytes: Uint8Array | readonly number[]): Frame {
  return { data: Uint8Array.from(bytes).buffer };
}

/** What the transform lets pass of one frame: its bytes, or undefined. */
export async function through(
  transform: Sealer | Opener,
  bytes: Uint8Array | readonly number[],
): Promise<Uint8Array | undefined> {
  let passed: Frame | undefined;
  await transform.transform(frameOf(bytes), (frame) => {
    passed = frame;
  });
  return passed && new Uint8Array(passed.data);
}

export const KEY_FRAME = [0x10, 2, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xb4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
export const DELTA = [0x31, 1, 0, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7];
