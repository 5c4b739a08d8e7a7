// How the media path is now, from what the browser counts (two samples) and what the server says of
// the way to us. Pure, so that the test can make up the numbers.

import type { Counts, Way } from "../media/counts.ts";
import type { Said } from "../signal/messages.ts";

/** What is turned down, and why. */
export type TurnedDown =
  | { readonly what: "smaller" | "dark"; readonly pictures: number; readonly bps: number } // from others
  | { readonly what: "own_network" | "own_device" }; // one's own picture

export interface PathView {
  readonly upBps: number;
  readonly downBps: number;
  readonly lost: number; // of what was sent to us and by us, the worse of the two; 0 to 1
  readonly delayMs?: number; // there and back
  readonly way?: Way;
  readonly turnedDown: readonly TurnedDown[];
}

const SHORT_MS = 4000; // while an estimate finds its place, this is no news
const LONG_MS = 30_000; // then less is offered

/** Whether the way to us has been too narrow for longer than a moment. */
export class Shortage {
  #path: Said<"path"> | undefined;
  #since: number | undefined;

  said(path: Said<"path">, now: number): void {
    this.#path = path;
    const short = path.lowered + path.dark > 0;
    this.#since = short ? (this.#since ?? now) : undefined;
  }

  lasts(now: number): boolean {
    return this.#since !== undefined && now - this.#since >= SHORT_MS;
  }

  isLong(now: number): boolean {
    return this.#since !== undefined && now - this.#since >= LONG_MS;
  }

  get turnedDown(): readonly TurnedDown[] {
    const { lowered = 0, dark = 0, bps = 0 } = this.#path ?? {};
    return [
      ...(lowered > 0 ? [{ what: "smaller" as const, pictures: lowered, bps }] : []),
      ...(dark > 0 ? [{ what: "dark" as const, pictures: dark, bps }] : []),
    ];
  }
}

function rate(from: number, to: number, ms: number): number {
  return ms > 0 ? Math.max(0, ((to - from) * 8000) / ms) : 0;
}

function lostOf(before: Counts, now: Counts): number {
  const lost = Math.max(0, now.lost - before.lost);
  const came = Math.max(0, now.came - before.came);
  const down = lost + came > 0 ? lost / (lost + came) : 0;
  return Math.min(1, Math.max(down, now.lostUp));
}

export function pathView(before: Counts, now: Counts, shortage: Shortage): PathView {
  const ms = now.at - before.at;
  return {
    upBps: rate(before.sent, now.sent, ms),
    downBps: rate(before.received, now.received, ms),
    lost: lostOf(before, now),
    ...(now.delayMs === undefined ? {} : { delayMs: now.delayMs }),
    ...(now.way ? { way: now.way } : {}),
    turnedDown: [
      ...shortage.turnedDown,
      ...(now.limited === undefined
        ? []
        : [{ what: now.limited === "cpu" ? ("own_device" as const) : ("own_network" as const) }]),
    ],
  };
}
