/* hash.c - SHA-256 by OpenSSL's plain functions: unlike its newer interface they neither allocate
 * nor fail. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/hash.h"

#include <openssl/sha.h>

void ic_sha256(uint8_t digest[IC_SHA256_LEN], struct ic_bytes data)
{
    SHA256_CTX state;

    SHA256_Init(&state);
    SHA256_Update(&state, data.at, data.len);
    SHA256_Final(digest, &state);
}
