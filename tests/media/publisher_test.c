/* What one transport sends: how its packets find their stream, and what we answer. */
#include "media/publisher.h"

#include "tests/media/camera.h"
#include "tests/test.h"

enum { OURS = 77, VOICE_SSRC = 5000 };

static const int64_t MS = IC_NS_PER_MS;
static const int64_t START = 1000 * IC_NS_PER_SEC;

static struct camera camera;
static struct ic_publisher publisher;
static uint8_t *history;

static int set_up(void **state)
{
    (void)state;
    struct ic_line lines[3] = {camera_line(),
                               {.mid = "0",
                                .stream = IC_STREAM_MICROPHONE,
                                .codec = IC_CODEC_OPUS,
                                .pt = 111,
                                .ext = {4, 10, 11, 3, 7}},
                               {.mid = "9", .is_slot = true, .codec = IC_CODEC_OPUS, .pt = 63}};
    camera_init(&camera, 3);
    memset(&publisher, 0, sizeof publisher);
    history = calloc(1, ic_publisher_history_size(lines, 3));
    ic_publisher_init(&publisher, lines, 3, history, OURS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(history);
    return 0;
}

static enum ic_err take(struct camera_packet packet, int64_t now, struct ic_packet *out)
{
    static struct camera_packet kept;
    kept = packet;
    return ic_publisher_receive(&publisher, kept.bytes, kept.len, now, out);
}

/* One frame of one packet. */
static struct camera_packet frame(int layer, int64_t now, bool key)
{
    camera_next_frame(&camera, layer, key);
    return camera_packet(&camera, layer, now, 0, 1, key);
}

static struct ic_upstream *video(void)
{
    return ic_publisher_upstream(&publisher, IC_STREAM_CAMERA);
}

struct feedback {
    size_t plis, nacks, reports;
    uint32_t pli_ssrc, nack_ssrc;
    uint16_t nacked[64];
    struct ic_rtcp_report report[IC_RTCP_REPORTS_MAX];
    struct ic_twcc_result twcc[64];
    size_t twcc_count;
};

static struct feedback feedback_at(int64_t now)
{
    struct feedback f = {0};
    uint8_t buffer[IC_PUBLISHER_FEEDBACK_MAX];
    struct ic_writer w = ic_writer_of(buffer, sizeof buffer);
    struct ic_rtcp packet;
    assert_false(ic_publisher_write_feedback(&publisher, &w, 0, now));
    assert_false(w.bad);
    struct ic_reader r = ic_reader_of(ic_written(&w));
    while (ic_rtcp_next(&r, &packet)) {
        if (packet.type == IC_RTCP_RR)
            f.reports = ic_rtcp_read_reports(f.report, &packet);
        if (packet.type == IC_RTCP_PAYLOAD_FEEDBACK)
            f.plis += ic_rtcp_read_media_ssrc(&f.pli_ssrc, &packet);
        if (packet.type == IC_RTCP_TRANSPORT_FEEDBACK && packet.count == IC_RTCP_NACK) {
            f.nacks = ic_rtcp_read_nack(f.nacked, 64, &packet);
            assert_true(ic_rtcp_read_media_ssrc(&f.nack_ssrc, &packet));
        }
        if (packet.type == IC_RTCP_TRANSPORT_FEEDBACK && packet.count == IC_RTCP_TWCC)
            assert_int_equal(ic_twcc_read(f.twcc, 64, &f.twcc_count, &packet), IC_OK);
    }
    assert_false(r.bad);
    return f;
}

TEST(publisher_learns_a_layer_and_keeps_it_when_the_extensions_stop)
{
    struct ic_packet packet;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(take(frame(2, START, i == 0), START, &packet), IC_OK);
        assert_ptr_equal(packet.upstream, video());
        assert_int_equal(packet.layer, 2);
        assert_int_equal(packet.vp8.key_start, i == 0);
        assert_true(packet.newest);
        assert_int_equal(packet.rtp.extensions.len > 0, i < CAMERA_EXTENSIONS_UNTIL);
    }
}

