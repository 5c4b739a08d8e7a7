/* pacer.c - a bucket that fills at the rate; whoever finds it not below zero may leave. */
#include "media/pacer.h"

enum {
    CREDIT_MS = 10,       /* what may be saved up: one or two ticks */
    BETWEEN_LEAST = 4000, /* bytes between two packets of a voice */
};

#define VOICE_EVERY (20 * IC_NS_PER_MS)
#define VOICE_LEAST (15 * IC_NS_PER_MS) /* of several voices one counts */
#define VOICE_MOST (30 * IC_NS_PER_MS)  /* after that nothing waits for the next */

static const double between_voices = 1.35; /* times the steady rate */

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
    p->since_voice = 0;
    p->voice_at = now - VOICE_MOST;
    ic_pacer_set(p, estimate_bps, UINT32_MAX, now);
}

/* Has so much left since the last voice that the next should go first? */
static bool crowds_voice(const struct ic_pacer *p, int64_t now)
{
    double every_s = (double)VOICE_EVERY / (double)IC_NS_PER_SEC;
    double most = between_voices * p->steady_bps / 8 * every_s;
    return now - p->voice_at < VOICE_MOST &&
           p->since_voice >= (most > BETWEEN_LEAST ? most : BETWEEN_LEAST);
}

void ic_pacer_voice(struct ic_pacer *p, int64_t now)
{
    if (now - p->voice_at < VOICE_LEAST)
        return;
    p->voice_at = now;
    p->since_voice = 0;
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

void ic_pacer_set(struct ic_pacer *p, uint32_t estimate_bps, uint32_t steady_bps, int64_t now)
{
    refill(p, now);
    p->steady_bps = steady_bps;
    p->bps = (uint32_t)(IC_PACER_FACTOR * estimate_bps);
}

bool ic_pacer_may(const struct ic_pacer *p, enum ic_pace pace, int64_t now)
{
    return pace == IC_PACE_VOICE ||
           (p->video.count == 0 && credit_at(p, now) >= 0 && !crowds_voice(p, now));
}

void ic_pacer_spend(struct ic_pacer *p, size_t len, int64_t now)
{
    refill(p, now);
    p->credit -= (double)len;
    p->since_voice += (uint32_t)len;
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
    if (q->count == 0 || p->credit < 0 || crowds_voice(p, now))
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
    int64_t debt = ic_pacer_debt_ns(p, now), next = debt > 0 ? now + debt + 1 : now;
    int64_t alone = p->voice_at + VOICE_MOST;
    return crowds_voice(p, now) && alone > next ? alone : next;
}

int64_t ic_pacer_backlog_ns(const struct ic_pacer *p)
{
    return p->bps ? (int64_t)((double)p->waiting_bytes * 8 * (double)IC_NS_PER_SEC / p->bps) : 0;
}
