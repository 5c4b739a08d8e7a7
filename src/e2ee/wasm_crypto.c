/* wasm_crypto.c - the functions of src/crypto that the core uses, in the browser: each is imported
 * from the worker that holds this module (web/src/e2ee/provider.ts). A key of a cipher stays with
 * the worker too; here it is only a number. */
#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "crypto/random.h"
#include "crypto/secret.h"

#define IMPORT(name) __attribute__((import_module("incamera"), import_name(name)))

IMPORT("random") void import_random(void *out, size_t len);
IMPORT("hkdf_extract")
void import_hkdf_extract(uint8_t *prk, const uint8_t *salt, size_t salt_len, const uint8_t *secret,
                         size_t secret_len);
IMPORT("hkdf_expand")
void import_hkdf_expand(uint8_t *out, size_t len, const uint8_t *prk, size_t prk_len,
                        const uint8_t *info, size_t info_len);
IMPORT("aead_new") uint32_t import_aead_new(const uint8_t *key); /* 0: refused */
IMPORT("aead_free") void import_aead_free(uint32_t key);
IMPORT("aead_seal")
bool import_aead_seal(uint32_t key, const uint8_t *nonce, const uint8_t *aad, size_t aad_len,
                      uint8_t *text, size_t len);
IMPORT("aead_open")
bool import_aead_open(uint32_t key, const uint8_t *nonce, const uint8_t *aad, size_t aad_len,
                      uint8_t *text, size_t len);

void ic_random_fill(void *out, size_t len)
{
    import_random(out, len);
}

void ic_secret_wipe(void *at, size_t len)
{
    volatile uint8_t *byte = at;
    for (size_t i = 0; i < len; i++)
        byte[i] = 0;
}

void ic_hkdf_extract(uint8_t prk[IC_HKDF_PRK_LEN], struct ic_bytes salt, struct ic_bytes secret)
{
    import_hkdf_extract(prk, salt.at, salt.len, secret.at, secret.len);
}

void ic_hkdf_expand(uint8_t *out, size_t len, struct ic_bytes prk, struct ic_bytes info)
{
    import_hkdf_expand(out, len, prk.at, prk.len, info.at, info.len);
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
