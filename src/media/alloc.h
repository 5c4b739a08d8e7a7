/* alloc.h - which step (layers.h) each slot of one receiver gets, out of what its path carries.
 *
 * A pure function. Voice is never shed. Of video a screen comes first, then the stage, then the
 * tiles: first the poorest step of all, in that order; then all pictures of the smallest size of
 * cameras; then more of the screen, and larger sizes. What cannot even have its poorest step is
 * off. Going up needs more than holding (IC_ALLOC_MARGIN), and no slot goes up for a while after
 * one had to go down. What was given and did not last is not tried again before the estimate is far
 * above it.
 *
 * The step below a size is that size with half of its pictures: no key frame is needed for it, and
 * it still looks like a film. A quarter of them does not: it is given only of the smallest size,
 * where nothing else is left to take away. */
#pragma once

#include "base/base.h"
#include "media/control.h"
#include "media/layers.h"

enum { IC_ALLOC_OFF = -1 };

#define IC_ALLOC_MARGIN 1.15
#define IC_ALLOC_HOLD (4 * IC_NS_PER_SEC)

enum ic_rank {
    IC_RANK_VOICE,
    IC_RANK_SCREEN,
    IC_RANK_STAGE,
    IC_RANK_TILE,
    IC_RANKS,
};

struct ic_alloc_slot {
    uint8_t rank;           /* enum ic_rank */
    uint8_t wanted;         /* largest size of interest */
    uint32_t bps[IC_STEPS]; /* what each step takes now; 0: it is not there */
    int8_t step;            /* in: what it has; out: what it gets. IC_ALLOC_OFF: nothing */
};

struct ic_alloc_result {
    uint32_t bps;      /* of all that was given */
    uint32_t next_bps; /* an estimate that would bring the next step; 0: all have what they want */
    bool went_down;    /* some slot for want of bandwidth: its caller notes the time */
    bool went_up;
};

/* What the path has shown. */
struct ic_alloc_past {
    int64_t downed_at;   /* a slot had to go down; 0: never */
    uint32_t failed_bps; /* the total that was tried lately and did not last; 0: none */
};

/* Slots without any step stay as they are. At most IC_LINES_MAX slots. */
struct ic_alloc_result ic_alloc(struct ic_alloc_slot *slots, size_t count, uint32_t estimate_bps,
                                struct ic_alloc_past past, int64_t now);
