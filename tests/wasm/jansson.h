/* jansson.h - as much of jansson as our tests use, for the same tests as WebAssembly: the program
 * that runs them has parsed the file, and a value is its number there. Nothing is freed before the
 * instance ends. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct json json_t;
typedef long long json_int_t;
enum { JSON_DECODE_INT_AS_REAL = 1 };

#define JSON_IMPORT(name) __attribute__((import_module("json"), import_name(name)))

JSON_IMPORT("load") json_t *wasm_json_load(const char *path);
JSON_IMPORT("object_get") json_t *json_object_get(const json_t *object, const char *key);
JSON_IMPORT("array_get") json_t *json_array_get(const json_t *array, size_t index);
JSON_IMPORT("array_size") size_t json_array_size(const json_t *array);
JSON_IMPORT("string_len") int wasm_json_string_len(const json_t *value); /* -1: no string */
JSON_IMPORT("string") void wasm_json_string(const json_t *value, char *out);
JSON_IMPORT("integer_value") json_int_t json_integer_value(const json_t *value);
JSON_IMPORT("number_value") double json_number_value(const json_t *value);
JSON_IMPORT("is_integer") bool json_is_integer(const json_t *value);
JSON_IMPORT("is_null") bool json_is_null(const json_t *value);

/* NULL when it is no string. */
const char *json_string_value(const json_t *value);

#define json_is_string(value) (wasm_json_string_len(value) >= 0)
#define json_load_file(path, flags, error) ((void)(flags), wasm_json_load(path))
#define json_incref(value) (value)
#define json_decref(value) ((void)(value))
#define json_array_foreach(array, index, value)                                                    \
    for (index = 0;                                                                                \
         index < json_array_size(array) && (value = json_array_get(array, index)) != NULL;         \
         index++)
