/* What comes over a link, in virtual time: viewers of a camera,
 *
 *     sender's worker ══ link ══ worker ── 20 ms each way ── two viewers with room for all
 *       (the test)                     └── 500 kb/s ─────── one with room for less
 *
 * where what one path carries changes the size that its viewer gets, and nobody else's; and voices,
 * of which those that do not come over it go on when it ends. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"
#include "tests/worker/viewer.h"
#include "worker/crossing.h"
#include "worker/far.h"
#include "worker/link.h"
#include "worker/transport.h"

enum {
    OTHER = 1,
    FAR = 9000, /* the sender's transport */
    CAMERA_SSRC = 10,
    SLOT_SSRC = 0xA0,
    LAYERS = 3,
    FRAMES_A_SECOND = 30,
    PAYLOAD = 1000,
    KEY_TIMES = 3,
    NARROW = 0, /* of the viewers */
    VIEWERS = 3,
    NARROW_BPS = 500000,
    DELAY_MS = 20,
    SETTLE_MS = 15000,
    WATCH_MS = 20000,
};

static const uint32_t layer_bps[LAYERS] = {60000, 350000, 1300000};

static struct virtual_world v;
static struct viewer viewers[VIEWERS];
static struct net_link up[VIEWERS], down[VIEWERS];
static int far_end; /* of the link */
static uint32_t frame, passed_ms, keys_asked;
static uint16_t numbers[LAYERS];
static bool key_wanted[LAYERS];

/* ---- the other worker ---- */

static void say_packet(uint32_t layer, bool key, bool first, bool last, size_t payload_len)
{
    uint8_t bytes[IC_CROSSING_MAX], rtp[IC_CROSSING_PACKET_MAX] = {0};
    struct ic_writer w = ic_writer_of(rtp, sizeof rtp), message = ic_writer_of(bytes, sizeof bytes);
    const uint8_t front[] = {
        first ? 0x90 : 0x80, 0x80,          (uint8_t)(0x80 | (frame >> 8 & 0x7f)), (uint8_t)frame,
        key ? 0x10 : 0x11,   (uint8_t)layer};

    ic_write_uint(&w, 0x80, 1);
    ic_write_uint(&w, (last ? 0x80u : 0) | VIRTUAL_VIDEO_PT, 1);
    ic_write_uint(&w, numbers[layer]++, 2);
    ic_write_uint(&w, frame * (90000 / FRAMES_A_SECOND), 4);
    ic_write_uint(&w, CAMERA_SSRC + layer, 4);
    ic_write_bytes(&w, (struct ic_bytes){front, sizeof front});
    struct ic_crossing_record record = {.kind = IC_CROSSING_PACKET,
                                        .transport = FAR,
                                        .stream = IC_STREAM_CAMERA,
                                        .layer = (uint8_t)layer,
                                        .packet.rtp = {rtp, 12 + payload_len}};
    ic_crossing_write(&message, &record);
    assert_false(w.bad || message.bad);
    assert_int_equal(send(far_end, bytes, message.len, 0), (ssize_t)message.len);
}

static void say_frame(uint32_t layer)
{
    bool key = key_wanted[layer];
    size_t len = (key ? KEY_TIMES : 1) * layer_bps[layer] / 8 / FRAMES_A_SECOND;
    size_t packets = (len + PAYLOAD - 1) / PAYLOAD;

    key_wanted[layer] = false;
    for (size_t i = 0; i < packets; i++)
        say_packet(layer, key, i == 0, i + 1 == packets, len / packets);
}

