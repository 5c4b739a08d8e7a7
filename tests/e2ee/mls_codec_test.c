/* Sizes, vectors, optional values and lists of the MLS presentation language, and damage. */
#include "e2ee/mls/codec.h"

#include "tests/e2ee/mls_vectors.h"

TEST(mls_sizes_are_those_of_the_published_vectors_both_ways)
{
    json_t *rows = mls_vectors("deserialization.json"), *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        struct ic_bytes header = mls_hex(row, "vlbytes_header");
        struct ic_reader r = ic_reader_of(header);
        uint8_t again[IC_MLS_HEADER_MAX];
        struct ic_writer w = ic_writer_of(again, sizeof again);

        assert_int_equal(ic_mls_read_size(&r), mls_number(row, "length"));
        assert_int_equal(ic_mls_finish(&r), IC_OK);
        ic_mls_write_size(&w, (size_t)mls_number(row, "length"));
        assert_true(ic_bytes_equal(ic_written(&w), header));
    }
    assert_true(json_array_size(rows) > 10);
    json_decref(rows);
    mls_forget();
}

TEST(mls_sizes_have_one_spelling_and_the_rest_is_refused)
{
    static const struct {
        const char *what;
        uint8_t bytes[4];
        size_t len;
    } damage[] = {
        {"nothing", {0}, 0},
        {"two bytes for 0", {0x40, 0x00}, 2},
        {"two bytes for 63", {0x40, 0x3f}, 2},
        {"four bytes for 63", {0x80, 0, 0, 0x3f}, 4},
        {"four bytes for 16383", {0x80, 0, 0x3f, 0xff}, 4},
        {"the form of eight bytes", {0xc0, 0, 0, 0}, 4},
        {"all ones", {0xff, 0xff, 0xff, 0xff}, 4},
        {"two bytes, cut", {0x40}, 1},
        {"four bytes, cut", {0x80, 0, 0x40}, 3},
    };
    for (size_t i = 0; i < IC_COUNT(damage); i++) {
        struct ic_reader r = ic_reader_of((struct ic_bytes){damage[i].bytes, damage[i].len});
        CHECK_ROW(damage[i].what, ic_mls_read_size(&r) == 0 && r.bad);
    }
}

TEST(mls_sizes_change_their_form_where_the_next_bit_is_needed)
{
    static const struct {
        const char *what;
        size_t size, header;
    } rows[] = {{"0", 0, 1},         {"63", 63, 1},       {"64", 64, 2},
                {"16383", 16383, 2}, {"16384", 16384, 4}, {"the largest", IC_MLS_SIZE_MAX, 4}};
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        uint8_t bytes[IC_MLS_HEADER_MAX];
        struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
        ic_mls_write_size(&w, rows[i].size);
        struct ic_reader r = ic_reader_of(ic_written(&w));
        CHECK_ROW(rows[i].what, w.len == rows[i].header && !w.bad);
        CHECK_ROW(rows[i].what, ic_mls_read_size(&r) == rows[i].size && !r.bad);
    }
    uint8_t bytes[IC_MLS_HEADER_MAX];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    ic_mls_write_size(&w, (size_t)IC_MLS_SIZE_MAX + 1);
    assert_true(w.bad);
}

TEST(mls_vector_past_the_end_is_refused)
{
    static const uint8_t BYTES[] = {5, 'h', 'e', 'l', 'l', 'o'};
    for (size_t len = 0; len < sizeof BYTES; len++) {
        struct ic_reader r = ic_reader_of((struct ic_bytes){BYTES, len});
        assert_int_equal(ic_mls_read_vector(&r).len, 0);
        assert_true(r.bad);
    }
    struct ic_reader r = ic_reader_of((struct ic_bytes){BYTES, sizeof BYTES});
    assert_true(ic_bytes_equal(ic_mls_read_vector(&r), ic_bytes_of_text("hello")));
    assert_int_equal(ic_mls_finish(&r), IC_OK);
}

TEST(mls_numbers_of_odd_size_are_refused)
{
    static const uint8_t ODD[] = {3, 0, 1, 0}, EVEN[] = {4, 0, 1, 0xab, 0xcd};
    struct ic_reader r = ic_reader_of((struct ic_bytes){ODD, sizeof ODD});
    ic_mls_read_numbers(&r);
    assert_true(r.bad);

    r = ic_reader_of((struct ic_bytes){EVEN, sizeof EVEN});
    struct ic_bytes numbers = ic_mls_read_numbers(&r);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
    assert_true(ic_mls_numbers_have(numbers, 1) && ic_mls_numbers_have(numbers, 0xabcd));
    assert_false(ic_mls_numbers_have(numbers, 0x01ab));
}

TEST(mls_optional_is_zero_or_one)
{
    for (unsigned value = 0; value < 256; value++) {
        uint8_t byte = (uint8_t)value;
        struct ic_reader r = ic_reader_of((struct ic_bytes){&byte, 1});
        assert_int_equal(ic_mls_read_present(&r), value == 1);
        assert_int_equal(r.bad, value > 1);
    }
}

TEST(mls_list_gets_its_header_in_front_whatever_its_length)
{
    static const size_t LENGTHS[] = {0, 1, 63, 64, 16383, 16384};
    static uint8_t buffer[20000];
    for (size_t i = 0; i < IC_COUNT(LENGTHS); i++) {
        struct ic_writer w = ic_writer_of(buffer, sizeof buffer);
        ic_write_uint(&w, 0xee, 1);
        size_t list = ic_mls_list_begin(&w);
        for (size_t j = 0; j < LENGTHS[i]; j++)
            ic_write_uint(&w, j & 0xff, 1);
        ic_mls_list_end(&w, list);

        struct ic_reader r = ic_reader_of(ic_written(&w));
        assert_int_equal(ic_read_uint(&r, 1), 0xee);
        struct ic_bytes list_bytes = ic_mls_read_vector(&r);
        assert_int_equal(ic_mls_finish(&r), IC_OK);
        assert_int_equal(list_bytes.len, LENGTHS[i]);
        for (size_t j = 0; j < list_bytes.len; j++)
            assert_int_equal(list_bytes.at[j], j & 0xff);
    }
}

TEST(mls_list_without_room_for_its_header_makes_the_writer_bad)
{
    uint8_t buffer[64];
    struct ic_writer w = ic_writer_of(buffer, sizeof buffer);
    size_t list = ic_mls_list_begin(&w);
    assert_non_null(ic_write_room(&w, sizeof buffer));
    ic_mls_list_end(&w, list);
    assert_true(w.bad);
}

RUN_TESTS(cmocka_unit_test(mls_sizes_are_those_of_the_published_vectors_both_ways),
          cmocka_unit_test(mls_sizes_have_one_spelling_and_the_rest_is_refused),
          cmocka_unit_test(mls_sizes_change_their_form_where_the_next_bit_is_needed),
          cmocka_unit_test(mls_vector_past_the_end_is_refused),
          cmocka_unit_test(mls_numbers_of_odd_size_are_refused),
          cmocka_unit_test(mls_optional_is_zero_or_one),
          cmocka_unit_test(mls_list_gets_its_header_in_front_whatever_its_length),
          cmocka_unit_test(mls_list_without_room_for_its_header_makes_the_writer_bad))
