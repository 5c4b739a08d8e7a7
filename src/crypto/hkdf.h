/* hkdf.h - HKDF (RFC 5869): a secret becomes any number of independent keys. */
#pragma once

#include "crypto/hash.h"

enum { IC_HKDF_PRK_LEN = 32, IC_HKDF_MAX = 255 * 32 };

/* With SHA-256. `salt` may be empty. */
void ic_hkdf_extract(uint8_t prk[IC_HKDF_PRK_LEN], struct ic_bytes salt, struct ic_bytes secret);

/* With SHA-256. `len` is at most IC_HKDF_MAX; `prk` is usually what extract gave. */
void ic_hkdf_expand(uint8_t *out, size_t len, struct ic_bytes prk, struct ic_bytes info);

/* The longest expansion with this hash: 255 digests. */
size_t ic_hkdf_max(enum ic_hash hash);

/* With any hash, and with the secret or the info given in parts that are read as one. `prk` gets
 * ic_hash_len(hash) bytes and may be the memory of `salt` or of a part. */
void ic_hkdf_extract_with(uint8_t *prk, enum ic_hash hash, struct ic_bytes salt,
                          const struct ic_bytes *parts, size_t count);

/* At most IC_HKDF_PARTS parts; `len` is at most ic_hkdf_max(hash). `out` may be the memory of
 * `prk`, not that of a part. */
enum { IC_HKDF_PARTS = 8 };
void ic_hkdf_expand_with(uint8_t *out, size_t len, enum ic_hash hash, struct ic_bytes prk,
                         const struct ic_bytes *parts, size_t count);
