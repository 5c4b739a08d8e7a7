// A meeting's group in the WebAssembly core (src/e2ee/wasm_conference.c): messages of the server and
// wishes of the person go in as bytes, what is to be said and shown comes out as values.

import { fromBase64url, toBase64url } from "./base64url.ts";
import type { Safety, Stream, Words } from "./core.ts";

/** What the server says about the group (docs/protocol.md), as far as it concerns the core. */
export type Heard =
  | {
      readonly type: "waiting";
      readonly participant: string;
      readonly attended: boolean;
      readonly card?: string;
      readonly info?: string; // what stands in the open door, here and below
    }
  | { readonly type: "opened"; readonly info?: string }
  | { readonly type: "carded"; readonly sealed: string }
  | { readonly type: "attended"; readonly attended: boolean }
  | { readonly type: "replied"; readonly sealed: string; readonly final: boolean }
  | {
      readonly type: "joined";
      readonly participant: string;
      readonly keeper: boolean;
      readonly epoch: number;
      readonly people: readonly string[];
      readonly welcome?: string;
      readonly card?: string;
      readonly behind?: boolean;
    }
  | { readonly type: "committed"; readonly epoch: number; readonly sealed: string }
  | { readonly type: "conflict"; readonly epoch: number; readonly info?: string }
  | { readonly type: "rejected"; readonly epoch: number; readonly sealed: string }
  | { readonly type: "message"; readonly sealed: string }
  | {
      readonly type: "knocked";
      readonly participant: string;
      readonly sealed: string;
      readonly returning?: boolean;
      readonly before?: number;
    }
  | { readonly type: "unknocked"; readonly participant: string }
  | { readonly type: "left"; readonly participant: string; readonly gone?: boolean }
  | {
      readonly type: "refused";
      readonly of: GroupSaid["type"];
      readonly waitMs: number;
      readonly notKeeper?: boolean;
    };

/** enum heard of wasm_conference.c. */
const HEARD: readonly Heard["type"][] = [
  "waiting",
  "carded",
  "attended",
  "replied",
  "joined",
  "committed",
  "conflict",
  "rejected",
  "message",
  "knocked",
  "unknocked",
  "left",
  "opened",
  "refused",
];

/** What one is called, and by the host's own link of a meeting that begins here: what it is called, and
 * what this device knows of it. */
export interface Called {
  readonly name: string;
  readonly title?: string;
  readonly last?: LastDoor;
  readonly madeHere?: boolean; // and just now
}

/** struct ic_last_door: of the last "state" event, its epoch and its number. */
export interface LastDoor {
  readonly linkVersion: number;
  readonly flags: number; // FLAGS
}

/** What the person wants; `participant` is somebody who waits, `leaf` a member. */
export type GroupWish =
  | { readonly wish: "admit" | "refuse"; readonly participant: string }
  | { readonly wish: "ask"; readonly participant: string; readonly text: string }
  | { readonly wish: "answer" | "chat" | "title"; readonly text: string } // no title: none
  | { readonly wish: "passcode"; readonly key: Uint8Array } // of passcodeKey()
  | { readonly wish: "remove" | "send_back"; readonly leaf: number }
  | { readonly wish: "mute"; readonly leaf: number; readonly streams: readonly Stream[] }
  | { readonly wish: "lock" | "waiting_room" | "show_title" | "straight_in"; readonly on: boolean }
  | { readonly wish: "replace_link" | "rekey" | "invite" }
  | { readonly wish: "withdraw"; readonly invite: number } // its number
  | { readonly wish: "set_passcode"; readonly key: Uint8Array } // of passcodeKey(); empty: none
  | { readonly wish: "compare"; readonly said: Comparison }
  | { readonly wish: "everyone" | "stop"; readonly may: number } // CAPABILITIES
  | { readonly wish: "allow"; readonly leaf: number; readonly may: number }
  | { readonly wish: "grant"; readonly leaf: number; readonly rights: number }
  | { readonly wish: "present"; readonly presence: Presence };

