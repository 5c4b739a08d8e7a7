/* packetize.h - sealed frames into RTP payloads, and the RTP headers of what we send.
 *
 * VP8: a descriptor (media/vp8.h) and a part of the frame. Opus: the frame is the payload (RFC
 * 7587). */
#pragma once

#include "base/base.h"
#include "media/control.h"

enum {
    IC_RTP_SEND_MAX = 1200,        /* bytes of an RTP packet, before SRTP */
    IC_RTP_HEADROOM = 12 + 4 + 48, /* header and the extensions below */
};

/* How one frame is cut: all payloads are equally long, to a byte. */
struct ic_cut {
    size_t count; /* packets, at least 1 */
    size_t frame_len;
};

/* `payload_max`: bytes a payload may have, the longest descriptor included. */
struct ic_cut ic_cut_frame(size_t frame_len, size_t payload_max);

/* The part of the frame in packet `i`. */
struct ic_bytes ic_cut_part(const struct ic_cut *cut, const uint8_t *frame, size_t i);

/* One packet's header. Extensions are written for ids that are not 0. */
struct ic_send_header {
    uint8_t pt;
    bool marker;
    uint16_t seq;
    uint32_t timestamp, ssrc;
    const uint8_t *ext; /* ids by enum ic_extension */
    const char *mid;
    char rid;      /* one letter, 0: none */
    bool repaired; /* the rid goes into RRID */
    uint16_t twcc;
};

/* Writes at most IC_RTP_HEADROOM bytes and returns how many. The length does not depend on seq,
 * marker, timestamp or twcc. */
size_t ic_send_header_write(uint8_t out[IC_RTP_HEADROOM], const struct ic_send_header *h);
