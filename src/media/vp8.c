/* The descriptor, field by field as RFC 7741 figure 2 has it:
 *
 *      0 1 2 3 4 5 6 7
 *     |X|R|N|S|R| PID |  required
 *  X: |I|L|T|K| RSV   |
 *  I: |M| PictureID   |  7 bits, or 15 with M
 *  L: |   TL0PICIDX   |
 * TK: |TID|Y| KEYIDX  |
 */
#include "media/vp8.h"

enum {
    BIT_X = 0x80,
    BIT_N = 0x20,
    BIT_S = 0x10,
    MASK_PID = 0x07,
    BIT_I = 0x80,
    BIT_L = 0x40,
    BIT_T = 0x20,
    BIT_K = 0x10,
    BIT_M = 0x80,
    BIT_Y = 0x20,
    MASK_KEYIDX = 0x1F,
    P_BIT = 0x01, /* of the frame's first byte: not a key frame */
};

static void read_picture_id(struct ic_vp8 *vp8, struct ic_reader *r)
{
    uint8_t first = (uint8_t)ic_read_uint(r, 1);
    vp8->has_picture_id = true;
    vp8->picture_bits = first & BIT_M ? 15 : 7;
    vp8->picture_id = first & (uint8_t)~BIT_M;
    if (first & BIT_M)
        vp8->picture_id = (uint16_t)(vp8->picture_id << 8 | ic_read_uint(r, 1));
}

static void read_extension(struct ic_vp8 *vp8, struct ic_reader *r)
{
    uint8_t flags = (uint8_t)ic_read_uint(r, 1);
    if (flags & BIT_I)
        read_picture_id(vp8, r);
    vp8->has_tl0 = flags & BIT_L;
    if (flags & BIT_L)
        vp8->tl0 = (uint8_t)ic_read_uint(r, 1);
    vp8->has_tid = flags & BIT_T;
    vp8->has_key_index = flags & BIT_K;
    if (flags & (BIT_T | BIT_K)) {
        uint8_t byte = (uint8_t)ic_read_uint(r, 1);
        vp8->tid = byte >> 6;
        vp8->layer_sync = byte & BIT_Y;
        vp8->key_index = byte & MASK_KEYIDX;
    }
}

enum ic_err ic_vp8_parse(struct ic_vp8 *out, struct ic_bytes payload)
{
    struct ic_reader r = ic_reader_of(payload);
    uint8_t first = (uint8_t)ic_read_uint(&r, 1);
    struct ic_vp8 vp8 = {
        .non_reference = first & BIT_N,
        .start = first & BIT_S,
        .partition = first & MASK_PID,
    };
    if (first & BIT_X)
        read_extension(&vp8, &r);
    vp8.len = (uint8_t)(payload.len - r.rest.len);
    uint8_t frame = (uint8_t)ic_read_uint(&r, 1);
    if (r.bad)
        return IC_ERR_MALFORMED;
    vp8.key_start = vp8.start && vp8.partition == 0 && !(frame & P_BIT);
    *out = vp8;
    return IC_OK;
}

size_t ic_vp8_write(uint8_t out[IC_VP8_DESCRIPTOR_MAX], const struct ic_vp8 *vp8)
{
    bool last = vp8->has_tid || vp8->has_key_index;
    bool extended = vp8->has_picture_id || vp8->has_tl0 || last;
    size_t len = 1;

    out[0] = (uint8_t)((extended ? BIT_X : 0) | (vp8->non_reference ? BIT_N : 0) |
                       (vp8->start ? BIT_S : 0) | vp8->partition);
    if (!extended)
        return len;
    out[len++] = (uint8_t)((vp8->has_picture_id ? BIT_I : 0) | (vp8->has_tl0 ? BIT_L : 0) |
                           (vp8->has_tid ? BIT_T : 0) | (vp8->has_key_index ? BIT_K : 0));
    if (vp8->has_picture_id) {
        out[len++] = (uint8_t)(BIT_M | vp8->picture_id >> 8);
        out[len++] = (uint8_t)vp8->picture_id;
    }
    if (vp8->has_tl0)
        out[len++] = vp8->tl0;
    if (last)
        out[len++] = (uint8_t)(vp8->tid << 6 | (vp8->layer_sync ? BIT_Y : 0) | vp8->key_index);
    return len;
}
