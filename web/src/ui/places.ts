// Who is on screen when not all fit. The order stays still; somebody who speaks out of sight takes the
// place of the one who has been silent longest. Pure: time is an argument, in milliseconds.

export interface Candidate {
  readonly key: string;
  readonly speaking: boolean;
}

export interface Places {
  readonly keys: readonly string[]; // on screen, in order
  readonly spokeAt: Readonly<Record<string, number>>;
  readonly exchangedAt: number;
}

export const NO_PLACES: Places = { keys: [], spokeAt: {}, exchangedAt: Number.NEGATIVE_INFINITY };

const EXCHANGE_EVERY_MS = 3000;

/** The next places for `room` tiles of `all`, whose last is oneself and keeps its place. */
export function nextPlaces(
  was: Places,
  all: readonly Candidate[],
  room: number,
  now: number,
): Places {
  const spokeAt: Record<string, number> = {};
  for (const { key, speaking } of all) {
    const before = was.spokeAt[key];
    if (speaking) spokeAt[key] = now;
    else if (before !== undefined) spokeAt[key] = before;
  }
  const self = all[all.length - 1]?.key;
  const others = all.slice(0, -1).map((c) => c.key);
  const free = room === 1 ? 1 : room - 1; // one place alone goes to another
  const kept = was.keys.filter((key) => others.includes(key)).slice(0, free);
  for (const key of others) if (kept.length < free && !kept.includes(key)) kept.push(key);
  const waiting = all.find((c) => c.speaking && c.key !== self && !kept.includes(c.key));
  let exchangedAt = was.exchangedAt;
  if (waiting && now - exchangedAt >= EXCHANGE_EVERY_MS) {
    const silent = kept.filter((key) => !all.some((c) => c.key === key && c.speaking));
    const longest = silent.sort((a, b) => (spokeAt[a] ?? -1) - (spokeAt[b] ?? -1))[0];
    if (longest !== undefined) {
      kept[kept.indexOf(longest)] = waiting.key;
      exchangedAt = now;
    }
  }
  const ownFits = self !== undefined && kept.length < room;
  return { keys: ownFits ? [...kept, self] : kept, spokeAt, exchangedAt };
}
