/* wasm_crypto.c - randomness and ciphers of src/crypto in the browser: each but AES-GCM is imported
 * from the worker that holds this module. A key that seals many messages stays with the worker too;
 * here it is only a number. Public keys are in wasm_keys.c. */
#include "crypto/aead.h"
#include "crypto/cipher.h"
#include "crypto/random.h"
#include "e2ee/wasm_gcm.h"
#include "e2ee/wasm_import.h"

IMPORT("random") void import_random(void *out, size_t len);
IMPORT("aead_new") uint32_t import_aead_new(const uint8_t *key); /* 0: refused */
IMPORT("aead_free") void import_aead_free(uint32_t key);
IMPORT("aead_seal")
bool import_aead_seal(uint32_t key, const uint8_t *nonce, const uint8_t *aad, size_t aad_len,
                      uint8_t *text, size_t len);
IMPORT("aead_open")
bool import_aead_open(uint32_t key, const uint8_t *nonce, const uint8_t *aad, size_t aad_len,
                      uint8_t *text, size_t len);
IMPORT("chacha_seal")
bool import_chacha_seal(uint8_t *out, const uint8_t *key, const uint8_t *nonce, const uint8_t *aad,
                        size_t aad_len, const uint8_t *text, size_t len);
IMPORT("chacha_open")
bool import_chacha_open(uint8_t *out, const uint8_t *key, const uint8_t *nonce, const uint8_t *aad,
                        size_t aad_len, const uint8_t *text, size_t len);

void ic_random_fill(void *out, size_t len)
{
    import_random(out, len);
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
    size_t key_len = ic_cipher_key_len(cipher);

    if (key_len == 0)
        return IC_ERR_SYSTEM;
    if (cipher == IC_CIPHER_CHACHA20_POLY1305)
        return import_chacha_seal(out, key, nonce, aad.at, aad.len, plain.at, plain.len)
                   ? IC_OK
                   : IC_ERR_SYSTEM;
    ic_gcm_seal(out, (struct ic_bytes){key, key_len}, nonce, aad, plain);
    return IC_OK;
}

enum ic_err ic_cipher_open(uint8_t *out, enum ic_cipher cipher, const uint8_t *key,
                           const uint8_t nonce[IC_CIPHER_NONCE_LEN], struct ic_bytes aad,
                           struct ic_bytes sealed)
{
    size_t key_len = ic_cipher_key_len(cipher);

    if (sealed.len < IC_CIPHER_TAG_LEN)
        return IC_ERR_MALFORMED;
    if (key_len == 0)
        return IC_ERR_SYSTEM;
    if (cipher == IC_CIPHER_CHACHA20_POLY1305
            ? import_chacha_open(out, key, nonce, aad.at, aad.len, sealed.at, sealed.len)
            : ic_gcm_open(out, (struct ic_bytes){key, key_len}, nonce, aad, sealed))
        return IC_OK;
    memset(out, 0, sealed.len - IC_CIPHER_TAG_LEN);
    return IC_ERR_FORGED;
}
