/* Whatever parses lies within the packet, and so does what a retransmission unwraps to. */
#include "media/rtp.h"
#include "media/rtx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_rtp rtp, again;
    uint8_t packet[IC_RTP_PACKET_MAX];
    (void)ic_datagram_kind((struct ic_bytes){data, size});
    if (ic_rtp_parse(&rtp, (struct ic_bytes){data, size}) != IC_OK)
        return 0;
    if (rtp.header_len + rtp.payload.len > size)
        __builtin_trap();
    memcpy(packet, data, size);
    if (ic_rtp_parse(&rtp, (struct ic_bytes){packet, size}) != IC_OK)
        __builtin_trap();
    if (ic_rtx_unwrap(packet, &rtp, 1, 96) != IC_OK)
        return 0;
    if (ic_rtp_parse(&again, (struct ic_bytes){packet + 2, size - 2}) != IC_OK ||
        !ic_bytes_equal(again.payload, rtp.payload))
        __builtin_trap();
    return 0;
}
