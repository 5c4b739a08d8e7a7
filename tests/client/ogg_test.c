/* Ogg pages as RFC 3533 draws them: packets over several segments and pages, and damage. */
#include "client/ogg.h"
#include "tests/test.h"

enum { SERIAL = 0x1C, FILE_SIZE = 8192 };

static size_t make_file(uint8_t file[FILE_SIZE])
{
    struct ic_writer w = ic_writer_of(file, FILE_SIZE);
    uint8_t packet[600];
    static const size_t lens[] = {80, 254, 255, 256, 600};

    ic_ogg_write_head(&w, SERIAL, 1);
    for (size_t i = 0; i < IC_COUNT(lens); i++) {
        struct ic_ogg_page page = {.serial = SERIAL,
                                   .number = (uint32_t)(2 + i),
                                   .granule = 960 * (i + 1),
                                   .last = i + 1 == IC_COUNT(lens)};
        memset(packet, (int)(i + 1), sizeof packet);
        ic_ogg_write_page(&w, &page, (struct ic_bytes){packet, lens[i]});
    }
    assert_false(w.bad);
    return w.len;
}

TEST(ogg_reads_back_packets_of_every_awkward_length)
{
    static uint8_t file[FILE_SIZE];
    static struct ic_ogg ogg;
    static const size_t lens[] = {80, 254, 255, 256, 600};
    struct ic_bytes packet;
    size_t len = make_file(file);

    assert_int_equal(ic_ogg_open(&ogg, (struct ic_bytes){file, len}, false), IC_OK);
    assert_int_equal(ogg.channels, 1);
    for (size_t i = 0; i < IC_COUNT(lens); i++) {
        assert_int_equal(ic_ogg_next(&ogg, &packet), IC_OK);
        assert_int_equal(packet.len, lens[i]);
        assert_int_equal(packet.at[packet.len - 1], i + 1);
    }
    assert_int_equal(ic_ogg_next(&ogg, &packet), IC_ERR_NOT_FOUND);
}

/* A page written by hand: `lacing` and a body of that length filled with `fill`. */
static void add_page(struct ic_writer *w, uint8_t flags, uint32_t serial, struct ic_bytes lacing,
                     uint8_t fill)
{
    ic_write_bytes(w, ic_bytes_of_text("OggS"));
    ic_write_uint(w, 0, 1);
    ic_write_uint(w, flags, 1);
    ic_write_uint(w, 0, 8);
    ic_write_uint(w, serial << 24, 4); /* little-endian on the wire */
    ic_write_uint(w, 0, 8);
    ic_write_uint(w, lacing.len, 1);
    ic_write_bytes(w, lacing);
    size_t body = 0;
    for (size_t i = 0; i < lacing.len; i++)
        body += lacing.at[i];
    memset(ic_write_room(w, body), fill, body);
}

#define LACING(...)                                                                                \
    (struct ic_bytes)                                                                              \
    {                                                                                              \
        (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})                     \
    }

TEST(ogg_joins_a_packet_over_two_pages_and_skips_other_streams)
{
    static uint8_t file[FILE_SIZE];
    static struct ic_ogg ogg;
    struct ic_writer w = ic_writer_of(file, sizeof file);
    struct ic_bytes packet;

    ic_ogg_write_head(&w, SERIAL, 1);
    add_page(&w, 0, SERIAL, LACING(10, 255), 1);
    add_page(&w, 0, SERIAL + 1, LACING(33), 9);
    add_page(&w, 1, SERIAL, LACING(20, 30), 2);
    assert_int_equal(ic_ogg_open(&ogg, ic_written(&w), true), IC_OK);
    assert_int_equal(ic_ogg_next(&ogg, &packet), IC_OK);
    assert_int_equal(packet.len, 10);
    assert_int_equal(ic_ogg_next(&ogg, &packet), IC_OK);
    assert_int_equal(packet.len, 275);
    assert_int_equal(packet.at[254], 1);
    assert_int_equal(packet.at[255], 2);
    assert_int_equal(ic_ogg_next(&ogg, &packet), IC_OK);
    assert_int_equal(packet.len, 30);
}

