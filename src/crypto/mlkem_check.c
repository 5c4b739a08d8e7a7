/* mlkem_check.c - the input check of FIPS 203 section 7.2, for every back end alike. */
#include "crypto/mlkem.h"

/* Coefficients of 12 bits, two in three bytes; the last 32 bytes are the seed of the matrix. */
enum ic_err ic_mlkem_check_public(const uint8_t public_key[IC_MLKEM_PUBLIC_LEN])
{
    enum { MODULUS = 3329, COEFFICIENTS_LEN = IC_MLKEM_PUBLIC_LEN - 32 };

    for (size_t i = 0; i < COEFFICIENTS_LEN; i += 3) {
        const uint8_t *at = public_key + i;
        if ((at[0] | (at[1] & 0x0f) << 8) >= MODULUS || (at[1] >> 4 | at[2] << 4) >= MODULUS)
            return IC_ERR_MALFORMED;
    }
    return IC_OK;
}
