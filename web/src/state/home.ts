// The page at `/`: a link to use, and with a start token the right to start one meeting. This browser
// makes the meeting's secret; the server gets a hash of what follows from it.

import type { Proofs } from "../e2ee/messages.ts";
import type { FromClient, FromServer } from "../signal/messages.ts";
import { Socket } from "../signal/socket.ts";
import { readLink } from "./link.ts";
import type { Invited, Page, Shell } from "./page.ts";
import { CORE_MISSING, problemOf, refusal } from "./problems.ts";
import type { HomeView, Problem } from "./view.ts";

export class HomePage implements Page {
  readonly #shell: Shell;
  #token: string | undefined;
  #problem: Problem | undefined = refusal();
  #starting = false;
  #made: Invited | undefined;
  #socket: Socket | undefined;

  constructor(shell: Shell, token?: string) {
    this.#shell = shell;
    this.#token = token;
  }

  view(): HomeView {
    const made = this.#made;
    const canStart = this.#token !== undefined && !made;
    return {
      page: "home",
      starting: this.#starting,
      useLink: (link) => this.#useLink(link),
      ...(canStart ? { start: () => void this.#start() } : {}),
      ...(this.#problem ? { problem: this.#problem } : {}),
      ...(made?.guests ? { invite: this.#shell.invite(made.meeting, made.guests) } : {}),
      ...(made ? { enter: () => this.#shell.join(made) } : {}),
    };
  }

  close(): void {
    this.#socket?.close();
  }

  #useLink(link: string): void {
    const place = readLink(link, this.#shell.origin);
    if (place.page === "meeting") this.#shell.join(place);
    else if (place.page === "old") this.#fail({ what: "link_old" });
    else this.#fail({ what: "link_wrong" });
  }

  async #start(): Promise<void> {
    const token = this.#token;
    if (this.#starting || token === undefined || refusal()) return;
    this.#starting = true;
    this.#problem = undefined;
    this.#shell.changed();
    try {
      const { own, guests, proofs } = await this.#makeLink();
      const { hash, hostHash = "" } = proofs;
      const message = {
        type: "create" as const,
        start: token,
        admission: hash,
        host: hostHash,
      };
      this.#create(message, own, guests);
    } catch {
      this.#fail(CORE_MISSING);
    }
  }

  async #makeLink(): Promise<{ own: string; guests: string; proofs: Proofs }> {
    const { core } = await this.#shell.core.take();
    try {
      const { host, guest } = await core.makeLink();
      const proofs = await core.proofs(host);
      if ("fault" in proofs) throw new Error("the core does not know its own link");
      return { own: host, guests: guest, proofs };
    } finally {
      core.close();
    }
  }

  #create(message: FromClient, own: string, guests: string): void {
    this.#socket = new Socket(this.#shell.socketAddress, () => message, {
      message: (answer) => this.#answered(answer, own, guests),
      lost: (retryInMs) => {
        this.#problem = { what: "network", retryInMs };
        this.#shell.changed();
      },
    });
  }

  #answered(answer: FromServer, own: string, guests: string): void {
    if (answer.type === "created") {
      this.#socket?.close();
      this.#token = undefined;
      this.#starting = false;
      this.#problem = undefined;
      this.#made = { meeting: answer.meeting, fragment: own, guests, made: true };
      this.#shell.addressBar.show(`/${answer.meeting}`, own); // a reload keeps the link
      this.#shell.core.prepare();
      this.#shell.changed();
    } else if (answer.type === "error") {
      this.#socket?.close();
      this.#fail(problemOf(answer));
    }
  }

  #fail(problem: Problem): void {
    this.#starting = false;
    this.#problem = problem;
    this.#shell.changed();
  }
}
