// What MLS imports beyond provider.ts (src/e2ee/wasm_crypto.c, wasm_keys.c): public keys, SHA-3 and
// ChaCha20-Poly1305 from libsodium's own WebAssembly.
//
// libsodium has a memory of its own. For each call the inputs go into one piece of it, the outputs
// come out of it, and what was used of the piece is wiped, as is the stack, where it leaves results
// (sodium.test.ts). It is loaded only by who needs it.

import load, { type LibSodium } from "libsodium";
import type { CoreMemory } from "./memory.ts";

const KEY = 32;
const SIGNATURE = 64;
const ED25519_EXPANDED = 64;
const NONCE = 12;
const TAG = 16;
const MLKEM = { seed: 64, expanded: 2400, public: 1184, ciphertext: 1088, secret: 32 } as const;

const ALIGNMENT = 16;
/** libsodium's stack ends where its heap begins, but for the head of the first piece. It is 64 kB. */
const PIECE_HEAD = 8;
const STACK_USED = 48 * 1024;

/** A piece of libsodium's memory: what goes in, where what comes out goes, or neither. */
interface Piece {
  readonly len: number;
  readonly from?: readonly Uint8Array[];
  readonly to?: Uint8Array;
}

const scratch = (len: number): Piece => ({ len });
const into = (to: Uint8Array): Piece => ({ len: to.length, to });
const from = (...parts: readonly Uint8Array[]): Piece => ({
  len: parts.reduce((sum, part) => sum + part.length, 0),
  from: parts,
});

export function library(): Promise<LibSodium> {
  const word = new Uint32Array(1);
  return load({ getRandomValue: () => crypto.getRandomValues(word)[0] ?? 0 });
}

export class Sodium {
  readonly #lib: LibSodium;
  readonly #stackEnd: number;
  #at = 0;
  #size = 0;

  /** `lib` is fresh: nothing of its heap is in use. */
  constructor(lib: LibSodium) {
    this.#lib = lib;
    const first = lib._malloc(ALIGNMENT);
    this.#stackEnd = first - PIECE_HEAD;
    lib._free(first);
  }

  static async load(): Promise<Sodium> {
    return new Sodium(await library());
  }

