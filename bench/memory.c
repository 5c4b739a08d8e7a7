/* memory.c - what a participant costs in memory, beside what it may cost.
 *
 * The worker's resident memory with everybody in it and media flowing long enough for every ring
 * to have gone round, less what it took when empty, by the number of participants. The history of
 * packets, which all receivers of a stream share, is told apart. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/system.h"
#include "media/publisher.h"

#define MEDIA_NS (12 * IC_NS_PER_SEC)

enum { EXIT_MISSED = 1, KIB = 1024 };

static const struct row {
    struct bench_scenario scenario;
    double most_kib; /* a participant, without history */
} rows[] = {
    {{"receiving, 1 to 100", 1, 1, 101, 6, 30, false, 0, false}, 42},
    {{"receiving, 1 to 400", 1, 1, 401, 6, 30, false, 0, false}, 42},
    {{"20 rooms of 5", 20, 5, 5, 6, 30, false, 0, false}, 90},
    {{"10 rooms of 10", 10, 10, 10, 6, 30, false, 0, false}, 0},
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

/* KiB a participant, history included. */
static double grown_by(pid_t pid, int64_t empty, const struct bench_scenario *s)
{
    return (double)(bench_memory(pid) - empty) / KIB / (s->rooms * s->members);
}

static bool measure(const struct row *row)
{
    const struct bench_scenario *s = &row->scenario;
    double history = history_kib() * s->senders / s->members;

    bench_load_open(&load, s, false);
    pid_t pid = bench_own.start(&load);
    int64_t empty = bench_memory(pid);
    if (!bench_own.join(&load)) {
        fprintf(stderr, "%s: participants could not join\n", s->name);
        exit(EXIT_FAILURE);
    }
    bench_load_run(&load, IC_NS_PER_SEC, false);
    double joined = grown_by(pid, empty, s);
    bench_load_run(&load, MEDIA_NS, true);
    double full = grown_by(pid, empty, s);
    bench_own.stop(pid);
    bench_load_close(&load);
    printf("  %-22s %9.1f %9.1f %9.1f %9.1f", s->name, joined, full, history, full - history);
    if (row->most_kib > 0)
        printf(" %9.0f", row->most_kib);
    puts("");
    fflush(stdout);
    return row->most_kib == 0 || full - history <= row->most_kib;
}

int main(int argc, char **argv)
{
    bool kept = true;

    bench_pin(BENCH_LOAD_CORE);
    if (!bench_own.available()) {
        fputs("incamera-media is not built\n", stderr);
        return EXIT_FAILURE;
    }
    puts("Resident memory of incamera-media, KiB a participant");
    printf("  %-22s %9s %9s %9s %9s %9s\n", "", "joined", "media on", "history", "without",
           "at most");
    for (size_t i = 0; i < IC_COUNT(rows); i++)
        if (argc < 2 || strstr(rows[i].scenario.name, argv[1]))
            kept = measure(&rows[i]) && kept;
    return kept ? EXIT_SUCCESS : EXIT_MISSED;
}
