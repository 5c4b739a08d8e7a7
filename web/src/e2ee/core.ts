// The page's handle on the end-to-end core. The core itself (C as WebAssembly) and every frame
// transform live in one worker; keys never reach the page, and the link secret passes through here
// once, inwards.
//
// Order for one connection: for each line addTransceiver and at once its transform,
// then createOffer. A track goes to a sender only after the event "attached" for its line, and a
// receiver's track to its element only after "showing".

import type { GroupEvent, GroupSaid, GroupWish, Heard } from "./conference.ts";
import type { Counts } from "./counts.ts";
import type { Answer, Calls, FromWorker, ToWorker, TransformOptions } from "./messages.ts";
import { workerAddress } from "./worker_address.ts";

export type Stream = "microphone" | "camera" | "screen" | "screen_audio";
export type Codec = "opus" | "vp8";

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
  /** The worker is gone; nothing is sealed or opened any more. Start over with a new Core. */
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

export interface CoreOptions {
  readonly wasm: string; // address of e2ee.wasm, own origin
  readonly on: (event: CoreEvent) => void;
}

export class Core {
  readonly #worker: Worker;
  readonly #on: (event: CoreEvent) => void;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;

  private constructor({ on }: CoreOptions) {
    this.#worker = new Worker(workerAddress(), { name: "e2ee", type: "module" });
    this.#on = on;
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hear(data);
    this.#worker.onerror = () => this.#fail();
  }

  /** Rejects when the worker or the WebAssembly cannot be loaded. */
  static async start(options: CoreOptions): Promise<Core> {
    const core = new Core(options);
    try {
      await core.#call("load", options.wasm);
    } catch (error) {
      core.close();
      throw error;
    }
    return core;
  }

  /** The links of a new meeting: the host's own private fragment, and the one for guests. */
  makeLink(): Promise<Calls["makeLink"]["result"]> {
    return this.#call("makeLink");
  }

  /** For `create` and `join`; or what is wrong with the link. */
  proofs(fragment: string): Promise<Calls["proofs"]["result"]> {
    return this.#call("proofs", fragment);
  }

  /** Before `join`. False: the name is none, or the link opens nothing. Events follow. */
  openGroup(fragment: string, meeting: string, name: string): Promise<boolean> {
    return this.#call("openGroup", fragment, meeting, name);
  }

  /** What the server said of the group, in the order in which it did. */
  hear(heard: Heard): void {
    this.#tell("hear", heard);
  }

  /** False: not allowed, or about nobody. */
  wish(wish: GroupWish): Promise<boolean> {
    return this.#call("wish", wish);
  }

  /** The meeting's passcode. False: blank. Takes about as long as a blink. */
  passcode(text: string): Promise<boolean> {
    return this.#call("passcode", text);
  }

  /** For who may change settings: another passcode of the meeting, null: none. False: blank. */
  setPasscode(text: string | null): Promise<boolean> {
    return this.#call("setPasscode", text);
  }

  /** To compare aloud, of the present epoch: they change with every "epoch" event. Undefined while
   * in no group. Takes about as long as a blink. */
  words(): Promise<Words | undefined> {
    return this.#call("words");
  }

  /** To compare with one member. Undefined: nobody of that id is here, or it is oneself. */
  safety(participant: string): Promise<Safety | undefined> {
    return this.#call("safety", participant);
  }

  /** For `join` with a resume token; 0 while in no group. */
  groupEpoch(): Promise<number> {
    return this.#call("groupEpoch");
  }

  /** What all members of the epoch have in common, to be compared over another way. */
  authenticator(): Promise<string | undefined> {
    return this.#call("authenticator");
  }

  /** Sets the transform that seals all that this sender sends; right after `addTransceiver`. `line`
   * is the caller's name for the m-section (its mid is not known yet), never used twice. */
  seal(sender: RTCRtpSender, line: string, stream: Stream, codec: Codec): void {
    refuseLate(sender.transport ?? sender.track);
    const options: TransformOptions = { line, stream, codec };
    sender.transform = new RTCRtpScriptTransform(this.#worker, options);
  }

  /** Sets the transform that opens all that this receiver gets; right after `addTransceiver`. */
  open(receiver: RTCRtpReceiver, line: string, codec: Codec): void {
    refuseLate(receiver.transport);
    const options: TransformOptions = { line, codec };
    receiver.transform = new RTCRtpScriptTransform(this.#worker, options);
  }

  /** Null: the slot is empty. May be called before or after the transform is made. */
  expect(line: string, shown: Shown | null): void {
    this.#tell("expect", line, shown);
  }

  /** The lines of a closed connection. */
  forget(lines: readonly string[]): void {
    this.#tell("forget", lines);
  }

  /** Ends the worker; its keys are gone with it. */
  close(): void {
    this.#worker.terminate();
    for (const answer of this.#waiting.values()) answer({ error: "the core is closed" });
    this.#waiting.clear();
  }

  #call<K extends keyof Calls>(call: K, ...args: Calls[K]["args"]): Promise<Calls[K]["result"]> {
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

  #tell<K extends keyof Calls>(call: K, ...args: Calls[K]["args"]): void {
    this.#post({ id: 0, call, args });
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromWorker): void {
    if ("event" in message) {
      if (message.event.type === "failed") this.#fail();
      else this.#on(message.event);
      return;
    }
    this.#waiting.get(message.id)?.(message.answer);
    this.#waiting.delete(message.id);
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
