/* hkdf.h - HKDF with SHA-256 (RFC 5869): a secret becomes any number of independent keys. */
#pragma once

#include "base/base.h"

enum { IC_HKDF_PRK_LEN = 32, IC_HKDF_MAX = 255 * 32 };

/* `salt` may be empty. */
void ic_hkdf_extract(uint8_t prk[IC_HKDF_PRK_LEN], struct ic_bytes salt, struct ic_bytes secret);

/* `len` is at most IC_HKDF_MAX; `prk` is usually what extract gave. */
void ic_hkdf_expand(uint8_t *out, size_t len, struct ic_bytes prk, struct ic_bytes info);
