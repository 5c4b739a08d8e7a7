/* The descriptor, written bit by bit: what is read, what is refused, what is written anew. */
#include "media/dependency.h"

#include <stdlib.h>

#include "tests/media/layered.h"
#include "tests/test.h"

/* "10 0000" and so on; what is no digit only makes it easier to read. */
static struct ic_bytes bits(uint8_t *out, const char *text)
{
    size_t len = 0;
    for (; *text; text++) {
        if (*text != '0' && *text != '1')
            continue;
        if (len % 8 == 0)
            out[len / 8] = 0;
        out[len / 8] |= (uint8_t)((*text - '0') << (7 - len % 8));
        len++;
    }
    return (struct ic_bytes){out, (len + 7) / 8};
}

/* Start, end, template 60, number 256, structure: first id 60, two targets, three templates. */
#define HEAD "1 1 111100 0000000100000000"
#define FLAGS "1 0 0 0 0"
#define LAYERS "111100 00001 00 01 11"              /* T0 T0 T1 */
#define INDICATIONS "1010 1010 0001"                /* SS SS -D, target 0 first */
#define REFERENCES "0 1 0001 0 1 0000 0"            /* none, 2, 1 */
#define CHAINS "10 0000 0010 0001"                  /* one, protecting both */
#define SIZES "1 0000010011111111 0000001011001111" /* 1280 by 720 */
#define STRUCTURE LAYERS INDICATIONS REFERENCES CHAINS SIZES
#define KEY HEAD FLAGS STRUCTURE

static void read_text(struct ic_dependency *d, struct ic_dependency_cache *cache, const char *text)
{
    uint8_t bytes[256];
    assert_int_equal(ic_dependency_read(d, cache, bits(bytes, text)), IC_OK);
}

TEST(dependency_read_takes_a_structure_field_by_field)
{
    struct ic_dependency_cache cache = {0};
    struct ic_dependency d;
    read_text(&d, &cache, KEY);
    assert_true(d.start && d.end && d.has_structure && !d.has_targets);
    assert_int_equal(d.number, 256);
    assert_int_equal(d.targets, 3);
    assert_int_equal(d.references, 0);
    const struct ic_dependency_structure *s = d.structure;
    assert_int_equal(s->template_count, 3);
    assert_int_equal(s->target_count, 2);
    assert_int_equal(s->chain_count, 1);
    assert_int_equal(s->spatial_max, 0);
    assert_int_equal(s->target_temporal[0], 0);
    assert_int_equal(s->target_temporal[1], 1);
    assert_int_equal(s->templates[1].references, 2);
    assert_int_equal(s->templates[2].references, 1);
    assert_int_equal(s->templates[2].temporal, 1);
    assert_int_equal(s->rung_count, 2);
    assert_true(s->rungs[0] == 0 && s->rungs[1] == 1);
    assert_int_equal(ic_dependency_indication(&d, 1), IC_INDICATION_SWITCH);
}

TEST(dependency_read_takes_later_frames_by_template_and_by_their_own_fields)
{
    static const struct {
        const char *what, *text;
        uint8_t temporal;
        enum ic_indication first, second;
        uint64_t references;
        bool further;
        uint32_t targets;
    } rows[] = {
        {"by template", "1 0 111110 0000000100000001", 1, 0, 1, 1, false, 3},
        {"template ids come round", "0 1 111101 0000000100000001", 0, 2, 2, 2, false, 3},
        {"targets", "1 0 111110 0000000100000001 01000 01", 1, 0, 1, 1, false, 1},
        {"own indications", "1 0 111110 0000000100000001 00100 1101", 1, 3, 1, 1, false, 3},
        {"own references", "1 0 111110 0000000100000001 00010 01 0011 10 00000100 00", 1, 0, 1,
         UINT64_C(1) << 3 | 1 << 4, false, 3},
        {"a far reference", "1 0 111110 0000000100000001 00010 11 000001000000 00", 1, 0, 1, 0,
         true, 3},
        {"own chains", "1 0 111110 0000000100000001 00001 00000111", 1, 0, 1, 1, false, 3},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_dependency_cache cache = {0};
        struct ic_dependency d;
        read_text(&d, &cache, KEY);
        read_text(&d, &cache, rows[i].text);
        CHECK_ROW(rows[i].what, d.number == 257 && d.temporal == rows[i].temporal);
        CHECK_ROW(rows[i].what, ic_dependency_indication(&d, 0) == rows[i].first);
        CHECK_ROW(rows[i].what, ic_dependency_indication(&d, 1) == rows[i].second);
        CHECK_ROW(rows[i].what, d.references == rows[i].references);
        CHECK_ROW(rows[i].what, d.refers_further == rows[i].further);
        CHECK_ROW(rows[i].what, d.targets == rows[i].targets);
    }
}

