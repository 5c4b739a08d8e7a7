/* One receive slot, case by case; slot_random_test.c has the rest. */
#include "media/publisher.h"
#include "media/slot.h"

#include "tests/media/camera.h"
#include "tests/test.h"

static const int64_t MS = IC_NS_PER_MS;
static const int64_t START = 1000 * IC_NS_PER_SEC;

enum { VOICE_PT = 111, VOICE_RED_PT = 63, SLOT_PT = 109, SLOT_RED_PT = 110 };

/* A publisher with a camera and a microphone, and one slot for each. */
struct stage {
    struct camera camera;
    struct ic_publisher publisher;
    uint8_t *history;
};

struct seat {
    struct ic_slot slot;
    struct ic_slot_sent sent[IC_SLOT_SENT_VIDEO];
};

static struct stage one, two;
static struct seat video, voice;

static void open_stage(struct stage *s, uint64_t seed)
{
    struct ic_line lines[2] = {camera_line(),
                               {.mid = "0",
                                .stream = IC_STREAM_MICROPHONE,
                                .codec = IC_CODEC_OPUS,
                                .pt = VOICE_PT,
                                .red_pt = VOICE_RED_PT}};
    memset(s, 0, sizeof *s);
    camera_init(&s->camera, seed);
    s->history = calloc(1, ic_publisher_history_size(lines, 2));
    ic_publisher_init(&s->publisher, lines, 2, s->history, 1);
}

