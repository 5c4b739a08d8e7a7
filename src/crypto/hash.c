/* hash.c - the SHA-2 family by OpenSSL's plain functions: unlike its newer interface they neither
 * allocate nor fail. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/hash.h"

#include "crypto/secret.h"

#include <openssl/sha.h>

static void sha256_parts(uint8_t *digest, const struct ic_bytes *parts, size_t count)
{
    SHA256_CTX state;

    SHA256_Init(&state);
    for (size_t i = 0; i < count; i++)
        SHA256_Update(&state, parts[i].at, parts[i].len);
    SHA256_Final(digest, &state);
    ic_secret_wipe(&state, sizeof state);
}

/* SHA-384 is SHA-512 from another start, cut short: SHA512_Final() knows which it ends. */
static void sha512_parts(uint8_t *digest, bool shorter, const struct ic_bytes *parts, size_t count)
{
    SHA512_CTX state;

    if (shorter)
        SHA384_Init(&state);
    else
        SHA512_Init(&state);
    for (size_t i = 0; i < count; i++)
        SHA512_Update(&state, parts[i].at, parts[i].len);
    SHA512_Final(digest, &state);
    ic_secret_wipe(&state, sizeof state);
}

void ic_hash(uint8_t *digest, enum ic_hash hash, const struct ic_bytes *parts, size_t count)
{
    if (hash == IC_HASH_SHA256)
        sha256_parts(digest, parts, count);
    else
        sha512_parts(digest, hash == IC_HASH_SHA384, parts, count);
}

void ic_sha256(uint8_t digest[IC_SHA256_LEN], struct ic_bytes data)
{
    ic_hash(digest, IC_HASH_SHA256, &data, 1);
}
