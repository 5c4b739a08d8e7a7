/* Frames come at their times, clips repeat, and a key frame comes when asked for. */
#include "client/pattern.h"
#include "client/source.h"
#include "tests/test.h"

static uint8_t scratch[IC_SOURCE_FRAME_MAX];

TEST(source_gives_a_pattern_of_thirty_frames_a_second_that_begins_with_a_key_frame)
{
    struct ic_source source;
    struct ic_source_frame frame;
    int frames = 0, keys = 0;
    int64_t start = 5 * IC_NS_PER_SEC;

    ic_source_init(&source, IC_CODEC_VP8, NULL, 500000, start);
    assert_false(ic_source_next(&source, &frame, scratch, start - 1, 0));
    for (int64_t now = start; now < start + IC_NS_PER_SEC; now += IC_NS_PER_MS) {
        while (ic_source_next(&source, &frame, scratch, now, 7)) {
            struct ic_stamp stamp;
            assert_true(ic_pattern_read(&stamp, frame.data));
            assert_int_equal(stamp.number, frames);
            assert_int_equal(stamp.monotonic_ns, now);
            assert_int_equal(stamp.wall_ns, 7);
            assert_int_equal(frame.key, frames == 0);
            frames++;
            keys += frame.key;
        }
    }
    assert_int_equal(frames, 30);
    assert_int_equal(keys, 1);
}

TEST(source_makes_key_frames_on_demand_but_not_a_storm_of_them)
{
    struct ic_source source;
    struct ic_source_frame frame;
    int keys = 0;

    ic_source_init(&source, IC_CODEC_VP8, NULL, 500000, 0);
    for (int64_t now = 0; now < 3 * IC_NS_PER_SEC; now += IC_NS_PER_MS) {
        ic_source_want_key(&source);
        while (ic_source_next(&source, &frame, scratch, now, 0))
            keys += frame.key;
    }
    assert_in_range(keys, 8, 10);
}

static const struct ic_clip_frame clip_frames[] = {
    {{(const uint8_t *)"\0key", 4}, 0, true},
    {{(const uint8_t *)"\1one", 4}, 40 * IC_NS_PER_MS, false},
    {{(const uint8_t *)"\1two", 4}, 80 * IC_NS_PER_MS, false},
    {{(const uint8_t *)"\0kay", 4}, 120 * IC_NS_PER_MS, true},
    {{(const uint8_t *)"\1end", 4}, 160 * IC_NS_PER_MS, false},
};
static const struct ic_clip clip = {
    .codec = IC_CODEC_VP8,
    .frames = (struct ic_clip_frame *)(uintptr_t)clip_frames,
    .count = IC_COUNT(clip_frames),
    .duration_ns = 200 * IC_NS_PER_MS,
};

TEST(source_repeats_a_clip_at_its_own_pace)
{
    struct ic_source source;
    struct ic_source_frame frame;

    ic_source_init(&source, IC_CODEC_VP8, &clip, 0, 1000);
    for (int i = 0; i < 12; i++) {
        int64_t due = 1000 + i * 40 * IC_NS_PER_MS;
        assert_false(ic_source_next(&source, &frame, scratch, due - 1, 0));
        assert_true(ic_source_next(&source, &frame, scratch, due, 0));
        assert_int_equal(frame.due, due);
        assert_ptr_equal(frame.data.at, clip_frames[i % 5].data.at);
    }
}

TEST(source_jumps_to_the_next_key_frame_of_a_clip_without_a_break_in_time)
{
    struct ic_source source;
    struct ic_source_frame frame;
    const int64_t late = IC_NS_PER_SEC; /* past the least distance of key frames */

    ic_source_init(&source, IC_CODEC_VP8, &clip, 0, 0);
    assert_true(ic_source_next(&source, &frame, scratch, 0, 0));
    source.key_at -= late;
    ic_source_want_key(&source);
    assert_true(ic_source_next(&source, &frame, scratch, 40 * IC_NS_PER_MS, 0));
    assert_ptr_equal(frame.data.at, clip_frames[3].data.at);
    assert_int_equal(frame.due, 40 * IC_NS_PER_MS);
    assert_true(ic_source_next(&source, &frame, scratch, 80 * IC_NS_PER_MS, 0));
    assert_ptr_equal(frame.data.at, clip_frames[4].data.at);
}

TEST(source_skips_what_a_sleeping_machine_missed)
{
    struct ic_source source;
    struct ic_source_frame frame;
    int frames = 0;

    ic_source_init(&source, IC_CODEC_OPUS, NULL, 0, 0);
    while (ic_source_next(&source, &frame, scratch, 100 * IC_NS_PER_SEC, 0))
        frames++;
    assert_int_equal(frames, 1);
    assert_int_equal(frame.due, 100 * IC_NS_PER_SEC);
    assert_int_equal(frame.data.len, IC_TONE_LEN);
}

RUN_TESTS(
    cmocka_unit_test(source_gives_a_pattern_of_thirty_frames_a_second_that_begins_with_a_key_frame),
    cmocka_unit_test(source_makes_key_frames_on_demand_but_not_a_storm_of_them),
    cmocka_unit_test(source_repeats_a_clip_at_its_own_pace),
    cmocka_unit_test(source_jumps_to_the_next_key_frame_of_a_clip_without_a_break_in_time),
    cmocka_unit_test(source_skips_what_a_sleeping_machine_missed))
