/* orders.h - carries out the control process's messages, and tells it what happens. */
#pragma once

#include "base/base.h"

struct ic_transport;
struct ic_worker;

/* Takes all messages that are there. A closed socket or IC_CONTROL_STOP sets `stopping`. */
void ic_orders_take(struct ic_worker *w);

/* The first message: our port and fingerprint. */
void ic_orders_ready(struct ic_worker *w);

/* Tells changed states, and once a second the totals if they changed: `busy` says that something
 * came in this wake-up. What the socket does not take is told later. */
void ic_orders_tell(struct ic_worker *w, bool busy);

/* IC_CONTROL_TRANSPORT_STATS. False: the socket takes nothing now. */
bool ic_orders_tell_path(struct ic_worker *w, const struct ic_transport *t);

/* When ic_orders_tell() has something to do though nothing comes; INT64_MAX: never. */
int64_t ic_orders_due(const struct ic_worker *w);
