// Who else is here: the members of the group, with the names in their leaves and what they announced.
// The order is by time of joining as this client saw it, and stays still.

import { type GroupEvent, presenceOf, RIGHTS } from "../e2ee/conference_values.ts";
import type { Stream } from "../signal/messages.ts";

export interface Member {
  readonly participant: string;
  readonly index: number; // the leaf
  readonly name: string;
  readonly isHost: boolean; // holds the right to let in, by a grant that leads to the host's key
  readonly streams: readonly Stream[];
  readonly away: boolean;
  readonly asksToShare: boolean;
  readonly hand: number; // 0: down; else the lower, the earlier it went up
  readonly may?: number; // CAPABILITIES; known to who may change it
}

export type PeopleChange =
  | { readonly what: "joined"; readonly name: string; readonly isGuest: boolean }
  | { readonly what: "left" | "removed_by_host" | "sent_back"; readonly name: string }
  | { readonly what: "connection_lost"; readonly name: string }
  | {
      readonly what: "share_started" | "share_ended" | "share_asked" | "hand_up";
      readonly name: string;
    };

/** enum ic_leave_reason. */
const LEFT = ["left", "connection_lost", "removed_by_host", "sent_back"] as const;

export class People {
  readonly #members = new Map<string, Member>(); // in order of joining
  #hands = 0; // that went up so far
  #shares: string[] = []; // participants that share, the newest last

  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  get(participant: string): Member | undefined {
    return this.#members.get(participant);
  }

  /** The participant whose screen is the newest. */
  get sharer(): Member | undefined {
    return this.#members.get(this.#shares.at(-1) ?? "");
  }

  has(participant: string, stream: Stream): boolean {
    return this.#members.get(participant)?.streams.includes(stream) ?? false;
  }

  /** A "may" event: of a member, whoever allowed it. */
  allowed({ participant, number }: GroupEvent): void {
    const member = this.#members.get(participant);
    if (member) this.#members.set(participant, { ...member, may: number });
  }

  /** A "person" event: somebody new, or whose rights changed. */
  came({ participant, leaf, text, number }: GroupEvent): readonly PeopleChange[] {
    const known = this.#members.get(participant);
    const isHost = (number & RIGHTS.admit) !== 0;
    const silent = { streams: [], away: false, asksToShare: false, hand: 0 };
    this.#members.set(participant, {
      ...(known ?? silent),
      participant,
      index: leaf,
      name: text,
      isHost,
    });
    return known ? [] : [{ what: "joined", name: text, isGuest: !isHost }];
  }

  /** A "presence" event. */
  announced({ participant, number }: GroupEvent): readonly PeopleChange[] {
    const member = this.#members.get(participant);
    if (!member) return [];
    const { streams, away, asksToShare, hand: up } = presenceOf(number);
    const shared = this.#shares.includes(participant);
    const shares = streams.includes("screen");
    const raised = up && member.hand === 0;
    if (raised) this.#hands += 1;
    const hand = raised ? this.#hands : up ? member.hand : 0;
    this.#members.set(participant, { ...member, streams, away, asksToShare, hand });
    if (shares && !shared) this.#shares.push(participant);
    if (!shares) this.#shares = this.#shares.filter((id) => id !== participant);
    const { name } = member;
    return [
      ...(raised ? [{ what: "hand_up" as const, name }] : []),
      ...(asksToShare && !member.asksToShare ? [{ what: "share_asked" as const, name }] : []),
      ...(shares && !shared ? [{ what: "share_started" as const, name }] : []),
      ...(shared && !shares ? [{ what: "share_ended" as const, name }] : []),
    ];
  }

  /** A "person_left" event. */
  left({ participant, number }: GroupEvent): readonly PeopleChange[] {
    const member = this.#members.get(participant);
    if (!member) return [];
    const shared = this.#shares.includes(participant);
    this.#members.delete(participant);
    this.#shares = this.#shares.filter((id) => id !== participant);
    const { name } = member;
    return [
      ...(shared ? [{ what: "share_ended" as const, name }] : []),
      { what: LEFT[number] ?? "left", name },
    ];
  }

  clear(): void {
    this.#members.clear();
    this.#shares = [];
  }
}
