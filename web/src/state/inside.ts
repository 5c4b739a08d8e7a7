// What the group says to who is in it: people, the door, settings, chat, checks. Each part knows its own
// subject; here is which event goes to which, and what follows for the others.

import { CAPABILITIES, type GroupEvent, presenceOf } from "../e2ee/conference_values.ts";
import type { Devices } from "../media/devices.ts";
import type { Chat } from "./chat.ts";
import type { Checks } from "./checks.ts";
import type { Comparing } from "./comparison.ts";
import type { Door } from "./door.ts";
import type { Invites } from "./invites.ts";
import type { Self } from "./meeting_events.ts";
import type { Notices } from "./notices.ts";
import type { OwnPresence } from "./own_presence.ts";
import type { People, PeopleChange } from "./people.ts";
import type { Security } from "./security.ts";
import type { Sharing } from "./sharing.ts";

export interface InsideParts {
  readonly people: People;
  readonly door: Door;
  readonly security: Security;
  readonly invites: Invites;
  readonly comparing: Comparing;
  readonly checks: Checks;
  readonly chat: Chat;
  readonly notices: Notices;
  readonly own: OwnPresence;
  readonly sharing: Sharing;
  readonly devices: Pick<Devices, "microphone" | "camera">;
}

export interface InsideEvents {
  readonly offAir: () => void;
  /** Who is here, or what they send, is another. */
  readonly people: () => void;
  /** The fragment of guests. */
  readonly link: (fragment: string) => void;
}

export class Inside {
  readonly #parts: InsideParts;
  readonly #events: InsideEvents;
  #self: Self | undefined;
  #entering = false; // the people that are told now were here before
  #outBy: "removed" | "sent_back" | "elsewhere" = "removed";
  #fragment: string | undefined;

  constructor(parts: InsideParts, events: InsideEvents) {
    this.#parts = parts;
    this.#events = events;
  }

  /** Undefined while one is not in. */
  get self(): Self | undefined {
    return this.#self;
  }

  /** Why one is taken out, when one is: by a host, by a host to wait again, or since one's link is open
   * on another device. */
  get outBy(): "removed" | "sent_back" | "elsewhere" {
    return this.#outBy;
  }

  get guestFragment(): string | undefined {
    return this.#fragment;
  }

  /** One waits, for the first time or again. */
  out(): void {
    this.#self = undefined;
  }

  /** In a group, perhaps another than before: who is here follows. */
  entered({ participant, leaf }: GroupEvent): void {
    const { people, door, invites, comparing, checks } = this.#parts;
    this.#entering = true;
    this.#outBy = "removed";
    for (const part of [people, door, invites, comparing, checks]) part.clear();
    this.#self = { participant, leaf, rights: 0 };
  }

  said(event: GroupEvent): void {
    const { people, door, security, invites, comparing, checks, notices } = this.#parts;
    switch (event.what) {
      case "person":
        this.#person(event);
        break;
      case "person_left":
        security.left(event);
        comparing.left(event.participant);
        checks.left(event.participant);
        this.#note(people.left(event));
        break;
      case "presence":
        this.#note(people.announced(event));
        break;
      case "chat":
        this.#written(event);
        break;
      case "knock":
        if (door.knocked(event)) notices.add({ what: "knocking", name: event.text });
        break;
      case "knock_answer":
        door.answered(event);
        break;
      case "knock_gone":
        door.gone(event);
        break;
      case "state":
        for (const what of security.state(event)) notices.add({ what });
        break;
      case "title":
        for (const change of security.titleIs(event)) notices.add(change);
        break;
      case "allowed":
        this.#allowed(event);
        break;
      case "may":
        people.allowed(event);
        break;
      case "muted":
        this.#muted(event);
        break;
      case "sent_back":
        this.#outBy = "sent_back";
        this.#events.offAir();
        break;
      case "opened_again":
        this.#outBy = "elsewhere";
        break;
      case "invite":
        invites.heard(event);
        break;
      case "compare":
        this.#compared(event);
        break;
      case "link":
        if (security.linkIs(event.text)) this.#linkReplaced();
        this.#fragment = event.text;
        this.#events.link(event.text);
        break;
      case "elsewhere":
        security.vouched(event);
        break;
      case "wrong_commit":
        notices.add({ what: "wrong_commit" });
        break;
      case "silenced":
        security.silenced = event.number === 1;
        break;
      case "epoch":
        this.#epoch(event);
        break;
      case "settings_lost":
        for (const what of security.lose(event)) notices.add({ what });
        break;
    }
  }

