// What became of the frames of one line: totals, never content.

export interface Counts {
  in: number; // frames that came to the transform
  out: number; // frames sealed, or decrypted and passed on
  held: number; // waited for a late key or assignment
  dropped: number; // no key, too short, not expected here, too late
  failed: number; // did not authenticate
  repeated: number; // seen before
}

export function noCounts(): Counts {
  return { in: 0, out: 0, held: 0, dropped: 0, failed: 0, repeated: 0 };
}
