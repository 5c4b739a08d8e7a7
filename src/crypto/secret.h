/* secret.h - bytes that must leave no trace, in memory or in time. */
#pragma once

#include "base/base.h"

/* Zeroes, also when the compiler sees that nobody reads them again. */
void ic_secret_wipe(void *at, size_t len);

/* Compares in a time that depends on `len` alone. */
bool ic_secret_equal(const void *a, const void *b, size_t len);
