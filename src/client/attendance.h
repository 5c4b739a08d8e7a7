/* attendance.h - a participant's place in a meeting with a group: its conference, spoken over the
 * participant's socket, and what follows for its roster.
 *
 * Whatever is called here may call back before it returns. */
#pragma once

#include <stdio.h>

#include "client/control.h"
#include "client/link.h"
#include "client/messages.h"
#include "client/roster.h"
#include "e2ee/conference/conference.h"

struct ic_attendance_events {
    /* A message to be sent; to be freed. */
    void (*say)(void *owner, char *text);
    /* In the group: media may begin, with the keys of ic_attendance_frames(). Also after a while
     * away from it, or in another group after it. */
    void (*entered)(void *owner);
    /* The roster changed. */
    void (*changed)(void *owner);
    /* A host turned streams of ours off; a bit each. */
    void (*muted)(void *owner, uint32_t streams);
    /* It cannot take part, or not any more. */
    void (*over)(void *owner, const char *why);
};

struct ic_attendance_options {
    const struct ic_link *link; /* copied, */
    const char *name;           /* and this too, */
    const char *passcode;       /* used at once; or NULL */
    const char *title;          /* the same */
    uint16_t suite;             /* of a group founded here */
    bool made_here;             /* the meeting, just now */
    bool again;                 /* of a host: it was founded before */
    bool admits;                /* everybody who knocks, */
    int64_t admit_after_ns;     /* so much later */
    struct ic_control *control; /* or NULL */
    struct ic_roster *roster;
};

struct ic_attendance;

/* IC_ERR_FORBIDDEN: others could not be shown that name or title. IC_ERR_MALFORMED: such a passcode
 * is none. IC_ERR_SYSTEM. */
enum ic_err ic_attendance_new(struct ic_attendance **out,
                              const struct ic_attendance_options *options,
                              const struct ic_attendance_events *events, void *owner) IC_CHECKED;
/* What uses its frame keys is freed before. */
void ic_attendance_free(struct ic_attendance *attendance);

struct ic_e2ee *ic_attendance_frames(struct ic_attendance *attendance);

/* The message that enters or comes back; `resume` or NULL. */
char *ic_attendance_join(const struct ic_attendance *attendance, const uint8_t *resume);

void ic_attendance_hear(struct ic_attendance *attendance, const struct ic_heard *heard,
                        int64_t now);

/* Our live streams, for the others; a bit each. */
void ic_attendance_present(struct ic_attendance *attendance, uint32_t streams, int64_t now);
/* The keys that we seal with are used up. */
void ic_attendance_rekey(struct ic_attendance *attendance, int64_t now);
/* A line of control.h. */
void ic_attendance_command(struct ic_attendance *attendance, const char *line, int64_t now);

void ic_attendance_tick(struct ic_attendance *attendance, int64_t now);
int64_t ic_attendance_next_tick(const struct ic_attendance *attendance);

/* What the server is to know of the link of a meeting that is created with it, as SHA-256. */
enum ic_err ic_attendance_creation(uint8_t admission[IC_PROOF_LEN], uint8_t host[IC_PROOF_LEN],
                                   const struct ic_link *link) IC_CHECKED;
