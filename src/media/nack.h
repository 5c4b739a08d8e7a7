/* nack.h - which packets of a publisher's stream are missing, and when to ask for them.
 *
 * RFC 4585 section 6.2.1. A hole is given a moment to be mere reordering, then asked for once per
 * round trip, a bounded number of times. Sequence numbers are extended ones. */
#pragma once

#include "base/base.h"

enum {
    IC_NACK_HOLES = 256, /* missing at once; more is hopeless without a key frame */
    IC_NACK_TRIES = 10,
};

#define IC_NACK_WAIT (15 * IC_NS_PER_MS)
#define IC_NACK_RETRY_LEAST (20 * IC_NS_PER_MS)
#define IC_NACK_RETRY_UNKNOWN (100 * IC_NS_PER_MS)
#define IC_NACK_RETRY_MOST (300 * IC_NS_PER_MS)

struct ic_nack_hole {
    int64_t due;
    uint32_t seq;
    uint8_t tries;
};

struct ic_nack {
    uint32_t count;
    struct ic_nack_hole holes[IC_NACK_HOLES]; /* by seq, ascending */
};

void ic_nack_init(struct ic_nack *n);

/* The packets from `first` up to but not including `end` have not come. IC_ERR_FULL: too many are
 * missing; all are given up, and a key frame is needed. */
enum ic_err ic_nack_missed(struct ic_nack *n, uint32_t first, uint32_t end, int64_t now) IC_CHECKED;

void ic_nack_arrived(struct ic_nack *n, uint32_t seq);

/* A key frame begins at `seq`: nobody needs what was before it. */
void ic_nack_key_frame(struct ic_nack *n, uint32_t seq);

/* The numbers to ask for now, ascending, at most `max`; they count as asked for. `rtt` in
 * nanoseconds, 0 if unknown. */
size_t ic_nack_due(struct ic_nack *n, int64_t now, int64_t rtt, uint16_t *seqs, size_t max);
