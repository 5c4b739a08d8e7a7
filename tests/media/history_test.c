/* A packet is found by its number until another takes its place. */
#include "media/history.h"

#include "tests/test.h"

enum { COUNT = 8, BYTES = 2048 };

static struct ic_bytes text(const char *t)
{
    return ic_bytes_of_text(t);
}

TEST(history_gives_a_packet_back_until_its_place_is_taken)
{
    static _Alignas(8) uint8_t memory[4096];
    struct ic_history h;
    memset(memory, 0, sizeof memory);
    ic_history_init(&h, memory, COUNT, BYTES);
    assert_int_equal(ic_history_put(&h, 3, text("three")), IC_OK);
    assert_true(ic_bytes_equal(ic_history_get(&h, 3), text("three")));
    assert_int_equal(ic_history_get(&h, 3 + COUNT).len, 0);
    assert_int_equal(ic_history_put(&h, 3 + COUNT, text("eleven")), IC_OK);
    assert_int_equal(ic_history_get(&h, 3).len, 0);
    assert_true(ic_bytes_equal(ic_history_get(&h, 3 + COUNT), text("eleven")));
}

TEST(history_refuses_what_it_had_and_what_is_older)
{
    static _Alignas(8) uint8_t memory[4096];
    struct ic_history h;
    memset(memory, 0, sizeof memory);
    ic_history_init(&h, memory, COUNT, BYTES);
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
    static _Alignas(8) uint8_t memory[4096];
    static const uint8_t bytes[IC_RTP_PACKET_MAX + 1];
    struct ic_history h;
    memset(memory, 0, sizeof memory);
    ic_history_init(&h, memory, COUNT, BYTES);
    assert_int_equal(ic_history_put(&h, 1, (struct ic_bytes){bytes, 0}), IC_ERR_MALFORMED);
    assert_int_equal(ic_history_put(&h, 1, (struct ic_bytes){bytes, sizeof bytes}),
                     IC_ERR_MALFORMED);
    assert_int_equal(ic_history_put(&h, 1, (struct ic_bytes){bytes, IC_RTP_PACKET_MAX}), IC_OK);
}

/* Every packet is whole or gone, whatever the sizes were. */
TEST(history_never_gives_bytes_that_were_written_over)
{
    static _Alignas(8) uint8_t memory[64 * sizeof(struct ic_history_entry) + 4096];
    struct ic_history h;
    uint8_t packet[IC_RTP_PACKET_MAX];
    uint32_t random = 9, found = 0;

    ic_history_init(&h, memory, 64, 4096);
    h.end = UINT32_MAX - 100000; /* and past the end of its count */
    for (uint32_t seq = 1; seq < 4000; seq++) {
        random = random * 1664525 + 1013904223;
        size_t len = 1 + (random >> 16) % (seq % 3 == 0 ? IC_RTP_PACKET_MAX : 60);
        memset(packet, (int)seq, len);
        assert_int_equal(ic_history_put(&h, seq, (struct ic_bytes){packet, len}), IC_OK);
        for (uint32_t back = 0; back < 70 && back < seq; back++) {
            struct ic_bytes kept = ic_history_get(&h, seq - back);
            assert_true(kept.len > 0 || back > 0);
            for (size_t i = 0; i < kept.len; i++)
                assert_int_equal(kept.at[i], (uint8_t)(seq - back));
            found += kept.len > 0;
        }
    }
    assert_true(found > 4000 * 3); /* it does keep some */
}

RUN_TESTS(cmocka_unit_test(history_never_gives_bytes_that_were_written_over),
          cmocka_unit_test(history_gives_a_packet_back_until_its_place_is_taken),
          cmocka_unit_test(history_refuses_what_it_had_and_what_is_older),
          cmocka_unit_test(history_takes_any_packet_up_to_its_cell))
