// The page of a meeting one is in: draws it, and decides where to go when it is over.

import type { Core } from "../e2ee/core.ts";
import { LeftPage } from "./left.ts";
import type { Meeting, StayEvents } from "./meeting.ts";
import { meetingView } from "./meeting_view.ts";
import type { Invited, Page, Shell } from "./page.ts";
import type { View } from "./view.ts";

export class MeetingPage implements Page {
  readonly #shell: Shell;
  readonly #invited: Invited;
  readonly #meeting: Meeting;
  readonly #core: Core;

  constructor(shell: Shell, invited: Invited, meeting: Meeting, core: Core) {
    this.#shell = shell;
    this.#invited = invited;
    this.#meeting = meeting;
    this.#core = core;
    meeting.listener = this.#events();
  }

  view(): View {
    const invite = this.#shell.invite(this.#invited);
    return meetingView(this.#meeting, this.#shell.devices, invite);
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

  close(): void {
    this.#meeting.close();
    this.#core.close();
  }

  #events(): StayEvents {
    return {
      changed: () => this.#shell.changed(),
      over: (why) => {
        this.#shell.devices.stop();
        this.#shell.show(new LeftPage(this.#shell, why, this.#invited));
      },
      broken: (resume) => this.#shell.rejoin(this.#invited, resume),
    };
  }
}
