// On the way in: what the door says to somebody who waits.

import type { GroupEvent } from "../e2ee/conference_values.ts";

/** enum ic_door_card_flag. */
const LOCKED = 4;

/** enum ic_passcode_asked. */
const ASKED = ["needed", "wrong", "hidden"] as const;
export type PasscodeAsked = (typeof ASKED)[number];

export class Entry {
  participant = "";
  attended = false;
  locked = false;
  title = ""; // where who waits may know it
  connected = false;
  #full: "no" | "lately" | "before" = "no";
  question: string | undefined;
  passcode: PasscodeAsked | undefined;

  /** Events of the core that are for those who wait. */
  heard({ what, number, text }: GroupEvent): void {
    if (what === "attended") {
      this.attended = number !== 0;
      this.#full = this.#full === "lately" && this.attended ? "before" : "no";
    }
    if (what === "card") {
      this.locked = (number & LOCKED) !== 0;
      this.title = text;
    }
    if (what === "question") this.question = text;
    if (what === "passcode") this.passcode = ASKED[number];
  }

  /** One was let in, and there is no room. It is said again every few seconds for as long as that is so,
   * more often than whether a host is there. */
  refusedAsFull(): void {
    this.#full = "lately";
  }

  get full(): boolean {
    return this.#full !== "no";
  }

  answered(): void {
    this.question = undefined;
  }

  passcodeEntered(): void {
    this.passcode = undefined;
  }
}
