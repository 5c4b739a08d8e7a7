/* placing.h - which media worker carries a meeting, and which meeting none does for a while. */
#pragma once

#include "server/session.h"

/* The meeting has a worker and a room there from now on, if it had none. IC_ERR_NOT_FOUND: not now,
 * and `wait_ms` says when to ask again. */
enum ic_err ic_placing_take(struct ic_signal *signal, struct ic_meeting *meeting, int64_t now,
                            int *wait_ms) IC_CHECKED;

/* The meeting needs its worker no more. */
void ic_placing_return(struct ic_signal *signal, struct ic_meeting *meeting);

/* A worker died: looks for whose fault it is. What it carried has no worker any more. */
void ic_placing_lost(struct ic_signal *signal, uint32_t worker, int64_t now);