static int set_up(void **state)
{
    (void)state;
    const struct ic_line video_line = {.mid = "8",
                                       .is_slot = true,
                                       .codec = IC_CODEC_VP8,
                                       .pt = 120,
                                       .rtx_pt = 121,
                                       .ext = {9, 0, 0, 12, 13},
                                       .ssrc = 0xB0,
                                       .rtx_ssrc = 0xB1};
    const struct ic_line voice_line = {
        .mid = "4", .is_slot = true, .codec = IC_CODEC_OPUS, .pt = 109, .ssrc = 0xC0};
    memset(&video, 0, sizeof video);
    memset(&voice, 0, sizeof voice);
    open_stage(&one, 1);
    open_stage(&two, 2);
    ic_slot_init(&video.slot, &video_line, video.sent, IC_SLOT_SENT_VIDEO, 1000, 5000);
    ic_slot_init(&voice.slot, &voice_line, voice.sent, IC_SLOT_SENT_VOICE, 65535, 0xFFFFFFF0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(one.history);
    free(two.history);
    return 0;
}

static struct ic_upstream *camera_of(struct stage *s)
{
    return ic_publisher_upstream(&s->publisher, IC_STREAM_CAMERA);
}

static struct ic_upstream *microphone_of(struct stage *s)
{
    return ic_publisher_upstream(&s->publisher, IC_STREAM_MICROPHONE);
}

/* What came out of a slot. */
struct heard {
    bool any;
    struct ic_rtp rtp;
    struct ic_vp8 vp8;
    struct ic_slot_out out;
    uint8_t head[IC_SLOT_HEAD_MAX];
};

static struct heard offer(struct seat *seat, const struct ic_packet *packet, int64_t now)
{
    struct heard h = {0};
    h.any = ic_slot_forward(&seat->slot, packet, now, h.head, &h.out);
    if (!h.any)
        return h;
    static uint8_t whole[256];
    memcpy(whole, h.head, h.out.head_len);
    memcpy(whole + h.out.head_len, h.out.body.at, h.out.body.len);
    assert_int_equal(
        ic_rtp_parse(&h.rtp, (struct ic_bytes){whole, h.out.head_len + h.out.body.len}), IC_OK);
    if (seat == &video)
        assert_int_equal(ic_vp8_parse(&h.vp8, h.rtp.payload), IC_OK);
    return h;
}

static struct heard show_packet(struct stage *s, struct camera_packet sent, int64_t now)
{
    struct ic_packet packet;
    static struct camera_packet kept;
    kept = sent;
    assert_int_equal(ic_publisher_receive(&s->publisher, kept.bytes, kept.len, now, &packet),
                     IC_OK);
    return offer(&video, &packet, now);
}

/* One frame of one packet. */
static struct camera_packet frame(struct stage *s, int layer, int64_t now, bool key)
{
    camera_next_frame(&s->camera, layer, key);
    return camera_packet(&s->camera, layer, now, 0, 1, key);
}

static struct heard show(struct stage *s, int layer, int64_t now, bool key)
{
    return show_packet(s, frame(s, layer, now, key), now);
}

static struct heard say(struct stage *s, uint16_t seq, uint32_t timestamp, int64_t now)
{
    struct ic_packet packet;
    static uint8_t bytes[16];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    camera_header(&w, false, VOICE_PT, seq, timestamp, s == &one ? 11 : 22);
    ic_write_uint(&w, 0xF0F1F2F3, 4);
    assert_int_equal(ic_publisher_receive(&s->publisher, bytes, sizeof bytes, now, &packet), IC_OK);
    return offer(&voice, &packet, now);
}

/* The same with two older frames in front, "ab" and "cde". */
static struct heard say_again(struct stage *s, uint16_t seq, uint32_t timestamp, int64_t now)
{
    struct ic_packet packet;
    static uint8_t bytes[64];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    camera_header(&w, false, VOICE_RED_PT, seq, timestamp, s == &one ? 11 : 22);
    ic_write_uint(&w, 0x80 | VOICE_PT, 1);
    ic_write_uint(&w, 1920 << 10 | 2, 3);
    ic_write_uint(&w, 0x80 | VOICE_PT, 1);
    ic_write_uint(&w, 960 << 10 | 3, 3);
    ic_write_uint(&w, VOICE_PT, 1);
    ic_write_bytes(&w, ic_bytes_of_text("abcdefgh"));
    assert_int_equal(ic_publisher_receive(&s->publisher, bytes, w.len, now, &packet), IC_OK);
    return offer(&voice, &packet, now);
}

static void take_red(void)
{
    const struct ic_line line = {.mid = "4",
                                 .is_slot = true,
                                 .codec = IC_CODEC_OPUS,
                                 .pt = SLOT_PT,
                                 .red_pt = SLOT_RED_PT,
                                 .ssrc = 0xC0};
    ic_slot_init(&voice.slot, &line, voice.sent, IC_SLOT_SENT_VOICE, 65535, 0xFFFFFFF0);
    ic_slot_point(&voice.slot, microphone_of(&one), 0);
}

static bool is_newest_alone(const struct heard *h)
{
    return h->any && h->rtp.pt == SLOT_PT &&
           ic_bytes_equal(h->rtp.payload, ic_bytes_of_text("fgh"));
}

static bool is_redundant(const struct heard *h)
{
    static const uint8_t headers[] = {0x80 | SLOT_PT, 0x1E, 0, 2,      0x80 | SLOT_PT,
                                      0x0F,           0,    3, SLOT_PT};
    return h->any && h->rtp.pt == SLOT_RED_PT && h->rtp.payload.len == sizeof headers + 8 &&
           memcmp(h->rtp.payload.at, headers, sizeof headers) == 0 &&
           memcmp(h->rtp.payload.at + sizeof headers, "abcdefgh", 8) == 0;
}

static bool pli_goes_out(struct stage *s, int layer, int64_t now)
{
    return ic_upstream_take_pli(camera_of(s), (uint8_t)layer, now);
}

TEST(slot_writes_its_own_header_with_no_foreign_extension)
{
    const uint8_t ids[IC_EXTENSIONS] = {9, 0, 0, 12, 13};
    struct ic_bytes ext[IC_EXTENSIONS];
    ic_slot_point(&video.slot, camera_of(&one), 2);
    struct heard h = show(&one, 2, START, true);
    assert_true(h.any);
    assert_int_equal(h.rtp.ssrc, 0xB0);
    assert_int_equal(h.rtp.pt, 120);
    assert_int_equal(h.rtp.seq, 500);
    assert_int_equal(h.rtp.timestamp, 5000);
    assert_int_equal(h.out.index, 500);
    ic_rtp_extensions(&h.rtp, ids, ext);
    assert_int_equal(ext[IC_EXT_MID].len, 1);
    assert_int_equal(ext[IC_EXT_TWCC].len, 2);
    assert_null(ext[IC_EXT_ORIENTATION].at);
    assert_int_equal(h.rtp.extensions.len, 8);
    assert_int_equal(h.out.twcc_at, h.out.header_len - 8 + 3);
}

TEST(slot_passes_the_orientation_on_under_the_receivers_id)
{
    const uint8_t ids[IC_EXTENSIONS] = {[IC_EXT_ORIENTATION] = 13};
    struct ic_bytes ext[IC_EXTENSIONS];
    ic_slot_point(&video.slot, camera_of(&one), 2);
    struct camera_packet sent = frame(&one, 2, START, true);
    sent.bytes[20] = 0x70; /* in the padding of the extensions: id 7 */
    sent.bytes[21] = 3;
    struct heard h = show_packet(&one, sent, START);
    ic_rtp_extensions(&h.rtp, ids, ext);
    assert_int_equal(ext[IC_EXT_ORIENTATION].len, 1);
    assert_int_equal(ext[IC_EXT_ORIENTATION].at[0], 3);
}

TEST(slot_begins_with_a_key_frame_and_asks_for_one)
{
    ic_slot_point(&video.slot, camera_of(&one), 0);
    assert_false(show(&one, 0, START, false).any);
    assert_false(pli_goes_out(&one, 0, START));
    ic_slot_tick(&video.slot);
    assert_true(pli_goes_out(&one, 0, START));
    assert_true(show(&one, 0, START + MS, true).any);
    assert_true(show(&one, 0, START + 2 * MS, false).any);
    ic_slot_tick(&video.slot);
    assert_false(pli_goes_out(&one, 0, START + IC_NS_PER_SEC));
}

TEST(slot_begins_with_a_lower_layer_while_it_waits_for_the_wanted)
{
    ic_slot_point(&video.slot, camera_of(&one), 2);
    assert_true(show(&one, 0, START, true).any);
    assert_false(show(&one, 1, START, true).any); /* h may come any moment */
    ic_slot_tick(&video.slot);
    assert_true(show(&one, 1, START + 50 * MS, true).any);
    assert_true(show(&one, 2, START + 60 * MS, true).any);
    assert_false(show(&one, 0, START, true).any);
}

TEST(slot_keeps_the_old_layer_until_the_key_frame_of_the_new)
{
    ic_slot_point(&video.slot, camera_of(&one), 0);
    show(&one, 0, START, true);
    assert_false(show(&one, 2, START, true).any);
    ic_slot_point(&video.slot, camera_of(&one), 2);
    assert_true(pli_goes_out(&one, 2, START));
    assert_true(show(&one, 0, START + 33 * MS, false).any);
    assert_false(show(&one, 2, START + 33 * MS, false).any);
    struct heard last = show(&one, 0, START + 66 * MS, false);
    struct heard first = show(&one, 2, START + 66 * MS, true);
    assert_int_equal(first.rtp.seq, last.rtp.seq + 1);
    assert_int_equal(first.vp8.picture_id, last.vp8.picture_id + 1);
    assert_int_equal(first.vp8.tl0, (uint8_t)(last.vp8.tl0 + 1));
    assert_int_equal(first.vp8.key_index, (last.vp8.key_index + 1) & 31);
    assert_true((int32_t)(first.rtp.timestamp - last.rtp.timestamp) > 0);
    assert_false(show(&one, 0, START + 99 * MS, false).any);
    assert_int_equal(camera_of(&one)->layers[0].takers, 0);
    assert_int_equal(camera_of(&one)->layers[2].takers, 1);
}

TEST(slot_does_not_switch_at_a_key_frame_that_came_out_of_order)
{
    ic_slot_point(&video.slot, camera_of(&one), 0);
    show(&one, 0, START, true);
    show(&one, 2, START, false);
    ic_slot_point(&video.slot, camera_of(&one), 2);
    struct camera_packet key = frame(&one, 2, START, true);
    assert_false(show(&one, 2, START, false).any);
    assert_false(show_packet(&one, key, START).any);
    ic_slot_tick(&video.slot);
    assert_true(pli_goes_out(&one, 2, START + IC_PLI_SPACING));
}

TEST(slot_falls_to_a_living_layer_when_its_own_falls_silent)
{
    ic_slot_point(&video.slot, camera_of(&one), 2);
    show(&one, 2, START, true);
    show(&one, 0, START + IC_LAYER_SILENCE, false);
    ic_slot_tick(&video.slot);
    assert_true(pli_goes_out(&one, 0, START + IC_LAYER_SILENCE));
    assert_true(show(&one, 0, START + IC_LAYER_SILENCE + MS, true).any);
    assert_false(show(&one, 2, START + IC_LAYER_SILENCE + 2 * MS, false).any);
    ic_slot_tick(&video.slot);
    assert_true(pli_goes_out(&one, 2, START + IC_LAYER_SILENCE + 2 * MS));
    assert_true(show(&one, 2, START + IC_LAYER_SILENCE + 3 * MS, true).any);
}

TEST(slot_takes_a_layer_back_as_soon_as_it_lives_again)
{
    const int64_t later = START + IC_LAYER_SILENCE;
    ic_slot_point(&video.slot, camera_of(&one), 2);
    show(&one, 2, START, true);
    show(&one, 0, later, false);
    ic_slot_tick(&video.slot);
    assert_true(show(&one, 0, later + 33 * MS, true).any);
    assert_true(show(&one, 2, later + 34 * MS, true).any);
    assert_false(show(&one, 0, later + 66 * MS, true).any);
    assert_true(show(&one, 2, later + 67 * MS, false).any);
}

TEST(slot_goes_down_to_the_layer_that_the_path_bears_at_its_key_frame)
{
    ic_slot_point(&video.slot, camera_of(&one), 2);
    for (int layer = 0; layer < IC_LAYERS; layer++)
        show(&one, layer, START, true);
    assert_true(show(&one, 2, START + 33 * MS, false).any);
    ic_slot_limit(&video.slot, ic_step(0, IC_RATES - 1));
    assert_true(pli_goes_out(&one, 0, START + 34 * MS));
    assert_true(show(&one, 2, START + 66 * MS, false).any); /* rather than nothing */
    assert_false(show(&one, 0, START + 99 * MS, false).any);
    assert_true(show(&one, 0, START + 132 * MS, true).any);
    assert_false(show(&one, 2, START + 133 * MS, true).any);
    assert_false(show(&one, 1, START + 133 * MS, true).any);
    ic_slot_limit(&video.slot, IC_STEPS - 1);
    assert_true(show(&one, 2, START + 166 * MS, true).any);
}

TEST(slot_that_the_path_does_not_bear_is_dark_and_asks_for_nothing)
{
    ic_slot_point(&video.slot, camera_of(&one), 2);
    show(&one, 0, START, true);
    ic_slot_limit(&video.slot, -1);
    pli_goes_out(&one, 0, START + 600 * MS);
    assert_false(show(&one, 0, START + 610 * MS, true).any);
    assert_false(show(&one, 0, START + 633 * MS, false).any);
    ic_slot_want_key(&video.slot);
    ic_slot_tick(&video.slot);
    assert_false(pli_goes_out(&one, 0, START + 2000 * MS));
    assert_int_equal(camera_of(&one)->layers[0].takers, 0);
    ic_slot_limit(&video.slot, ic_step(0, IC_RATES - 1));
    assert_true(pli_goes_out(&one, 0, START + 3000 * MS));
    assert_false(show(&one, 0, START + 3010 * MS, false).any);
    assert_true(show(&one, 0, START + 3033 * MS, true).any);
}

TEST(slot_of_voice_knows_no_limit)
{
    ic_slot_point(&voice.slot, microphone_of(&one), 0);
    ic_slot_limit(&voice.slot, -1);
    assert_true(say(&one, 1, 960, START).any);
}

TEST(slot_writes_a_packet_that_was_held_back_byte_for_byte)
{
    ic_slot_point(&video.slot, camera_of(&one), 2);
    show(&one, 0, START, true);
    struct heard first = show(&one, 0, START + 33 * MS, false);
    show(&one, 0, START + 66 * MS, false);
    uint8_t head[IC_SLOT_HEAD_MAX];
    struct ic_slot_out out;
    assert_int_equal(ic_slot_recall(&video.slot, first.rtp.seq, head, &out), IC_OK);
    assert_int_equal(out.head_len, first.out.head_len);
    assert_memory_equal(head, first.head, out.head_len);
    assert_int_equal(out.index, first.out.index);
    assert_int_equal(out.ssrc, first.out.ssrc);
    assert_int_equal(out.body.len, first.out.body.len);
    assert_int_equal(ic_slot_recall(&video.slot, (uint16_t)(first.rtp.seq + 9), head, &out),
                     IC_ERR_NOT_FOUND);
    ic_slot_point(&video.slot, camera_of(&two), 2);
    assert_int_equal(ic_slot_recall(&video.slot, first.rtp.seq, head, &out), IC_ERR_NOT_FOUND);
}

TEST(slot_pads_on_the_retransmission_stream_with_numbers_of_its_own)
{
    uint8_t whole[IC_SLOT_HEAD_MAX + IC_SLOT_PADDING_LEN];
    struct ic_slot_out out;
    struct ic_rtp rtp;
    uint64_t before = 0;

    assert_false(ic_slot_pad(&video.slot, whole, &out)); /* it shows nothing */
    ic_slot_point(&video.slot, camera_of(&one), 0);
    show(&one, 0, START, true);
    for (int i = 0; i < 3; i++) {
        assert_true(ic_slot_pad(&video.slot, whole, &out));
        memcpy(whole + out.head_len, out.body.at, out.body.len);
        assert_int_equal(out.body.len, IC_SLOT_PADDING_LEN);
        assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){whole, out.head_len + out.body.len}),
                         IC_OK);
        assert_int_equal(rtp.payload.len, 0);
        assert_int_equal(rtp.ssrc, 0xB1);
        assert_int_equal(rtp.pt, 121);
        assert_true(i == 0 || out.index == before + 1);
        before = out.index;
    }
    ic_slot_point(&voice.slot, microphone_of(&one), 0);
    say(&one, 1, 960, START);
    assert_false(ic_slot_pad(&voice.slot, whole, &out));
}

