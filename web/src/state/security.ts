// What the group says of itself: who holds the key, the door's settings, and whether all is well.

import type { GroupEvent } from "../e2ee/conference.ts";

/** enum ic_conference_flag. */
const LOCKED = 1;

type Change = "locked" | "unlocked" | "link_replaced";

export class Security {
  keyHolders = 0;
  epochNumber = 0;
  locked = false;
  linkVersion = 0;
  silenced = false;
  readonly #elsewhere = new Set<string>(); // participants

  get elsewhere(): ReadonlySet<string> {
    return this.#elsewhere;
  }

  /** The first state is no change. */
  state({ number, epoch }: GroupEvent): readonly Change[] {
    const locked = (number & LOCKED) !== 0;
    const first = this.linkVersion === 0;
    const changes: Change[] = [];
    if (!first && locked !== this.locked) changes.push(locked ? "locked" : "unlocked");
    if (!first && epoch !== this.linkVersion) changes.push("link_replaced");
    this.locked = locked;
    this.linkVersion = epoch;
    return changes;
  }

  epoch({ number, epoch }: GroupEvent): void {
    this.keyHolders = number;
    this.epochNumber = epoch;
  }

  vouched({ participant, number }: GroupEvent): void {
    if (number === 1) this.#elsewhere.add(participant);
    else this.#elsewhere.delete(participant);
  }

  left({ participant }: GroupEvent): void {
    this.#elsewhere.delete(participant);
  }
}
