/* twcc.h - transport-wide feedback: when did each packet of a transport arrive.
 *
 * draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1. One numbering per transport and
 * direction; packets without a stream (SSRC 0 probes) count too. */
#pragma once

#include "base/base.h"
#include "media/rtcp.h"

enum { IC_TWCC_WINDOW = 1024 }; /* packets remembered; a power of two */

#define IC_TWCC_INTERVAL (100 * IC_NS_PER_MS)

/* Receiving side: notes arrivals, writes feedback. */
struct ic_twcc_receiver {
    uint32_t arrivals[IC_TWCC_WINDOW]; /* ticks of 250 us, plus one; 0: not arrived */
    bool started;
    bool dirty;        /* something arrived since the last feedback */
    uint32_t next;     /* extended number that the next feedback begins with */
    uint32_t newest;   /* extended */
    uint8_t feedbacks; /* counted on the wire */
    int64_t written_at;
};

void ic_twcc_init(struct ic_twcc_receiver *r);

/* The value of the TWCC extension and when the packet came. */
void ic_twcc_note(struct ic_twcc_receiver *r, uint16_t seq, int64_t now);

/* Has it been IC_TWCC_INTERVAL since the last feedback, and is there something to say? */
bool ic_twcc_due(const struct ic_twcc_receiver *r, int64_t now);

/* Appends one feedback packet. True if there is more to say than fits into one: call again, with
 * a new buffer if `w` is bad. */
bool ic_twcc_write(struct ic_twcc_receiver *r, struct ic_writer *w, uint32_t sender, uint32_t media,
                   int64_t now);

/* Sending side: what became of one packet. */
struct ic_twcc_result {
    uint16_t seq;
    bool arrived;
    int64_t at_ns; /* the receiver's clock, modulo 2^24 * 64 ms; differences are what counts */
};

/* Reads feedback (a packet of type IC_RTCP_TRANSPORT_FEEDBACK, format IC_RTCP_TWCC). Returns
 * IC_ERR_FULL if it speaks of more than `max` packets. On error the results are undefined. */
enum ic_err ic_twcc_read(struct ic_twcc_result *results, size_t max, size_t *count,
                         const struct ic_rtcp *packet) IC_CHECKED;
