/* blame.c - two deaths may be chance or a neighbour's fault; so may be a third, unless nobody else
 * was there or only this meeting was on trial. */
#include "server/blame.h"

enum { TRIAL_AFTER = 2, PARKED_AFTER = 3, ALONE_AFTER = 4 };

enum ic_verdict ic_blame_judge(const struct ic_blame *b, int64_t now)
{
    bool remembered = now - b->died_at < IC_BLAME_MEMORY_NS;

    if (now < b->parked_until)
        return IC_VERDICT_PARKED;
    return remembered && b->deaths >= TRIAL_AFTER && !b->spared ? IC_VERDICT_TRIAL
                                                                : IC_VERDICT_FREE;
}

bool ic_blame_may_try(const struct ic_blame *b, uint32_t suspects, uint32_t on_trial)
{
    return on_trial < (b->deaths < ALONE_AFTER ? (suspects + 1) / 2 : 1);
}

void ic_blame_carry(struct ic_blame *b, enum ic_verdict verdict, int64_t now)
{
    b->tried = verdict == IC_VERDICT_TRIAL;
    b->carried_since = now;
}

static bool stood_trial(const struct ic_blame *b, int64_t now)
{
    return b->tried && now - b->carried_since >= IC_BLAME_TRIAL_NS;
}

bool ic_blame_on_trial(const struct ic_blame *b, int64_t now)
{
    return b->tried && !stood_trial(b, now);
}

bool ic_blame_is_clear(const struct ic_blame *b, int64_t now)
{
    bool remembered = b->deaths > 0 && now - b->died_at < IC_BLAME_MEMORY_NS;
    return !remembered && now >= b->parked_until && !ic_blame_on_trial(b, now);
}

void ic_blame_clear(struct ic_blame *b)
{
    *b = (struct ic_blame){.parked_until = b->parked_until};
}

bool ic_blame_death(struct ic_blame *b, bool certain, int64_t now)
{
    if (now - b->died_at >= IC_BLAME_MEMORY_NS)
        *b = (struct ic_blame){.tried = b->tried, .carried_since = b->carried_since};
    b->spared = b->spared || stood_trial(b, now);
    b->deaths++;
    b->died_at = now;
    b->tried = false;
    if (b->deaths < PARKED_AFTER || !certain)
        return false;
    *b = (struct ic_blame){.parked_until = now + IC_BLAME_PARKED_NS};
    return true;
}
