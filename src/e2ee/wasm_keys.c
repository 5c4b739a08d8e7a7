/* wasm_keys.c - X25519, ML-KEM-768, SHA-3 and Ed25519 of src/crypto in the browser, imported from
 * the worker that holds this module. The other curves are not there, and say so. */
#include "crypto/dh.h"
#include "crypto/mlkem.h"
#include "crypto/secret.h"
#include "crypto/sha3.h"
#include "crypto/signature_private.h"
#include "e2ee/wasm_import.h"

enum { X25519_LEN = 32, ED25519_SIGNATURE_LEN = 64 };

IMPORT("x25519_public") bool import_x25519_public(uint8_t *public_key, const uint8_t *private_key);
/* False also for a secret of zeros. */
IMPORT("x25519_secret")
bool import_x25519_secret(uint8_t *secret, const uint8_t *private_key, const uint8_t *public_key);
IMPORT("mlkem_public") bool import_mlkem_public(uint8_t *public_key, const uint8_t *seed);
IMPORT("mlkem_encap")
bool import_mlkem_encap(uint8_t *shared, uint8_t *ciphertext, const uint8_t *public_key,
                        const uint8_t *randomness);
IMPORT("mlkem_decap")
bool import_mlkem_decap(uint8_t *shared, const uint8_t *ciphertext, const uint8_t *seed);
IMPORT("sha3_256")
bool import_sha3_256(uint8_t *digest, const struct ic_bytes *parts, size_t count);
IMPORT("shake256")
bool import_shake256(uint8_t *out, size_t len, const struct ic_bytes *parts, size_t count);
IMPORT("ed25519_public")
bool import_ed25519_public(uint8_t *public_key, const uint8_t *private_key);
IMPORT("ed25519_sign")
bool import_ed25519_sign(uint8_t *signature, const uint8_t *private_key, const uint8_t *message,
                         size_t len);
IMPORT("ed25519_verify")
bool import_ed25519_verify(const uint8_t *public_key, const uint8_t *message, size_t len,
                           const uint8_t *signature);

static enum ic_err done(bool worked)
{
    return worked ? IC_OK : IC_ERR_SYSTEM;
}

bool ic_dh_available(enum ic_dh group)
{
    return group == IC_DH_X25519;
}

enum ic_err ic_dh_public(uint8_t *public_key, enum ic_dh group, const uint8_t *private_key)
{
    if (!ic_dh_available(group))
        return IC_ERR_NOT_FOUND;
    return done(import_x25519_public(public_key, private_key));
}

enum ic_err ic_dh_check_private(enum ic_dh group, const uint8_t *private_key)
{
    (void)private_key;
    return ic_dh_available(group) ? IC_OK : IC_ERR_NOT_FOUND;
}

enum ic_err ic_dh_secret(uint8_t *secret, enum ic_dh group, const uint8_t *private_key,
                         const uint8_t *public_key)
{
    if (!ic_dh_available(group))
        return IC_ERR_NOT_FOUND;
    return import_x25519_secret(secret, private_key, public_key) ? IC_OK : IC_ERR_MALFORMED;
}

/* Every scalar is a multiple of the cofactor, so any one of them finds the points that give zero.
 */
enum ic_err ic_dh_check_public(enum ic_dh group, const uint8_t *public_key)
{
    static const uint8_t ANY_SCALAR[X25519_LEN] = {1};
    uint8_t unused[X25519_LEN];

    return ic_dh_secret(unused, group, ANY_SCALAR, public_key);
}

bool ic_mlkem_available(void)
{
    return true;
}

const char *ic_mlkem_backend_name(void)
{
    return "libsodium";
}

enum ic_err ic_mlkem_public(uint8_t public_key[IC_MLKEM_PUBLIC_LEN],
                            const uint8_t seed[IC_MLKEM_SEED_LEN])
{
    return done(import_mlkem_public(public_key, seed));
}

enum ic_err ic_mlkem_encap(uint8_t shared[IC_MLKEM_SHARED_LEN],
                           uint8_t ciphertext[IC_MLKEM_CIPHERTEXT_LEN],
                           const uint8_t public_key[IC_MLKEM_PUBLIC_LEN],
                           const uint8_t randomness[IC_MLKEM_RANDOM_LEN])
{
    enum ic_err err = ic_mlkem_check_public(public_key);

    if (err != IC_OK)
        return err;
    return done(import_mlkem_encap(shared, ciphertext, public_key, randomness));
}

enum ic_err ic_mlkem_decap(uint8_t shared[IC_MLKEM_SHARED_LEN],
                           const uint8_t ciphertext[IC_MLKEM_CIPHERTEXT_LEN],
                           const uint8_t seed[IC_MLKEM_SEED_LEN])
{
    return done(import_mlkem_decap(shared, ciphertext, seed));
}

enum ic_err ic_sha3_256(uint8_t digest[IC_SHA3_256_LEN], const struct ic_bytes *parts, size_t count)
{
    return done(import_sha3_256(digest, parts, count));
}

enum ic_err ic_shake256(uint8_t *out, size_t len, const struct ic_bytes *parts, size_t count)
{
    return done(import_shake256(out, len, parts, count));
}

bool ic_signature_available(enum ic_signature scheme)
{
    return scheme == IC_SIGNATURE_ED25519;
}

enum ic_err ic_edwards_public(uint8_t *public_key, enum ic_signature scheme,
                              const uint8_t *private_key)
{
    (void)scheme;
    return done(import_ed25519_public(public_key, private_key));
}

enum ic_err ic_signature_make(uint8_t *signature, size_t *len, enum ic_signature scheme,
                              const uint8_t *private_key, struct ic_bytes message)
{
    (void)scheme;
    if (!import_ed25519_sign(signature, private_key, message.at, message.len))
        return IC_ERR_SYSTEM;
    *len = ED25519_SIGNATURE_LEN;
    return IC_OK;
}

enum ic_err ic_signature_check(enum ic_signature scheme, const uint8_t *public_key,
                               struct ic_bytes message, struct ic_bytes signature)
{
    (void)scheme;
    return import_ed25519_verify(public_key, message.at, message.len, signature.at) ? IC_OK
                                                                                    : IC_ERR_FORGED;
}
