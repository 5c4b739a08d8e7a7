/* aimd.h - the delay-based estimate: up while the queue is empty, down to what got through when it
 * grows (draft-ietf-rmcat-gcc-02 section 5.5). */
#pragma once

#include "base/base.h"
#include "media/delay_trend.h"

struct ic_aimd {
    uint32_t bps;
    bool increasing;
    int64_t updated_at;   /* 0: not yet */
    int64_t decreased_at; /* 0: never */
    /* What got through when the queue grew: kb/s, and its variance over the mean. 0: unknown */
    double capacity_kbps, capacity_variance;
};

void ic_aimd_init(struct ic_aimd *a, uint32_t bps);

/* What the path is like now. `acked_bps` 0: unknown; `rtt` in ns, 0 unknown. `bps` stays within
 * the two bounds. */
void ic_aimd_update(struct ic_aimd *a, enum ic_usage usage, uint32_t acked_bps, int64_t rtt,
                    int64_t now, uint32_t least_bps, uint32_t most_bps);

/* The path carries no more than this from one moment to the next. */
void ic_aimd_collapse(struct ic_aimd *a, uint32_t bps, int64_t now, uint32_t least_bps);

/* A probe got this much through. */
void ic_aimd_raise(struct ic_aimd *a, uint32_t bps, int64_t now);
