// Redundant audio (RFC 2198): the last frames of a voice again, in front of the newest, so that a
// packet that is lost takes no sound with it. Frames are sealed before and each by itself; what is sent
// again are the same bytes, and what arrived already does not open twice.

/** One frame of a packet; `offset` is how much older than the packet it is, in timestamp units. */
export interface Block {
  readonly type: number; // payload type
  readonly offset: number;
  readonly frame: Uint8Array<ArrayBuffer>;
}

const MORE = 0x80;
const MAX_BLOCKS = 4;
const MAX_OFFSET = 0x3fff;
const MUCH_LOST = 0.03;
const MUCH_LOST_HOLDS_MS = 10_000;
const MAX_AGAIN = 320; // bytes; a longer frame is not sent again

/** Oldest first; undefined: malformed. */
export function parseRedundant(payload: Uint8Array<ArrayBuffer>): readonly Block[] | undefined {
  const headers: { type: number; offset: number; length?: number }[] = [];
  let at = 0;
  for (let more = true; more; ) {
    const [first = 0, a = 0, b = 0, c = 0] = payload.subarray(at);
    more = (first & MORE) !== 0;
    if (headers.length === MAX_BLOCKS) return undefined;
    const older = { offset: (a << 6) | (b >> 2), length: ((b & 3) << 8) | c };
    headers.push({ type: first & 0x7f, ...(more ? older : { offset: 0 }) });
    at += more ? 4 : 1;
    if (at >= payload.length) return undefined;
  }
  const blocks = headers.map(({ type, offset, length = payload.length - at }) => {
    const frame = payload.slice(at, at + length);
    at += length;
    return { type, offset, frame };
  });
  return at > payload.length || blocks.at(-1)?.frame.length === 0 ? undefined : blocks;
}

/** The last block is the newest, whatever its offset says. */
export function writeRedundant(blocks: readonly Block[]): Uint8Array<ArrayBuffer> {
  const older = blocks.slice(0, -1);
  const length = blocks.reduce((sum, { frame }) => sum + frame.length, 4 * older.length + 1);
  const out = new Uint8Array(length);
  let at = 0;
  for (const { type, offset, frame } of older) {
    out.set(
      [MORE | type, offset >> 6, ((offset & 0x3f) << 2) | (frame.length >> 8), frame.length & 0xff],
      at,
    );
    at += 4;
  }
  out[at++] = blocks.at(-1)?.type ?? 0;
  for (const { frame } of blocks) {
    out.set(frame, at);
    at += frame.length;
  }
  return out;
}

/** Of one sender: what goes into its next packet. */
export class Redundancy {
  #muchLostUntil = Number.NEGATIVE_INFINITY;
  #older: readonly { readonly timestamp: number; readonly frame: Uint8Array<ArrayBuffer> }[] = [];

  /** What share those who listen miss: of much, one older frame is not enough. */
  lost(share: number, now: number): void {
    if (share >= MUCH_LOST) this.#muchLostUntil = now + MUCH_LOST_HOLDS_MS;
  }

  /** The payload of the packet at `timestamp`; the server writes each receiver's payload types. */
  payload(
    frame: Uint8Array<ArrayBuffer>,
    timestamp: number,
    type: number,
    now: number,
  ): Uint8Array<ArrayBuffer> {
    const older = this.#older
      .slice(now < this.#muchLostUntil ? -2 : -1)
      .map((each) => ({ type, offset: (timestamp - each.timestamp) >>> 0, frame: each.frame }))
      .filter(
        (each) => each.offset > 0 && each.offset <= MAX_OFFSET && each.frame.length <= MAX_AGAIN,
      );
    this.#older = [...this.#older.slice(-1), { timestamp, frame }];
    return writeRedundant([...older, { type, offset: 0, frame }]);
  }
}
