/* loss_rate.h - the loss-based estimate: hold at up to 10 % lost, less above, more below 2 %
 * (draft-ietf-rmcat-gcc-02 section 6).
 *
 * Loss that stays the same whatever we send is the path's own (a bad radio link), and is not
 * answered by sending less: the least loss of the last seconds is taken off. */
#pragma once

#include "base/base.h"

enum { IC_LOSS_SPANS = 5 };

#define IC_LOSS_SPAN IC_NS_PER_SEC

struct ic_loss_rate {
    uint32_t bps;
    uint32_t lost, expected;           /* since the last judgement */
    uint32_t span_lost, span_expected; /* of the present span */
    int64_t span_at;
    double spans[IC_LOSS_SPANS]; /* loss in those before */
    uint32_t span_count;         /* ever */
    int64_t increased_at, decreased_at;
    double fraction;       /* at the last judgement, */
    uint32_t judged_count; /* of so many packets */
    uint32_t counted;      /* in the newest span */
};

void ic_loss_rate_init(struct ic_loss_rate *l, uint32_t bps);

/* What feedback said: of `expected` packets `lost` did not arrive. */
void ic_loss_rate_note(struct ic_loss_rate *l, uint32_t lost, uint32_t expected);

/* The path's own loss; none is assumed before all spans have been seen. */
double ic_loss_rate_own(const struct ic_loss_rate *l);

/* `bps` never exceeds `most_bps`, what delay allows. `queued`: the path has a long queue, and what
 * it loses now is not its own loss. */
void ic_loss_rate_update(struct ic_loss_rate *l, bool queued, int64_t rtt, int64_t now,
                         uint32_t least_bps, uint32_t most_bps);