TEST(slot_waits_for_a_key_frame_when_its_layer_begins_anew)
{
    ic_slot_point(&video.slot, camera_of(&one), 1);
    struct heard last = show(&one, 1, START, true);
    camera_renew_layer(&one.camera, 1);
    assert_false(show(&one, 1, START + 33 * MS, false).any);
    ic_slot_tick(&video.slot);
    assert_true(pli_goes_out(&one, 1, START + 33 * MS));
    struct heard first = show(&one, 1, START + 66 * MS, true);
    assert_int_equal(first.rtp.seq, last.rtp.seq + 1);
    assert_int_equal(camera_of(&one)->layers[1].takers, 1);
}

TEST(slot_shows_another_sender_as_the_same_stream)
{
    ic_slot_point(&video.slot, camera_of(&one), 2);
    struct heard last = show(&one, 2, START, true);
    ic_slot_point(&video.slot, camera_of(&two), 2);
    assert_false(show(&one, 2, START + 33 * MS, true).any);
    assert_false(show(&two, 2, START + 33 * MS, false).any);
    struct heard first = show(&two, 2, START + 100 * MS, true);
    assert_int_equal(first.rtp.seq, last.rtp.seq + 1);
    assert_int_equal(first.rtp.timestamp, last.rtp.timestamp + 9000);
    assert_int_equal(first.vp8.picture_id, last.vp8.picture_id + 1);
    assert_int_equal(camera_of(&one)->layers[2].takers, 0);
}

