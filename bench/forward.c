/* forward.c - the worker, the limit and Janus under the same load, in interleaved rounds: a machine
 * that is busy now slows all of them, so ratios hold where single figures do not. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/system.h"

enum { ROUNDS_MAX = 15, ROUNDS = 3, EXIT_USAGE = 2, NAME_LEN = 22 };

#define WARM_UP_NS IC_NS_PER_SEC
#define CLIMB_NS (8 * IC_NS_PER_SEC) /* until estimates allow the highest layer */
#define MEASURE_NS (2 * IC_NS_PER_SEC)
#define SETTLE_US 200000

/* The last two are about half and three quarters of what a core can do. */
static const struct bench_scenario SCENARIOS[] = {
    {"1 to 50", 1, 1, 51, 6, 30, false, 0, false},
    {"1 to 100", 1, 1, 101, 6, 30, false, 0, false},
    {"1 to 200", 1, 1, 201, 6, 30, false, 0, false},
    {"1 to 1,000", 1, 1, 1001, 6, 30, true, 0, false},
    {"20 rooms of 5", 20, 5, 5, 6, 30, false, 0, false},
    {"10 rooms of 10, small pictures", 10, 10, 10, 1, 15, false, 0, false},
    {"10 rooms of 10", 10, 10, 10, 6, 30, true, 0, false},
    {"a room of 49, 12 small pictures each", 1, 49, 49, 1, 15, true, 12, false},
    {"sound of 10 to 300", 1, 10, 300, 0, 30, true, 0, false},
    {"14 rooms of 10", 14, 10, 10, 6, 30, true, 0, false},
    {"all on, 1 to 50", 1, 1, 51, 6, 30, true, 0, true},
    {"all on, 1 to 100", 1, 1, 101, 6, 30, true, 0, true},
    {"all on, 1 to 200", 1, 1, 201, 6, 30, true, 0, true},
    {"all on, 1 to 1,000", 1, 1, 1001, 6, 30, true, 0, true},
    {"all on, 20 rooms of 5", 20, 5, 5, 6, 30, true, 0, true},
    {"all on, 10 rooms of 10", 10, 10, 10, 6, 30, true, 0, true},
    {"all on, a room of 49", 1, 49, 49, 1, 15, true, 12, true},
    {"all on, sound of 10 to 300", 1, 10, 300, 0, 30, true, 0, true},
};

static const struct bench_system *const SYSTEMS[] = {
    &bench_limit, &bench_own, &bench_two, &bench_other, &bench_janus_one_loop, &bench_janus};

enum { SYSTEMS_COUNT = IC_COUNT(SYSTEMS), OWN = 1, TWO = 2, OTHER = 3 };

/* One run of one system. */
struct result {
    double per_cpu;  /* packets forwarded in a second of CPU */
    double cpu;      /* share of its core */
    double load_cpu; /* the same of the load's: near 1 it is the load that is slow */
    double rate;     /* packets out a second */
    double loss;     /* share of what should have arrived */
    double p50_ms, p99_ms;
    double member_kib; /* memory a participant */
};

struct options {
    int rounds;
    bool janus;
    bool help;
    bool plain;
    const char *only; /* scenarios whose name has this */
};

static const char usage[] =
    "usage: forward_bench [--rounds N] [--only SCENARIO] [--no-janus] [--beside WORKER] [--plain]\n"
    "                     [--uneven]\n"
    "Measures forwarding under one load: incamera-media, the machine's limit, and Janus if it is\n"
    "installed, and another build of the worker. All that is measured runs at real-time priority "
    "where that is allowed; --plain "
    "leaves\n"
    "it out. With --uneven the first half of a frame's packets is a byte shorter, as browsers cut "
    "them. docs/performance.md says what the columns are.\n";

static struct bench_load load;

static int64_t cpu_of(const struct bench_system *system, pid_t pid)
{
    return bench_cpu_ns(pid) + (system->second ? bench_cpu_ns(system->second()) : 0);
}

static int64_t memory_of(const struct bench_system *system, pid_t pid)
{
    return bench_memory(pid) + (system->second ? bench_memory(system->second()) : 0);
}

static void measure(const struct bench_system *system, pid_t pid, struct result *out)
{
    bench_load_run(&load, load.scenario->features ? CLIMB_NS : WARM_UP_NS, true);
    bench_load_settle(&load);
    bench_load_clear(&load);
    int64_t cpu = cpu_of(system, pid), load_cpu = bench_cpu_ns(getpid());
    bench_load_run(&load, MEASURE_NS, true);
    load_cpu = bench_cpu_ns(getpid()) - load_cpu;
    bench_load_settle(&load);
    cpu = cpu_of(system, pid) - cpu;

    double received = (double)bench_load_received(&load);
    double expected = (double)bench_load_expected(&load);
    out->per_cpu = cpu > 0 ? received * 1e9 / (double)cpu : 0;
    out->cpu = (double)cpu / (double)MEASURE_NS;
    out->load_cpu = (double)load_cpu / (double)MEASURE_NS;
    out->rate = received * 1e9 / (double)MEASURE_NS;
    out->loss = expected > 0 ? 1 - received / expected : 0;
    out->p50_ms = (double)bench_percentile(&load.samples, 0.5) / 1e6;
    out->p99_ms = (double)bench_percentile(&load.samples, 0.99) / 1e6;
}

/* A packet that arrives but does not open is worse than one that is lost. */
static bool all_opened(void)
{
    for (uint32_t i = 0; i < load.count; i++)
        if (load.peers[i].failed)
            return false;
    return true;
}

