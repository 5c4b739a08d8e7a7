/* flight.h - how much may be on its way over one TCP connection, without I/O.
 *
 * TCP fills the queue of a path before it slows down, and what is in it cannot be taken back: sound
 * waits behind pictures there. So as soon as a path queues, no more is given to the kernel than the
 * path carried lately in a round trip and a little longer. What is held back meanwhile can still be
 * dropped. As long as nothing queues, the kernel alone decides. */
#pragma once

#include "base/base.h"

enum { IC_FLIGHT_HOLD_MS = 10 }; /* after which it is worth asking again */

/* What TCP_INFO says. Counters of bytes begin with the connection. */
struct ic_flight_view {
    uint64_t acked;
    uint32_t rtt_us, least_rtt_us;
    uint32_t quiet_ms; /* since the last acknowledgement */
};

/* Zero it before the first use. */
struct ic_flight {
    uint64_t acked; /* when the measuring began */
    uint32_t since_ms;
    uint32_t rate; /* bytes a second that were acknowledged lately */
    bool measuring;
};

/* Bytes that may be given to the kernel at `now_ms`, after `sent` so far; SIZE_MAX: any. */
size_t ic_flight_room(struct ic_flight *f, const struct ic_flight_view *view, uint64_t sent,
                      uint32_t now_ms);
