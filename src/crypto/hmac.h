/* hmac.h - HMAC (RFC 2104) over SHA-1, for STUN and old SRTP, and over SHA-256.
 *
 * Keyed once, then used without allocating: STUN and SRTP run on the packet path. */
#pragma once

#include "base/base.h"

enum ic_hmac_hash { IC_HMAC_SHA1, IC_HMAC_SHA256 };
enum { IC_HMAC_SHA1_LEN = 20, IC_HMAC_SHA256_LEN = 32, IC_HMAC_MAX = 32 };

/* In the caller's memory; the hash states after the two padded keys. May be copied. */
struct ic_hmac_key {
    enum ic_hmac_hash hash;
    uint64_t inner[14], outer[14];
};

/* `secret` may have any length, also none. */
void ic_hmac_key_init(struct ic_hmac_key *key, enum ic_hmac_hash hash, struct ic_bytes secret);
void ic_hmac_key_clear(struct ic_hmac_key *key);

/* The tag of the parts joined. Writes IC_HMAC_SHA1_LEN or IC_HMAC_SHA256_LEN bytes. */
void ic_hmac(uint8_t *tag, const struct ic_hmac_key *key, const struct ic_bytes *parts,
             size_t count);

/* Keyed for one use. */
void ic_hmac_sha256(uint8_t tag[IC_HMAC_SHA256_LEN], struct ic_bytes secret, struct ic_bytes data);