static bool run(const struct bench_system *system, const struct bench_scenario *scenario,
                struct result *out)
{
    bench_load_open(&load, scenario, system->split);
    pid_t pid = system->start(&load);
    usleep(SETTLE_US);
    int64_t empty = memory_of(system, pid);
    bool joined = system->join(&load);
    if (joined) {
        measure(system, pid, out);
        out->member_kib = (double)(memory_of(system, pid) - empty) / 1024 /
                          (double)(scenario->rooms * scenario->members);
    } else {
        fprintf(stderr, "%s, %s: participants could not join\n", system->name, scenario->name);
    }
    if (joined && !all_opened())
        fprintf(stderr, "%s, %s: packets did not open\n", system->name, scenario->name);
    system->stop(pid);
    bench_load_close(&load);
    return joined;
}

static double middle(const struct result *results, int count, size_t member)
{
    double values[ROUNDS_MAX];
    for (int i = 0; i < count; i++)
        memcpy(&values[i], (const uint8_t *)&results[i] + member, sizeof *values);
    return bench_median(values, (size_t)count);
}

#define MIDDLE(results, count, member) middle(results, count, offsetof(struct result, member))

static void print_row(const struct bench_system *system, const struct result *results, int count,
                      double own)
{
    double per_cpu = MIDDLE(results, count, per_cpu);
    printf("  %-*s %9.1f %9.2f %6.2f %6.2f %8.1f %8.3f %8.2f %8.2f %9.0f\n", NAME_LEN, system->name,
           per_cpu / 1e3, own > 0 ? own / per_cpu : 1, MIDDLE(results, count, cpu),
           MIDDLE(results, count, load_cpu), MIDDLE(results, count, rate) / 1e3,
           MIDDLE(results, count, loss) * 100, MIDDLE(results, count, p50_ms),
           MIDDLE(results, count, p99_ms), MIDDLE(results, count, member_kib));
}

/* One room that is large enough to be spread over two workers. */
static bool is_hot(const struct bench_scenario *s)
{
    return s->rooms == 1 && (s->members > 1000 || s->senders == s->members);
}

static bool takes_part(int system, const struct bench_scenario *scenario, const struct options *o)
{
    if (system == TWO && !is_hot(scenario))
        return false;
    return SYSTEMS[system]->available() &&
           (system <= OTHER || (o->janus && !scenario->beyond_janus));
}

static void run_scenario(const struct bench_scenario *scenario, const struct options *o)
{
    static struct result results[SYSTEMS_COUNT][ROUNDS_MAX];
    int counts[SYSTEMS_COUNT] = {0};

    for (int round = 0; round < o->rounds; round++)
        for (int s = 0; s < SYSTEMS_COUNT; s++)
            if (takes_part(s, scenario, o) && run(SYSTEMS[s], scenario, &results[s][counts[s]]))
                counts[s]++;
    printf("%s (load average %.1f)\n", scenario->name, bench_load_average());
    printf("  %-*s %9s %9s %6s %6s %8s %8s %8s %8s %9s\n", NAME_LEN, "", "k/CPU-s", "own/this",
           "CPU", "load", "k/s out", "loss %", "p50 ms", "p99 ms", "KiB each");
    double own = MIDDLE(results[OWN], counts[OWN], per_cpu);
    for (int s = 0; s < SYSTEMS_COUNT; s++)
        if (counts[s] > 0)
            print_row(SYSTEMS[s], results[s], counts[s], own);
    fflush(stdout);
}

static bool read_options(struct options *o, int argc, char **argv)
{
    static const struct option names[] = {
        {"rounds", required_argument, NULL, 'r'}, {"only", required_argument, NULL, 'o'},
        {"no-janus", no_argument, NULL, 'n'},     {"plain", no_argument, NULL, 'p'},
        {"uneven", no_argument, NULL, 'u'},       {"beside", required_argument, NULL, 'b'},
        {"help", no_argument, NULL, 'h'},         {0}};
    int option;

    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (option == 'r')
            o->rounds = atoi(optarg);
        else if (option == 'o')
            o->only = optarg;
        else if (option == 'b')
            bench_other_worker = optarg;
        else if (option == 'n')
            o->janus = false;
        else if (option == 'p')
            o->plain = true;
        else if (option == 'u')
            bench_uneven = true;
        else if (option == 'h')
            o->help = true;
        else
            return false;
    }
    return optind == argc && o->rounds > 0 && o->rounds <= ROUNDS_MAX;
}

int main(int argc, char **argv)
{
    struct options o = {.rounds = ROUNDS, .janus = true};

    bool understood = read_options(&o, argc, argv);
    if (!understood || o.help) {
        fputs(usage, understood ? stdout : stderr);
        return understood ? EXIT_SUCCESS : EXIT_USAGE;
    }
    bench_raise_limits();
    bench_pin(BENCH_LOAD_CORE);
    if (!o.plain && !bench_come_first())
        puts("No right to real-time priority: other work of this machine shows in the latencies");
    if (!bench_own.available())
        puts("incamera-media is not built: its rows are left out");
    if (o.janus && !bench_janus.available())
        puts("Janus is not installed: its rows are left out");
    printf("Medians of %d interleaved rounds; one core for the server, one for the load\n",
           o.rounds);
    fflush(stdout);
    for (size_t i = 0; i < IC_COUNT(SCENARIOS); i++)
        if (!o.only || strstr(SCENARIOS[i].name, o.only))
            run_scenario(&SCENARIOS[i], &o);
    return EXIT_SUCCESS;
}
