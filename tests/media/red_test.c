/* Redundant audio: RFC 2198 section 3. */
#include "media/red.h"

#include "tests/test.h"

static const uint8_t two_older[] = {0x80 | 111, 0x1E, 0x00, 0x02, /* 1,920 before, two bytes */
                                    0x80 | 111, 0x0F, 0x00, 0x03, /* 960 before, three */
                                    111,        'a',  'b',  'c',
                                    'd',        'e', /* the newest is what is left */
                                    'f',        'g'};

static struct ic_bytes all(void)
{
    return (struct ic_bytes){two_older, sizeof two_older};
}

TEST(older_frames_and_the_newest_are_told_apart)
{
    struct ic_red red;
    assert_int_equal(ic_red_parse(&red, all()), IC_OK);
    assert_int_equal(red.count, 3);
    assert_int_equal(red.header_len, 9);
    assert_int_equal(red.blocks[0].offset, 1920);
    assert_int_equal(red.blocks[1].offset, 960);
    assert_int_equal(red.blocks[2].offset, 0);
    assert_true(ic_bytes_equal(red.blocks[0].frame, ic_bytes_of_text("ab")));
    assert_true(ic_bytes_equal(red.blocks[1].frame, ic_bytes_of_text("cde")));
    assert_true(ic_bytes_equal(ic_red_newest(&red), ic_bytes_of_text("fg")));
}

TEST(a_packet_may_hold_the_newest_alone)
{
    const uint8_t alone[] = {109, 'x'};
    struct ic_red red;
    assert_int_equal(ic_red_parse(&red, (struct ic_bytes){alone, sizeof alone}), IC_OK);
    assert_int_equal(red.count, 1);
    assert_int_equal(red.header_len, 1);
    assert_true(ic_bytes_equal(ic_red_newest(&red), ic_bytes_of_text("x")));
}

TEST(headers_are_written_with_the_receivers_payload_type)
{
    struct ic_red red;
    uint8_t header[IC_RED_HEADER_MAX];
    assert_int_equal(ic_red_parse(&red, all()), IC_OK);
    assert_int_equal(ic_red_write_header(header, &red, 96), 9);
    const uint8_t expected[] = {0x80 | 96, 0x1E, 0x00, 0x02, 0x80 | 96, 0x0F, 0x00, 0x03, 96};
    assert_memory_equal(header, expected, sizeof expected);
}

TEST(red_parse_rejects_every_truncation)
{
    /* From one byte of the newest on it is whole. */
    for (size_t len = 0; len + 1 < sizeof two_older; len++) {
        struct ic_red red = {.count = 77};
        assert_int_equal(ic_red_parse(&red, (struct ic_bytes){two_older, len}), IC_ERR_MALFORMED);
        assert_int_equal(red.count, 77);
    }
}

TEST(red_parse_rejects_damage)
{
    static const struct {
        const char *what;
        size_t at;
        uint8_t byte;
    } rows[] = {
        {"an older frame longer than the packet", 3, 0xFF},
        {"the newest swallowed", 7, 5},
        {"no end of headers", 8, 0x80 | 111},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        uint8_t damaged[sizeof two_older];
        struct ic_red red;
        memcpy(damaged, two_older, sizeof damaged);
        damaged[rows[i].at] = rows[i].byte;
        if (ic_red_parse(&red, (struct ic_bytes){damaged, sizeof damaged}) != IC_ERR_MALFORMED)
            fail_msg("%s", rows[i].what);
    }
}

TEST(more_blocks_than_there_is_room_for_are_refused)
{
    uint8_t many[4 * IC_RED_BLOCKS_MAX + 2];
    struct ic_red red;
    memset(many, 0, sizeof many);
    for (size_t i = 0; i < IC_RED_BLOCKS_MAX; i++)
        many[4 * i] = 0x80 | 111;
    many[4 * IC_RED_BLOCKS_MAX] = 111;
    assert_int_equal(ic_red_parse(&red, (struct ic_bytes){many, sizeof many}), IC_ERR_MALFORMED);
}

RUN_TESTS(cmocka_unit_test(older_frames_and_the_newest_are_told_apart),
          cmocka_unit_test(a_packet_may_hold_the_newest_alone),
          cmocka_unit_test(headers_are_written_with_the_receivers_payload_type),
          cmocka_unit_test(red_parse_rejects_every_truncation),
          cmocka_unit_test(red_parse_rejects_damage),
          cmocka_unit_test(more_blocks_than_there_is_room_for_are_refused))
