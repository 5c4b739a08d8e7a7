// The page of a meeting one is in: draws it, and decides where to go when it is over.

import type { Core } from "../e2ee/core.ts";
import { LeftPage } from "./left.ts";
import { hostFragment, isHostFragment, isPersonalFragment } from "./link.ts";
import type { Meeting } from "./meeting.ts";
import type { StayEvents } from "./meeting_events.ts";
import { meetingView } from "./meeting_view.ts";
import type { Invited, Page, Shell } from "./page.ts";
import type { View } from "./view.ts";

export class MeetingPage implements Page {
  readonly #shell: Shell;
  #invited: Invited;
  readonly #meeting: Meeting;
  readonly #core: Core;
  #goesOn = false;

  constructor(shell: Shell, invited: Invited, meeting: Meeting, core: Core) {
    this.#shell = shell;
    this.#invited = invited;
    this.#meeting = meeting;
    this.#core = core;
    meeting.listener = this.#events();
    if (meeting.guestFragment !== undefined) this.#replaceLink(meeting.guestFragment);
  }

  view(): View {
    const { meeting, fragment, guests = fragment } = this.#invited;
    const invite = (link: string) => this.#shell.invite(meeting, link);
    return meetingView(this.#meeting, this.#shell.devices, invite, guests, () => this.#startNew());
  }

  devicesChanged(): void {
    this.#meeting.ownStreamsChanged();
  }

  voiceHeard(): void {
    this.#meeting.ownVoiceHeard();
  }

  speakerChosen(id: string): void {
    this.#meeting.playback.setSpeaker(id);
  }

  seen(visible: boolean): void {
    this.#meeting.seen(visible);
  }

  online(): void {
    this.#meeting.online();
  }

  /** The browser page is going away: the others need not wait to see it. */
  goingAway(): void {
    this.#meeting.leave();
  }

  /** The meeting goes on with another page. */
  handOver(): void {
    this.#goesOn = true;
    this.#meeting.listener = undefined;
  }

  close(): void {
    if (this.#goesOn) return;
    this.#meeting.close();
    this.#core.close();
  }

  #events(): StayEvents {
    return {
      changed: () => this.#shell.changed(),
      over: (why) => {
        this.#shell.devices.stop();
        if (why === "sent_back") this.#shell.rejoin(this.#invited, { movedBack: true });
        else this.#shell.show(new LeftPage(this.#shell, why, this.#invited));
      },
      link: (fragment) => this.#replaceLink(fragment),
      broken: () => this.#shell.rejoin(this.#invited),
    };
  }

  // Nothing of this one is trusted any more.
  #startNew(): void {
    this.#meeting.leave();
    this.#shell.home();
  }

  // A reload finds the link as it is now, and copies are of it.
  #replaceLink(guests: string): void {
    const { meeting, fragment } = this.#invited;
    this.#invited = { meeting, fragment: ownAfter(fragment, guests), guests };
    this.#shell.addressBar.keep(this.#invited.fragment);
    this.#shell.changed();
  }
}

/** One's own link once that of guests is `guests`. */
function ownAfter(fragment: string, guests: string): string {
  if (isPersonalFragment(fragment)) return fragment;
  return isHostFragment(fragment) ? hostFragment(fragment, guests) : guests;
}
