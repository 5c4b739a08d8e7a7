/* joins.c - how fast people come in, what it costs, and what those notice who are in already.
 *
 * A join is from the order of the control process until the client has the keys of its media: ICE,
 * DTLS and SRTP on loopback. The client's own work is on the other core, and in the times. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/help.h"
#include "bench/system.h"

enum { ALONE = 200, CROWD = 600, AT_A_TIME = 8, NEWCOMERS = 500, PRESENT = 10, SILENT = 100 };

#define SLICE_NS (200 * INT64_C(1000))
#define PATIENCE_NS (10 * IC_NS_PER_SEC)
#define JOINING_NS (10 * IC_NS_PER_SEC)
#define IDLE_NS (10 * IC_NS_PER_SEC)
#define MEDIA_NS (3 * IC_NS_PER_SEC)

static struct bench_load load;
static struct bench_samples times;
static int64_t begun[BENCH_PEERS_MAX];
static bool counted[BENCH_PEERS_MAX];

static pid_t open_worker(const struct bench_scenario *scenario)
{
    bench_load_open(&load, scenario, false);
    pid_t pid = bench_own.start(&load);
    if (!bench_own_ready(&load)) {
        fputs("the worker does not start\n", stderr);
        exit(EXIT_FAILURE);
    }
    times.count = 0;
    memset(counted, 0, sizeof counted);
    return pid;
}

static void close_worker(pid_t pid)
{
    bench_own.stop(pid);
    bench_load_close(&load);
}

static void begin(uint32_t i)
{
    begun[i] = bench_now();
    bench_own_join(&load, &load.peers[i]);
}

/* Counts who came up since the last look; `first` is the first that may not be. */
static uint32_t count_up(uint32_t first, uint32_t end)
{
    uint32_t count = 0;

    for (uint32_t i = first; i < end; i++) {
        if (load.peers[i].failed) {
            fputs("a participant could not join\n", stderr);
            exit(EXIT_FAILURE);
        }
        if (counted[i] || !bench_peer_up(&load.peers[i]))
            continue;
        counted[i] = true;
        bench_sample(&times, bench_now() - begun[i]);
        count++;
    }
    return count;
}

/* `aim` in words; empty where there is none. */
static void row(const char *what, double value, const char *unit, const char *aim)
{
    printf("  %-58s %9.2f %-5s %s\n", what, value, unit, aim);
    fflush(stdout);
}

/* `at_a_time` are under way until `count` have come. */
static void join_all(uint32_t count, uint32_t at_a_time)
{
    uint32_t started = 0, up = 0;
    int64_t end = bench_now() + (int64_t)count * PATIENCE_NS / 100;

    while (up < count && bench_now() < end) {
        while (started < count && started - up < at_a_time)
            begin(started++);
        bench_load_run(&load, SLICE_NS, false);
        up += count_up(0, started);
    }
    if (up < count) {
        fputs("not all came in\n", stderr);
        exit(EXIT_FAILURE);
    }
}

static void measure_alone(void)
{
    static const struct bench_scenario s = {"", 1, 1, ALONE, 6, 30, false, 0, false};
    pid_t pid = open_worker(&s);

    join_all(ALONE, 1);
    row("alone, p50", (double)bench_percentile(&times, 0.5) / 1e6, "ms", "at most 4");
    row("alone, p99", (double)bench_percentile(&times, 0.99) / 1e6, "ms", "at most 10");
    close_worker(pid);
}

static void measure_crowd(void)
{
    static const struct bench_scenario s = {"", 1, 1, CROWD, 6, 30, false, 0, false};
    pid_t pid = open_worker(&s);
    int64_t cpu = bench_cpu_ns(pid), own = bench_cpu_ns(getpid()), start = bench_now();

    join_all(CROWD, AT_A_TIME);
    double took = (double)(bench_now() - start) / 1e9;
    row("8 at a time, joins a second", CROWD / took, "/s", "at least 600");
    row("8 at a time, p50", (double)bench_percentile(&times, 0.5) / 1e6, "ms", "");
    row("8 at a time, p99", (double)bench_percentile(&times, 0.99) / 1e6, "ms", "");
    row("processor time of the worker, each", (double)(bench_cpu_ns(pid) - cpu) / 1e6 / CROWD, "ms",
        "at most 0.6");
    row("the same of all clients (share of their core)",
        (double)(bench_cpu_ns(getpid()) - own) / 1e9 / took, "", "");
    close_worker(pid);
}

