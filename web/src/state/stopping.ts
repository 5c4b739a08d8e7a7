// Stopping everything at once, and taking it back (ACC-15).

import { CAPABILITIES, type GroupWish } from "../e2ee/conference_values.ts";
import type { Security } from "./security.ts";

export interface StoppingWorld {
  readonly security: Pick<Security, "everyone" | "locked">;
  readonly wish: (wish: GroupWish) => void;
  readonly changed: () => void;
}

const UNDO_MS = 10_000;

export class Stopping {
  readonly #world: StoppingWorld;
  #before: { readonly everyone: number; readonly locked: boolean } | undefined;
  #undoing: ReturnType<typeof setTimeout> | undefined;

  constructor(world: StoppingWorld) {
    this.#world = world;
  }

  /** Stopped just now: it can be undone. */
  get stopped(): boolean {
    return this.#before !== undefined;
  }

  /** Nobody but hosts speaks, shares or writes, and nobody comes in; who has one of these leaves is out. */
  stop(leaves: readonly number[]): void {
    const { everyone, locked } = this.#world.security;
    this.#before = { everyone, locked };
    this.#world.wish({ wish: "stop", may: CAPABILITIES.video, leaves });
    clearTimeout(this.#undoing);
    this.#undoing = setTimeout(() => this.#forget(), UNDO_MS);
    this.#world.changed();
  }

  /** But for who was taken out. */
  undo(): void {
    const before = this.#before;
    if (!before) return;
    this.#world.wish({ wish: "everyone", may: before.everyone });
    if (!before.locked) this.#world.wish({ wish: "lock", on: false });
    this.#forget();
  }

  close(): void {
    clearTimeout(this.#undoing);
  }

  #forget(): void {
    clearTimeout(this.#undoing);
    this.#before = undefined;
    this.#world.changed();
  }
}
