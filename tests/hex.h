/* hex.h - bytes of a published vector, written as text. */
#pragma once

#include "base/encode.h"
#include "tests/test.h"

/* Decodes into `out` and returns the length. A wrong literal fails the test. */
static inline size_t from_hex(uint8_t *out, const char *text)
{
    size_t len = strlen(text) / 2;
    assert_int_equal(ic_hex_decode(out, len, text), IC_OK);
    return len;
}
