/* hash.h - SHA-256, SHA-384 and SHA-512 (FIPS 180-4). SHA-1 exists only inside an HMAC: see
 * hmac.h. */
#pragma once

#include "base/base.h"

enum { IC_SHA256_LEN = 32, IC_SHA384_LEN = 48, IC_SHA512_LEN = 64, IC_HASH_MAX = 64 };

enum ic_hash { IC_HASH_SHA256, IC_HASH_SHA384, IC_HASH_SHA512 };

/* Bytes of a digest. */
static inline size_t ic_hash_len(enum ic_hash hash)
{
    switch (hash) {
    case IC_HASH_SHA256:
        return IC_SHA256_LEN;
    case IC_HASH_SHA384:
        return IC_SHA384_LEN;
    case IC_HASH_SHA512:
        return IC_SHA512_LEN;
    }
    return 0;
}

/* The digest of the parts joined: ic_hash_len(hash) bytes. */
void ic_hash(uint8_t *digest, enum ic_hash hash, const struct ic_bytes *parts, size_t count);

void ic_sha256(uint8_t digest[IC_SHA256_LEN], struct ic_bytes data);
