// The memory of the WebAssembly core, as the functions that it imports see it.

export class CoreMemory {
  #memory: WebAssembly.Memory | undefined;

  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
  }

  get size(): number {
    return this.#memory?.buffer.byteLength ?? 0;
  }

  /** The bytes themselves: good until the core runs on. */
  at(address: number, len: number): Uint8Array<ArrayBuffer> {
    if (!this.#memory) throw new Error("no memory attached");
    return new Uint8Array(this.#memory.buffer as ArrayBuffer, address, len);
  }

  copy(address: number, len: number): Uint8Array<ArrayBuffer> {
    return this.at(address, len).slice();
  }

  /** An array of struct ic_bytes. */
  parts(address: number, count: number): Uint8Array<ArrayBuffer>[] {
    if (!this.#memory) throw new Error("no memory attached");
    const pairs = new DataView(this.#memory.buffer, address, 8 * count);
    return Array.from({ length: count }, (_, i) =>
      this.at(pairs.getUint32(8 * i, true), pairs.getUint32(8 * i + 4, true)),
    );
  }
}

export function wipe(...arrays: Uint8Array[]): void {
  for (const array of arrays) array.fill(0);
}
