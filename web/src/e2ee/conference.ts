// A meeting's group in the WebAssembly core (src/e2ee/wasm_conference.c): messages of the server and
// wishes of the person go in as bytes, what is to be said and shown comes out as values.

import {
  ConferenceBroken,
  HEARD,
  packHeard,
  packWish,
  readEvent,
  readSaid,
  WISHES,
} from "./conference_packing.ts";
import type {
  Called,
  GroupEvent,
  GroupSaid,
  GroupWish,
  Heard,
  LinkFault,
  LinkProofs,
} from "./conference_values.ts";
import type { Safety, Words } from "./core.ts";
import { Packed, Unpacked } from "./packed.ts";

export interface ConferenceExports {
  piece(size: number): number;
  piece_at(): number;
  link_proofs(length: number): number;
  link_make(): number;
  conference_open(length: number, suite: number, wallAtZero: number): number;
  conference_hear(type: number, length: number, now: number): number;
  conference_wish(type: number, length: number, now: number): number;
  conference_tick(now: number): number;
  conference_epoch(): number;
  conference_say(): number;
  conference_event(): number;
  conference_authenticator(): number;
  words(length: number): number;
  conference_safety(length: number): number;
}

/** enum ic_door_link_kind and ic_door_link_fault. */
const HOST = 3;
const FAULTS: readonly LinkFault[] = ["cut", "first_stage", "unknown"];

const FRAGMENT_LEN = 87;
const PROOF_LEN = 32;
const SYSTEM = -8;

const utf8 = new TextEncoder();
const text = new TextDecoder();

export class Conference {
  readonly #exports: ConferenceExports;
  readonly #memory: () => ArrayBuffer;

  constructor(exports: ConferenceExports, memory: () => ArrayBuffer) {
    this.#exports = exports;
    this.#memory = memory;
  }

  /** The links of a new meeting: the host's private fragment, and the one for guests. */
  makeLink(): { readonly host: string; readonly guest: string } {
    this.#exports.piece(2 * (FRAGMENT_LEN + 1));
    if (this.#exports.link_make() !== 0) throw new ConferenceBroken("no link");
    const both = text.decode(this.#out(2 * FRAGMENT_LEN));
    return { host: both.slice(0, FRAGMENT_LEN), guest: both.slice(FRAGMENT_LEN) };
  }

  proofs(fragment: string): LinkProofs {
    const bytes = utf8.encode(fragment);
    const fault = this.#exports.link_proofs(this.#in(bytes));
    if (fault < 0) throw new ConferenceBroken("no proofs");
    const named = FAULTS[fault - 1];
    if (named) return { fault: named };
    const out = new Unpacked(this.#out(1 + 2 * PROOF_LEN));
    const isHost = out.byte() === HOST;
    return { isHost, admission: out.raw(PROOF_LEN), host: out.raw(PROOF_LEN) };
  }

  open(
    fragment: string,
    meeting: Uint8Array,
    called: Called,
    suite: number,
    wall: number,
  ): boolean {
    const packed = new Packed()
      .vector(utf8.encode(fragment))
      .raw(meeting)
      .vector(utf8.encode(called.name.normalize("NFC")))
      .vector(utf8.encode((called.title ?? "").normalize("NFC")))
      .number(called.last?.linkVersion ?? 0, 4)
      .number(called.last?.flags ?? 0, 1)
      .number(called.madeHere ? 1 : 0, 1);
    return this.#checked(this.#exports.conference_open(this.#in(packed.bytes), suite, wall));
  }

  hear(heard: Heard, now: number): void {
    const packed = packHeard(heard);
    const length = this.#in(packed.bytes);
    this.#checked(this.#exports.conference_hear(HEARD.indexOf(heard.type), length, now));
  }

  /** False: without the right, or there is nobody of that kind. */
  wish(wish: GroupWish, now: number): boolean {
    const length = this.#in(packWish(wish).bytes);
    return this.#checked(this.#exports.conference_wish(WISHES.indexOf(wish.wish), length, now));
  }

  tick(now: number): void {
    this.#checked(this.#exports.conference_tick(now));
  }

  get epoch(): number {
    return this.#exports.conference_epoch();
  }

  /** Undefined while in no group. */
  authenticator(): Uint8Array | undefined {
    return this.#exports.conference_authenticator() === 0 ? this.#out(PROOF_LEN) : undefined;
  }

  /** Of wordsKey(). */
  words(key: Uint8Array): Words {
    const len = this.#exports.words(this.#in(key));
    const [words = "", numbers = ""] = text.decode(this.#out(len)).split("\n");
    return { words: words.split(" "), numbers: numbers.split(" ") };
  }

  /** Undefined: nobody of that id is here, or it is oneself. */
  safety(participant: string): Safety | undefined {
    const len = this.#exports.conference_safety(this.#in(new Packed().id(participant).bytes));
    const [number = "", key = ""] = len > 0 ? text.decode(this.#out(len)).split("\n") : [];
    return len > 0 ? { number: number.split(" "), key } : undefined;
  }

  *says(): Generator<GroupSaid> {
    for (let len = this.#exports.conference_say(); len > 0; len = this.#exports.conference_say())
      yield readSaid(this.#out(len));
  }

  *events(): Generator<GroupEvent> {
    const next = () => this.#exports.conference_event();
    for (let len = next(); len > 0; len = next()) yield readEvent(this.#out(len));
  }

  #checked(result: number): boolean {
    if (result === SYSTEM) throw new ConferenceBroken("the core refused");
    return result === 0;
  }

  #in(bytes: Uint8Array): number {
    const at = this.#exports.piece(Math.max(1, bytes.length));
    if (at === 0) throw new ConferenceBroken("no memory");
    new Uint8Array(this.#memory(), at, bytes.length).set(bytes);
    return bytes.length;
  }

  // `piece(0)` would wipe what is to be read; the place is where the last one was put.
  #out(len: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory(), this.#exports.piece_at(), len).slice();
  }
}