TEST(slot_that_points_at_nothing_is_silent)
{
    ic_slot_point(&video.slot, camera_of(&one), 2);
    show(&one, 2, START, true);
    ic_slot_point(&video.slot, NULL, 2);
    struct ic_rtcp_sr sr;
    struct heard h;
    assert_false(show(&one, 2, START, true).any);
    ic_slot_tick(&video.slot);
    ic_slot_want_key(&video.slot);
    assert_false(ic_slot_report(&video.slot, &sr, START));
    assert_int_equal(ic_slot_resend(&video.slot, 500, 0, START, h.head, &h.out), IC_ERR_NOT_FOUND);
}

/* Both layers show 50 ms after the slot's first frame; their clocks begin anywhere. */
TEST(slot_aligns_layers_by_the_senders_clock)
{
    struct ic_rtcp_sr low = camera_report(&one.camera, 0, START);
    struct ic_rtcp_sr high = camera_report(&one.camera, 2, START + 7 * MS);
    ic_slot_point(&video.slot, camera_of(&one), 0);
    struct heard last = show(&one, 0, START, true);
    show(&one, 2, START, false);
    ic_publisher_note_sr(&one.publisher, &low, START);
    ic_publisher_note_sr(&one.publisher, &high, START + 7 * MS);
    ic_slot_point(&video.slot, camera_of(&one), 2);

    struct camera_packet key = frame(&one, 2, START + 50 * MS, true);
    struct heard first = show_packet(&one, key, START + 90 * MS); /* 40 ms on its way */
    assert_in_range(first.rtp.timestamp - last.rtp.timestamp, 4499, 4501);
}

