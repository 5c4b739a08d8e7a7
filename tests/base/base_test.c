/* The reader and the writer fail once, at the end. */
#include "base/base.h"

#include "tests/test.h"

TEST(reader_past_the_end_gives_zero_and_stays_bad)
{
    struct ic_reader r = ic_reader_of((struct ic_bytes){(const uint8_t *)"\1\2\3", 3});

    assert_int_equal(ic_read_uint(&r, 2), 0x0102);
    assert_int_equal(ic_read_uint(&r, 2), 0);
    assert_true(r.bad);
    assert_int_equal(ic_read_uint(&r, 1), 0);
    assert_true(r.bad);
}

TEST(reader_of_nothing_reads_nothing_without_harm)
{
    struct ic_reader r = ic_reader_of((struct ic_bytes){0});

    assert_int_equal(ic_read_bytes(&r, 0).len, 0);
    assert_false(r.bad);
}

TEST(writer_past_the_end_changes_nothing_and_stays_bad)
{
    uint8_t buffer[4] = {9, 9, 9, 9};
    struct ic_writer w = ic_writer_of(buffer, 3);

    ic_write_uint(&w, 0x0102, 2);
    ic_write_uint(&w, 0x0304, 2);
    assert_true(w.bad);
    assert_int_equal(w.len, 2);
    assert_memory_equal(buffer, "\1\2\x9\x9", 4);
    ic_write_uint(&w, 5, 1);
    assert_int_equal(w.len, 2);
}

RUN_TESTS(cmocka_unit_test(reader_past_the_end_gives_zero_and_stays_bad),
          cmocka_unit_test(reader_of_nothing_reads_nothing_without_harm),
          cmocka_unit_test(writer_past_the_end_changes_nothing_and_stays_bad))
