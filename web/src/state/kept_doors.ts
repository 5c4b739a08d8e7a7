// How a host's door stood when this device was last in the meeting. A server that hides that, or shows
// how it stood before, is found out when the host begins the meeting anew. On the host's own device, for
// a year after it was last in; guests keep nothing.

import { FLAGS, type LastDoor } from "../e2ee/conference_values.ts";
import { forget, type Kept, keep, load } from "./device_store.ts";

const KEPT_MS = 365 * 24 * 3_600_000;

interface KeptDoor extends Kept {
  readonly door: LastDoor;
}

export interface DoorKeeper {
  /** Of a "state" event. */
  readonly stands: (door: LastDoor) => void;
  /** The meeting was ended here. */
  readonly forget: () => void;
}

export const NO_DOOR_KEPT: DoorKeeper = { stands: () => {}, forget: () => {} };

const seen = new Map<string, LastDoor>(); // by this page, also where the browser keeps nothing

/** Undefined: this device was never in it, as far as it knows. */
export async function lastDoor(meeting: string): Promise<LastDoor | undefined> {
  return seen.get(meeting) ?? (await load<KeptDoor>("doors", meeting))?.door;
}

export function keptDoors(meeting: string): DoorKeeper {
  return {
    stands: (door) => {
      const now = newer(seen.get(meeting), door);
      if (now === undefined) return;
      seen.set(meeting, now);
      const kept: KeptDoor = { until: Date.now() + KEPT_MS, door: now };
      keep("doors", meeting, kept);
    },
    forget: () => {
      seen.delete(meeting);
      forget("doors", meeting);
    },
  };
}

/** What is to be kept instead, if anything. An older link's door is one that the server dug up. */
export function newer(before: LastDoor | undefined, door: LastDoor): LastDoor | undefined {
  const flags = door.flags & (FLAGS.locked | FLAGS.passcode);
  if (before && before.linkVersion > door.linkVersion) return undefined;
  if (before && before.linkVersion === door.linkVersion && before.flags === flags) return undefined;
  return { linkVersion: door.linkVersion, flags };
}
