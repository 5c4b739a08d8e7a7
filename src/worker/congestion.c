/* congestion.c - between the pure parts (bwe, pacer, alloc) and the slots. */
#include "worker/congestion.h"

#include "media/alloc.h"
#include "worker/forward.h"
#include "worker/orders.h"
#include "worker/transport.h"
#include "worker/worker.h"

#define ALLOCATE_EVERY (90 * IC_NS_PER_MS)
#define PADDING_EVERY (5 * IC_NS_PER_MS)
#define TELL_EVERY IC_NS_PER_SEC
#define GRACE (2 * IC_NS_PER_SEC)        /* after the first feedback nothing is switched off */
#define WARY (10 * IC_NS_PER_SEC)        /* after the first feedback, and */
#define REMEMBERS (30 * IC_NS_PER_SEC)   /* this long after a loss, voice is redundant */
#define LASTS (30 * IC_NS_PER_SEC)       /* a step that was not too much */
#define RETRY_FIRST (10 * IC_NS_PER_SEC) /* of one that was, and once more */
#define RETRY (60 * IC_NS_PER_SEC)
#define DRAINS (4 * IC_NS_PER_SEC)
#define STUBBORN (3 * IC_NS_PER_SEC) /* an estimate may be a little short this long */

static const double nearly = 0.6; /* of what all poorest steps take */
static const double short_by = 0.85;
static const double eagerness = 1.7;
static const double same_failure = 0.8;
static const double idle = 0.4; /* of the estimate */
static const double queue_long_ms = 250;
static const double overhead = 1.05; /* of our headers, tag, IP and UDP over what publishers send */

enum {
    PACKETS_VOICE = 50, /* a second and slot, as most senders have it */
    PACKETS_VIDEO = 250,
    PACKETS_LEAST = 256,
};

size_t ic_congestion_packets(const struct ic_line *lines, uint32_t count)
{
    size_t packets = PACKETS_LEAST, wanted = 0;

    for (uint32_t i = 0; i < count; i++)
        if (lines[i].is_slot)
            wanted += lines[i].codec == IC_CODEC_OPUS ? PACKETS_VOICE : PACKETS_VIDEO;
    while (packets < wanted && packets < IC_BWE_SENT_MOST)
        packets *= 2;
    return packets;
}

void ic_congestion_init(struct ic_transport *t, const struct ic_line *lines, uint32_t count,
                        struct ic_bwe_packet *sent, int64_t now)
{
    struct ic_congestion *c = t->congestion;

    ic_bwe_init(&c->bwe, sent, ic_congestion_packets(lines, count), now);
    ic_pacer_init(&c->pacer, ic_bwe_bps(&c->bwe), now);
    c->due = INT64_MAX;
    for (uint32_t i = 0; i < count && i < IC_LINES_MAX; i++)
        if (lines[i].is_slot && lines[i].large)
            c->large |= UINT32_C(1) << t->slot_of_line[i];
    for (uint32_t i = 0; i < t->slot_count; i++)
        ic_slot_limit(&t->slots[i], 0);
}

void ic_congestion_sent(struct ic_congestion *c, uint16_t seq, size_t len, uint32_t name,
                        int64_t now)
{
    if (c->first_sent == 0)
        c->first_sent = now;
    ic_bwe_sent(&c->bwe, seq, len, name, now);
    if (c->heard_at != 0)
        ic_pacer_spend(&c->pacer, len, now);
}

/* What is lost behind such a queue was too much: more of it, again or twice, keeps it full. */
static bool is_full(const struct ic_congestion *c)
{
    return ic_bwe_queue_ms(&c->bwe) > queue_long_ms;
}

