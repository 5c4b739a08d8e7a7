/* xwing.h - X-Wing (draft-connolly-cfrg-xwing-kem): ML-KEM-768 and X25519 as one KEM. Used through
 * kem.h. */
#pragma once

#include "base/base.h"

enum {
    IC_XWING_PRIVATE_LEN = 32, /* the seed of both halves */
    IC_XWING_PUBLIC_LEN = 1216,
    IC_XWING_ENC_LEN = 1120,
    IC_XWING_SHARED_LEN = 32,
    IC_XWING_RANDOM_LEN = 64,
};

/* Errors as in kem.h; lengths are those above. */
bool ic_xwing_available(void);
enum ic_err ic_xwing_public(uint8_t public_key[IC_XWING_PUBLIC_LEN],
                            const uint8_t seed[IC_XWING_PRIVATE_LEN]) IC_CHECKED;
enum ic_err ic_xwing_derive(uint8_t seed[IC_XWING_PRIVATE_LEN],
                            uint8_t public_key[IC_XWING_PUBLIC_LEN],
                            struct ic_bytes ikm) IC_CHECKED;
enum ic_err ic_xwing_check_public(const uint8_t public_key[IC_XWING_PUBLIC_LEN]) IC_CHECKED;
enum ic_err ic_xwing_encap(uint8_t shared[IC_XWING_SHARED_LEN], uint8_t enc[IC_XWING_ENC_LEN],
                           const uint8_t public_key[IC_XWING_PUBLIC_LEN],
                           const uint8_t randomness[IC_XWING_RANDOM_LEN]) IC_CHECKED;
enum ic_err ic_xwing_decap(uint8_t shared[IC_XWING_SHARED_LEN], const uint8_t enc[IC_XWING_ENC_LEN],
                           const uint8_t seed[IC_XWING_PRIVATE_LEN]) IC_CHECKED;
