// The page of somebody who has asked to come in.

import type { Core } from "../e2ee/core.ts";
import { devicesView } from "./devices_view.ts";
import type { Meeting } from "./meeting.ts";
import { colour, initials } from "./names.ts";
import type { Page, Shell } from "./page.ts";
import type { WaitingView } from "./view.ts";

export class WaitingPage implements Page {
  readonly #shell: Shell;
  readonly #meeting: Meeting;
  readonly #core: Core;
  readonly #since = performance.now();
  readonly #movedBack: boolean;
  #goesOn = false;

  constructor(shell: Shell, meeting: Meeting, core: Core, movedBack: boolean) {
    this.#movedBack = movedBack;
    this.#shell = shell;
    this.#meeting = meeting;
    this.#core = core;
  }

  view(): WaitingView {
    const { entry, ticket } = this.#meeting;
    const { question, passcode } = entry;
    return {
      page: "waiting",
      server: this.#shell.server,
      name: ticket.name,
      initials: initials(ticket.name),
      colour: colour(entry.participant),
      waitingSince: this.#since,
      attended: entry.attended,
      locked: entry.locked,
      connected: entry.connected,
      devices: devicesView(this.#shell.devices),
      ...(question === undefined
        ? {}
        : { question: { text: question, answer: (text) => this.#meeting.answer(text) } }),
      ...(passcode === undefined
        ? {}
        : {
            passcode: {
              wrong: passcode === "wrong",
              enter: (text) => this.#meeting.enterPasscode(text),
            },
          }),
      movedBack: this.#movedBack,
      leave: () => this.#leave(),
    };
  }

  /** The meeting goes on with another page. */
  handOver(): void {
    this.#goesOn = true;
  }

  close(): void {
    if (this.#goesOn) return;
    this.#meeting.close();
    this.#core.close();
  }

  #leave(): void {
    this.#meeting.leave();
    this.#shell.home();
  }
}
