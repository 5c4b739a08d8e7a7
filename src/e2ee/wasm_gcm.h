/* wasm_gcm.h - AES-GCM of small messages (NIST SP 800-38D) in the browser, for wasm_crypto.c. */
#pragma once

#include "crypto/cipher.h"

/* As ic_cipher_seal() and ic_cipher_open(), for keys of 16 or 32 bytes; `sealed` has a tag. */
void ic_gcm_seal(uint8_t *out, struct ic_bytes key, const uint8_t nonce[IC_CIPHER_NONCE_LEN],
                 struct ic_bytes aad, struct ic_bytes plain);
bool ic_gcm_open(uint8_t *out, struct ic_bytes key, const uint8_t nonce[IC_CIPHER_NONCE_LEN],
                 struct ic_bytes aad, struct ic_bytes sealed);
