/* Packets with a right tag but any content: this program has its own srtp.c, in which the tag does
 * not count. The first byte chooses the profile, and its bits whether each packet is RTP or RTCP.
 */
#include "media/srtp.h"

#include "fuzz/datagrams.h"

enum { STREAMS = 3 };

static struct ic_srtp_receiver *receiver(bool gcm)
{
    static const struct ic_srtp_master master = {{1}, {2}};
    struct ic_srtp_session session;
    struct ic_srtp_receiver *made;

    if (ic_srtp_derive(&session, &master) != IC_OK ||
        ic_srtp_receiver_new(&made, gcm ? IC_SRTP_AEAD_AES_128_GCM : IC_SRTP_AES_CM_SHA1_80,
                             &session, STREAMS, STREAMS) != IC_OK)
        abort();
    return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    unsigned kinds = (unsigned)ic_read_uint(&r, 1);
    struct ic_srtp_receiver *to = receiver(kinds & 1);
    uint8_t *packet;
    size_t len, was;
    uint64_t index;

    for (unsigned n = 1; (packet = next_datagram(&r, &len)); n++) {
        was = len;
        enum ic_err err = kinds >> (1 + n % 7) & 1 ? ic_srtcp_open(to, packet, &len)
                                                   : ic_srtp_open(to, packet, &len, &index);
        if (err == IC_OK ? len >= was : len != was)
            __builtin_trap();
        free(packet);
    }
    ic_srtp_receiver_free(to);
    return 0;
}
