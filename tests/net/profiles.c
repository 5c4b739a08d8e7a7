/* profiles.c - the table. */
#include "tests/net/profiles.h"

#define BOTH(at, ...)                                                                              \
    {                                                                                              \
        .at_ms = at, .up = {__VA_ARGS__}, .down = { __VA_ARGS__ }                                  \
    }
#define DOWN(at, ...)                                                                              \
    {                                                                                              \
        .at_ms = at, .down = { __VA_ARGS__ }                                                       \
    }
#define UP(at, ...)                                                                                \
    {                                                                                              \
        .at_ms = at, .up = { __VA_ARGS__ }                                                         \
    }
#define ALWAYS(...) .count = 1, .steps = {BOTH(0, __VA_ARGS__)}

#define LOSS(percent)                                                                              \
    {.name = "loss-" #percent,                                                                     \
     .about = #percent " % of packets lost, each by itself",                                       \
     ALWAYS(.loss_good = 10 * percent)}
#define LIMITED(kilobits)                                                                          \
    {.name = "limited-" #kilobits,                                                                 \
     .about = #kilobits " kb/s, 16 packets may wait",                                              \
     ALWAYS(.rate_bps = kilobits * 1000, .queue_packets = 16)}
#define LADDER(percent)                                                                            \
    {.name = "ladder-" #percent,                                                                   \
     .about = "50 ms each way, " #percent " % of packets lost, each by itself",                    \
     ALWAYS(.delay_ms = 50, .loss_good = 10 * percent)}
/* Mean loss, mean burst in tenths of a packet, and the two transitions in per cent. */
#define BURSTY(percent, burst, in, out)                                                            \
    {.name = "bursty-" #percent "-" #burst,                                                        \
     .about = #percent " % lost, in bursts of " #burst " packets in the mean",                     \
     ALWAYS(.to_bad = 10 * in, .to_good = 10 * out, .loss_bad = 1000)}
#define MODERATE .delay_ms = 100, .jitter_ms = 25, .jitter = NET_JITTER_PARETO, .overtaking = true
#define INTERNATIONAL                                                                              \
    .delay_ms = 250, .jitter_ms = 100, .jitter = NET_JITTER_PARETO, .overtaking = true,            \
    .to_bad = 30, .to_good = 250, .loss_bad = 1000, .duplicated = 20, .reordered = 50,             \
    .rate_bps = 300000, .queue_packets = 30
#define SLUMP(at, rate)                                                                            \
    {.at_ms = at,                                                                                  \
     .up = {.delay_ms = 50},                                                                       \
     .down = {.delay_ms = 50, .rate_bps = rate, .queue_ms = 1000}}
#define SPIKE_NONE .delay_ms = 50, .jitter_ms = 10, .overtaking = true
#define SPIKE                                                                                      \
    .delay_ms = 100, .jitter_ms = 20, .overtaking = true, .to_bad = 110, .to_good = 250,           \
    .loss_bad = 1000

