/* pbkdf2.c - PBKDF2 (RFC 8018 section 5.2), its first block. */
#include "crypto/pbkdf2.h"

#include "crypto/secret.h"

void ic_pbkdf2(uint8_t key[IC_HMAC_SHA256_LEN], struct ic_bytes password, struct ic_bytes salt,
               uint32_t rounds)
{
    static const uint8_t FIRST_BLOCK[4] = {0, 0, 0, 1};
    const struct ic_bytes start[] = {salt, {FIRST_BLOCK, sizeof FIRST_BLOCK}};
    uint8_t u[IC_HMAC_SHA256_LEN];
    const struct ic_bytes again = {u, sizeof u};
    struct ic_hmac_key keyed;

    ic_hmac_key_init(&keyed, IC_HMAC_SHA256, password);
    ic_hmac(u, &keyed, start, IC_COUNT(start));
    memcpy(key, u, sizeof u);
    for (uint32_t round = 1; round < rounds; round++) {
        ic_hmac(u, &keyed, &again, 1);
        for (size_t i = 0; i < sizeof u; i++)
            key[i] ^= u[i];
    }
    ic_hmac_key_clear(&keyed);
    ic_secret_wipe(u, sizeof u);
}
