// Which video slot shows whom: from what the grid draws to the `show` message, as still as possible.
// A picture keeps its slot, and a height that changed a little is not worth a message.

import type { Slot, Stream } from "../signal/messages.ts";

/** A picture the grid draws, `height` in device pixels. */
export interface Wish {
  readonly participant: string;
  readonly stream: Extract<Stream, "camera" | "screen">;
  readonly height: number;
}

export type Showing = ReadonlyMap<string, Wish>; // by mid

export interface VideoSlot {
  readonly mid: string;
  readonly slot: Slot;
  /** Whose voice is played in step with it; null: nobody's, but there is a voice slot. */
  readonly beside?: string | null | undefined;
}

const GROWTH = 1.1;
const SHRINKAGE = 0.75;

/** The screen goes to the stage, cameras to tiles, the one beside the same person's voice if it is free;
 * wishes come in the order of importance. */
export function assignSlots(
  before: Showing,
  wishes: readonly Wish[],
  slots: readonly VideoSlot[],
): Showing {
  const after = new Map<string, Wish>();
  const waiting: Wish[] = [];
  for (const wish of wishes) {
    const kept = [...before].find(([mid, old]) => isSame(old, wish) && hasMid(slots, mid));
    if (kept) after.set(kept[0], settled(kept[1], wish));
    else waiting.push(wish);
  }
  for (const wish of waiting) {
    const kind = wish.stream === "screen" ? "stage" : "tile";
    const free = slots.filter(({ mid, slot }) => slot === kind && !after.has(mid));
    const best =
      free.find(({ beside }) => beside === wish.participant) ??
      free.find(({ beside }) => beside === null) ??
      free.find(({ beside }) => beside === undefined) ??
      free[0];
    if (best) after.set(best.mid, wish);
  }
  return after;
}

export function isSameShowing(a: Showing, b: Showing): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([mid, wish]) => {
    const other = b.get(mid);
    return other !== undefined && isSame(wish, other) && wish.height === other.height;
  });
}

function settled(old: Wish, wish: Wish): Wish {
  const steady = wish.height <= old.height * GROWTH && wish.height >= old.height * SHRINKAGE;
  return steady ? old : wish;
}

function isSame(a: Wish, b: Wish): boolean {
  return a.participant === b.participant && a.stream === b.stream;
}

function hasMid(slots: readonly VideoSlot[], mid: string): boolean {
  return slots.some((each) => each.mid === mid);
}

/** Whether a slot of this kind may carry this stream at all. */
export function fits(slot: Slot, stream: Stream): boolean {
  if (slot === "voice") return stream === "microphone";
  if (slot === "screen_audio") return stream === "screen_audio";
  return stream === "camera" || stream === "screen";
}