void ic_congestion_feedback(struct ic_worker *w, struct ic_transport *t,
                            const struct ic_rtcp *packet)
{
    struct ic_congestion *c = t->congestion;
    IC_UNCLEARED struct ic_twcc_result results[IC_BWE_SENT_MOST];
    uint64_t bps;
    size_t count;

    if (packet->type == IC_RTCP_PAYLOAD_FEEDBACK && ic_rtcp_read_remb(&bps, packet))
        ic_bwe_remb(&c->bwe, bps);
    if (packet->type != IC_RTCP_TRANSPORT_FEEDBACK)
        return;
    if (ic_twcc_read(results, IC_COUNT(results), &count, packet) != IC_OK) {
        w->stats.dropped_malformed++;
        return;
    }
    ic_repair_feedback(w, t, results, count);
    uint32_t lost_before = c->bwe.lost_count, bps_before = ic_bwe_bps(&c->bwe);
    ic_bwe_feedback(&c->bwe, results, count, w->now);
    if (c->bwe.lost_count != lost_before && !is_full(c))
        c->lost_at = w->now;
    if (ic_bwe_bps(&c->bwe) < bps_before / 2)
        c->allocated_at = 0;
    if (c->heard_at == 0 && c->bwe.feedback_at != 0)
        c->heard_at = w->now;
}

void ic_congestion_rerouted(struct ic_congestion *c)
{
    ic_bwe_rerouted(&c->bwe);
}

/* ---- steps ---- */

static uint8_t rank_of(const struct ic_congestion *c, const struct ic_slot *slot, uint32_t i)
{
    if (slot->codec == IC_CODEC_OPUS)
        return IC_RANK_VOICE;
    if (slot->upstream->stream == IC_STREAM_SCREEN)
        return IC_RANK_SCREEN;
    return c->large >> i & 1 ? IC_RANK_STAGE : IC_RANK_TILE;
}

static uint32_t bps_of(const struct ic_slot *slot, uint8_t step, int64_t now)
{
    uint32_t bps = ic_upstream_bps(slot->upstream, step, now);
    bool redundant = slot->codec == IC_CODEC_OPUS && slot->red_pt != 0 && slot->redundant;

    return bps > 0 && redundant ? ic_upstream_redundant_bps(slot->upstream) : bps;
}

static struct ic_alloc_slot describe(const struct ic_congestion *c, const struct ic_slot *slot,
                                     uint32_t i, int64_t now)
{
    struct ic_alloc_slot out = {
        .rank = rank_of(c, slot, i), .wanted = slot->wanted, .step = slot->limit};

    for (uint8_t step = 0; step < IC_STEPS; step++)
        out.bps[step] = (uint32_t)(overhead * bps_of(slot, step, now));
    return out;
}

/* A picture is not taken away because of a guess, or for a moment. */
static bool keeps_lowest(const struct ic_congestion *c, const struct ic_alloc_result *r,
                         int64_t now)
{
    bool for_a_moment = c->short_since == 0 || now - c->short_since < STUBBORN;
    return now - c->heard_at < GRACE ||
           (for_a_moment && ic_bwe_bps(&c->bwe) >= nearly * r->next_bps);
}

/* Somebody sends more than it may have. */
static bool is_lowered(const struct ic_alloc_slot *described, const struct ic_slot *slot)
{
    for (int step = slot->limit + 1; step <= ic_step(described->wanted, IC_RATES - 1); step++)
        if (described->bps[step] > 0)
            return true;
    return false;
}

static void note_shortage(struct ic_congestion *c, const struct ic_alloc_slot *described,
                          struct ic_slot *const *slots, size_t count)
{
    c->lowered = c->dark = 0;
    for (size_t i = 0; i < count; i++) {
        if (described[i].rank == IC_RANK_VOICE || !is_lowered(&described[i], slots[i]))
            continue;
        if (slots[i]->limit < 0)
            c->dark++;
        else
            c->lowered++;
    }
}

static uint32_t bps_held(const struct ic_alloc_slot *slot)
{
    for (int step = slot->step; step >= 0; step--)
        if (slot->bps[step] > 0)
            return slot->bps[step];
    return 0;
}

static uint32_t bps_poorest(const struct ic_alloc_slot *slot)
{
    for (int step = 0; step < IC_STEPS; step++)
        if (slot->bps[step] > 0)
            return slot->bps[step];
    return 0;
}

/* After a collapse what waits in the path comes first. */
static bool drains(const struct ic_congestion *c, int64_t now)
{
    return now < c->bwe.full_until ||
           (c->bwe.full_until != 0 && now - c->bwe.full_until < DRAINS && is_full(c));
}

