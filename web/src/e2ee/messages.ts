// What the page and the worker say to each other.

import type { GroupWish, Heard, LinkFault } from "./conference.ts";
import type { Codec, CoreEvent, Safety, Shown, Stream, Words } from "./core.ts";

interface Call<Args extends readonly unknown[], Result> {
  readonly args: Args;
  readonly result: Result;
}

export interface Calls {
  load: Call<[wasm: string], void>;
  expect: Call<[line: string, shown: Shown | null], void>;
  makeLink: Call<[], { readonly host: string; readonly guest: string }>;
  proofs: Call<[fragment: string], Proofs | { readonly fault: LinkFault }>;
  openGroup: Call<[fragment: string, meeting: string, name: string], boolean>;
  hear: Call<[heard: Heard], void>;
  wish: Call<[wish: GroupWish], boolean>;
  passcode: Call<[text: string], boolean>;
  setPasscode: Call<[text: string | null], boolean>;
  words: Call<[], Words | undefined>;
  safety: Call<[participant: string], Safety | undefined>;
  groupEpoch: Call<[], number>;
  authenticator: Call<[], string | undefined>;
  forget: Call<[lines: readonly string[]], void>;
}

/** What the server is shown and what it keeps of it, base64url; the last two of a host's link. */
export interface Proofs {
  readonly proof: string;
  readonly hash: string;
  readonly host?: string;
  readonly hostHash?: string;
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