/** enum wished of wasm_conference.c. */
const WISHES: readonly GroupWish["wish"][] = [
  "admit",
  "refuse",
  "ask",
  "answer",
  "passcode",
  "remove",
  "lock",
  "replace_link",
  "grant",
  "rekey",
  "present",
  "chat",
  "set_passcode",
  "waiting_room",
  "invite",
  "withdraw",
  "compare",
  "everyone",
  "allow",
  "mute",
  "send_back",
  "stop",
  "title",
  "show_title",
  "straight_in",
];

/** enum ic_door_comparison: somebody asks all to compare, or says what it saw. */
export const COMPARISONS = ["asked", "same", "different"] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** The bits of a "state" event's number: enum ic_conference_flag. */
export const FLAGS = { locked: 1, waitingRoom: 2, passcode: 4, straightIn: 8 } as const;

export interface Presence {
  readonly streams: readonly Stream[];
  readonly hand: boolean;
  readonly away: boolean;
  readonly asksToShare: boolean;
}

/** One message of docs/protocol.md, to be sent as it is. */
export type GroupSaid =
  | { readonly type: "card"; readonly sealed: string }
  | { readonly type: "knock"; readonly sealed: string; readonly returning?: true }
  | {
      readonly type: "reply";
      readonly participant: string;
      readonly sealed: string;
      readonly final: boolean;
    }
  | {
      readonly type: "commit";
      readonly epoch: number;
      readonly sealed: string;
      readonly welcome?: { readonly participants: readonly string[]; readonly sealed: string };
      readonly removed?: readonly string[];
      readonly info?: string;
    }
  | { readonly type: "door"; readonly open: true; readonly epoch: number; readonly info: string }
  | { readonly type: "door"; readonly open: false }
  | { readonly type: "reject"; readonly epoch: number; readonly sealed: string }
  | { readonly type: "message"; readonly sealed: string }
  | { readonly type: "admissions"; readonly hashes: readonly string[] }
  | { readonly type: "keeper"; readonly participant: string; readonly keeper: boolean };

/** enum ic_door_capability, as far as somebody is asked about it. */
export const CAPABILITIES = { speak: 1, video: 2, share: 4, chat: 8, link: 512 } as const;

/** What all may do who have no say in it, and what oneself may, of an "allowed" event. */
export function allowedOf(number: number): { readonly everyone: number; readonly own: number } {
  return { everyone: number % 65_536, own: Math.floor(number / 65_536) };
}

/** enum ic_door_right. */
export const RIGHTS = { admit: 1, remove: 2, settings: 4, grant: 8, all: 15 } as const;

/** enum ic_conference_event_type, in its order; what each field means is said there. */
const EVENTS = [
  "card",
  "card_bad",
  "passcode",
  "attended",
  "question",
  "refused",
  "entered",
  "person",
  "person_left",
  "presence",
  "chat",
  "knock",
  "knock_answer",
  "knock_gone",
  "epoch",
  "state",
  "link",
  "elsewhere",
  "silenced",
  "wrong_commit",
  "removed",
  "behind",
  "invite",
  "compare",
  "allowed",
  "muted",
  "sent_back",
  "settings_lost",
  "title",
  "opened_again",
  "may",
] as const;

export interface GroupEvent {
  readonly what: (typeof EVENTS)[number];
  readonly leaf: number;
  readonly participant: string;
  readonly epoch: number;
  readonly number: number;
  readonly text: string;
}

const STREAMS: readonly Stream[] = ["microphone", "camera", "screen", "screen_audio"];

/** Reads the parts of `presence` from the number of a "presence" event. */
export function presenceOf(number: number): Presence {
  return {
    streams: STREAMS.filter((_, i) => (number >> i) & 1),
    hand: (number & 256) !== 0,
    away: (number & 512) !== 0,
    asksToShare: (number & 1024) !== 0,
  };
}

