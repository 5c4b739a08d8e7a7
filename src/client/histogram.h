/* histogram.h - how often each duration occurred, for percentiles, in fixed memory.
 *
 * From 1 microsecond to 70 s in steps of at most 1/16; what is longer counts as the longest. */
#pragma once

#include "base/base.h"

enum { IC_HISTOGRAM_STEPS = 16, IC_HISTOGRAM_BUCKETS = 24 * IC_HISTOGRAM_STEPS };

struct ic_histogram {
    uint64_t count;
    uint32_t buckets[IC_HISTOGRAM_BUCKETS];
};

/* Negative durations, which two clocks can make, count as nothing. */
void ic_histogram_add(struct ic_histogram *h, int64_t ns);

/* Adds what `from` counted. */
void ic_histogram_merge(struct ic_histogram *h, const struct ic_histogram *from);

/* The duration that `percent` of 100 do not exceed, to 1/16; 0 if there is none. */
double ic_histogram_ms(const struct ic_histogram *h, unsigned percent);
