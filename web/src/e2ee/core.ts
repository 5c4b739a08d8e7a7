// The page's handle on the end-to-end core (C as WebAssembly), which lives in two workers: one holds the
// group, the other every frame transform and the keys of frames, so that no frame waits for a commit.
// Keys go from the first to the second and never reach the page; the link secret passes through here
// once, inwards.
//
// Order for one connection: for each line addTransceiver and at once its transform,
// then createOffer. A track goes to a sender only after the event "attached" for its line, and a
// receiver's track to its element only after "showing".

import type { Called, GroupEvent, GroupSaid, GroupWish, Heard } from "./conference_values.ts";
import type { Counts } from "./counts.ts";
import type {
  Answer,
  Asked,
  Call,
  FramesCalls,
  FromWorker,
  GroupCalls,
  Met,
  TransformOptions,
} from "./messages.ts";
import { workerAddress } from "./worker_address.ts";

export type Stream = "microphone" | "camera" | "screen" | "screen_audio";
export type Codec = "opus" | "vp8" | "vp9" | "av1" | "h264";

/** Whose stream a slot shows: server's assignment and sender's own word agree on it. */
export interface Shown {
  readonly index: number;
  readonly stream: Stream;
}

export type CoreEvent =
  /** The worker has the transform of this line: from now on nothing leaves or enters unsealed. */
  | { readonly type: "attached"; readonly line: string }
  /** Frames of this sender are being decrypted in this slot; the first since that changed. */
  | { readonly type: "showing"; readonly line: string; readonly shown: Shown }
  /** Own keys are used up: the group has to begin a new epoch. */
  | { readonly type: "rekey" }
  /** To be said to the server, in this order. */
  | { readonly type: "say"; readonly message: GroupSaid }
  /** Something of the group that the person should see. */
  | { readonly type: "group"; readonly event: GroupEvent }
  /** Twice a second; only the lines where something changed. Totals. */
  | { readonly type: "counts"; readonly lines: readonly LineCounts[] }
  /** A worker is gone, and the other was ended; nothing is sealed or opened any more. Start over with a new Core. */
  | { readonly type: "failed" };

/** Eight words, and the same as eight numbers of four digits. */
export interface Words {
  readonly words: readonly string[];
  readonly numbers: readonly string[];
}

/** What two members compare for themselves: the same for both, as long as both keep their keys. */
export interface Safety {
  readonly number: readonly string[]; // twelve groups of five digits
  readonly key: string; // by which the other's key is known again
}

export interface LineCounts extends Readonly<Counts> {
  readonly line: string;
}

/** Addresses of the two modules, own origin. */
export interface CoreWasm {
  readonly group: string;
  readonly frames: string;
}

export interface CoreOptions {
  readonly wasm: CoreWasm;
  readonly on: (event: CoreEvent) => void;
}

/** One of the two workers. */
class Side<Calls extends { readonly [K in keyof Calls]: Call<readonly unknown[], unknown> }> {
  readonly worker: Worker;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;

  constructor(which: "group" | "frames", on: (event: CoreEvent) => void) {
    this.worker = new Worker(workerAddress(which), { name: `e2ee ${which}`, type: "module" });
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if ("event" in data) on(data.event);
      else this.#answered(data.id, data.answer);
    };
    this.worker.onerror = () => on({ type: "failed" });
  }

  meet(other: MessagePort): void {
    const met: Met = { other };
    this.worker.postMessage(met, [other]);
  }

  call<K extends keyof Calls & string>(
    call: K,
    ...args: Calls[K]["args"]
  ): Promise<Calls[K]["result"]> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (answer) => {
        if ("error" in answer) reject(new Error(answer.error));
        else resolve(answer.result as Calls[K]["result"]);
      });
      this.#post({ id, call, args });
    });
  }

  tell<K extends keyof Calls & string>(call: K, ...args: Calls[K]["args"]): void {
    this.#post({ id: 0, call, args });
  }

  close(): void {
    this.worker.terminate();
    for (const answer of this.#waiting.values()) answer({ error: "the core is closed" });
    this.#waiting.clear();
  }

  #post(message: Asked): void {
    this.worker.postMessage(message);
  }

  #answered(id: number, answer: Answer): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }
}

export class Core {
  readonly #group: Side<GroupCalls>;
  readonly #frames: Side<FramesCalls>;
  readonly #on: (event: CoreEvent) => void;

