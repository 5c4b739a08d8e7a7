/* hash.h - SHA-256 (FIPS 180-4). SHA-1 exists only inside an HMAC: see hmac.h. */
#pragma once

#include "base/base.h"

enum { IC_SHA256_LEN = 32 };

void ic_sha256(uint8_t digest[IC_SHA256_LEN], struct ic_bytes data);