TEST(publisher_drops_a_source_that_it_cannot_place)
{
    struct ic_packet packet;
    camera.layers[0].sent = CAMERA_EXTENSIONS_UNTIL; /* no rid */
    assert_int_equal(take(frame(0, START, true), START, &packet), IC_ERR_NOT_FOUND);

    struct camera_packet other = frame(1, START, true);
    other.bytes[17] = '8'; /* another mid */
    assert_int_equal(take(other, START, &packet), IC_ERR_NOT_FOUND);

    other = frame(1, START, true);
    other.bytes[19] = 'x'; /* another rid */
    assert_int_equal(take(other, START, &packet), IC_ERR_NOT_FOUND);

    other = frame(1, START, true);
    other.bytes[1] = 98; /* another payload type */
    assert_int_equal(take(other, START, &packet), IC_ERR_NOT_FOUND);
    assert_int_equal(take(frame(1, START, true), START, &packet), IC_OK);
    other = frame(1, START, true);
    other.bytes[1] = 98;
    assert_int_equal(take(other, START, &packet), IC_ERR_NOT_FOUND);
}

/* 0 stands for a layer whose SSRC is not known yet. */
TEST(publisher_drops_a_source_without_a_number)
{
    struct ic_packet packet;
    struct camera_packet other = frame(1, START, true);

    memset(other.bytes + 8, 0, 4);
    assert_int_equal(take(other, START, &packet), IC_ERR_NOT_FOUND);
    assert_int_equal(take(frame(1, START, true), START, &packet), IC_OK);
    other = frame(1, START, true);
    memset(other.bytes + 8, 0, 4);
    assert_int_equal(take(other, START, &packet), IC_ERR_NOT_FOUND);
}

/* An empty name and the payload type 0 are what a line has that there is not. */
TEST(publisher_places_nothing_on_a_line_that_is_none_or_a_slot)
{
    uint8_t bytes[] = {0x90, 0,    0,    1,    0, 0, 0, 1, 0, 0, 0, 9, /* type 0 */
                       0x10, 0x00, 0x00, 0x01, 4, 0, 0, 0,             /* MID of no length */
                       'x',  'y'};
    const struct ic_line lines[2] = {
        {.mid = "0", .stream = IC_STREAM_MICROPHONE, .codec = IC_CODEC_OPUS, .pt = 111, .ext = {4}},
        {.mid = "1",
         .stream = IC_STREAM_CAMERA,
         .is_slot = true,
         .codec = IC_CODEC_VP8,
         .pt = 96,
         .ssrc = 9,
         .ext = {4}}};
    struct ic_packet packet;

    memset(&publisher, 0, sizeof publisher);
    ic_publisher_init(&publisher, lines, 2, history, OURS);
    assert_null(ic_publisher_upstream(&publisher, IC_STREAM_CAMERA));
    assert_int_equal(ic_publisher_receive(&publisher, bytes, sizeof bytes, START, &packet),
                     IC_ERR_NOT_FOUND);
    bytes[1] = 96;
    assert_int_equal(ic_publisher_receive(&publisher, bytes, sizeof bytes, START, &packet),
                     IC_ERR_NOT_FOUND);
}

/* What another worker says of a stream is held to what its sender may send. */
TEST(publisher_takes_from_another_worker_only_what_fits_its_lines)
{
    static const struct {
        const char *what;
        enum ic_stream stream;
        uint8_t layer, pt, ssrc;
        size_t cut;
        enum ic_err err;
    } rows[] = {
        {"a packet of the voice", IC_STREAM_MICROPHONE, 0, 111, 9, 0, IC_OK},
        {"a stream that is not there", IC_STREAM_SCREEN, 0, 111, 9, 0, IC_ERR_NOT_FOUND},
        {"a layer that is not there", IC_STREAM_MICROPHONE, 1, 111, 9, 0, IC_ERR_NOT_FOUND},
        {"a payload type of another line", IC_STREAM_MICROPHONE, 0, 96, 9, 0, IC_ERR_NOT_FOUND},
        {"no number of a source", IC_STREAM_MICROPHONE, 0, 111, 0, 0, IC_ERR_NOT_FOUND},
        {"half a header", IC_STREAM_MICROPHONE, 0, 111, 9, 8, IC_ERR_MALFORMED},
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        const uint8_t bytes[] = {0x80, rows[i].pt, 0, 1, 0, 0, 0, 1, 0, 0, 0, rows[i].ssrc, 'x'};
        struct ic_packet packet;
        enum ic_err err =
            ic_publisher_take(&publisher, rows[i].stream, rows[i].layer, false,
                              (struct ic_bytes){bytes, sizeof bytes - rows[i].cut}, START, &packet);
        CHECK_ROW(rows[i].what, err == rows[i].err);
    }
}

