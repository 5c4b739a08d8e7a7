// For the C tests in WebAssembly: the cipher of frames (src/crypto/aead.h) with answers at once. The
// product has WebCrypto's, which answers later (media_keys.ts).

import { gcm } from "@noble/ciphers/aes";
import type { CoreMemory } from "./memory.ts";

const KEY_LEN = 16;
const NONCE_LEN = 12;

export function aeadImports(memory: CoreMemory) {
  const keys: Uint8Array[] = [];
  const cipher = (number: number, nonce: number, aad: number, aadLen: number) =>
    gcm(
      keys[number - 1] ?? new Uint8Array(),
      memory.copy(nonce, NONCE_LEN),
      memory.copy(aad, aadLen),
    );

  return {
    aead_new: (key: number): number => keys.push(memory.copy(key, KEY_LEN)),
    aead_free: (number: number): void => {
      delete keys[number - 1];
    },
    aead_seal: (
      number: number,
      nonce: number,
      aad: number,
      aadLen: number,
      text: number,
      len: number,
    ): number => {
      const sealed = cipher(number, nonce, aad, aadLen).encrypt(memory.copy(text, len));
      memory.at(text, sealed.length).set(sealed);
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
      try {
        const opened = cipher(number, nonce, aad, aadLen).decrypt(memory.copy(text, len));
        memory.at(text, opened.length).set(opened);
        return 1;
      } catch {
        return 0; // not authentic
      }
    },
  };
}
