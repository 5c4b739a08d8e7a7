/* What is sent again in front of the next frame, and for how long twice. */
#include "client/redundancy.h"

#include "tests/test.h"

static const int64_t MS = IC_NS_PER_MS;

static struct ic_red parsed(struct ic_redundancy *r, const char *frame, uint32_t timestamp,
                            int64_t now)
{
    static uint8_t payload[IC_OLDER_LEN_MAX * 4];
    struct ic_red red;
    size_t len = ic_redundancy_payload(r, payload, ic_bytes_of_text(frame), timestamp, 111, now);
    assert_int_equal(ic_red_parse(&red, (struct ic_bytes){payload, len}), IC_OK);
    assert_true(ic_bytes_equal(ic_red_newest(&red), ic_bytes_of_text(frame)));
    return red;
}

TEST(redundancy_sends_the_frame_before_once_more)
{
    struct ic_redundancy r = {0};
    assert_int_equal(parsed(&r, "one", 1000, 0).count, 1);
    struct ic_red red = parsed(&r, "two", 1960, 20 * MS);
    assert_int_equal(red.count, 2);
    assert_int_equal(red.blocks[0].offset, 960);
    assert_true(ic_bytes_equal(red.blocks[0].frame, ic_bytes_of_text("one")));
}

TEST(redundancy_sends_two_frames_more_while_much_is_lost)
{
    struct ic_redundancy r = {0};
    parsed(&r, "one", 1000, 0);
    parsed(&r, "two", 1960, 20 * MS);
    ic_redundancy_lost(&r, 3, 30 * MS);
    assert_int_equal(parsed(&r, "three", 2920, 40 * MS).count, 2);
    ic_redundancy_lost(&r, 26, 50 * MS);
    struct ic_red red = parsed(&r, "four", 3880, 60 * MS);
    assert_int_equal(red.count, 3);
    assert_int_equal(red.blocks[0].offset, 1920);
    assert_true(ic_bytes_equal(red.blocks[0].frame, ic_bytes_of_text("two")));
    assert_int_equal(parsed(&r, "five", 4840, 60 * IC_NS_PER_SEC).count, 2);
}

TEST(redundancy_leaves_out_what_is_too_old_or_too_long)
{
    static char longest[IC_OLDER_LEN_MAX + 2];
    struct ic_redundancy r = {0};
    parsed(&r, "one", 1000, 0);
    assert_int_equal(parsed(&r, "two", 1000 + IC_RED_OFFSET_MAX + 1, 20 * MS).count, 1);
    memset(longest, 'x', sizeof longest - 1);
    parsed(&r, longest, 18000, 40 * MS);
    assert_int_equal(parsed(&r, "four", 18960, 60 * MS).count, 1);
}

RUN_TESTS(cmocka_unit_test(redundancy_sends_the_frame_before_once_more),
          cmocka_unit_test(redundancy_sends_two_frames_more_while_much_is_lost),
          cmocka_unit_test(redundancy_leaves_out_what_is_too_old_or_too_long))
