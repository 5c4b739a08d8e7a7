/* framing.c - the receiving side of RFC 4571; sending is two bytes written before a packet. */
#include "worker/framing.h"

#include <assert.h>

uint8_t *ic_framing_room(struct ic_framing *f, size_t *room_len)
{
    memmove(f->bytes, f->bytes + f->taken, f->len - f->taken);
    f->len -= f->taken;
    f->taken = 0;
    *room_len = sizeof f->bytes - f->len;
    return f->bytes + f->len;
}

void ic_framing_grew(struct ic_framing *f, size_t len)
{
    assert(len <= sizeof f->bytes - f->len);
    f->len += len;
}

enum ic_err ic_framing_next(struct ic_framing *f, uint8_t **packet, size_t *len)
{
    struct ic_reader r = ic_reader_of((struct ic_bytes){f->bytes + f->taken, f->len - f->taken});
    size_t packet_len = (size_t)ic_read_uint(&r, IC_FRAMING_HEAD_LEN);

    if (r.bad)
        return IC_ERR_NOT_FOUND;
    if (packet_len == 0 || packet_len > IC_FRAMING_PACKET_MAX)
        return IC_ERR_MALFORMED;
    if (r.rest.len < packet_len)
        return IC_ERR_NOT_FOUND;
    *packet = f->bytes + f->taken + IC_FRAMING_HEAD_LEN;
    *len = packet_len;
    f->taken += IC_FRAMING_HEAD_LEN + packet_len;
    return IC_OK;
}
