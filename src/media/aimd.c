/* Near the rate at which the queue last grew, up by a fixed step; far from it, by 8 % a second. */
#include "media/aimd.h"

static const double decrease = 0.85, growth_a_second = 0.08, added_share = 0.15;
static const double capacity_share = 0.05, variance_least = 0.4, variance_most = 2.5;
static const double deviations = 3;

enum {
    RTT_UNKNOWN_MS = 200,
    AHEAD_BPS = 10000, /* of one and a half times what arrives */
    ADDED_BPS = 80000, /* a second */
};

void ic_aimd_init(struct ic_aimd *a, uint32_t bps)
{
    *a = (struct ic_aimd){.bps = bps, .increasing = true};
}

static double square_root(double value)
{
    double root = value > 1 ? value : 1;
    for (int i = 0; i < 20; i++)
        root = (root + value / root) / 2;
    return root;
}

static double capacity_deviation(const struct ic_aimd *a)
{
    return square_root(a->capacity_variance * a->capacity_kbps);
}

static void note_capacity(struct ic_aimd *a, double kbps)
{
    if (a->capacity_kbps <= 0) {
        a->capacity_kbps = kbps;
        a->capacity_variance = variance_least;
        return;
    }
    double apart = a->capacity_kbps - kbps;
    a->capacity_kbps -= capacity_share * apart;
    double norm = a->capacity_kbps > 1 ? a->capacity_kbps : 1;
    double variance =
        (1 - capacity_share) * a->capacity_variance + capacity_share * apart * apart / norm;
    variance = variance < variance_least ? variance_least : variance;
    a->capacity_variance = variance > variance_most ? variance_most : variance;
}

/* The same for everybody, whatever the round trip, so that flows that meet come to share. */
static double additive(const struct ic_aimd *a)
{
    double share = added_share * a->bps;
    return share < ADDED_BPS ? share : ADDED_BPS;
}

static double increased(struct ic_aimd *a, uint32_t acked_bps, double elapsed_s)
{
    double bps = a->bps, acked_kbps = acked_bps / 1000.0;

    if (a->capacity_kbps > 0 && acked_kbps > a->capacity_kbps + deviations * capacity_deviation(a))
        a->capacity_kbps = 0; /* the path is wider than it was */
    if (a->capacity_kbps > 0)
        bps += additive(a) * elapsed_s;
    else
        bps += (bps * growth_a_second > 1000 ? bps * growth_a_second : 1000) * elapsed_s;
    /* Not far above what was tried: no growth, but no loss of what a probe has shown either. */
    double most = 1.5 * acked_bps + AHEAD_BPS;
    if (acked_bps > 0 && bps > most)
        bps = most > a->bps ? most : a->bps;
    return bps;
}

static double decreased(struct ic_aimd *a, uint32_t acked_bps)
{
    double got = acked_bps > 0 ? acked_bps : a->bps;
    double bps = decrease * got;

    if (bps > a->bps && a->capacity_kbps > 0)
        bps = decrease * a->capacity_kbps * 1000;
    if (a->capacity_kbps > 0 && got / 1000 < a->capacity_kbps - deviations * capacity_deviation(a))
        a->capacity_kbps = 0;
    note_capacity(a, got / 1000);
    return bps < a->bps ? bps : a->bps;
}

/* The effect of one decrease shows after a round trip; meanwhile only a disaster counts. */
static bool may_decrease(const struct ic_aimd *a, uint32_t acked_bps, int64_t rtt, int64_t now)
{
    int64_t wait = rtt > 0 ? rtt : RTT_UNKNOWN_MS * IC_NS_PER_MS;
    wait = wait < 10 * IC_NS_PER_MS ? 10 * IC_NS_PER_MS : wait;
    wait = wait > 200 * IC_NS_PER_MS ? 200 * IC_NS_PER_MS : wait;
    return a->decreased_at == 0 || now - a->decreased_at >= wait ||
           (acked_bps > 0 && acked_bps < a->bps / 2);
}

static double clamp(double value, double least, double most)
{
    value = value > most ? most : value;
    return value < least ? least : value;
}

void ic_aimd_update(struct ic_aimd *a, enum ic_usage usage, uint32_t acked_bps, int64_t rtt,
                    int64_t now, uint32_t least_bps, uint32_t most_bps)
{
    double elapsed_s = a->updated_at ? (double)(now - a->updated_at) / (double)IC_NS_PER_SEC : 0;
    double bps = a->bps;

    elapsed_s = elapsed_s > 1 ? 1 : elapsed_s;
    a->updated_at = now;
    if (usage == IC_USAGE_OVER) {
        if (may_decrease(a, acked_bps, rtt, now)) {
            bps = decreased(a, acked_bps);
            a->decreased_at = now;
        }
        a->increasing = false;
    } else if (usage == IC_USAGE_UNDER) {
        a->increasing = false; /* let the queue run empty */
    } else if (!a->increasing) {
        a->increasing = true;
    } else {
        bps = increased(a, acked_bps, elapsed_s);
    }
    a->bps = (uint32_t)clamp(bps, least_bps, most_bps);
}

void ic_aimd_collapse(struct ic_aimd *a, uint32_t bps, int64_t now, uint32_t least_bps)
{
    a->capacity_kbps = 0;
    note_capacity(a, bps / 1000.0);
    a->bps = (uint32_t)clamp(decrease * bps, least_bps, a->bps);
    a->updated_at = a->decreased_at = now;
    a->increasing = false;
}

void ic_aimd_raise(struct ic_aimd *a, uint32_t bps, int64_t now)
{
    if (bps <= a->bps)
        return;
    a->bps = bps;
    a->updated_at = now;
    if (bps / 1000.0 > a->capacity_kbps)
        a->capacity_kbps = 0;
}
