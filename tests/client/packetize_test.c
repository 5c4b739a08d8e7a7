/* What is cut comes together again, through loss and disorder. */
#include "client/jitter.h"
#include "client/packetize.h"
#include "media/rtp.h"
#include "media/vp8.h"
#include "tests/test.h"

#include <stdlib.h>

enum { PAYLOAD_MAX = 1100, PACKETS = 64 };

static struct ic_cells cells;
static struct ic_jitter jitter;

struct sent {
    uint8_t payload[PAYLOAD_MAX];
    size_t len;
    struct ic_jitter_packet packet;
};

static uint8_t byte_of(uint32_t frame, size_t i)
{
    return (uint8_t)(frame * 31 + i * 7 + i / 251);
}

/* Cuts frame `number` and returns how many packets it became. */
static size_t send_frame(struct sent *out, uint32_t seq, uint32_t number, size_t len, bool key)
{
    static uint8_t frame[100000];
    for (size_t i = 0; i < len; i++)
        frame[i] = byte_of(number, i);
    frame[0] = key ? 0x10 : 0x11;

    struct ic_cut cut = ic_cut_frame(len, PAYLOAD_MAX);
    for (size_t i = 0; i < cut.count; i++) {
        struct ic_bytes part = ic_cut_part(&cut, frame, i);
        struct ic_vp8 vp8 = {
            .start = i == 0, .has_picture_id = true, .picture_id = number & 0x7FFF};
        size_t front = ic_vp8_write(out[i].payload, &vp8);
        memcpy(out[i].payload + front, part.at, part.len);
        out[i].len = front + part.len;
        assert_true(out[i].len <= PAYLOAD_MAX);
        assert_int_equal(ic_vp8_parse(&vp8, (struct ic_bytes){out[i].payload, out[i].len}), IC_OK);
        assert_int_equal(vp8.picture_id, number & 0x7FFF);
        out[i].packet = (struct ic_jitter_packet){
            .seq = seq + (uint32_t)i,
            .timestamp = number * 3000,
            .first = vp8.start,
            .last = i + 1 == cut.count,
            .key = vp8.key_start,
            .payload = {out[i].payload + vp8.len, out[i].len - vp8.len},
        };
    }
    return cut.count;
}

static bool frame_is(uint32_t number, size_t len, int64_t now, bool broken)
{
    static uint8_t out[100000];
    struct ic_jitter_frame frame;
    if (ic_jitter_next(&jitter, now, out, sizeof out, &frame) != IC_OK)
        return false;
    bool same = frame.len == len && frame.timestamp == number * 3000 && frame.broken == broken;
    for (size_t i = 1; same && i < len; i++)
        same = out[i] == byte_of(number, i);
    ic_jitter_done(&jitter);
    return same;
}

static bool nothing_yet(int64_t now)
{
    static uint8_t out[100000];
    struct ic_jitter_frame frame;
    return ic_jitter_next(&jitter, now, out, sizeof out, &frame) == IC_ERR_NOT_FOUND;
}

static void begin(void)
{
    ic_cells_free(&cells);
    assert_int_equal(ic_cells_new(&cells, 600), IC_OK);
    ic_jitter_init(&jitter, &cells, 500 * IC_NS_PER_MS);
}

static void arrive(struct sent *s, int64_t now)
{
    s->packet.arrived = now;
    assert_int_equal(ic_jitter_put(&jitter, &s->packet), IC_OK);
}

TEST(packetize_cuts_into_parts_that_differ_by_one_byte_at_most)
{
    for (size_t len = 1; len < 20000; len = len * 5 / 4 + 1) {
        static uint8_t frame[20000];
        struct ic_cut cut = ic_cut_frame(len, PAYLOAD_MAX);
        size_t least = len, most = 0, total = 0;
        for (size_t i = 0; i < cut.count; i++) {
            struct ic_bytes part = ic_cut_part(&cut, frame, i);
            assert_ptr_equal(part.at, frame + total);
            total += part.len;
            least = part.len < least ? part.len : least;
            most = part.len > most ? part.len : most;
        }
        assert_int_equal(total, len);
        assert_true(most - least <= 1 && most + IC_VP8_DESCRIPTOR_MAX <= PAYLOAD_MAX);
    }
}

