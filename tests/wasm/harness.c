/* harness.c - the C tests as one WebAssembly module (web/src/e2ee/c_tests.ts runs it): what a test
 * says goes to the program outside, and a failure ends the instance there. */
#include <cmocka.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TEST_IMPORT(name) __attribute__((import_module("test"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

enum { FILES_MAX = 64, LINE_MAX_LEN = 1024 };

static struct {
    const char *name;
    const struct CMUnitTest *tests;
    size_t count;
} files[FILES_MAX];
static size_t file_count;

TEST_IMPORT("fail") _Noreturn void import_fail(const char *file, int line, const char *text);
TEST_IMPORT("skip") _Noreturn void import_skip(void);
TEST_IMPORT("print") void import_print(const char *text);

void wasm_register(const char *file, const struct CMUnitTest *tests, size_t count)
{
    if (file_count == FILES_MAX)
        __builtin_trap();
    files[file_count].name = file;
    files[file_count].tests = tests;
    files[file_count++].count = count;
}

_Noreturn void wasm_fail(const char *file, int line, const char *format, ...)
{
    char text[LINE_MAX_LEN];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    import_fail(file, line, text);
}

_Noreturn void wasm_skip(void)
{
    import_skip();
}

void print_message(const char *format, ...)
{
    char text[LINE_MAX_LEN];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    import_print(text);
}

const char *json_string_value(const json_t *value)
{
    int len = wasm_json_string_len(value);
    char *text = len < 0 ? NULL : malloc((size_t)len + 1);

    if (text)
        wasm_json_string(value, text);
    return text;
}

/* The files' own default is good: the program outside knows where the vectors are. */
char *getenv(const char *name)
{
    (void)name;
    return NULL;
}

EXPORT("file_count") size_t test_file_count(void);
size_t test_file_count(void)
{
    return file_count;
}

EXPORT("file_name") const char *test_file_name(size_t file);
const char *test_file_name(size_t file)
{
    return files[file].name;
}

EXPORT("test_count") size_t test_test_count(size_t file);
size_t test_test_count(size_t file)
{
    return files[file].count;
}

EXPORT("test_name") const char *test_test_name(size_t file, size_t test);
const char *test_test_name(size_t file, size_t test)
{
    return files[file].tests[test].name;
}

EXPORT("test_run") void test_test_run(size_t file, size_t test);
void test_test_run(size_t file, size_t test)
{
    void *state = NULL;
    files[file].tests[test].run(&state);
}
