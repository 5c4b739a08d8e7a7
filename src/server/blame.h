/* blame.h - which meeting brings media workers down.
 *
 * A worker dies with all its meetings, and one of them may be why: somebody in it sends what the
 * worker cannot stand. Meetings whose workers died twice come back half at a time, on trial for a
 * few seconds. If a worker dies then, it was for one of those on trial: the others are cleared, and
 * the next trial is of half as many, down to one, which is parked. One that kills later than a
 * trial takes is found only where it is alone; its neighbours are not tried again and again. Pure:
 * time is an argument. */
#pragma once

#include "base/base.h"

#define IC_BLAME_MEMORY_NS (60 * IC_NS_PER_SEC) /* without a death; then all is forgotten */
#define IC_BLAME_TRIAL_NS (3 * IC_NS_PER_SEC)
#define IC_BLAME_PARKED_NS (600 * IC_NS_PER_SEC)

/* Of one meeting; zeroed at first. */
struct ic_blame {
    uint32_t deaths; /* of workers that carried it, each within the memory of the one before */
    int64_t died_at;
    int64_t carried_since; /* by its last worker */
    bool tried;            /* from then on; ends with the worker */
    bool spared;           /* it was tried in vain */
    int64_t parked_until;
};

enum ic_verdict {
    IC_VERDICT_FREE,
    IC_VERDICT_TRIAL,  /* a worker may carry it if ic_blame_may_try() */
    IC_VERDICT_PARKED, /* none may */
};

/* Of a meeting that no worker carries. */
enum ic_verdict ic_blame_judge(const struct ic_blame *b, int64_t now);

/* Of all meetings `suspects` wait for a trial or are on trial, and `on_trial` are: this one too? */
bool ic_blame_may_try(const struct ic_blame *b, uint32_t suspects, uint32_t on_trial);

/* A worker begins to carry it. */
void ic_blame_carry(struct ic_blame *b, enum ic_verdict verdict, int64_t now);

/* Of a meeting that a worker carries. */
bool ic_blame_on_trial(const struct ic_blame *b, int64_t now);

/* Has no worker died of it, as far as is remembered, and is it not on trial? Only such a meeting
 * may have a part on one more worker. */
bool ic_blame_is_clear(const struct ic_blame *b, int64_t now);

/* A worker died that cannot have died of it. */
void ic_blame_clear(struct ic_blame *b);

/* A worker that carried it, or a part of it, died. `certain`: no other meeting can be why. Returns
 * whether the meeting is parked now. */
bool ic_blame_death(struct ic_blame *b, bool certain, int64_t now);
