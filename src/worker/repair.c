/* repair.c - one round trip must nearly always do: the next is seen as a picture that stands still.
 * So several copies answer one request, and two signals that are lost independently, the request
 * and the feedback, count as one. */
#include "worker/repair.h"

#include "worker/congestion.h"
#include "worker/forward.h"
#include "worker/transport.h"
#include "worker/worker.h"

enum {
    LATELY = 400, /* packets */
    AGAIN_BIT = 1 << 21,
    SLOT_MASK = 31,
    COPIES = 3,       /* of two, both are lost once a minute at 5 % */
    HALVES_LOSSY = 2, /* of what is forwarded may be resent, in halves */
    HALVES_MOST = 6,
    CREDIT_LEAST = 4000,
};

_Static_assert(IC_SLOTS_MAX == SLOT_MASK + 1, "a name has five bits for its slot");

#define REMEMBERS (10 * IC_NS_PER_SEC) /* a loss */

static const double much = 0.06, very_much = 0.14; /* lost */
static const double room_for_ends = 1.4, room_for_all = 2.2, room_for_twice = 3.3;
static const double own_from = 0.1, own_to = 0.15;
static const double least_share = 0.1, of_own_loss = 3, saved_s = 0.5;

static bool is_lossy(const struct ic_congestion *c, int64_t now)
{
    return c->lost_at != 0 && now - c->lost_at < REMEMBERS;
}

static uint8_t copies_of(const struct ic_congestion *c, int64_t now)
{
    return is_lossy(c, now) ? COPIES : 1;
}

/* ---- what it may take ---- */

static double credit_most(double bps)
{
    double most = bps / 8 * saved_s;
    return most < CREDIT_LEAST ? CREDIT_LEAST : most;
}

/* What the estimate leaves; a little in any case, and more where the path loses by itself. */
static double rate_of(const struct ic_congestion *c)
{
    double bps = ic_bwe_bps(&c->bwe), left = bps - c->given_bps;
    double least = (least_share + of_own_loss * ic_loss_rate_own(&c->bwe.loss)) * bps;
    return left > least ? left : least;
}

/* A copy leaves some credit for what is sent again for the first time. */
static bool may_resend(struct ic_congestion *c, bool first, int64_t now)
{
    struct ic_repair *r = &c->repair;
    double bps = rate_of(c), most = credit_most(bps);

    if (c->heard_at == 0)
        return true;
    r->credit += bps / 8 * (double)(now - r->credit_at) / (double)IC_NS_PER_SEC;
    r->credit = r->credit > most ? most : r->credit;
    r->credit_at = now;
    return r->credit > (first ? 0 : most / 4);
}

/* ---- copies ---- */

static void hold(struct ic_worker *w, struct ic_transport *t, struct ic_repair_copy copy)
{
    struct ic_repair *r = &t->congestion->repair;

    if (copy.left == 0 || r->count == IC_REPAIR_WAITING)
        return;
    copy.due_ms = (uint32_t)((w->now + IC_REPAIR_APART) / IC_NS_PER_MS);
    r->waiting[(r->at + r->count++) % IC_REPAIR_WAITING] = copy;
    ic_congestion_be_due(w, t, w->now + IC_REPAIR_APART);
}

/* `apart`: not if it was resent less than that ago. */
static void resend(struct ic_worker *w, struct ic_transport *t, struct ic_repair_copy copy,
                   bool first, int64_t apart)
{
    struct ic_congestion *c = t->congestion;

    if (c && !may_resend(c, first, w->now))
        return;
    size_t len = ic_forward_again(w, t, copy.slot, copy.seq, apart);
    if (len == 0 || !c)
        return;
    c->repair.credit -= (double)len;
    copy.left--;
    hold(w, t, copy);
}

/* A little less than a round trip: what is known of it is known after the fact. */
static int64_t round_trip(const struct ic_transport *t)
{
    return t->rtt * 3 / 4;
}