/* The key frame is 20 ms later than the least that packets of the other sender take, and its clock
 * is an hour away: what the slot reported of time and timestamp before still holds. */
TEST(slot_keeps_time_and_timestamp_together_from_sender_to_sender)
{
    struct ic_rtcp_sr low = camera_report(&one.camera, 0, START), before, after;
    struct ic_rtcp_sr other = camera_report(&two.camera, 0, START);
    other.ntp += UINT64_C(3600) << 32;
    ic_slot_point(&video.slot, camera_of(&one), 0);
    show(&one, 0, START, true);
    ic_publisher_note_sr(&one.publisher, &low, START + 5 * MS);
    assert_true(ic_slot_report(&video.slot, &before, START + 50 * MS));

    show(&two, 0, START, false);
    ic_publisher_note_sr(&two.publisher, &other, START + 30 * MS);
    ic_slot_point(&video.slot, camera_of(&two), 0);
    struct camera_packet key = frame(&two, 0, START + 100 * MS, true);
    assert_true(show_packet(&two, key, START + 150 * MS).any);
    assert_true(ic_slot_report(&video.slot, &after, START + 200 * MS));
    uint32_t ticks = ic_rtp_ticks(ic_ns_of_ntp(after.ntp) - ic_ns_of_ntp(before.ntp), 90000);
    assert_in_range(after.timestamp - before.timestamp - ticks + 1, 0, 2);
}

TEST(slot_timestamps_never_go_back)
{
    struct ic_rtcp_sr low = camera_report(&one.camera, 0, START);
    struct ic_rtcp_sr high = camera_report(&one.camera, 2, START);
    ic_slot_point(&video.slot, camera_of(&one), 0);
    show(&one, 0, START, true);
    show(&one, 2, START, false);
    ic_publisher_note_sr(&one.publisher, &low, START);
    ic_publisher_note_sr(&one.publisher, &high, START);
    struct camera_packet key = frame(&one, 2, START + 10 * MS, true);
    struct heard last = show(&one, 0, START + 66 * MS, false);
    ic_slot_point(&video.slot, camera_of(&one), 2);
    struct heard first = show_packet(&one, key, START + 70 * MS);
    assert_int_equal(first.rtp.timestamp, last.rtp.timestamp + 1);
}

TEST(slot_does_not_believe_a_clock_that_jumps)
{
    struct ic_rtcp_sr low = camera_report(&one.camera, 0, START);
    struct ic_rtcp_sr high = camera_report(&one.camera, 2, START - 3600 * IC_NS_PER_SEC);
    high.timestamp = one.camera.layers[2].timestamp_base + ic_rtp_ticks(START, 90000);
    ic_slot_point(&video.slot, camera_of(&one), 0);
    struct heard last = show(&one, 0, START, true);
    show(&one, 2, START, false);
    ic_publisher_note_sr(&one.publisher, &low, START);
    ic_publisher_note_sr(&one.publisher, &high, START);
    ic_slot_point(&video.slot, camera_of(&one), 2);
    struct heard first = show(&one, 2, START + 50 * MS, true);
    assert_int_equal(first.rtp.timestamp, last.rtp.timestamp + 4500);
}

TEST(slot_never_sends_a_number_twice)
{
    struct ic_packet packet;
    struct camera_packet sent = frame(&one, 2, START, true);
    ic_slot_point(&video.slot, camera_of(&one), 2);
    assert_int_equal(ic_publisher_receive(&one.publisher, sent.bytes, sent.len, START, &packet),
                     IC_OK);
    assert_true(offer(&video, &packet, START).any);
    assert_false(offer(&video, &packet, START).any);
}

TEST(slot_resends_on_the_other_stream_once_per_round_trip)
{
    struct heard again, h;
    ic_slot_point(&video.slot, camera_of(&one), 2);
    h = show(&one, 2, START, true);
    show(&one, 2, START, false);
    assert_int_equal(ic_slot_resend(&video.slot, h.rtp.seq, 80 * MS, START, again.head, &again.out),
                     IC_OK);
    assert_int_equal(again.out.ssrc, 0xB1);
    assert_int_equal(again.head[1] & 0x7F, 121);
    assert_int_equal(again.out.head_len, h.out.head_len + 2);
    assert_memory_equal(again.head + 4, h.head + 4, 4);
    assert_int_equal(again.head[again.out.header_len] << 8 | again.head[again.out.header_len + 1],
                     h.rtp.seq);
    uint64_t first = again.out.index;
    assert_int_equal(
        ic_slot_resend(&video.slot, h.rtp.seq, 80 * MS, START + 79 * MS, again.head, &again.out),
        IC_ERR_REPLAYED);
    assert_int_equal(
        ic_slot_resend(&video.slot, h.rtp.seq, 80 * MS, START + 80 * MS, again.head, &again.out),
        IC_OK);
    assert_int_equal(again.out.index, first + 1);
    assert_int_equal(
        ic_slot_resend(&video.slot, h.rtp.seq + 2, 80 * MS, START, again.head, &again.out),
        IC_ERR_NOT_FOUND);
}

TEST(slot_stops_resending_when_its_share_is_used_up)
{
    struct heard h;
    enum ic_err err = IC_OK;
    uint32_t resent = 0;
    ic_slot_point(&video.slot, camera_of(&one), 2);
    uint16_t seq = show(&one, 2, START, true).rtp.seq;
    for (int i = 0; i < 5000 && err == IC_OK; i++) {
        err = ic_slot_resend(&video.slot, seq, MS, START + i * 100 * MS, h.head, &h.out);
        resent += err == IC_OK;
    }
    assert_int_equal(err, IC_ERR_FULL);
    assert_in_range(resent, 100, 2000);
}

