/* participant_parts.h - what a participant is made of, for the files that know a part each:
 * participant.c (its life and its timer), participant_heard.c (what the server says) and
 * participant_media.c (its connection for media). */
#pragma once

#include "client/attendance.h"
#include "client/lines.h"
#include "client/participant.h"
#include "client/receiver.h"
#include "client/roster.h"
#include "client/stage.h"

enum ic_participant_state {
    IC_PARTICIPANT_IDLE,
    IC_PARTICIPANT_OPENING,
    IC_PARTICIPANT_ENTERING,
    IC_PARTICIPANT_WAITING,
    IC_PARTICIPANT_ENTERED,
    IC_PARTICIPANT_ANSWERED,
    IC_PARTICIPANT_CONNECTED,
    IC_PARTICIPANT_LEAVING,
    IC_PARTICIPANT_GONE
};

struct ic_participant {
    const struct ic_company *company;
    struct ic_link *link;
    struct ic_part part;
    enum ic_participant_state state;
    uv_timer_t timer;
    int64_t armed_for;
    struct ic_signalling *signalling;
    struct ic_attendance *attendance; /* NULL until its meeting is there */
    struct ic_control *control;       /* or NULL */
    struct ic_roster roster;
    struct ic_stage stage;
    struct ic_connect connect;
    struct ic_peer *peer;
    struct ic_sender *sender;
    struct ic_receiver *receiver;
    uint8_t id[IC_PARTICIPANT_LEN], resume[IC_RESUME_LEN];
    bool made_here; /* the meeting */
    bool may_resume, entered_once, connected_once, voices_crowded, audio_noted;
    bool stays;     /* out, and does not go: tamper.h */
    uint32_t muted; /* streams that a host had turned off; a bit each */
    struct ic_slot_pointer slots[IC_SLOTS_MAX];
    size_t slot_count;
    int64_t started_at;
    uint32_t retries;
    int64_t open_at, connect_at, leave_at, expire_at; /* INT64_MAX: not planned */
    const char *finish_why, *leave_why;
    bool finish_now;
    char last_problem[128], why[256];
};

/* participant.c */
/* Sets the timer for what is due next. To be called whenever that may have come nearer. */
void ic_participant_arm(struct ic_participant *p, int64_t now);
void ic_participant_say(struct ic_participant *p, char *text);
/* Ends it, from the timer: `why` is NULL for a good end. */
void ic_participant_finish(struct ic_participant *p, const char *why);
void ic_participant_note_problem(struct ic_participant *p, const char *problem);

/* participant_heard.c */
extern const struct ic_signalling_events ic_participant_hears;

/* participant_media.c */
/* The streams that it sends and no host has turned off; a bit each. */
uint32_t ic_participant_streams(const struct ic_participant *p);
/* A new connection: the others know what to expect before the first frame, then the offer. */
void ic_participant_connect(struct ic_participant *p);
void ic_participant_answered(struct ic_participant *p, const struct ic_heard *answer, int64_t now);
void ic_participant_disconnect(struct ic_participant *p);
/* Asks for whom it should show, and gives the receiver what the slots carry. */
void ic_participant_show(struct ic_participant *p);
/* A host asks for it, and we obey. Nobody can turn it on again but us, and we do not. */
void ic_participant_mute(struct ic_participant *p, uint32_t streams);
void ic_participant_media_advance(struct ic_participant *p, int64_t now);
/* INT64_MAX: nothing is planned. */
int64_t ic_participant_media_timeout(const struct ic_participant *p);
