/* bwe.c - one feedback at a time: what became of each packet goes to the parts, then they judge. */
#include "media/bwe.h"

#include <assert.h>

enum { FATE_UNUSED, FATE_UNDER_WAY, FATE_MISSING, FATE_ARRIVED };
enum {
    IP_UDP_LEN = 28, /* of IPv4; the path carries them too */
    LEN_MOST = 2047,
    SENT_MASK = (1 << 24) - 1,
    NAME_MASK = (1 << IC_BWE_NAME_BITS) - 1,
};

#define ARRIVAL_WRAP ((INT64_C(1) << 24) * 64 * IC_NS_PER_MS)
#define SENT_UNIT INT64_C(8000)
#define SILENCE (IC_NS_PER_SEC) /* with packets under way, and no feedback */
#define SILENCE_RTTS 3
#define PROBE_WAIT_LEAST (IC_NS_PER_SEC)
#define PROBE_WAIT_MOST (8 * IC_NS_PER_SEC)
#define PROBE_WAIT_COLLAPSED (4 * IC_NS_PER_SEC) /* it may be over any moment */
#define PROBE_CALM (2 * IC_NS_PER_SEC)           /* after the queue grew */

#define SPAN_LEAST (50 * IC_NS_PER_MS)   /* of arrivals that make a rate */
#define LATE_LEAST (40 * IC_NS_PER_MS)   /* than usual */
#define WAITS_LEAST (500 * IC_NS_PER_MS) /* longer than a round trip */
#define FULL_MOST (500 * IC_NS_PER_MS)

static const double collapse_share = 0.4;  /* of the estimate */
static const double full_share = 0.25;     /* of the time that all that is under way takes */
static const double probe_most = 3;        /* times the estimate, at the start */
static const double probe_step = 2;        /* later */
static const double probe_beyond = 1.2;    /* times what is wanted */
static const double probe_room = 0.8;      /* sent of the estimate: less than this leaves room */
static const double probe_collapsed = 0.5; /* of the best that was lately */
static const double own_most = 0.9;        /* of it is believed */
static const double queue_long_ms = 60, queue_of_burst_ms = 400;
static const double best_fading_s = 30;
static const double probe_worth = 1.05; /* a result above this times the estimate was worth it */

void ic_bwe_init(struct ic_bwe *b, struct ic_bwe_packet *sent, size_t count, int64_t now)
{
    assert(count > 0 && count <= IC_BWE_SENT_MOST && (count & (count - 1)) == 0);
    memset(b, 0, sizeof *b);
    b->sent = sent;
    b->sent_mask = (uint16_t)(count - 1);
    b->start = now;
    b->probe_wait = PROBE_WAIT_LEAST;
    ic_delay_trend_init(&b->trend);
    ic_ack_rate_init(&b->acked);
    ic_aimd_init(&b->aimd, IC_BWE_START_BPS);
    ic_loss_rate_init(&b->loss, IC_BWE_START_BPS);
}

uint32_t ic_bwe_bps(const struct ic_bwe *b)
{
    uint32_t bps = b->aimd.bps < b->loss.bps ? b->aimd.bps : b->loss.bps;
    return b->remb_bps > 0 && b->remb_bps < bps ? b->remb_bps : bps;
}

double ic_bwe_queue_ms(const struct ic_bwe *b)
{
    return ic_delay_trend_newest_ms(&b->trend);
}

/* ---- sent ---- */

static void settle(struct ic_bwe *b, const struct ic_bwe_packet *p)
{
    if (p->fate == FATE_UNDER_WAY)
        b->under_way -= p->len;
}

_Static_assert(sizeof(struct ic_bwe_packet) == 8, "as the header says");

static uint32_t units_of(const struct ic_bwe *b, int64_t now)
{
    return (uint32_t)((now - b->start) / SENT_UNIT) & SENT_MASK;
}

/* When it was sent, in our time; the entry holds the low bits. */
static int64_t sent_at(const struct ic_bwe *b, const struct ic_bwe_packet *p, int64_t now)
{
    return now - ((units_of(b, now) - p->sent) & SENT_MASK) * SENT_UNIT;
}

void ic_bwe_sent(struct ic_bwe *b, uint16_t seq, size_t len, uint32_t name, int64_t now)
{
    len += IP_UDP_LEN;
    bool probing = b->probe.sending;
    struct ic_bwe_packet *p = &b->sent[seq & b->sent_mask];

    settle(b, p);
    *p = (struct ic_bwe_packet){
        .sent = units_of(b, now),
        .len = len < LEN_MOST ? len : LEN_MOST,
        .fate = FATE_UNDER_WAY,
        .cluster = probing ? b->probe.cluster : 0,
        .name = name & NAME_MASK,
    };
    b->under_way += p->len;
    b->newest = seq;
    b->any_sent = true;
    b->sent_at = now;
    if (probing)
        ic_probe_sent(&b->probe, len, now);
}

