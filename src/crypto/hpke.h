/* hpke.h - hybrid public key encryption (RFC 9180): seal to the owner of a public key.
 *
 * Four modes, told apart by what `proof` holds: base (NULL or empty), a pre-shared key, the
 * sender's own key, or both. One message with ic_hpke_seal() and ic_hpke_open(); many, or exported
 * secrets, with a context. */
#pragma once

#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "crypto/kem.h"

/* RFC 9180 sections 7.2 and 7.3; the other AEADs are those of enum ic_cipher. */
enum ic_hpke_kdf { IC_HPKE_HKDF_SHA256 = 1, IC_HPKE_HKDF_SHA384 = 2, IC_HPKE_HKDF_SHA512 = 3 };
enum { IC_HPKE_EXPORT_ONLY = 0xffff };
enum { IC_HPKE_PSK_MIN = 32 };

struct ic_hpke_suite {
    uint16_t kem;  /* enum ic_kem */
    uint16_t kdf;  /* enum ic_hpke_kdf */
    uint16_t aead; /* enum ic_cipher or IC_HPKE_EXPORT_ONLY */
};

/* What besides the receiver's key binds the two ends. */
struct ic_hpke_proof {
    struct ic_bytes psk, psk_id; /* both or neither; a psk has IC_HPKE_PSK_MIN bytes or more */
    struct ic_bytes sender_key;  /* at the sender its private key, at the receiver its public one */
};

/* The key schedule of one direction. Ready for use after a setup; clear it afterwards. */
struct ic_hpke_context {
    struct ic_hpke_suite suite;
    uint8_t key[IC_CIPHER_KEY_MAX];
    uint8_t base_nonce[IC_CIPHER_NONCE_LEN];
    uint8_t exporter_secret[IC_HASH_MAX];
    uint64_t sequence; /* of the next message */
};

/* Are all three parts known, and can they be had here? */
bool ic_hpke_available(struct ic_hpke_suite suite);

/* Errors of all: IC_ERR_NOT_FOUND for a suite that is not available (or a sender's key with a KEM
 * that has no such mode); IC_ERR_MALFORMED for keys, encapsulations or a proof that break the rules
 * above; IC_ERR_SYSTEM. On error outputs are zeroed or untouched. */

/* `enc` gets the encapsulation, ic_kem_lengths().enc_len bytes, which the receiver needs. */
enum ic_err ic_hpke_setup_sender(struct ic_hpke_context *context, uint8_t *enc,
                                 struct ic_hpke_suite suite, struct ic_bytes public_key,
                                 struct ic_bytes info,
                                 const struct ic_hpke_proof *proof) IC_CHECKED;
enum ic_err ic_hpke_setup_receiver(struct ic_hpke_context *context, struct ic_hpke_suite suite,
                                   struct ic_bytes enc, struct ic_bytes private_key,
                                   struct ic_bytes info,
                                   const struct ic_hpke_proof *proof) IC_CHECKED;

/* As ic_hpke_setup_sender() with the randomness of the encapsulation given, for published
 * vectors. */
enum ic_err ic_hpke_setup_sender_from(struct ic_hpke_context *context, uint8_t *enc,
                                      struct ic_hpke_suite suite, struct ic_bytes public_key,
                                      struct ic_bytes info, const struct ic_hpke_proof *proof,
                                      struct ic_bytes randomness) IC_CHECKED;
void ic_hpke_clear(struct ic_hpke_context *context);

/* The next message of the direction; `out` as in ic_cipher_seal() and ic_cipher_open(). The
 * sequence moves on only when it worked. IC_ERR_FORBIDDEN with IC_HPKE_EXPORT_ONLY;
 * IC_ERR_EXHAUSTED after 2^64 - 1 messages; opening also IC_ERR_FORGED. */
enum ic_err ic_hpke_context_seal(uint8_t *out, struct ic_hpke_context *context, struct ic_bytes aad,
                                 struct ic_bytes plain) IC_CHECKED;
enum ic_err ic_hpke_context_open(uint8_t *out, struct ic_hpke_context *context, struct ic_bytes aad,
                                 struct ic_bytes sealed) IC_CHECKED;

/* `len` secret bytes that both ends find from the same `label`. IC_ERR_MALFORMED when `len` is over
 * 255 digests. */
enum ic_err ic_hpke_context_export(uint8_t *out, size_t len, const struct ic_hpke_context *context,
                                   struct ic_bytes label) IC_CHECKED;

/* What the key schedule takes of `info`: to seal to many with one info that is long, digest it
 * once. `digest` gets as many bytes as the hash of the suite's KDF. IC_ERR_NOT_FOUND as above. */
enum ic_err ic_hpke_digest_info(uint8_t digest[IC_HASH_MAX], struct ic_hpke_suite suite,
                                struct ic_bytes info) IC_CHECKED;

/* As ic_hpke_seal() in base mode, without aad, with the info that has this digest. */
enum ic_err ic_hpke_seal_digested(uint8_t *out, uint8_t *enc, struct ic_hpke_suite suite,
                                  struct ic_bytes public_key, const uint8_t digest[IC_HASH_MAX],
                                  struct ic_bytes plain) IC_CHECKED;

/* One message: setup, seal or open, clear. Sealing writes plain.len + IC_CIPHER_TAG_LEN bytes. */
enum ic_err ic_hpke_seal(uint8_t *out, uint8_t *enc, struct ic_hpke_suite suite,
                         struct ic_bytes public_key, struct ic_bytes info,
                         const struct ic_hpke_proof *proof, struct ic_bytes aad,
                         struct ic_bytes plain) IC_CHECKED;
enum ic_err ic_hpke_open(uint8_t *out, struct ic_hpke_suite suite, struct ic_bytes enc,
                         struct ic_bytes private_key, struct ic_bytes info,
                         const struct ic_hpke_proof *proof, struct ic_bytes aad,
                         struct ic_bytes sealed) IC_CHECKED;