TEST(dependency_read_rejects_what_is_damaged)
{
    static const struct {
        const char *what, *text;
        enum ic_err err;
    } rows[] = {
        {"nothing", "", IC_ERR_MALFORMED},
        {"two bytes", "1 1 111100 00000001", IC_ERR_MALFORMED},
        {"unknown template", "1 1 111111 0000000100000001", IC_ERR_MALFORMED},
        {"template before the first", "1 1 111011 0000000100000001", IC_ERR_MALFORMED},
        {"older than the structure", "1 1 111100 0000000011111111", IC_ERR_NOT_FOUND},
        {"structure on a later packet", "0 1 111100 0000000100000001" FLAGS STRUCTURE,
         IC_ERR_MALFORMED},
        {"flags without what they announce", "1 0 111110 0000000100000001 00100", IC_ERR_MALFORMED},
        {"five sizes", HEAD FLAGS "111100 00000 10 10 10 10 11 0000000000 00000 0 0",
         IC_ERR_MALFORMED},
        {"nine rates", HEAD FLAGS "111100 00000 01 01 01 01 01 01 01 01 11", IC_ERR_MALFORMED},
        {"layers without an end", HEAD FLAGS "111100 00000 00 00 00 00 00", IC_ERR_MALFORMED},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_dependency_cache cache = {0}, before;
        struct ic_dependency d;
        uint8_t bytes[256];
        read_text(&d, &cache, KEY);
        memcpy(&before, &cache, sizeof cache);
        CHECK_ROW(rows[i].what,
                  ic_dependency_read(&d, &cache, bits(bytes, rows[i].text)) == rows[i].err);
        CHECK_ROW(rows[i].what, d.number == 256 && memcmp(&before, &cache, sizeof cache) == 0);
    }
}

TEST(dependency_read_rejects_every_truncation_more_templates_than_ids_and_too_long_ones)
{
    struct ic_dependency_cache cache = {0};
    struct ic_dependency d;
    uint8_t bytes[256], exact[256];
    struct ic_bytes whole = bits(bytes, KEY);
    for (size_t len = 0; len < whole.len; len++) {
        uint8_t *copy = malloc(len + 1);
        memcpy(copy, bytes, len);
        assert_int_not_equal(ic_dependency_read(&d, &cache, (struct ic_bytes){copy, len}), IC_OK);
        free(copy);
    }
    assert_int_equal(cache.count, 0);
    memset(exact, 0, sizeof exact);
    memcpy(exact, bytes, whole.len);
    assert_int_equal(
        ic_dependency_read(&d, &cache, (struct ic_bytes){exact, IC_DEPENDENCY_LEN_MAX}), IC_OK);
    assert_int_equal(
        ic_dependency_read(&d, &cache, (struct ic_bytes){exact, IC_DEPENDENCY_LEN_MAX + 1}),
        IC_ERR_MALFORMED);
    uint8_t zeros[IC_DEPENDENCY_LEN_MAX] = {0x80, 0, 0, 0x80}; /* one template after another */
    assert_int_equal(ic_dependency_read(&d, &cache, (struct ic_bytes){zeros, sizeof zeros}),
                     IC_ERR_MALFORMED);
}

