/* Own measure of what the path carries, since the kernel keeps its highest. */
#include "worker/flight.h"

enum {
    MEASURE_MS = 100,
    QUEUES_US = 40000,     /* a round trip longer than the least by so much, */
    QUIET_US = 60000,      /* or an acknowledgement so much later, says that the path queues */
    MAY_QUEUE_US = 80000,  /* what a path that queues may hold besides a round trip */
    LEAST_BYTES = 3 * 1024 /* else a path that stood still would never be tried again */
};

static void measure(struct ic_flight *f, uint64_t acked, uint32_t now_ms)
{
    uint32_t passed = now_ms - f->since_ms;

    if (f->measuring && passed < MEASURE_MS)
        return;
    if (f->measuring)
        f->rate = (uint32_t)((acked - f->acked) * 1000 / passed);
    *f = (struct ic_flight){.acked = acked, .since_ms = now_ms, .rate = f->rate, .measuring = true};
}

static bool queues(const struct ic_flight_view *view)
{
    return view->rtt_us > view->least_rtt_us + QUEUES_US ||
           (uint64_t)view->quiet_ms * 1000 > (uint64_t)view->least_rtt_us + QUIET_US;
}

size_t ic_flight_room(struct ic_flight *f, const struct ic_flight_view *view, uint64_t sent,
                      uint32_t now_ms)
{
    uint64_t on_its_way = sent > view->acked ? sent - view->acked : 0;

    measure(f, view->acked, now_ms);
    if (on_its_way == 0 || !queues(view))
        return SIZE_MAX;
    uint64_t most =
        (uint64_t)f->rate * ((uint64_t)view->least_rtt_us + MAY_QUEUE_US) / 1000000 + LEAST_BYTES;
    return most > on_its_way ? (size_t)(most - on_its_way) : 0;
}
