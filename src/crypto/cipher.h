/* cipher.h - authenticated encryption of one message under a key of its own.
 *
 * For handshakes and chat, where each message has another key. Media, where one key seals many
 * packets, uses aead.h. Each call sets the key up anew and allocates. */
#pragma once

#include "base/base.h"

/* The values are those of the AEAD registry of RFC 9180 section 7.3. */
enum ic_cipher {
    IC_CIPHER_AES_128_GCM = 1,
    IC_CIPHER_AES_256_GCM = 2,
    IC_CIPHER_CHACHA20_POLY1305 = 3,
};
enum { IC_CIPHER_KEY_MAX = 32, IC_CIPHER_NONCE_LEN = 12, IC_CIPHER_TAG_LEN = 16 };

/* 16 or 32; 0 for a value that is none of the three. */
static inline size_t ic_cipher_key_len(enum ic_cipher cipher)
{
    switch (cipher) {
    case IC_CIPHER_AES_128_GCM:
        return 16;
    case IC_CIPHER_AES_256_GCM:
    case IC_CIPHER_CHACHA20_POLY1305:
        return 32;
    }
    return 0;
}

/* Writes plain.len + IC_CIPHER_TAG_LEN bytes, the tag last; `out` may be the memory of `plain`. The
 * key has ic_cipher_key_len() bytes and must never meet the same nonce twice. IC_ERR_SYSTEM: the
 * library refused; then `out` is undefined and must not be sent. */
enum ic_err ic_cipher_seal(uint8_t *out, enum ic_cipher cipher, const uint8_t *key,
                           const uint8_t nonce[IC_CIPHER_NONCE_LEN], struct ic_bytes aad,
                           struct ic_bytes plain) IC_CHECKED;

/* Writes sealed.len - IC_CIPHER_TAG_LEN bytes; `out` may be the memory of `sealed`.
 * IC_ERR_MALFORMED when shorter than a tag; IC_ERR_FORGED when the tag is wrong, and then what
 * would have been the plaintext is zeroed. */
enum ic_err ic_cipher_open(uint8_t *out, enum ic_cipher cipher, const uint8_t *key,
                           const uint8_t nonce[IC_CIPHER_NONCE_LEN], struct ic_bytes aad,
                           struct ic_bytes sealed) IC_CHECKED;
