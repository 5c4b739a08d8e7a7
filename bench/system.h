/* system.h - what can be measured: something that forwards, in a process of its own on core 0. */
#pragma once

#include "bench/load.h"

enum { BENCH_SERVER_CORE, BENCH_LOAD_CORE };

struct bench_system {
    const char *name;
    bool split; /* receives on other transports than it sends on */
    bool (*available)(void);
    /* Starts the process; for the measure of its empty size it may take a moment. */
    pid_t (*start)(struct bench_load *load);
    /* Brings all peers up and subscribes them. False: it did not come to be. */
    bool (*join)(struct bench_load *load);
    void (*stop)(pid_t pid);
    /* A process besides, which counts with the first; NULL: there is none. */
    pid_t (*second)(void);
};

extern const struct bench_system bench_own, bench_limit, bench_janus, bench_janus_one_loop;

/* Two of ours, linked: every other participant is on the second. */
extern const struct bench_system bench_two;

/* Another incamera-media, beside ours: its path, NULL for none. */
extern const struct bench_system bench_other;
extern const char *bench_other_worker;

/* incamera-media bit by bit, instead of bench_own.join(): after it is ready, one peer begins to
 * come in, and when it is up takes what it receives. */
bool bench_own_ready(struct bench_load *load);
void bench_own_join(struct bench_load *load, struct bench_peer *p);
void bench_own_point(const struct bench_load *load, const struct bench_peer *p);

/* Forks a child for `core` that dies with us. 0 in the child. */
pid_t bench_fork(int core);
/* What this child would print is not wanted. */
void bench_silence(void);
/* SIGTERM, then waits. */
void bench_end(pid_t pid);
