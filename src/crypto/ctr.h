/* ctr.h - AES-128 in counter mode (NIST SP 800-38A), which SRTP's AES_CM and its key derivation
 * are made of. It hides and does not protect: whoever uses it adds an HMAC. */
#pragma once

#include "base/base.h"

enum { IC_CTR_KEY_LEN = 16, IC_CTR_BLOCK_LEN = 16 };

/* A key, used by one thread at a time. */
struct ic_ctr;

/* IC_ERR_SYSTEM: no memory. */
enum ic_err ic_ctr_new(struct ic_ctr **out, const uint8_t key[IC_CTR_KEY_LEN]) IC_CHECKED;
/* Wipes the key. */
void ic_ctr_free(struct ic_ctr *ctr);

/* Adds the keystream that begins at counter block `first` to `text`, in place; the same call
 * encrypts and decrypts. IC_ERR_SYSTEM leaves the bytes undefined. */
enum ic_err ic_ctr_apply(struct ic_ctr *ctr, const uint8_t first[IC_CTR_BLOCK_LEN], uint8_t *text,
                         size_t len) IC_CHECKED;