static void hear_questions(void)
{
    uint8_t bytes[1 << 15];
    struct ic_crossing_record record;
    ssize_t len;

    while ((len = recv(far_end, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        struct ic_reader r = ic_reader_of((struct ic_bytes){bytes, (size_t)len});
        while (ic_crossing_read(&r, &record))
            if (record.kind == IC_CROSSING_KEY) {
                key_wanted[record.layer] = true;
                keys_asked++;
            }
    }
}

/* ---- the world ---- */

static void act(struct virtual_world *world, uint32_t step)
{
    (void)world, (void)step;
    hear_questions();
    if (passed_ms * FRAMES_A_SECOND / 1000 >= frame) {
        for (uint32_t layer = 0; layer < LAYERS; layer++)
            say_frame(layer);
        frame++;
        ic_link_event(v.worker, OTHER, ic_far_heard);
    }
    for (uint32_t i = 0; i < VIEWERS; i++)
        viewer_step(&v, &viewers[i]);
    passed_ms++;
}

static void open_link(void)
{
    int pair[2], room = 1 << 20;

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    assert_int_equal(ic_link_open(v.worker, OTHER, pair[1]), IC_OK);
    far_end = pair[0];
}

static void add_sender(enum ic_stream stream, uint8_t layers)
{
    struct ic_control order = {.type = IC_CONTROL_SOURCE_ADD, .room = 1, .transport = FAR};

    order.source.home = OTHER;
    order.source.line_count = 1;
    order.source.lines[0] = virtual_send_line(stream);
    order.source.lines[0].layers = layers;
    assert_int_equal(ic_transport_new_far(v.worker, &order), IC_OK);
}

static void point_at_sender(const struct person *p, uint32_t line, enum ic_stream stream)
{
    struct ic_directory *d = &v.worker->directory;

    assert_int_equal(ic_transport_point(v.worker, ic_directory_find(d, p->transport), line,
                                        ic_directory_find(d, FAR), (uint8_t)stream, LAYERS - 1),
                     IC_OK);
}

static void add_viewers(void)
{
    struct ic_line slot = virtual_slot(IC_STREAM_CAMERA, SLOT_SSRC);
    struct net_shape shape = {.delay_ms = DELAY_MS};

    slot.ext[IC_EXT_TWCC] = VIRTUAL_TWCC_ID;
    for (uint32_t i = 0; i < VIEWERS; i++)
        virtual_join(&v, 1, &slot, 1);
    virtual_connect(&v, NULL);
    for (uint32_t i = 0; i < VIEWERS; i++) {
        viewer_init(&viewers[i], &v.people[i], SLOT_SSRC, false);
        net_link_init(&up[i], i);
        net_link_init(&down[i], 1000 + i);
        net_link_reshape(&up[i], &shape, v.worker->now);
        v.people[i].up = &up[i];
        v.people[i].down = &down[i];
    }
    struct net_shape narrow = {.delay_ms = DELAY_MS, .rate_bps = NARROW_BPS, .queue_ms = 300};
    for (uint32_t i = 0; i < VIEWERS; i++)
        net_link_reshape(&down[i], i == NARROW ? &narrow : &shape, v.worker->now);
    for (uint32_t i = 0; i < VIEWERS; i++)
        point_at_sender(&v.people[i], 0, IC_STREAM_CAMERA);
}

TEST(link_one_narrow_path_behind_it_makes_one_picture_smaller)
{
    virtual_start(&v);
    open_link();
    add_sender(IC_STREAM_CAMERA, (1 << LAYERS) - 1);
    add_viewers();
    virtual_run(&v, SETTLE_MS, act);
    for (uint32_t i = 0; i < VIEWERS; i++)
        viewer_watch(&viewers[i], v.worker->now);
    keys_asked = 0;
    virtual_run(&v, WATCH_MS, act);
    for (uint32_t i = 0; i < VIEWERS; i++) {
        const struct viewer *w = &viewers[i];
        double kbps = (double)w->bytes * 8 / WATCH_MS;
        printf("# viewer %u: size %d, %.0f kb/s, %u shown, %u switches, %u freezes\n", i, w->layer,
               kbps, w->shown, w->switches, w->freezes);
        if (i == NARROW) {
            assert_in_range(w->layer, 0, LAYERS - 2);
            assert_in_range((int)kbps, 40, NARROW_BPS / 1000);
            continue;
        }
        assert_int_equal(w->layer, LAYERS - 1);
        assert_int_equal(w->switches + w->freezes, 0);
        assert_in_range((int)kbps, layer_bps[LAYERS - 1] / 1000, 2 * layer_bps[LAYERS - 1] / 1000);
    }
    printf("# %u key frames asked for over the link\n", keys_asked);
    for (uint32_t i = 0; i < VIEWERS; i++) {
        viewer_clear(&viewers[i]);
        net_link_clear(&up[i]);
        net_link_clear(&down[i]);
    }
    virtual_stop(&v);
    close(far_end);
}

/* ---- voices ---- */

enum {
    TALKERS = 2, /* of ours */
    VOICE_MS = 20,
    VOICE_LEN = 100,
    OF_OURS = 0xB0, /* SSRC of the slot */
    OF_THEIRS = 0xC0,
    TALK_MS = 3000,
};

static struct {
    int64_t last_at, gap;
    uint32_t ours, theirs;
} heard[TALKERS];

static void hear_voice(struct virtual_world *world, struct person *p, uint8_t *bytes, size_t len)
{
    size_t i = (size_t)(p - world->people);
    struct ic_rtp rtp;

    assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){bytes, len}), IC_OK);
    heard[i].theirs += rtp.ssrc == OF_THEIRS;
    if (rtp.ssrc != OF_OURS)
        return;
    int64_t gap = heard[i].ours++ > 0 ? world->worker->now - heard[i].last_at : 0;
    heard[i].gap = gap > heard[i].gap ? gap : heard[i].gap;
    heard[i].last_at = world->worker->now;
}

