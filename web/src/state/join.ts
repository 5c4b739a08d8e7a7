// The page before a meeting, and the way in: link secret into the core, `join` to the server. Nothing
// here needs a device.

import type { Called } from "../e2ee/conference_values.ts";
import type { CoreEvent } from "../e2ee/core.ts";
import type { ErrorCode, Said } from "../signal/messages.ts";
import type { StartedCore } from "./core_starter.ts";
import { devicesView } from "./devices_view.ts";
import { lastDoor } from "./kept_doors.ts";
import { LeftPage } from "./left.ts";
import { isHostFragment } from "./link.ts";
import { Meeting } from "./meeting.ts";
import type { MeetingEvents, Ticket } from "./meeting_events.ts";
import { MeetingPage } from "./meeting_page.ts";
import { checkName, checkTitle, type NameProblem } from "./names.ts";
import { NetworkTest } from "./network.ts";
import type { Coming, Invited, Page, Shell } from "./page.ts";
import { CORE_MISSING, problemOf, refusal } from "./problems.ts";
import type { JoinView, Problem, TitleField } from "./view.ts";
import { WaitingPage } from "./waiting.ts";

const COUNT_DOWN_MS = 500;
const TRY_AGAIN_MS = 3000;
const TRIED_AGAIN: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["full", "no_media", "too_fast"]);

export class JoinPage implements Page {
  readonly #shell: Shell;
  readonly #invited: Invited | undefined;
  readonly #how: Coming;
  readonly #network: NetworkTest | undefined;
  #problem: Problem | undefined;
  #nameProblem: NameProblem | undefined;
  #titleProblem: Exclude<NameProblem, "empty"> | undefined;
  #joining = false;
  #closed = false;
  #waitUntil = 0; // the server asked not to try before
  #retries = false; // then it is tried again without a press
  #countDown: ReturnType<typeof setInterval> | undefined;
  #leaveCore: (() => void) | undefined; // ends what a join in progress holds

  /** Without a meeting the page says what is wrong with the link. */
  constructor(
    shell: Shell,
    invited?: Invited,
    how: Coming = {},
    problem: Problem = { what: "link_wrong" },
  ) {
    this.#how = how;
    this.#shell = shell;
    this.#invited = invited;
    this.#network = invited && !refusal() ? new NetworkTest(shell, invited) : undefined;
    this.#problem = refusal() ?? (invited ? undefined : problem);
  }