  private constructor({ on }: CoreOptions) {
    const hear = (event: CoreEvent) => (event.type === "failed" ? this.#fail() : on(event));
    this.#on = on;
    this.#group = new Side("group", hear);
    this.#frames = new Side("frames", hear);
  }

  /** Rejects when a worker or its WebAssembly cannot be loaded. */
  static async start(options: CoreOptions): Promise<Core> {
    const core = new Core(options);
    const { group, frames } = options.wasm;
    try {
      await Promise.all([core.#group.call("load", group), core.#frames.call("load", frames)]);
      core.#introduce();
    } catch (error) {
      core.close();
      throw error;
    }
    return core;
  }

  /** The workers get the ends of a channel, of which none is left here. */
  #introduce(): void {
    const { port1, port2 } = new MessageChannel();
    this.#frames.meet(port2);
    this.#group.meet(port1);
  }

  /** The links of a new meeting: the host's own private fragment, and the one for guests. */
  makeLink(): Promise<GroupCalls["makeLink"]["result"]> {
    return this.#group.call("makeLink");
  }

  /** For `create` and `join`; or what is wrong with the link. */
  proofs(fragment: string): Promise<GroupCalls["proofs"]["result"]> {
    return this.#group.call("proofs", fragment);
  }

  /** Before `join`. False: name or title is none, or the link opens nothing. Events follow. */
  openGroup(fragment: string, meeting: string, called: Called): Promise<boolean> {
    return this.#group.call("openGroup", fragment, meeting, called);
  }

  /** What the server said of the group, in the order in which it did. */
  hear(heard: Heard): void {
    this.#group.tell("hear", heard);
  }

  /** False: not allowed, or about nobody. */
  wish(wish: GroupWish): Promise<boolean> {
    return this.#group.call("wish", wish);
  }

  /** The meeting's passcode. False: blank. Takes about as long as a blink. */
  passcode(text: string): Promise<boolean> {
    return this.#group.call("passcode", text);
  }

  /** For who may change settings: another passcode of the meeting, null: none. False: blank. */
  setPasscode(text: string | null): Promise<boolean> {
    return this.#group.call("setPasscode", text);
  }

  /** To compare aloud, of the present epoch: they change with every "epoch" event. Undefined while
   * in no group. Takes about as long as a blink. */
  words(): Promise<Words | undefined> {
    return this.#group.call("words");
  }

  /** To compare with one member. Undefined: nobody of that id is here, or it is oneself. */
  safety(participant: string): Promise<Safety | undefined> {
    return this.#group.call("safety", participant);
  }

  /** For `join` with a resume token; 0 while in no group. */
  groupEpoch(): Promise<number> {
    return this.#group.call("groupEpoch");
  }

  /** What all members of the epoch have in common, to be compared over another way. */
  authenticator(): Promise<string | undefined> {
    return this.#group.call("authenticator");
  }

  /** Sets the transform that seals all that this sender sends; right after `addTransceiver`. `line`
   * is the caller's name for the m-section (its mid is not known yet), never used twice. */
  seal(sender: RTCRtpSender, line: string, stream: Stream, codec: Codec): void {
    refuseLate(sender.transport ?? sender.track);
    const options: TransformOptions = { line, stream, codec };
    sender.transform = new RTCRtpScriptTransform(this.#frames.worker, options);
  }

  /** Sets the transform that opens all that this receiver gets; right after `addTransceiver`. */
  open(receiver: RTCRtpReceiver, line: string, codec: Codec): void {
    refuseLate(receiver.transport);
    const options: TransformOptions = { line, codec };
    receiver.transform = new RTCRtpScriptTransform(this.#frames.worker, options);
  }

  /** What share of a line's packets its receivers miss. */
  lost(line: string, share: number): void {
    this.#frames.tell("lost", line, share);
  }

  /** Null: the slot is empty. May be called before or after the transform is made. */
  expect(line: string, shown: Shown | null): void {
    this.#frames.tell("expect", line, shown);
  }

  /** The lines of a closed connection. */
  forget(lines: readonly string[]): void {
    this.#frames.tell("forget", lines);
  }

  /** Ends both workers; their keys are gone with them. */
  close(): void {
    this.#frames.close();
    this.#group.close();
  }

  #fail(): void {
    this.close();
    this.#on({ type: "failed" });
  }
}

/** Chromium accepts a transform that comes after the offer, says so, and then never uses it: frames
 * would leave in the clear. So it is not given one. */
function refuseLate(begun: unknown): void {
  if (begun) throw new Error("too late for a transform: this line is negotiated or has a track");
}