TEST(publisher_places_a_source_by_a_payload_type_that_one_line_has)
{
    uint8_t voice[] = {0x80, 111, 0, 1, 0, 0, 0, 0, 0, 0, VOICE_SSRC >> 8, VOICE_SSRC & 255, 'v'};
    uint8_t of_a_slot[] = {0x80, 63, 0, 1, 0, 0, 0, 0, 0, 0, 9, 9, 'v'};
    struct ic_packet packet;
    assert_int_equal(ic_publisher_receive(&publisher, voice, sizeof voice, START, &packet), IC_OK);
    assert_int_equal(packet.upstream->stream, IC_STREAM_MICROPHONE);
    assert_int_equal(packet.vp8.len, 0);
    assert_int_equal(ic_publisher_receive(&publisher, of_a_slot, sizeof of_a_slot, START, &packet),
                     IC_ERR_NOT_FOUND);
}

TEST(publisher_begins_an_epoch_when_the_ssrc_changes)
{
    struct ic_packet before, after;
    assert_int_equal(take(frame(1, START, true), START, &before), IC_OK);
    camera_renew_layer(&camera, 1);
    assert_int_equal(take(frame(1, START, true), START, &after), IC_OK);
    assert_int_equal(after.layer, 1);
    assert_int_not_equal(after.epoch, before.epoch);
    assert_int_equal(video()->layers[1].ssrc, camera.layers[1].ssrc);
}

TEST(publisher_begins_an_epoch_when_the_numbers_jump)
{
    struct ic_packet before, after;
    assert_int_equal(take(frame(1, START, true), START, &before), IC_OK);
    camera.layers[1].seq += 20000;
    assert_int_equal(take(frame(1, START, true), START, &after), IC_ERR_NOT_FOUND);
    assert_int_equal(take(frame(1, START, true), START, &after), IC_OK);
    assert_int_not_equal(after.epoch, before.epoch);
    assert_true(after.newest);
}

TEST(publisher_counts_a_probe_without_a_stream_in_the_transport_feedback)
{
    uint8_t probe[] = {0xB0, CAMERA_PT, 0, 1, 0,    0, 0, 0, 0, 0, 0, 0,
                       0xBE, 0xDE,      0, 1, 0x31, 0, 9, 0, 0, 0, 0, 4};
    struct ic_packet packet;
    assert_int_equal(ic_publisher_receive(&publisher, probe, sizeof probe, START, &packet),
                     IC_ERR_NOT_FOUND);
    struct feedback f = feedback_at(START + IC_TWCC_INTERVAL);
    assert_int_equal(f.twcc_count, 1);
    assert_int_equal(f.twcc[0].seq, 9);
    assert_true(f.twcc[0].arrived);

    /* Nor is it a retransmission of a voice, which has none: SSRC and payload type 0 both. */
    uint8_t voice[] = {0x80, 111, 0, 10, 0, 0, 0, 0, 0, 0, VOICE_SSRC >> 8, VOICE_SSRC & 255, 'v'};
    assert_int_equal(ic_publisher_receive(&publisher, voice, sizeof voice, START, &packet), IC_OK);
    probe[0] &= (uint8_t)~0x20; /* what was padding now looks like a number and a payload */
    probe[1] = 0;
    probe[20] = 0;
    probe[21] = 9;
    assert_int_equal(ic_publisher_receive(&publisher, probe, sizeof probe, START, &packet),
                     IC_ERR_NOT_FOUND);
}

TEST(publisher_drops_what_it_had)
{
    struct ic_packet packet;
    struct camera_packet sent = frame(0, START, true);
    assert_int_equal(take(sent, START, &packet), IC_OK);
    assert_int_equal(take(sent, START, &packet), IC_ERR_REPLAYED);
    assert_int_equal(take(camera_resend(&camera, 0, packet.rtp.seq), START, &packet),
                     IC_ERR_REPLAYED);
}

