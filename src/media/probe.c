/* probe.c - the rate of arrival, held against the rate of sending. */
#include "media/probe.h"

static const double enough = 0.6;    /* of what is known: a path may lose a fifth by itself */
static const double known = 0.4;     /* of what was sent */
static const double saturated = 0.9; /* arrivals this much slower than sends: that is the limit */
static const double of_limit = 0.95;
static const double unlikely = 2; /* arrivals this much faster: the burst was held together */

void ic_probe_start(struct ic_probe *p, uint32_t bps, int64_t now)
{
    *p = (struct ic_probe){.cluster = (uint8_t)(p->cluster % IC_PROBE_CLUSTERS + 1),
                           .sending = true,
                           .bps = bps,
                           .started_at = now};
}

static size_t aim(const struct ic_probe *p, int64_t now)
{
    int64_t elapsed = now - p->started_at;
    elapsed = elapsed > IC_PROBE_LENGTH ? IC_PROBE_LENGTH : elapsed;
    return (size_t)(elapsed * p->bps / 8 / IC_NS_PER_SEC);
}

static bool is_long_enough(const struct ic_probe *p, int64_t now)
{
    return now - p->started_at >= IC_PROBE_LENGTH && p->sent_bytes >= aim(p, now) &&
           p->sent_count >= IC_PROBE_PACKETS_LEAST;
}

size_t ic_probe_due(const struct ic_probe *p, int64_t now)
{
    size_t due = aim(p, now);
    if (!p->sending || is_long_enough(p, now))
        return 0;
    if (due > p->sent_bytes)
        return due - p->sent_bytes;
    return now - p->started_at >= IC_PROBE_LENGTH; /* too few packets yet */
}

static void end_burst(struct ic_probe *p, int64_t now)
{
    p->sending = false;
    p->waiting = true;
    p->ended_at = now;
}

void ic_probe_sent(struct ic_probe *p, size_t len, int64_t now)
{
    p->sent_count++;
    p->sent_bytes += (uint32_t)len;
    if (is_long_enough(p, now) || p->sent_count >= IC_PROBE_PACKETS_MOST)
        end_burst(p, now);
}

void ic_probe_told(struct ic_probe *p, size_t len)
{
    p->told_count++;
    p->told_bytes += (uint32_t)len;
}

void ic_probe_arrived(struct ic_probe *p, size_t len, int64_t sent, int64_t arrived)
{
    if (p->count == 0 || sent < p->first_sent)
        p->first_sent = sent;
    if (p->count == 0 || sent >= p->last_sent) {
        p->last_sent = sent;
        p->last_sent_len = (uint32_t)len;
    }
    if (p->count == 0 || arrived < p->first_arrived) {
        p->first_arrived = arrived;
        p->first_arrived_len = (uint32_t)len;
    }
    if (p->count == 0 || arrived > p->last_arrived)
        p->last_arrived = arrived;
    p->count++;
    p->bytes += (uint32_t)len;
}

static bool is_known(const struct ic_probe *p)
{
    return p->told_count >= known * p->sent_count && p->told_bytes >= known * p->sent_bytes;
}

/* Of n packets n - 1 gaps are seen: the last sent and the first arrived took no part in them. */
static bool rate_of(const struct ic_probe *p, double *bps)
{
    double send_s = (double)(p->last_sent - p->first_sent) / (double)IC_NS_PER_SEC;
    double arrival_s = (double)(p->last_arrived - p->first_arrived) / (double)IC_NS_PER_SEC;

    if (!is_known(p) || p->count < enough * p->told_count || p->bytes < enough * p->told_bytes ||
        send_s <= 0 || arrival_s <= 0)
        return false;
    double sent_bps = 8.0 * (p->bytes - p->last_sent_len) / send_s;
    double arrived_bps = 8.0 * (p->bytes - p->first_arrived_len) / arrival_s;
    if (arrived_bps > unlikely * sent_bps)
        return false;
    *bps = arrived_bps < saturated * sent_bps ? of_limit * arrived_bps
           : arrived_bps < sent_bps           ? arrived_bps
                                              : sent_bps;
    return true;
}

enum ic_probe_result ic_probe_result(struct ic_probe *p, uint32_t *bps, int64_t now)
{
    double rate;

    if (p->sending && is_long_enough(p, now))
        end_burst(p, now);
    if (p->sending && now - p->started_at > IC_PROBE_PATIENCE) {
        p->sending = false; /* nobody had padding to send */
        return IC_PROBE_FAILED;
    }
    if (!p->waiting || (p->told_count < p->sent_count && now - p->ended_at < IC_PROBE_PATIENCE))
        return IC_PROBE_PENDING;
    p->waiting = false;
    if (!rate_of(p, &rate))
        return IC_PROBE_FAILED;
    *bps = (uint32_t)rate;
    return IC_PROBE_DONE;
}
