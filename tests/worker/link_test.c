/* A worker process whose other workers are the test:
 *
 *     test ══ link ══ incamera-media ── UDP on loopback ── peers (in the test, rig.h)
 *
 * What it says about its people to another worker, what it obeys of one, and what not. */
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"
#include "tests/worker/rig.h"
#include "worker/crossing.h"

enum {
    ROOM = 7,
    OTHER = 1,  /* the other worker */
    THIRD = 2,  /* one more */
    FAR = 9000, /* a transport of the other worker */
    SSRC = 1111,
    SLOT_SSRC = 50000,
    RECORDS_MAX = 64,
    WAIT_MS = 5000,
    SILENCE_MS = 250,
    RTP_LEN = 400,
    PHASES = 4, /* of a camera that changes its size */
    PHASE_FRAMES = 60,
    LAYER_AT = 5, /* in the payload */
};

static struct rig rig;
static int links[3]; /* our ends, by number of the worker that we are */
static struct peer *peer;

/* ---- the other worker ---- */

static int say_link(uint32_t number)
{
    struct ic_control order = {.type = IC_CONTROL_LINK, .link.worker = number};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } rights = {0};
    struct iovec whole = {&order, sizeof order};
    struct msghdr m = {.msg_iov = &whole,
                       .msg_iovlen = 1,
                       .msg_control = rights.bytes,
                       .msg_controllen = sizeof rights.bytes};
    struct cmsghdr *head = CMSG_FIRSTHDR(&m);
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    *head = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
    memcpy(CMSG_DATA(head), &pair[1], sizeof(int));
    assert_int_equal(sendmsg(rig.control, &m, 0), (ssize_t)sizeof order);
    close(pair[1]);
    return pair[0];
}

static void say(uint32_t from, const struct ic_crossing_record *record)
{
    uint8_t bytes[IC_CROSSING_MAX];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);

    ic_crossing_write(&w, record);
    assert_int_equal(send(links[from], bytes, w.len, 0), (ssize_t)w.len);
}

/* What the worker has said to us, views into `heard_bytes`. */
static struct ic_crossing_record heard[RECORDS_MAX];
static size_t heard_count;
static uint8_t heard_bytes[RECORDS_MAX][4096];
static size_t messages;

static void listen_to(uint32_t as)
{
    struct ic_crossing_record record;
    ssize_t len;

    while (messages < RECORDS_MAX && (len = recv(links[as], heard_bytes[messages],
                                                 sizeof heard_bytes[0], MSG_DONTWAIT)) > 0) {
        struct ic_reader r = ic_reader_of((struct ic_bytes){heard_bytes[messages++], (size_t)len});
        while (heard_count < RECORDS_MAX && ic_crossing_read(&r, &record))
            heard[heard_count++] = record;
        assert_false(r.bad);
    }
}

static void forget_heard(void)
{
    listen_to(OTHER);
    heard_count = messages = 0;
}

static size_t count_heard(enum ic_crossing_kind kind)
{
    size_t count = 0;

    listen_to(OTHER);
    for (size_t i = 0; i < heard_count; i++)
        count += heard[i].kind == kind;
    return count;
}

static const struct ic_crossing_record *find_heard(enum ic_crossing_kind kind)
{
    for (size_t i = 0; i < heard_count; i++)
        if (heard[i].kind == kind)
            return &heard[i];
    return NULL;
}

/* Waits until `count` of that kind came; returns how many did. */
static size_t wait_heard(enum ic_crossing_kind kind, size_t count)
{
    for (int ms = 0; ms < WAIT_MS && count_heard(kind) < count; ms += 10)
        rig_pump(&rig, 10);
    return count_heard(kind);
}

/* ---- somebody of theirs ---- */

static void add_far(void)
{
    struct ic_control order = {.type = IC_CONTROL_SOURCE_ADD, .room = ROOM, .transport = FAR};

    order.source.home = OTHER;
    order.source.line_count = 2;
    order.source.lines[0] = rig_voice_line("0");
    order.source.lines[1] = rig_video_line("1");
    rig_tell(&rig, &order);
}

static void point_at(uint32_t line, uint32_t source, enum ic_stream stream)
{
    struct ic_control order = {
        .type = IC_CONTROL_SLOT_POINT,
        .transport = peer->transport,
        .point = {.line = line, .source = source, .stream = (uint8_t)stream, .layer = 0}};
    rig_tell(&rig, &order);
}

