/* history.h - the last packets of one layer of one publisher, for those who missed one.
 *
 * A packet lives here once, however many receivers it went to. They remember its extended sequence
 * number, which is place and generation in one: a later packet in the same place has another. The
 * packets themselves lie one behind the other in a ring of bytes, so that small ones take little.
 */
#pragma once

#include "base/base.h"
#include "media/rtp.h"

struct ic_history_entry {
    uint32_t seq; /* extended */
    uint32_t at;  /* bytes written before it, modulo 2^32; the place is its low bits */
    uint16_t len; /* 0: empty */
};

struct ic_history {
    struct ic_history_entry *entries;
    uint8_t *bytes;
    uint32_t mask;
    uint32_t size; /* of `bytes` */
    uint32_t end;  /* bytes written so far, modulo 2^32 */
};

/* What a history of at most `packets`, together at most `bytes` long, needs. Both are powers of
 * two, `bytes` at least 2,048. The result keeps an alignment of 4 bytes. */
static inline size_t ic_history_size(uint32_t packets, uint32_t bytes)
{
    return packets * sizeof(struct ic_history_entry) + bytes;
}

/* `memory` is the caller's, zeroed, ic_history_size() long and aligned to 4 bytes. */
void ic_history_init(struct ic_history *h, uint8_t *memory, uint32_t packets, uint32_t bytes);

/* Copies `packet` in, over the oldest bytes and over whatever was in its place. IC_ERR_REPLAYED: it
 * is here already, or something newer is. IC_ERR_MALFORMED: empty or longer than IC_RTP_PACKET_MAX.
 */
enum ic_err ic_history_put(struct ic_history *h, uint32_t seq, struct ic_bytes packet) IC_CHECKED;

/* Empty if it is not here (any more). Valid until the next put. */
struct ic_bytes ic_history_get(const struct ic_history *h, uint32_t seq);

void ic_history_forget(struct ic_history *h);
