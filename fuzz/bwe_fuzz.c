/* A receiver that lies: the bytes say what is sent when, and are the feedback on it. Whatever it
 * claims, the estimate stays within its bounds and probes end. */
#include "media/bwe.h"
#include "media/rtcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* First byte: packets sent, then how long until the feedback; then its length and its body. */
static bool one_round(struct ic_bwe *b, struct ic_reader *r, uint16_t *seq, int64_t *now)
{
    static struct ic_twcc_result results[IC_BWE_SENT_MOST];
    uint64_t sent = ic_read_uint(r, 1), wait_ms = ic_read_uint(r, 1), len = ic_read_uint(r, 1);
    struct ic_bytes body = ic_read_bytes(r, len);
    struct ic_rtcp packet = {IC_RTCP_TRANSPORT_FEEDBACK, IC_RTCP_TWCC, body};
    size_t count;

    if (r->bad)
        return false;
    for (uint64_t i = 0; i < sent; i++)
        ic_bwe_sent(b, (*seq)++, 100 + 10 * i, i, *now);
    *now += (int64_t)wait_ms * IC_NS_PER_MS;
    if (wait_ms == UINT8_MAX)
        ic_bwe_remb(b, len << sent % 32);
    if (ic_twcc_read(results, IC_COUNT(results), &count, &packet) == IC_OK)
        ic_bwe_feedback(b, results, count, *now);
    ic_bwe_want(b, (uint32_t)(sent * 100000));
    ic_bwe_tick(b, *now);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ic_bwe b;
    static struct ic_bwe_packet sent[256];
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    int64_t now = IC_NS_PER_SEC;
    uint16_t seq = 0;

    memset(sent, 0, sizeof sent);
    ic_bwe_init(&b, sent, IC_COUNT(sent), now);
    while (one_round(&b, &r, &seq, &now))
        if (ic_bwe_bps(&b) < IC_BWE_LEAST_BPS || ic_bwe_bps(&b) > IC_BWE_MOST_BPS)
            __builtin_trap();
    now += 3 * IC_PROBE_PATIENCE;
    ic_bwe_tick(&b, now);
    if (b.probe.waiting && now - b.probe.ended_at > 2 * IC_PROBE_PATIENCE)
        __builtin_trap();
    return 0;
}