  view(): JoinView {
    const retryInMs = Math.max(0, this.#waitUntil - performance.now());
    const problem = this.#problem && { ...this.#problem, ...(this.#retries ? { retryInMs } : {}) };
    return {
      page: "join",
      server: this.#shell.server,
      name: this.#shell.name,
      setName: (name) => this.#setName(name),
      ...(this.#nameProblem ? { nameProblem: this.#nameProblem } : {}),
      devices: devicesView(this.#shell.devices),
      ...(this.#network
        ? { network: { view: this.#network.view, start: () => this.#network?.start() } }
        : {}),
      ...(this.#canJoin ? { join: () => void this.join() } : {}),
      joining: this.#joining,
      ...(this.#opens ? { opens: true, title: this.#titleField() } : {}),
      ...(this.#how.title ? { called: this.#how.title } : {}),
      ...(problem ? { problem } : {}),
    };
  }

  close(): void {
    this.#closed = true;
    this.#network?.close();
    clearInterval(this.#countDown);
    this.#leaveCore?.();
  }

  async join(): Promise<void> {
    const invited = this.#invited;
    const checked = checkName(this.#shell.name);
    this.#nameProblem = "problem" in checked ? checked.problem : undefined;
    const title = checkTitle(this.#opens ? this.#shell.title : "");
    this.#titleProblem = "problem" in title ? title.problem : undefined;
    this.#shell.changed();
    if ("problem" in checked || "problem" in title || !invited) return;
    if (this.#joining || !this.#canJoin) return;
    this.#joining = true;
    this.#problem = undefined;
    this.#retries = false;
    try {
      await this.#enter(invited, { name: checked.name, ...title });
    } catch {
      this.#leaveCore?.();
      this.#leaveCore = undefined;
      this.#fail(CORE_MISSING);
    }
  }

  get #canJoin(): boolean {
    return this.#invited !== undefined && !refusal() && performance.now() >= this.#waitUntil;
  }

  get #opens(): boolean {
    return this.#invited !== undefined && isHostFragment(this.#invited.fragment);
  }

  #titleField(): TitleField {
    return {
      text: this.#shell.title,
      set: (text) => {
        this.#shell.title = text;
        this.#titleProblem = undefined;
        this.#shell.changed();
      },
      ...(this.#titleProblem ? { problem: this.#titleProblem } : {}),
    };
  }

  #setName(name: string): void {
    this.#shell.name = name;
    this.#nameProblem = undefined;
    this.#shell.core.prepare(); // somebody who types a name is about to join
    this.#shell.changed();
  }

  // What this device knows of a meeting of one's own, the server shall not take away.
  async #known({ meeting, made = false }: Invited): Promise<Pick<Called, "last" | "madeHere">> {
    const last = this.#opens ? await lastDoor(meeting) : undefined;
    return { ...(last ? { last } : {}), madeHere: made };
  }

  async #enter(invited: Invited, called: { name: string; title: string }): Promise<void> {
    const { fragment, meeting } = invited;
    const known = await this.#known(invited);
    const started = await this.#shell.core.take();
    const { core } = started;
    this.#leaveCore = () => core.close();
    const proofs = await core.proofs(fragment);
    if ("fault" in proofs || !(await core.openGroup(fragment, meeting, { ...called, ...known }))) {
      core.close();
      this.#fail({ what: "link_wrong" });
      return;
    }
    if (this.#closed) {
      core.close();
      return;
    }
    const { proof, host } = proofs;
    const ticket = { meeting, ...called, proof, ...(host ? { host } : {}) };
    this.#meet(started, invited, ticket);
  }

  // One meeting, and in turn its pages: one waits, is in, and may have to wait again.
  #meet(started: StartedCore, invited: Invited, ticket: Ticket): void {
    const { core } = started;
    let page: WaitingPage | MeetingPage | undefined;
    const turn = (next: WaitingPage | MeetingPage) => {
      this.#leaveCore = undefined;
      page?.handOver();
      page = next;
      this.#shell.show(next);
    };
    const { socketAddress, devices } = this.#shell;
    const meeting: Meeting = new Meeting(socketAddress, ticket, core, devices, {
      ...this.#events(),
      waiting: () => {
        if (!(page instanceof WaitingPage)) {
          const how = page ? { cutOff: true } : this.#how;
          turn(new WaitingPage(this.#shell, meeting, core, invited, how));
        }
        this.#shell.changed();
      },
      entered: () => {
        this.#shell.title = ""; // it is in the group from now on
        if (page instanceof WaitingPage && !this.#opens) void this.#shell.devices.letInSound();
        turn(new MeetingPage(this.#shell, invited, meeting, core));
      },
      notTheHost: (code) => {
        this.#shell.devices.stop(); // it may come in the middle of the meeting
        const problem = { what: "not_the_host" as const, code: `E-DOOR-${code}` };
        this.#shell.show(new JoinPage(this.#shell, undefined, {}, problem));
      },
      over: (why) => {
        const left = why === "sent_back" ? "removed" : why; // nobody is sent back who is not in
        this.#shell.show(new LeftPage(this.#shell, left, invited));
      },
    });
    this.#leaveCore = () => {
      meeting.close();
      core.close();
    };
    started.listener = (event: CoreEvent) => meeting.coreSaid(event);
  }

  // Until the door answers; after that a page of its own listens.
  #events(): Pick<MeetingEvents, "refused" | "lost"> {
    return {
      refused: (error) => this.#refused(error),
      lost: (retryInMs) => {
        this.#problem = { what: "network", retryInMs };
        this.#shell.changed();
      },
    };
  }

  #refused(error: Said<"error">): void {
    if (error.code === "stopping") return; // the socket is lost next, and tried again
    this.#leaveCore?.();
    this.#leaveCore = undefined;
    this.#fail(problemOf(error));
    const again = TRIED_AGAIN.has(error.code);
    this.#wait(Math.max(error.retry_after ?? 0, again ? TRY_AGAIN_MS : 0), again);
  }

  // A wrong link stays wrong: then the button is only away until the server listens again.
  #wait(ms: number, again: boolean): void {
    clearInterval(this.#countDown);
    this.#retries = again;
    this.#waitUntil = performance.now() + ms;
    this.#countDown = setInterval(() => {
      if (performance.now() >= this.#waitUntil) {
        clearInterval(this.#countDown);
        if (again) void this.join();
      }
      this.#shell.changed();
    }, COUNT_DOWN_MS);
  }

  #fail(problem: Problem): void {
    this.#joining = false;
    this.#problem = problem;
    this.#shell.changed();
  }
}