/* Room for copies is left of what is beyond everybody's poorest step: a picture that is repaired
 * when asked for is better than none. */
static uint32_t without_copies(const struct ic_congestion *c, const struct ic_alloc_slot *slots,
                               size_t count, int64_t now)
{
    uint32_t all = ic_bwe_bps(&c->bwe), bps = (uint32_t)(all / ic_repair_times(c));
    double poorest = 0;

    for (size_t i = 0; i < count; i++)
        poorest += IC_ALLOC_MARGIN * bps_poorest(&slots[i]);
    if (bps >= poorest)
        return drains(c, now) ? (uint32_t)poorest + 1 : bps;
    return all < poorest ? all : (uint32_t)poorest + 1;
}

/* One burst lowers the estimate once, to somewhat less than what arrives, and a real queue again
 * and again: so what the slots have may stay while it is a little short. */
static uint32_t budget(const struct ic_congestion *c, const struct ic_alloc_slot *slots,
                       size_t count, int64_t now)
{
    uint32_t bps = without_copies(c, slots, count, now), held = 0;

    for (size_t i = 0; i < count; i++)
        held += bps_held(&slots[i]);
    return bps < held && bps >= short_by * held ? held : bps;
}

/* What comes of a size above the one that the slot is to have, until the key frame of that. */
static uint32_t bps_meanwhile(const struct ic_alloc_slot *got, struct ic_slot *slot)
{
    uint8_t size = slot->running ? ic_run_now(&slot->numbers)->layer : 0;
    if (got->rank == IC_RANK_VOICE || slot->limit < 0 || got->step >= ic_step(size, 0))
        return 0;
    for (uint8_t rate = 0; rate < IC_RATES; rate++)
        if (got->bps[ic_step(size, rate)] > 0)
            return got->bps[ic_step(size, rate)];
    return 0;
}

/* The path carries not nearly that: it would fill the queue before the key frame. */
static bool is_too_much(const struct ic_congestion *c, const struct ic_alloc_slot *got,
                        struct ic_slot *slot)
{
    return ic_bwe_bps(&c->bwe) < nearly * bps_meanwhile(got, slot);
}

/* Nothing until a key frame. */
static void abandon(struct ic_transport *t, struct ic_slot *slot)
{
    ic_slot_limit(slot, IC_ALLOC_OFF);
    ic_pacer_forget(&t->congestion->pacer, (uint16_t)(slot - t->slots));
}

static bool is_failed(const struct ic_congestion *c, int64_t now)
{
    return c->failed_at != 0 && now - c->failed_at < c->retry;
}

/* A step was given and taken back: so much is not tried again soon. What is less by then is its
 * consequence. */
static void note_failure(struct ic_congestion *c, uint32_t had_bps, int64_t now)
{
    bool again = c->failed_at != 0 && now - c->failed_at < 2 * RETRY;

    if (c->rose_at == 0 || now - c->rose_at > LASTS || ic_bwe_bps(&c->bwe) < had_bps / 2 ||
        (is_failed(c, now) && had_bps < same_failure * c->failed_bps))
        return;
    c->retry = again ? RETRY : RETRY_FIRST;
    c->failed_at = now;
    c->failed_bps = had_bps;
}

/* A path that has fallen far is another one. */
static struct ic_alloc_past past_of(struct ic_congestion *c, int64_t now)
{
    if (ic_bwe_bps(&c->bwe) < c->failed_bps / 2)
        c->failed_at = 0;
    return (struct ic_alloc_past){c->downed_at, is_failed(c, now) ? c->failed_bps : 0};
}

