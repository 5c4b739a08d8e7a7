// What happened lately, for the live region and the notice lane: the newest last.

import type { Notice } from "./view.ts";

type Told = { name: string } | { count: number };

type Happening =
  | Omit<Extract<Notice, { what: "written" }>, "key">
  | Omit<Extract<Notice, { what: "joined" }>, "key">
  | Omit<Extract<Notice, { count: number }>, "key">
  | Omit<Exclude<Extract<Notice, { name: string }>, { what: "written" | "joined" }>, "key">
  | { readonly what: Exclude<Notice["what"], Extract<Notice, Told>["what"]> };

const KEPT = 256; // more than one change of the group brings
const NOT_AGAIN_MS = { talking_while_muted: 15_000, meeting_full: 60_000 };

export class Notices {
  #list: readonly Notice[] = [];
  #count = 0;
  readonly #saidAt = new Map<Notice["what"], number>();

  get list(): readonly Notice[] {
    return this.#list;
  }

  add(happening: Happening): void {
    this.#count += 1;
    // More kinds than the compiler tells apart.
    const notice = { key: `${this.#count}`, ...happening } as Notice;
    this.#list = [...this.#list, notice].slice(-KEPT);
  }

  /** Of what goes on: talking into a microphone that is off, letting in where no place is free. Not said
   * again for a while. */
  remind(what: keyof typeof NOT_AGAIN_MS, now: number): void {
    if (now - (this.#saidAt.get(what) ?? Number.NEGATIVE_INFINITY) < NOT_AGAIN_MS[what]) return;
    this.known(what, now);
    this.add({ what });
  }

  /** The person was told in other words: no reminder for as long. */
  known(what: keyof typeof NOT_AGAIN_MS, now: number): void {
    this.#saidAt.set(what, now);
  }
}
