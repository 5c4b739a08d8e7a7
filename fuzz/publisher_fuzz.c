/* A hostile publisher: the bytes are packets, reports and passing time; a slot takes what comes,
 * and a receiver asks for some of it again. */
#include "media/publisher.h"
#include "media/slot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct play {
    struct ic_publisher publisher;
    struct ic_slot slot;
    struct ic_slot_sent sent[IC_SLOT_SENT_VIDEO];
    int64_t now;
};

static const struct ic_line LINES[3] = {{.mid = "1",
                                         .stream = IC_STREAM_CAMERA,
                                         .codec = IC_CODEC_VP8,
                                         .pt = 96,
                                         .rtx_pt = 97,
                                         .layers = 7,
                                         .ext = {4, 10, 11, 3, 7}},
                                        {.mid = "9",
                                         .is_slot = true,
                                         .codec = IC_CODEC_VP8,
                                         .pt = 100,
                                         .rtx_pt = 101,
                                         .more_pt = {0, 0, 102, 104},
                                         .more_rtx_pt = {0, 0, 103, 105},
                                         .ext = {1, 0, 0, 2, 5, 6},
                                         .ssrc = 8,
                                         .rtx_ssrc = 9},
                                        {.mid = "2",
                                         .stream = IC_STREAM_SCREEN,
                                         .codec = IC_CODEC_VP8,
                                         .pt = 106,
                                         .rtx_pt = 107,
                                         .more_pt = {0, 0, 108, 110},
                                         .more_rtx_pt = {0, 0, 109, 111},
                                         .ext = {4, 10, 11, 3, 7, 13}}};

static void take(struct play *p, const uint8_t *data, size_t len)
{
    uint8_t bytes[256], head[IC_SLOT_HEAD_MAX];
    struct ic_packet packet;
    struct ic_slot_out out;
    memcpy(bytes, data, len);
    if (ic_publisher_receive(&p->publisher, bytes, len, p->now, &packet) != IC_OK ||
        !ic_slot_forward(&p->slot, &packet, p->now, head, &out))
        return;
    if (out.head_len > IC_SLOT_HEAD_MAX || out.body.len > len)
        __builtin_trap();
    (void)ic_slot_resend(&p->slot, (uint16_t)(out.index - data[0] % 4), 0, p->now, head, &out);
}

static void answer(struct play *p)
{
    uint8_t buffer[IC_PUBLISHER_FEEDBACK_MAX];
    struct ic_writer w = ic_writer_of(buffer, sizeof buffer);
    struct ic_rtcp_sr sr;
    ic_slot_tick(&p->slot);
    (void)ic_slot_report(&p->slot, &sr, p->now);
    (void)ic_publisher_write_feedback(&p->publisher, &w, 0, p->now);
    if (w.bad)
        __builtin_trap();
}

/* One instruction: a byte that says what, a length, and so many bytes. */
static void obey(struct play *p, uint8_t what, const uint8_t *data, size_t len)
{
    struct ic_rtcp report = {.type = IC_RTCP_SR, .body = {data, len}};
    struct ic_rtcp_sr sr;
    switch (what % 4) {
    case 0:
        p->now += (int64_t)what * IC_NS_PER_MS;
        answer(p);
        break;
    case 1:
        if (ic_rtcp_read_sr(&sr, &report) == IC_OK)
            ic_publisher_note_sr(&p->publisher, &sr, p->now);
        break;
    case 2:
        ic_slot_point(&p->slot,
                      what & 64
                          ? ic_publisher_upstream(&p->publisher,
                                                  what & 128 ? IC_STREAM_SCREEN : IC_STREAM_CAMERA)
                          : NULL,
                      what >> 4 & 3);
        break;
    default:
        take(p, data, len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct play p;
    static _Alignas(8) uint8_t history[1 << 20];
    memset(history, 0, ic_publisher_history_size(LINES, 3));
    memset(&p, 0, sizeof p);
    p.now = 1000 * IC_NS_PER_SEC;
    ic_publisher_init(&p.publisher, LINES, 3, history, 1);
    ic_slot_init(&p.slot, &LINES[1], p.sent, IC_COUNT(p.sent), 0, 0);
    ic_slot_point(&p.slot, ic_publisher_upstream(&p.publisher, IC_STREAM_CAMERA), 2);
    while (size >= 2) {
        uint8_t what = data[0];
        size_t len = data[1] < size - 2 ? data[1] : size - 2;
        obey(&p, what, data + 2, len);
        data += 2 + len;
        size -= 2 + len;
    }
    return 0;
}