/** A bit each, as in the number of a "presence" or "muted" event. */
function bitsOf(streams: readonly Stream[]): number {
  return streams.reduce((sum, stream) => sum | (1 << STREAMS.indexOf(stream)), 0);
}

function numberOf({ streams, hand, away, asksToShare }: Presence): number {
  return bitsOf(streams) | (hand ? 256 : 0) | (away ? 512 : 0) | (asksToShare ? 1024 : 0);
}

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
export type LinkFault = "cut" | "first_stage" | "unknown";
const FAULTS: readonly LinkFault[] = ["cut", "first_stage", "unknown"];

export type LinkProofs =
  | { readonly fault: LinkFault }
  | { readonly isHost: boolean; readonly admission: Uint8Array; readonly host: Uint8Array };

const FRAGMENT_LEN = 87;
const PROOF_LEN = 32;
const ID_LEN = 16;
const SYSTEM = -8;

/** Bytes in the order in which the core reads them. */
class Packed {
  #bytes = new Uint8Array(256);
  #len = 0;

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#len);
  }

  number(value: number, size: number): this {
    const at = this.#room(size);
    for (let i = 0, rest = value; i < size; i++, rest = Math.floor(rest / 256))
      this.#bytes[at + size - 1 - i] = rest % 256;
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.#room(bytes.length); // may be in another array than before
    this.#bytes.set(bytes, at);
    return this;
  }

  vector(bytes: Uint8Array): this {
    return this.number(bytes.length, 4).raw(bytes);
  }

  id(id: string | undefined): this {
    const bytes = id === undefined ? new Uint8Array(ID_LEN) : fromBase64url(id, ID_LEN);
    if (!bytes) throw new Error("not an id");
    return this.raw(bytes);
  }

  #room(size: number): number {
    const at = this.#len;
    this.#len += size;
    if (this.#len > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#len);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return at;
  }
}

