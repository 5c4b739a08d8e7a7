// What the group says of itself: who holds the key, the door's settings, and whether all is well.

import { allowedOf, CAPABILITIES, FLAGS, type GroupEvent } from "../e2ee/conference_values.ts";
import type { SettingsLost } from "./view.ts";

type Change =
  | "share_all"
  | "share_hosts"
  | "chat_on"
  | "chat_off"
  | "links_on"
  | "links_off"
  | "mics_on"
  | "mics_off"
  | "locked"
  | "unlocked"
  | "waiting_room_on"
  | "waiting_room_off"
  | "straight_in_on"
  | "straight_in_off";

type TitleChange =
  | { readonly what: "titled"; readonly name: string }
  | { readonly what: "untitled" | "title_shown" | "title_hidden" };

/** enum ic_settings_lost. */
const LOST: readonly SettingsLost[] = [
  "settings_lost",
  "settings_all_lost",
  "settings_hidden",
  "settings_unknown",
];

/** What the keys were last changed for: one's own coming in, somebody who came or went, or a change of
 * settings and keys alone. */
export type KeyChange = "entry" | "join" | "leave" | "renewal";

export class Security {
  keyHolders = 0;
  keysChangedAt = 0; // ms, performance.now() clock
  keysChangedBy: KeyChange = "entry";
  epochNumber = 0;
  locked = false;
  waitingRoom = true;
  straightIn = false; // who has a personal invite, past the waiting room
  passcode = false;
  title = ""; // what the meeting is called
  titleShown = false;
  #titled = false; // a title was heard, if only that there is none
  replaced = 0; // how often the link was, since one is here
  everyone = 0; // CAPABILITIES of all who have no say in it
  own = 0; // one's own
  allowedKnown = false; // both were heard
  #known = false; // a state was heard
  #link: string | undefined; // of guests
  silenced = false;
  /** The meeting was founded anew, by a host who does not hold its settings. Until the host has seen
   * it. */
  lost: SettingsLost | undefined;
  readonly #elsewhere = new Set<string>(); // participants

  get elsewhere(): ReadonlySet<string> {
    return this.#elsewhere;
  }

  /** The first state is no change. */
  state({ number }: GroupEvent): readonly Change[] {
    const locked = (number & FLAGS.locked) !== 0;
    const waitingRoom = (number & FLAGS.waitingRoom) !== 0;
    const changes: Change[] = [];
    if (locked !== this.locked) changes.push(locked ? "locked" : "unlocked");
    if (waitingRoom !== this.waitingRoom)
      changes.push(waitingRoom ? "waiting_room_on" : "waiting_room_off");
    const straightIn = (number & FLAGS.straightIn) !== 0;
    if (straightIn !== this.straightIn)
      changes.push(straightIn ? "straight_in_on" : "straight_in_off");
    const first = !this.#known;
    this.#known = true;
    this.locked = locked;
    this.waitingRoom = waitingRoom;
    this.straightIn = straightIn;
    this.passcode = (number & FLAGS.passcode) !== 0;
    return first ? [] : changes;
  }

  /** What it is called; the first is no change. */
  titleIs({ text, number }: GroupEvent): readonly TitleChange[] {
    const shown = number === 1;
    const changes: TitleChange[] = [];
    if (text !== this.title)
      changes.push(text === "" ? { what: "untitled" } : { what: "titled", name: text });
    if (shown !== this.titleShown) changes.push({ what: shown ? "title_shown" : "title_hidden" });
    const first = !this.#titled;
    this.#titled = true;
    this.title = text;
    this.titleShown = shown;
    return first ? [] : changes;
  }

  /** What people may do; the first is no change. */
  allowed({ number }: GroupEvent): readonly Change[] {
    const { everyone, own } = allowedOf(number);
    const first = !this.allowedKnown;
    this.allowedKnown = true;
    const turned = (capability: number, on: Change, off: Change): Change[] => {
      const may = (everyone & capability) !== 0;
      return may === ((this.everyone & capability) !== 0) ? [] : [may ? on : off];
    };
    const changes = [
      ...turned(CAPABILITIES.share, "share_all", "share_hosts"),
      ...turned(CAPABILITIES.chat, "chat_on", "chat_off"),
      ...turned(CAPABILITIES.link, "links_on", "links_off"),
      ...turned(CAPABILITIES.speak, "mics_on", "mics_off"),
    ];
    this.everyone = everyone;
    this.own = own;
    return first ? [] : changes;
  }

  /** Gives what is to be said. */
  lose({ number }: GroupEvent): readonly SettingsLost[] {
    this.lost = LOST[number];
    return this.lost ? [this.lost] : [];
  }

  /** The fragment of guests. True: it is another than before. A passcode changes the version of a link, but not the link. */
  linkIs(fragment: string): boolean {
    const changed = this.#link !== undefined && this.#link !== fragment;
    this.#link = fragment;
    if (changed) this.replaced += 1;
    return changed;
  }

  epoch({ number, epoch }: GroupEvent, now: number): void {
    const grown = number - this.keyHolders;
    this.keysChangedBy =
      this.keyHolders === 0 ? "entry" : grown > 0 ? "join" : grown < 0 ? "leave" : "renewal";
    this.keysChangedAt = now;
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
