/* loop.h - the worker's one thread: sleeps until something comes or is due, does it, flushes. */
#pragma once

#include "worker/net_io.h"

struct ic_worker;

/* `control_fd` stays the caller's. IC_ERR_SYSTEM: logged. On error nothing is left. */
enum ic_err ic_worker_new(struct ic_worker **out, const struct ic_net_config *net,
                          int control_fd) IC_CHECKED;
void ic_worker_free(struct ic_worker *w);

/* The second half of a wake-up, at w->now: all that is due, then out with what waits. `busy`:
 * something came. */
void ic_worker_finish(struct ic_worker *w, bool busy);

/* Until the control process says stop or is gone, or SIGTERM comes. */
void ic_worker_run(struct ic_worker *w);
