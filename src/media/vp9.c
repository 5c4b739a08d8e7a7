/* The front of the descriptor, as RFC 9628 figures 2 and 3 have it:
 *
 *      0 1 2 3 4 5 6 7
 *     |I|P|L|F|B|E|V|Z|  required
 *  I: |M| PICTURE ID  |  7 bits, or 15 with M
 *  L: | TID |U| SID |D|
 *     |   TL0PICIDX   |  with L and without F
 */
#include "media/vp9.h"

enum {
    BIT_I = 0x80,
    BIT_P = 0x40,
    BIT_L = 0x20,
    BIT_F = 0x10,
    BIT_B = 0x08,
    BIT_M = 0x80,
    MASK_ID = 0x07,
};

static void read_picture_id(struct ic_vp9 *vp9, struct ic_reader *r)
{
    uint8_t first = (uint8_t)ic_read_uint(r, 1);
    vp9->has_picture_id = true;
    vp9->picture_bits = first & BIT_M ? 15 : 7;
    vp9->picture_id = first & (uint8_t)~BIT_M;
    if (first & BIT_M)
        vp9->picture_id = (uint16_t)(vp9->picture_id << 8 | ic_read_uint(r, 1));
}

static void read_layers(struct ic_vp9 *vp9, struct ic_reader *r, struct ic_bytes payload,
                        bool flexible)
{
    uint8_t layers = (uint8_t)ic_read_uint(r, 1);
    vp9->temporal = layers >> 5;
    vp9->spatial = layers >> 1 & MASK_ID;
    if (flexible)
        return;
    vp9->has_tl0 = true;
    vp9->tl0_at = (uint8_t)(payload.len - r->rest.len);
    vp9->tl0 = (uint8_t)ic_read_uint(r, 1);
}

enum ic_err ic_vp9_parse(struct ic_vp9 *out, struct ic_bytes payload)
{
    struct ic_reader r = ic_reader_of(payload);
    uint8_t first = (uint8_t)ic_read_uint(&r, 1);
    struct ic_vp9 vp9 = {0};

    if (first & BIT_I)
        read_picture_id(&vp9, &r);
    if (first & BIT_L)
        read_layers(&vp9, &r, payload, first & BIT_F);
    if (r.bad || r.rest.len == 0)
        return IC_ERR_MALFORMED;
    vp9.len = (uint8_t)(payload.len - r.rest.len);
    memcpy(vp9.bytes, payload.at, vp9.len);
    vp9.key_start = first & BIT_B && !(first & BIT_P) && vp9.spatial == 0;
    *out = vp9;
    return IC_OK;
}

size_t ic_vp9_write(uint8_t out[IC_VP9_FRONT_MAX], const struct ic_vp9 *vp9, uint16_t picture_id,
                    uint8_t tl0)
{
    memcpy(out, vp9->bytes, IC_VP9_FRONT_MAX);
    if (vp9->has_picture_id && vp9->picture_bits == 15) {
        out[1] = (uint8_t)(BIT_M | picture_id >> 8);
        out[2] = (uint8_t)picture_id;
    } else if (vp9->has_picture_id) {
        out[1] = picture_id & (uint8_t)~BIT_M;
    }
    if (vp9->has_tl0)
        out[vp9->tl0_at] = tl0;
    return vp9->len;
}