static void say_rtp(uint32_t from, enum ic_stream stream, uint16_t seq, bool key, bool again)
{
    uint8_t rtp[RTP_LEN] = {0x80, stream == IC_STREAM_CAMERA ? VIDEO_PT : VOICE_PT,
                            (uint8_t)(seq >> 8), (uint8_t)seq};
    struct ic_crossing_record record = {.kind = IC_CROSSING_PACKET,
                                        .transport = FAR,
                                        .stream = (uint8_t)stream,
                                        .packet = {.again = again, .rtp = {rtp, sizeof rtp}}};

    rtp[7] = (uint8_t)seq;
    rtp[11] = stream == IC_STREAM_CAMERA ? 2 : 1; /* SSRC */
    if (stream == IC_STREAM_CAMERA) {
        const uint8_t descriptor[] = {0x90, 0x80, 0x80, (uint8_t)seq, !key};
        memcpy(rtp + 12, descriptor, sizeof descriptor);
    }
    say(from, &record);
}

/* ---- somebody of ours ---- */

static int start(void **state)
{
    struct ic_line lines[] = {rig_voice_line("0"), rig_video_line("1"),
                              rig_slot("a", IC_CODEC_OPUS, SLOT_SSRC),
                              rig_slot("b", IC_CODEC_VP8, SLOT_SSRC + 10)};
    (void)state;

    rig_start(&rig, NULL);
    links[OTHER] = say_link(OTHER);
    links[THIRD] = say_link(THIRD);
    peer = rig_add(&rig, ROOM, lines, IC_COUNT(lines));
    rig_connect(&rig, peer);
    heard_count = messages = 0;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    close(links[OTHER]);
    close(links[THIRD]);
    return rig_stop(&rig) == 0 ? 0 : -1;
}

static void share(enum ic_stream stream, uint8_t layers)
{
    struct ic_control order = {
        .type = IC_CONTROL_STREAM_SHARE,
        .transport = peer->transport,
        .share = {.worker = OTHER, .stream = (uint8_t)stream, .layers = layers}};
    rig_tell(&rig, &order);
}

static void send_picture(uint32_t seq, bool key)
{
    uint8_t payload[200] = {0x90, 0x80, 0x80, (uint8_t)seq, !key};

    rig_send(&rig, peer,
             &(struct rig_packet){.mid = "1",
                                  .pt = VIDEO_PT,
                                  .ssrc = SSRC,
                                  .seq = seq,
                                  .timestamp = seq * 3000,
                                  .payload = {payload, sizeof payload}});
}

static void send_voice(uint32_t seq)
{
    uint8_t payload[100] = {0};

    rig_send(&rig, peer,
             &(struct rig_packet){.mid = "0",
                                  .pt = VOICE_PT,
                                  .ssrc = SSRC + 1,
                                  .seq = seq,
                                  .timestamp = seq * 960,
                                  .payload = {payload, sizeof payload}});
}

static size_t got(uint32_t ssrc)
{
    static struct ic_rtp packets[GOT_MAX];
    return rig_find(peer, ssrc, packets, GOT_MAX);
}

static size_t wait_got(uint32_t ssrc, size_t count)
{
    for (int ms = 0; ms < WAIT_MS && got(ssrc) < count; ms += 10)
        rig_pump(&rig, 10);
    return got(ssrc);
}

static size_t asked_for_key(void)
{
    return rig_count_rtcp(peer, IC_RTCP_PAYLOAD_FEEDBACK, IC_RTCP_PLI);
}

static struct ic_crossing_record about_us(enum ic_crossing_kind kind, enum ic_stream stream)
{
    return (struct ic_crossing_record){
        .kind = (uint8_t)kind, .stream = (uint8_t)stream, .transport = peer->transport};
}

/* ---- */

TEST(link_brings_a_far_voice_into_a_slot)
{
    add_far();
    point_at(2, FAR, IC_STREAM_MICROPHONE);
    rig_pump(&rig, 50);
    for (uint16_t seq = 10; seq < 20; seq++)
        say_rtp(OTHER, IC_STREAM_MICROPHONE, seq, false, false);
    assert_int_equal(wait_got(SLOT_SSRC, 10), 10);
}

/* Counted in the statistics of another worker's words, and not as a stranger's packets. */
static void check_refused(uint64_t count)
{
    for (int ms = 0; ms < WAIT_MS && rig.stats.cross_refused < count; ms += 10)
        rig_pump(&rig, 10);
    assert_int_equal(rig.stats.cross_refused, count);
    assert_int_equal(rig.stats.dropped_unknown + rig.stats.dropped_malformed, 0);
}

