/* repair.h - what one receiver missed goes to it again, on the retransmission streams.
 *
 *   NACK ──────────────────────┐
 *   feedback says: missing ────┼── resent ── and twice more, IC_REPAIR_APART later each
 *   sent, and much is lost ────┘
 *
 * Without loss nothing of this happens. It takes what the estimate leaves beside what is forwarded,
 * within the slot's budget. */
#pragma once

#include "media/twcc.h"

struct ic_congestion;
struct ic_transport;
struct ic_worker;

enum { IC_REPAIR_WAITING = 32 }; /* a power of two */

#define IC_REPAIR_APART (12 * IC_NS_PER_MS) /* a burst of loss should take only one of them */

struct ic_repair_copy {
    uint32_t due_ms; /* low bits */
    uint16_t seq;
    uint8_t slot;
    uint8_t left; /* this one and those after it */
};

struct ic_repair {
    struct ic_repair_copy waiting[IC_REPAIR_WAITING]; /* by time */
    uint32_t at, count;
    double lost;   /* share of what was sent lately */
    double credit; /* bytes that may be resent */
    int64_t credit_at;
    uint8_t ahead;  /* so often a packet goes again unasked */
    bool only_ends; /* that is, the last packet of a frame */
};

/* What a packet with a transport-wide number is, in IC_BWE_NAME_BITS. 0: nothing to repair. */
static inline uint32_t ic_repair_name(uint32_t slot, uint16_t seq, bool again)
{
    return UINT32_C(1) << 22 | (again ? UINT32_C(1) << 21 : 0) | slot << 16 | seq;
}

/* The receiver asks for `seq` of a slot. */
void ic_repair_asked(struct ic_worker *w, struct ic_transport *t, uint32_t slot, uint16_t seq);

/* Feedback came: call it before the estimator takes it. */
void ic_repair_feedback(struct ic_worker *w, struct ic_transport *t,
                        const struct ic_twcc_result *results, size_t count);

/* A packet of pictures went out; `ends`: the last of its frame. */
void ic_repair_sent(struct ic_worker *w, struct ic_transport *t, uint32_t slot, uint16_t seq,
                    bool ends);

/* How many times what is forwarded it takes to have it arrive: 1 where the path by itself loses
 * little. */
double ic_repair_times(const struct ic_congestion *c);

/* At every tick of the slots: how much may be spent. */
void ic_repair_tick(struct ic_transport *t, int64_t now);

/* Sends the copies that are due. */
void ic_repair_attend(struct ic_worker *w, struct ic_transport *t);

/* When the next is due; INT64_MAX: none. */
int64_t ic_repair_next(const struct ic_repair *r, int64_t now);
