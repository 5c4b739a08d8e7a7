// As much of the npm package libsodium, its WebAssembly module without wrappers, as sodium.ts uses.
// Arguments are addresses in HEAPU8 and lengths; a length of 64 bits comes as two halves, the low one
// first. Zero is success.

declare module "libsodium" {
  type Call = (...places: readonly number[]) => number;

  export interface LibSodium {
    readonly HEAPU8: Uint8Array;
    readonly _malloc: (size: number) => number;
    readonly _free: (at: number) => void;
    readonly _crypto_aead_chacha20poly1305_ietf_encrypt: Call;
    readonly _crypto_aead_chacha20poly1305_ietf_decrypt: Call;
    readonly _crypto_hash_sha3256: Call;
    readonly _crypto_kem_mlkem768_dec: Call;
    readonly _crypto_kem_mlkem768_enc_deterministic: Call;
    readonly _crypto_kem_mlkem768_seed_keypair: Call;
    readonly _crypto_scalarmult: Call;
    readonly _crypto_scalarmult_base: Call;
    readonly _crypto_sign_detached: Call;
    readonly _crypto_sign_seed_keypair: Call;
    readonly _crypto_sign_verify_detached: Call;
    readonly _crypto_xof_shake256: Call;
  }

  /** It asks for a source of randomness when it starts; none of the functions above draws from it. */
  function load(options: { readonly getRandomValue: () => number }): Promise<LibSodium>;
  // biome-ignore lint/style/noDefaultExport: so the package exports it.
  export default load;
}
