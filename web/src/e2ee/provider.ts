// The cryptography that every WebAssembly core imports (src/e2ee/wasm_crypto.c): randomness and
// hashes. They read and write the core's memory itself and leave no copy. Keys of frames are in
// media_keys.ts, what only MLS needs in sodium.ts.

import { hmac } from "@noble/hashes/hmac";
import { sha256 } from "@noble/hashes/sha2";
import type { CHash } from "@noble/hashes/utils";
import type { CoreMemory } from "./memory.ts";
/** No suite of ours in the browser needs a longer hash than SHA-256; `longer` are those that follow
 * it in enum ic_hash. */
export function provider(memory: CoreMemory, longer: readonly CHash[] = []) {
  const hashes = [sha256, ...longer];
  const hashOf = (number: number): CHash => {
    const hash = hashes[number];
    if (!hash) throw new Error("no such hash");
    return hash;
  };
  return {
    random: (out: number, len: number): void => {
      crypto.getRandomValues(memory.at(out, len));
    },
    hash: (out: number, hash: number, parts: number, count: number): void => {
      const state = hashOf(hash).create();
      for (const part of memory.parts(parts, count)) state.update(part);
      state.digestInto(memory.at(out, state.outputLen));
    },
    hmac: (
      out: number,
      hash: number,
      key: number,
      keyLen: number,
      parts: number,
      count: number,
    ): void => {
      const state = hmac.create(hashOf(hash), memory.at(key, keyLen));
      for (const part of memory.parts(parts, count)) state.update(part);
      state.digestInto(memory.at(out, state.outputLen));
    },
  };
}
