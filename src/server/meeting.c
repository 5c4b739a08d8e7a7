/* meeting.c - people are few hundreds at most, so look-ups walk the list. */
#include "server/meeting.h"

#include <stdlib.h>

#include "crypto/secret.h"

struct ic_meeting *ic_meeting_new(const uint8_t id[IC_ID_LEN])
{
    struct ic_meeting *meeting = calloc(1, sizeof *meeting);

    if (meeting)
        memcpy(meeting->id, id, IC_ID_LEN);
    return meeting;
}

static void free_participant(struct ic_participant *p)
{
    ic_waiter_free(p->entry);
    ic_secret_wipe(p, sizeof *p);
    free(p);
}

void ic_meeting_free(struct ic_meeting *meeting)
{
    if (!meeting)
        return;
    for (uint32_t i = 0; i < meeting->count; i++)
        free_participant(meeting->people[i]);
    ic_group_clear(&meeting->group);
    free(meeting);
}

enum ic_err ic_meeting_add(struct ic_meeting *meeting, struct ic_participant **out,
                           struct ic_waiter *entry, uint32_t most)
{
    bool is_full = meeting->count >= most || meeting->count >= IC_PEOPLE_MAX;
    struct ic_participant *p = is_full ? NULL : calloc(1, sizeof *p);

    if (!p)
        return IC_ERR_FULL;
    ic_waiting_let_in(&meeting->group.waiting, entry);
    p->entry = entry;
    memcpy(p->id, entry->id, sizeof p->id);
    memcpy(p->resume, entry->resume, sizeof p->resume);
    p->is_host = p->is_keeper = entry->is_host;
    p->away_since = entry->away_since;
    meeting->people[meeting->count++] = p;
    *out = p;
    return IC_OK;
}

void ic_meeting_remove(struct ic_meeting *meeting, struct ic_participant *p, int64_t now)
{
    uint32_t at = 0;

    while (meeting->people[at] != p)
        at++;
    meeting->count--;
    memmove(&meeting->people[at], &meeting->people[at + 1],
            (meeting->count - at) * sizeof meeting->people[0]);
    if (meeting->count == 0)
        meeting->empty_since = now;
    free_participant(p);
}

struct ic_participant *ic_meeting_find_resumable(const struct ic_meeting *meeting,
                                                 const uint8_t resume[IC_TOKEN_LEN])
{
    for (uint32_t i = 0; i < meeting->count; i++)
        if (ic_secret_equal(meeting->people[i]->resume, resume, IC_TOKEN_LEN))
            return meeting->people[i];
    return NULL;
}

struct ic_participant *ic_meeting_find(const struct ic_meeting *meeting,
                                       const uint8_t id[IC_ID_LEN])
{
    for (uint32_t i = 0; i < meeting->count; i++)
        if (memcmp(meeting->people[i]->id, id, IC_ID_LEN) == 0)
            return meeting->people[i];
    return NULL;
}

const struct ic_part *ic_meeting_part(const struct ic_meeting *meeting, uint32_t worker)
{
    for (uint32_t i = 0; i < meeting->part_count; i++)
        if (meeting->parts[i].worker == worker)
            return &meeting->parts[i];
    return NULL;
}

uint32_t ic_meeting_people_on(const struct ic_meeting *meeting, uint32_t worker)
{
    uint32_t people = 0;

    for (uint32_t i = 0; i < meeting->count; i++)
        people += ic_participant_is_on(meeting->people[i], worker);
    return people;
}

const struct ic_part *ic_meeting_smallest_part(const struct ic_meeting *meeting)
{
    const struct ic_part *smallest = NULL;
    uint32_t fewest = 0;

    for (uint32_t i = 0; i < meeting->part_count; i++) {
        uint32_t people = ic_meeting_people_on(meeting, meeting->parts[i].worker);
        if (!smallest || people < fewest) {
            smallest = &meeting->parts[i];
            fewest = people;
        }
    }
    return smallest;
}

void ic_meeting_add_part(struct ic_meeting *meeting, struct ic_part part)
{
    if (meeting->part_count == 0)
        meeting->last_workers = 0;
    meeting->last_workers |= UINT64_C(1) << part.worker;
    meeting->parts[meeting->part_count++] = part;
}

void ic_meeting_remove_part(struct ic_meeting *meeting, uint32_t worker)
{
    uint32_t at = 0;

    while (meeting->parts[at].worker != worker)
        at++;
    meeting->parts[at] = meeting->parts[--meeting->part_count];
}
