/* shape.h - JSON of a stranger, read by a table. A message is a shape; a shape is a list of fields;
 * a field has a kind and bounds, and a place in the struct that its value goes to. What the shape
 * does not list is refused: keys, values, depth, duplicates. */
#pragma once

#include <jansson.h>

#include "base/base.h"

enum {
    IC_MESSAGE_DEPTH_MAX = 8,
    IC_FIELD_BINARY_MAX = 32, /* bytes */
};

enum ic_field_kind {
    IC_FIELD_BINARY,   /* exactly `max` bytes of base64url */
    IC_FIELD_OPAQUE,   /* min to `max` bytes of base64url, kept as text */
    IC_FIELD_BINARIES, /* a list of min to `max` IC_FIELD_BINARY of `size` bytes; how many goes to
                          `count` */
    IC_FIELD_TEXT,     /* min to max characters, each of `words[0]` */
    IC_FIELD_NUMBER,   /* min to max */
    IC_FIELD_SWITCH,   /* true or false */
    IC_FIELD_WORD,     /* one of `words`, as its place in the list */
    IC_FIELD_WORD_SET, /* a list of different `words`, as bits */
    IC_FIELD_OBJECT,   /* of `shape` */
    IC_FIELD_LIST,     /* up to `max` of `shape`, `size` bytes apart; how many goes to `count` */
};

struct ic_shape;

struct ic_field {
    const char *key;
    enum ic_field_kind kind;
    bool optional;
    uint32_t min, max;
    const char *const *words;
    const struct ic_shape *shape;
    size_t at, size; /* where the value goes, and how far apart the items of a list are */
    size_t count;    /* where a length goes */
    size_t has;      /* where an optional field's presence goes; 0: nowhere */
};

struct ic_shape {
    const struct ic_field *fields; /* ends with a NULL key */
};

/* The text as JSON, the caller's then; NULL when it is none, is too deep, or says a key twice. */
json_t *ic_shape_load(const char *text, size_t len);

/* Every key of `object` is a field, but for `extra` that the caller has dealt with. `out` is the
 * struct that the values go to, or NULL when they are only checked; half written when false. */
bool ic_shape_read(const struct ic_shape *shape, char *out, const json_t *object, size_t extra);

/* Notes `path`, and below it each key that the shape may hold. */
void ic_shape_walk(const struct ic_shape *shape, const char *path,
                   void (*note)(void *owner, const char *path), void *owner);
