/* RFC 4588 figure 1: header, original sequence number, original payload. */
#include "media/rtx.h"

enum { MARKER = 0x80 };

enum ic_err ic_rtx_unwrap(uint8_t *packet, struct ic_rtp *rtp, uint32_t ssrc, uint8_t pt)
{
    if (rtp->payload.len < IC_RTX_OSN_LEN)
        return IC_ERR_NOT_FOUND;
    uint16_t seq = (uint16_t)(rtp->payload.at[0] << 8 | rtp->payload.at[1]);

    uint8_t *at = packet + IC_RTX_OSN_LEN;
    memmove(at, packet, rtp->header_len);
    at[1] = (uint8_t)((rtp->marker ? MARKER : 0) | pt);
    at[2] = (uint8_t)(seq >> 8);
    at[3] = (uint8_t)seq;
    for (int i = 0; i < 4; i++)
        at[8 + i] = (uint8_t)(ssrc >> (24 - 8 * i));

    rtp->seq = seq;
    rtp->ssrc = ssrc;
    rtp->pt = pt;
    rtp->payload =
        (struct ic_bytes){rtp->payload.at + IC_RTX_OSN_LEN, rtp->payload.len - IC_RTX_OSN_LEN};
    if (rtp->extensions.at)
        rtp->extensions.at += IC_RTX_OSN_LEN;
    return IC_OK;
}
