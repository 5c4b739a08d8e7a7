/* A packet is found by its number until another takes its place. */
#include "media/history.h"

#include "tests/test.h"

enum { COUNT = 8 };

static struct ic_bytes text(const char *t)
{
    return ic_bytes_of_text(t);
}

TEST(history_gives_a_packet_back_until_its_place_is_taken)
{
    static struct ic_history_cell cells[COUNT];
    struct ic_history h;
    ic_history_init(&h, cells, COUNT);
    assert_int_equal(ic_history_put(&h, 3, text("three")), IC_OK);
    assert_true(ic_bytes_equal(ic_history_get(&h, 3), text("three")));
    assert_int_equal(ic_history_get(&h, 3 + COUNT).len, 0);
    assert_int_equal(ic_history_put(&h, 3 + COUNT, text("eleven")), IC_OK);
    assert_int_equal(ic_history_get(&h, 3).len, 0);
    assert_true(ic_bytes_equal(ic_history_get(&h, 3 + COUNT), text("eleven")));
}

TEST(history_refuses_what_it_had_and_what_is_older)
{
    static struct ic_history_cell cells[COUNT];
    struct ic_history h;
    ic_history_init(&h, cells, COUNT);
    assert_int_equal(ic_history_put(&h, COUNT, text("a")), IC_OK);
    assert_int_equal(ic_history_put(&h, COUNT, text("b")), IC_ERR_REPLAYED);
    assert_int_equal(ic_history_put(&h, 0, text("c")), IC_ERR_REPLAYED);
    assert_true(ic_bytes_equal(ic_history_get(&h, COUNT), text("a")));
    ic_history_forget(&h);
    assert_int_equal(ic_history_get(&h, COUNT).len, 0);
    assert_int_equal(ic_history_put(&h, 0, text("c")), IC_OK);
}

TEST(history_takes_any_packet_up_to_its_cell)
{
    static struct ic_history_cell cells[COUNT];
    static const uint8_t bytes[IC_RTP_PACKET_MAX + 1];
    struct ic_history h;
    ic_history_init(&h, cells, COUNT);
    assert_int_equal(ic_history_put(&h, 1, (struct ic_bytes){bytes, 0}), IC_ERR_MALFORMED);
    assert_int_equal(ic_history_put(&h, 1, (struct ic_bytes){bytes, sizeof bytes}),
                     IC_ERR_MALFORMED);
    assert_int_equal(ic_history_put(&h, 1, (struct ic_bytes){bytes, IC_RTP_PACKET_MAX}), IC_OK);
}

RUN_TESTS(cmocka_unit_test(history_gives_a_packet_back_until_its_place_is_taken),
          cmocka_unit_test(history_refuses_what_it_had_and_what_is_older),
          cmocka_unit_test(history_takes_any_packet_up_to_its_cell))
