/* What was written can be read again, and begins where a decoder can. */
#include "client/clip.h"
#include "client/pattern.h"
#include "client/recording.h"
#include "tests/test.h"

#include <stdio.h>
#include <unistd.h>

static char path[64];

static int begin(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "recording-%d.tmp", (int)getpid());
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static void add(struct ic_recording *recording, enum ic_pattern_kind kind, uint32_t timestamp)
{
    uint8_t frame[200];
    const struct ic_stamp stamp = {.number = timestamp};
    ic_pattern_fill(frame, sizeof frame, kind, &stamp);
    ic_recording_add(recording, (struct ic_bytes){frame, sizeof frame}, timestamp);
}

TEST(recording_of_a_picture_begins_with_a_key_frame_and_keeps_its_times)
{
    struct ic_recording *recording;
    struct ic_clip clip;
    const char *why;

    assert_int_equal(ic_recording_new(&recording, path, IC_CODEC_VP8), IC_OK);
    add(recording, IC_PATTERN_DELTA, 1000);
    add(recording, IC_PATTERN_KEY, UINT32_MAX - 2999); /* the time stamp wraps after this one */
    add(recording, IC_PATTERN_DELTA, 0);
    add(recording, IC_PATTERN_DELTA, 3000);
    add(recording, IC_PATTERN_DELTA, 500000000); /* the slot showed another for a while */
    ic_recording_free(recording);

    assert_int_equal(ic_clip_load(&clip, path, IC_CODEC_VP8, &why), IC_OK);
    assert_int_equal(clip.count, 4);
    assert_int_equal(clip.width, 640);
    assert_int_equal(clip.height, 360);
    for (size_t i = 0; i < clip.count; i++)
        assert_in_range(clip.frames[i].at_ns, (int64_t)i * 33333333,
                        (int64_t)i * 33333334 + IC_NS_PER_MS);
    ic_clip_clear(&clip);
}

TEST(recording_of_sound_is_an_opus_file)
{
    struct ic_recording *recording;
    struct ic_clip clip;
    const char *why;

    assert_int_equal(ic_recording_new(&recording, path, IC_CODEC_OPUS), IC_OK);
    for (uint32_t i = 0; i < 50; i++)
        add(recording, IC_PATTERN_TONE, i * 960);
    ic_recording_free(recording);

    assert_int_equal(ic_clip_load(&clip, path, IC_CODEC_OPUS, &why), IC_OK);
    assert_int_equal(clip.count, 50);
    assert_int_equal(clip.duration_ns, IC_NS_PER_SEC);
    ic_clip_clear(&clip);
}

TEST(recording_refuses_a_place_that_cannot_be_written)
{
    struct ic_recording *recording;
    assert_int_equal(ic_recording_new(&recording, "/nowhere/at/all", IC_CODEC_VP8), IC_ERR_SYSTEM);
}

RUN_TESTS(cmocka_unit_test_setup_teardown(
              recording_of_a_picture_begins_with_a_key_frame_and_keeps_its_times, begin, end),
          cmocka_unit_test_setup_teardown(recording_of_sound_is_an_opus_file, begin, end),
          cmocka_unit_test(recording_refuses_a_place_that_cannot_be_written))
