/* secret.c - wiping and comparing without help from the optimiser. */
#include "crypto/secret.h"

void ic_secret_wipe(void *at, size_t len)
{
    explicit_bzero(at, len);
}

bool ic_secret_equal(const void *a, const void *b, size_t len)
{
    /* volatile, or the compiler may leave the loop at the first difference. */
    const volatile uint8_t *x = a, *y = b;
    uint8_t difference = 0;

    for (size_t i = 0; i < len; i++)
        difference |= x[i] ^ y[i];
    return difference == 0;
}
