// Bytes in the order in which the core reads and writes them (src/e2ee/wasm_conference.c).

import { fromBase64url, toBase64url } from "./base64url.ts";

export const ID_LEN = 16;

export class Packed {
  #bytes = new Uint8Array(256);
  #len = 0;

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#len);
  }

  number(value: number, size: number): this {
    const at = this.#room(size);
    for (let i = 0, rest = value; i < size; i++, rest = Math.floor(rest / 256))
      this.#bytes[at + size - 1 - i] = rest % 256;
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.#room(bytes.length); // may be in another array than before
    this.#bytes.set(bytes, at);
    return this;
  }

  vector(bytes: Uint8Array): this {
    return this.number(bytes.length, 4).raw(bytes);
  }

  id(id: string | undefined): this {
    const bytes = id === undefined ? new Uint8Array(ID_LEN) : fromBase64url(id, ID_LEN);
    if (!bytes) throw new Error("not an id");
    return this.raw(bytes);
  }

  #room(size: number): number {
    const at = this.#len;
    this.#len += size;
    if (this.#len > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#len);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return at;
  }
}

export class Unpacked {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  byte(): number {
    return this.#view.getUint8(this.#step(1));
  }
  short(): number {
    return this.#view.getUint16(this.#step(2));
  }
  long(): number {
    return Number(this.#view.getBigInt64(this.#step(8)));
  }
  raw(len: number): Uint8Array {
    const at = this.#step(len);
    return this.#bytes.subarray(at, at + len);
  }
  vector(): Uint8Array {
    return this.raw(this.#view.getUint32(this.#step(4)));
  }
  ids(): string[] {
    const bytes = this.vector();
    return Array.from({ length: bytes.length / ID_LEN }, (_, i) =>
      toBase64url(bytes.subarray(i * ID_LEN, (i + 1) * ID_LEN)),
    );
  }

  #step(len: number): number {
    const at = this.#at;
    this.#at += len;
    return at;
  }
}
