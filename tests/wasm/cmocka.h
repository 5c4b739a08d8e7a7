/* cmocka.h - as much of cmocka as our tests use, for the same tests as WebAssembly. All files are
 * one module (harness.c); the program that runs it calls each test in an instance of its own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct CMUnitTest {
    const char *name;
    void (*run)(void **state);
};
#define cmocka_unit_test(function) {#function, function}

/* Called once a file, before any test. */
void wasm_register(const char *file, const struct CMUnitTest *tests, size_t count);

/* These two end the test. */
_Noreturn void wasm_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void wasm_skip(void);
void print_message(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define fail_msg(...) wasm_fail(__FILE_NAME__, __LINE__, __VA_ARGS__)
#define skip() wasm_skip()

#define assert_true(ok)                                                                            \
    do {                                                                                           \
        if (!(ok))                                                                                 \
            fail_msg("%s", #ok);                                                                   \
    } while (0)
#define assert_false(ok) assert_true(!(ok))
#define assert_null(at) assert_true((at) == NULL)
#define assert_non_null(at) assert_true((at) != NULL)
#define assert_ptr_equal(a, b) assert_true((a) == (b))
#define assert_string_equal(a, b) assert_true(strcmp((a), (b)) == 0)
#define assert_memory_equal(a, b, len) assert_true(memcmp((a), (b), (len)) == 0)
#define assert_memory_not_equal(a, b, len) assert_true(memcmp((a), (b), (len)) != 0)

#define assert_int_equal(a, b)                                                                     \
    do {                                                                                           \
        long long wasm_a = (long long)(a), wasm_b = (long long)(b);                                \
        if (wasm_a != wasm_b)                                                                      \
            fail_msg("%s: %lld, not %lld", #a, wasm_a, wasm_b);                                    \
    } while (0)
#define assert_int_not_equal(a, b) assert_true((long long)(a) != (long long)(b))
