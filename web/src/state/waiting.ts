// The page of somebody who has asked to come in.

import type { Core } from "../e2ee/core.ts";
import { devicesView } from "./devices_view.ts";
import type { Meeting } from "./meeting.ts";
import { colour, initials } from "./names.ts";
import type { Coming, Invited, Page, Shell } from "./page.ts";
import type { WaitingView } from "./view.ts";

const NAME_CHANGES_MOST = 2; // the hosts read each

export class WaitingPage implements Page {
  readonly #shell: Shell;
  readonly #meeting: Meeting;
  readonly #core: Core;
  readonly #since = performance.now();
  readonly #invited: Invited;
  readonly #how: Coming;
  #goesOn = false;

  constructor(shell: Shell, meeting: Meeting, core: Core, invited: Invited, how: Coming) {
    this.#invited = invited;
    this.#how = how;
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
      own: ticket.host !== undefined,
      waitingSince: this.#since,
      attended: entry.attended,
      locked: entry.locked,
      full: entry.full,
      ...(entry.title === "" ? {} : { title: entry.title }),
      connected: entry.connected,
      devices: devicesView(this.#shell.devices),
      ...(question === undefined
        ? {}
        : { question: { text: question, answer: (text) => this.#meeting.answer(text) } }),
      ...(passcode === undefined
        ? {}
        : {
            passcode: {
              asked: passcode,
              enter: (text) => this.#meeting.enterPasscode(text),
            },
          }),
      movedBack: this.#how.movedBack === true,
      cutOff: this.#how.cutOff === true,
      ...(this.#nameChanges < NAME_CHANGES_MOST ? { changeName: () => this.#changeName() } : {}),
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

  get #nameChanges(): number {
    return this.#how.nameChanges ?? 0;
  }

  // The name is in what was knocked with: another one is another knock.
  #changeName(): void {
    this.#meeting.leave();
    const { title } = this.#meeting.entry;
    this.#shell.join(this.#invited, { nameChanges: this.#nameChanges + 1, title });
  }

  #leave(): void {
    this.#meeting.leave();
    this.#shell.home();
  }
}