TEST(publisher_asks_for_what_is_missing_and_unwraps_the_answer)
{
    struct ic_packet packet;
    assert_int_equal(take(frame(2, START, true), START, &packet), IC_OK);
    video()->layers[2].takers = 1;
    struct camera_packet lost = frame(2, START, false);
    assert_int_equal(take(frame(2, START, false), START, &packet), IC_OK);
    assert_int_equal(feedback_at(START + 4 * MS).nacks, 0);

    struct feedback f = feedback_at(START + 5 * MS);
    struct ic_rtp rtp;
    assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){lost.bytes, lost.len}), IC_OK);
    assert_int_equal(f.nacks, 1);
    assert_int_equal(f.nacked[0], rtp.seq);
    assert_int_equal(f.nack_ssrc, camera.layers[2].ssrc);

    assert_int_equal(take(camera_resend(&camera, 2, rtp.seq), START + 40 * MS, &packet), IC_OK);
    assert_int_equal(packet.rtp.seq, rtp.seq);
    assert_int_equal(packet.rtp.ssrc, rtp.ssrc);
    assert_int_equal(packet.rtp.timestamp, rtp.timestamp);
    assert_false(packet.newest);
    assert_true(ic_bytes_equal(packet.rtp.payload, rtp.payload));
    assert_int_equal(publisher.resent, 1);
    assert_int_equal(feedback_at(START + 500 * MS).nacks, 0);
}

TEST(publisher_asks_for_nothing_that_nobody_takes)
{
    struct ic_packet packet;
    assert_int_equal(take(frame(2, START, true), START, &packet), IC_OK);
    frame(2, START, false);
    assert_int_equal(take(frame(2, START, false), START, &packet), IC_OK);
    assert_int_equal(feedback_at(START + 100 * MS).nacks, 0);
}

TEST(publisher_cannot_use_a_retransmission_before_its_stream)
{
    struct ic_packet packet;
    struct ic_rtp rtp;
    struct camera_packet lost = frame(2, START, true);
    assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){lost.bytes, lost.len}), IC_OK);
    assert_int_equal(take(camera_resend(&camera, 2, rtp.seq), START, &packet), IC_ERR_NOT_FOUND);
    assert_false(video()->layers[2].seen);
    assert_int_equal(take(frame(2, START, false), START, &packet), IC_OK);
    assert_int_equal(take(camera_resend(&camera, 2, rtp.seq), START, &packet), IC_OK);
}

TEST(publisher_places_nothing_by_a_payload_type_of_two_lines)
{
    struct ic_line lines[2] = {camera_line(), camera_line()};
    struct ic_packet packet;
    lines[1].stream = IC_STREAM_SCREEN;
    lines[1].layers = lines[0].layers = 0;
    uint8_t *own = calloc(1, ic_publisher_history_size(lines, 2));
    ic_publisher_init(&publisher, lines, 2, own, OURS);
    camera.layers[0].sent = CAMERA_EXTENSIONS_UNTIL;
    assert_int_equal(take(frame(0, START, true), START, &packet), IC_ERR_NOT_FOUND);
    memset(&publisher, 0, sizeof publisher);
    ic_publisher_init(&publisher, lines, 1, own, OURS);
    assert_int_equal(take(frame(0, START, true), START, &packet), IC_OK);
    free(own);
}

TEST(publisher_asks_for_nothing_that_was_before_a_key_frame)
{
    struct ic_packet packet;
    assert_int_equal(take(frame(2, START, true), START, &packet), IC_OK);
    video()->layers[2].takers = 1;
    frame(2, START, false);
    assert_int_equal(take(frame(2, START, true), START, &packet), IC_OK);
    assert_int_equal(feedback_at(START + 50 * MS).nacks, 0);
}

TEST(publisher_asks_for_nothing_of_an_epoch_that_is_over)
{
    struct ic_packet packet;
    assert_int_equal(take(frame(2, START, true), START, &packet), IC_OK);
    struct ic_rtcp_sr sr = camera_report(&camera, 2, START);
    ic_publisher_note_sr(&publisher, &sr, START);
    video()->layers[2].takers = 1;
    frame(2, START, false);
    assert_int_equal(take(frame(2, START, false), START, &packet), IC_OK);
    camera_renew_layer(&camera, 2);
    assert_int_equal(take(frame(2, START, false), START, &packet), IC_OK);
    struct feedback f = feedback_at(START + 50 * MS);
    assert_int_equal(f.nacks, 0);
    assert_int_equal(f.reports, 1);
    assert_int_equal(f.report[0].lsr, 0);
}