/* Whole in every other respect. */
TEST(dependency_read_takes_eight_rates_and_no_ninth)
{
    struct ic_dependency_cache cache = {0};
    struct ic_dependency d;
    uint8_t bytes[64];

    read_text(&d, &cache,
              HEAD FLAGS "111100 00000 01 01 01 01 01 01 01 11"
                         "10 10 10 10 10 10 10 10 0 0 0 0 0 0 0 0 0 0");
    assert_int_equal(d.structure->template_count, 8);
    assert_int_equal(ic_dependency_read(&d, &cache,
                                        bits(bytes, HEAD FLAGS
                                             "111100 00000 01 01 01 01 01 01 01 01 11"
                                             "10 10 10 10 10 10 10 10 10 0 0 0 0 0 0 0 0 0 0 0")),
                     IC_ERR_MALFORMED);
}

TEST(dependency_reads_nothing_before_a_structure_came)
{
    struct ic_dependency_cache cache = {0};
    struct ic_dependency d;
    uint8_t bytes[8];
    assert_int_equal(ic_dependency_read(&d, &cache, bits(bytes, "1 1 111100 0000000100000001")),
                     IC_ERR_NOT_FOUND);
}

TEST(dependency_late_packets_are_read_by_the_structure_of_their_own_time)
{
    struct ic_dependency_cache cache = {0};
    struct ic_dependency d;
    read_text(&d, &cache, KEY);
    /* The next key frame, 512, has a single template 0. */
    read_text(&d, &cache, "1 1 000000 0000001000000000" FLAGS "000000 00000 11 10 0 0 0");
    assert_int_equal(d.structure->template_count, 1);
    read_text(&d, &cache, "1 0 111110 0000000111111111");
    assert_int_equal(d.structure->template_count, 3);
    read_text(&d, &cache, "1 0 000000 0000001000000001");
    assert_int_equal(d.structure->template_count, 1);
    /* The first structure once more, late: it does not take the newer one's place. */
    read_text(&d, &cache, KEY);
    read_text(&d, &cache, "1 0 000000 0000001000000001");
    assert_int_equal(d.structure->template_count, 1);
}

TEST(dependency_structure_serves_longer_than_frame_numbers_last)
{
    struct ic_dependency_cache cache = {0};
    struct ic_dependency d;
    uint8_t bytes[4];
    read_text(&d, &cache, KEY);
    for (uint32_t number = 257; number < 300000; number++) {
        struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
        ic_write_uint(&w, 0xFD, 1);
        ic_write_uint(&w, number & 0xFFFF, 2);
        assert_int_equal(ic_dependency_read(&d, &cache, ic_written(&w)), IC_OK);
    }
}

TEST(dependency_rungs_are_sizes_or_else_rates)
{
    static const struct {
        const char *what;
        struct layered encoder;
        uint8_t count, rungs[3];
    } rows[] = {
        {"one layer", {.sizes = 1, .rates = 1}, 1, {0}},
        {"two rates", {.sizes = 1, .rates = 2}, 2, {0, 1}},
        {"three rates", {.sizes = 1, .rates = 3}, 3, {0, 1, 2}},
        {"two sizes of two rates", {.sizes = 2, .rates = 2}, 2, {1, 3}},
        {"three sizes of three rates", {.sizes = 3, .rates = 3, .key_only = true}, 3, {2, 5, 8}},
        {"of four sizes the poorest and the two richest", {.sizes = 4, .rates = 1}, 3, {0, 2, 3}},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_dependency_cache cache = {0};
        struct ic_dependency d;
        struct layered_bits b;
        struct layered_frame key = {.key = true};
        struct ic_bytes bytes = layered_descriptor(&rows[i].encoder, &b, &key, true, true);
        CHECK_ROW(rows[i].what, ic_dependency_read(&d, &cache, bytes) == IC_OK);
        CHECK_ROW(rows[i].what, d.structure->rung_count == rows[i].count);
        CHECK_ROW(rows[i].what, memcmp(d.structure->rungs, rows[i].rungs, rows[i].count) == 0);
    }
}

