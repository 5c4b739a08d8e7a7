// What members of groups can, whatever library they are of: for the tests and benches of MLS.

export const HYBRID = 0xf1c1;

export interface Change {
  readonly add?: readonly Uint8Array[];
  readonly remove?: readonly number[];
  readonly psk?: boolean;
  readonly public?: boolean;
  /** With the resumption key of the group that this one follows. */
  readonly resume?: boolean;
  /** Closes the group for one of that id, of the same suite. */
  readonly reinit?: Uint8Array;
}
export type Offer =
  | { readonly kind: "update" | "psk" }
  | { readonly kind: "add"; readonly add: Uint8Array }
  | { readonly kind: "remove"; readonly remove: number };
export interface State {
  readonly epoch: number;
  readonly authenticator: string;
  readonly members: number;
  readonly leaf: number;
}
export interface Heard {
  readonly kind: "text" | "proposal" | "commit" | "over";
  readonly text: string;
}

/** What every kind of member can; messages are MLSMessages, key packages are not wrapped. */
export interface Member {
  readonly kind: string;
  /** Why this library cannot offer that; undefined: it can. */
  cannot(what: Offer["kind"] | "external psk"): string | undefined;
  /** The same person, for a group that follows or branches from this one. */
  successor(number: number): Promise<Member>;
  /** Whether its group follows as it should; some see to that when they join. */
  follows(): Promise<void>;
  keyPackage(): Promise<Uint8Array>;
  create(groupId: Uint8Array): Promise<void>;
  join(welcome: Uint8Array): Promise<void>;
  joinExternal(info: Uint8Array, psk?: boolean): Promise<Uint8Array>;
  info(): Promise<Uint8Array>;
  commit(change: Change): Promise<{ commit: Uint8Array; welcome: Uint8Array }>;
  propose(offer: Offer, open: boolean): Promise<Uint8Array>;
  seal(text: string): Promise<Uint8Array>;
  hear(message: Uint8Array): Promise<Heard>;
  state(): Promise<State>;
  leave(): Promise<void>;
}

/** Members are made by number; a number is free again when its member has left. */
export interface Kind {
  readonly name: string;
  /** Milliseconds of processor time so far, where it is another process. */
  readonly cpu?: () => number;
  member(number: number, suite: number): Promise<Member>;
  end(): void;
}
