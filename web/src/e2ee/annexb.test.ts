// A sealed frame of H.264 as a packetiser sees it: whole NAL units, whatever the ciphertext is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { asSlice, fromSlice, isAnnexB } from "./annexb.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

/** The types of the NAL units, by the start codes alone. */
function types(stream: Uint8Array): number[] {
  const found: number[] = [];
  for (let i = 0; i + 3 < stream.length; i++)
    if (stream[i] === 0 && stream[i + 1] === 0 && stream[i + 2] === 1)
      found.push((stream[i + 3] ?? 0) & 31);
  return found;
}

/** Full of what looks like start codes and escapes. */
function zeros(length: number, seed: number): Uint8Array<ArrayBuffer> {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return state >> 16 > 0x5000 ? (state >> 20) & 3 : 0;
  });
}

test("a sealed frame goes as parameter sets and a slice, or a slice, and comes back whole", () => {
  for (let seed = 0; seed < 2000; seed++) {
    const key = seed % 2 === 0;
    const sealed = bytes(key ? 0x65 : 0x41, ...zeros(seed % 97, seed));
    const slice = asSlice(sealed);
    assert.ok(isAnnexB(slice));
    assert.deepEqual(types(slice), key ? [7, 8, 5] : [1], sealed.join());
    assert.equal(slice.at(-1) === 0, false);
    assert.deepEqual(fromSlice(slice), sealed);
  }
});

test("what is no such slice is refused", () => {
  const key = asSlice(bytes(0x65, 7, 7));
  const rows = {
    cut: key.slice(0, -1),
    parameters: key.slice(0, 20),
    empty: bytes(),
    plain: bytes(0, 0, 0, 1, 0x67, 1),
  };
  for (const [what, slice] of Object.entries(rows)) assert.equal(fromSlice(slice), undefined, what);
  for (let i = 0; i < key.length - 3; i++) {
    const damaged = key.slice();
    damaged[i] = (damaged[i] ?? 0) ^ 0x10;
    assert.equal(fromSlice(damaged), undefined, `byte ${i}`);
  }
});

test("random bytes never come out longer, nor stop the one who looks at them", () => {
  for (let seed = 0; seed < 5000; seed++) {
    const stream =
      seed % 2
        ? zeros(seed % 60, seed)
        : bytes(...asSlice(bytes(0x65)), ...zeros(seed % 60, seed), 0x80);
    const sealed = fromSlice(stream);
    assert.ok(!sealed || sealed.length <= stream.length);
  }
});