/* How many come before one waits for its second. */
static uint32_t reports_in_a_row(int64_t from, int64_t *last)
{
    struct ic_rtcp_sr sr;
    uint32_t count = 0;
    for (*last = from - 50 * MS; from - *last < 1000 * MS; from += 50 * MS)
        if (ic_slot_report(&video.slot, &sr, from)) {
            count++;
            *last = from;
        }
    return count;
}

/* Of the second sender's clock nothing is known when his first picture comes, of the third's all.
 */
TEST(slot_replaces_what_receivers_remember_where_time_and_timestamp_parted)
{
    struct ic_rtcp_sr theirs = camera_report(&one.camera, 2, START);
    int64_t last;
    ic_slot_point(&video.slot, camera_of(&one), 2);
    show(&one, 2, START, true);
    ic_publisher_note_sr(&one.publisher, &theirs, START);
    assert_int_equal(reports_in_a_row(START, &last), 3);
    ic_slot_point(&video.slot, camera_of(&two), 2);
    show(&two, 2, START + 3000 * MS, true);
    theirs = camera_report(&two.camera, 2, START + 4000 * MS);
    ic_publisher_note_sr(&two.publisher, &theirs, START + 4000 * MS);
    assert_int_equal(reports_in_a_row(START + 4000 * MS, &last), 20);
    assert_true(last == START + 5900 * MS);
    ic_slot_point(&video.slot, camera_of(&one), 2);
    show(&one, 2, START + 9000 * MS, true);
    assert_int_equal(reports_in_a_row(START + 9000 * MS, &last), 1);
}

TEST(slot_reports_at_once_after_a_switch_and_then_every_second)
{
    struct ic_rtcp_sr sr;
    ic_slot_point(&video.slot, camera_of(&one), 2);
    struct heard h = show(&one, 2, START, true);
    assert_false(ic_slot_report(&video.slot, &sr, START));
    struct ic_rtcp_sr theirs = camera_report(&one.camera, 2, START);
    ic_publisher_note_sr(&one.publisher, &theirs, START);

    assert_true(ic_slot_report(&video.slot, &sr, START + 100 * MS));
    assert_int_equal(sr.ssrc, 0xB0);
    assert_true(sr.ntp == ic_ntp_of_ns(START + 100 * MS));
    assert_in_range(sr.timestamp - h.rtp.timestamp, 8999, 9001);
    assert_int_equal(sr.packets, 1);
    assert_int_equal(sr.bytes, h.rtp.payload.len);
    assert_false(ic_slot_report(&video.slot, &sr, START + 199 * MS));
    assert_true(ic_slot_report(&video.slot, &sr, START + 200 * MS));
    assert_true(ic_slot_report(&video.slot, &sr, START + 300 * MS));
    assert_false(ic_slot_report(&video.slot, &sr, START + 1299 * MS));
    assert_true(ic_slot_report(&video.slot, &sr, START + 1300 * MS));

    show(&one, 1, START + 1300 * MS, false);
    theirs = camera_report(&one.camera, 1, START + 1300 * MS);
    ic_publisher_note_sr(&one.publisher, &theirs, START + 1300 * MS);
    ic_slot_point(&video.slot, camera_of(&one), 1);
    h = show(&one, 1, START + 1350 * MS, true);
    assert_true(ic_slot_report(&video.slot, &sr, START + 1350 * MS));
    assert_in_range(sr.timestamp - h.rtp.timestamp + 1, 0, 2);
}

TEST(slot_of_voice_begins_and_changes_anywhere_with_a_marker)
{
    ic_slot_point(&voice.slot, microphone_of(&one), 0);
    struct heard a = say(&one, 65535, 1000, START);
    assert_true(a.any && a.rtp.marker);
    assert_int_equal(a.rtp.seq, 32767);
    assert_int_equal(a.out.header_len, IC_RTP_HEADER_LEN);
    struct heard b = say(&one, 0, 1960, START + 20 * MS);
    assert_true(b.any && !b.rtp.marker);
    assert_int_equal(b.rtp.timestamp, a.rtp.timestamp + 960);

    ic_slot_point(&voice.slot, microphone_of(&two), 0);
    struct heard c = say(&two, 777, 123456789, START + 50 * MS);
    assert_true(c.any && c.rtp.marker);
    assert_int_equal(c.rtp.seq, b.rtp.seq + 1);
    assert_int_equal(c.rtp.timestamp, b.rtp.timestamp + 1440);
    assert_int_equal(c.out.body.len, 4);
    assert_memory_equal(c.out.body.at, "\xF0\xF1\xF2\xF3", 4);
}

TEST(slot_passes_redundant_voice_on_with_the_receivers_payload_types)
{
    take_red();
    struct heard h = say_again(&one, 7, 9600, START);
    assert_true(is_redundant(&h));
}

TEST(slot_cuts_redundant_voice_down_to_plain_opus_for_who_does_not_take_it)
{
    ic_slot_point(&voice.slot, microphone_of(&one), 0);
    struct heard h = say_again(&one, 7, 9600, START);
    assert_true(is_newest_alone(&h));
}