TEST(publisher_does_not_ask_for_what_came_by_itself)
{
    struct ic_packet packet;
    struct ic_rtp rtp;
    assert_int_equal(take(frame(2, START, true), START, &packet), IC_OK);
    video()->layers[2].takers = 1;
    struct camera_packet late = frame(2, START, false);
    assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){late.bytes, late.len}), IC_OK);
    assert_int_equal(take(camera_resend(&camera, 2, rtp.seq), START, &packet), IC_OK);
    assert_int_equal(take(frame(2, START, false), START, &packet), IC_OK);
    assert_int_equal(take(late, START, &packet), IC_ERR_REPLAYED);
    assert_int_equal(feedback_at(START + 50 * MS).nacks, 0);
}

TEST(publisher_asks_for_a_key_frame_when_too_much_is_missing)
{
    struct ic_packet packet;
    assert_int_equal(take(frame(2, START, true), START, &packet), IC_OK);
    video()->layers[2].takers = 1;
    camera.layers[2].seq += IC_NACK_HOLES + 1;
    assert_int_equal(take(frame(2, START, false), START, &packet), IC_OK);
    struct feedback f = feedback_at(START + 50 * MS);
    assert_int_equal(f.plis, 1);
    assert_int_equal(f.nacks, 0);
}

TEST(publisher_loses_no_feedback_that_does_not_fit)
{
    struct ic_packet packet;
    uint8_t buffer[40]; /* a receiver report and little more */
    struct ic_writer w = ic_writer_of(buffer, sizeof buffer);
    assert_int_equal(take(frame(2, START, true), START, &packet), IC_OK);
    ic_twcc_note(&publisher.twcc, 5, START);
    assert_true(ic_publisher_write_feedback(&publisher, &w, 0, START + IC_TWCC_INTERVAL));
    assert_false(w.bad);
    assert_int_equal(w.len, 32);
    assert_int_equal(feedback_at(START + IC_TWCC_INTERVAL).twcc_count, 1);
    assert_int_equal(publisher.twcc_media, camera.layers[2].ssrc);
}

/* The least delay tells the clocks apart best; a clock that was set is followed. */
TEST(upstream_follows_the_senders_clock_down_at_once_and_up_slowly)
{
    static const struct {
        const char *what;
        int64_t delay_ms;
        int64_t least_us, most_us;
    } rows[] = {{"the first", 50, 50000, 50000},
                {"a slower one", 150, 51000, 51000},
                {"a little slower", 52, 51000, 51020},
                {"a quicker one", 20, 20000, 20000},
                {"a clock set back", 5000, 5000000, 5000000}};
    struct ic_packet packet;
    assert_int_equal(take(frame(2, START, true), START, &packet), IC_OK);
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_rtcp_sr sr = camera_report(&camera, 2, START);
        ic_publisher_note_sr(&publisher, &sr, START + rows[i].delay_ms * MS);
        int64_t us = (publisher.clock.offset + 7200 * IC_NS_PER_SEC + 500) / 1000;
        CHECK_ROW(rows[i].what, us >= rows[i].least_us && us <= rows[i].most_us);
    }
}

TEST(publisher_makes_one_request_of_fifty_within_100_ms)
{
    struct ic_packet packet;
    size_t plis = 0;
    assert_int_equal(take(frame(2, START, false), START, &packet), IC_OK);
    for (int ms = 0; ms < 100; ms += 2) {
        ic_upstream_want_key(video(), 2);
        struct feedback f = feedback_at(START + ms * MS);
        plis += f.plis;
        assert_true(f.plis == 0 || f.pli_ssrc == camera.layers[2].ssrc);
    }
    assert_int_equal(plis, 1);
}

TEST(publisher_repeats_a_request_until_a_key_frame_comes)
{
    struct ic_packet packet;
    assert_int_equal(take(frame(2, START, false), START, &packet), IC_OK);
    ic_upstream_want_key(video(), 2);
    assert_int_equal(feedback_at(START).plis, 1);
    assert_int_equal(take(frame(2, START, false), START, &packet), IC_OK);
    assert_int_equal(feedback_at(START + IC_PLI_RETRY - 1).plis, 0);
    assert_int_equal(feedback_at(START + IC_PLI_RETRY).plis, 1);
    assert_int_equal(take(frame(2, START, true), START, &packet), IC_OK);
    assert_int_equal(feedback_at(START + 3 * IC_PLI_RETRY).plis, 0);

    const int64_t last = START + IC_PLI_RETRY;
    ic_upstream_want_key(video(), 2);
    assert_int_equal(feedback_at(last + IC_PLI_SPACING - 1).plis, 0);
    for (int i = 0; i < IC_PLI_TRIES + 5; i++)
        assert_int_equal(feedback_at(last + IC_PLI_SPACING + i * IC_PLI_RETRY).plis,
                         i < IC_PLI_TRIES);
}

