/* A screen that goes over to another codec while it is shared: what a receiver that takes all of
 * them gets, and one that takes only the first. */
#include <stdlib.h>

#include "media/publisher.h"
#include "media/slot.h"

#include "tests/test.h"

enum { VP8, VP8_RTX, VP9, VP9_RTX, AV1, AV1_RTX, H264, H264_RTX, PT = 96, SSRC = 7 };

static const int64_t START = 1000 * IC_NS_PER_SEC;

static struct ic_publisher publisher;
static uint8_t *history;

struct seat {
    struct ic_slot slot;
    struct ic_slot_sent sent[IC_SLOT_SENT_VIDEO];
};
static struct seat able, plain;

static void add_codecs(struct ic_line *line, uint8_t first)
{
    line->codec = IC_CODEC_VP8;
    line->pt = first + VP8;
    line->rtx_pt = first + VP8_RTX;
    line->more_pt[IC_CODEC_VP9] = first + VP9;
    line->more_rtx_pt[IC_CODEC_VP9] = first + VP9_RTX;
    line->more_pt[IC_CODEC_AV1] = first + AV1;
    line->more_rtx_pt[IC_CODEC_AV1] = first + AV1_RTX;
    line->more_pt[IC_CODEC_H264] = first + H264;
    line->more_rtx_pt[IC_CODEC_H264] = first + H264_RTX;
}

static uint16_t seq, last_able, last_plain; /* 0: nothing went out yet */

