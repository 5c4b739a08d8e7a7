// What the worker with the group says to the worker with the frames about the keys of its epochs
// (src/e2ee/wasm_relay.c), in order, through a channel whose ends only these two have.

import type { CoreMemory } from "./memory.ts";

export type KeyOrder =
  /** Frames of that epoch open from now on, those of the epochs before for `keepMs` more, at most. */
  | {
      readonly order: "install";
      readonly epoch: number;
      readonly baseKey: ArrayBuffer; // the only copy: it is given away, and wiped by who gets it
      readonly keepMs: number;
    }
  /** Sealing moves to that epoch; `leaf` is one's own. */
  | { readonly order: "send"; readonly epoch: number; readonly leaf: number }
  /** Who had that leaf is gone: nothing of it opens in the epochs so far. */
  | { readonly order: "left"; readonly leaf: number }
  /** While held nothing is sealed. */
  | { readonly order: "hold"; readonly held: boolean }
  /** The group is over: all its keys are wiped. */
  | { readonly order: "over" }
  /** Nothing changes. Who hears nothing at all for long stops sealing. */
  | { readonly order: "go_on" };

const BASE_KEY_LEN = 16;

/** What wasm_relay.c imports. */
export function keyImports(memory: CoreMemory, say: (order: KeyOrder) => void) {
  return {
    keys_install: (epoch: number, key: number, keepMs: number): void => {
      const baseKey = memory.copy(key, BASE_KEY_LEN).buffer;
      say({ order: "install", epoch, baseKey, keepMs });
    },
    keys_send: (epoch: number, leaf: number): void => say({ order: "send", epoch, leaf }),
    keys_left: (leaf: number): void => say({ order: "left", leaf }),
    keys_hold: (held: number): void => say({ order: "hold", held: held !== 0 }),
    keys_over: (): void => say({ order: "over" }),
  };
}
