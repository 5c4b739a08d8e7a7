// What happened lately, for the live region and the notice lane: the newest last.

import type { Notice } from "./view.ts";

type Happening =
  | Omit<Extract<Notice, { what: "written" }>, "key">
  | Omit<Exclude<Extract<Notice, { name: string }>, { what: "written" }>, "key">
  | { readonly what: Exclude<Notice["what"], Extract<Notice, { name: string }>["what"]> };

const KEPT = 256; // more than one change of the group brings
const NOT_AGAIN_MS = 15_000;

export class Notices {
  #list: readonly Notice[] = [];
  #count = 0;
  #mutedAt = Number.NEGATIVE_INFINITY;

  get list(): readonly Notice[] {
    return this.#list;
  }

  add(happening: Happening): void {
    this.#count += 1;
    // More kinds than the compiler tells apart.
    const notice = { key: `${this.#count}`, ...happening } as Notice;
    this.#list = [...this.#list, notice].slice(-KEPT);
  }

  /** Talking into a microphone that is off; not said again for a while. */
  talkingWhileMuted(now: number): void {
    if (now - this.#mutedAt < NOT_AGAIN_MS) return;
    this.#mutedAt = now;
    this.add({ what: "talking_while_muted" });
  }
}
