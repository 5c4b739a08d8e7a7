/* door.h - the door of a meeting with a group: who waits at it, what they and the keepers say to
 * each other, and how somebody becomes a member or waits again. */
#pragma once

#include "server/messages_group.h"
#include "server/session.h"

enum {
    IC_MEMBER_MESSAGE_MAX = 2 * 1024 * 1024, /* bytes; only commit and door may be so long */
    IC_MEMBER_QUEUE_MAX = 24 * 1024 * 1024,
    IC_OPEN_QUEUE_MAX = 8 * 1024 * 1024, /* of one who waits before the open door */
};

ic_message_handler ic_door_card, ic_door_knock, ic_door_reply, ic_door_admissions, ic_door_keeper,
    ic_door_set;

/* Does the message come from a member that resumes? Then its proof is not looked at. */
bool ic_door_knows(const struct ic_meeting *meeting, const struct ic_message *join);

/* A right proof, or a member that resumes: it waits, comes back, or begins the group. */
void ic_door_join(struct ic_signal *signal, struct ic_session *s, struct ic_meeting *meeting,
                  const struct ic_message *join, bool is_host, int64_t now);

/* Every member that has a socket gets `text`, but for `except`, which may be NULL. */
void ic_door_tell(const struct ic_meeting *meeting, const struct ic_participant *except,
                  struct ic_text *text);
/* The same, and lets go of `text`. */
void ic_door_tell_take(const struct ic_meeting *meeting, const struct ic_participant *except,
                       struct ic_text *text);

/* Makes a member of one who waits and says `joined`. IC_ERR_FULL: the meeting is; nothing is done.
 */
enum ic_err ic_door_bring_in(struct ic_signal *signal, struct ic_meeting *meeting,
                             struct ic_waiter *waiter, uint32_t epoch, struct ic_text *welcome,
                             int64_t now) IC_CHECKED;

/* The other way round: its media ends and it waits again. */
void ic_door_put_back(struct ic_signal *signal, struct ic_meeting *meeting,
                      struct ic_participant *p, int64_t now);

/* Somebody came, went or changed: tells those who wait when that means something to them. */
void ic_door_attend(struct ic_meeting *meeting);

/* One who waits says goodbye, or its socket is lost. */
void ic_door_leave(struct ic_session *s, int64_t now);
void ic_door_lose(struct ic_session *s, int64_t now);

/* No member is left. */
void ic_door_over(struct ic_meeting *meeting);

/* The meeting is ended: those who wait are told and closed. */
void ic_door_end(struct ic_meeting *meeting);

/* Takes out those who were away too long. */
void ic_door_tick(struct ic_meeting *meeting, int64_t now);
