/* probe.h - a short burst at a higher rate, to learn whether the path carries more than we send.
 *
 * Between start and end every packet counts, media and padding alike; the caller sends padding so
 * that the rate is met. What arrived, and how fast, is the result. */
#pragma once

#include "base/base.h"

enum {
    IC_PROBE_CLUSTERS = 15, /* then they are counted anew */
    IC_PROBE_PACKETS_LEAST = 8,
    IC_PROBE_PACKETS_MOST = 200,
};

#define IC_PROBE_LENGTH (100 * IC_NS_PER_MS)
#define IC_PROBE_PATIENCE (IC_NS_PER_SEC) /* then what is not reported counts as not arrived */

struct ic_probe {
    uint8_t cluster; /* number of the burst, 1 to IC_PROBE_CLUSTERS; 0: none yet */
    bool sending;
    bool waiting; /* sent, the result is not known */
    uint32_t bps; /* aimed at */
    int64_t started_at, ended_at;
    uint32_t sent_count, sent_bytes;

    uint32_t told_count, told_bytes; /* what feedback spoke of */
    uint32_t count, bytes;           /* of that arrived */
    int64_t first_sent, last_sent, first_arrived, last_arrived;
    uint32_t first_arrived_len, last_sent_len;
};

/* Bytes of padding that are due now, 0: none. */
size_t ic_probe_due(const struct ic_probe *p, int64_t now);

void ic_probe_start(struct ic_probe *p, uint32_t bps, int64_t now);

/* A packet went out while the burst was on; it carries the burst's number. */
void ic_probe_sent(struct ic_probe *p, size_t len, int64_t now);

/* Feedback speaks of one of them. It is lost as packets are, and of what it would have told nothing
 * is known. */
void ic_probe_told(struct ic_probe *p, size_t len);

/* That one arrived. */
void ic_probe_arrived(struct ic_probe *p, size_t len, int64_t sent, int64_t arrived);

enum ic_probe_result { IC_PROBE_PENDING, IC_PROBE_DONE, IC_PROBE_FAILED };

/* Once after all has arrived or patience has run out. Done: `bps` is what the path carried. */
enum ic_probe_result ic_probe_result(struct ic_probe *p, uint32_t *bps, int64_t now);
