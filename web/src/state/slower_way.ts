// Notices that media does not take the usual way, UDP to the server, for longer than a path needs to
// settle. Pure, so that the test can tell the time.

import type { Way } from "../media/counts.ts";

const SETTLED_MS = 2000;

export class SlowerWay {
  #slowSince: number | undefined;
  #said = false;

  /** True once for each time that the way became a slower one. */
  measured(way: Way | undefined, now: number): boolean {
    if (way === "udp") {
      this.#slowSince = undefined;
      this.#said = false;
    }
    if (way === undefined || way === "udp") return false;
    this.#slowSince ??= now;
    if (this.#said || now - this.#slowSince < SETTLED_MS) return false;
    this.#said = true;
    return true;
  }
}