TEST(slot_spares_a_path_without_loss_the_older_frames_but_behind_the_senders_holes)
{
    take_red();
    ic_slot_redundant(&voice.slot, false);
    struct heard first = say_again(&one, 7, 9600, START);
    assert_true(is_newest_alone(&first));
    struct heard behind_a_hole = say_again(&one, 9, 11520, START + 40 * MS);
    assert_true(is_redundant(&behind_a_hole));
    struct heard next = say_again(&one, 10, 12480, START + 60 * MS);
    assert_true(is_newest_alone(&next));
    assert_int_equal(next.rtp.seq, behind_a_hole.rtp.seq + 1);
}

TEST(slot_gets_nothing_of_redundant_voice_that_is_malformed)
{
    struct ic_packet packet;
    uint8_t bytes[16];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    camera_header(&w, false, VOICE_RED_PT, 1, 960, 11);
    ic_write_uint(&w, UINT32_MAX, 4);
    assert_int_equal(ic_publisher_receive(&one.publisher, bytes, w.len, START, &packet),
                     IC_ERR_MALFORMED);
}

TEST(slot_widens_a_short_picture_id_and_keeps_it_growing)
{
    uint16_t last = 0;
    ic_slot_point(&video.slot, camera_of(&one), 2);
    for (int i = 0; i < 300; i++) {
        struct camera_packet sent = frame(&one, 2, START + i * 33 * MS, i == 0);
        struct ic_rtp rtp;
        assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){sent.bytes, sent.len}), IC_OK);
        uint8_t *descriptor = sent.bytes + rtp.header_len;
        descriptor[2] = (uint8_t)(i & 0x7F); /* 7 bits, no M */
        memmove(descriptor + 3, descriptor + 4, sent.len - rtp.header_len - 4);
        sent.len--;
        struct heard h = show_packet(&one, sent, START + i * 33 * MS);
        assert_true(h.any);
        assert_int_equal(h.vp8.picture_bits, 15);
        if (i > 0)
            assert_int_equal(h.vp8.picture_id, last + 1);
        last = h.vp8.picture_id;
    }
}

TEST(slot_passes_an_empty_packet_on_so_that_no_hole_appears)
{
    ic_slot_point(&video.slot, camera_of(&one), 2);
    struct heard first = show(&one, 2, START, true);
    struct camera_packet sent = frame(&one, 2, START, false);
    struct ic_rtp rtp;
    assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){sent.bytes, sent.len}), IC_OK);
    sent.bytes[0] |= 0x20; /* all of the payload is padding */
    sent.bytes[sent.len - 1] = (uint8_t)rtp.payload.len;
    struct ic_packet packet;
    struct ic_slot_out out;
    uint8_t head[IC_SLOT_HEAD_MAX];
    assert_int_equal(ic_publisher_receive(&one.publisher, sent.bytes, sent.len, START, &packet),
                     IC_OK);
    assert_true(ic_slot_forward(&video.slot, &packet, START, head, &out));
    assert_int_equal(out.head_len, out.header_len);
    assert_int_equal(out.body.len, 0);
    assert_int_equal(out.index, first.out.index + 1);
}

TEST(slot_takes_nothing_of_a_new_sender_for_the_old_one)
{
    two.camera.layers[2].seq = one.camera.layers[2].seq;
    ic_slot_point(&video.slot, camera_of(&one), 2);
    show(&one, 2, START, true);
    for (int i = 0; i < 3; i++)
        frame(&one, 2, START, false); /* lost: room that others could fill */
    show(&one, 2, START, false);
    ic_slot_point(&video.slot, camera_of(&one), 0);
    show(&one, 0, START, false);
    ic_slot_tick(&video.slot);
    assert_true(show(&one, 0, START, true).any);
    ic_slot_point(&video.slot, camera_of(&two), 2);
    for (int i = 0; i < 5; i++)
        assert_false(show(&two, 2, START, false).any);
}

/* The clocks of two senders have nothing to do with each other. */
TEST(slot_aligns_nothing_between_senders)
{
    ic_slot_point(&video.slot, camera_of(&one), 0);
    show(&one, 0, START, true);
    show(&one, 2, START, false);
    struct ic_rtcp_sr low = camera_report(&one.camera, 0, START);
    ic_publisher_note_sr(&one.publisher, &low, START);
    ic_slot_point(&video.slot, camera_of(&one), 2);
    struct heard last = show(&one, 2, START + 33 * MS, true);
    show(&two, 2, START, false);
    struct ic_rtcp_sr sr = camera_report(&two.camera, 2, START);
    sr.ntp += UINT64_C(1) << 32;
    ic_publisher_note_sr(&two.publisher, &sr, START);
    ic_slot_point(&video.slot, camera_of(&two), 2);
    struct heard first = show(&two, 2, START + 133 * MS, true);
    assert_int_equal(first.rtp.timestamp, last.rtp.timestamp + 9000);
}

TEST(slot_resends_nothing_of_an_epoch_that_is_over)
{
    uint32_t seq = one.camera.layers[2].seq;
    struct heard h;
    ic_slot_point(&video.slot, camera_of(&one), 2);
    uint16_t out = show(&one, 2, START, true).rtp.seq;
    camera_renew_layer(&one.camera, 2);
    one.camera.layers[2].seq = seq;
    show(&one, 2, START, true);
    assert_int_equal(ic_slot_resend(&video.slot, out, 0, START, h.head, &h.out), IC_ERR_NOT_FOUND);
}