/* ---- feedback ---- */

static bool is_remembered(const struct ic_bwe *b, uint16_t seq)
{
    return (uint16_t)(b->newest - seq) <= b->sent_mask;
}

bool ic_bwe_is_under_way(const struct ic_bwe *b, uint16_t seq, int64_t now, uint32_t *name,
                         int64_t *sent)
{
    const struct ic_bwe_packet *p = &b->sent[seq & b->sent_mask];

    if (!is_remembered(b, seq) || p->fate != FATE_UNDER_WAY)
        return false;
    *name = p->name;
    *sent = sent_at(b, p, now);
    return true;
}

static int64_t unwrapped(struct ic_bwe *b, int64_t wire)
{
    if (!b->any_feedback) {
        b->any_feedback = true;
        b->arrival_wire = wire;
        b->arrival = ARRIVAL_WRAP + wire;
    }
    int64_t ahead = (wire - b->arrival_wire) % ARRIVAL_WRAP;
    if (ahead > ARRIVAL_WRAP / 2)
        ahead -= ARRIVAL_WRAP;
    if (ahead < -ARRIVAL_WRAP / 2)
        ahead += ARRIVAL_WRAP;
    int64_t arrival = b->arrival + ahead;
    if (ahead > 0) {
        b->arrival_wire = wire;
        b->arrival = arrival;
    }
    return arrival;
}

static bool is_of_probe(const struct ic_bwe *b, const struct ic_bwe_packet *p)
{
    return p->cluster != 0 && p->cluster == b->probe.cluster;
}

static void take_arrival(struct ic_bwe *b, struct ic_bwe_packet *p, int64_t wire, int64_t now,
                         int64_t *rtt)
{
    int64_t sent = sent_at(b, p, now), arrived = unwrapped(b, wire);

    *rtt = now - sent < *rtt ? now - sent : *rtt;
    if (p->fate == FATE_MISSING) /* it was late, not lost: what was said is taken back */
        b->lost_count -= b->lost_count > 0;
    else
        ic_loss_rate_note(&b->loss, 0, 1);
    p->fate = FATE_ARRIVED;
    b->acked_count++;
    b->arrived_bytes += p->len;
    ic_delay_trend_note(&b->trend, sent, arrived);
    ic_ack_rate_note(&b->acked, p->len, arrived);
    if (is_of_probe(b, p))
        ic_probe_arrived(&b->probe, p->len, sent, arrived);
}

static void take_result(struct ic_bwe *b, const struct ic_twcc_result *result, int64_t now,
                        int64_t *rtt)
{
    struct ic_bwe_packet *p = &b->sent[result->seq & b->sent_mask];

    if (!is_remembered(b, result->seq) || p->fate == FATE_UNUSED || p->fate == FATE_ARRIVED)
        return; /* told twice, forgotten, or never sent */
    settle(b, p);
    if (is_of_probe(b, p) && p->fate == FATE_UNDER_WAY)
        ic_probe_told(&b->probe, p->len);
    if (result->arrived) {
        take_arrival(b, p, result->at_ns, now, rtt);
    } else if (p->fate == FATE_UNDER_WAY) {
        p->fate = FATE_MISSING;
        b->lost_count++;
        ic_loss_rate_note(&b->loss, 1, 1);
    }
}

bool ic_bwe_has_seen_no_limit(const struct ic_bwe *b)
{
    return b->aimd.decreased_at == 0 && b->loss.decreased_at == 0 && b->backed_off_at == 0;
}

/* At the start the estimate is a guess, and what gets through is knowledge. */
static void learn(struct ic_bwe *b, uint32_t acked, int64_t now)
{
    if (!ic_bwe_has_seen_no_limit(b) || b->trend.usage != IC_USAGE_NORMAL ||
        acked > IC_BWE_MOST_BPS)
        return;
    ic_aimd_raise(&b->aimd, acked, now);
    b->loss.bps = acked > b->loss.bps ? acked : b->loss.bps;
}

/* What arrives, and what the path loses by itself: that took its rate, too. */
static uint32_t carried(const struct ic_bwe *b)
{
    return (uint32_t)(ic_ack_rate_bps(&b->acked) / (1 - own_most * ic_loss_rate_own(&b->loss)));
}

/* More is sent than just before, and its first burst queues for a moment: what gets through cannot
 * be told yet. If it is too much, that will be said again. */