TEST(ogg_drops_half_packets_whose_other_page_is_missing)
{
    static uint8_t file[FILE_SIZE];
    static struct ic_ogg ogg;
    struct ic_writer w = ic_writer_of(file, sizeof file);
    struct ic_bytes packet;

    ic_ogg_write_head(&w, SERIAL, 1);
    add_page(&w, 0, SERIAL, LACING(255), 1);    /* its end is lost */
    add_page(&w, 0, SERIAL, LACING(20), 2);     /* whole */
    add_page(&w, 1, SERIAL, LACING(30, 40), 3); /* the first has lost its start */
    assert_int_equal(ic_ogg_open(&ogg, ic_written(&w), true), IC_OK);
    assert_int_equal(ic_ogg_next(&ogg, &packet), IC_OK);
    assert_int_equal(packet.len, 20);
    assert_int_equal(ic_ogg_next(&ogg, &packet), IC_OK);
    assert_int_equal(packet.len, 40);
    assert_int_equal(ic_ogg_next(&ogg, &packet), IC_ERR_NOT_FOUND);
}

TEST(ogg_rejects_every_truncation_within_a_page)
{
    static uint8_t file[FILE_SIZE];
    static struct ic_ogg ogg;
    size_t whole = make_file(file), rejected = 0;

    for (size_t len = 0; len < whole; len++) {
        struct ic_bytes packet;
        enum ic_err err = ic_ogg_open(&ogg, (struct ic_bytes){file, len}, false);
        while (err == IC_OK)
            err = ic_ogg_next(&ogg, &packet);
        rejected += err == IC_ERR_MALFORMED;
    }
    assert_int_equal(rejected, whole - 5); /* five cuts fall between two pages after the headers */
}

TEST(ogg_rejects_any_flipped_bit_by_the_checksum)
{
    static uint8_t file[FILE_SIZE];
    static struct ic_ogg ogg;
    size_t len = make_file(file);

    for (size_t bit = 0; bit < 8 * len; bit++) {
        struct ic_bytes packet;
        file[bit / 8] ^= (uint8_t)(1 << bit % 8);
        enum ic_err err = ic_ogg_open(&ogg, (struct ic_bytes){file, len}, false);
        while (err == IC_OK)
            err = ic_ogg_next(&ogg, &packet);
        assert_int_equal(err, IC_ERR_MALFORMED);
        file[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

TEST(ogg_refuses_what_is_not_one_or_two_channels_of_opus)
{
    static const struct {
        const char *what;
        size_t offset;
        uint8_t value;
    } damage[] = {
        {"another codec", 28, 'X'},
        {"a later version", 36, 0x10},
        {"no channel", 37, 0},
        {"three channels", 37, 3},
    };
    static uint8_t file[FILE_SIZE];
    static struct ic_ogg ogg;

    for (size_t i = 0; i < IC_COUNT(damage); i++) {
        size_t len = make_file(file);
        file[damage[i].offset] = damage[i].value;
        CHECK_ROW(damage[i].what,
                  ic_ogg_open(&ogg, (struct ic_bytes){file, len}, true) == IC_ERR_MALFORMED);
    }
}

TEST(opus_duration_follows_the_table_of_rfc_6716)
{
    static const struct {
        const char *what;
        uint8_t bytes[2];
        size_t len;
        uint32_t samples;
    } rows[] = {
        {"SILK 10 ms", {0 << 3, 0}, 2, 480},
        {"SILK 60 ms", {3 << 3, 0}, 2, 2880},
        {"hybrid 20 ms", {13 << 3, 0}, 2, 960},
        {"CELT 2.5 ms", {16 << 3, 0}, 2, 120},
        {"CELT 20 ms", {31 << 3, 0}, 2, 960},
        {"two of 20 ms", {31 << 3 | 1, 0}, 2, 1920},
        {"three of 20 ms", {31 << 3 | 3, 3}, 2, 2880},
        {"more than 120 ms", {31 << 3 | 3, 7}, 2, 0},
        {"no count", {31 << 3 | 3}, 1, 0},
        {"nothing", {0}, 0, 0},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++)
        CHECK_ROW(rows[i].what, ic_opus_duration((struct ic_bytes){rows[i].bytes, rows[i].len}) ==
                                    rows[i].samples);
}

RUN_TESTS(cmocka_unit_test(ogg_reads_back_packets_of_every_awkward_length),
          cmocka_unit_test(ogg_joins_a_packet_over_two_pages_and_skips_other_streams),
          cmocka_unit_test(ogg_drops_half_packets_whose_other_page_is_missing),
          cmocka_unit_test(ogg_rejects_every_truncation_within_a_page),
          cmocka_unit_test(ogg_rejects_any_flipped_bit_by_the_checksum),
          cmocka_unit_test(ogg_refuses_what_is_not_one_or_two_channels_of_opus),
          cmocka_unit_test(opus_duration_follows_the_table_of_rfc_6716))
