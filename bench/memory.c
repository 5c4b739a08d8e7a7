/* memory.c - what a participant costs in memory, beside what it may cost.
 *
 * The worker's resident memory with everybody in it and media flowing long enough for every ring
 * to have gone round, less what it took when empty, by the number of participants. The history of
 * packets, which all receivers of a stream share, is told apart. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/help.h"
#include "bench/system.h"
#include "media/publisher.h"

#define MEDIA_NS (12 * IC_NS_PER_SEC)

enum { EXIT_MISSED = 1, KIB = 1024 };

/* Two sizes each: the difference is what one more costs, without what the worker takes once. The
 * bound holds for both sizes, with that. */
static const struct pair {
    struct bench_scenario fewer, more;
    double most_kib; /* a participant, without history */
} pairs[] = {
    {{"receiving, 1 to 100", 1, 1, 101, 6, 30, false, 0, false},
     {"receiving, 1 to 400", 1, 1, 401, 6, 30, false, 0, false},
     42},
    {{"20 rooms of 5", 20, 5, 5, 6, 30, false, 0, false},
     {"40 rooms of 5", 40, 5, 5, 6, 30, false, 0, false},
     90},
};

/* KiB of all of them, without history. */
struct size {
    double people, joined, full;
};

static struct bench_load load;

/* Of the lines that own.c adds for who sends. */
static double history_kib(void)
{
    static const struct ic_line lines[] = {
        {.stream = IC_STREAM_MICROPHONE, .codec = IC_CODEC_OPUS},
        {.stream = IC_STREAM_CAMERA, .codec = IC_CODEC_VP8},
    };
    return (double)ic_publisher_history_size(lines, IC_COUNT(lines)) / KIB;
}

static double grown_by(pid_t pid, int64_t empty)
{
    return (double)(bench_memory(pid) - empty) / KIB;
}

static void print_row(const char *name, const struct size *size, double history)
{
    printf("  %-22s %9.1f %9.1f %9.1f %9.1f", name, size->joined / size->people,
           size->full / size->people + history, history, size->full / size->people);
}

static struct size measure(const struct bench_scenario *s, double most_kib)
{
    struct size size = {.people = s->rooms * s->members};
    double history = history_kib() * s->senders / s->members;

    bench_load_open(&load, s, false);
    pid_t pid = bench_own.start(&load);
    int64_t empty = bench_memory(pid);
    if (!bench_own.join(&load)) {
        fprintf(stderr, "%s: participants could not join\n", s->name);
        exit(EXIT_FAILURE);
    }
    bench_load_run(&load, IC_NS_PER_SEC, false);
    size.joined = grown_by(pid, empty);
    bench_load_run(&load, MEDIA_NS, true);
    size.full = grown_by(pid, empty) - history * size.people;
    bench_own.stop(pid);
    bench_load_close(&load);
    print_row(s->name, &size, history);
    printf(" %9.0f\n", most_kib);
    fflush(stdout);
    return size;
}

static bool measure_pair(const struct pair *pair)
{
    const struct bench_scenario *s = &pair->more;
    struct size fewer = measure(&pair->fewer, pair->most_kib), more = measure(s, pair->most_kib);
    struct size further = {more.people - fewer.people, more.joined - fewer.joined,
                           more.full - fewer.full};

    print_row("  each further", &further, history_kib() * s->senders / s->members);
    puts("");
    fflush(stdout);
    return fewer.full / fewer.people <= pair->most_kib && more.full / more.people <= pair->most_kib;
}

int main(int argc, char **argv)
{
    bool kept = true;

    bench_help(argc, argv, 1, "usage: memory_bench [part of a name]\nMemory of a participant.\n");
    bench_raise_limits();
    bench_pin(BENCH_LOAD_CORE);
    if (!bench_own.available()) {
        fputs("incamera-media is not built\n", stderr);
        return EXIT_FAILURE;
    }
    puts("Resident memory of incamera-media, KiB a participant");
    printf("  %-22s %9s %9s %9s %9s %9s\n", "", "joined", "media on", "history", "without",
           "at most");
    for (size_t i = 0; i < IC_COUNT(pairs); i++)
        if (argc < 2 || strstr(pairs[i].fewer.name, argv[1]))
            kept = measure_pair(&pairs[i]) && kept;
    return kept ? EXIT_SUCCESS : EXIT_MISSED;
}
