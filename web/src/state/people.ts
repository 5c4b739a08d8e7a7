// Who else is here, by what they announced about themselves. The order is by time of joining as this
// client saw it, and stays still.

import type { Stream } from "../signal/messages.ts";
import { type Announcement, isNewer } from "./announcement.ts";

export interface Member {
  readonly participant: string;
  readonly index: number;
  readonly announcement: Announcement;
}

export type PeopleChange =
  | { readonly what: "joined" | "left"; readonly name: string }
  | { readonly what: "share_started" | "share_ended"; readonly name: string };

export class People {
  readonly #members = new Map<string, Member>(); // in order of joining
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
    return this.#members.get(participant)?.announcement.streams.includes(stream) ?? false;
  }

  /** Undefined: an old announcement, to be ignored. */
  announced(member: Member): readonly PeopleChange[] | undefined {
    const known = this.#members.get(member.participant);
    if (!isNewer(member.announcement, known?.announcement)) return undefined;
    const name = member.announcement.name;
    const shared = this.#shares.includes(member.participant);
    const shares = member.announcement.streams.includes("screen");
    this.#members.set(member.participant, member);
    if (shares && !shared) this.#shares.push(member.participant);
    if (!shares) this.#shares = this.#shares.filter((id) => id !== member.participant);
    return [
      ...(known ? [] : [{ what: "joined" as const, name }]),
      ...(shares === shared ? [] : [{ what: shareChange(shares), name }]),
    ];
  }

  left(participant: string): readonly PeopleChange[] {
    const member = this.#members.get(participant);
    if (!member) return [];
    const shared = this.#shares.includes(participant);
    this.#members.delete(participant);
    this.#shares = this.#shares.filter((id) => id !== participant);
    const name = member.announcement.name;
    return [
      ...(shared ? [{ what: "share_ended" as const, name }] : []),
      { what: "left" as const, name },
    ];
  }
}

function shareChange(shares: boolean): "share_started" | "share_ended" {
  return shares ? "share_started" : "share_ended";
}
