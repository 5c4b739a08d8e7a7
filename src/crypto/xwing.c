/* xwing.c - draft-connolly-cfrg-xwing-kem on ML-KEM-768, X25519 and OpenSSL's SHA-3.
 *
 *   public key     ML-KEM-768 key (1184) | X25519 key (32)
 *   encapsulation  ML-KEM ciphertext (1088) | X25519 ephemeral key (32)
 *   secret         SHA3-256(ML-KEM secret | X25519 secret | ephemeral key | X25519 key | label) */
#include "crypto/xwing.h"

#include "crypto/dh.h"
#include "crypto/mlkem.h"
#include "crypto/secret.h"
#include "crypto/sha3.h"

enum { X_LEN = 32 };

_Static_assert(IC_XWING_PUBLIC_LEN == IC_MLKEM_PUBLIC_LEN + X_LEN, "public key");
_Static_assert(IC_XWING_ENC_LEN == IC_MLKEM_CIPHERTEXT_LEN + X_LEN, "encapsulation");
_Static_assert(IC_XWING_RANDOM_LEN == IC_MLKEM_RANDOM_LEN + X_LEN, "randomness");

/* What the 32 bytes of a private key stand for. */
struct halves {
    uint8_t mlkem_seed[IC_MLKEM_SEED_LEN];
    uint8_t x_private[X_LEN];
};

_Static_assert(sizeof(struct halves) == IC_MLKEM_SEED_LEN + X_LEN, "halves are one output");

bool ic_xwing_available(void)
{
    return ic_mlkem_available();
}

static enum ic_err expand(struct halves *halves, const uint8_t seed[IC_XWING_PRIVATE_LEN])
{
    struct ic_bytes part = {seed, IC_XWING_PRIVATE_LEN};

    return ic_shake256((uint8_t *)halves, sizeof *halves, &part, 1);
}

static enum ic_err combine(uint8_t shared[IC_XWING_SHARED_LEN], const uint8_t *mlkem_secret,
                           const uint8_t *x_secret, const uint8_t *x_enc, const uint8_t *x_public)
{
    const struct ic_bytes parts[] = {{mlkem_secret, IC_MLKEM_SHARED_LEN},
                                     {x_secret, X_LEN},
                                     {x_enc, X_LEN},
                                     {x_public, X_LEN},
                                     ic_bytes_of_text("\\.//^\\")};

    return ic_sha3_256(shared, parts, IC_COUNT(parts));
}

enum ic_err ic_xwing_public(uint8_t public_key[IC_XWING_PUBLIC_LEN],
                            const uint8_t seed[IC_XWING_PRIVATE_LEN])
{
    struct halves halves;
    enum ic_err err = expand(&halves, seed);

    if (err == IC_OK)
        err = ic_mlkem_public(public_key, halves.mlkem_seed);
    if (err == IC_OK)
        err = ic_dh_public(public_key + IC_MLKEM_PUBLIC_LEN, IC_DH_X25519, halves.x_private);
    ic_secret_wipe(&halves, sizeof halves);
    return err;
}

/* The derivation that draft-ietf-hpke-pq gives all KEMs without one of RFC 9180: SHAKE256 over
 * ikm | "HPKE-v1" | suite id | label with its length | wanted length. */
enum ic_err ic_xwing_derive(uint8_t seed[IC_XWING_PRIVATE_LEN],
                            uint8_t public_key[IC_XWING_PUBLIC_LEN], struct ic_bytes ikm)
{
    static const uint8_t BOUND[] = "HPKE-v1KEM\x64\x7a\x00\x0d"
                                   "DeriveKeyPair\x00\x20";
    const struct ic_bytes parts[] = {ikm, {BOUND, sizeof BOUND - 1}};
    enum ic_err err = ic_shake256(seed, IC_XWING_PRIVATE_LEN, parts, IC_COUNT(parts));

    if (err == IC_OK)
        err = ic_xwing_public(public_key, seed);
    if (err != IC_OK)
        ic_secret_wipe(seed, IC_XWING_PRIVATE_LEN);
    return err;
}

enum ic_err ic_xwing_check_public(const uint8_t public_key[IC_XWING_PUBLIC_LEN])
{
    enum ic_err err = ic_mlkem_check_public(public_key);

    return err != IC_OK ? err : ic_dh_check_public(IC_DH_X25519, public_key + IC_MLKEM_PUBLIC_LEN);
}

enum ic_err ic_xwing_encap(uint8_t shared[IC_XWING_SHARED_LEN], uint8_t enc[IC_XWING_ENC_LEN],
                           const uint8_t public_key[IC_XWING_PUBLIC_LEN],
                           const uint8_t randomness[IC_XWING_RANDOM_LEN])
{
    const uint8_t *x_public = public_key + IC_MLKEM_PUBLIC_LEN;
    const uint8_t *x_private = randomness + IC_MLKEM_RANDOM_LEN;
    uint8_t *x_enc = enc + IC_MLKEM_CIPHERTEXT_LEN;
    uint8_t mlkem_secret[IC_MLKEM_SHARED_LEN], x_secret[X_LEN];

    enum ic_err err = ic_dh_secret(x_secret, IC_DH_X25519, x_private, x_public);
    if (err == IC_OK)
        err = ic_mlkem_encap(mlkem_secret, enc, public_key, randomness);
    if (err == IC_OK)
        err = ic_dh_public(x_enc, IC_DH_X25519, x_private);
    if (err == IC_OK)
        err = combine(shared, mlkem_secret, x_secret, x_enc, x_public);
    ic_secret_wipe(mlkem_secret, sizeof mlkem_secret);
    ic_secret_wipe(x_secret, sizeof x_secret);
    return err;
}

enum ic_err ic_xwing_decap(uint8_t shared[IC_XWING_SHARED_LEN], const uint8_t enc[IC_XWING_ENC_LEN],
                           const uint8_t seed[IC_XWING_PRIVATE_LEN])
{
    const uint8_t *x_enc = enc + IC_MLKEM_CIPHERTEXT_LEN;
    struct halves halves;
    uint8_t x_public[X_LEN], mlkem_secret[IC_MLKEM_SHARED_LEN], x_secret[X_LEN];

    enum ic_err err = expand(&halves, seed);
    if (err == IC_OK)
        err = ic_dh_secret(x_secret, IC_DH_X25519, halves.x_private, x_enc);
    if (err == IC_OK)
        err = ic_dh_public(x_public, IC_DH_X25519, halves.x_private);
    if (err == IC_OK)
        err = ic_mlkem_decap(mlkem_secret, enc, halves.mlkem_seed);
    if (err == IC_OK)
        err = combine(shared, mlkem_secret, x_secret, x_enc, x_public);
    ic_secret_wipe(&halves, sizeof halves);
    ic_secret_wipe(mlkem_secret, sizeof mlkem_secret);
    ic_secret_wipe(x_secret, sizeof x_secret);
    return err;
}
