/* loss_rate.c - see the header. */
#include "media/loss_rate.h"

static const double low = 0.02, high = 0.10, growth = 1.08;
static const double sure = 1.5; /* standard deviations of what chance does */

enum {
    PACKETS_LEAST = 60,      /* make a judgement: of 20, three are lost too often by chance */
    SPAN_PACKETS_LEAST = 10, /* make a span count */
    GROWTH_ADDED_BPS = 1000,
};

#define GROWTH_EVERY IC_NS_PER_SEC
#define DECREASE_EVERY (300 * IC_NS_PER_MS)

void ic_loss_rate_init(struct ic_loss_rate *l, uint32_t bps)
{
    *l = (struct ic_loss_rate){.bps = bps};
}

void ic_loss_rate_note(struct ic_loss_rate *l, uint32_t lost, uint32_t expected)
{
    l->lost += lost;
    l->expected += expected;
    l->span_lost += lost;
    l->span_expected += expected;
}

static void end_span(struct ic_loss_rate *l, bool queued, int64_t now)
{
    if (now - l->span_at < IC_LOSS_SPAN || l->span_expected < SPAN_PACKETS_LEAST)
        return;
    if (!queued) {
        l->spans[l->span_count++ % IC_LOSS_SPANS] = (double)l->span_lost / l->span_expected;
        l->counted = l->span_expected;
    }
    l->span_lost = l->span_expected = 0;
    l->span_at = now;
}

double ic_loss_rate_own(const struct ic_loss_rate *l)
{
    double least = 1;

    if (l->span_count < IC_LOSS_SPANS)
        return 0;
    for (size_t i = 0; i < IC_LOSS_SPANS; i++)
        least = l->spans[i] < least ? l->spans[i] : least;
    return least;
}

/* More than `limit` beyond the path's own, and not by chance: of few packets, that varies. */
static bool exceeds(const struct ic_loss_rate *l, double excess, double limit)
{
    double own = ic_loss_rate_own(l), beyond = excess - limit;
    double variance = own > 0 ? own * (1 - own) * (1.0 / l->judged_count + 1.0 / l->counted) : 0;
    return beyond > 0 && beyond * beyond > sure * sure * variance;
}

static double judged(struct ic_loss_rate *l, double bps, int64_t rtt, int64_t now)
{
    double excess = l->fraction - ic_loss_rate_own(l);

    if (exceeds(l, excess, high) && now - l->decreased_at >= DECREASE_EVERY + rtt) {
        l->decreased_at = now;
        return bps * (1 - 0.5 * excess);
    }
    if (!exceeds(l, excess, low) && now - l->increased_at >= GROWTH_EVERY) {
        l->increased_at = now;
        return bps * growth + GROWTH_ADDED_BPS;
    }
    return bps;
}

void ic_loss_rate_update(struct ic_loss_rate *l, bool queued, int64_t rtt, int64_t now,
                         uint32_t least_bps, uint32_t most_bps)
{
    double bps = l->bps;

    end_span(l, queued, now);
    if (l->expected >= PACKETS_LEAST) {
        l->fraction = (double)l->lost / l->expected;
        l->judged_count = l->expected;
        l->lost = l->expected = 0;
        bps = judged(l, bps, rtt, now);
    }
    bps = bps > most_bps ? most_bps : bps;
    l->bps = (uint32_t)(bps < least_bps ? least_bps : bps);
}