TEST(publisher_reports_reception_once_a_second)
{
    struct ic_packet packet;
    assert_int_equal(take(frame(0, START, true), START, &packet), IC_OK);
    struct ic_rtcp_sr sr = camera_report(&camera, 0, START);
    ic_publisher_note_sr(&publisher, &sr, START);
    struct feedback f = feedback_at(START + 250 * MS);
    assert_int_equal(f.reports, 1);
    assert_int_equal(f.report[0].ssrc, camera.layers[0].ssrc);
    assert_int_equal(f.report[0].highest, packet.seq - 65536);
    assert_int_equal(f.report[0].lsr, (uint32_t)(sr.ntp >> 16));
    assert_int_equal(f.report[0].dlsr, 65536 / 4);
    assert_int_equal(feedback_at(START + 1249 * MS).reports, 0);
    assert_int_equal(feedback_at(START + 1250 * MS).reports, 1);
}

static uint8_t reported_loss_at(int64_t now)
{
    struct feedback f = feedback_at(now);
    assert_int_equal(f.reports, 1);
    return f.report[0].fraction_lost;
}

/* Else its encoder would not know that in-band correction is needed (RFC 7587 section 3.3). */
TEST(publisher_reports_what_the_worst_receiver_of_a_voice_loses)
{
    struct ic_packet packet;
    uint8_t bytes[16];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    camera_header(&w, false, 111, 1, 960, VOICE_SSRC);
    ic_write_uint(&w, 1, 4);
    assert_int_equal(ic_publisher_receive(&publisher, bytes, w.len, START, &packet), IC_OK);
    struct ic_upstream *voice = ic_publisher_upstream(&publisher, IC_STREAM_MICROPHONE);

    ic_upstream_note_lost(voice, 13, START);
    ic_upstream_note_lost(voice, 51, START + MS);
    ic_upstream_note_lost(voice, 2, START + 2 * MS);
    assert_int_equal(reported_loss_at(START + 3 * MS), 51);
    ic_upstream_note_lost(voice, 2, START + 5100 * MS);
    assert_int_equal(reported_loss_at(START + 5200 * MS), 2);
    assert_int_equal(reported_loss_at(START + 20000 * MS), 0);
}

TEST(upstream_chooses_the_highest_living_layer_not_above_the_wanted)
{
    static const struct {
        const char *what;
        uint8_t alive, wanted;
        int layer;
    } rows[] = {{"nothing came", 0, 2, -1},    {"all there", 7, 2, 2},
                {"all there, l", 7, 0, 0},     {"h missing", 3, 2, 1},
                {"only h, l wanted", 4, 0, 2}, {"m missing", 5, 1, 0}};
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_packet packet;
        set_up(NULL);
        for (int layer = 0; layer < IC_LAYERS; layer++)
            if (rows[i].alive >> layer & 1)
                assert_int_equal(take(frame(layer, START, true), START, &packet), IC_OK);
        CHECK_ROW(rows[i].what, ic_upstream_layer(video(), rows[i].wanted) == rows[i].layer);
        if (i + 1 < IC_COUNT(rows))
            tear_down(NULL);
    }
}

TEST(upstream_calls_a_layer_dead_only_if_another_lives_on)
{
    struct ic_packet packet;
    for (int layer = 0; layer < IC_LAYERS; layer++)
        assert_int_equal(take(frame(layer, START, true), START, &packet), IC_OK);
    assert_int_equal(ic_upstream_layer(video(), 2), 2);
    int64_t later = START + IC_LAYER_SILENCE;
    assert_int_equal(take(frame(0, later - 1, true), later - 1, &packet), IC_OK);
    assert_int_equal(ic_upstream_layer(video(), 2), 2);
    assert_int_equal(take(frame(0, later, true), later, &packet), IC_OK);
    assert_int_equal(ic_upstream_layer(video(), 2), 0);
    assert_int_equal(take(frame(2, later, true), later, &packet), IC_OK);
    assert_int_equal(ic_upstream_layer(video(), 2), 2);
}

