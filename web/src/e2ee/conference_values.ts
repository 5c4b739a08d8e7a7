// What goes into a meeting's group and what comes out of it, as values. conference.ts carries them.

import type { Stream } from "./core.ts";

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
  | { readonly wish: "everyone"; readonly may: number } // CAPABILITIES
  | { readonly wish: "stop"; readonly may: number; readonly leaves: readonly number[] } // who go, too
  | { readonly wish: "allow"; readonly leaf: number; readonly may: number }
  | { readonly wish: "grant"; readonly leaf: number; readonly rights: number }
  | { readonly wish: "present"; readonly presence: Presence };

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
  | {
      readonly type: "reject";
      readonly epoch: number;
      readonly commit: string;
      readonly later?: true;
      readonly sealed: string;
    }
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
export const EVENTS = [
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

export type LinkFault = "cut" | "first_stage" | "unknown";
export type LinkProofs =
  | { readonly fault: LinkFault }
  | { readonly isHost: boolean; readonly admission: Uint8Array; readonly host: Uint8Array };

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
export function bitsOf(streams: readonly Stream[]): number {
  return streams.reduce((sum, stream) => sum | (1 << STREAMS.indexOf(stream)), 0);
}

export function numberOf({ streams, hand, away, asksToShare }: Presence): number {
  return bitsOf(streams) | (hand ? 256 : 0) | (away ? 512 : 0) | (asksToShare ? 1024 : 0);
}
