/* red.h - redundant audio (RFC 2198): older frames of a voice again, in front of the newest.
 *
 *    1 pt offset length | .. | 0 pt | oldest frame | .. | newest frame
 *    <--- four bytes -->      <one>
 *
 * Each frame is sealed by itself, once, so a copy is the very bytes that were sent before, and any
 * of them may be taken out. Only the headers are read here. */
#pragma once

#include "base/base.h"

enum {
    IC_RED_BLOCKS_MAX = 4, /* the newest frame included */
    IC_RED_HEADER_MAX = 4 * (IC_RED_BLOCKS_MAX - 1) + 1,
    IC_RED_OFFSET_MAX = 0x3FFF, /* timestamp units */
    IC_RED_LEN_MAX = 0x3FF,     /* bytes of an older frame */
};

struct ic_red_block {
    uint16_t offset; /* how much older than the packet's timestamp; 0: the newest */
    struct ic_bytes frame;
};

/* Views on the payload that was parsed. A zeroed one is of a packet that is not redundant. */
struct ic_red {
    uint8_t count;                                 /* of blocks */
    uint8_t header_len;                            /* of all headers */
    struct ic_red_block blocks[IC_RED_BLOCKS_MAX]; /* oldest first */
};

/* IC_ERR_MALFORMED also for more blocks than there is room for, and for an empty newest frame. On
 * error `out` is untouched. */
enum ic_err ic_red_parse(struct ic_red *out, struct ic_bytes payload) IC_CHECKED;

/* Writes the headers, every block with payload type `pt`; returns their length. `red` has at least
 * one block, and no offset or length above what the format can say. */
size_t ic_red_write_header(uint8_t out[IC_RED_HEADER_MAX], const struct ic_red *red, uint8_t pt);

static inline struct ic_bytes ic_red_newest(const struct ic_red *red)
{
    return red->blocks[red->count - 1].frame;
}