/* A room of ten hears one of them while 500 come into it. */
static void measure_gap(void)
{
    static const struct bench_scenario s = {"", 1, 1, PRESENT + NEWCOMERS, 6, 30, false, 0, false};
    pid_t pid = open_worker(&s);
    int64_t longest = 0;

    join_all(PRESENT, AT_A_TIME);
    for (uint32_t i = 1; i < PRESENT; i++)
        bench_own_point(&load, &load.peers[i]);
    bench_load_run(&load, IC_NS_PER_SEC, true);
    for (uint32_t i = 0; i < PRESENT; i++)
        load.peers[i].voice_gap = 0;
    for (uint32_t i = PRESENT; i < load.count; i++) {
        begin(i);
        bench_load_continue(&load, JOINING_NS / NEWCOMERS);
        count_up(PRESENT, i + 1);
    }
    for (uint32_t i = 1; i < PRESENT; i++)
        longest = load.peers[i].voice_gap > longest ? load.peers[i].voice_gap : longest;
    row("longest voice gap while 500 come in 10 s", (double)longest / 1e6, "ms", "at most 60");
    row("of them in at the end", times.count - PRESENT, "", "500");
    close_worker(pid);
}

static void measure_idle(void)
{
    static const struct bench_scenario s = {"", 1, 1, SILENT, 6, 30, false, 0, false};
    pid_t pid = open_worker(&s);
    int64_t cpu = bench_cpu_ns(pid);

    bench_load_run(&load, IDLE_NS / 2, false);
    row("empty, share of a core", (double)(bench_cpu_ns(pid) - cpu) * 200 / (double)IDLE_NS, "%",
        "0.00");
    join_all(SILENT, AT_A_TIME);
    bench_load_run(&load, IC_NS_PER_SEC, false);
    cpu = bench_cpu_ns(pid);
    bench_load_run(&load, IDLE_NS, false);
    row("100 connected and silent, share of a core",
        (double)(bench_cpu_ns(pid) - cpu) * 100 / (double)IDLE_NS, "%", "less than 0.3");
    close_worker(pid);
}

/* The share of a core that so many rooms of ten take, in percent, and what the worker adds, p99 in
 * ms. */
static double latency_of(int rooms, double *added_ms)
{
    const struct bench_scenario s = {"", rooms, 10, 10, 6, 30, false, 0, false};

    bench_load_open(&load, &s, false);
    pid_t pid = bench_own.start(&load);
    if (!bench_own.join(&load))
        exit(EXIT_FAILURE);
    bench_load_run(&load, IC_NS_PER_SEC, true);
    bench_load_clear(&load);
    int64_t cpu = bench_cpu_ns(pid);
    bench_load_run(&load, MEDIA_NS, true);
    double share = (double)(bench_cpu_ns(pid) - cpu) * 100 / (double)MEDIA_NS;
    *added_ms = (double)bench_percentile(&load.samples, 0.99) / 1e6;
    close_worker(pid);
    return share;
}

/* At half a core: a machine that carries ten rooms with more gets fewer. */
static void measure_latency(void)
{
    int rooms = 10;
    double added_ms, share = latency_of(rooms, &added_ms);
    char name[64];

    if (share > 60) {
        rooms = share < 500 ? (int)(rooms * 50 / share) : 1;
        share = latency_of(rooms, &added_ms);
    }
    snprintf(name, sizeof name, "rooms of 10, %d of them: share of a core", rooms);
    row(name, share, "%", "about 50");
    row("  latency added, p99", added_ms, "ms", "less than 3");
}

static const struct {
    const char *name;
    void (*measure)(void);
} parts[] = {
    {"alone", measure_alone}, {"crowd", measure_crowd},     {"gap", measure_gap},
    {"idle", measure_idle},   {"latency", measure_latency},
};

int main(int argc, char **argv)
{
    const char *only = argc > 1 ? argv[1] : NULL;

    bench_help(argc, argv, 1, "usage: joins_bench [alone|crowd|gap|idle|latency]\n");
    bench_pin(BENCH_LOAD_CORE);
    if (!bench_come_first())
        puts("No right to real-time priority: other work of this machine shows in the times");
    bench_raise_limits();
    if (!bench_own.available()) {
        fputs("incamera-media is not built\n", stderr);
        return EXIT_FAILURE;
    }
    printf("  %-58s %9s %-5s %s\n", "", "measured", "", "aim");
    for (size_t i = 0; i < IC_COUNT(parts); i++)
        if (!only || strcmp(only, parts[i].name) == 0)
            parts[i].measure();
    printf("Load average of the machine: %.1f\n", bench_load_average());
    return EXIT_SUCCESS;
}
