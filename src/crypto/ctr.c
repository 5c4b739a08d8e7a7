/* ctr.c - AES-128-CTR by OpenSSL; setting only the counter keeps the expanded key. */
#include "crypto/ctr.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct ic_ctr {
    EVP_CIPHER_CTX *cipher;
};

enum ic_err ic_ctr_new(struct ic_ctr **out, const uint8_t key[IC_CTR_KEY_LEN])
{
    struct ic_ctr *ctr = calloc(1, sizeof *ctr);
    if (!ctr)
        return IC_ERR_SYSTEM;
    ctr->cipher = EVP_CIPHER_CTX_new();
    if (!ctr->cipher || EVP_EncryptInit_ex(ctr->cipher, EVP_aes_128_ctr(), NULL, key, NULL) != 1) {
        ic_ctr_free(ctr);
        return IC_ERR_SYSTEM;
    }
    *out = ctr;
    return IC_OK;
}

void ic_ctr_free(struct ic_ctr *ctr)
{
    if (!ctr)
        return;
    EVP_CIPHER_CTX_free(ctr->cipher);
    free(ctr);
}

enum ic_err ic_ctr_apply(struct ic_ctr *ctr, const uint8_t first[IC_CTR_BLOCK_LEN], uint8_t *text,
                         size_t len)
{
    int written;

    if (len > INT_MAX || EVP_EncryptInit_ex(ctr->cipher, NULL, NULL, NULL, first) != 1)
        return IC_ERR_SYSTEM;
    return EVP_EncryptUpdate(ctr->cipher, text, &written, text, (int)len) == 1 ? IC_OK
                                                                               : IC_ERR_SYSTEM;
}
