/* test.h - cmocka, and what every test of ours adds to it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

/* A test function is a sentence: `stun_parse_rejects_every_truncation`. */
#define TEST(name) static void name(__attribute__((unused)) void **state)

/* In a table test: which row failed, then fail. */
#define CHECK_ROW(row, ok)                                                                         \
    do {                                                                                           \
        if (!(ok))                                                                                 \
            fail_msg("%s: %s", row, #ok);                                                          \
    } while (0)

#ifdef __wasm__
/* All test files are one module (tests/wasm/). */
#define RUN_TESTS(...)                                                                             \
    __attribute__((constructor)) static void register_tests(void)                                  \
    {                                                                                              \
        static const struct CMUnitTest tests[] = {__VA_ARGS__};                                    \
        wasm_register(__FILE_NAME__, tests, IC_COUNT(tests));                                      \
    }
#else
#define RUN_TESTS(...)                                                                             \
    int main(void)                                                                                 \
    {                                                                                              \
        const struct CMUnitTest tests[] = {__VA_ARGS__};                                           \
        return cmocka_run_group_tests(tests, NULL, NULL);                                          \
    }
#endif