static enum ic_usage usage_of(const struct ic_bwe *b)
{
    bool burst = b->trend.usage == IC_USAGE_OVER && ic_ack_rate_rises(&b->acked) &&
                 ic_delay_trend_queue_ms(&b->trend) < queue_of_burst_ms;
    return burst ? IC_USAGE_UNDER : b->trend.usage;
}

static void judge(struct ic_bwe *b, int64_t now)
{
    uint32_t acked = carried(b);

    learn(b, acked, now);
    ic_aimd_update(&b->aimd, usage_of(b), acked, b->rtt, now, IC_BWE_LEAST_BPS, IC_BWE_MOST_BPS);
    bool queued = ic_delay_trend_queue_ms(&b->trend) > queue_long_ms;
    ic_loss_rate_update(&b->loss, queued, b->rtt, now, IC_BWE_LEAST_BPS, b->aimd.bps);
}

/* How long what is under way takes at this rate. */
static int64_t waits(const struct ic_bwe *b, double bps)
{
    return (int64_t)(b->under_way * 8.0 * (double)IC_NS_PER_SEC / bps);
}

/* The path has become so narrow that what is on it takes half a second more, and what comes is late
 * already. A path that stands still for a moment is not: nothing comes, then all. */
static bool is_collapsing(const struct ic_bwe *b, uint32_t bytes, int64_t span, int64_t rtt,
                          uint32_t *bps)
{
    if (span < SPAN_LEAST || b->rtt == 0 || rtt < b->rtt + LATE_LEAST || bytes == 0)
        return false;
    double rate = (double)bytes * 8 * (double)IC_NS_PER_SEC / (double)span;
    *bps = (uint32_t)rate;
    return rate < collapse_share * ic_bwe_bps(b) && waits(b, rate) > rtt + WAITS_LEAST;
}

/* Some of what is under way is lost already, which nobody knows yet. */
static void collapse(struct ic_bwe *b, uint32_t bps, int64_t now)
{
    int64_t full = (int64_t)(full_share * (double)waits(b, bps));

    b->full_until = now + (full < FULL_MOST ? full : FULL_MOST);
    ic_aimd_collapse(&b->aimd, bps, now, IC_BWE_LEAST_BPS);
    b->trend.usage = IC_USAGE_UNDER;
}

/* What a feedback told of that was lost itself: it arrived as what others told of did. No further
 * back than is remembered, however far a feedback leaps. */
static uint32_t untold_bytes(const struct ic_bwe *b, uint16_t first)
{
    bool leaps = (int16_t)(uint16_t)(first - b->told) > b->sent_mask;
    uint32_t bytes = 0;

    for (uint16_t seq = leaps ? (uint16_t)(first - b->sent_mask) : b->told;
         (int16_t)(uint16_t)(first - seq) > 0; seq++)
        if (is_remembered(b, seq) && b->sent[seq & b->sent_mask].fate == FATE_UNDER_WAY)
            bytes += b->sent[seq & b->sent_mask].len;
    return (uint32_t)(bytes * (1 - ic_loss_rate_own(&b->loss)));
}

static void note_untold(struct ic_bwe *b, const struct ic_twcc_result *results, size_t count)
{
    uint16_t end = (uint16_t)(results[count - 1].seq + 1);

    if (b->feedback_at != 0)
        ic_ack_rate_note(&b->acked, untold_bytes(b, results[0].seq), b->arrival);
    if (b->feedback_at == 0 || (int16_t)(uint16_t)(end - b->told) > 0)
        b->told = end;
}

