/* bwe.h - how much a path carries, estimated where packets are sent, one for each receiver.
 *
 * draft-ietf-rmcat-gcc-02 on transport-wide feedback: the least of what delay (aimd.h) and loss
 * (loss_rate.h) allow and of what the receiver says itself (REMB). An estimate grows only little
 * beyond what is sent, so that a sender whose next step is far asks for a probe (probe.h). No I/O,
 * no clock, memory that does not grow. */
#pragma once

#include "base/base.h"
#include "media/ack_rate.h"
#include "media/aimd.h"
#include "media/delay_trend.h"
#include "media/loss_rate.h"
#include "media/probe.h"
#include "media/twcc.h"

enum {
    IC_BWE_SENT_MOST = 2048, /* packets remembered */
    IC_BWE_LEAST_BPS = 30000,
    IC_BWE_MOST_BPS = 50000000,
    IC_BWE_START_BPS = 600000,
};

enum { IC_BWE_NAME_BITS = 23 };

/* In eight bytes, since there are many. */
struct ic_bwe_packet {
    uint64_t sent : 24; /* in units of 8 us since the start, modulo two minutes */
    uint64_t len : 11;
    uint64_t fate : 2; /* private to bwe.c */
    uint64_t cluster : 4;
    uint64_t name : IC_BWE_NAME_BITS; /* the caller's own */
};

/* In the order of what touches it: each packet, each tick, each feedback. */
struct ic_bwe {
    int64_t start;
    struct ic_bwe_packet *sent;
    uint16_t sent_mask;
    uint16_t newest;
    bool any_sent, any_feedback;
    uint16_t told;      /* behind the newest that feedback spoke of */
    uint32_t under_way; /* bytes that no feedback has told of */
    int64_t sent_at;    /* of the newest */
    struct ic_probe probe;

    int64_t feedback_at;   /* last that told of a packet */
    int64_t backed_off_at; /* last answer to silence */
    int64_t full_until;    /* after a collapse, what is under way fills the path at least so long */
    uint32_t wanted_bps;   /* the next step of the sender; 0: it has all it can use */
    uint32_t remb_bps;     /* 0: none */
    int64_t probe_after;   /* not before */
    int64_t probe_wait;    /* after one that brought nothing */
    double best_bps;       /* the highest estimate, fading */
    int64_t ticked_at;
    int64_t rtt; /* ns, the least of the last feedback, smoothed; 0: unknown */
    struct ic_aimd aimd;
    struct ic_loss_rate loss;
    struct ic_ack_rate acked;

    int64_t arrival_wire, arrival; /* the newest, as on the wire and unwrapped */
    uint32_t lost_count, acked_count;
    uint32_t arrived_bytes;
    uint32_t probes;
    struct ic_delay_trend trend;
};

/* `sent` has `count` entries, a power of two of at most IC_BWE_SENT_MOST, zeroed, and is the
 * caller's: as many as are sent between a packet and the feedback on it, half a second of them or
 * more. */
void ic_bwe_init(struct ic_bwe *b, struct ic_bwe_packet *sent, size_t count, int64_t now);

/* A packet with this transport-wide number leaves; `len` as on the wire without IP and UDP, `name`
 * is the caller's own. */
void ic_bwe_sent(struct ic_bwe *b, uint16_t seq, size_t len, uint32_t name, int64_t now);

/* Was it sent, and has no feedback told of it yet? */
bool ic_bwe_is_under_way(const struct ic_bwe *b, uint16_t seq, int64_t now, uint32_t *name,
                         int64_t *sent_at);

/* How long the newest packets that feedback told of waited in the path. */
double ic_bwe_queue_ms(const struct ic_bwe *b);

/* What ic_twcc_read() returned. */
void ic_bwe_feedback(struct ic_bwe *b, const struct ic_twcc_result *results, size_t count,
                     int64_t now);

/* The receiver has another address: what is under way to the old one does not count as lost, and
 * delay and what arrives are measured anew. The estimate stays. */
void ic_bwe_rerouted(struct ic_bwe *b);

/* The receiver's own bound. */
void ic_bwe_remb(struct ic_bwe *b, uint64_t bps);

/* What the estimate has to reach before the sender could send more. 0: nothing. */
void ic_bwe_want(struct ic_bwe *b, uint32_t bps);

/* Every 20 to 100 ms while anything is sent: answers silence, ends probes and begins them. */
void ic_bwe_tick(struct ic_bwe *b, int64_t now);

uint32_t ic_bwe_bps(const struct ic_bwe *b);

/* Neither delay nor loss nor silence has lowered the estimate yet. */
bool ic_bwe_has_seen_no_limit(const struct ic_bwe *b);

/* Bytes of padding that a probe is short of now. */
static inline size_t ic_bwe_padding_due(const struct ic_bwe *b, int64_t now)
{
    return ic_probe_due(&b->probe, now);
}

static inline bool ic_bwe_probing(const struct ic_bwe *b)
{
    return b->probe.sending;
}
