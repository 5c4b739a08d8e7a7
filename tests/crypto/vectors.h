/* vectors.h - published vectors of cryptography, read in place from the folder $VECTORS names. */
#pragma once

#include <jansson.h>
#include <stdlib.h>

#include "base/encode.h"
#include "tests/test.h"

/* All rows of a file; the test skips itself when the file is not there. */
static inline json_t *vectors_load(const char *file)
{
    const char *folder = getenv("VECTORS");
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "../shared/vectors", file);
    json_t *rows = json_load_file(path, 0, NULL);
    if (!rows) {
        print_message("the published vectors are not at %s\n", path);
        skip();
    }
    return rows;
}

static inline uint64_t vector_number(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);
    if (!json_is_integer(value))
        fail_msg("no number %s in the vector", key);
    return (uint64_t)json_integer_value(value);
}

/* Bytes decoded from the rows, all freed at once. */
static struct vector_kept {
    struct vector_kept *next;
    uint8_t bytes[];
} *vector_kept;

static inline void vectors_forget(void)
{
    while (vector_kept) {
        struct vector_kept *next = vector_kept->next;
        free(vector_kept);
        vector_kept = next;
    }
}

/* Memory of exactly so many bytes, so that the sanitizer sees a step over its end. */
static inline uint8_t *vector_room(size_t len)
{
    struct vector_kept *kept = malloc(sizeof *kept + len);
    assert_non_null(kept);
    kept->next = vector_kept;
    vector_kept = kept;
    return kept->bytes;
}

/* No bytes when there is no such key. */
static inline struct ic_bytes vector_hex(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    if (!text)
        return (struct ic_bytes){0};
    size_t len = strlen(text) / 2;
    uint8_t *bytes = vector_room(len);
    assert_int_equal(ic_hex_decode(bytes, len, text), IC_OK);
    return (struct ic_bytes){bytes, len};
}

static inline void vector_check(const char *row_name, const json_t *row, const char *key,
                                const uint8_t *bytes, size_t len)
{
    if (!json_is_string(json_object_get(row, key)))
        fail_msg("%s: no %s in the vector", row_name, key);
    if (!ic_bytes_equal(vector_hex(row, key), (struct ic_bytes){bytes, len}))
        fail_msg("%s: %s differs from the vector", row_name, key);
}
