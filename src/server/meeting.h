/* meeting.h - who is in one meeting. Pure bookkeeping: no I/O, no clock, so that a test can drive a
 * whole meeting in a loop. */
#pragma once

#include "server/blame.h"
#include "server/group.h"
#include "server/participant.h"

/* What one worker carries of a meeting: those people whose media path leads there. */
struct ic_part {
    uint32_t worker;
    uint32_t room; /* the worker's number for it */
};

struct ic_meeting {
    uint8_t id[IC_ID_LEN];
    struct ic_part parts[IC_CONFIG_WORKERS_MAX]; /* each on another worker */
    uint32_t part_count;                         /* 0: nobody has connected, or the worker died */
    uint64_t last_workers; /* a bit for each that carries it, or did when it was carried last */
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

/* Parts. NULL: that worker carries none of it. */
const struct ic_part *ic_meeting_part(const struct ic_meeting *meeting, uint32_t worker);

/* How many people have a media path there. */
uint32_t ic_meeting_people_on(const struct ic_meeting *meeting, uint32_t worker);

/* The part with the fewest people, the first of several; NULL: there is none. */
const struct ic_part *ic_meeting_smallest_part(const struct ic_meeting *meeting);

/* There is none on that worker yet, and fewer than IC_CONFIG_WORKERS_MAX. */
void ic_meeting_add_part(struct ic_meeting *meeting, struct ic_part part);

/* There is one. */
void ic_meeting_remove_part(struct ic_meeting *meeting, uint32_t worker);
