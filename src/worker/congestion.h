/* congestion.h - what one receiver's path carries, and which steps its slots get of that.
 *
 * The estimate is media/bwe.h, fed by the transport-wide feedback of the receiver; the choice is
 * media/alloc.h. A slot begins at its smallest picture. A receiver that sends no feedback within
 * IC_CONGESTION_PATIENCE gets all that it wants, as if it had not negotiated any. */
#pragma once

#include "media/bwe.h"
#include "media/control.h"
#include "media/pacer.h"
#include "media/rtcp.h"
#include "worker/repair.h"

#define IC_CONGESTION_PATIENCE (3 * IC_NS_PER_SEC)

struct ic_transport;
struct ic_worker;

struct ic_congestion {
    /* The end of this, these, and the beginnings of `pacer` and `bwe`: each packet, in a cache line
     * each. */
    struct ic_repair repair;
    int64_t first_sent; /* 0: nothing yet */
    int64_t heard_at;   /* of the first feedback; 0: none yet */
    int64_t due;        /* of padding or of what waits; INT64_MAX: nothing */
    struct ic_pacer pacer;
    _Alignas(64) struct ic_bwe bwe;
    uint32_t large;       /* bit of each slot that is the stage */
    int64_t lost_at;      /* a packet was reported lost; 0: never */
    int64_t allocated_at; /* 0: do it at the next tick */
    int64_t downed_at;    /* a slot lost a layer; 0: never */
    int64_t rose_at;      /* one got more; 0: never */
    int64_t failed_at;    /* more did not last; 0: never */
    int64_t retry;        /* is not tried again so long */
    uint32_t failed_bps;  /* so much had been given */
    int64_t short_since;  /* a slot should be dark, by the estimate; 0: none */
    uint32_t downs;
    uint32_t given_bps;
    uint32_t lowered, dark;           /* as in struct ic_transport_stats */
    uint32_t lowered_told, dark_told; /* what the control process knows */
    int64_t told_at;
};

/* How many packets to the receiver of these lines are remembered: about a second of them. */
size_t ic_congestion_packets(const struct ic_line *lines, uint32_t count);

/* `t->congestion` and the slots are there, zeroed and initialized. `sent` has
 * ic_congestion_packets() entries, zeroed. */
void ic_congestion_init(struct ic_transport *t, const struct ic_line *lines, uint32_t count,
                        struct ic_bwe_packet *sent, int64_t now);

/* A packet with this transport-wide number goes out; `name` is that of ic_repair_name(). */
void ic_congestion_sent(struct ic_congestion *c, uint16_t seq, size_t len, uint32_t name,
                        int64_t now);

/* ic_congestion_attend() is to be called at `at` or before. */
void ic_congestion_be_due(struct ic_worker *w, struct ic_transport *t, int64_t at);

/* Transport-wide feedback, or REMB. Others are ignored. */
void ic_congestion_feedback(struct ic_worker *w, struct ic_transport *t,
                            const struct ic_rtcp *packet);

/* The receiver is reached at another address from now on. */
void ic_congestion_rerouted(struct ic_congestion *c);

/* A slot was pointed; `another`: at another stream than before. */
void ic_congestion_pointed(struct ic_worker *w, struct ic_transport *t, uint32_t slot,
                           bool another);

/* At every tick of the slots. */
void ic_congestion_tick(struct ic_worker *w, struct ic_transport *t);

/* May this much of a slot go out now? It counts as sent by ic_congestion_sent(). If not, the packet
 * was noted and ic_forward_held() will be called for it, or there are too many. */
bool ic_congestion_pass(struct ic_worker *w, struct ic_transport *t, uint32_t slot, uint16_t seq,
                        size_t len);

/* Sends what was held back and the padding that is due. */
void ic_congestion_attend(struct ic_worker *w, struct ic_transport *t);

/* May a resend go out now, or is more owed to the path than it has carried? */
bool ic_congestion_may_resend(struct ic_congestion *c, int64_t now);

void ic_congestion_stats(const struct ic_congestion *c, struct ic_transport_stats *out);
