/* placing.h - which media workers carry a meeting, which of them whom, and which meeting none does
 * for a while.
 *
 * A meeting begins with one part, on one worker. Who comes in goes to the part with the fewest
 * people; when that has media.people_per_worker, another part begins on a worker that carries none
 * of it yet, if there is one. Nobody is ever moved. */
#pragma once

#include "server/session.h"

/* The worker for the media path of `p`; the one it has a path to, if it has one. IC_ERR_NOT_FOUND:
 * none carries the meeting now, and `wait_ms` says when to ask again. */
enum ic_err ic_placing_take(struct ic_signal *signal, struct ic_meeting *meeting,
                            const struct ic_participant *p, int64_t now, uint32_t *worker,
                            int *wait_ms) IC_CHECKED;

/* Parts that nobody is on are over; one stays. */
void ic_placing_return_empty(struct ic_signal *signal, struct ic_meeting *meeting);

/* The meeting needs its workers no more. */
void ic_placing_return(struct ic_signal *signal, struct ic_meeting *meeting);

/* No worker may carry it, though one may still. */
bool ic_placing_is_parked(const struct ic_meeting *meeting, int64_t now);

/* A worker died: looks for whose fault it is. What it carried is carried no more. */
void ic_placing_lost(struct ic_signal *signal, uint32_t worker, int64_t now);