static void allocate(struct ic_worker *w, struct ic_transport *t)
{
    struct ic_congestion *c = t->congestion;
    IC_UNCLEARED struct ic_alloc_slot slots[IC_SLOTS_MAX];
    IC_UNCLEARED struct ic_slot *of[IC_SLOTS_MAX];
    size_t count = 0;

    for (uint32_t i = 0; i < t->slot_count; i++) {
        if (!t->slots[i].upstream)
            continue;
        of[count] = &t->slots[i];
        slots[count++] = describe(c, &t->slots[i], i, w->now);
    }
    struct ic_alloc_result r =
        ic_alloc(slots, count, budget(c, slots, count, w->now), past_of(c, w->now), w->now);
    uint32_t had_bps = c->given_bps;
    c->allocated_at = w->now;
    c->given_bps = r.bps;
    ic_bwe_want(&c->bwe, r.next_bps);
    bool keep = keeps_lowest(c, &r, w->now), shorter = false, dark = false;
    for (size_t i = 0; i < count; i++) {
        bool darkens = slots[i].step < 0 && of[i]->limit >= 0;
        dark = dark || darkens;
        if (darkens && keep)
            slots[i].step = 0;
        shorter = shorter || (slots[i].rank != IC_RANK_VOICE && slots[i].step < of[i]->limit);
        if (is_too_much(c, &slots[i], of[i]))
            abandon(t, of[i]);
        ic_slot_limit(of[i], slots[i].step);
    }
    note_shortage(c, slots, of, count);
    c->short_since = !dark ? 0 : c->short_since ? c->short_since : w->now;
    if (r.went_up)
        c->rose_at = w->now;
    if (r.went_down && shorter) {
        note_failure(c, had_bps, w->now);
        c->downed_at = w->now;
        c->downs++;
        w->stats.downs++;
    }
}

/* Is there feedback, or may some still come? */
static bool has_limits(const struct ic_congestion *c, int64_t now)
{
    return c->heard_at != 0 || c->first_sent == 0 || now - c->first_sent <= IC_CONGESTION_PATIENCE;
}

/* How a slot begins, before rates are known: a camera's smallest picture, the fewest of a screen.
 */
static int8_t first_step(const struct ic_slot *slot)
{
    bool screen = slot->upstream && slot->upstream->stream == IC_STREAM_SCREEN;
    return screen ? 0 : (int8_t)ic_step(0, IC_RATES - 1);
}

/* No feedback, no estimate: then nothing is held back. */
static void lift_limits(struct ic_transport *t)
{
    for (uint32_t i = 0; i < t->slot_count; i++)
        ic_slot_limit(&t->slots[i], IC_STEPS - 1);
}

void ic_congestion_pointed(struct ic_worker *w, struct ic_transport *t, uint32_t slot, bool another)
{
    struct ic_congestion *c = t->congestion;

    if (another && has_limits(c, w->now))
        ic_slot_limit(&t->slots[slot], first_step(&t->slots[slot]));
    if (c->heard_at != 0)
        allocate(w, t);
}

/* Or may be, for all that is known. */
static bool is_lossy(const struct ic_congestion *c, int64_t now)
{
    return now - c->heard_at < WARY || (c->lost_at != 0 && now - c->lost_at < REMEMBERS);
}

/* A path without loss is spared the older frames of voices, a full one the first of pictures. */
static void spare(struct ic_transport *t, int64_t now)
{
    bool lossy = is_lossy(t->congestion, now), full = now < t->congestion->bwe.full_until;

    for (uint32_t i = 0; i < t->slot_count; i++) {
        ic_slot_redundant(&t->slots[i], lossy);
        ic_slot_rest(&t->slots[i], full);
    }
}

/* ---- time ---- */

void ic_congestion_be_due(struct ic_worker *w, struct ic_transport *t, int64_t at)
{
    if (at >= t->congestion->due)
        return;
    t->congestion->due = at;
    ic_directory_schedule(&w->directory, t->place, at);
}

/* Not too often: it changes while an estimate finds its place. */
static void tell_shortage(struct ic_worker *w, const struct ic_transport *t)
{
    struct ic_congestion *c = t->congestion;

    if ((c->lowered == c->lowered_told && c->dark == c->dark_told) ||
        w->now - c->told_at < TELL_EVERY || !ic_orders_tell_path(w, t))
        return;
    c->lowered_told = c->lowered;
    c->dark_told = c->dark;
    c->told_at = w->now;
}

