/* shape.c - one reader for all shapes. */
#include "server/shape.h"

#include <assert.h>
#include <stdio.h>

#include "base/encode.h"

/* Readers of one value each. `out` is NULL when the value is only checked. */

static bool read_binary(size_t len, char *out, const json_t *value)
{
    uint8_t bytes[IC_FIELD_BINARY_MAX];
    const char *text = json_string_value(value);

    assert(len <= sizeof bytes);
    if (!text || ic_base64url_decode(bytes, len, text) != IC_OK)
        return false;
    if (out)
        memcpy(out, bytes, len);
    return true;
}

/* The text itself goes into the struct: it may be long, and nobody here looks into it. */
static bool read_opaque(const struct ic_field *f, char *out, const json_t *value)
{
    const char *text = json_string_value(value);
    size_t len = text ? ic_base64url_decoded_len(text) : 0;

    if (!text || len < f->min || len > f->max || !ic_base64url_is_valid(text))
        return false;
    if (out)
        memcpy(out, &text, sizeof text);
    return true;
}

static bool read_binaries(const struct ic_field *f, char *out, char *base, const json_t *value)
{
    size_t i, count = json_array_size(value);
    json_t *entry;

    if (!json_is_array(value) || count < f->min || count > f->max)
        return false;
    json_array_foreach(value, i, entry)
    {
        if (!read_binary(f->size, out ? out + i * f->size : NULL, entry))
            return false;
    }
    if (base)
        *(uint32_t *)(void *)(base + f->count) = (uint32_t)count;
    return true;
}

static bool read_text(const struct ic_field *f, char *out, const json_t *value)
{
    const char *text = json_string_value(value);

    if (!text || strlen(text) < f->min || strlen(text) > f->max ||
        strspn(text, f->words[0]) != strlen(text))
        return false;
    if (out)
        strcpy(out, text);
    return true;
}

static bool read_number(const struct ic_field *f, char *out, const json_t *value)
{
    json_int_t number = json_integer_value(value);

    if (!json_is_integer(value) || number < f->min || number > f->max)
        return false;
    if (out)
        *(uint32_t *)(void *)out = (uint32_t)number;
    return true;
}

static bool read_switch(char *out, const json_t *value)
{
    if (!json_is_boolean(value))
        return false;
    if (out)
        *(bool *)(void *)out = json_is_true(value);
    return true;
}

static int find_word(const struct ic_field *f, const json_t *value)
{
    const char *text = json_string_value(value);
    for (int i = 0; text && f->words[i]; i++)
        if (strcmp(f->words[i], text) == 0)
            return i;
    return -1;
}

static bool read_word(const struct ic_field *f, char *out, const json_t *value)
{
    int word = find_word(f, value);

    if (word >= 0 && out)
        *(uint32_t *)(void *)out = (uint32_t)word;
    return word >= 0;
}

static bool read_word_set(const struct ic_field *f, char *out, const json_t *value)
{
    uint32_t set = 0;
    size_t i;
    json_t *item;

    if (!json_is_array(value))
        return false;
    json_array_foreach(value, i, item)
    {
        int word = find_word(f, item);
        if (word < 0 || set >> word & 1)
            return false;
        set |= UINT32_C(1) << word;
    }
    if (out)
        *(uint32_t *)(void *)out = set;
    return true;
}

static bool read_list(const struct ic_field *f, char *out, char *base, const json_t *value)
{
    size_t i;
    json_t *item;

    if (!json_is_array(value) || json_array_size(value) > f->max)
        return false;
    json_array_foreach(value, i, item)
    {
        if (!ic_shape_read(f->shape, out ? out + i * f->size : NULL, item, 0))
            return false;
    }
    if (base)
        *(uint32_t *)(void *)(base + f->count) = (uint32_t)json_array_size(value);
    return true;
}

static bool read_value(const struct ic_field *f, char *base, const json_t *value)
{
    char *out = base ? base + f->at : NULL;

    switch (f->kind) {
    case IC_FIELD_BINARY:
        return read_binary(f->max, out, value);
    case IC_FIELD_OPAQUE:
        return read_opaque(f, out, value);
    case IC_FIELD_BINARIES:
        return read_binaries(f, out, base, value);
    case IC_FIELD_TEXT:
        return read_text(f, out, value);
    case IC_FIELD_NUMBER:
        return read_number(f, out, value);
    case IC_FIELD_SWITCH:
        return read_switch(out, value);
    case IC_FIELD_WORD:
        return read_word(f, out, value);
    case IC_FIELD_WORD_SET:
        return read_word_set(f, out, value);
    case IC_FIELD_OBJECT:
        return ic_shape_read(f->shape, out, value, 0);
    case IC_FIELD_LIST:
        return read_list(f, out, base, value);
    }
    return false;
}

bool ic_shape_read(const struct ic_shape *shape, char *out, const json_t *object, size_t extra)
{
    size_t found = extra;

    if (!json_is_object(object))
        return false;
    for (const struct ic_field *f = shape->fields; f->key; f++) {
        const json_t *value = json_object_get(object, f->key);
        if (!value && f->optional)
            continue;
        if (!value || !read_value(f, out, value))
            return false;
        if (out && f->has)
            *(bool *)(void *)(out + f->has) = true;
        found++;
    }
    return found == json_object_size(object);
}

/* Counted before the JSON reader recurses. */
static bool is_shallow(const char *text, size_t len)
{
    int depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (in_string) {
            i += c == '\\';
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > IC_MESSAGE_DEPTH_MAX)
                return false;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return true;
}

json_t *ic_shape_load(const char *text, size_t len)
{
    return is_shallow(text, len) ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
}

void ic_shape_walk(const struct ic_shape *shape, const char *path,
                   void (*note)(void *owner, const char *path), void *owner)
{
    char inner[128];

    note(owner, path);
    for (const struct ic_field *f = shape->fields; f->key; f++) {
        snprintf(inner, sizeof inner, "%.60s.%.60s", path, f->key);
        if (f->shape)
            ic_shape_walk(f->shape, inner, note, owner);
        else
            note(owner, inner);
    }
}
