/* pacer.c - a bucket that fills at the rate; whoever finds it not below zero may leave. */
#include "media/pacer.h"

enum { CREDIT_MS = 10 }; /* what may be saved up: one or two ticks */

static double bytes_of(const struct ic_pacer *p, int64_t ns)
{
    return (double)p->bps / 8 * ((double)ns / (double)IC_NS_PER_SEC);
}

void ic_pacer_init(struct ic_pacer *p, uint32_t estimate_bps, int64_t now)
{
    p->credit = 0;
    p->bps = p->waiting_bytes = 0;
    p->video.at = p->video.count = 0;
    p->at = now;
    ic_pacer_set(p, estimate_bps, now);
}

static double credit_at(const struct ic_pacer *p, int64_t now)
{
    double credit = p->credit + bytes_of(p, now - p->at);
    double most = bytes_of(p, CREDIT_MS * IC_NS_PER_MS);
    return credit > most ? most : credit;
}

static void refill(struct ic_pacer *p, int64_t now)
{
    p->credit = credit_at(p, now);
    p->at = now;
}

void ic_pacer_set(struct ic_pacer *p, uint32_t estimate_bps, int64_t now)
{
    refill(p, now);
    p->bps = (uint32_t)(IC_PACER_FACTOR * estimate_bps);
}

bool ic_pacer_may(const struct ic_pacer *p, enum ic_pace pace, int64_t now)
{
    return pace == IC_PACE_VOICE || (p->video.count == 0 && credit_at(p, now) >= 0);
}

void ic_pacer_spend(struct ic_pacer *p, size_t len, int64_t now)
{
    refill(p, now);
    p->credit -= (double)len;
}

bool ic_pacer_pass(struct ic_pacer *p, enum ic_pace pace, size_t len, int64_t now)
{
    if (!ic_pacer_may(p, pace, now))
        return false;
    ic_pacer_spend(p, len, now);
    return true;
}

enum ic_err ic_pacer_hold(struct ic_pacer *p, const struct ic_paced *packet)
{
    struct ic_pace_queue *q = &p->video;

    if (q->count == IC_PACER_WAITING)
        return IC_ERR_FULL;
    q->waiting[(q->at + q->count++) % IC_PACER_WAITING] = *packet;
    p->waiting_bytes += packet->len;
    return IC_OK;
}

bool ic_pacer_take(struct ic_pacer *p, struct ic_paced *out, int64_t now)
{
    struct ic_pace_queue *q = &p->video;

    refill(p, now);
    if (q->count == 0 || p->credit < 0)
        return false;
    *out = q->waiting[q->at];
    q->at = (q->at + 1) % IC_PACER_WAITING;
    q->count--;
    p->waiting_bytes -= out->len;
    return true;
}

void ic_pacer_forget(struct ic_pacer *p, uint16_t slot)
{
    struct ic_pace_queue *q = &p->video;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < q->count; i++) {
        struct ic_paced packet = q->waiting[(q->at + i) % IC_PACER_WAITING];
        if (packet.slot == slot)
            p->waiting_bytes -= packet.len;
        else
            q->waiting[(q->at + kept++) % IC_PACER_WAITING] = packet;
    }
    q->count = kept;
}

int64_t ic_pacer_debt_ns(const struct ic_pacer *p, int64_t now)
{
    double credit = credit_at(p, now);
    return credit < 0 && p->bps ? (int64_t)(-credit * 8 * (double)IC_NS_PER_SEC / p->bps) : 0;
}

int64_t ic_pacer_next(const struct ic_pacer *p, int64_t now)
{
    if (p->video.count == 0)
        return INT64_MAX;
    int64_t debt = ic_pacer_debt_ns(p, now);
    return debt > 0 ? now + debt + 1 : now;
}

int64_t ic_pacer_backlog_ns(const struct ic_pacer *p)
{
    return p->bps ? (int64_t)((double)p->waiting_bytes * 8 * (double)IC_NS_PER_SEC / p->bps) : 0;
}
