// What to do about a lost connection, and when (UX section 4): pure, so that the test can tell the
// time. First an ICE restart, then whole new connections, and after two minutes the end.

import type { PeerState } from "../media/peer.ts";

/** Since when media or signalling is away, and what was tried since; milliseconds. */
export interface Trouble {
  readonly since: number;
  readonly restarted: boolean; // ICE, on the present connection
  readonly freshAt: number; // start of the present connection
}

export interface Situation {
  readonly peer: PeerState;
  readonly signalling: boolean; // the socket is open and joined
}

export type Step = "wait" | "restart" | "fresh" | "give_up";

export const SAY_NOTHING_MS = 2000;
export const AWAY_MS = 10_000;
export const LONG_MS = 30_000; // then less is offered, or to leave
const RESTART_AFTER_MS = 2000;
const FRESH_AFTER_MS = 10_000;
const FRESH_AGAIN_MS = 2000; // after one that failed outright
const GIVE_UP_MS = 120_000;

export function nextStep(trouble: Trouble, now: Situation, time: number): Step {
  const lasted = time - trouble.since;
  const age = time - trouble.freshAt;
  if (lasted >= GIVE_UP_MS) return "give_up";
  if (!now.signalling || now.peer === "connected") return "wait";
  if (now.peer === "failed") return age >= FRESH_AGAIN_MS ? "fresh" : "wait";
  if (Math.min(lasted, age) >= FRESH_AFTER_MS) return "fresh";
  if (now.peer === "disconnected" && lasted >= RESTART_AFTER_MS && !trouble.restarted)
    return "restart";
  return "wait";
}