/* While nobody knows of a limit, a guess should not hold up what there is. */
static uint32_t pace(const struct ic_congestion *c)
{
    bool eager = ic_bwe_has_seen_no_limit(&c->bwe);
    return (uint32_t)((eager ? eagerness : 1) * ic_bwe_bps(&c->bwe));
}

/* Who sends little of what the path carries is not held to it: a screen changes all at once. Nor is
 * who loses packets: his voices come twice, and his pictures need the time for repairs. */
static uint32_t steady(const struct ic_congestion *c, int64_t now)
{
    uint32_t bps = ic_bwe_bps(&c->bwe), acked = ic_ack_rate_bps(&c->bwe.acked);
    if (is_lossy(c, now))
        return IC_BWE_MOST_BPS;
    return acked > idle * bps ? acked : bps;
}

void ic_congestion_tick(struct ic_worker *w, struct ic_transport *t)
{
    struct ic_congestion *c = t->congestion;

    if (c->heard_at == 0) {
        if (!has_limits(c, w->now))
            lift_limits(t);
        return;
    }
    ic_bwe_tick(&c->bwe, w->now);
    tell_shortage(w, t);
    spare(t, w->now);
    ic_repair_tick(t, w->now);
    ic_pacer_set(&c->pacer, pace(c), steady(c, w->now), w->now);
    if (w->now - c->allocated_at >= ALLOCATE_EVERY)
        allocate(w, t);
    if (ic_bwe_probing(&c->bwe))
        ic_congestion_be_due(w, t, w->now);
}

bool ic_congestion_pass(struct ic_worker *w, struct ic_transport *t, uint32_t slot, uint16_t seq,
                        size_t len)
{
    struct ic_congestion *c = t->congestion;
    struct ic_paced held = {.slot = (uint16_t)slot, .seq = seq, .len = (uint16_t)len};

    if (c->heard_at == 0)
        return true;
    if (t->slots[slot].codec == IC_CODEC_OPUS) {
        ic_pacer_voice(&c->pacer, w->now);
        ic_congestion_be_due(w, t, ic_pacer_next(&c->pacer, w->now)); /* what waited for it */
        return true;
    }
    if (ic_pacer_may(&c->pacer, IC_PACE_VIDEO, w->now))
        return true;
    if (ic_pacer_hold(&c->pacer, &held) != IC_OK)
        w->stats.dropped_full++;
    ic_congestion_be_due(w, t, ic_pacer_next(&c->pacer, w->now));
    return false;
}

void ic_congestion_attend(struct ic_worker *w, struct ic_transport *t)
{
    struct ic_congestion *c = t->congestion;
    struct ic_paced held;

    if (w->now < c->due)
        return;
    ic_repair_attend(w, t);
    while (ic_pacer_take(&c->pacer, &held, w->now))
        ic_forward_held(w, t, held.slot, held.seq);
    while (ic_bwe_padding_due(&c->bwe, w->now) > 0)
        if (ic_forward_padding(w, t) == 0)
            break;
    c->due = ic_bwe_probing(&c->bwe) ? w->now + PADDING_EVERY : INT64_MAX;
    int64_t next = ic_pacer_next(&c->pacer, w->now), copy = ic_repair_next(&c->repair, w->now);
    c->due = next < c->due ? next : c->due;
    c->due = copy < c->due ? copy : c->due;
}

bool ic_congestion_may_resend(struct ic_congestion *c, int64_t now)
{
    return c->heard_at == 0 ||
           (!is_full(c) && ic_pacer_debt_ns(&c->pacer, now) < IC_PACER_QUEUE_MOST);
}

void ic_congestion_stats(const struct ic_congestion *c, struct ic_transport_stats *out)
{
    if (c->heard_at == 0)
        return;
    *out = (struct ic_transport_stats){
        .estimate_bps = ic_bwe_bps(&c->bwe),
        .given_bps = c->given_bps,
        .rtt_us = (uint32_t)(c->bwe.rtt / 1000),
        .acked = c->bwe.acked_count,
        .lost = c->bwe.lost_count,
        .probes = c->bwe.probes,
        .downs = c->downs,
        .lowered = c->lowered,
        .dark = c->dark,
    };
}
