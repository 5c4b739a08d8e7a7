// The page's handle on the end-to-end core. The core itself (C as WebAssembly) and every frame
// transform live in one worker; keys never reach the page, and the link secret passes through here
// once, inwards.
//
// Order for one connection: newEpoch, then for each line addTransceiver and at once its transform,
// then createOffer. A track goes to a sender only after the event "attached" for its line, and a
// receiver's track to its element only after "showing".

export type Stream = "microphone" | "camera" | "screen" | "screen_audio";
export type Codec = "opus" | "vp8";

/** Names the keys of all streams of one sender; part of its announcement. */
export interface Epoch {
  readonly number: number; // 0 to 255
  readonly nonce: string; // base64url of 16 bytes
}

/** Whose stream a slot shows: server's assignment and sender's announcement agree on it. */
export interface Shown {
  readonly index: number;
  readonly stream: Stream;
}

export type CoreEvent =
  /** The worker has the transform of this line: from now on nothing leaves or enters unsealed. */
  | { readonly type: "attached"; readonly line: string }
  /** Frames of this sender are being decrypted in this slot; the first since that changed. */
  | { readonly type: "showing"; readonly line: string; readonly shown: Shown }
  /** Own keys are used up: begin a new epoch and announce it. */
  | { readonly type: "rekey" }
  /** At most once a second, and only lines where something changed. Totals. */
  | { readonly type: "counts"; readonly lines: readonly LineCounts[] }
  /** The worker is gone; nothing is sealed or opened any more. Start over with a new Core. */
  | { readonly type: "failed" };

export interface LineCounts {
  readonly line: string;
  readonly in: number; // frames that came to the transform
  readonly out: number; // frames sealed, or decrypted and passed on
  readonly held: number; // waited for a late key or assignment
  readonly dropped: number; // no key, too short, not expected here, too late
  readonly failed: number; // did not authenticate
  readonly repeated: number; // seen before
}

export interface CoreOptions {
  readonly worker: string; // address of e2ee-worker.js, own origin
  readonly wasm: string; // address of e2ee.wasm, own origin
  readonly on: (event: CoreEvent) => void;
}

/** Random link secret of a new meeting, as the link's fragment (without the "#"). */
export declare function newFragment(): string;

export declare class Core {
  /** Rejects when the worker or the WebAssembly cannot be loaded. */
  static start(options: CoreOptions): Promise<Core>;

  /** For `create`, when there is no meeting yet: the proof and its SHA-256, base64url. */
  admission(fragment: string): Promise<{ readonly proof: string; readonly hash: string }>;

  /** Hands the link secret to the worker, for this meeting. Rejects a bad fragment. */
  openLink(fragment: string, meeting: string): Promise<{ readonly proof: string }>;

  /** New keys of one's own, for every new connection. `index` is from `joined`. */
  newEpoch(index: number): Promise<Epoch>;

  /** `participant`: the sender's id. The text of an announcement is JSON. */
  sealAnnouncement(participant: string, text: string): Promise<string>;
  /** Undefined when it was not sealed by somebody with the link, for this participant. */
  openAnnouncement(participant: string, sealed: string): Promise<string | undefined>;

  /** False: an epoch that was replaced before; ignore the announcement. */
  memberInstall(index: number, epoch: Epoch): Promise<boolean>;
  memberRemove(index: number): void;

  /** `line` is the caller's name for an m-section (its mid is not known yet), never used twice. */
  sendTransform(line: string, stream: Stream, codec: Codec): RTCRtpScriptTransform;
  receiveTransform(line: string, codec: Codec): RTCRtpScriptTransform;

  /** Null: the slot is empty. May be called before or after the transform is made. */
  expect(line: string, shown: Shown | null): void;

  /** The lines of a closed connection. */
  forget(lines: readonly string[]): void;

  /** Ends the worker; its keys are gone with it. */
  close(): void;
}
