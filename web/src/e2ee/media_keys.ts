// The keys of frames, which the core names by number (src/crypto/aead.h). They become WebCrypto keys
// that cannot be read, and their bytes are wiped.

import { type CoreMemory, wipe } from "./memory.ts";

const KEY_LEN = 16;

type Key = { readonly bytes: Uint8Array } | { readonly media: CryptoKey };

export class MediaKeys {
  readonly #memory: CoreMemory;
  readonly #keys = new Map<number, Key>();
  #last = 0;

  constructor(memory: CoreMemory) {
    this.#memory = memory;
  }

  readonly imports = {
    aead_new: (key: number): number => {
      this.#last += 1;
      this.#keys.set(this.#last, { bytes: this.#memory.copy(key, KEY_LEN) });
      return this.#last;
    },
    aead_free: (number: number): void => {
      const key = this.#keys.get(number);
      if (key && "bytes" in key) wipe(key.bytes);
      this.#keys.delete(number);
    },
  };

  /** Turns the keys made since the last call into ones that can be used but not read. */
  async harden(): Promise<void> {
    const fresh = [...this.#keys].filter(([, key]) => "bytes" in key);
    await Promise.all(
      fresh.map(async ([number, key]) => {
        if (!("bytes" in key)) return;
        const usages: KeyUsage[] = ["encrypt", "decrypt"];
        const media = await crypto.subtle.importKey(
          "raw",
          key.bytes as BufferSource,
          "AES-GCM",
          false,
          usages,
        );
        wipe(key.bytes);
        if (this.#keys.get(number) === key) this.#keys.set(number, { media });
      }),
    );
  }

  /** Undefined: gone, or not hardened yet. */
  media(number: number): CryptoKey | undefined {
    const key = this.#keys.get(number);
    return key && "media" in key ? key.media : undefined;
  }

  /** The same, and hardens it first if it is new. */
  async hardened(number: number): Promise<CryptoKey | undefined> {
    if (!this.media(number) && this.#keys.has(number)) await this.harden();
    return this.media(number);
  }
}
