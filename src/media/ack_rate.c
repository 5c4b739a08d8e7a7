/* The newest bucket is not full yet, and counts only if that makes more: what was held up comes all
 * at once. A rate that has just risen is not held down by what was before. */
#include "media/ack_rate.h"

enum {
    LATELY = 4, /* full buckets; at least these make a rate */
    JUST_NOW = 2,
};

static const double rising = 1.5;

void ic_ack_rate_init(struct ic_ack_rate *r)
{
    *r = (struct ic_ack_rate){0};
}

static void advance(struct ic_ack_rate *r, int64_t bucket)
{
    if (bucket - r->newest >= 2 * IC_ACK_BUCKETS) { /* a pause: what was before does not count */
        *r = (struct ic_ack_rate){.started = true, .first = bucket, .newest = bucket};
        return;
    }
    while (r->newest < bucket)
        r->bytes[++r->newest % IC_ACK_BUCKETS] = 0;
}

void ic_ack_rate_note(struct ic_ack_rate *r, size_t len, int64_t arrived)
{
    int64_t bucket = arrived / IC_ACK_BUCKET;

    if (!r->started)
        *r = (struct ic_ack_rate){.started = true, .first = bucket, .newest = bucket};
    if (bucket > r->newest)
        advance(r, bucket);
    if (bucket < r->first || r->newest - bucket >= IC_ACK_BUCKETS)
        return;
    r->bytes[bucket % IC_ACK_BUCKETS] += (uint32_t)len;
}

static uint32_t bps_of_last(const struct ic_ack_rate *r, int64_t buckets)
{
    uint64_t bytes = 0;

    for (int64_t i = 1; i <= buckets; i++)
        bytes += r->bytes[(r->newest - i) % IC_ACK_BUCKETS];
    return (uint32_t)(bytes * 8 * IC_NS_PER_SEC / ((uint64_t)buckets * IC_ACK_BUCKET));
}

/* The newest taken for full. */
static uint32_t bps_of_window(const struct ic_ack_rate *r)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < IC_ACK_BUCKETS; i++)
        bytes += r->bytes[i];
    return (uint32_t)(bytes * 8 * IC_NS_PER_SEC / (IC_ACK_BUCKETS * (uint64_t)IC_ACK_BUCKET));
}

uint32_t ic_ack_rate_bps(const struct ic_ack_rate *r)
{
    int64_t full = r->newest - r->first;

    if (!r->started || full < LATELY)
        return 0;
    uint32_t all = bps_of_last(r, full < IC_ACK_BUCKETS - 1 ? full : IC_ACK_BUCKETS - 1);
    uint32_t lately = bps_of_last(r, LATELY), held_up = bps_of_window(r);
    all = held_up > all ? held_up : all;
    return lately > all ? lately : all;
}

bool ic_ack_rate_rises(const struct ic_ack_rate *r)
{
    return ic_ack_rate_bps(r) > 0 && r->newest - r->first >= IC_ACK_BUCKETS - 1 &&
           bps_of_last(r, JUST_NOW) > rising * bps_of_last(r, IC_ACK_BUCKETS - 1);
}