TEST(packetize_headers_are_read_back_with_their_extensions)
{
    const uint8_t ext[IC_EXTENSIONS] = {
        [IC_EXT_MID] = 4, [IC_EXT_TWCC] = 3, [IC_EXT_RID] = 10, [IC_EXT_RRID] = 11};
    for (int repaired = 0; repaired < 2; repaired++) {
        struct ic_send_header h = {.pt = 96,
                                   .marker = true,
                                   .seq = 65535,
                                   .timestamp = 0x89ABCDEF,
                                   .ssrc = 0x12345678,
                                   .ext = ext,
                                   .mid = "cam",
                                   .rid = 'm',
                                   .repaired = repaired,
                                   .twcc = 0x1122};
        uint8_t bytes[IC_RTP_HEADROOM + 1];
        size_t len = ic_send_header_write(bytes, &h);
        struct ic_rtp rtp;
        struct ic_bytes values[IC_EXTENSIONS];

        bytes[len] = 'x';
        assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){bytes, len + 1}), IC_OK);
        assert_int_equal(rtp.header_len, len);
        assert_int_equal(rtp.pt, 96);
        assert_int_equal(rtp.seq, 65535);
        assert_int_equal(rtp.ssrc, 0x12345678);
        assert_true(rtp.marker);
        ic_rtp_extensions(&rtp, ext, values);
        assert_true(ic_bytes_equal(values[IC_EXT_MID], ic_bytes_of_text("cam")));
        assert_true(
            ic_bytes_equal(values[repaired ? IC_EXT_RRID : IC_EXT_RID], ic_bytes_of_text("m")));
        assert_null(values[repaired ? IC_EXT_RID : IC_EXT_RRID].at);
        assert_int_equal(values[IC_EXT_TWCC].at[0] << 8 | values[IC_EXT_TWCC].at[1], 0x1122);
    }
}

TEST(jitter_gives_back_frames_that_arrive_in_any_order)
{
    static struct sent sent[PACKETS];
    size_t order[PACKETS], count = 0;
    static const size_t lens[] = {30000, 1, 1095, 1096, 1097, 5000};

    begin();
    srand(7);
    for (uint32_t f = 0; f < IC_COUNT(lens); f++)
        count += send_frame(sent + count, 65530 + (uint32_t)count, f, lens[f], f == 0);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count - 1; i > 1; i--) { /* the first stays first: it begins the stream */
        size_t k = 1 + (size_t)rand() % i, swap = order[i];
        order[i] = order[k];
        order[k] = swap;
    }
    for (size_t i = 0; i < count; i++)
        arrive(&sent[order[i]], (int64_t)i);
    for (uint32_t f = 0; f < IC_COUNT(lens); f++)
        assert_true(frame_is(f, lens[f], 1000, false));
    assert_true(nothing_yet(IC_NS_PER_SEC * 9));
    assert_int_equal(jitter.dropped, 0);
    assert_int_equal(cells.free_count, 600);
}

/* When such a frame would have come by itself nobody knows, so it must not count as late. */
TEST(jitter_tells_of_a_frame_that_came_as_a_copy)
{
    static struct sent sent[PACKETS];
    static uint8_t out[IC_CELL_SIZE];

    begin();
    for (uint32_t f = 0; f < 3; f++)
        assert_int_equal(send_frame(sent + f, 100 + f, f, 80, f == 0), 1);
    sent[1].packet.copied = true;
    for (uint32_t f = 0; f < 3; f++)
        arrive(&sent[f], f);
    for (uint32_t f = 0; f < 3; f++) {
        struct ic_jitter_frame frame;
        assert_int_equal(ic_jitter_next(&jitter, 1000, out, sizeof out, &frame), IC_OK);
        assert_int_equal(frame.copied, f == 1);
        ic_jitter_done(&jitter);
    }
}

TEST(jitter_waits_for_a_resend_and_then_goes_on_as_if_nothing_was)
{
    static struct sent sent[PACKETS];
    size_t first, second;

    begin();
    first = send_frame(sent, 100, 0, 3000, true);
    second = send_frame(sent + first, 100 + (uint32_t)first, 1, 3000, false);
    for (size_t i = 0; i < first + second; i++)
        if (i != 1)
            arrive(&sent[i], 0);
    assert_true(nothing_yet(400 * IC_NS_PER_MS));
    arrive(&sent[1], 400 * IC_NS_PER_MS);
    assert_true(frame_is(0, 3000, 400 * IC_NS_PER_MS, false));
    assert_true(frame_is(1, 3000, 400 * IC_NS_PER_MS, false));
    assert_int_equal(jitter.dropped, 0);
}

