// What the page and the worker say to each other.

import type { Codec, CoreEvent, Epoch, Shown, Stream } from "./core.ts";

interface Call<Args extends readonly unknown[], Result> {
  readonly args: Args;
  readonly result: Result;
}

export interface Calls {
  load: Call<[wasm: string], void>;
  admission: Call<[fragment: string], { readonly proof: string; readonly hash: string }>;
  openLink: Call<[fragment: string, meeting: string], { readonly proof: string }>;
  newEpoch: Call<[index: number], Epoch>;
  sealAnnouncement: Call<[participant: string, text: string], string>;
  openAnnouncement: Call<[participant: string, sealed: string], string | undefined>;
  memberInstall: Call<[index: number, epoch: Epoch], boolean>;
  memberRemove: Call<[index: number], void>;
  expect: Call<[line: string, shown: Shown | null], void>;
  forget: Call<[lines: readonly string[]], void>;
}

export type CallTable = {
  readonly [K in keyof Calls]: (
    ...args: Calls[K]["args"]
  ) => Calls[K]["result"] | Promise<Calls[K]["result"]>;
};

/** id 0: no answer is wanted. */
export interface ToWorker {
  readonly id: number;
  readonly call: keyof Calls;
  readonly args: readonly unknown[];
}

export type Answer = { readonly result: unknown } | { readonly error: string };

export type FromWorker =
  | { readonly id: number; readonly answer: Answer }
  | { readonly event: CoreEvent };

/** With `stream` the transform seals, without it opens. */
export interface TransformOptions {
  readonly line: string;
  readonly codec: Codec;
  readonly stream?: Stream;
}
