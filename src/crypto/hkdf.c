/* hkdf.c - the two steps of RFC 5869. */
#include "crypto/hkdf.h"

#include "crypto/hmac.h"
#include "crypto/secret.h"

#include <assert.h>

static enum ic_hmac_hash hmac_of(enum ic_hash hash)
{
    switch (hash) {
    case IC_HASH_SHA256:
        return IC_HMAC_SHA256;
    case IC_HASH_SHA384:
        return IC_HMAC_SHA384;
    case IC_HASH_SHA512:
        break;
    }
    return IC_HMAC_SHA512;
}

size_t ic_hkdf_max(enum ic_hash hash)
{
    return 255 * ic_hash_len(hash);
}

void ic_hkdf_extract_with(uint8_t *prk, enum ic_hash hash, struct ic_bytes salt,
                          const struct ic_bytes *parts, size_t count)
{
    struct ic_hmac_key key;

    ic_hmac_key_init(&key, hmac_of(hash), salt);
    ic_hmac(prk, &key, parts, count);
    ic_hmac_key_clear(&key);
}

/* T(i) = HMAC(prk, T(i - 1) | info | i), as many as are needed. */
void ic_hkdf_expand_with(uint8_t *out, size_t len, enum ic_hash hash, struct ic_bytes prk,
                         const struct ic_bytes *parts, size_t count)
{
    struct ic_hmac_key key;
    uint8_t block[IC_HASH_MAX];
    uint8_t counter = 0;
    const size_t step = ic_hash_len(hash);
    struct ic_bytes input[IC_HKDF_PARTS + 2] = {{block, 0}};

    assert(len <= ic_hkdf_max(hash) && count <= IC_HKDF_PARTS);
    if (count > 0)
        memcpy(input + 1, parts, count * sizeof *parts);
    input[count + 1] = (struct ic_bytes){&counter, 1};
    ic_hmac_key_init(&key, hmac_of(hash), prk);
    for (size_t done = 0; done < len; done += step) {
        counter++;
        ic_hmac(block, &key, input, count + 2);
        memcpy(out + done, block, len - done < step ? len - done : step);
        input[0].len = step;
    }
    ic_secret_wipe(block, sizeof block);
    ic_hmac_key_clear(&key);
}

void ic_hkdf_extract(uint8_t prk[IC_HKDF_PRK_LEN], struct ic_bytes salt, struct ic_bytes secret)
{
    ic_hkdf_extract_with(prk, IC_HASH_SHA256, salt, &secret, 1);
}

void ic_hkdf_expand(uint8_t *out, size_t len, struct ic_bytes prk, struct ic_bytes info)
{
    ic_hkdf_expand_with(out, len, IC_HASH_SHA256, prk, &info, 1);
}