/* clang-format off */
static const struct net_profile profiles[] = {
    {.name = "clean", .about = "nothing happens to a packet", ALWAYS(0)},
    {.name = "moderate", .about = "100 ms +-25, 5 % lost", ALWAYS(MODERATE, .loss_good = 50)},
    {.name = "international", .about = "250 ms +-100, bursts of loss, 300 kb/s, out of order", ALWAYS(INTERNATIONAL)},
    {.name = "spiky", .about = "50 ms; from second 10 to 20 100 ms and a third lost", .count = 3,
     .steps = {BOTH(0, SPIKE_NONE), BOTH(10000, SPIKE), BOTH(20000, SPIKE_NONE)}},
    LIMITED(300), LIMITED(100), LIMITED(50), LIMITED(25),
    LOSS(1), LOSS(5), LOSS(10), LOSS(20), LOSS(30), LOSS(40), LOSS(50),
    LADDER(1), LADDER(5), LADDER(10), LADDER(20),
    BURSTY(5, 1.5, 3, 65), BURSTY(5, 2, 3, 50), BURSTY(5, 3, 2, 35), BURSTY(5, 4, 1, 25),
    BURSTY(10, 1.5, 7, 65), BURSTY(10, 2, 6, 50), BURSTY(10, 3, 4, 35), BURSTY(10, 4, 3, 25),
    BURSTY(20, 1.5, 16, 65), BURSTY(20, 2, 13, 50), BURSTY(20, 3, 9, 35), BURSTY(20, 4, 6, 25),
    BURSTY(30, 1.5, 28, 65), BURSTY(30, 2, 21, 50), BURSTY(30, 3, 15, 35), BURSTY(30, 4, 11, 25),
    BURSTY(40, 1.5, 43, 65), BURSTY(40, 2, 33, 50), BURSTY(40, 3, 23, 35), BURSTY(40, 4, 17, 25),
    BURSTY(50, 1.5, 65, 65), BURSTY(50, 2, 50, 50), BURSTY(50, 3, 35, 35), BURSTY(50, 4, 25, 25),
    {.name = "jitter", .about = "150 ms +-30", ALWAYS(.delay_ms = 150, .jitter_ms = 30)},
    {.name = "far", .about = "500 ms", ALWAYS(.delay_ms = 500)},
    {.name = "rtt-100", .about = "50 ms each way, nothing else", ALWAYS(.delay_ms = 50)},
    {.name = "steps", .about = "4 Mb/s for 20 s, 1 Mb/s for 10 s, again and again (down)", .repeat_ms = 30000, .count = 2,
     .steps = {DOWN(0, .rate_bps = 4000000, .queue_ms = 300, .delay_ms = 25),
               DOWN(20000, .rate_bps = 1000000, .queue_ms = 300, .delay_ms = 25)}},
    {.name = "narrow-up", .about = "300 kb/s up, 300 ms may wait", .count = 1,
     .steps = {UP(0, .rate_bps = 300000, .queue_ms = 300)}},
    {.name = "narrow-down", .about = "500 kb/s down, 300 ms may wait, 20 ms each way", .count = 1,
     .steps = {{.up = {.delay_ms = 20}, .down = {.delay_ms = 20, .rate_bps = 500000, .queue_ms = 300}}}},
    {.name = "tide", .about = "2 Mb/s for 12 s, 300 kb/s for 8 s, again and again (down)", .repeat_ms = 20000, .count = 2,
     .steps = {DOWN(0, .rate_bps = 2000000, .queue_ms = 300, .delay_ms = 10),
               DOWN(12000, .rate_bps = 300000, .queue_ms = 300, .delay_ms = 10)}},
    {.name = "collapse", .about = "2 Mb/s, from second 15 to 45 200 kb/s (down)", .count = 3,
     .steps = {DOWN(0, .rate_bps = 2000000, .queue_ms = 300, .delay_ms = 25),
               DOWN(15000, .rate_bps = 200000, .queue_ms = 300, .delay_ms = 25),
               DOWN(45000, .rate_bps = 2000000, .queue_ms = 300, .delay_ms = 25)}},
    {.name = "slump", .about = "50 ms each way, 2 Mb/s, from second 30 to 60 200 kb/s (down), 1 s may wait", .count = 3,
     .steps = {SLUMP(0, 2000000), SLUMP(30000, 200000), SLUMP(60000, 2000000)}},
    {.name = "reorder", .about = "20 ms, 2 % overtake", ALWAYS(.delay_ms = 20, .reordered = 20)},
    {.name = "duplicate", .about = "1 % come twice", ALWAYS(.duplicated = 10)},
    {.name = "bufferbloat", .about = "1 Mb/s, 1 s may wait", ALWAYS(.rate_bps = 1000000, .queue_ms = 1000, .delay_ms = 10)},
    {.name = "blackout", .about = "nothing passes from second 10 to 20", .count = 3,
     .steps = {BOTH(0, .delay_ms = 10), BOTH(10000, .delay_ms = 10, .down = true), BOTH(20000, .delay_ms = 10)}},
    {.name = "rebind", .about = "25 ms each way, another port every 2 s", .repeat_ms = 12000, .count = 6,
     .steps = {BOTH(0, .delay_ms = 25, .address = 1), BOTH(2000, .delay_ms = 25, .address = 2),
               BOTH(4000, .delay_ms = 25, .address = 3), BOTH(6000, .delay_ms = 25, .address = 4),
               BOTH(8000, .delay_ms = 25, .address = 5), BOTH(10000, .delay_ms = 25, .address = 6)}},
    {.name = "nothing", .about = "nothing passes; with --only-udp, a network that lets only TCP through", ALWAYS(.down = true)},
    {.name = "roam", .about = "another address from second 10 on", .count = 2,
     .steps = {BOTH(0, .delay_ms = 10), BOTH(10000, .delay_ms = 10, .address = 1)}},
};
/* clang-format on */

const struct net_profile *net_profile_at(size_t place)
{
    return place < IC_COUNT(profiles) ? &profiles[place] : NULL;
}

const struct net_profile *net_profile_find(const char *name)
{
    for (size_t i = 0; i < IC_COUNT(profiles); i++)
        if (strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    return NULL;
}

const struct net_step *net_profile_step(const struct net_profile *profile, uint64_t elapsed_ms,
                                        uint64_t *next_ms)
{
    uint64_t round = profile->repeat_ms ? elapsed_ms / profile->repeat_ms * profile->repeat_ms : 0;
    size_t at = 0;

    while (at + 1 < profile->count && profile->steps[at + 1].at_ms <= elapsed_ms - round)
        at++;
    if (at + 1 < profile->count)
        *next_ms = round + profile->steps[at + 1].at_ms;
    else
        *next_ms = profile->repeat_ms ? round + profile->repeat_ms : UINT64_MAX;
    return &profile->steps[at];
}
