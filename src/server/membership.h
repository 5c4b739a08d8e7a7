/* membership.h - how somebody comes from the door into a meeting, comes back, and is out of it. */
#pragma once

#include "server/session.h"

ic_message_handler ic_membership_leave, ic_membership_end;

/* Does the message come from a member that resumes? Then its proof is not looked at. */
bool ic_membership_resumes(const struct ic_meeting *meeting, const struct ic_message *join);

/* A right proof, or a member that resumes: it waits, comes back, or begins the group. */
void ic_membership_join(struct ic_signal *signal, struct ic_session *s, struct ic_meeting *meeting,
                        const struct ic_message *join, bool is_host, int64_t now);

/* Makes a member of one who waits and says `joined`. IC_ERR_FULL: the meeting is; nothing is done.
 */
enum ic_err ic_membership_bring_in(struct ic_signal *signal, struct ic_meeting *meeting,
                                   struct ic_waiter *waiter, uint32_t epoch,
                                   struct ic_text *welcome) IC_CHECKED;

/* The other way round: its media ends and it waits again. */
void ic_membership_put_back(struct ic_signal *signal, struct ic_meeting *meeting,
                            struct ic_participant *p, int64_t now);

/* Takes a member out of everything; frees it. `gone`: it did not say so. */
void ic_membership_take_out(struct ic_signal *signal, struct ic_meeting *meeting,
                            struct ic_participant *p, bool gone, int64_t now);

/* The same for one who waits. */
void ic_membership_forget_waiter(struct ic_meeting *meeting, struct ic_waiter *waiter, int64_t now);

/* The socket is lost: who it was of may come back for a while. */
void ic_membership_lose(struct ic_session *s, int64_t now);

/* Takes out who stayed away; forgets empty meetings. */
void ic_membership_tick(struct ic_signal *signal, int64_t now);