TEST(link_believes_only_the_worker_that_somebody_is_on)
{
    add_far();
    point_at(2, FAR, IC_STREAM_MICROPHONE);
    rig_pump(&rig, 50);
    for (uint16_t seq = 10; seq < 20; seq++)
        say_rtp(THIRD, IC_STREAM_MICROPHONE, seq, false, false);
    rig_pump(&rig, SILENCE_MS);
    assert_int_equal(got(SLOT_SSRC), 0);
    check_refused(10);
}

TEST(link_does_not_let_another_worker_speak_for_somebody_of_ours)
{
    struct ic_line lines[] = {rig_slot("a", IC_CODEC_OPUS, SLOT_SSRC)};
    struct peer *speaker = peer;
    uint8_t rtp[RTP_LEN] = {0x80, VOICE_PT, 0, 1, [11] = 1};
    struct ic_crossing_record forged = about_us(IC_CROSSING_PACKET, IC_STREAM_MICROPHONE);

    forged.packet.rtp = (struct ic_bytes){rtp, sizeof rtp};
    peer = rig_add(&rig, ROOM, lines, IC_COUNT(lines));
    rig_connect(&rig, peer);
    point_at(0, speaker->transport, IC_STREAM_MICROPHONE);
    rig_pump(&rig, 50);
    say(OTHER, &forged);
    rig_pump(&rig, SILENCE_MS);
    assert_int_equal(got(SLOT_SSRC), 0);
}

TEST(link_asks_again_for_what_was_lost_on_it_and_forwards_it)
{
    add_far();
    point_at(3, FAR, IC_STREAM_CAMERA);
    rig_pump(&rig, 50);
    say_rtp(OTHER, IC_STREAM_CAMERA, 100, true, false);
    assert_int_equal(wait_got(SLOT_SSRC + 10, 1), 1);
    for (uint16_t seq = 101; seq < 110; seq++)
        if (seq != 104)
            say_rtp(OTHER, IC_STREAM_CAMERA, seq, false, false);
    assert_true(wait_heard(IC_CROSSING_MISSED, 1) >= 1);
    const struct ic_crossing_record *missed = find_heard(IC_CROSSING_MISSED);
    assert_int_equal(missed->transport, FAR);
    assert_int_equal(missed->stream, IC_STREAM_CAMERA);
    assert_int_equal(missed->missed.count, 1);
    assert_int_equal(missed->missed.seqs[0], 104);
    say_rtp(OTHER, IC_STREAM_CAMERA, 104, false, true);
    assert_int_equal(wait_got(SLOT_SSRC + 10, 10), 10);
}

/* A camera of theirs in two sizes, by a link that loses. */
static struct {
    bool wanted[IC_LAYERS]; /* a key frame */
    bool was_key[IC_LAYERS][PHASES * PHASE_FRAMES + 1];
    size_t lost, resent;
} camera;

static void say_frame(uint8_t layer, uint16_t seq, bool again)
{
    const uint8_t front[] = {0x90, 0x80, 0x80, (uint8_t)seq, !camera.was_key[layer][seq], layer};
    uint8_t rtp[RTP_LEN] = {0x80,
                            VIDEO_PT,
                            (uint8_t)(seq >> 8),
                            (uint8_t)seq,
                            0,
                            0,
                            (uint8_t)(seq >> 8),
                            (uint8_t)seq,
                            0,
                            0,
                            0,
                            (uint8_t)(10 + layer)};
    struct ic_crossing_record record = {.kind = IC_CROSSING_PACKET,
                                        .transport = FAR,
                                        .stream = IC_STREAM_CAMERA,
                                        .layer = layer,
                                        .packet = {.again = again, .rtp = {rtp, sizeof rtp}}};

    memcpy(rtp + 12, front, sizeof front);
    say(OTHER, &record);
}

static void answer_questions(void)
{
    listen_to(OTHER);
    for (size_t i = 0; i < heard_count; i++) {
        const struct ic_crossing_record *r = &heard[i];
        if (r->kind == IC_CROSSING_KEY)
            camera.wanted[r->layer] = true;
        for (uint32_t k = 0; r->kind == IC_CROSSING_MISSED && k < r->missed.count; k++) {
            camera.resent++;
            say_frame(r->layer, r->missed.seqs[k], true);
        }
    }
    heard_count = messages = 0;
}

/* Nothing is lost near a change: what was missed of a size that nobody takes any more is not asked
 * for again. */
