// The cryptography that the WebAssembly core imports (src/e2ee/wasm_crypto.c), and the keys it names
// by number. The key of announcements is used here, synchronously; the keys of frames become
// WebCrypto keys that cannot be read, and their bytes are wiped.

import { gcm } from "@noble/ciphers/aes";
import { expand, extract } from "@noble/hashes/hkdf";
import { sha256 } from "@noble/hashes/sha2";

const KEY_LEN = 16;
const NONCE_LEN = 12;
const PRK_LEN = 32;

type Key = { readonly bytes: Uint8Array } | { readonly media: CryptoKey };

export class Provider {
  readonly #keys = new Map<number, Key>();
  readonly #kept = new Set<Key>();
  #last = 0;
  #memory: WebAssembly.Memory | undefined;

  /** The memory that the core's addresses are in. */
  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
  }

  readonly imports = {
    random: (out: number, len: number): void => {
      crypto.getRandomValues(this.#at(out, len));
    },
    hkdf_extract: (out: number, salt: number, saltLen: number, secret: number, len: number) => {
      const ikm = this.#copy(secret, len);
      const prk = extract(sha256, ikm, saltLen > 0 ? this.#copy(salt, saltLen) : undefined);
      this.#at(out, PRK_LEN).set(prk);
      wipe(ikm, prk);
    },
    hkdf_expand: (
      out: number,
      len: number,
      prk: number,
      prkLen: number,
      info: number,
      infoLen: number,
    ): void => {
      const secret = this.#copy(prk, prkLen);
      const made = expand(sha256, secret, this.#copy(info, infoLen), len);
      this.#at(out, len).set(made);
      wipe(secret, made);
    },
    aead_new: (key: number): number => {
      this.#last += 1;
      this.#keys.set(this.#last, { bytes: this.#copy(key, KEY_LEN) });
      return this.#last;
    },
    aead_free: (number: number): void => {
      const key = this.#keys.get(number);
      if (key && "bytes" in key) wipe(key.bytes);
      this.#keys.delete(number);
    },
    aead_seal: (
      number: number,
      nonce: number,
      aad: number,
      aadLen: number,
      text: number,
      len: number,
    ): number => {
      const cipher = this.#cipher(number, nonce, aad, aadLen);
      if (!cipher) return 0;
      const sealed = cipher.encrypt(this.#copy(text, len));
      this.#at(text, sealed.length).set(sealed);
      return 1;
    },
    aead_open: (
      number: number,
      nonce: number,
      aad: number,
      aadLen: number,
      text: number,
      len: number,
    ): number => {
      const cipher = this.#cipher(number, nonce, aad, aadLen);
      if (!cipher) return 0;
      try {
        const opened = cipher.decrypt(this.#copy(text, len));
        this.#at(text, opened.length).set(opened);
        return 1;
      } catch {
        return 0; // not authentic
      }
    },
  };

  /** Turns the keys made since the last call into ones that can be used but not read. */
  async harden(): Promise<void> {
    const fresh = [...this.#keys].filter(([, key]) => "bytes" in key && !this.#kept.has(key));
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

  /** The keys made until now stay readable here: those of announcements. */
  keep(): void {
    for (const key of this.#keys.values()) this.#kept.add(key);
  }

  /** Undefined: gone, or not hardened yet. */
  media(number: number): CryptoKey | undefined {
    const key = this.#keys.get(number);
    return key && "media" in key ? key.media : undefined;
  }

  #cipher(number: number, nonce: number, aad: number, aadLen: number) {
    const key = this.#keys.get(number);
    if (!key || !("bytes" in key)) return undefined;
    return gcm(key.bytes, this.#copy(nonce, NONCE_LEN), this.#copy(aad, aadLen));
  }

  #at(address: number, len: number): Uint8Array<ArrayBuffer> {
    if (!this.#memory) throw new Error("no memory attached");
    return new Uint8Array(this.#memory.buffer as ArrayBuffer, address, len);
  }

  #copy(address: number, len: number): Uint8Array {
    return this.#at(address, len).slice();
  }
}

export function wipe(...arrays: Uint8Array[]): void {
  for (const array of arrays) array.fill(0);
}
