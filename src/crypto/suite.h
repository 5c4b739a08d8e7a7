/* suite.h - the cipher suites of Messaging Layer Security (RFC 9420 section 17.1) and our hybrid.
 *
 * A policy asks a suite for its properties, never for its number. */
#pragma once

#include "crypto/hpke.h"
#include "crypto/signature.h"

enum {
    IC_SUITE_X25519_AES128 = 1,
    IC_SUITE_P256_AES128 = 2,
    IC_SUITE_X25519_CHACHA20 = 3,
    IC_SUITE_X448_AES256 = 4,
    IC_SUITE_P521_AES256 = 5,
    IC_SUITE_X448_CHACHA20 = 6,
    IC_SUITE_P384_AES256 = 7,
    /* X-Wing, AES-128-GCM, SHA-256, Ed25519: the first row of draft-ietf-mls-pq-ciphersuites, under
     * a private number until it has one. */
    IC_SUITE_HYBRID = 0xf1c1,
};

struct ic_suite {
    uint16_t id;
    const char *name; /* as the registry spells it */
    enum ic_kem kem;
    enum ic_cipher cipher;
    enum ic_hash hash; /* of HKDF and HMAC too */
    enum ic_signature signature;
    unsigned strength_bits; /* of its weakest part, against machines of today */
    bool post_quantum;      /* what is recorded today stays secret from a quantum computer */
};

/* In the order of their ids, available or not. */
extern const struct ic_suite IC_SUITES[];
enum { IC_SUITE_COUNT = 8 };

/* NULL for an id that is not in the table. */
const struct ic_suite *ic_suite_find(uint16_t id);

/* Can this build run all of it? Nothing ever takes the place of a suite that is not. */
bool ic_suite_available(const struct ic_suite *suite);

/* The same KEM, hash and cipher, as HPKE counts them. */
struct ic_hpke_suite ic_suite_hpke(const struct ic_suite *suite);