void ic_bwe_feedback(struct ic_bwe *b, const struct ic_twcc_result *results, size_t count,
                     int64_t now)
{
    int64_t rtt = INT64_MAX, from = b->arrival;
    uint32_t came = b->arrived_bytes, bps;

    if (!b->any_sent || count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        take_result(b, &results[i], now, &rtt);
    note_untold(b, results, count);
    if (rtt == INT64_MAX)
        return;
    if (is_collapsing(b, b->arrived_bytes - came, b->arrival - from, rtt, &bps))
        collapse(b, bps, now);
    b->rtt = b->rtt == 0 ? rtt : b->rtt + (rtt - b->rtt) / 8;
    b->feedback_at = now;
    judge(b, now);
}

void ic_bwe_rerouted(struct ic_bwe *b)
{
    for (size_t i = 0; i <= b->sent_mask; i++)
        if (b->sent[i].fate == FATE_UNDER_WAY)
            b->sent[i].fate = FATE_UNUSED;
    b->under_way = 0;
    ic_delay_trend_init(&b->trend);
    ic_ack_rate_init(&b->acked); /* nothing arrived for a while, and not for want of room */
}

void ic_bwe_remb(struct ic_bwe *b, uint64_t bps)
{
    b->remb_bps = bps < IC_BWE_LEAST_BPS  ? IC_BWE_LEAST_BPS
                  : bps > IC_BWE_MOST_BPS ? IC_BWE_MOST_BPS
                                          : (uint32_t)bps;
}

/* ---- time ---- */

/* Nothing comes back: the path is gone or full. Half as much, again and again. */
static void answer_silence(struct ic_bwe *b, int64_t now)
{
    int64_t patience = SILENCE + SILENCE_RTTS * b->rtt;
    int64_t since = b->feedback_at > b->backed_off_at ? b->feedback_at : b->backed_off_at;

    if (b->feedback_at == 0 || b->sent_at <= b->feedback_at || now - since < patience ||
        now - b->sent_at > patience)
        return;
    b->backed_off_at = now;
    uint32_t half = ic_bwe_bps(b) / 2;
    half = half < IC_BWE_LEAST_BPS ? IC_BWE_LEAST_BPS : half;
    b->aimd.bps = half < b->aimd.bps ? half : b->aimd.bps;
    b->loss.bps = half < b->loss.bps ? half : b->loss.bps;
}

static bool is_collapsed(const struct ic_bwe *b)
{
    return ic_bwe_bps(b) < probe_collapsed * b->best_bps;
}

static void end_probe(struct ic_bwe *b, int64_t now)
{
    uint32_t bps;
    enum ic_probe_result result = ic_probe_result(&b->probe, &bps, now);

    if (result == IC_PROBE_PENDING)
        return;
    bool worth = result == IC_PROBE_DONE && b->trend.usage != IC_USAGE_OVER &&
                 bps > probe_worth * ic_bwe_bps(b);
    b->probe_wait = worth ? PROBE_WAIT_LEAST : 2 * b->probe_wait;
    int64_t most = is_collapsed(b) ? PROBE_WAIT_COLLAPSED : PROBE_WAIT_MOST;
    b->probe_wait = b->probe_wait > most ? most : b->probe_wait;
    b->probe_after = now + b->probe_wait;
    if (!worth)
        return;
    b->probe_after = now; /* there may be still more */
    ic_aimd_raise(&b->aimd, bps, now);
    b->loss.bps = bps > b->loss.bps ? bps : b->loss.bps;
}

static bool is_calm(const struct ic_bwe *b, int64_t now)
{
    return b->trend.usage == IC_USAGE_NORMAL && b->feedback_at > 0 &&
           (b->sent_at <= b->feedback_at || now - b->feedback_at < SILENCE) &&
           (b->aimd.decreased_at == 0 || now - b->aimd.decreased_at > PROBE_CALM) &&
           (b->loss.decreased_at == 0 || now - b->loss.decreased_at > PROBE_CALM);
}

/* Who sends all that the estimate allows learns from that; a burst on top would take from others on
 * the same path. But before the first sign of a limit nothing is known yet, and after a collapse
 * step by step would take minutes. */
static bool has_room(const struct ic_bwe *b, int64_t now)
{
    return ic_bwe_has_seen_no_limit(b) || now - b->sent_at > SILENCE || is_collapsed(b) ||
           ic_ack_rate_bps(&b->acked) < probe_room * ic_bwe_bps(b);
}

static void begin_probe(struct ic_bwe *b, int64_t now)
{
    uint32_t bps = ic_bwe_bps(b);
    double aim = probe_beyond * b->wanted_bps;
    double most = (b->probes == 0 ? probe_most : probe_step) * bps;

    if (b->wanted_bps <= bps || !has_room(b, now) || b->probe.sending || b->probe.waiting ||
        now < b->probe_after || !is_calm(b, now) || (b->remb_bps > 0 && bps >= b->remb_bps))
        return;
    b->probes++;
    ic_probe_start(&b->probe, (uint32_t)(aim < most ? aim : most), now);
}

void ic_bwe_want(struct ic_bwe *b, uint32_t bps)
{
    b->wanted_bps = bps > IC_BWE_MOST_BPS ? IC_BWE_MOST_BPS : bps;
}

static void fade_best(struct ic_bwe *b, int64_t now)
{
    double elapsed_s = b->ticked_at ? (double)(now - b->ticked_at) / (double)IC_NS_PER_SEC : 0;
    double bps = ic_bwe_bps(b);

    b->ticked_at = now;
    b->best_bps -= b->best_bps * (elapsed_s < best_fading_s ? elapsed_s / best_fading_s : 1);
    b->best_bps = bps > b->best_bps ? bps : b->best_bps;
}

void ic_bwe_tick(struct ic_bwe *b, int64_t now)
{
    fade_best(b, now);
    answer_silence(b, now);
    end_probe(b, now);
    begin_probe(b, now);
}
