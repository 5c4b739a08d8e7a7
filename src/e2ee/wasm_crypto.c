/* wasm_crypto.c - randomness, hashes and ciphers of src/crypto in the browser: each is imported
 * from the worker that holds this module. A key that seals many messages stays with the worker too;
 * here it is only a number. Public keys are in wasm_keys.c. */
#include "crypto/aead.h"
#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "crypto/hmac.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "e2ee/wasm_import.h"

#include <assert.h>

IMPORT("random") void import_random(void *out, size_t len);
IMPORT("hash")
void import_hash(uint8_t *digest, enum ic_hash hash, const struct ic_bytes *parts, size_t count);
IMPORT("hmac")
void import_hmac(uint8_t *tag, enum ic_hash hash, const void *key, size_t key_len,
                 const struct ic_bytes *parts, size_t count);
IMPORT("aead_new") uint32_t import_aead_new(const uint8_t *key); /* 0: refused */
IMPORT("aead_free") void import_aead_free(uint32_t key);
IMPORT("aead_seal")
bool import_aead_seal(uint32_t key, const uint8_t *nonce, const uint8_t *aad, size_t aad_len,
                      uint8_t *text, size_t len);
IMPORT("aead_open")
bool import_aead_open(uint32_t key, const uint8_t *nonce, const uint8_t *aad, size_t aad_len,
                      uint8_t *text, size_t len);
IMPORT("cipher_seal")
bool import_cipher_seal(uint8_t *out, enum ic_cipher cipher, const uint8_t *key,
                        const uint8_t *nonce, const uint8_t *aad, size_t aad_len,
                        const uint8_t *text, size_t len);
IMPORT("cipher_open")
bool import_cipher_open(uint8_t *out, enum ic_cipher cipher, const uint8_t *key,
                        const uint8_t *nonce, const uint8_t *aad, size_t aad_len,
                        const uint8_t *text, size_t len);

void ic_random_fill(void *out, size_t len)
{
    import_random(out, len);
}

void ic_hash(uint8_t *digest, enum ic_hash hash, const struct ic_bytes *parts, size_t count)
{
    import_hash(digest, hash, parts, count);
}

void ic_sha256(uint8_t digest[IC_SHA256_LEN], struct ic_bytes data)
{
    ic_hash(digest, IC_HASH_SHA256, &data, 1);
}

/* STUN and SRTP, which use SHA-1, are no part of this module. */
static enum ic_hash hash_of(enum ic_hmac_hash hash)
{
    assert(hash != IC_HMAC_SHA1);
    if (hash == IC_HMAC_SHA256)
        return IC_HASH_SHA256;
    return hash == IC_HMAC_SHA384 ? IC_HASH_SHA384 : IC_HASH_SHA512;
}

static size_t block_len(enum ic_hmac_hash hash)
{
    return hash == IC_HMAC_SHA256 ? 64 : 128;
}

/* No hash states here: `inner` holds the key as RFC 2104 pads it to a block. */
void ic_hmac_key_init(struct ic_hmac_key *key, enum ic_hmac_hash hash, struct ic_bytes secret)
{
    uint8_t *block = (uint8_t *)key->inner;

    _Static_assert(sizeof key->inner >= 128, "room for a block");
    memset(key, 0, sizeof *key);
    key->hash = hash;
    if (secret.len > block_len(hash))
        ic_hash(block, hash_of(hash), &secret, 1);
    else if (secret.len > 0)
        memcpy(block, secret.at, secret.len);
}

void ic_hmac_key_clear(struct ic_hmac_key *key)
{
    ic_secret_wipe(key, sizeof *key);
}

void ic_hmac(uint8_t *tag, const struct ic_hmac_key *key, const struct ic_bytes *parts,
             size_t count)
{
    import_hmac(tag, hash_of(key->hash), key->inner, block_len(key->hash), parts, count);
}

void ic_hmac_sha256(uint8_t tag[IC_HMAC_SHA256_LEN], struct ic_bytes secret, struct ic_bytes data)
{
    struct ic_hmac_key key;

    ic_hmac_key_init(&key, IC_HMAC_SHA256, secret);
    ic_hmac(tag, &key, &data, 1);
    ic_hmac_key_clear(&key);
}

static uint32_t number_of(const struct ic_aead *aead)
{
    return (uint32_t)(uintptr_t)aead;
}

enum ic_err ic_aead_new(struct ic_aead **out, const uint8_t key[IC_AEAD_KEY_LEN])
{
    uint32_t number = import_aead_new(key);
    if (number == 0)
        return IC_ERR_SYSTEM;
    *out = (struct ic_aead *)(uintptr_t)number;
    return IC_OK;
}

void ic_aead_free(struct ic_aead *aead)
{
    if (aead)
        import_aead_free(number_of(aead));
}

enum ic_err ic_aead_seal(struct ic_aead *aead, const uint8_t nonce[IC_AEAD_NONCE_LEN],
                         struct ic_bytes aad, uint8_t *text, size_t len)
{
    bool done = import_aead_seal(number_of(aead), nonce, aad.at, aad.len, text, len);
    return done ? IC_OK : IC_ERR_SYSTEM;
}

enum ic_err ic_aead_open(struct ic_aead *aead, const uint8_t nonce[IC_AEAD_NONCE_LEN],
                         struct ic_bytes aad, uint8_t *text, size_t len)
{
    if (len < IC_AEAD_TAG_LEN)
        return IC_ERR_MALFORMED;
    bool done = import_aead_open(number_of(aead), nonce, aad.at, aad.len, text, len);
    return done ? IC_OK : IC_ERR_FORGED;
}

enum ic_err ic_cipher_seal(uint8_t *out, enum ic_cipher cipher, const uint8_t *key,
                           const uint8_t nonce[IC_CIPHER_NONCE_LEN], struct ic_bytes aad,
                           struct ic_bytes plain)
{
    bool done = import_cipher_seal(out, cipher, key, nonce, aad.at, aad.len, plain.at, plain.len);
    return done ? IC_OK : IC_ERR_SYSTEM;
}

enum ic_err ic_cipher_open(uint8_t *out, enum ic_cipher cipher, const uint8_t *key,
                           const uint8_t nonce[IC_CIPHER_NONCE_LEN], struct ic_bytes aad,
                           struct ic_bytes sealed)
{
    if (sealed.len < IC_CIPHER_TAG_LEN)
        return IC_ERR_MALFORMED;
    if (ic_cipher_key_len(cipher) == 0)
        return IC_ERR_SYSTEM;
    if (import_cipher_open(out, cipher, key, nonce, aad.at, aad.len, sealed.at, sealed.len))
        return IC_OK;
    memset(out, 0, sealed.len - IC_CIPHER_TAG_LEN);
    return IC_ERR_FORGED;
}
