/* mlkem.h - ML-KEM-768 (FIPS 203), the post-quantum half of X-Wing. Used through kem.h.
 *
 * Two back ends give the same bytes: OpenSSL from 3.5 on, else the portable C of PQClean when the
 * build found it. With neither there is no ML-KEM, and nothing takes its place. */
#pragma once

#include "base/base.h"

enum {
    IC_MLKEM_SEED_LEN = 64, /* d and z of FIPS 203: the private key */
    IC_MLKEM_PUBLIC_LEN = 1184,
    IC_MLKEM_CIPHERTEXT_LEN = 1088,
    IC_MLKEM_SHARED_LEN = 32,
    IC_MLKEM_RANDOM_LEN = 32,
};

bool ic_mlkem_available(void);
/* "OpenSSL", "PQClean" or "none". */
const char *ic_mlkem_backend_name(void);

/* IC_ERR_NOT_FOUND without a back end, IC_ERR_SYSTEM when it refuses. */
enum ic_err ic_mlkem_public(uint8_t public_key[IC_MLKEM_PUBLIC_LEN],
                            const uint8_t seed[IC_MLKEM_SEED_LEN]) IC_CHECKED;

/* IC_ERR_MALFORMED: a coefficient that is not reduced (FIPS 203 section 7.2). */
enum ic_err ic_mlkem_check_public(const uint8_t public_key[IC_MLKEM_PUBLIC_LEN]) IC_CHECKED;

/* `randomness` is m of FIPS 203; it must be new and secret. Also IC_ERR_MALFORMED, as above. */
enum ic_err ic_mlkem_encap(uint8_t shared[IC_MLKEM_SHARED_LEN],
                           uint8_t ciphertext[IC_MLKEM_CIPHERTEXT_LEN],
                           const uint8_t public_key[IC_MLKEM_PUBLIC_LEN],
                           const uint8_t randomness[IC_MLKEM_RANDOM_LEN]) IC_CHECKED;

/* A changed ciphertext is no error: it gives a secret that nobody else has (FIPS 203 section
 * 6.3). */
enum ic_err ic_mlkem_decap(uint8_t shared[IC_MLKEM_SHARED_LEN],
                           const uint8_t ciphertext[IC_MLKEM_CIPHERTEXT_LEN],
                           const uint8_t seed[IC_MLKEM_SEED_LEN]) IC_CHECKED;
