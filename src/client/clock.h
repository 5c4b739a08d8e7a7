/* clock.h - the two clocks of the client, read at the edge and passed on as arguments. */
#pragma once

#include <time.h>

#include "base/base.h"

static inline int64_t ic_clock_read(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * IC_NS_PER_SEC + t.tv_nsec;
}

/* Nanoseconds, monotonic. */
static inline int64_t ic_clock_now(void)
{
    return ic_clock_read(CLOCK_MONOTONIC);
}

/* Nanoseconds since 1970, for what must compare with the kernel's time stamps. */
static inline int64_t ic_clock_wall(void)
{
    return ic_clock_read(CLOCK_REALTIME);
}
