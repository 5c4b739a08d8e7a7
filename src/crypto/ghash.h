/* ghash.h - GHASH, the hash in the tag of AES-GCM (NIST SP 800-38D section 6.4), for the
 * WebAssembly core. No table, and no branch on the key or on what is hashed. */
#pragma once

#include "base/base.h"

enum { IC_GHASH_LEN = 16 };

/* Over both, each filled up with zeros, and their lengths. */
void ic_ghash(uint8_t out[IC_GHASH_LEN], const uint8_t key[IC_GHASH_LEN], struct ic_bytes aad,
              struct ic_bytes sealed);