  imports(memory: CoreMemory) {
    const lib = this.#lib;
    const get = (address: number, len: number): Piece => from(memory.at(address, len));
    const put = (address: number, len: number): Piece => into(memory.at(address, len));
    const joined = (parts: number, count: number): Piece => from(...memory.parts(parts, count));

    return {
      chacha_seal: this.#chacha(memory, true),
      chacha_open: this.#chacha(memory, false),

      x25519_public: (out: number, secret: number) =>
        this.#run([put(out, KEY), get(secret, KEY)], lib._crypto_scalarmult_base),
      x25519_secret: (out: number, secret: number, point: number) =>
        this.#run([put(out, KEY), get(secret, KEY), get(point, KEY)], lib._crypto_scalarmult),

      mlkem_public: (out: number, seed: number) =>
        this.#run(
          [put(out, MLKEM.public), scratch(MLKEM.expanded), get(seed, MLKEM.seed)],
          lib._crypto_kem_mlkem768_seed_keypair,
        ),
      mlkem_encap: (shared: number, ciphertext: number, key: number, randomness: number) =>
        this.#run(
          [
            put(ciphertext, MLKEM.ciphertext),
            put(shared, MLKEM.secret),
            get(key, MLKEM.public),
            get(randomness, MLKEM.secret),
          ],
          lib._crypto_kem_mlkem768_enc_deterministic,
        ),
      mlkem_decap: (shared: number, ciphertext: number, seed: number) =>
        this.#run(
          [
            put(shared, MLKEM.secret),
            get(ciphertext, MLKEM.ciphertext),
            get(seed, MLKEM.seed),
            scratch(MLKEM.expanded),
            scratch(MLKEM.public),
          ],
          (out, sealed, from, expanded, key) =>
            lib._crypto_kem_mlkem768_seed_keypair(key, expanded, from) ||
            lib._crypto_kem_mlkem768_dec(out, sealed, expanded),
        ),

      sha3_256: (out: number, parts: number, count: number) => {
        const input = joined(parts, count);
        return this.#run([put(out, KEY), input], (to, at) =>
          lib._crypto_hash_sha3256(to, at, input.len, 0),
        );
      },
      shake256: (out: number, len: number, parts: number, count: number) => {
        const input = joined(parts, count);
        return this.#run([put(out, len), input], (to, at) =>
          lib._crypto_xof_shake256(to, len, at, input.len, 0),
        );
      },

      ed25519_public: (out: number, seed: number) =>
        this.#run(
          [put(out, KEY), scratch(ED25519_EXPANDED), get(seed, KEY)],
          lib._crypto_sign_seed_keypair,
        ),
      ed25519_sign: (out: number, seed: number, message: number, len: number) =>
        this.#run(
          [
            put(out, SIGNATURE),
            get(message, len),
            get(seed, KEY),
            scratch(ED25519_EXPANDED),
            scratch(KEY),
          ],
          (to, text, from, expanded, key) =>
            lib._crypto_sign_seed_keypair(key, expanded, from) ||
            lib._crypto_sign_detached(to, 0, text, len, 0, expanded),
        ),
      ed25519_verify: (key: number, message: number, len: number, signature: number) =>
        this.#run([get(signature, SIGNATURE), get(message, len), get(key, KEY)], (made, text, by) =>
          lib._crypto_sign_verify_detached(made, text, len, 0, by),
        ),
    };
  }

  #chacha(memory: CoreMemory, sealing: boolean) {
    const lib = this.#lib;
    return (
      out: number,
      key: number,
      nonce: number,
      aad: number,
      aadLen: number,
      text: number,
      len: number,
    ): boolean =>
      this.#run(
        [
          into(memory.at(out, sealing ? len + TAG : len - TAG)),
          from(memory.at(key, KEY)),
          from(memory.at(nonce, NONCE)),
          from(memory.at(aad, aadLen)),
          from(memory.at(text, len)),
        ],
        (to, keyAt, nonceAt, aadAt, at) =>
          sealing
            ? lib._crypto_aead_chacha20poly1305_ietf_encrypt(
                ...[to, 0, at, len, 0, aadAt, aadLen, 0, 0, nonceAt, keyAt],
              )
            : lib._crypto_aead_chacha20poly1305_ietf_decrypt(
                ...[to, 0, 0, at, len, 0, aadAt, aadLen, 0, nonceAt, keyAt],
              ),
      );
  }

  /** Whether the call gave zero; then its outputs are where they belong. */
  #run(pieces: readonly Piece[], call: (...at: number[]) => number): boolean {
    const sizes = pieces.map(({ len }) => Math.ceil(len / ALIGNMENT) * ALIGNMENT);
    const used = sizes.reduce((sum, size) => sum + size, 0);
    const places = this.#room(sizes, used);
    const bytes = () => this.#lib.HEAPU8; // another one when the memory has grown
    pieces.forEach(({ from = [] }, i) => {
      let at = places[i] ?? 0;
      for (const part of from) {
        bytes().set(part, at);
        at += part.length;
      }
    });
    try {
      const done = call(...places) === 0;
      if (done)
        pieces.forEach(({ to, len }, i) => {
          const at = places[i] ?? 0;
          to?.set(bytes().subarray(at, at + len));
        });
      return done;
    } finally {
      bytes().fill(0, this.#at, this.#at + used);
      bytes().fill(0, this.#stackEnd - STACK_USED, this.#stackEnd);
    }
  }

  /** Where pieces of these sizes lie, one behind the other. */
  #room(sizes: readonly number[], used: number): number[] {
    if (used > this.#size) {
      if (this.#size > 0) this.#lib._free(this.#at);
      this.#at = this.#lib._malloc(used);
      this.#size = this.#at === 0 ? 0 : used;
      if (this.#at === 0) throw new Error("libsodium has no memory");
    }
    let end = this.#at;
    return sizes.map((size) => {
      end += size;
      return end - size;
    });
  }
}
