/* Log-linear buckets: 0-31 us one by one, then 16 for each doubling. */
#include "client/histogram.h"

static size_t bucket_of(uint64_t us)
{
    if (us < 2 * IC_HISTOGRAM_STEPS)
        return (size_t)us;
    unsigned doublings = 59 - (unsigned)__builtin_clzll(us); /* us >> doublings is 16 to 31 */
    size_t bucket = doublings * IC_HISTOGRAM_STEPS + (size_t)(us >> doublings);
    return bucket < IC_HISTOGRAM_BUCKETS ? bucket : IC_HISTOGRAM_BUCKETS - 1;
}

/* The largest duration of a bucket, in microseconds. */
static uint64_t top_of(size_t bucket)
{
    if (bucket < 2 * IC_HISTOGRAM_STEPS)
        return bucket;
    unsigned doublings = (unsigned)(bucket / IC_HISTOGRAM_STEPS - 1);
    uint64_t first = bucket % IC_HISTOGRAM_STEPS + IC_HISTOGRAM_STEPS;
    return ((first + 1) << doublings) - 1;
}

void ic_histogram_add(struct ic_histogram *h, int64_t ns)
{
    h->buckets[bucket_of(ns < 0 ? 0 : (uint64_t)ns / 1000)]++;
    h->count++;
}

void ic_histogram_merge(struct ic_histogram *h, const struct ic_histogram *from)
{
    for (size_t i = 0; i < IC_HISTOGRAM_BUCKETS; i++)
        h->buckets[i] += from->buckets[i];
    h->count += from->count;
}

double ic_histogram_ms(const struct ic_histogram *h, unsigned percent)
{
    uint64_t wanted = (h->count * percent + 99) / 100, seen = 0;
    for (size_t i = 0; i < IC_HISTOGRAM_BUCKETS && h->count > 0; i++) {
        seen += h->buckets[i];
        if (seen >= wanted && seen > 0)
            return (double)top_of(i) / 1000;
    }
    return 0;
}
