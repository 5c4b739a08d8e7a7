// The values of conference_values.ts as the bytes of src/e2ee/wasm_conference.c.

import { fromBase64url, toBase64url } from "./base64url.ts";
import {
  bitsOf,
  COMPARISONS,
  EVENTS,
  type GroupEvent,
  type GroupSaid,
  type GroupWish,
  type Heard,
  numberOf,
} from "./conference_values.ts";
import { ID_LEN, Packed, Unpacked } from "./packed.ts";

/** enum heard of wasm_conference.c. */
export const HEARD: readonly Heard["type"][] = [
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

/** enum wished of wasm_conference.c. */
export const WISHES: readonly GroupWish["wish"][] = [
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

const HASH_LEN = 32;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** A conference ran out of memory, or its library refused: it must not go on. */
export class ConferenceBroken extends Error {}

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

export function packHeard(heard: Heard): Packed {
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

export function packWish(wish: GroupWish): Packed {
  return new Packed()
    .id("participant" in wish ? wish.participant : undefined)
    .number("leaf" in wish ? wish.leaf : 0, 2)
    .number(numberIn(wish), 4)
    .vector(bytesIn(wish));
}

function bytesIn(wish: GroupWish): Uint8Array {
  if ("key" in wish) return wish.key;
  if ("leaves" in wish) return Uint8Array.from(wish.leaves.flatMap((leaf) => [leaf >> 8, leaf]));
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

export function readSaid(bytes: Uint8Array<ArrayBuffer>): GroupSaid {
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
      return { type, epoch, commit: toBase64url(info), ...(flag ? { later: true } : {}), sealed };
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
  return Array.from({ length: blob.length / HASH_LEN }, (_, i) =>
    toBase64url(blob.subarray(i * HASH_LEN, (i + 1) * HASH_LEN)),
  );
}

export function readEvent(bytes: Uint8Array<ArrayBuffer>): GroupEvent {
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
