/* rewrite.h - a publisher's packet written anew for one receiver, up to where its body begins. */
#pragma once

#include "base/base.h"
#include "media/slot.h"

/* What became of a number. */
enum {
    IC_FATE_UNUSED = 0,
    IC_FATE_SENT = 1,
    IC_FATE_RESENT = 2,
    IC_FATE_EMPTY = 4, /* in the place of a packet that came too late to leave no hole */
    IC_FATE_TOLD = 8,  /* with the decode targets of its rung */
    IC_FATE_RUNG_SHIFT = 4,
};

/* One packet on its way out. */
struct ic_rewrite {
    const struct ic_packet *packet;
    uint16_t run; /* its number */
    uint8_t fate;
    bool resent; /* wrapped as a retransmission of `seq` (RFC 4588) */
    uint16_t seq;
    struct ic_rtp_header header; /* ic_rewrite() completes timestamp and marker */
};

/* The payload type that it has with this receiver. */
uint8_t ic_rewrite_pt(const struct ic_slot *s, const struct ic_packet *packet);

/* Fills in all of `out` but `index`. */
void ic_rewrite(struct ic_slot *s, struct ic_rewrite *what, uint8_t head[IC_SLOT_HEAD_MAX],
                struct ic_slot_out *out);
