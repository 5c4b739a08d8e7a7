/* bucket.h - a token bucket: so many at once, so many a second. */
#pragma once

#include "base/base.h"

struct ic_bucket {
    int64_t filled; /* the time at which it was, or will be, full */
};

/* Takes one. False: there is none left. An all-zero bucket is full. `burst` tokens fit, and one
 * comes back every `interval` nanoseconds. */
static inline bool ic_bucket_take(struct ic_bucket *b, int64_t burst, int64_t interval, int64_t now)
{
    int64_t full = b->filled > now ? b->filled : now;

    if (full + interval > now + burst * interval)
        return false;
    b->filled = full + interval;
    return true;
}

/* Milliseconds until there is one. */
static inline uint32_t ic_bucket_wait_ms(const struct ic_bucket *b, int64_t burst, int64_t interval,
                                         int64_t now)
{
    int64_t left = b->filled - (burst - 1) * interval - now;
    return left > 0 ? (uint32_t)(left / IC_NS_PER_MS) + 1 : 0;
}

/* So many were taken and are not owed. */
static inline void ic_bucket_give_back(struct ic_bucket *b, int64_t count, int64_t interval)
{
    b->filled -= count * interval;
}
