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

/* A packet that was only overtaken is waited for as long as others were late. */
#define IC_NACK_WAIT_LEAST (5 * IC_NS_PER_MS)
#define IC_NACK_WAIT_MOST (30 * IC_NS_PER_MS)
#define IC_NACK_ECHO (20 * IC_NS_PER_MS) /* the first request is said twice: one may be lost */
#define IC_NACK_RETRY_LEAST (20 * IC_NS_PER_MS)
#define IC_NACK_RETRY_UNKNOWN (100 * IC_NS_PER_MS)
#define IC_NACK_RETRY_MOST (300 * IC_NS_PER_MS)

struct ic_nack_hole {
    int64_t due;
    uint32_t seq;
    uint16_t opened_ms; /* low bits of the time */
    uint8_t tries;
};

struct ic_nack {
    uint32_t count;
    uint32_t wait;                            /* ns beyond the least */
    struct ic_nack_hole holes[IC_NACK_HOLES]; /* by seq, ascending */
};

void ic_nack_init(struct ic_nack *n);

/* The packets from `first` up to but not including `end` have not come. IC_ERR_FULL: too many are
 * missing; all are given up, and a key frame is needed. */
enum ic_err ic_nack_missed(struct ic_nack *n, uint32_t first, uint32_t end, int64_t now) IC_CHECKED;

/* It came: as a retransmission, or late by itself. */
void ic_nack_repaired(struct ic_nack *n, uint32_t seq);
void ic_nack_overtaken(struct ic_nack *n, uint32_t seq, int64_t now);

/* Nobody needs what was before `seq` any more: a key frame begins there, for one. */
void ic_nack_forget(struct ic_nack *n, uint32_t seq);

/* The numbers to ask for now, ascending, at most `max`; they count as asked for. `rtt` in
 * nanoseconds, 0 if unknown. */
size_t ic_nack_due(struct ic_nack *n, int64_t now, int64_t rtt, uint16_t *seqs, size_t max);
