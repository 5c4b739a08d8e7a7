/* hkdf.c - the two steps of RFC 5869. */
#include "crypto/hkdf.h"

#include "crypto/hmac.h"
#include "crypto/secret.h"

#include <assert.h>

void ic_hkdf_extract(uint8_t prk[IC_HKDF_PRK_LEN], struct ic_bytes salt, struct ic_bytes secret)
{
    ic_hmac_sha256(prk, salt, secret);
}

/* T(i) = HMAC(prk, T(i - 1) | info | i), as many as are needed. */
void ic_hkdf_expand(uint8_t *out, size_t len, struct ic_bytes prk, struct ic_bytes info)
{
    struct ic_hmac_key key;
    uint8_t block[IC_HMAC_SHA256_LEN];
    uint8_t counter = 0;

    assert(len <= IC_HKDF_MAX);
    ic_hmac_key_init(&key, IC_HMAC_SHA256, prk);
    for (size_t done = 0; done < len; done += sizeof block) {
        size_t wanted = len - done < sizeof block ? len - done : sizeof block;
        struct ic_bytes before = {block, done > 0 ? sizeof block : 0};
        counter++;
        ic_hmac(block, &key, (struct ic_bytes[]){before, info, {&counter, 1}}, 3);
        memcpy(out + done, block, wanted);
    }
    ic_secret_wipe(block, sizeof block);
    ic_hmac_key_clear(&key);
}