static void say_frames(uint16_t seq, uint32_t of_phase)
{
    for (uint8_t layer = 0; layer < IC_LAYERS; layer += 2) {
        bool key = camera.wanted[layer];
        camera.was_key[layer][seq] = key;
        camera.wanted[layer] = false;
        if (!key && of_phase >= 20 && of_phase < 50 && of_phase % 7 == 3)
            camera.lost++;
        else
            say_frame(layer, seq, false);
    }
    rig_pump(&rig, 10);
    answer_questions();
}

static void point_at_layer(uint8_t layer)
{
    struct ic_control order = {
        .type = IC_CONTROL_SLOT_POINT,
        .transport = peer->transport,
        .point = {.line = 3, .source = FAR, .stream = IC_STREAM_CAMERA, .layer = layer}};
    rig_tell(&rig, &order);
}

/* By number; returns how often the size changed. */
static size_t check_one_clean_stream(void)
{
    static struct ic_rtp found[GOT_MAX], in_order[GOT_MAX];
    size_t count = rig_find(peer, SLOT_SSRC + 10, found, GOT_MAX), changes = 0;

    memset(in_order, 0, sizeof in_order);
    for (size_t i = 0; i < count; i++) {
        uint16_t at = (uint16_t)(found[i].seq - found[0].seq);
        assert_true(at < count && in_order[at].payload.len == 0); /* no hole, nothing twice */
        in_order[at] = found[i];
    }
    for (size_t i = 1; i < count; i++) {
        const uint8_t *before = in_order[i - 1].payload.at, *now = in_order[i].payload.at;
        bool other = now[LAYER_AT] != before[LAYER_AT];
        assert_true(!other || (now[LAYER_AT - 1] & 1) == 0);
        assert_true((int32_t)(in_order[i].timestamp - in_order[i - 1].timestamp) > 0);
        changes += other;
    }
    return changes;
}

TEST(link_that_loses_still_makes_one_clean_stream_of_a_far_camera_that_changes_its_size)
{
    struct ic_control order = {.type = IC_CONTROL_SOURCE_ADD, .room = ROOM, .transport = FAR};

    memset(&camera, 0, sizeof camera);
    order.source.home = OTHER;
    order.source.line_count = 1;
    order.source.lines[0] = rig_video_line("1");
    order.source.lines[0].layers = 7;
    rig_tell(&rig, &order);
    for (uint32_t phase = 0; phase < PHASES; phase++) {
        point_at_layer(phase % 2 ? 2 : 0);
        for (uint32_t i = 0; i < PHASE_FRAMES; i++)
            say_frames((uint16_t)(1 + phase * PHASE_FRAMES + i), i);
    }
    for (int i = 0; i < 10; i++) {
        rig_pump(&rig, 30);
        answer_questions();
    }
    assert_int_equal(check_one_clean_stream(), PHASES - 1);
    assert_true(camera.lost > 0 &&
                camera.resent >= camera.lost / 2); /* of the size that is taken */
}

TEST(link_carries_one_request_for_a_key_frame_however_many_ask)
{
    add_far();
    point_at(3, FAR, IC_STREAM_CAMERA);
    rig_pump(&rig, 50);
    say_rtp(OTHER, IC_STREAM_CAMERA, 100, true, false);
    assert_int_equal(wait_got(SLOT_SSRC + 10, 1), 1);
    rig_pump(&rig, 600); /* what was asked for at first was answered, and long ago */
    forget_heard();
    for (int i = 0; i < 50; i++) {
        uint8_t bytes[64];
        struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
        ic_rtcp_write_pli(&w, 1, SLOT_SSRC + 10);
        rig_send_rtcp(&rig, peer, ic_written(&w));
    }
    assert_int_equal(wait_heard(IC_CROSSING_KEY, 1), 1);
    rig_pump(&rig, 100);
    assert_int_equal(count_heard(IC_CROSSING_KEY), 1);
}

