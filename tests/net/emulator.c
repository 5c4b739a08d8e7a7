/* emulator.c - link-emulator: a bad network between two interfaces, or two UDP addresses.
 *
 *     near end ---- up: a net_link ----> far end
 *              <--- down: a net_link ---
 */
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "tests/net/link.h"
#include "tests/net/profiles.h"
#include "tests/net/wire.h"

static const char usage[] =
    "link-emulator --between NEAR FAR [options]\n"
    "link-emulator --listen IPv4:PORT --to IPv4:PORT [options]\n"
    "\n"
    "Passes packets between two network interfaces, or relays UDP, and treats them as a bad\n"
    "network would. Up is from NEAR (or from those who send to --listen) to FAR (or --to).\n"
    "Prints \"ready\", and when it ends (SIGTERM, SIGINT) a line of JSON with what happened.\n"
    "\n"
    "  --profile NAME     one of the networks below (default: clean)\n"
    "  --seed N           of the random numbers (default: 1); the same seed, the same fate\n"
    "  --only-udp         leave TCP alone, and with it signalling\n"
    "\n"
    "These change the profile's first step, and no other step follows:\n"
    "  --direction D      what the next ones are about: up, down or both (default: both)\n"
    "  --rate KBPS        kilobits a second, IP headers included\n"
    "  --queue MS         how long packets may wait for the rate\n"
    "  --delay MS         one way\n"
    "  --jitter MS        half the width of an even spread around it, order kept\n"
    "  --loss PERCENT     each packet by itself, tenths allowed\n"
    "\n"
    "Networks (one way each unless it says otherwise):\n";

enum { UP, DOWN, WAYS };

enum option_name {
    BETWEEN = 'b',
    LISTEN = 'l',
    TO = 't',
    PROFILE = 'p',
    SEED = 's',
    ONLY_UDP = 'u',
    DIRECTION = 'd',
    RATE = 'r',
    QUEUE = 'q',
    DELAY = 'y',
    JITTER = 'j',
    LOSS = 'o',
    HELP = 'h',
};

struct emulator {
    struct net_profile profile;
    struct net_wire *wire;
    struct net_link ways[WAYS];
    bool only_udp;
    bool touched[WAYS]; /* which ways the next setting is about */
    uint64_t seed;
    int64_t started;
    uint64_t next_step_ms;
    const char *near, *far, *listen, *to;
};

static volatile sig_atomic_t stopping;

static void stop(int signal_number)
{
    (void)signal_number;
    stopping = 1;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * IC_NS_PER_SEC + t.tv_nsec;
}

static void help(FILE *out)
{
    const struct net_profile *p;

    fputs(usage, out);
    for (size_t i = 0; (p = net_profile_at(i)) != NULL; i++)
        fprintf(out, "  %-18s %s\n", p->name, p->about);
}

static void refuse(const char *what)
{
    fprintf(stderr, "%s; --help says more\n", what);
    exit(2);
}

/* ---- command line ---- */

static void change(struct emulator *e, int name, double value)
{
    struct net_shape *shapes[WAYS] = {&e->profile.steps[0].up, &e->profile.steps[0].down};

    e->profile.count = 1;
    for (int way = UP; way < WAYS; way++) {
        if (!e->touched[way])
            continue;
        if (name == RATE)
            shapes[way]->rate_bps = (uint32_t)(value * 1000);
        if (name == QUEUE)
            shapes[way]->queue_ms = (uint32_t)value;
        if (name == DELAY)
            shapes[way]->delay_ms = (uint32_t)value;
        if (name == JITTER)
            shapes[way]->jitter_ms = (uint32_t)value;
        if (name == LOSS)
            shapes[way]->loss_good = (uint16_t)(value * 10 + 0.5);
    }
}

static void direct(struct emulator *e, const char *word)
{
    e->touched[UP] = strcmp(word, "down") != 0;
    e->touched[DOWN] = strcmp(word, "up") != 0;
    if (e->touched[UP] && e->touched[DOWN] && strcmp(word, "both") != 0)
        refuse("--direction is up, down or both");
}

static double number(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (*end != '\0' || end == text || !(value >= 0 && value < 1e7))
        refuse("a number was expected");
    return value;
}

static void take_option(struct emulator *e, int name, const char *value)
{
    const struct net_profile *found;

    switch (name) {
    case BETWEEN:
        e->near = value;
        break;
    case LISTEN:
        e->listen = value;
        break;
    case TO:
        e->to = value;
        break;
    case PROFILE:
        found = net_profile_find(value);
        if (!found)
            refuse("there is no such profile");
        e->profile = *found;
        break;
    case SEED:
        e->seed = (uint64_t)number(value);
        break;
    case ONLY_UDP:
        e->only_udp = true;
        break;
    case DIRECTION:
        direct(e, value);
        break;
    case RATE:
    case QUEUE:
    case DELAY:
    case JITTER:
    case LOSS:
        change(e, name, number(value));
        break;
    case HELP:
        help(stdout);
        exit(0);
    default:
        refuse("that option is unknown or lacks its value");
    }
}

