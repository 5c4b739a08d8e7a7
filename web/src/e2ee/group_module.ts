// The meeting's group in its WebAssembly module (src/e2ee/wasm_conference.c), with the cryptography
// that it imports. One group each; what it decides about keys of frames is given to `order`.

import { Conference, type ConferenceExports } from "./conference.ts";
import type { Called } from "./conference_values.ts";
import { type KeyOrder, keyImports } from "./key_orders.ts";
import { CoreMemory } from "./memory.ts";
import { provider } from "./provider.ts";
import { Sodium } from "./sodium.ts";

/** IC_SUITE_HYBRID: meetings that begin here are secret from quantum computers too. */
const HYBRID = 0xf1c1;

interface Exports extends ConferenceExports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
}

export class GroupModule {
  readonly conference: Conference;

  private constructor(exports: Exports) {
    exports._initialize();
    this.conference = new Conference(exports, () => exports.memory.buffer as ArrayBuffer);
  }

  static async load(wasm: BufferSource, order: (order: KeyOrder) => void): Promise<GroupModule> {
    const memory = new CoreMemory();
    const sodium = await Sodium.load();
    const keys = keyImports(memory, order);
    const incamera = { ...provider(memory), ...keys, ...sodium.imports(memory) };
    const { instance } = await WebAssembly.instantiate(wasm, { incamera });
    const exports = instance.exports as unknown as Exports;
    memory.attach(exports.memory);
    return new GroupModule(exports);
  }

  /** Once, before all that follows. False: name or title is none, or the link opens nothing. */
  openGroup(fragment: string, meeting: Uint8Array, called: Called, wallAtZero: number): boolean {
    return this.conference.open(fragment, meeting, called, HYBRID, Math.round(wallAtZero));
  }
}
