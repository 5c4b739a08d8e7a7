/* sframe.h - SFrame (RFC 9605): the header, and from a base key the key, salt and nonces.
 *
 * Knows nothing of where a base key comes from nor of what is inside a frame. Frames use suite 4;
 * the key schedule is also written for the three AES-CTR suites, which share its hash, because the
 * published vectors show it with them. */
#pragma once

#include "base/base.h"

enum ic_sframe_suite {
    IC_SFRAME_AES_128_CTR_HMAC_SHA256_80 = 1,
    IC_SFRAME_AES_128_CTR_HMAC_SHA256_64 = 2,
    IC_SFRAME_AES_128_CTR_HMAC_SHA256_32 = 3,
    IC_SFRAME_AES_128_GCM_SHA256_128 = 4,
};

enum {
    IC_SFRAME_HEADER_MAX = 17, /* configuration byte, key id, counter: 1 + 8 + 8 */
    IC_SFRAME_BASE_KEY_LEN = 16,
    IC_SFRAME_GCM_KEY_LEN = 16,
    IC_SFRAME_KEY_MAX = 48, /* AES-CTR suites: encryption key and HMAC key */
    IC_SFRAME_NONCE_LEN = 12,
    IC_SFRAME_TAG_LEN = 16, /* suite 4 */
};

struct ic_sframe_header {
    uint64_t key_id, counter;
};

/* Returns the length, 1 to IC_SFRAME_HEADER_MAX (section 4.3). */
size_t ic_sframe_header_write(uint8_t out[IC_SFRAME_HEADER_MAX], struct ic_sframe_header header);

/* Reads from the front of `bytes`. A value that is not in its shortest form is malformed, so one
 * header has one spelling. On error the outputs are untouched. */
enum ic_err ic_sframe_header_read(struct ic_sframe_header *out, size_t *len,
                                  struct ic_bytes bytes) IC_CHECKED;

struct ic_sframe_secrets {
    uint8_t key[IC_SFRAME_KEY_MAX];
    size_t key_len;
    uint8_t salt[IC_SFRAME_NONCE_LEN];
};

/* Section 4.4.2. The caller wipes both. */
void ic_sframe_derive(struct ic_sframe_secrets *out, enum ic_sframe_suite suite,
                      const uint8_t base_key[IC_SFRAME_BASE_KEY_LEN], uint64_t key_id);

/* Section 4.4.3. */
void ic_sframe_nonce(uint8_t nonce[IC_SFRAME_NONCE_LEN], const uint8_t salt[IC_SFRAME_NONCE_LEN],
                     uint64_t counter);