class Unpacked {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  byte(): number {
    return this.#view.getUint8(this.#step(1));
  }
  short(): number {
    return this.#view.getUint16(this.#step(2));
  }
  long(): number {
    return Number(this.#view.getBigInt64(this.#step(8)));
  }
  raw(len: number): Uint8Array {
    const at = this.#step(len);
    return this.#bytes.subarray(at, at + len);
  }
  vector(): Uint8Array {
    return this.raw(this.#view.getUint32(this.#step(4)));
  }
  ids(): string[] {
    const bytes = this.vector();
    return Array.from({ length: bytes.length / ID_LEN }, (_, i) =>
      toBase64url(bytes.subarray(i * ID_LEN, (i + 1) * ID_LEN)),
    );
  }

  #step(len: number): number {
    const at = this.#at;
    this.#at += len;
    return at;
  }
}

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** A conference ran out of memory, or its library refused: it must not go on. */
export class ConferenceBroken extends Error {}

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

const NOTHING = new Uint8Array();

function bytesOf(sealed: string | undefined): Uint8Array {
  if (sealed === undefined) return NOTHING;
  const bytes = fromBase64url(sealed);
  if (!bytes) throw new Error("not base64url");
  return bytes;
}

interface Fields {
  readonly participant?: string | undefined;
  readonly flag?: boolean | undefined;
  readonly flag2?: boolean | undefined;
  readonly epoch?: number;
  readonly count?: number | undefined;
  readonly sealed?: string | undefined;
  readonly info?: string | undefined;
}

function fieldsOf(heard: Heard): Fields {
  switch (heard.type) {
    case "waiting":
      return {
        participant: heard.participant,
        flag: heard.attended,
        sealed: heard.card,
        info: heard.info,
      };
    case "attended":
      return { flag: heard.attended };
    case "replied":
      return { flag: heard.final, sealed: heard.sealed };
    case "joined": {
      const { participant, keeper, behind, epoch, people, welcome, card } = heard;
      const rest = { epoch, count: people.length, sealed: welcome, info: card };
      return { participant, flag: keeper, flag2: behind, ...rest };
    }
    case "knocked": {
      const { participant, returning, before, sealed } = heard;
      return { participant, flag: returning, count: before, sealed };
    }
    case "left":
      return { participant: heard.participant, flag: heard.gone };
    case "refused":
      return { epoch: heard.waitMs, count: SAYS.indexOf(heard.of), flag: heard.notKeeper };
    default:
      return heard;
  }
}

function packHeard(heard: Heard): Packed {
  const { participant, flag, flag2, epoch = 0, count = 0, sealed, info } = fieldsOf(heard);
  return new Packed()
    .id(participant)
    .number(flag ? 1 : 0, 1)
    .number(flag2 ? 1 : 0, 1)
    .number(epoch, 8)
    .number(count, 4)
    .vector(bytesOf(sealed))
    .vector(bytesOf(info));
}

function numberIn(wish: GroupWish): number {
  if ("on" in wish) return wish.on ? 1 : 0;
  if (wish.wish === "grant") return wish.rights;
  if ("may" in wish) return wish.may;
  if (wish.wish === "mute") return bitsOf(wish.streams);
  if (wish.wish === "withdraw") return wish.invite;
  if (wish.wish === "compare") return COMPARISONS.indexOf(wish.said);
  return wish.wish === "present" ? numberOf(wish.presence) : 0;
}

function packWish(wish: GroupWish): Packed {
  return new Packed()
    .id("participant" in wish ? wish.participant : undefined)
    .number("leaf" in wish ? wish.leaf : 0, 2)
    .number(numberIn(wish), 4)
    .vector(bytesIn(wish));
}

function bytesIn(wish: GroupWish): Uint8Array {
  if ("key" in wish) return wish.key;
  return "text" in wish ? utf8.encode(wish.text.normalize("NFC")) : NOTHING;
}

/** enum ic_say_type. */
const SAYS = [
  "card",
  "knock",
  "reply",
  "commit",
  "reject",
  "message",
  "admissions",
  "keeper",
  "door",
] as const;

function readSaid(bytes: Uint8Array<ArrayBuffer>): GroupSaid {
  const from = new Unpacked(bytes);
  const type = SAYS[from.byte()];
  const flag = from.byte() !== 0;
  const epoch = from.long();
  const blob = from.vector();
  const sealed = toBase64url(blob);
  const welcome = from.vector();
  const participants = from.ids();
  const removed = from.ids();
  const info = from.vector();
  const [participant = ""] = participants;
  switch (type) {
    case "card":
    case "message":
      return { type, sealed };
    case "knock":
      return flag ? { type, sealed, returning: true } : { type, sealed };
    case "reply":
      return { type, participant, sealed, final: flag };
    case "commit":
      return {
        type,
        epoch,
        sealed,
        ...(welcome.length > 0 ? { welcome: { participants, sealed: toBase64url(welcome) } } : {}),
        ...(removed.length > 0 ? { removed } : {}),
        ...(info.length > 0 ? { info: toBase64url(info) } : {}),
      };
    case "reject":
      return { type, epoch, sealed };
    case "door":
      return flag ? { type, open: true, epoch, info: sealed } : { type, open: false };
    case "admissions":
      return { type, hashes: hashesOf(blob) };
    case "keeper":
      return { type, participant, keeper: flag };
    default:
      throw new ConferenceBroken("an unknown message");
  }
}

function hashesOf(blob: Uint8Array): string[] {
  return Array.from({ length: blob.length / PROOF_LEN }, (_, i) =>
    toBase64url(blob.subarray(i * PROOF_LEN, (i + 1) * PROOF_LEN)),
  );
}

function readEvent(bytes: Uint8Array<ArrayBuffer>): GroupEvent {
  const from = new Unpacked(bytes);
  const what = EVENTS[from.byte()];
  if (!what) throw new ConferenceBroken("an unknown event");
  return {
    what,
    leaf: from.short(),
    participant: toBase64url(from.raw(ID_LEN)),
    epoch: from.long(),
    number: from.long(),
    text: text.decode(from.vector()),
  };
}