static int set_up(void **state)
{
    (void)state;
    last_able = last_plain = 0;
    struct ic_line line = {.mid = "2", .stream = IC_STREAM_SCREEN};
    struct ic_line slot = {.mid = "8", .is_slot = true, .ssrc = 0xB0, .rtx_ssrc = 0xB1};
    add_codecs(&line, PT);
    add_codecs(&slot, 110);
    memset(&publisher, 0, sizeof publisher);
    memset(&able, 0, sizeof able);
    memset(&plain, 0, sizeof plain);
    history = calloc(1, ic_publisher_history_size(&line, 1));
    ic_publisher_init(&publisher, &line, 1, history, 1);
    ic_slot_init(&able.slot, &slot, able.sent, IC_SLOT_SENT_VIDEO, 1000, 5000);
    memset(slot.more_pt, 0, sizeof slot.more_pt);
    memset(slot.more_rtx_pt, 0, sizeof slot.more_rtx_pt);
    ic_slot_init(&plain.slot, &slot, plain.sent, IC_SLOT_SENT_VIDEO, 1000, 5000);
    ic_slot_point(&able.slot, ic_publisher_upstream(&publisher, IC_STREAM_SCREEN), 2);
    ic_slot_point(&plain.slot, ic_publisher_upstream(&publisher, IC_STREAM_SCREEN), 2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(history);
    return 0;
}

/* The first packet of a frame, up to where the sealed part begins. */
static struct ic_bytes front(int codec, bool key)
{
    static const uint8_t vp8[][2] = {{0x10, 0x11}, {0x10, 0x10}}, vp9[] = {0x4C, 0x0C},
                         av1[] = {0x10, 0x18}, h264[] = {0x41, 0x67};
    switch (codec) {
    case VP8:
        return (struct ic_bytes){vp8[key], 2};
    case VP9:
        return (struct ic_bytes){&vp9[key], 1};
    case H264:
        return (struct ic_bytes){&h264[key], 1};
    default:
        return (struct ic_bytes){&av1[key], 1};
    }
}

static enum ic_err receive(struct ic_packet *out, int codec, bool key, bool resent, uint16_t number)
{
    static uint8_t bytes[100];
    struct ic_bytes start = front(codec, key);
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    ic_write_uint(&w, 0x80, 1);
    ic_write_uint(&w, 0x80 | (uint8_t)(PT + codec + resent), 1);
    ic_write_uint(&w, resent ? 1 : number, 2);
    ic_write_uint(&w, number * 3000u, 4);
    ic_write_uint(&w, SSRC + resent, 4);
    if (resent)
        ic_write_uint(&w, number, 2);
    ic_write_bytes(&w, start);
    ic_write_uint(&w, 0x0102030405060708, 8);
    return ic_publisher_receive(&publisher, bytes, w.len, START + number * IC_NS_PER_MS, out);
}

/* The payload type with which a slot passes the packet on; 0: it does not. */
static uint8_t passes(struct seat *seat, const struct ic_packet *packet, uint16_t *number)
{
    uint8_t head[IC_SLOT_HEAD_MAX];
    struct ic_slot_out out;
    if (!ic_slot_forward(&seat->slot, packet, START, head, &out))
        return 0;
    *number = (uint16_t)(head[2] << 8 | head[3]);
    return head[1] & 0x7F;
}

static void expect(int codec, bool key, uint8_t for_able, uint8_t for_plain)
{
    struct ic_packet packet;
    uint16_t number;
    if (receive(&packet, codec, key, false, ++seq) != IC_OK) {
        assert_int_equal(for_able, 0);
        assert_int_equal(for_plain, 0);
        return;
    }
    uint8_t pt = passes(&able, &packet, &number);
    assert_int_equal(pt, for_able);
    assert_true(pt == 0 || last_able == 0 || number == (uint16_t)(last_able + 1));
    last_able = pt ? number : last_able;
    pt = passes(&plain, &packet, &number);
    assert_int_equal(pt, for_plain);
    assert_true(pt == 0 || last_plain == 0 || number == (uint16_t)(last_plain + 1));
    last_plain = pt ? number : last_plain;
}

static bool asks_for_key_frame(void)
{
    struct ic_upstream *up = ic_publisher_upstream(&publisher, IC_STREAM_SCREEN);
    return ic_upstream_take_pli(up, 0, START + 10 * IC_NS_PER_SEC + seq * IC_NS_PER_SEC);
}

/* Numbers go on over every change; who takes only VP8 gets nothing that he could not show. */
TEST(slot_follows_a_screen_from_codec_to_codec_under_the_receivers_payload_types)
{
    expect(VP8, true, 110, 110);
    expect(VP8, false, 110, 110);
    expect(AV1, true, 114, 0);
    expect(AV1, false, 114, 0);
    expect(VP9, true, 112, 0);
    expect(VP9, false, 112, 0);
    expect(H264, true, 116, 0);
    expect(H264, false, 116, 0);
    expect(VP8, true, 110, 110);
    expect(VP8, false, 110, 110);
}

TEST(slot_waits_for_the_key_frame_of_another_codec_and_it_is_asked_for)
{
    expect(VP8, true, 110, 110);
    while (asks_for_key_frame())
        seq++;
    expect(AV1, false, 0, 0);
    expect(H264, false, 0, 0);
    assert_true(asks_for_key_frame());
    expect(AV1, true, 114, 0);
}

TEST(slot_resends_in_the_codec_that_the_packet_was_in)
{
    uint8_t head[IC_SLOT_HEAD_MAX];
    struct ic_slot_out out;
    struct ic_packet packet;
    uint16_t number, before;
    assert_int_equal(receive(&packet, VP8, true, false, ++seq), IC_OK);
    passes(&able, &packet, &before);
    assert_int_equal(receive(&packet, VP9, true, false, ++seq), IC_OK);
    passes(&able, &packet, &number);
    assert_int_equal(ic_slot_resend(&able.slot, number, 0, START, head, &out), IC_OK);
    assert_int_equal(head[1] & 0x7F, 113);
    assert_int_equal(ic_slot_resend(&able.slot, before, 0, START, head, &out), IC_ERR_NOT_FOUND);
}

/* Neither a late packet of the codec before nor its retransmission turns anything back. */
TEST(publisher_goes_back_to_a_codec_only_at_its_key_frame)
{
    struct ic_packet packet;
    uint16_t late;
    expect(VP8, true, 110, 110);
    late = ++seq;
    expect(AV1, true, 114, 0);
    assert_int_equal(receive(&packet, VP8, false, false, late), IC_ERR_NOT_FOUND);
    assert_int_equal(receive(&packet, VP8, false, true, late), IC_ERR_NOT_FOUND);
    expect(AV1, false, 114, 0);
}

#define CODEC_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN_TESTS(CODEC_TEST(slot_follows_a_screen_from_codec_to_codec_under_the_receivers_payload_types),
          CODEC_TEST(slot_waits_for_the_key_frame_of_another_codec_and_it_is_asked_for),
          CODEC_TEST(slot_resends_in_the_codec_that_the_packet_was_in),
          CODEC_TEST(publisher_goes_back_to_a_codec_only_at_its_key_frame))