TEST(link_carries_what_is_shared_once_and_nothing_else)
{
    uint32_t seq = 1;

    for (; seq < 5; seq++) {
        send_picture(seq, seq == 1);
        send_voice(seq);
    }
    rig_pump(&rig, SILENCE_MS);
    assert_int_equal(count_heard(IC_CROSSING_PACKET), 0);
    share(IC_STREAM_MICROPHONE, 1);
    rig_pump(&rig, 50);
    for (; seq < 15; seq++) {
        send_picture(seq, false);
        send_voice(seq);
    }
    assert_int_equal(wait_heard(IC_CROSSING_PACKET, 10), 10);
    rig_pump(&rig, SILENCE_MS);
    assert_int_equal(count_heard(IC_CROSSING_PACKET), 10);
    for (size_t i = 0; i < heard_count; i++) {
        assert_int_equal(heard[i].stream, IC_STREAM_MICROPHONE);
        assert_int_equal(heard[i].transport, peer->transport);
    }
    share(IC_STREAM_MICROPHONE, 0);
    rig_pump(&rig, 50);
    forget_heard();
    send_voice(seq);
    rig_pump(&rig, SILENCE_MS);
    assert_int_equal(count_heard(IC_CROSSING_PACKET), 0);
}

TEST(link_answers_what_another_worker_missed_or_wants_only_of_what_goes_there)
{
    struct ic_crossing_record missed = about_us(IC_CROSSING_MISSED, IC_STREAM_CAMERA),
                              key = about_us(IC_CROSSING_KEY, IC_STREAM_CAMERA);

    missed.missed.count = 2;
    missed.missed.seqs[0] = 2;
    missed.missed.seqs[1] = 900; /* never was */
    send_picture(1, true);
    send_picture(2, false);
    rig_pump(&rig, 50);
    say(OTHER, &missed);
    say(OTHER, &key);
    rig_pump(&rig, SILENCE_MS);
    assert_int_equal(count_heard(IC_CROSSING_PACKET), 0);
    assert_int_equal(asked_for_key(), 0);
    share(IC_STREAM_CAMERA, 1);
    rig_pump(&rig, 50);
    say(OTHER, &missed);
    say(OTHER, &key);
    assert_int_equal(wait_heard(IC_CROSSING_PACKET, 1), 1);
    const struct ic_crossing_record *packet = find_heard(IC_CROSSING_PACKET);
    assert_true(packet->packet.again);
    assert_int_equal(packet->packet.rtp.at[3], 2);
    for (int ms = 0; ms < WAIT_MS && asked_for_key() == 0; ms += 10)
        rig_pump(&rig, 10);
    assert_true(asked_for_key() > 0); /* again after 300 ms, since no key frame comes */
}

/* Half a second of a far voice; returns how many sender reports came of it. */
static size_t reports_after(const struct ic_crossing_record *report)
{
    static uint16_t seq = 10;

    if (report)
        say(OTHER, report);
    for (int i = 0; i < 25 && rig_count_rtcp(peer, IC_RTCP_SR, 0) == 0; i++) {
        say_rtp(OTHER, IC_STREAM_MICROPHONE, ++seq, false, false);
        rig_pump(&rig, 20);
    }
    return rig_count_rtcp(peer, IC_RTCP_SR, 0);
}

TEST(link_brings_the_senders_clock_and_believes_none_that_cannot_be)
{
    const uint64_t ntp = UINT64_C(0xe000000080000000);
    struct ic_crossing_record report = {.kind = IC_CROSSING_REPORT,
                                        .transport = FAR,
                                        .stream = IC_STREAM_MICROPHONE,
                                        .report = {.ntp = ntp, .timestamp = 960}};
    const int64_t lies[] = {INT64_MIN, INT64_MIN / 2, 0, INT64_MAX};

    add_far();
    point_at(2, FAR, IC_STREAM_MICROPHONE);
    rig_pump(&rig, 50);
    assert_int_equal(reports_after(NULL), 0);
    for (size_t i = 0; i < IC_COUNT(lies); i++) {
        report.report.offset = lies[i];
        assert_int_equal(reports_after(&report), 0);
    }
    report.report.offset = rig_now() - ic_ns_of_ntp(ntp);
    assert_true(reports_after(&report) > 0);
}

/* The newest sender report about a slot; false: none has come. */
static bool find_report(uint32_t ssrc, struct ic_rtcp_sr *out)
{
    bool found = false;

    for (size_t i = 0; i < peer->got_count; i++) {
        struct ic_reader r = ic_reader_of((struct ic_bytes){peer->got[i].bytes, peer->got[i].len});
        struct ic_rtcp packet;
        struct ic_rtcp_sr sr;
        while (peer->got[i].rtcp && ic_rtcp_next(&r, &packet))
            if (packet.type == IC_RTCP_SR && ic_rtcp_read_sr(&sr, &packet) == IC_OK &&
                sr.ssrc == ssrc) {
                *out = sr;
                found = true;
            }
    }
    return found;
}

