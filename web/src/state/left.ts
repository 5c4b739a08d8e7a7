// The page after a meeting. For 30 s one can go back in with one press.

import type { Invited, Page, Shell } from "./page.ts";
import type { LeftView } from "./view.ts";

const REJOIN_MS = 30_000;

/** There the link opens nothing any more, or not this meeting. */
const NO_WAY_BACK: ReadonlySet<LeftView["why"]> = new Set<LeftView["why"]>([
  "ended",
  "ended_by_you",
  "removed",
  "link_replaced",
  "place_lost",
]);

export class LeftPage implements Page {
  readonly #shell: Shell;
  readonly #why: LeftView["why"];
  readonly #invited: Invited;
  readonly #timer: ReturnType<typeof setTimeout>;
  #late = false;

  constructor(shell: Shell, why: LeftView["why"], invited: Invited) {
    this.#shell = shell;
    this.#why = why;
    this.#invited = invited;
    this.#timer = setTimeout(() => {
      this.#late = true;
      shell.changed();
    }, REJOIN_MS);
  }

  view(): LeftView {
    const again = !NO_WAY_BACK.has(this.#why) && !this.#late;
    return {
      page: "left",
      why: this.#why,
      ...(again ? { rejoin: () => this.#shell.rejoin(this.#invited) } : {}),
      home: () => this.#shell.home(),
    };
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
