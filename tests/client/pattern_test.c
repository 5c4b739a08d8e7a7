/* The built-in pattern keeps its bit rate and its stamp. */
#include "client/pattern.h"
#include "tests/test.h"

TEST(pattern_keeps_its_bit_rate_over_a_second)
{
    static const uint64_t rates[] = {150000, 500000, 1500000};
    for (size_t i = 0; i < IC_COUNT(rates); i++) {
        uint64_t bits = 0;
        for (uint32_t frame = 0; frame < IC_PATTERN_FPS; frame++)
            bits += 8 * ic_pattern_frame_len(rates[i], frame, false);
        assert_in_range(bits, rates[i] * 98 / 100, rates[i] * 102 / 100);
    }
}

TEST(pattern_makes_key_frames_longer_and_always_leaves_room_for_the_stamp)
{
    assert_true(ic_pattern_frame_len(500000, 1, true) > 3 * ic_pattern_frame_len(500000, 1, false));
    assert_int_equal(ic_pattern_frame_len(1, 0, false), IC_PATTERN_LEAST);
}

TEST(pattern_read_finds_the_stamp_and_only_in_pattern_frames)
{
    uint8_t frame[100];
    const struct ic_stamp stamp = {.number = 77, .monotonic_ns = -5, .wall_ns = INT64_MAX};
    struct ic_stamp read;

    for (int kind = IC_PATTERN_TONE; kind <= IC_PATTERN_KEY; kind++) {
        size_t magic_at = kind == IC_PATTERN_TONE ? 1 : 10;
        ic_pattern_fill(frame, sizeof frame, (enum ic_pattern_kind)kind, &stamp);
        memset(&read, 0, sizeof read);
        assert_true(ic_pattern_read(&read, (struct ic_bytes){frame, sizeof frame}));
        assert_int_equal(read.number, 77);
        assert_int_equal(read.monotonic_ns, -5);
        assert_int_equal(read.wall_ns, INT64_MAX);
        for (size_t len = 0; len < magic_at + 24; len++)
            assert_false(ic_pattern_read(&read, (struct ic_bytes){frame, len}));
        frame[magic_at] ^= 1;
        assert_false(ic_pattern_read(&read, (struct ic_bytes){frame, sizeof frame}));
    }
}

TEST(pattern_frames_begin_as_their_codec_does)
{
    uint8_t frame[100];
    const struct ic_stamp stamp = {0};

    ic_pattern_fill(frame, sizeof frame, IC_PATTERN_KEY, &stamp);
    assert_int_equal(frame[0] & 1, 0); /* RFC 6386 section 9.1: 0 is a key frame */
    assert_memory_equal(frame + 3, "\x9D\x01\x2A", 3);
    ic_pattern_fill(frame, sizeof frame, IC_PATTERN_DELTA, &stamp);
    assert_int_equal(frame[0] & 1, 1);
}

RUN_TESTS(cmocka_unit_test(pattern_keeps_its_bit_rate_over_a_second),
          cmocka_unit_test(pattern_makes_key_frames_longer_and_always_leaves_room_for_the_stamp),
          cmocka_unit_test(pattern_read_finds_the_stamp_and_only_in_pattern_frames),
          cmocka_unit_test(pattern_frames_begin_as_their_codec_does))
