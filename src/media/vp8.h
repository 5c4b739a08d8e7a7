/* vp8.h - the VP8 payload descriptor (RFC 7741 section 4.2), read and written anew.
 *
 * What follows the descriptor is ciphertext behind a constant header that the sending client puts
 * in front of it. One bit of that is looked at: the P bit of the first byte, which says whether
 * this is a key frame. Nothing else, ever. */
#pragma once

#include "base/base.h"

enum { IC_VP8_DESCRIPTOR_MAX = 6 };

struct ic_vp8 {
    uint8_t len; /* of the descriptor as received */
    bool non_reference;
    bool start;        /* S: first packet of its partition */
    uint8_t partition; /* PID */
    bool key_start;    /* first packet of a key frame */
    bool has_picture_id, has_tl0, has_tid, has_key_index;
    uint8_t picture_bits; /* 7 or 15, as received */
    uint16_t picture_id;
    uint8_t tl0;     /* TL0PICIDX */
    uint8_t tid;     /* temporal layer */
    bool layer_sync; /* Y */
    uint8_t key_index;
};

/* `payload` is that of an RTP packet, at least one byte longer than its descriptor. On error
 * `out` is untouched. */
enum ic_err ic_vp8_parse(struct ic_vp8 *out, struct ic_bytes payload) IC_CHECKED;

/* Writes the descriptor, a picture id always with 15 bits; returns its length. */
size_t ic_vp8_write(uint8_t out[IC_VP8_DESCRIPTOR_MAX], const struct ic_vp8 *vp8);
