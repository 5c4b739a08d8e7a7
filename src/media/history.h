/* history.h - the last packets of one layer of one publisher, for those who missed one.
 *
 * A packet lives here once, however many receivers it went to. They remember its extended sequence
 * number, which is place and generation in one: a later packet in the same place has another. */
#pragma once

#include "base/base.h"
#include "media/rtp.h"

struct ic_history_cell {
    uint32_t seq; /* extended */
    uint16_t len; /* 0: empty */
    uint8_t bytes[IC_RTP_PACKET_MAX];
};

struct ic_history {
    struct ic_history_cell *cells;
    uint32_t mask;
};

/* `cells` is the caller's, zeroed, `count` of them, a power of two. */
void ic_history_init(struct ic_history *h, struct ic_history_cell *cells, uint32_t count);

/* Copies `packet` in, over whatever was in its place. IC_ERR_REPLAYED: it is here already, or
 * something newer is. IC_ERR_MALFORMED: empty or longer than IC_RTP_PACKET_MAX. */
enum ic_err ic_history_put(struct ic_history *h, uint32_t seq, struct ic_bytes packet) IC_CHECKED;

/* Empty if it is not here (any more). Valid until the next put. */
struct ic_bytes ic_history_get(const struct ic_history *h, uint32_t seq);

void ic_history_forget(struct ic_history *h);
