/* sha3.c - FIPS 202 by OpenSSL's EVP interface, the only one it has for it. */
#include "crypto/sha3.h"

#include <openssl/evp.h>

static EVP_MD_CTX *absorbed(const EVP_MD *kind, const struct ic_bytes *parts, size_t count)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context && EVP_DigestInit_ex(context, kind, NULL) == 1;

    for (size_t i = 0; done && i < count; i++)
        done = EVP_DigestUpdate(context, parts[i].at, parts[i].len) == 1;
    if (done)
        return context;
    EVP_MD_CTX_free(context);
    return NULL;
}

enum ic_err ic_sha3_256(uint8_t digest[IC_SHA3_256_LEN], const struct ic_bytes *parts, size_t count)
{
    EVP_MD_CTX *context = absorbed(EVP_sha3_256(), parts, count);
    bool done = context && EVP_DigestFinal_ex(context, digest, NULL) == 1;

    EVP_MD_CTX_free(context);
    return done ? IC_OK : IC_ERR_SYSTEM;
}

enum ic_err ic_shake256(uint8_t *out, size_t len, const struct ic_bytes *parts, size_t count)
{
    EVP_MD_CTX *context = absorbed(EVP_shake256(), parts, count);
    bool done = context && EVP_DigestFinalXOF(context, out, len) == 1;

    EVP_MD_CTX_free(context);
    return done ? IC_OK : IC_ERR_SYSTEM;
}