TEST(slot_resends_with_the_orientation_that_it_had)
{
    struct heard h;
    ic_slot_point(&video.slot, camera_of(&one), 2);
    struct camera_packet sent = frame(&one, 2, START, true);
    sent.bytes[20] = 0x70;
    sent.bytes[21] = 2;
    uint16_t seq = show_packet(&one, sent, START).rtp.seq;
    assert_int_equal(ic_slot_resend(&video.slot, seq, 0, START, h.head, &h.out), IC_OK);
    assert_int_equal(h.head[video.slot.head.orientation_at], 13 << 4);
    assert_int_equal(h.head[video.slot.head.orientation_at + 1], 2);
}

TEST(slot_saves_up_only_so_much_for_resending)
{
    struct heard h;
    uint32_t resent = 0;
    uint16_t seq = 0;
    ic_slot_point(&video.slot, camera_of(&one), 2);
    for (int i = 0; i < 10000; i++)
        seq = show(&one, 2, START, i == 0).rtp.seq;
    for (int64_t i = 0;
         ic_slot_resend(&video.slot, seq, MS, START + i * 100 * MS, h.head, &h.out) == IC_OK; i++)
        resent += (uint32_t)h.out.body.len;
    assert_in_range(resent, 90 * 1024, 128 * 1024);
}

TEST(slot_lets_go_of_a_packet_that_comes_too_late)
{
    enum { REMEMBERED = 16 };
    const struct ic_line line = {.is_slot = true, .codec = IC_CODEC_OPUS, .pt = 109};
    ic_slot_init(&voice.slot, &line, voice.sent, REMEMBERED, 1, 1);
    ic_slot_point(&voice.slot, microphone_of(&one), 0);
    say(&one, 100, 0, START);
    say(&one, 103, 2880, START);
    assert_true(say(&one, 101, 960, START).any);
    for (uint16_t i = 104; i < 103 + REMEMBERED; i++)
        say(&one, i, (uint32_t)(i - 100) * 960, START);
    assert_false(say(&one, 102, 1920, START).any);
}

#define SLOT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN_TESTS(SLOT_TEST(slot_writes_its_own_header_with_no_foreign_extension),
          SLOT_TEST(slot_passes_the_orientation_on_under_the_receivers_id),
          SLOT_TEST(slot_begins_with_a_key_frame_and_asks_for_one),
          SLOT_TEST(slot_begins_with_a_lower_layer_while_it_waits_for_the_wanted),
          SLOT_TEST(slot_keeps_the_old_layer_until_the_key_frame_of_the_new),
          SLOT_TEST(slot_does_not_switch_at_a_key_frame_that_came_out_of_order),
          SLOT_TEST(slot_falls_to_a_living_layer_when_its_own_falls_silent),
          SLOT_TEST(slot_takes_a_layer_back_as_soon_as_it_lives_again),
          SLOT_TEST(slot_goes_down_to_the_layer_that_the_path_bears_at_its_key_frame),
          SLOT_TEST(slot_that_the_path_does_not_bear_is_dark_and_asks_for_nothing),
          SLOT_TEST(slot_of_voice_knows_no_limit),
          SLOT_TEST(slot_writes_a_packet_that_was_held_back_byte_for_byte),
          SLOT_TEST(slot_pads_on_the_retransmission_stream_with_numbers_of_its_own),
          SLOT_TEST(slot_waits_for_a_key_frame_when_its_layer_begins_anew),
          SLOT_TEST(slot_shows_another_sender_as_the_same_stream),
          SLOT_TEST(slot_that_points_at_nothing_is_silent),
          SLOT_TEST(slot_aligns_layers_by_the_senders_clock),
          SLOT_TEST(slot_keeps_time_and_timestamp_together_from_sender_to_sender),
          SLOT_TEST(slot_timestamps_never_go_back),
          SLOT_TEST(slot_does_not_believe_a_clock_that_jumps),
          SLOT_TEST(slot_never_sends_a_number_twice),
          SLOT_TEST(slot_resends_on_the_other_stream_once_per_round_trip),
          SLOT_TEST(slot_stops_resending_when_its_share_is_used_up),
          SLOT_TEST(slot_replaces_what_receivers_remember_where_time_and_timestamp_parted),
          SLOT_TEST(slot_reports_at_once_after_a_switch_and_then_every_second),
          SLOT_TEST(slot_of_voice_begins_and_changes_anywhere_with_a_marker),
          SLOT_TEST(slot_passes_redundant_voice_on_with_the_receivers_payload_types),
          SLOT_TEST(slot_cuts_redundant_voice_down_to_plain_opus_for_who_does_not_take_it),
          SLOT_TEST(slot_spares_a_path_without_loss_the_older_frames_but_behind_the_senders_holes),
          SLOT_TEST(slot_gets_nothing_of_redundant_voice_that_is_malformed),
          SLOT_TEST(slot_widens_a_short_picture_id_and_keeps_it_growing),
          SLOT_TEST(slot_takes_nothing_of_a_new_sender_for_the_old_one),
          SLOT_TEST(slot_aligns_nothing_between_senders),
          SLOT_TEST(slot_resends_nothing_of_an_epoch_that_is_over),
          SLOT_TEST(slot_resends_with_the_orientation_that_it_had),
          SLOT_TEST(slot_saves_up_only_so_much_for_resending),
          SLOT_TEST(slot_lets_go_of_a_packet_that_comes_too_late),
          SLOT_TEST(slot_passes_an_empty_packet_on_so_that_no_hole_appears))