/* When the receiver is told that the first packet of a slot was captured: ns on our clock. */
static int64_t told_capture(uint32_t ssrc, int64_t clock_hz)
{
    struct ic_rtcp_sr sr = {0};
    struct ic_rtp first;

    assert_true(find_report(ssrc, &sr));
    assert_int_equal(rig_find(peer, ssrc, &first, 1), 1);
    int64_t ticks = (int32_t)(first.timestamp - sr.timestamp);
    return ic_ns_of_ntp(sr.ntp) + ticks * IC_NS_PER_SEC / clock_hz;
}

TEST(link_keeps_sound_and_picture_of_a_far_sender_in_step)
{
    const int64_t captured = INT64_C(3900000000) * IC_NS_PER_SEC, apart = 100 * IC_NS_PER_MS;
    struct ic_crossing_record report = {.kind = IC_CROSSING_REPORT, .transport = FAR};
    struct ic_rtcp_sr sr;

    add_far();
    point_at(2, FAR, IC_STREAM_MICROPHONE);
    point_at(3, FAR, IC_STREAM_CAMERA);
    rig_pump(&rig, 50);
    say_rtp(OTHER, IC_STREAM_MICROPHONE, 0, false, false); /* a packet's time is its number */
    report.report.offset = rig_now() - captured;
    report.report.ntp = ic_ntp_of_ns(captured);
    say(OTHER, &report);
    rig_pump(&rig, 30); /* the picture takes longer, however it was captured later than the sound */
    say_rtp(OTHER, IC_STREAM_CAMERA, 0, true, false);
    report.stream = IC_STREAM_CAMERA;
    report.report.ntp = ic_ntp_of_ns(captured + apart);
    say(OTHER, &report);
    for (uint16_t i = 1;
         i < 200 && !(find_report(SLOT_SSRC, &sr) && find_report(SLOT_SSRC + 10, &sr)); i++) {
        say_rtp(OTHER, IC_STREAM_MICROPHONE, i, false, false);
        say_rtp(OTHER, IC_STREAM_CAMERA, i, false, false);
        rig_pump(&rig, 20);
    }
    int64_t told = told_capture(SLOT_SSRC + 10, 90000) - told_capture(SLOT_SSRC, 48000);
    printf("# sound and picture %.3f ms from what their sender said\n",
           (double)(told - apart) / (double)IC_NS_PER_MS);
    assert_in_range(told, apart - IC_NS_PER_MS, apart + IC_NS_PER_MS);
}

TEST(link_that_ends_or_says_nonsense_leaves_the_worker_as_it_is)
{
    static const uint8_t nonsense[] = {9, 9, 9};

    assert_int_equal(send(links[OTHER], nonsense, sizeof nonsense, 0), sizeof nonsense);
    check_refused(1);
    add_far();
    point_at(2, FAR, IC_STREAM_MICROPHONE);
    share(IC_STREAM_MICROPHONE, 1);
    rig_pump(&rig, 50);
    say_rtp(OTHER, IC_STREAM_MICROPHONE, 10, false, false);
    assert_int_equal(wait_got(SLOT_SSRC, 1), 1);
    close(links[OTHER]);
    for (uint32_t seq = 1; seq < 5; seq++)
        send_voice(seq);
    rig_pump(&rig, 50);
    links[OTHER] = say_link(OTHER);
    say_rtp(OTHER, IC_STREAM_MICROPHONE, 11, false, false);
    assert_int_equal(wait_got(SLOT_SSRC, 2), 2);
    assert_false(rig.ended);
}

#define LINK(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN_TESTS(LINK(link_brings_a_far_voice_into_a_slot),
          LINK(link_believes_only_the_worker_that_somebody_is_on),
          LINK(link_does_not_let_another_worker_speak_for_somebody_of_ours),
          LINK(link_asks_again_for_what_was_lost_on_it_and_forwards_it),
          LINK(link_that_loses_still_makes_one_clean_stream_of_a_far_camera_that_changes_its_size),
          LINK(link_carries_one_request_for_a_key_frame_however_many_ask),
          LINK(link_carries_what_is_shared_once_and_nothing_else),
          LINK(link_answers_what_another_worker_missed_or_wants_only_of_what_goes_there),
          LINK(link_brings_the_senders_clock_and_believes_none_that_cannot_be),
          LINK(link_keeps_sound_and_picture_of_a_far_sender_in_step),
          LINK(link_that_ends_or_says_nonsense_leaves_the_worker_as_it_is))