  // Those who wait with it are still in the list, and about to be sent away. Invites stay good.
  #linkReplaced(): void {
    const { door, notices } = this.#parts;
    const count = door.waiting.filter(({ invite }) => invite === 0).length;
    notices.add(count > 0 ? { what: "link_replaced_waiting", count } : { what: "link_replaced" });
  }

  // Who is here already when one enters has not joined just now.
  #person(event: GroupEvent): void {
    if (event.leaf === this.#self?.leaf) {
      this.#self = { ...this.#self, rights: event.number };
      return;
    }
    const changes = this.#parts.people.came(event);
    void this.#parts.checks.met(event.participant, event.text);
    this.#note(this.#entering ? [] : changes);
  }

  #epoch(event: GroupEvent): void {
    const { people, door, security, comparing, chat } = this.#parts;
    if (this.#entering && people.members.length > 0) chat.cameLater = true;
    this.#entering = false;
    security.epoch(event, performance.now());
    comparing.offerLater();
    door.undecided();
    this.#events.people();
  }

  #allowed(event: GroupEvent): void {
    const { security, notices, chat, devices } = this.#parts;
    const entered = !security.allowedKnown;
    for (const what of security.allowed(event)) notices.add({ what });
    if (entered && devices.microphone.on && !(security.own & CAPABILITIES.speak))
      notices.add({ what: "mic_held" });
    chat.allowLinks((security.everyone & CAPABILITIES.link) !== 0);
    this.#obey();
  }

  // The others do not show it any more; so it is not sent either.
  #obey(): void {
    const { security, own, sharing, devices, notices } = this.#parts;
    if (!(security.own & CAPABILITIES.speak)) devices.microphone.turnOff();
    if (!(security.own & CAPABILITIES.video)) devices.camera.turnOff();
    if (!(security.own & CAPABILITIES.share) && sharing.preview) {
      sharing.stop();
      notices.add({ what: "share_taken" });
    }
    if (security.own & CAPABILITIES.share && own.asksToShare) own.askToShare(false);
  }

  // Asked for by a host, and signed. There is no word that turns anything on. What was off already, the
  // host turned not off.
  #muted({ participant, number }: GroupEvent): void {
    const { people, notices, sharing, devices } = this.#parts;
    const { streams } = presenceOf(number);
    const name = people.get(participant)?.name;
    const ends: [boolean, () => void, "muted_by_host" | "camera_by_host" | "share_by_host"][] = [
      [
        streams.includes("microphone") && devices.microphone.on,
        () => {
          devices.microphone.turnOff();
          notices.known("talking_while_muted", performance.now());
        },
        "muted_by_host",
      ],
      [
        streams.includes("camera") && devices.camera.on,
        () => devices.camera.turnOff(),
        "camera_by_host",
      ],
      [
        streams.includes("screen") && sharing.preview !== undefined,
        () => sharing.stop(),
        "share_by_host",
      ],
    ];
    for (const [wasOn, end, what] of ends) {
      if (!wasOn) continue;
      end();
      if (name !== undefined) notices.add({ what, name });
    }
  }

  #compared(event: GroupEvent): void {
    const member = this.#parts.people.get(event.participant);
    if (!member) return;
    if (this.#parts.comparing.heard(event))
      this.#parts.notices.add({ what: "words_differ", name: member.name });
  }

  #written({ participant, text }: GroupEvent): void {
    const member = this.#parts.people.get(participant);
    if (!member) return;
    this.#parts.chat.add(member, text, Date.now());
    this.#parts.notices.add({ what: "written", name: member.name, text });
  }

  #note(changes: readonly PeopleChange[]): void {
    for (const change of changes) this.#parts.notices.add(change);
    this.#events.people();
  }
}