static void say_voice(void)
{
    uint8_t bytes[IC_CROSSING_MAX], rtp[12 + VOICE_LEN] = {0x80, VIRTUAL_VOICE_PT, 0, 0, [11] = 1};
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    struct ic_crossing_record record = {.kind = IC_CROSSING_PACKET,
                                        .transport = FAR,
                                        .stream = IC_STREAM_MICROPHONE,
                                        .packet.rtp = {rtp, sizeof rtp}};

    rtp[3] = (uint8_t)frame;
    rtp[6] = (uint8_t)(frame * 960 >> 8);
    ic_crossing_write(&w, &record);
    assert_int_equal(send(far_end, bytes, w.len, 0), (ssize_t)w.len);
}

static void talk(struct virtual_world *world, uint32_t step)
{
    if (step % VOICE_MS != 0)
        return;
    for (uint32_t i = 0; i < TALKERS; i++)
        virtual_send(world, &world->people[i], VIRTUAL_VOICE_PT, 100 + i, VOICE_LEN);
    frame++;
    if (far_end >= 0)
        say_voice();
    ic_link_event(world->worker, OTHER, ic_far_heard);
}

static void add_talkers(void)
{
    struct ic_line lines[] = {virtual_send_line(IC_STREAM_MICROPHONE),
                              virtual_slot(IC_STREAM_MICROPHONE, OF_OURS),
                              virtual_slot(IC_STREAM_MICROPHONE, OF_THEIRS)};

    for (uint32_t i = 0; i < TALKERS; i++)
        virtual_join(&v, 1, lines, IC_COUNT(lines));
    virtual_connect(&v, NULL);
    for (uint32_t i = 0; i < TALKERS; i++) {
        v.people[i].on_rtp = hear_voice;
        virtual_point(&v, &v.people[i], 1, &v.people[1 - i], IC_STREAM_MICROPHONE);
        point_at_sender(&v.people[i], 2, IC_STREAM_MICROPHONE);
    }
}

/* What the server says when the other worker died: its people are no sources any more. */
static void lose_other_worker(void)
{
    close(far_end);
    far_end = -1;
    virtual_run(&v, VOICE_MS / 2, talk);
    ic_transport_free(v.worker, ic_directory_find(&v.worker->directory, FAR));
    for (uint32_t i = 0; i < TALKERS; i++)
        virtual_point(&v, &v.people[i], 2, NULL, IC_STREAM_MICROPHONE);
}

TEST(link_that_ends_leaves_no_gap_in_the_voices_that_do_not_come_over_it)
{
    virtual_start(&v);
    open_link();
    add_sender(IC_STREAM_MICROPHONE, 0);
    add_talkers();
    virtual_run(&v, TALK_MS, talk);
    uint32_t theirs = heard[0].theirs;
    assert_in_range(theirs, TALK_MS / VOICE_MS - 2, TALK_MS / VOICE_MS);
    lose_other_worker();
    virtual_run(&v, TALK_MS, talk);
    for (uint32_t i = 0; i < TALKERS; i++) {
        printf("# %u: %u of ours, longest gap %lld ms; %u of theirs\n", i, heard[i].ours,
               (long long)(heard[i].gap / IC_NS_PER_MS), heard[i].theirs);
        assert_in_range(heard[i].theirs, theirs - 1, theirs + 1);
        assert_in_range(heard[i].ours, 2 * TALK_MS / VOICE_MS - 2, 2 * TALK_MS / VOICE_MS + 2);
        assert_in_range(heard[i].gap / IC_NS_PER_MS, VOICE_MS, VOICE_MS + 1);
    }
    virtual_stop(&v);
}

RUN_TESTS(cmocka_unit_test(link_one_narrow_path_behind_it_makes_one_picture_smaller),
          cmocka_unit_test(link_that_ends_leaves_no_gap_in_the_voices_that_do_not_come_over_it))
