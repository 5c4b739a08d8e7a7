/* A layer that nobody takes costs no receiver a look, and is there again when somebody wants it. */
#include "media/rtp.h"
#include "tests/test.h"
#include "tests/worker/virtual.h"
#include "worker/loop.h"
#include "worker/transport.h"

enum {
    LOW,
    HIGH,
    LAYERS,
    SSRC = 20, /* of the lowest layer, those of the others behind it */
    SLOT_SSRC = 0xA0,
    PAYLOAD = 900,
    STEP_MS = 30,
    SILENT_STEPS = 100,
};

static const char rids[LAYERS] = {'l', 'h'};

static struct virtual_world v;
static struct person *speaker, *viewer;
static uint64_t numbers[LAYERS];
static uint16_t picture;

static void send_picture(uint8_t layer, bool key)
{
    const uint8_t front[] = {0x90, 0x80, (uint8_t)(0x80 | (picture >> 8 & 0x7f)), (uint8_t)picture,
                             key ? 0x10 : 0x11};

    virtual_send_rtp(&v, speaker,
                     &(struct virtual_rtp){.pt = VIRTUAL_VIDEO_PT,
                                           .marker = true,
                                           .rid = rids[layer],
                                           .ssrc = SSRC + layer,
                                           .timestamp = picture++ * 3000u,
                                           .index = ++numbers[layer],
                                           .front = {front, sizeof front},
                                           .payload_len = PAYLOAD});
}

/* How many packets the viewer gets of what was sent since the last step. */
static uint32_t step(void)
{
    uint32_t before = virtual_got(viewer, SLOT_SSRC);

    ic_worker_finish(v.worker, true);
    virtual_run(&v, STEP_MS, NULL);
    return virtual_got(viewer, SLOT_SSRC) - before;
}

/* How often the sender was asked for a key frame. */
static uint32_t plis(void)
{
    return ic_directory_find(&v.worker->directory, speaker->transport)->publisher->plis;
}

/* The viewer is on the high layer. */
static void begin(void)
{
    struct ic_line camera = virtual_send_line(IC_STREAM_CAMERA);
    struct ic_line slot = virtual_slot(IC_STREAM_CAMERA, SLOT_SSRC);

    camera.layers = 1 << 0 | 1 << 2;
    camera.ext[IC_EXT_RID] = VIRTUAL_RID_ID;
    memset(numbers, 0, sizeof numbers);
    virtual_start(&v);
    speaker = virtual_join(&v, 1, &camera, 1);
    viewer = virtual_join(&v, 1, &slot, 1);
    virtual_connect(&v, NULL);
    virtual_point(&v, viewer, 0, speaker, IC_STREAM_CAMERA);
    send_picture(LOW, true);
    send_picture(HIGH, true);
    step();
    send_picture(HIGH, true);
    assert_int_equal(step(), 1);
}

TEST(packets_of_a_layer_that_nobody_takes_are_offered_to_nobody)
{
    begin();
    send_picture(LOW, false);
    assert_int_equal(v.worker->group.count, 0);
    send_picture(HIGH, false);
    send_picture(LOW, false);
    assert_int_equal(v.worker->group.count, 1);
    assert_int_equal(step(), 1);
    virtual_stop(&v);
}

TEST(all_packets_behind_the_key_frame_of_a_layer_that_nobody_took_go_out_with_it)
{
    uint32_t got = 0;

    begin();
    for (int i = 0; i < SILENT_STEPS; i++) { /* the high layer is silent */
        send_picture(LOW, false);
        got += step();
    }
    assert_int_equal(got, 0);
    send_picture(LOW, true);
    send_picture(LOW, false);
    send_picture(LOW, false);
    assert_int_equal(step(), 3);
    virtual_stop(&v);
}

TEST(a_key_frame_is_asked_for_while_only_a_layer_comes_that_nobody_takes)
{
    begin();
    uint32_t asked = plis();
    for (int i = 0; i < SILENT_STEPS; i++) {
        send_picture(LOW, false);
        step();
    }
    assert_true(plis() > asked);
    virtual_stop(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_of_a_layer_that_nobody_takes_are_offered_to_nobody),
        cmocka_unit_test(
            all_packets_behind_the_key_frame_of_a_layer_that_nobody_took_go_out_with_it),
        cmocka_unit_test(a_key_frame_is_asked_for_while_only_a_layer_comes_that_nobody_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
