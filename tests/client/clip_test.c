/* Files that encoders made, and files that are none. */
#include "client/clip.h"
#include "client/ogg.h"
#include "tests/test.h"

TEST(clip_loads_what_vpxenc_wrote)
{
    struct ic_clip clip;
    const char *why = NULL;

    assert_int_equal(ic_clip_load(&clip, SEEDS "/ivf/six_frames.ivf", IC_CODEC_VP8, &why), IC_OK);
    assert_int_equal(clip.count, 6);
    assert_int_equal(clip.width, 32);
    assert_true(clip.frames[0].key);
    assert_false(clip.frames[1].key);
    assert_in_range(clip.duration_ns, 199 * IC_NS_PER_MS, 201 * IC_NS_PER_MS);
    ic_clip_clear(&clip);
}

TEST(clip_loads_what_opusenc_wrote)
{
    struct ic_clip clip;
    const char *why = NULL;

    assert_int_equal(ic_clip_load(&clip, SEEDS "/ogg/tenth_second.opus", IC_CODEC_OPUS, &why),
                     IC_OK);
    assert_true(clip.count >= 5);
    assert_int_equal(clip.frames[1].at_ns, 20 * IC_NS_PER_MS);
    assert_int_equal(clip.duration_ns, (int64_t)clip.count * 20 * IC_NS_PER_MS);
    ic_clip_clear(&clip);
}

TEST(clip_says_why_a_file_is_refused)
{
    static const struct {
        const char *what, *path;
        enum ic_codec codec;
        enum ic_err err;
    } rows[] = {
        {"no file", SEEDS "/none", IC_CODEC_VP8, IC_ERR_SYSTEM},
        {"a folder", SEEDS, IC_CODEC_VP8, IC_ERR_SYSTEM},
        {"sound for a picture", SEEDS "/ogg/tenth_second.opus", IC_CODEC_VP8, IC_ERR_MALFORMED},
        {"a picture for sound", SEEDS "/ivf/six_frames.ivf", IC_CODEC_OPUS, IC_ERR_MALFORMED},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_clip clip;
        const char *why = NULL;
        CHECK_ROW(rows[i].what,
                  ic_clip_load(&clip, rows[i].path, rows[i].codec, &why) == rows[i].err);
        CHECK_ROW(rows[i].what, why != NULL);
    }
}

RUN_TESTS(cmocka_unit_test(clip_loads_what_vpxenc_wrote),
          cmocka_unit_test(clip_loads_what_opusenc_wrote),
          cmocka_unit_test(clip_says_why_a_file_is_refused))
