/* sha3.h - SHA3-256 and SHAKE256 (FIPS 202) of parts read as one. */
#pragma once

#include "base/base.h"

enum { IC_SHA3_256_LEN = 32 };

/* IC_ERR_SYSTEM: the library refused. */
enum ic_err ic_sha3_256(uint8_t digest[IC_SHA3_256_LEN], const struct ic_bytes *parts,
                        size_t count) IC_CHECKED;
enum ic_err ic_shake256(uint8_t *out, size_t len, const struct ic_bytes *parts,
                        size_t count) IC_CHECKED;
