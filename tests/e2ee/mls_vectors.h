/* mls_vectors.h - the published vectors of MLS, read in place from $VECTORS/mls. */
#pragma once

#include <jansson.h>
#include <stdlib.h>

#include "base/encode.h"
#include "crypto/suite.h"
#include "tests/test.h"

/* All rows of a file; the test skips itself when the file is not there. */
static inline json_t *mls_vectors(const char *file)
{
    const char *folder = getenv("VECTORS");
    char path[4096];
    snprintf(path, sizeof path, "%s/mls/%s", folder ? folder : "../shared/vectors", file);
    json_t *rows = json_load_file(path, 0, NULL);
    if (!rows) {
        print_message("the published vectors are not at %s\n", path);
        skip();
    }
    return rows;
}

static inline const json_t *mls_member(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);
    if (!value)
        fail_msg("no %s in the vector", key);
    return value;
}

static inline uint64_t mls_number(const json_t *row, const char *key)
{
    return (uint64_t)json_integer_value(mls_member(row, key));
}

/* The suite of the row; NULL, and said, when this build cannot run it. */
static inline const struct ic_suite *mls_suite(const json_t *row)
{
    const struct ic_suite *suite = ic_suite_find((uint16_t)mls_number(row, "cipher_suite"));
    assert_non_null(suite);
    if (ic_suite_available(suite))
        return suite;
    print_message("not compared: %s is not in this build\n", suite->name);
    return NULL;
}

/* Kept until mls_forget(), so that views over it stay good. */
struct mls_kept {
    struct mls_kept *next;
    uint8_t bytes[];
};
static struct mls_kept *mls_kept;

__attribute__((unused)) static void mls_forget(void)
{
    while (mls_kept) {
        struct mls_kept *next = mls_kept->next;
        free(mls_kept);
        mls_kept = next;
    }
}

/* Memory of exactly so many bytes, so that the sanitizer sees a step over its end. */
static inline uint8_t *mls_room(size_t len)
{
    struct mls_kept *kept = malloc(sizeof *kept + len);
    assert_non_null(kept);
    kept->next = mls_kept;
    mls_kept = kept;
    return kept->bytes;
}

static inline struct ic_bytes mls_text_hex(const json_t *value)
{
    const char *text = json_string_value(value);
    assert_non_null(text);
    size_t len = strlen(text) / 2;
    uint8_t *bytes = mls_room(len);
    assert_int_equal(ic_hex_decode(bytes, len, text), IC_OK);
    return (struct ic_bytes){bytes, len};
}

static inline struct ic_bytes mls_hex(const json_t *row, const char *key)
{
    return mls_text_hex(mls_member(row, key));
}

static inline void mls_check(const json_t *row, const char *key, const uint8_t *bytes, size_t len)
{
    struct ic_bytes want = mls_hex(row, key);
    if (!ic_bytes_equal(want, (struct ic_bytes){bytes, len}))
        fail_msg("%s differs from the vector", key);
}

/* A private key at its full length: some vectors leave out the zeros in front of a scalar. */
static inline struct ic_bytes mls_private(const json_t *row, const char *key, size_t len)
{
    struct ic_bytes given = mls_hex(row, key);
    assert_true(given.len <= len);
    uint8_t *whole = mls_room(len);
    memset(whole, 0, len);
    memcpy(whole + len - given.len, given.at, given.len);
    return (struct ic_bytes){whole, len};
}
