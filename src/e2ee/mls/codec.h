/* codec.h - the presentation language of MLS over the readers and writers of base.h (RFC 9420
 * section 2.1): vectors behind a variable-length size, optional values, lists.
 *
 * Structures are read as views over the input, and what is read is written back as the same bytes:
 * a size has one spelling only. As everywhere, a reader or writer that went bad stays bad. */
#pragma once

#include "base/base.h"

enum {
    IC_MLS_SIZE_MAX = (1 << 30) - 1, /* what the largest header can say */
    IC_MLS_HEADER_MAX = 4,
};

/* The size in front of a vector: 1, 2 or 4 bytes, the shortest that fits; others are bad. */
size_t ic_mls_read_size(struct ic_reader *r);
void ic_mls_write_size(struct ic_writer *w, size_t size);

/* Bytes that the header of such a size takes; `size` is at most IC_MLS_SIZE_MAX. */
size_t ic_mls_header_len(size_t size);

/* opaque x<V> */
struct ic_bytes ic_mls_read_vector(struct ic_reader *r);
void ic_mls_write_vector(struct ic_writer *w, struct ic_bytes bytes);

/* uint16 x<V>, as the bytes of the numbers; an odd size is bad. */
struct ic_bytes ic_mls_read_numbers(struct ic_reader *r);
bool ic_mls_numbers_have(struct ic_bytes numbers, uint16_t wanted);

/* optional<T>: is one there? Other values than 0 and 1 are bad. */
bool ic_mls_read_present(struct ic_reader *r);
void ic_mls_write_present(struct ic_writer *w, bool present);

/* T x<V> of elements written one by one: keep what begin() gives and hand it to end(), which makes
 * room for the header by moving the elements. */
size_t ic_mls_list_begin(const struct ic_writer *w);
void ic_mls_list_end(struct ic_writer *w, size_t begin);

/* What `r` has read since it stood at `start`: how the signed part of a structure is found. */
struct ic_bytes ic_mls_since(struct ic_reader start, const struct ic_reader *r);

/* Was all of it read, and nothing missing? */
static inline enum ic_err ic_mls_finish(const struct ic_reader *r)
{
    return r->bad || r->rest.len > 0 ? IC_ERR_MALFORMED : IC_OK;
}
