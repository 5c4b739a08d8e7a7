/* codec.c - variable-length sizes and vectors (RFC 9420 section 2.1.2). */
#include "e2ee/mls/codec.h"

#include <assert.h>

/* The two high bits of the first byte tell the length of the header:
 *
 *     00xxxxxx    01xxxxxx +1 byte    10xxxxxx +3 bytes    11: refused */
enum { ONE_BYTE_MAX = (1 << 6) - 1, TWO_BYTES_MAX = (1 << 14) - 1 };

size_t ic_mls_header_len(size_t size)
{
    assert(size <= IC_MLS_SIZE_MAX);
    if (size <= ONE_BYTE_MAX)
        return 1;
    return size <= TWO_BYTES_MAX ? 2 : 4;
}

size_t ic_mls_read_size(struct ic_reader *r)
{
    uint8_t first = (uint8_t)ic_read_uint(r, 1);
    size_t more = first >> 6 == 0 ? 0 : first >> 6 == 1 ? 1 : 3;
    uint64_t size = (uint64_t)(first & 0x3f) << 8 * more | ic_read_uint(r, more);

    if (r->bad || first >> 6 == 3 || ic_mls_header_len((size_t)size) != more + 1) {
        *r = (struct ic_reader){.bad = true};
        return 0;
    }
    return (size_t)size;
}

static void put_header(uint8_t *at, size_t size)
{
    size_t len = ic_mls_header_len(size);
    uint8_t form = len == 1 ? 0 : len == 2 ? 1 : 2;

    for (size_t i = 0; i < len; i++)
        at[i] = (uint8_t)(size >> 8 * (len - 1 - i));
    at[0] |= (uint8_t)(form << 6);
}

void ic_mls_write_size(struct ic_writer *w, size_t size)
{
    if (size > IC_MLS_SIZE_MAX) {
        w->bad = true;
        return;
    }
    uint8_t *room = ic_write_room(w, ic_mls_header_len(size));
    if (room)
        put_header(room, size);
}

struct ic_bytes ic_mls_read_vector(struct ic_reader *r)
{
    return ic_read_bytes(r, ic_mls_read_size(r));
}

void ic_mls_write_vector(struct ic_writer *w, struct ic_bytes bytes)
{
    ic_mls_write_size(w, bytes.len);
    ic_write_bytes(w, bytes);
}

struct ic_bytes ic_mls_read_numbers(struct ic_reader *r)
{
    struct ic_bytes numbers = ic_mls_read_vector(r);
    if (numbers.len % 2 != 0) {
        *r = (struct ic_reader){.bad = true};
        return (struct ic_bytes){0};
    }
    return numbers;
}

bool ic_mls_numbers_have(struct ic_bytes numbers, uint16_t wanted)
{
    struct ic_reader r = ic_reader_of(numbers);
    while (r.rest.len > 0)
        if (ic_read_uint(&r, 2) == wanted && !r.bad)
            return true;
    return false;
}

bool ic_mls_read_present(struct ic_reader *r)
{
    uint64_t present = ic_read_uint(r, 1);
    if (present > 1)
        *r = (struct ic_reader){.bad = true};
    return !r->bad && present == 1;
}

void ic_mls_write_present(struct ic_writer *w, bool present)
{
    ic_write_uint(w, present, 1);
}

size_t ic_mls_list_begin(const struct ic_writer *w)
{
    return w->len;
}

void ic_mls_list_end(struct ic_writer *w, size_t begin)
{
    if (w->bad)
        return;
    size_t size = w->len - begin;
    if (size > IC_MLS_SIZE_MAX || !ic_write_room(w, ic_mls_header_len(size))) {
        w->bad = true;
        return;
    }
    uint8_t *at = w->at + begin;
    memmove(at + ic_mls_header_len(size), at, size);
    put_header(at, size);
}

struct ic_bytes ic_mls_since(struct ic_reader start, const struct ic_reader *r)
{
    if (r->bad || start.bad)
        return (struct ic_bytes){0};
    return (struct ic_bytes){start.rest.at, start.rest.len - r->rest.len};
}
