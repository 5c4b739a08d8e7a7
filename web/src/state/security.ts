// What the group says of itself: who holds the key, the door's settings, and whether all is well.

import { FLAGS, type GroupEvent } from "../e2ee/conference.ts";

type Change = "locked" | "unlocked" | "link_replaced" | "waiting_room_on" | "waiting_room_off";

export class Security {
  keyHolders = 0;
  epochNumber = 0;
  locked = false;
  waitingRoom = true;
  passcode = false;
  linkVersion = 0;
  silenced = false;
  readonly #elsewhere = new Set<string>(); // participants

  get elsewhere(): ReadonlySet<string> {
    return this.#elsewhere;
  }

  /** The first state is no change. */
  state({ number, epoch }: GroupEvent): readonly Change[] {
    const locked = (number & FLAGS.locked) !== 0;
    const waitingRoom = (number & FLAGS.waitingRoom) !== 0;
    const changes: Change[] = [];
    if (locked !== this.locked) changes.push(locked ? "locked" : "unlocked");
    if (waitingRoom !== this.waitingRoom)
      changes.push(waitingRoom ? "waiting_room_on" : "waiting_room_off");
    if (epoch !== this.linkVersion) changes.push("link_replaced");
    const first = this.linkVersion === 0;
    this.locked = locked;
    this.waitingRoom = waitingRoom;
    this.passcode = (number & FLAGS.passcode) !== 0;
    this.linkVersion = epoch;
    return first ? [] : changes;
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
