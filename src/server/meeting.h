/* meeting.h - who is in one meeting. Pure bookkeeping: no I/O, no clock, so that a test can drive a
 * whole meeting in a loop. */
#pragma once

#include "server/blame.h"
#include "server/group.h"
#include "server/participant.h"

#define IC_NO_WORKER UINT32_MAX

struct ic_meeting {
    uint8_t id[IC_ID_LEN];
    uint32_t worker;       /* where its media is; IC_NO_WORKER until somebody connects */
    uint32_t room;         /* the worker's number for it */
    uint32_t last_worker;  /* where it is or was */
    struct ic_blame blame; /* for the deaths of its workers */
    bool crowded;          /* more open microphones than somebody has voice slots */
    int64_t empty_since;
    int64_t spared_at; /* when it was last looked which layers nobody shows */
    struct ic_participant *people[IC_PEOPLE_MAX]; /* members, in the order of joining */
    uint32_t count;
    struct ic_group group;
    struct ic_meeting *next; /* of the caller */
};

struct ic_meeting *ic_meeting_new(const uint8_t id[IC_ID_LEN]);

/* Frees the people in it too. */
void ic_meeting_free(struct ic_meeting *meeting);

/* Makes a member of one who waits, with its id and resume token; it keeps `entry`, which is in no
 * list then. IC_ERR_FULL: `most` are there; nothing is done. */
enum ic_err ic_meeting_add(struct ic_meeting *meeting, struct ic_participant **out,
                           struct ic_waiter *entry, uint32_t most) IC_CHECKED;

/* Takes `p` out and frees it. */
void ic_meeting_remove(struct ic_meeting *meeting, struct ic_participant *p, int64_t now);

/* NULL: nobody. Compares without telling by its time how much of a token was right. */
struct ic_participant *ic_meeting_find_resumable(const struct ic_meeting *meeting,
                                                 const uint8_t resume[IC_TOKEN_LEN]);

struct ic_participant *ic_meeting_find(const struct ic_meeting *meeting,
                                       const uint8_t id[IC_ID_LEN]);
