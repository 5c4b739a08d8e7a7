// What the page and its two workers say to each other.

import type { Called, GroupWish, Heard, LinkFault } from "./conference_values.ts";
import type { Codec, CoreEvent, Safety, Shown, Stream, Words } from "./core.ts";

export interface Call<Args extends readonly unknown[], Result> {
  readonly args: Args;
  readonly result: Result;
}

/** To the worker with the group. */
export interface GroupCalls {
  load: Call<[wasm: string], void>;
  makeLink: Call<[], { readonly host: string; readonly guest: string }>;
  proofs: Call<[fragment: string], Proofs | { readonly fault: LinkFault }>;
  openGroup: Call<[fragment: string, meeting: string, called: Called], boolean>;
  hear: Call<[heard: Heard], void>;
  wish: Call<[wish: GroupWish], boolean>;
  passcode: Call<[text: string], boolean>;
  setPasscode: Call<[text: string | null], boolean>;
  words: Call<[], Words | undefined>;
  safety: Call<[participant: string], Safety | undefined>;
  groupEpoch: Call<[], number>;
  authenticator: Call<[], string | undefined>;
}

/** To the worker with the frames. */
export interface FramesCalls {
  load: Call<[wasm: string], void>;
  expect: Call<[line: string, shown: Shown | null], void>;
  lost: Call<[line: string, share: number], void>;
  forget: Call<[lines: readonly string[]], void>;
}

/** What the server is shown and what it keeps of it, base64url; the last two of a host's link. */
export interface Proofs {
  readonly proof: string;
  readonly hash: string;
  readonly host?: string;
  readonly hostHash?: string;
}

export type CallTable<Calls> = {
  readonly [K in keyof Calls]: Calls[K] extends Call<infer Args, infer Result>
    ? (...args: Args) => Result | Promise<Result>
    : never;
};

/** id 0: no answer is wanted. */
export interface Asked {
  readonly id: number;
  readonly call: string;
  readonly args: readonly unknown[];
}

/** The first message: one end of the channel between the two workers, with which keys pass. */
export interface Met {
  readonly other: MessagePort;
}

export type ToWorker = Asked | Met;

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
