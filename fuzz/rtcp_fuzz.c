/* Every packet of a compound, through every reader. */
#include "media/rtcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    struct ic_rtcp packet;
    while (ic_rtcp_next(&r, &packet)) {
        struct ic_rtcp_report reports[IC_RTCP_REPORTS_MAX];
        struct ic_rtcp_sr sr;
        uint32_t ssrcs[IC_RTCP_REPORTS_MAX];
        uint16_t seqs[64];
        uint64_t bps;
        if (packet.body.len > 0 && packet.body.at + packet.body.len > data + size)
            __builtin_trap();
        if (ic_rtcp_read_sr(&sr, &packet) == IC_OK)
            (void)ic_ns_of_ntp(sr.ntp);
        size_t count = ic_rtcp_read_reports(reports, &packet);
        for (size_t i = 0; i < count; i++)
            (void)ic_rtcp_rtt(&reports[i], 1000 * IC_NS_PER_SEC);
        (void)ic_rtcp_read_media_ssrc(ssrcs, &packet);
        (void)ic_rtcp_read_nack(seqs, IC_COUNT(seqs), &packet);
        (void)ic_rtcp_read_fir(ssrcs, IC_COUNT(ssrcs), &packet);
        (void)ic_rtcp_read_remb(&bps, &packet);
    }
    return 0;
}
