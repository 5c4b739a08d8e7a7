/* hmac.h - HMAC (RFC 2104) over SHA-1, for STUN and old SRTP, and over SHA-256 and its longer kin.
 *
 * Keyed once, then used without allocating: STUN and SRTP run on the packet path. */
#pragma once

#include "base/base.h"

enum ic_hmac_hash { IC_HMAC_SHA1, IC_HMAC_SHA256, IC_HMAC_SHA384, IC_HMAC_SHA512 };
enum {
    IC_HMAC_SHA1_LEN = 20,
    IC_HMAC_SHA256_LEN = 32,
    IC_HMAC_SHA384_LEN = 48,
    IC_HMAC_SHA512_LEN = 64,
    IC_HMAC_MAX = 64
};
enum { IC_HMAC_STATE_WORDS = 27 };

/* In the caller's memory; the hash states after the two padded keys. May be copied. */
struct ic_hmac_key {
    enum ic_hmac_hash hash;
    uint64_t inner[IC_HMAC_STATE_WORDS], outer[IC_HMAC_STATE_WORDS];
};

/* `secret` may have any length, also none. */
void ic_hmac_key_init(struct ic_hmac_key *key, enum ic_hmac_hash hash, struct ic_bytes secret);
void ic_hmac_key_clear(struct ic_hmac_key *key);

/* The tag of the parts joined, as long as the digest of the key's hash. */
void ic_hmac(uint8_t *tag, const struct ic_hmac_key *key, const struct ic_bytes *parts,
             size_t count);

/* Keyed for one use. */
void ic_hmac_sha256(uint8_t tag[IC_HMAC_SHA256_LEN], struct ic_bytes secret, struct ic_bytes data);
