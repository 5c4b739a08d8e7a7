/* placing.c - blame.h applied to the meetings that there are. */
#include "server/placing.h"

#include "base/log.h"

enum { WAIT_MS = 300, PARKED_WAIT_MS = 60000 };

static bool is_carried(const struct ic_meeting *meeting)
{
    return meeting->part_count > 0;
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

static uint64_t workers_of(const struct ic_meeting *meeting)
{
    uint64_t workers = 0;

    for (uint32_t i = 0; i < meeting->part_count; i++)
        workers |= UINT64_C(1) << meeting->parts[i].worker;
    return workers;
}

/* On a worker that carries none of it yet. */
static enum ic_err begin_part(struct ic_signal *signal, struct ic_meeting *meeting,
                              uint32_t *worker)
{
    struct ic_part part;

    enum ic_err err =
        ic_workers_take_room(signal->workers, workers_of(meeting), &part.worker, &part.room);
    if (err != IC_OK)
        return err;
    ic_meeting_add_part(meeting, part);
    *worker = part.worker;
    return IC_OK;
}

static enum ic_err carry(struct ic_signal *signal, struct ic_meeting *meeting, int64_t now,
                         uint32_t *worker, int *wait_ms)
{
    enum ic_verdict verdict = ic_blame_judge(&meeting->blame, now);

    if (verdict == IC_VERDICT_PARKED) {
        *wait_ms = PARKED_WAIT_MS;
        return IC_ERR_NOT_FOUND;
    }
    if ((verdict == IC_VERDICT_TRIAL && !may_try(signal, meeting, now)) ||
        begin_part(signal, meeting, worker) != IC_OK) {
        *wait_ms = WAIT_MS;
        return IC_ERR_NOT_FOUND;
    }
    ic_blame_carry(&meeting->blame, verdict, now);
    return IC_OK;
}

/* A meeting that workers may die of has no further part: it would take one more down each time. */
static bool may_spread(const struct ic_signal *signal, const struct ic_meeting *meeting,
                       int64_t now)
{
    const struct ic_part *smallest = ic_meeting_smallest_part(meeting);

    return ic_meeting_people_on(meeting, smallest->worker) >=
               signal->parts.config->media.people_per_worker &&
           ic_blame_is_clear(&meeting->blame, now);
}

enum ic_err ic_placing_take(struct ic_signal *signal, struct ic_meeting *meeting,
                            const struct ic_participant *p, int64_t now, uint32_t *worker,
                            int *wait_ms)
{
    if (!is_carried(meeting))
        return carry(signal, meeting, now, worker, wait_ms);
    if (p->transport != 0)
        *worker = p->worker;
    else if (!may_spread(signal, meeting, now) || begin_part(signal, meeting, worker) != IC_OK)
        *worker = ic_meeting_smallest_part(meeting)->worker;
    return IC_OK;
}

static void end_part(struct ic_signal *signal, struct ic_meeting *meeting, uint32_t worker)
{
    ic_workers_return_room(signal->workers, worker);
    ic_meeting_remove_part(meeting, worker);
}

void ic_placing_return_empty(struct ic_signal *signal, struct ic_meeting *meeting)
{
    for (uint32_t i = meeting->part_count; i-- > 0 && meeting->part_count > 1;)
        if (ic_meeting_people_on(meeting, meeting->parts[i].worker) == 0)
            end_part(signal, meeting, meeting->parts[i].worker);
}

void ic_placing_return(struct ic_signal *signal, struct ic_meeting *meeting)
{
    while (meeting->part_count > 0)
        end_part(signal, meeting, meeting->parts[0].worker);
}

bool ic_placing_is_parked(const struct ic_meeting *meeting, int64_t now)
{
    return ic_blame_judge(&meeting->blame, now) == IC_VERDICT_PARKED;
}

/* How many meetings the worker carries, and how many of them are on trial. */
static void count(const struct ic_signal *signal, uint32_t worker, int64_t now, uint32_t *all,
                  uint32_t *tried)
{
    *all = *tried = 0;
    for (const struct ic_meeting *m = signal->meetings; m; m = m->next) {
        bool here = ic_meeting_part(m, worker) != NULL;
        *all += here;
        *tried += here && on_trial(m, now);
    }
}

static void blame(struct ic_meeting *meeting, uint32_t room, bool certain, int64_t now)
{
    if (ic_blame_death(&meeting->blame, certain, now))
        ic_log(IC_LOG_ERROR, "placing", IC_EVENT("parked"), IC_NUMBER("room", room),
               IC_NUMBER("minutes", IC_BLAME_PARKED_NS / (60 * IC_NS_PER_SEC)),
               IC_TEXT("reason", "media workers die of this meeting"));
}

void ic_placing_lost(struct ic_signal *signal, uint32_t worker, int64_t now)
{
    uint32_t all, tried;

    count(signal, worker, now, &all, &tried);
    for (struct ic_meeting *m = signal->meetings; m; m = m->next) {
        const struct ic_part *here = ic_meeting_part(m, worker);
        if (here && (tried == 0 || on_trial(m, now)))
            blame(m, here->room, tried == 1 || all == 1, now);
        else if (tried > 0 && m->last_workers >> worker & 1)
            ic_blame_clear(&m->blame);
        if (here)
            ic_meeting_remove_part(m, worker);
    }
}
