/* pacer.h - when a packet may leave for one receiver, so that its path's queue stays short.
 *
 * Voice always leaves at once, and so does all else while there is credit; video that is beyond
 * waits in order, and is let out at a multiple of the estimate. Between two packets of a voice no
 * more leaves than comes through in that time and a third: so that the next one is not far behind
 * if the path has just become narrow, which nobody can know yet. The pacer holds references, not
 * packets. */
#pragma once

#include "base/base.h"

enum ic_pace {
    IC_PACE_VOICE,
    IC_PACE_VIDEO,
    IC_PACE_PADDING,
};

enum { IC_PACER_WAITING = 256 }; /* a power of two */

#define IC_PACER_FACTOR 1.5
#define IC_PACER_QUEUE_MOST (150 * IC_NS_PER_MS) /* more waiting is more than the path carries */

struct ic_paced {
    uint16_t slot, seq; /* the caller's own */
    uint16_t len;
};

struct ic_pace_queue {
    uint32_t at, count;
    struct ic_paced waiting[IC_PACER_WAITING];
};

struct ic_pacer {
    uint32_t bps; /* of leaving, the factor included */
    int64_t at;
    double credit; /* bytes; below zero is debt */
    uint32_t steady_bps;
    uint32_t since_voice; /* bytes */
    int64_t voice_at;     /* of the last */
    uint32_t waiting_bytes;
    struct ic_pace_queue video;
};

/* The queues are not touched before something waits. */
void ic_pacer_init(struct ic_pacer *p, uint32_t estimate_bps, int64_t now);
/* `steady_bps`: what comes through without a doubt. */
void ic_pacer_set(struct ic_pacer *p, uint32_t estimate_bps, uint32_t steady_bps, int64_t now);

/* May it leave now? */
bool ic_pacer_may(const struct ic_pacer *p, enum ic_pace pace, int64_t now);

/* The same; if so it counts as sent. */
bool ic_pacer_pass(struct ic_pacer *p, enum ic_pace pace, size_t len, int64_t now);

/* For a video packet that may not. IC_ERR_FULL: drop it. */
enum ic_err ic_pacer_hold(struct ic_pacer *p, const struct ic_paced *packet) IC_CHECKED;

/* A voice leaves. It counts as sent by ic_pacer_spend(). */
void ic_pacer_voice(struct ic_pacer *p, int64_t now);

/* Counts as sent what leaves in any case. */
void ic_pacer_spend(struct ic_pacer *p, size_t len, int64_t now);

/* The next of those that wait, if it may leave now; it does not count as sent yet. */
bool ic_pacer_take(struct ic_pacer *p, struct ic_paced *out, int64_t now);

/* What waits of this slot does not leave any more. */
void ic_pacer_forget(struct ic_pacer *p, uint16_t slot);

/* When the next may leave; INT64_MAX: none waits. */
int64_t ic_pacer_next(const struct ic_pacer *p, int64_t now);

/* How long it takes to earn what left without credit. */
int64_t ic_pacer_debt_ns(const struct ic_pacer *p, int64_t now);

/* How long what waits will take. */
int64_t ic_pacer_backlog_ns(const struct ic_pacer *p);
