// Asks the server for the pictures that are drawn, no sooner than the drawing has come to rest.

import type { FromClient } from "../signal/messages.ts";
import { assignSlots, isSameShowing, type Showing, type VideoSlot, type Wish } from "./slots.ts";

const REST_MS = 150;

export interface ShowsWorld {
  readonly slots: () => readonly VideoSlot[];
  /** The drawn pictures that somebody really sends. */
  readonly wishes: () => readonly Wish[];
  readonly send: (message: FromClient) => boolean;
}

export class Shows {
  readonly #world: ShowsWorld;
  #said: Showing = new Map();
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor(world: ShowsWorld) {
    this.#world = world;
  }

  /** What is drawn, or who sends, changed. */
  changed(): void {
    this.#resting ??= setTimeout(() => {
      this.#resting = undefined;
      this.#settle();
    }, REST_MS);
  }

  /** The server may not know what was said: after a new connection or socket. */
  sayAgain(): void {
    this.#said = new Map();
    this.changed();
  }

  close(): void {
    clearTimeout(this.#resting);
  }

  #settle(): void {
    const next = assignSlots(this.#said, this.#world.wishes(), this.#world.slots());
    if (isSameShowing(next, this.#said)) return;
    const slots = [...next].map(([mid, wish]) => ({ mid, ...wish }));
    if (this.#world.send({ type: "show", slots })) this.#said = next;
  }
}
