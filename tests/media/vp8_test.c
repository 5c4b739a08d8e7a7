/* Each shape of the descriptor, and the one bit behind it that counts. */
#include "media/vp8.h"

#include "tests/test.h"

TEST(vp8_parse_reads_every_shape_of_the_descriptor)
{
    static const struct {
        const char *what;
        uint8_t bytes[8];
        size_t len;
        struct ic_vp8 vp8;
    } rows[] = {
        {"bare", {0x10, 0x01}, 2, {.len = 1, .start = true}},
        {"bare, key", {0x10, 0x00}, 2, {.len = 1, .start = true, .key_start = true}},
        {"second packet, key bit of no meaning", {0x00, 0x00}, 2, {.len = 1}},
        {"second partition", {0x11, 0x00}, 2, {.len = 1, .start = true, .partition = 1}},
        {"7-bit picture",
         {0x90, 0x80, 0x7F, 0x01},
         4,
         {.len = 3, .start = true, .has_picture_id = true, .picture_bits = 7, .picture_id = 127}},
        {"15-bit picture",
         {0xB0, 0x80, 0xFF, 0xFE, 0x01},
         5,
         {.len = 4,
          .non_reference = true,
          .start = true,
          .has_picture_id = true,
          .picture_bits = 15,
          .picture_id = 0x7FFE}},
        {"all of it",
         {0x90, 0xF0, 0x81, 0x02, 0x63, 0xBF, 0x10},
         7,
         {.len = 6,
          .start = true,
          .key_start = true,
          .has_picture_id = true,
          .has_tl0 = true,
          .has_tid = true,
          .has_key_index = true,
          .picture_bits = 15,
          .picture_id = 0x102,
          .tl0 = 0x63,
          .tid = 2,
          .layer_sync = true,
          .key_index = 31}},
        {"KEYIDX alone",
         {0x80, 0x10, 0x05, 0x00},
         4,
         {.len = 3, .has_key_index = true, .key_index = 5}},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_vp8 vp8;
        memset(&vp8, 0, sizeof vp8);
        CHECK_ROW(rows[i].what,
                  ic_vp8_parse(&vp8, (struct ic_bytes){rows[i].bytes, rows[i].len}) == IC_OK);
        const struct ic_vp8 *want = &rows[i].vp8;
        CHECK_ROW(rows[i].what, vp8.len == want->len && vp8.start == want->start &&
                                    vp8.partition == want->partition &&
                                    vp8.key_start == want->key_start &&
                                    vp8.non_reference == want->non_reference);
        CHECK_ROW(rows[i].what, vp8.has_picture_id == want->has_picture_id &&
                                    vp8.picture_bits == want->picture_bits &&
                                    vp8.picture_id == want->picture_id);
        CHECK_ROW(rows[i].what, vp8.has_tl0 == want->has_tl0 && vp8.tl0 == want->tl0 &&
                                    vp8.has_tid == want->has_tid && vp8.tid == want->tid &&
                                    vp8.layer_sync == want->layer_sync &&
                                    vp8.has_key_index == want->has_key_index &&
                                    vp8.key_index == want->key_index);
    }
}

TEST(vp8_parse_rejects_every_truncation)
{
    static const uint8_t whole[] = {0x90, 0xF0, 0x81, 0x02, 0x63, 0xBF, 0x10};
    struct ic_vp8 vp8;
    for (size_t len = 0; len < sizeof whole; len++)
        assert_int_equal(ic_vp8_parse(&vp8, (struct ic_bytes){whole, len}), IC_ERR_MALFORMED);
}

/* SEC-01, part: the descriptor and one bit are all that is read. */
TEST(vp8_parse_depends_on_no_bit_of_the_frame_but_the_first)
{
    uint8_t bytes[7] = {0x90, 0xF0, 0x81, 0x02, 0x63, 0xBF, 0};
    for (unsigned first = 0; first < 256; first++) {
        struct ic_vp8 vp8;
        bytes[6] = (uint8_t)first;
        assert_int_equal(ic_vp8_parse(&vp8, (struct ic_bytes){bytes, sizeof bytes}), IC_OK);
        assert_int_equal(vp8.key_start, !(first & 1));
        assert_int_equal(vp8.len, 6);
    }
}

TEST(vp8_write_gives_back_what_was_read_with_a_wide_picture_id)
{
    static const uint8_t full[] = {0xB3, 0xF0, 0x81, 0x02, 0x63, 0xBF};
    static const uint8_t narrow[] = {0x90, 0x80, 0x05};
    static const uint8_t widened[] = {0x90, 0x80, 0x80, 0x05};
    static const uint8_t bare[] = {0x10};
    static const struct {
        struct ic_bytes in, out;
    } rows[] = {{{full, sizeof full}, {full, sizeof full}},
                {{narrow, sizeof narrow}, {widened, sizeof widened}},
                {{bare, sizeof bare}, {bare, sizeof bare}}};
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_vp8 vp8;
        uint8_t payload[8] = {0}, out[IC_VP8_DESCRIPTOR_MAX];
        memcpy(payload, rows[i].in.at, rows[i].in.len);
        assert_int_equal(ic_vp8_parse(&vp8, (struct ic_bytes){payload, rows[i].in.len + 1}), IC_OK);
        assert_int_equal(ic_vp8_write(out, &vp8), rows[i].out.len);
        assert_memory_equal(out, rows[i].out.at, rows[i].out.len);
    }
}

RUN_TESTS(cmocka_unit_test(vp8_parse_reads_every_shape_of_the_descriptor),
          cmocka_unit_test(vp8_parse_rejects_every_truncation),
          cmocka_unit_test(vp8_parse_depends_on_no_bit_of_the_frame_but_the_first),
          cmocka_unit_test(vp8_write_gives_back_what_was_read_with_a_wide_picture_id))
