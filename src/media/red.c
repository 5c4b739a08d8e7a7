/* The payload type of a block is not looked at: every block of a line is Opus. */
#include "media/red.h"

#include <assert.h>

enum { MORE = 0x80, LEN_BITS = 10 };

/* The headers; lengths of all but the newest, whose offset is 0. */
static bool read_headers(struct ic_red *red, size_t lens[IC_RED_BLOCKS_MAX], struct ic_reader *r)
{
    while (red->count < IC_RED_BLOCKS_MAX) {
        bool last = !(ic_read_uint(r, 1) & MORE);
        uint32_t rest = last ? 0 : (uint32_t)ic_read_uint(r, 3);
        if (r->bad)
            return false;
        red->blocks[red->count].offset = (uint16_t)(rest >> LEN_BITS);
        lens[red->count++] = rest & IC_RED_LEN_MAX;
        if (last)
            return true;
    }
    return false;
}

enum ic_err ic_red_parse(struct ic_red *out, struct ic_bytes payload)
{
    struct ic_reader r = ic_reader_of(payload);
    struct ic_red red = {0};
    size_t lens[IC_RED_BLOCKS_MAX];

    if (!read_headers(&red, lens, &r))
        return IC_ERR_MALFORMED;
    red.header_len = (uint8_t)(payload.len - r.rest.len);
    for (uint8_t i = 0; i + 1 < red.count; i++)
        red.blocks[i].frame = ic_read_bytes(&r, lens[i]);
    red.blocks[red.count - 1].frame = r.rest;
    if (r.bad || r.rest.len == 0)
        return IC_ERR_MALFORMED;
    *out = red;
    return IC_OK;
}

size_t ic_red_write_header(uint8_t out[IC_RED_HEADER_MAX], const struct ic_red *red, uint8_t pt)
{
    struct ic_writer w = ic_writer_of(out, IC_RED_HEADER_MAX);

    for (uint8_t i = 0; i + 1 < red->count; i++) {
        const struct ic_red_block *block = &red->blocks[i];
        assert(block->offset <= IC_RED_OFFSET_MAX && block->frame.len <= IC_RED_LEN_MAX);
        ic_write_uint(&w, MORE | pt, 1);
        ic_write_uint(&w, (uint64_t)block->offset << LEN_BITS | block->frame.len, 3);
    }
    ic_write_uint(&w, pt, 1);
    assert(!w.bad);
    return w.len;
}
