// A frame of H.264 has start codes, and packetisers cut it there into NAL units; those who put it together
// look for parameter sets in front of a key frame, and into the first bits of a slice (ITU-T H.264, annex B and
// sections 7.3.2 and 7.3.3; RFC 6184). So a sealed frame of it goes as one slice, behind constant parameter sets
// if it is a key frame:
//
//     key frame    start code, sequence parameters | start code, picture parameters | start code, slice
//     other        start code, slice
//
// In the slice stand two or three constant bytes, then what was sealed with its first byte left out, which only tells
// key frames from others, and one byte that is not zero. Nowhere within does anything look like a start code.

const START_CODE = [0, 0, 0, 1];
// Constrained Baseline, level 3.0, 640 by 368, no reordering: Chromium writes what leaves that open anew.
const SEQUENCE = [0x67, 0x42, 0xc0, 0x1e, 0xda, 0x02, 0x80, 0xbe, 0x80, 0x6d, 0x04, 0x42, 0x35];
const PICTURE = [0x68, 0xce, 0x38, 0x80];
// The first slice of its picture, of these parameters.
const KEY_SLICE = [0x65, 0x88, 0x80];
const OTHER_SLICE = [0x41, 0x9a];

const FRONTS = [
  [...START_CODE, ...SEQUENCE, ...START_CODE, ...PICTURE, ...START_CODE, ...KEY_SLICE],
  [...START_CODE, ...OTHER_SLICE],
] as const;
/** What the core puts in front (src/e2ee/frame.c). */
const FIRST = [0x65, 0x41] as const;
const END = 0x80;
const ESCAPE = 3;

/** `sealed` as the core has it, for the packetiser. */
export function asSlice(sealed: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const front = sealed[0] === FIRST[0] ? FRONTS[0] : FRONTS[1];
  const slice = new Uint8Array(front.length + Math.ceil(sealed.length * 1.5) + 1);
  slice.set(front);
  let length = front.length;
  let zeros = 0;
  for (let i = 1; i < sealed.length; i++) {
    const byte = sealed[i] ?? 0;
    if (zeros === 2 && byte <= ESCAPE) {
      slice[length++] = ESCAPE;
      zeros = 0;
    }
    slice[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  slice[length++] = END;
  return slice.slice(0, length);
}

/** No sealed picture of another codec begins so. */
export function isAnnexB(received: Uint8Array): boolean {
  return received[0] === 0;
}

/** Back again. Undefined: nothing that `asSlice` makes. */
export function fromSlice(slice: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  const kind = FRONTS.findIndex((front) => front.every((byte, i) => slice[i] === byte));
  const first = FIRST[kind];
  const from = FRONTS[kind]?.length ?? 0;
  const end = slice.length - 1;
  if (first === undefined || end < from || slice[end] !== END) return undefined;
  const sealed = new Uint8Array(1 + end - from);
  sealed[0] = first;
  let length = 1;
  let zeros = 0;
  for (let i = from; i < end; i++) {
    const byte = slice[i] ?? 0;
    if (zeros === 2 && byte === ESCAPE) {
      zeros = 0;
      continue;
    }
    sealed[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return sealed.slice(0, length);
}
