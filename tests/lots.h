/* lots.h - instead of the system's randomness, where the linker wraps it: all follows from a seed,
 * keys too. For tests and fuzzers alone. */
#pragma once

#include "crypto/random.h"

static uint64_t lots;
void __wrap_ic_random_fill(void *out, size_t len);
void __wrap_ic_random_fill(void *out, size_t len)
{
    uint8_t *at = out;
    for (size_t i = 0; i < len; i++) {
        lots = lots * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        at[i] = (uint8_t)(lots >> 56);
    }
}
