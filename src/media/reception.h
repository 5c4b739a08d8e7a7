/* reception.h - how well one stream arrives: extended sequence numbers, loss and jitter.
 *
 * RFC 3550 sections 6.4.1, A.1, A.3 and A.8. */
#pragma once

#include "base/base.h"
#include "media/rtcp.h"
#include "media/rtp.h"

enum ic_arrival {
    IC_ARRIVAL_FIRST,   /* of the stream, or after it began again with other numbers */
    IC_ARRIVAL_NEWEST,  /* newer than all before */
    IC_ARRIVAL_LATE,    /* older than the newest: reordered, repeated or resent */
    IC_ARRIVAL_REFUSED, /* far from all the others; two in a row begin the stream again */
};

struct ic_reception {
    bool started;
    bool suspect; /* `suspect_next` is set */
    uint16_t suspect_next;
    uint32_t first; /* extended numbers; they begin above 65535, so that there is room below */
    uint32_t newest;
    uint32_t received;
    uint32_t clock_hz;
    uint32_t transit;
    uint32_t jitter_16;                        /* sixteenths of a timestamp unit */
    uint32_t expected_before, received_before; /* at the last report */
};

void ic_reception_init(struct ic_reception *r, uint32_t clock_hz);

/* Classifies and counts. `extended` is set unless the arrival is refused. */
enum ic_arrival ic_reception_note(struct ic_reception *r, uint32_t *extended, uint16_t seq,
                                  uint32_t timestamp, int64_t now);

/* The extended number of a packet that came as a retransmission: it is placed, not counted.
 * False if the stream has not begun or the number is far away. */
bool ic_reception_place(const struct ic_reception *r, uint32_t *extended, uint16_t seq);

/* Fills everything but ssrc, lsr and dlsr, and begins the next interval. */
void ic_reception_report(struct ic_reception *r, struct ic_rtcp_report *out);
