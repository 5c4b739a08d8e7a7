/* vp9.h - the front of the VP9 payload descriptor (RFC 9628 section 4.2): all that is looked at or
 * written anew. References and the scalability structure behind it are copied as they are. */
#pragma once

#include "base/base.h"

enum { IC_VP9_FRONT_MAX = 5 };

struct ic_vp9 {
    uint8_t len;    /* of the front as received */
    bool key_start; /* first packet of a key picture's lowest spatial layer */
    bool has_picture_id, has_tl0;
    uint8_t picture_bits; /* 7 or 15, as received; they stay so many */
    uint16_t picture_id;
    uint8_t tl0; /* TL0PICIDX */
    uint8_t spatial, temporal;
    uint8_t bytes[IC_VP9_FRONT_MAX];
    uint8_t tl0_at;
};

/* `payload` is that of an RTP packet. On error `out` is untouched. */
enum ic_err ic_vp9_parse(struct ic_vp9 *out, struct ic_bytes payload) IC_CHECKED;

/* Writes the front with another picture id and TL0PICIDX; returns its length. */
size_t ic_vp9_write(uint8_t out[IC_VP9_FRONT_MAX], const struct ic_vp9 *vp9, uint16_t picture_id,
                    uint8_t tl0);