static void read_options(struct emulator *e, int argc, char **argv)
{
    static const struct option names[] = {
        {"between", required_argument, NULL, BETWEEN},
        {"listen", required_argument, NULL, LISTEN},
        {"to", required_argument, NULL, TO},
        {"profile", required_argument, NULL, PROFILE},
        {"seed", required_argument, NULL, SEED},
        {"only-udp", no_argument, NULL, ONLY_UDP},
        {"direction", required_argument, NULL, DIRECTION},
        {"rate", required_argument, NULL, RATE},
        {"queue", required_argument, NULL, QUEUE},
        {"delay", required_argument, NULL, DELAY},
        {"jitter", required_argument, NULL, JITTER},
        {"loss", required_argument, NULL, LOSS},
        {"help", no_argument, NULL, HELP},
        {NULL, 0, NULL, 0},
    };
    int name;

    opterr = 0;
    while ((name = getopt_long(argc, argv, "", names, NULL)) != -1)
        take_option(e, name, optarg);
    if (e->near && optind < argc)
        e->far = argv[optind++];
    if (optind < argc || !(e->near && e->far) == !(e->listen && e->to))
        refuse("say either --between NEAR FAR, or --listen and --to");
}

/* ---- work ---- */

static void apply_step(struct emulator *e, int64_t now)
{
    uint64_t elapsed_ms = (uint64_t)((now - e->started) / IC_NS_PER_MS);
    if (elapsed_ms < e->next_step_ms)
        return;
    const struct net_step *step = net_profile_step(&e->profile, elapsed_ms, &e->next_step_ms);
    net_link_reshape(&e->ways[UP], &step->up, now);
    net_link_reshape(&e->ways[DOWN], &step->down, now);
}

/* From the end that the way starts at. */
static void take_in(struct emulator *e, int way)
{
    struct net_datagram d;
    enum net_end from = way == UP ? NET_NEAR : NET_FAR, to = way == UP ? NET_FAR : NET_NEAR;

    while (net_wire_receive(e->wire, from, &d)) {
        struct ic_bytes bytes = {d.bytes, d.len};
        if (!d.is_ip || (e->only_udp && !d.is_udp))
            net_wire_send(e->wire, to, bytes, 0);
        else
            net_link_send(&e->ways[way], bytes, d.wire_len, now_ns());
    }
}

static void let_out(struct emulator *e, int way)
{
    struct net_packet packet;

    while (net_link_take(&e->ways[way], &packet, now_ns())) {
        struct ic_bytes bytes = {packet.bytes, packet.len};
        net_wire_send(e->wire, way == UP ? NET_FAR : NET_NEAR, bytes, packet.address);
        free(packet.bytes);
    }
}

static struct timespec time_left(const struct emulator *e)
{
    int64_t next = e->started + IC_NS_PER_SEC / 10 + (now_ns() - e->started);

    for (int way = UP; way < WAYS; way++) {
        int64_t due = net_link_next(&e->ways[way]);
        next = due < next ? due : next;
    }
    if (e->next_step_ms != UINT64_MAX) {
        int64_t step = e->started + (int64_t)e->next_step_ms * IC_NS_PER_MS;
        next = step < next ? step : next;
    }
    int64_t left = next - now_ns();
    left = left < 0 ? 0 : left;
    return (struct timespec){left / IC_NS_PER_SEC, left % IC_NS_PER_SEC};
}

static void run(struct emulator *e)
{
    e->started = now_ns();
    while (!stopping) {
        struct pollfd fds[] = {{net_wire_fd(e->wire, NET_NEAR), POLLIN, 0},
                               {net_wire_fd(e->wire, NET_FAR), POLLIN, 0}};
        apply_step(e, now_ns());
        struct timespec left = time_left(e);
        ppoll(fds, IC_COUNT(fds), &left, NULL);
        for (int way = UP; way < WAYS; way++) {
            take_in(e, way);
            let_out(e, way);
        }
    }
}

static void tell(const char *name, const struct net_counts *c, const char *after)
{
    printf("\"%s\":{\"offered\":%llu,\"lost\":%llu,\"overflowed\":%llu,\"duplicated\":%llu,"
           "\"delivered\":%llu,\"bytes_delivered\":%llu}%s",
           name, (unsigned long long)c->offered, (unsigned long long)c->lost,
           (unsigned long long)c->overflowed, (unsigned long long)c->duplicated,
           (unsigned long long)c->delivered, (unsigned long long)c->bytes_delivered, after);
}

int main(int argc, char **argv)
{
    static struct emulator e = {.seed = 1, .touched = {true, true}};

    e.profile = *net_profile_find("clean");
    read_options(&e, argc, argv);
    e.wire = e.near ? net_wire_between(e.near, e.far) : net_wire_relay(e.listen, e.to);
    net_link_init(&e.ways[UP], 2 * e.seed);
    net_link_init(&e.ways[DOWN], 2 * e.seed + 1);
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    prctl(PR_SET_TIMERSLACK, 1);
    puts("ready");
    fflush(stdout);

    run(&e);

    fputs("{", stdout);
    tell("up", &e.ways[UP].counts, ",");
    tell("down", &e.ways[DOWN].counts, "}\n");
    net_link_clear(&e.ways[UP]);
    net_link_clear(&e.ways[DOWN]);
    net_wire_free(e.wire);
    return 0;
}