TEST(upstream_measures_the_rate_of_each_layer)
{
    struct ic_packet packet;
    size_t len = 0;
    for (int ms = 0; ms <= 2000; ms += 10) {
        struct camera_packet sent = frame(1, START, true);
        len = camera.layers[1].sent > CAMERA_EXTENSIONS_UNTIL ? sent.len : 0;
        assert_int_equal(take(sent, START + ms * MS, &packet), IC_OK);
    }
    uint32_t bps = ic_upstream_bps(video(), ic_step(1, IC_RATES - 1), START + 2000 * MS);
    assert_in_range(bps, len * 800 - len * 16, len * 800 + len * 16);
    assert_int_equal(ic_upstream_bps(video(), ic_step(1, IC_RATES - 1), START + 5000 * MS), 0);
    assert_int_equal(ic_upstream_bps(video(), ic_step(0, IC_RATES - 1), START + 2000 * MS), 0);
}

TEST(upstream_recalls_a_packet_as_it_came)
{
    struct ic_packet packet, again;
    struct camera_packet sent = frame(1, START, true);
    assert_int_equal(take(sent, START, &packet), IC_OK);
    assert_int_equal(ic_upstream_recall(video(), &again, 1, packet.seq), IC_OK);
    assert_true(ic_bytes_equal(again.rtp.payload, packet.rtp.payload));
    assert_int_equal(again.vp8.picture_id, packet.vp8.picture_id);
    assert_int_equal(again.epoch, packet.epoch);
    assert_int_equal(ic_upstream_recall(video(), &again, 1, packet.seq + 1), IC_ERR_NOT_FOUND);
}

#define PUBLISHER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN_TESTS(PUBLISHER_TEST(publisher_learns_a_layer_and_keeps_it_when_the_extensions_stop),
          PUBLISHER_TEST(publisher_drops_a_source_that_it_cannot_place),
          PUBLISHER_TEST(publisher_drops_a_source_without_a_number),
          PUBLISHER_TEST(publisher_places_nothing_on_a_line_that_is_none_or_a_slot),
          PUBLISHER_TEST(publisher_takes_from_another_worker_only_what_fits_its_lines),
          PUBLISHER_TEST(publisher_places_a_source_by_a_payload_type_that_one_line_has),
          PUBLISHER_TEST(publisher_begins_an_epoch_when_the_ssrc_changes),
          PUBLISHER_TEST(publisher_begins_an_epoch_when_the_numbers_jump),
          PUBLISHER_TEST(publisher_counts_a_probe_without_a_stream_in_the_transport_feedback),
          PUBLISHER_TEST(publisher_drops_what_it_had),
          PUBLISHER_TEST(publisher_asks_for_what_is_missing_and_unwraps_the_answer),
          PUBLISHER_TEST(publisher_asks_for_nothing_that_nobody_takes),
          PUBLISHER_TEST(publisher_cannot_use_a_retransmission_before_its_stream),
          PUBLISHER_TEST(publisher_places_nothing_by_a_payload_type_of_two_lines),
          PUBLISHER_TEST(publisher_asks_for_nothing_that_was_before_a_key_frame),
          PUBLISHER_TEST(publisher_asks_for_nothing_of_an_epoch_that_is_over),
          PUBLISHER_TEST(publisher_does_not_ask_for_what_came_by_itself),
          PUBLISHER_TEST(publisher_asks_for_a_key_frame_when_too_much_is_missing),
          PUBLISHER_TEST(publisher_loses_no_feedback_that_does_not_fit),
          PUBLISHER_TEST(upstream_follows_the_senders_clock_down_at_once_and_up_slowly),
          PUBLISHER_TEST(publisher_makes_one_request_of_fifty_within_100_ms),
          PUBLISHER_TEST(publisher_reports_what_the_worst_receiver_of_a_voice_loses),
          PUBLISHER_TEST(publisher_repeats_a_request_until_a_key_frame_comes),
          PUBLISHER_TEST(publisher_reports_reception_once_a_second),
          cmocka_unit_test_setup_teardown(
              upstream_chooses_the_highest_living_layer_not_above_the_wanted, NULL, tear_down),
          PUBLISHER_TEST(upstream_calls_a_layer_dead_only_if_another_lives_on),
          PUBLISHER_TEST(upstream_measures_the_rate_of_each_layer),
          PUBLISHER_TEST(upstream_recalls_a_packet_as_it_came))
