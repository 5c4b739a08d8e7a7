/* Packets that are nearly as long as each other go out equally long, so that the kernel takes them
 * as one run; who receives them finds what was sent. */
#include "media/rtp.h"
#include "tests/test.h"
#include "tests/worker/virtual.h"
#include "worker/loop.h"

enum {
    CAMERA_SSRC = 7,
    VOICE_SSRC = 8,
    SLOT_SSRC = 0xA0,
    VOICE_SLOT_SSRC = 0xB0,
    GOT_MAX = 64,
};

static struct virtual_world v;
static struct person *speaker, *viewer;

static struct {
    size_t len;
    struct ic_rtp rtp;
} got[GOT_MAX];
static size_t got_count;

static void hear(struct virtual_world *world, struct person *p, uint8_t *bytes, size_t len)
{
    (void)world, (void)p;
    assert_true(got_count < GOT_MAX);
    assert_int_equal(ic_rtp_parse(&got[got_count].rtp, (struct ic_bytes){bytes, len}), IC_OK);
    got[got_count++].len = len;
}

static void begin(void)
{
    struct ic_line camera[] = {virtual_send_line(IC_STREAM_CAMERA),
                               virtual_send_line(IC_STREAM_MICROPHONE)};
    struct ic_line slots[] = {virtual_slot(IC_STREAM_CAMERA, SLOT_SSRC),
                              virtual_slot(IC_STREAM_MICROPHONE, VOICE_SLOT_SSRC)};

    virtual_start(&v);
    speaker = virtual_join(&v, 1, camera, IC_COUNT(camera));
    viewer = virtual_join(&v, 1, slots, IC_COUNT(slots));
    virtual_connect(&v, NULL);
    virtual_point(&v, viewer, 0, speaker, IC_STREAM_CAMERA);
    virtual_point(&v, viewer, 1, speaker, IC_STREAM_MICROPHONE);
    virtual_run(&v, 100, NULL);
    viewer->on_rtp = hear;
    got_count = 0;
}

/* How many messages the packets of these lengths, come together, went out in. */
static uint64_t messages_of(uint8_t pt, uint32_t ssrc, const uint16_t *lens, size_t count)
{
    uint64_t before = ic_net_counts(v.worker->net)->messages_out;

    for (size_t i = 0; i < count; i++)
        virtual_send(&v, speaker, pt, ssrc, lens[i]);
    ic_worker_finish(v.worker, true);
    uint64_t messages = ic_net_counts(v.worker->net)->messages_out - before;
    virtual_run(&v, 1, NULL);
    assert_int_equal(got_count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(got[i].rtp.payload.len, lens[i]);
    return messages;
}

TEST(packets_of_a_picture_that_differ_by_a_few_bytes_go_out_as_one_run)
{
    static const uint16_t lens[] = {900, 900, 901, 901, 897};

    begin();
    assert_int_equal(messages_of(VIRTUAL_VIDEO_PT, CAMERA_SSRC, lens, IC_COUNT(lens)), 1);
    for (size_t i = 0; i < got_count; i++)
        assert_int_equal(got[i].len, got[0].len);
    virtual_stop(&v);
}

TEST(packets_that_differ_by_more_are_not_padded)
{
    static const uint16_t lens[] = {900, 905, 700};

    begin();
    assert_int_equal(messages_of(VIRTUAL_VIDEO_PT, CAMERA_SSRC, lens, IC_COUNT(lens)), 2);
    for (size_t i = 0; i < got_count; i++)
        assert_int_equal(got[i].len, got[i].rtp.header_len + lens[i]);
    virtual_stop(&v);
}

TEST(each_level_is_padded_for_itself)
{
    static const uint16_t lens[] = {901, 900, 900, 500, 501, 502};

    begin();
    assert_int_equal(messages_of(VIRTUAL_VIDEO_PT, CAMERA_SSRC, lens, IC_COUNT(lens)), 2);
    for (size_t i = 0; i < got_count; i++)
        assert_int_equal(got[i].len, got[i].rtp.header_len + (i < 3 ? 901 : 502));
    virtual_stop(&v);
}

TEST(voices_are_never_padded)
{
    static const uint16_t lens[] = {100, 99, 101};

    begin();
    messages_of(VIRTUAL_VOICE_PT, VOICE_SSRC, lens, IC_COUNT(lens));
    for (size_t i = 0; i < got_count; i++)
        assert_int_equal(got[i].len, got[i].rtp.header_len + lens[i]);
    virtual_stop(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_of_a_picture_that_differ_by_a_few_bytes_go_out_as_one_run),
        cmocka_unit_test(packets_that_differ_by_more_are_not_padded),
        cmocka_unit_test(each_level_is_padded_for_itself),
        cmocka_unit_test(voices_are_never_padded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
