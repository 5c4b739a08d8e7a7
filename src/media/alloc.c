/* alloc.c - steps in a fixed order, each taken if the estimate bears it. The raises end at the
 * first that it does not: otherwise a slot of less importance would take what the more important
 * one is waiting for. */
#include "media/alloc.h"

static const double near_failed = 0.8, above_failed = 1.5;

struct round {
    struct ic_alloc_slot *slots;
    size_t count;
    uint32_t estimate;
    bool may_rise;
    double failed; /* bps */
    bool refused;  /* a step, already */
    int8_t got[IC_LINES_MAX];
    struct ic_alloc_result result;
};

static uint32_t cost(const struct ic_alloc_slot *slot, int step)
{
    return step < 0 ? 0 : slot->bps[step];
}

/* The next step above `step` that is there, of interest and worth having; negative if none. */
static int above(const struct ic_alloc_slot *slot, int step)
{
    for (int next = step + 1; next < IC_STEPS; next++) {
        int size = next / IC_RATES;
        bool larger = step >= 0 && size > step / IC_RATES;
        if (slot->bps[next] > 0 && (step < 0 || size <= slot->wanted) &&
            !(larger && next % IC_RATES == 0))
            return next;
    }
    return IC_ALLOC_OFF;
}

/* The estimate that a higher total takes. A picture where there was none is not held back by what
 * larger ones did. */
static double needed_to_rise(const struct round *r, double total, bool first)
{
    double needed = IC_ALLOC_MARGIN * total, more = above_failed * r->failed;
    return !first && total > near_failed * r->failed && needed < more ? more : needed;
}

/* Gives the slot its next step if that can be. */
static bool raise_slot(struct round *r, size_t i)
{
    const struct ic_alloc_slot *slot = &r->slots[i];
    int next = above(slot, r->got[i]);
    if (next < 0)
        return false;

    uint64_t total = (uint64_t)r->result.bps + cost(slot, next) - cost(slot, r->got[i]);
    /* Who is not off has the poorest step that there is. */
    bool rises = r->got[i] < 0 ? slot->step < 0 : next > slot->step;
    uint64_t needed = rises ? (uint64_t)needed_to_rise(r, (double)total, r->got[i] < 0) : total;
    if (needed > r->estimate || (rises && !r->may_rise)) {
        if (!r->refused && needed <= UINT32_MAX)
            r->result.next_bps = (uint32_t)needed;
        r->refused = true;
        return false;
    }
    r->got[i] = (int8_t)next;
    r->result.bps = (uint32_t)total;
    return true;
}

static void give_voice(struct round *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->slots[i].rank != IC_RANK_VOICE)
            continue;
        r->got[i] = (int8_t)above(&r->slots[i], IC_ALLOC_OFF);
        r->result.bps += cost(&r->slots[i], r->got[i]);
    }
}

static void give_poorest(struct round *r)
{
    for (int rank = IC_RANK_SCREEN; rank < IC_RANKS; rank++)
        for (size_t i = 0; i < r->count; i++)
            if (r->slots[i].rank == rank)
                raise_slot(r, i);
}

/* Is its next step one of the size that it has? */
static bool has_more_of_size(const struct round *r, size_t i)
{
    int next = above(&r->slots[i], r->got[i]);
    return next >= 0 && next / IC_RATES == r->got[i] / IC_RATES;
}

/* Of a camera's smallest size, so that nobody gets a larger picture while somebody's stutters. */
static void give_pictures(struct round *r)
{
    for (int rank = IC_RANK_STAGE; rank < IC_RANKS; rank++)
        for (int rate = 1; rate < IC_RATES; rate++)
            for (size_t i = 0; i < r->count && !r->refused; i++)
                if (r->slots[i].rank == rank && r->got[i] >= 0 && has_more_of_size(r, i))
                    raise_slot(r, i);
}

static void give_more(struct round *r)
{
    for (int rank = IC_RANK_SCREEN; rank < IC_RANKS; rank++)
        for (int step = 1; step < IC_STEPS; step++)
            for (size_t i = 0; i < r->count && !r->refused; i++)
                if (r->slots[i].rank == rank && r->got[i] >= 0 && r->got[i] < step)
                    raise_slot(r, i);
}

static bool has_any(const struct ic_alloc_slot *slot)
{
    return above(slot, IC_ALLOC_OFF) >= 0;
}

static bool wants_less(const struct ic_alloc_slot *slot)
{
    return slot->step / IC_RATES > slot->wanted || slot->step < 0 || slot->bps[slot->step] == 0;
}

static void take_over(struct round *r)
{
    for (size_t i = 0; i < r->count; i++) {
        struct ic_alloc_slot *slot = &r->slots[i];
        if (!has_any(slot))
            continue;
        r->result.went_down = r->result.went_down || (r->got[i] < slot->step && !wants_less(slot));
        r->result.went_up = r->result.went_up || r->got[i] > slot->step;
        slot->step = r->got[i];
    }
}

struct ic_alloc_result ic_alloc(struct ic_alloc_slot *slots, size_t count, uint32_t estimate_bps,
                                struct ic_alloc_past past, int64_t now)
{
    struct round r = {
        .slots = slots,
        .count = count < IC_LINES_MAX ? count : IC_LINES_MAX,
        .estimate = estimate_bps,
        .may_rise = past.downed_at == 0 || now - past.downed_at >= IC_ALLOC_HOLD,
        .failed = past.failed_bps,
    };

    memset(r.got, IC_ALLOC_OFF, sizeof r.got);
    give_voice(&r);
    give_poorest(&r);
    give_pictures(&r);
    give_more(&r);
    take_over(&r);
    return r.result;
}
