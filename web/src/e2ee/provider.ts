// The randomness that every WebAssembly core imports (src/e2ee/wasm_crypto.c). Keys of frames are in
// media_keys.ts, what only MLS needs in sodium.ts.

import type { CoreMemory } from "./memory.ts";

export function provider(memory: CoreMemory) {
  return {
    random: (out: number, len: number): void => {
      crypto.getRandomValues(memory.at(out, len));
    },
  };
}
