/* measure.h - clocks, pinning, what a process has used, and the numbers made of many. */
#pragma once

#include "base/base.h"

#include <sys/types.h>

/* Nanoseconds. The wall clock is the one of kernel receive time stamps. */
int64_t bench_now(void);
int64_t bench_wall_now(void);

/* Keeps this process, and what it starts, on one core. Without such a core nothing changes. */
void bench_pin(int core);

/* Real-time priority for this process and what it starts, so that other work of the machine does
 * not hold them up. False without the right to it. */
bool bench_come_first(void);

/* As many open files as this process may have. */
void bench_raise_limits(void);

/* User and system time of all threads of another process, in nanoseconds; 0 if it is gone. */
int64_t bench_cpu_ns(pid_t pid);
/* Resident memory in bytes. */
int64_t bench_memory(pid_t pid);

/* Load of the last minute, for the heading of a table. */
double bench_load_average(void);

/* Sorts `values`. 0 of none. */
double bench_median(double *values, size_t count);

enum { BENCH_SAMPLES_MAX = 1 << 18 };

/* Times of packets, in nanoseconds; what does not fit is not kept. */
struct bench_samples {
    uint32_t count;
    int64_t ns[BENCH_SAMPLES_MAX];
};

static inline void bench_sample(struct bench_samples *samples, int64_t ns)
{
    if (samples->count < BENCH_SAMPLES_MAX)
        samples->ns[samples->count++] = ns;
}

/* Sorts. `share` is 0.5 for the median; 0 of none. */
int64_t bench_percentile(struct bench_samples *samples, double share);
