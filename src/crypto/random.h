/* random.h - the operating system's generator for keys, ids and nonces. */
#pragma once

#include "base/base.h"

/* Ends the program if the system has no randomness: nothing safe could follow. */
void ic_random_fill(void *out, size_t len);