void ic_repair_asked(struct ic_worker *w, struct ic_transport *t, uint32_t slot, uint16_t seq)
{
    struct ic_repair_copy copy = {.seq = seq, .slot = (uint8_t)slot, .left = 1};

    if (t->congestion)
        copy.left = copies_of(t->congestion, w->now);
    resend(w, t, copy, true, round_trip(t));
}

void ic_repair_sent(struct ic_worker *w, struct ic_transport *t, uint32_t slot, uint16_t seq,
                    bool ends)
{
    struct ic_repair *r = &t->congestion->repair;

    if (ends || !r->only_ends)
        hold(w, t, (struct ic_repair_copy){.seq = seq, .slot = (uint8_t)slot, .left = r->ahead});
}

void ic_repair_attend(struct ic_worker *w, struct ic_transport *t)
{
    struct ic_repair *r = &t->congestion->repair;

    while (r->count > 0 && ic_repair_next(r, w->now) <= w->now) {
        struct ic_repair_copy copy = r->waiting[r->at];
        r->at = (r->at + 1) % IC_REPAIR_WAITING;
        r->count--;
        resend(w, t, copy, false, 1);
    }
}

int64_t ic_repair_next(const struct ic_repair *r, int64_t now)
{
    int64_t now_ms = now / IC_NS_PER_MS;

    if (r->count == 0)
        return INT64_MAX;
    return (now_ms + (int32_t)(r->waiting[r->at].due_ms - (uint32_t)now_ms)) * IC_NS_PER_MS;
}

/* ---- what feedback says ---- */

static void note_loss(struct ic_repair *r, size_t lost, size_t count)
{
    double weight = (double)count / LATELY;
    r->lost += (weight < 1 ? weight : 1) * ((double)lost / (double)count - r->lost);
}

/* A packet is missing: the first time, or as a copy that was the last. */
static void make_good(struct ic_worker *w, struct ic_transport *t, uint32_t name, int64_t sent_at)
{
    uint32_t slot = name >> 16 & SLOT_MASK;
    uint16_t seq = (uint16_t)name;
    struct ic_repair_copy copy = {
        .seq = seq, .slot = (uint8_t)slot, .left = copies_of(t->congestion, w->now)};

    if (ic_slot_was_resent(&t->slots[slot], seq, name & AGAIN_BIT ? sent_at : 0, w->now))
        return;
    resend(w, t, copy, true, 1);
}

void ic_repair_feedback(struct ic_worker *w, struct ic_transport *t,
                        const struct ic_twcc_result *results, size_t count)
{
    struct ic_repair *r = &t->congestion->repair;
    size_t lost = 0;

    for (size_t i = 0; i < count; i++) {
        int64_t sent_at;
        uint32_t name;
        if (results[i].arrived ||
            !ic_bwe_is_under_way(&t->congestion->bwe, results[i].seq, w->now, &name, &sent_at))
            continue;
        lost++;
        if (name != 0)
            make_good(w, t, name, sent_at);
    }
    if (count > 0)
        note_loss(r, lost, count);
}

/* ---- how much ---- */

double ic_repair_times(const struct ic_congestion *c)
{
    double share = (ic_loss_rate_own(&c->bwe.loss) - own_from) / (own_to - own_from);
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return 1 + share * (room_for_all - 1);
}

static void choose_ahead(struct ic_repair *r, const struct ic_congestion *c)
{
    double room = c->given_bps > 0 ? (double)ic_bwe_bps(&c->bwe) / c->given_bps : 0;

    r->only_ends = r->lost < very_much || room < room_for_all;
    r->ahead = 0;
    if (r->lost >= much && room >= room_for_ends && c->bwe.trend.usage == IC_USAGE_NORMAL)
        r->ahead = r->lost >= very_much && room >= room_for_twice ? 2 : 1;
}

void ic_repair_tick(struct ic_transport *t, int64_t now)
{
    struct ic_repair *r = &t->congestion->repair;
    uint8_t halves = r->lost >= much                ? HALVES_MOST
                     : is_lossy(t->congestion, now) ? HALVES_LOSSY
                                                    : 1;

    choose_ahead(r, t->congestion);
    for (uint32_t i = 0; i < t->slot_count; i++)
        t->slots[i].resend_halves = halves;
}
