/* meeting.c - people are few hundreds at most, so look-ups walk the list. */
#include "server/meeting.h"

#include <stdlib.h>

#include "crypto/random.h"
#include "crypto/secret.h"

struct ic_meeting *ic_meeting_new(const uint8_t id[IC_ID_LEN])
{
    struct ic_meeting *meeting = calloc(1, sizeof *meeting);

    if (meeting) {
        memcpy(meeting->id, id, IC_ID_LEN);
        meeting->worker = IC_NO_WORKER;
    }
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
    ic_group_free(meeting->group);
    free(meeting);
}

static enum ic_err take_index(const struct ic_meeting *meeting, uint16_t *out, int64_t now)
{
    bool used[IC_INDEXES] = {false};

    for (uint32_t i = 0; i < meeting->count; i++)
        used[meeting->people[i]->index] = true;
    for (uint16_t i = 0; i < IC_INDEXES; i++)
        if (!used[i] && meeting->index_free_at[i] <= now) {
            *out = i;
            return IC_OK;
        }
    return IC_ERR_FULL;
}

enum ic_err ic_meeting_add(struct ic_meeting *meeting, struct ic_participant **out, uint32_t most,
                           int64_t now)
{
    uint16_t index;

    if (meeting->count >= most || take_index(meeting, &index, now) != IC_OK)
        return IC_ERR_FULL;
    struct ic_participant *p = calloc(1, sizeof *p);
    if (!p)
        return IC_ERR_FULL;
    p->index = index;
    ic_random_fill(p->id, sizeof p->id);
    ic_random_fill(p->resume, sizeof p->resume);
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
    meeting->index_free_at[p->index] = now + IC_INDEX_QUARANTINE_MS * IC_NS_PER_MS;
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
