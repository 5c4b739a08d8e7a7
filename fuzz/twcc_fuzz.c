/* The body of a feedback packet is read; then the bytes are arrivals, whose feedback must read
 * back. */
#include "media/twcc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_back(struct ic_twcc_receiver *r)
{
    static struct ic_twcc_result results[512];
    bool more = r->dirty;
    for (int i = 0; more && i < 1000; i++) {
        uint8_t buffer[1200];
        struct ic_writer w = ic_writer_of(buffer, sizeof buffer);
        struct ic_rtcp packet;
        size_t count;
        more = ic_twcc_write(r, &w, 1, 2, 0);
        struct ic_reader reader = ic_reader_of(ic_written(&w));
        if (w.bad || !ic_rtcp_next(&reader, &packet) ||
            ic_twcc_read(results, IC_COUNT(results), &count, &packet) != IC_OK || count == 0)
            __builtin_trap();
    }
    if (more)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ic_twcc_result results[512];
    static struct ic_twcc_receiver receiver;
    struct ic_rtcp packet = {IC_RTCP_TRANSPORT_FEEDBACK, IC_RTCP_TWCC, {data, size}};
    size_t count;
    (void)ic_twcc_read(results, IC_COUNT(results), &count, &packet);

    ic_twcc_init(&receiver);
    int64_t now = 0;
    for (; size >= 4; data += 4, size -= 4) {
        now += (int64_t)(data[2] << 8 | data[3]) * 250000;
        ic_twcc_note(&receiver, (uint16_t)(data[0] << 8 | data[1]), now);
        if (data[3] == 0)
            read_back(&receiver);
    }
    read_back(&receiver);
    return 0;
}
