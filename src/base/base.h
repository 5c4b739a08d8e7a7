/* base.h - the words every other file uses: an error, some bytes, a reader, a writer.
 *
 * Nothing here allocates, does I/O or reads a clock, so it compiles for the
 * server, the clients and WebAssembly alike. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define IC_CHECKED __attribute__((warn_unused_result))

/* A release build clears every variable; not a large buffer on the path of packets, whose bytes are
 * written before they are read. */
#define IC_UNCLEARED __attribute__((uninitialized))
#define IC_COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Time is nanoseconds on the monotonic clock, and always an argument. */
#define IC_NS_PER_MS INT64_C(1000000)
#define IC_NS_PER_SEC INT64_C(1000000000)

/* One list for the whole program. A value says what the caller can do about it,
 * not where it happened: the log line at the call site says that. */
enum ic_err {
    IC_OK = 0,
    IC_ERR_MALFORMED, /* the bytes break the format: drop them */
    IC_ERR_FORGED,    /* well formed, but authentication failed: drop and count */
    IC_ERR_REPLAYED,  /* seen before, or too old to tell */
    IC_ERR_FORBIDDEN, /* not allowed for this peer in this state: answer with a refusal */
    IC_ERR_NOT_FOUND, /* there is no such thing, or the asker may not know of it */
    IC_ERR_FULL,      /* a fixed size is used up: shed load */
    IC_ERR_EXHAUSTED, /* a key must not be used any more: rekey first */
    IC_ERR_SYSTEM,    /* the operating system or a library refused: report and give up */
};

/* Bytes owned by someone else, valid for as long as their owner says. */
struct ic_bytes {
    const uint8_t *at;
    size_t len;
};

static inline bool ic_bytes_equal(struct ic_bytes a, struct ic_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline struct ic_bytes ic_bytes_of_text(const char *text)
{
    return (struct ic_bytes){(const uint8_t *)text, strlen(text)};
}

/* Reads from the front. A read past the end gives zero or no bytes and sets
 * `bad`, so a parser reads the whole structure and looks at `bad` once. */
struct ic_reader {
    struct ic_bytes rest;
    bool bad;
};

static inline struct ic_reader ic_reader_of(struct ic_bytes bytes)
{
    return (struct ic_reader){.rest = bytes};
}

static inline struct ic_bytes ic_read_bytes(struct ic_reader *r, size_t len)
{
    if (r->bad || len > r->rest.len) {
        *r = (struct ic_reader){.bad = true};
        return (struct ic_bytes){0};
    }
    struct ic_bytes front = {r->rest.at, len};
    r->rest = (struct ic_bytes){r->rest.len > len ? r->rest.at + len : NULL, r->rest.len - len};
    return front;
}

/* Big-endian; `size` is at most 8. */
static inline uint64_t ic_read_uint(struct ic_reader *r, size_t size)
{
    struct ic_bytes b = ic_read_bytes(r, size);
    uint64_t value = 0;
    for (size_t i = 0; i < b.len; i++)
        value = value << 8 | b.at[i];
    return value;
}

/* Writes to the front of a buffer that somebody else owns. A write past the end
 * changes nothing and sets `bad`; look at it once, at the end. */
struct ic_writer {
    uint8_t *at;
    size_t len; /* written so far */
    size_t size;
    bool bad;
};

static inline struct ic_writer ic_writer_of(uint8_t *buffer, size_t size)
{
    return (struct ic_writer){.at = buffer, .size = size};
}

/* Room for `len` bytes to be filled by the caller, or NULL when full. */
static inline uint8_t *ic_write_room(struct ic_writer *w, size_t len)
{
    if (w->bad || len > w->size - w->len) {
        w->bad = true;
        return NULL;
    }
    uint8_t *room = w->at + w->len;
    w->len += len;
    return room;
}

static inline void ic_write_bytes(struct ic_writer *w, struct ic_bytes bytes)
{
    uint8_t *room = ic_write_room(w, bytes.len);
    if (room && bytes.len > 0)
        memcpy(room, bytes.at, bytes.len);
}

/* Big-endian; `size` is at most 8. */
static inline void ic_write_uint(struct ic_writer *w, uint64_t value, size_t size)
{
    uint8_t *room = ic_write_room(w, size);
    for (size_t i = 0; room && i < size; i++)
        room[i] = (uint8_t)(value >> 8 * (size - 1 - i));
}

static inline struct ic_bytes ic_written(const struct ic_writer *w)
{
    return (struct ic_bytes){w->at, w->len};
}
