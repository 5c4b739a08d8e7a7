/* pbkdf2.h - PBKDF2 with HMAC-SHA-256 (RFC 8018 section 5.2): a short secret becomes a key, slowly.
 *
 * Built on hmac.h alone, so that it is the same wherever that is. */
#pragma once

#include "crypto/hmac.h"

/* One block, which is all that a key needs. `rounds` is at least 1. */
void ic_pbkdf2(uint8_t key[IC_HMAC_SHA256_LEN], struct ic_bytes password, struct ic_bytes salt,
               uint32_t rounds);