/* Everything but number and targets comes back. */
static void check_rewritten(const char *what, struct ic_dependency_cache *cache,
                            struct ic_bytes bytes, uint32_t targets)
{
    struct ic_dependency d, again;
    struct ic_dependency_cache other = *cache;
    uint8_t out[IC_DEPENDENCY_WRITE_MAX];
    CHECK_ROW(what, ic_dependency_read(&d, cache, bytes) == IC_OK);
    size_t len = ic_dependency_write(out, &d, bytes, d.number + 5, targets);
    CHECK_ROW(what, ic_dependency_read(&again, &other, (struct ic_bytes){out, len}) == IC_OK);
    CHECK_ROW(what,
              again.number == d.number + 5 && again.targets == (targets ? targets : d.targets));
    CHECK_ROW(what, again.start == d.start && again.end == d.end &&
                        again.has_structure == d.has_structure &&
                        again.has_targets == (d.has_targets || targets != 0) &&
                        again.template_id == d.template_id && again.temporal == d.temporal &&
                        again.spatial == d.spatial && again.indications == d.indications &&
                        again.references == d.references && again.custom == d.custom &&
                        again.refers_further == d.refers_further);
    CHECK_ROW(what, memcmp(again.structure->templates, d.structure->templates,
                           sizeof d.structure->templates) == 0);
}

TEST(dependency_write_changes_number_and_targets_and_nothing_else)
{
    static const char *const rows[] = {
        KEY,
        "1 0 111110 0000000100000001",
        "1 0 111110 0000000100000001 01000 01",
        "1 0 111110 0000000100000001 00100 1101",
        "0 1 111110 0000000100000001 01110 10 1101 01 0011 10 00000100 00",
        "1 0 111110 0000000100000001 00011 11 000001000000 00 00000111",
        HEAD "1 1 0 0 1" STRUCTURE "10 00000001",
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        for (uint32_t targets = 0; targets < 4; targets++) {
            struct ic_dependency_cache cache = {0};
            struct ic_dependency d;
            uint8_t bytes[256];
            read_text(&d, &cache, KEY);
            check_rewritten(rows[i], &cache, bits(bytes, rows[i]), targets);
        }
    }
}

TEST(dependency_write_is_three_bytes_where_the_original_was)
{
    struct ic_dependency_cache cache = {0};
    struct ic_dependency d;
    uint8_t bytes[8], out[IC_DEPENDENCY_WRITE_MAX];
    read_text(&d, &cache, KEY);
    struct ic_bytes in = bits(bytes, "1 0 111110 0000000100000001");
    assert_int_equal(ic_dependency_read(&d, &cache, in), IC_OK);
    assert_int_equal(ic_dependency_write(out, &d, in, 0x1234, 0), 3);
    assert_int_equal(out[1], 0x12);
    assert_int_equal(out[2], 0x34);
}

RUN_TESTS(cmocka_unit_test(dependency_read_takes_a_structure_field_by_field),
          cmocka_unit_test(dependency_read_takes_later_frames_by_template_and_by_their_own_fields),
          cmocka_unit_test(dependency_read_rejects_what_is_damaged),
          cmocka_unit_test(
              dependency_read_rejects_every_truncation_more_templates_than_ids_and_too_long_ones),
          cmocka_unit_test(dependency_read_takes_eight_rates_and_no_ninth),
          cmocka_unit_test(dependency_reads_nothing_before_a_structure_came),
          cmocka_unit_test(dependency_late_packets_are_read_by_the_structure_of_their_own_time),
          cmocka_unit_test(dependency_structure_serves_longer_than_frame_numbers_last),
          cmocka_unit_test(dependency_rungs_are_sizes_or_else_rates),
          cmocka_unit_test(dependency_write_changes_number_and_targets_and_nothing_else),
          cmocka_unit_test(dependency_write_is_three_bytes_where_the_original_was))
