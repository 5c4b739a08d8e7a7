/* Each shape of the front of the VP9 descriptor. */
#include "media/vp9.h"

#include <stdlib.h>

#include "tests/test.h"

static const struct row {
    const char *what;
    uint8_t bytes[8];
    size_t len;
    struct ic_vp9 vp9;
} rows[] = {
    {"bare, key", {0x08, 0xAA}, 2, {.len = 1, .key_start = true}},
    {"bare, refers to others", {0x48, 0xAA}, 2, {.len = 1}},
    {"a later packet", {0x00, 0xAA}, 2, {.len = 1}},
    {"7-bit picture",
     {0xC8, 0x7F, 0xAA},
     3,
     {.len = 2, .has_picture_id = true, .picture_bits = 7, .picture_id = 127}},
    {"15-bit picture, key",
     {0x88, 0xFF, 0xFE, 0xAA},
     4,
     {.len = 3,
      .key_start = true,
      .has_picture_id = true,
      .picture_bits = 15,
      .picture_id = 0x7FFE}},
    {"layers and TL0PICIDX",
     {0xE8, 0x81, 0x02, 0x53, 0x63, 0xAA},
     6,
     {.len = 5,
      .has_picture_id = true,
      .picture_bits = 15,
      .picture_id = 0x102,
      .has_tl0 = true,
      .tl0 = 0x63,
      .temporal = 2,
      .spatial = 1,
      .tl0_at = 4}},
    {"flexible mode has no TL0PICIDX", {0x38, 0x02, 0xAA}, 3, {.len = 2, .spatial = 1}},
    {"key picture, upper spatial layer",
     {0x28, 0x03, 0x07, 0xAA},
     4,
     {.len = 3, .has_tl0 = true, .tl0 = 7, .spatial = 1, .tl0_at = 2}},
};

TEST(vp9_parse_reads_every_shape_of_the_descriptor)
{
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_vp9 vp9;
        const struct ic_vp9 *want = &rows[i].vp9;
        struct ic_bytes payload = {rows[i].bytes, rows[i].len};
        CHECK_ROW(rows[i].what, ic_vp9_parse(&vp9, payload) == IC_OK);
        CHECK_ROW(rows[i].what, vp9.len == want->len && vp9.key_start == want->key_start);
        CHECK_ROW(rows[i].what, vp9.has_picture_id == want->has_picture_id &&
                                    vp9.picture_bits == want->picture_bits &&
                                    vp9.picture_id == want->picture_id);
        CHECK_ROW(rows[i].what, vp9.has_tl0 == want->has_tl0 && vp9.tl0 == want->tl0 &&
                                    vp9.tl0_at == want->tl0_at);
        CHECK_ROW(rows[i].what, vp9.spatial == want->spatial && vp9.temporal == want->temporal);
    }
}

TEST(vp9_parse_rejects_every_truncation)
{
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        for (size_t len = 0; len < rows[i].len; len++) {
            struct ic_vp9 vp9;
            uint8_t *copy = malloc(len + 1);
            memcpy(copy, rows[i].bytes, len);
            CHECK_ROW(rows[i].what,
                      ic_vp9_parse(&vp9, (struct ic_bytes){copy, len}) == IC_ERR_MALFORMED);
            free(copy);
        }
    }
}

TEST(vp9_write_changes_picture_id_and_tl0picidx_alone)
{
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_vp9 vp9, again;
        uint8_t out[IC_VP9_FRONT_MAX + 1];
        CHECK_ROW(rows[i].what,
                  ic_vp9_parse(&vp9, (struct ic_bytes){rows[i].bytes, rows[i].len}) == IC_OK);
        size_t len = ic_vp9_write(out, &vp9, 0x55, 0x77);
        CHECK_ROW(rows[i].what, len == vp9.len);
        out[len] = 0xAA;
        CHECK_ROW(rows[i].what, ic_vp9_parse(&again, (struct ic_bytes){out, len + 1}) == IC_OK);
        CHECK_ROW(rows[i].what,
                  again.picture_id == (vp9.has_picture_id ? 0x55 : 0) &&
                      again.tl0 == (vp9.has_tl0 ? 0x77 : 0) && again.key_start == vp9.key_start &&
                      again.spatial == vp9.spatial && again.temporal == vp9.temporal &&
                      again.picture_bits == vp9.picture_bits);
    }
}

RUN_TESTS(cmocka_unit_test(vp9_parse_reads_every_shape_of_the_descriptor),
          cmocka_unit_test(vp9_parse_rejects_every_truncation),
          cmocka_unit_test(vp9_write_changes_picture_id_and_tl0picidx_alone))