TEST(jitter_gives_up_in_the_end_and_marks_what_follows_until_a_key_frame)
{
    static struct sent sent[PACKETS];
    size_t n = 0, lost, key;

    begin();
    n += send_frame(sent, 0, 0, 3000, true);
    lost = n + 1;
    n += send_frame(sent + n, (uint32_t)n, 1, 3000, false);
    n += send_frame(sent + n, (uint32_t)n, 2, 3000, false);
    key = n;
    n += send_frame(sent + n, (uint32_t)n, 3, 3000, true);
    n += send_frame(sent + n, (uint32_t)n, 4, 3000, false);
    for (size_t i = 0; i < key; i++)
        if (i != lost)
            arrive(&sent[i], 0);
    assert_true(frame_is(0, 3000, 0, false));
    assert_int_equal(ic_jitter_next_timeout(&jitter), 500 * IC_NS_PER_MS);
    assert_true(nothing_yet(499 * IC_NS_PER_MS));
    assert_true(frame_is(2, 3000, 500 * IC_NS_PER_MS, true));
    for (size_t i = key; i < n; i++)
        arrive(&sent[i], 0);
    assert_true(frame_is(3, 3000, 500 * IC_NS_PER_MS, false));
    assert_true(frame_is(4, 3000, 500 * IC_NS_PER_MS, false));
    assert_int_equal(jitter.dropped, 1);
    assert_int_equal(cells.free_count, 600);
}

TEST(jitter_does_not_wait_for_what_a_whole_key_frame_replaces)
{
    static struct sent sent[PACKETS];
    size_t n = 0, lost;

    begin();
    n += send_frame(sent, 0, 0, 3000, true);
    lost = n + 1;
    n += send_frame(sent + n, (uint32_t)n, 1, 3000, false);
    n += send_frame(sent + n, (uint32_t)n, 2, 3000, true);
    for (size_t i = 0; i + 1 < n; i++)
        if (i != lost)
            arrive(&sent[i], 0);
    assert_true(frame_is(0, 3000, 0, false));
    assert_true(nothing_yet(0));
    arrive(&sent[n - 1], 0);
    assert_true(frame_is(2, 3000, 0, false));
    assert_int_equal(jitter.dropped, 1);
    assert_int_equal(cells.free_count, 600);
}

TEST(jitter_refuses_repeats_and_what_is_too_late)
{
    static struct sent sent[PACKETS];

    begin();
    size_t n = send_frame(sent, 50, 0, 3000, true);
    arrive(&sent[0], 0);
    assert_int_equal(ic_jitter_put(&jitter, &sent[0].packet), IC_ERR_REPLAYED);
    for (size_t i = 1; i < n; i++)
        arrive(&sent[i], 0);
    assert_true(frame_is(0, 3000, 0, false));
    assert_int_equal(ic_jitter_put(&jitter, &sent[0].packet), IC_ERR_REPLAYED);
}

TEST(jitter_begins_anew_after_a_jump_and_gives_its_cells_back)
{
    static struct sent sent[PACKETS];

    begin();
    send_frame(sent, 50, 0, 3000, true);
    arrive(&sent[0], 0);
    size_t n = send_frame(sent, 50 + 5000, 1, 3000, false);
    for (size_t i = 0; i < n; i++)
        arrive(&sent[i], 0);
    assert_true(frame_is(1, 3000, 0, true));
    assert_int_equal(jitter.dropped, 1);
    assert_int_equal(cells.free_count, 600);
}

TEST(jitter_is_full_when_the_pool_is_and_recovers)
{
    static struct sent sent[PACKETS];
    static struct ic_jitter other;

    ic_cells_free(&cells);
    assert_int_equal(ic_cells_new(&cells, 2), IC_OK);
    ic_jitter_init(&jitter, &cells, IC_NS_PER_SEC);
    ic_jitter_init(&other, &cells, IC_NS_PER_SEC);
    size_t n = send_frame(sent, 0, 0, 3000, true);
    assert_int_equal(n, 3);
    arrive(&sent[0], 0);
    arrive(&sent[1], 0);
    assert_int_equal(ic_jitter_put(&other, &sent[2].packet), IC_ERR_FULL);
    ic_jitter_clear(&jitter);
    assert_int_equal(ic_jitter_put(&other, &sent[2].packet), IC_OK);
    ic_jitter_clear(&other);
    assert_int_equal(cells.free_count, 2);
    ic_cells_free(&cells);
}

RUN_TESTS(cmocka_unit_test(packetize_cuts_into_parts_that_differ_by_one_byte_at_most),
          cmocka_unit_test(packetize_headers_are_read_back_with_their_extensions),
          cmocka_unit_test(jitter_gives_back_frames_that_arrive_in_any_order),
          cmocka_unit_test(jitter_tells_of_a_frame_that_came_as_a_copy),
          cmocka_unit_test(jitter_waits_for_a_resend_and_then_goes_on_as_if_nothing_was),
          cmocka_unit_test(jitter_gives_up_in_the_end_and_marks_what_follows_until_a_key_frame),
          cmocka_unit_test(jitter_does_not_wait_for_what_a_whole_key_frame_replaces),
          cmocka_unit_test(jitter_refuses_repeats_and_what_is_too_late),
          cmocka_unit_test(jitter_begins_anew_after_a_jump_and_gives_its_cells_back),
          cmocka_unit_test(jitter_is_full_when_the_pool_is_and_recovers))
