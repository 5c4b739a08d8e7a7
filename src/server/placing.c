/* placing.c - blame.h applied to the meetings that there are. */
#include "server/placing.h"

#include "base/log.h"

enum { WAIT_MS = 300, PARKED_WAIT_MS = 60000 };

static bool is_carried(const struct ic_meeting *meeting)
{
    return meeting->worker != IC_NO_WORKER;
}

static bool on_trial(const struct ic_meeting *meeting, int64_t now)
{
    return is_carried(meeting) && ic_blame_on_trial(&meeting->blame, now);
}

static bool waits_for_trial(const struct ic_meeting *meeting, int64_t now)
{
    return !is_carried(meeting) && ic_blame_judge(&meeting->blame, now) == IC_VERDICT_TRIAL;
}

static bool may_try(const struct ic_signal *signal, const struct ic_meeting *meeting, int64_t now)
{
    uint32_t waiting = 0, tried = 0;

    for (const struct ic_meeting *m = signal->meetings; m; m = m->next) {
        waiting += waits_for_trial(m, now);
        tried += on_trial(m, now);
    }
    return ic_blame_may_try(&meeting->blame, waiting + tried, tried);
}

enum ic_err ic_placing_take(struct ic_signal *signal, struct ic_meeting *meeting, int64_t now,
                            int *wait_ms)
{
    enum ic_verdict verdict = ic_blame_judge(&meeting->blame, now);

    if (is_carried(meeting))
        return IC_OK;
    if (verdict == IC_VERDICT_PARKED) {
        *wait_ms = PARKED_WAIT_MS;
        return IC_ERR_NOT_FOUND;
    }
    if ((verdict == IC_VERDICT_TRIAL && !may_try(signal, meeting, now)) ||
        ic_workers_take_room(signal->workers, &meeting->worker, &meeting->room) != IC_OK) {
        *wait_ms = WAIT_MS;
        return IC_ERR_NOT_FOUND;
    }
    meeting->last_worker = meeting->worker;
    ic_blame_carry(&meeting->blame, verdict, now);
    return IC_OK;
}

void ic_placing_return(struct ic_signal *signal, struct ic_meeting *meeting)
{
    if (is_carried(meeting))
        ic_workers_return_room(signal->workers, meeting->worker);
    meeting->worker = IC_NO_WORKER;
}

/* How many meetings the worker carries, and how many of them are on trial. */
static void count(const struct ic_signal *signal, uint32_t worker, int64_t now, uint32_t *all,
                  uint32_t *tried)
{
    *all = *tried = 0;
    for (const struct ic_meeting *m = signal->meetings; m; m = m->next) {
        *all += m->worker == worker;
        *tried += m->worker == worker && on_trial(m, now);
    }
}

static void blame(struct ic_meeting *meeting, bool certain, int64_t now)
{
    if (ic_blame_death(&meeting->blame, certain, now))
        ic_log(IC_LOG_ERROR, "placing", IC_EVENT("parked"), IC_NUMBER("room", meeting->room),
               IC_NUMBER("minutes", IC_BLAME_PARKED_NS / (60 * IC_NS_PER_SEC)),
               IC_TEXT("reason", "media workers die of this meeting"));
}

void ic_placing_lost(struct ic_signal *signal, uint32_t worker, int64_t now)
{
    uint32_t all, tried;

    count(signal, worker, now, &all, &tried);
    for (struct ic_meeting *m = signal->meetings; m; m = m->next) {
        bool here = m->worker == worker;
        if (here && (tried == 0 || on_trial(m, now)))
            blame(m, tried == 1 || all == 1, now);
        else if (tried > 0 && m->last_worker == worker)
            ic_blame_clear(&m->blame);
        if (here)
            m->worker = IC_NO_WORKER;
    }
}
