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
    assert_int_equal(ic_pattern_frame_len(1, 0, false), IC_PATTERN_STAMP_LEN);
}

TEST(pattern_read_finds_the_stamp_and_only_in_pattern_frames)
{
    uint8_t frame[100];
    const struct ic_stamp stamp = {.number = 77, .monotonic_ns = -5, .wall_ns = INT64_MAX};
    struct ic_stamp read;

    ic_pattern_fill(frame, sizeof frame, &stamp);
    assert_true(ic_pattern_read(&read, (struct ic_bytes){frame, sizeof frame}));
    assert_int_equal(read.number, 77);
    assert_int_equal(read.monotonic_ns, -5);
    assert_int_equal(read.wall_ns, INT64_MAX);
    for (size_t len = 0; len < IC_PATTERN_STAMP_LEN; len++)
        assert_false(ic_pattern_read(&read, (struct ic_bytes){frame, len}));
    frame[3] ^= 1;
    assert_false(ic_pattern_read(&read, (struct ic_bytes){frame, sizeof frame}));
}

RUN_TESTS(cmocka_unit_test(pattern_keeps_its_bit_rate_over_a_second),
          cmocka_unit_test(pattern_makes_key_frames_longer_and_always_leaves_room_for_the_stamp),
          cmocka_unit_test(pattern_read_finds_the_stamp_and_only_in_pattern_frames))
