/* cipher.c - three AEADs on OpenSSL, a fresh context a message. */
#include "crypto/cipher.h"

#include <limits.h>
#include <openssl/evp.h>
#include <pthread.h>

/* Fetched once, read by all threads: a look-up by name for each message costs more than sealing a
 * short one. */
static pthread_once_t prepared = PTHREAD_ONCE_INIT;
static EVP_CIPHER *fetched[IC_CIPHER_CHACHA20_POLY1305 + 1];

static void prepare(void)
{
    fetched[IC_CIPHER_AES_128_GCM] = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    fetched[IC_CIPHER_AES_256_GCM] = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    fetched[IC_CIPHER_CHACHA20_POLY1305] = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
}

/* NULL when the library refuses. */
static EVP_CIPHER_CTX *keyed(enum ic_cipher cipher, const uint8_t *key, const uint8_t *nonce,
                             bool sealing)
{
    EVP_CIPHER_CTX *context = NULL;

    pthread_once(&prepared, prepare);
    if (ic_cipher_key_len(cipher) > 0 && fetched[cipher])
        context = EVP_CIPHER_CTX_new();
    if (context && EVP_CipherInit_ex(context, fetched[cipher], NULL, key, nonce, sealing) == 1)
        return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

/* `out` NULL: the bytes are only authenticated. */
static bool pass(EVP_CIPHER_CTX *context, uint8_t *out, struct ic_bytes in)
{
    int written;

    return in.len == 0 ||
           (in.len <= INT_MAX && EVP_CipherUpdate(context, out, &written, in.at, (int)in.len) == 1);
}

enum ic_err ic_cipher_seal(uint8_t *out, enum ic_cipher cipher, const uint8_t *key,
                           const uint8_t nonce[IC_CIPHER_NONCE_LEN], struct ic_bytes aad,
                           struct ic_bytes plain)
{
    EVP_CIPHER_CTX *context = keyed(cipher, key, nonce, true);
    uint8_t *tag = out + plain.len;
    int written;

    bool done = context && pass(context, NULL, aad) && pass(context, out, plain) &&
                EVP_CipherFinal_ex(context, tag, &written) == 1 &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, IC_CIPHER_TAG_LEN, tag) == 1;
    EVP_CIPHER_CTX_free(context);
    return done ? IC_OK : IC_ERR_SYSTEM;
}

enum ic_err ic_cipher_open(uint8_t *out, enum ic_cipher cipher, const uint8_t *key,
                           const uint8_t nonce[IC_CIPHER_NONCE_LEN], struct ic_bytes aad,
                           struct ic_bytes sealed)
{
    uint8_t tag[IC_CIPHER_TAG_LEN];
    int written;
    enum ic_err err = IC_OK;

    if (sealed.len < sizeof tag)
        return IC_ERR_MALFORMED;
    struct ic_bytes text = {sealed.at, sealed.len - sizeof tag};
    memcpy(tag, sealed.at + text.len, sizeof tag);

    EVP_CIPHER_CTX *context = keyed(cipher, key, nonce, false);
    if (!context || !pass(context, NULL, aad) || !pass(context, out, text) ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) != 1)
        err = IC_ERR_SYSTEM;
    else if (EVP_CipherFinal_ex(context, tag, &written) != 1)
        err = IC_ERR_FORGED;
    EVP_CIPHER_CTX_free(context);
    if (err != IC_OK && text.len > 0)
        memset(out, 0, text.len);
    return err;
}
