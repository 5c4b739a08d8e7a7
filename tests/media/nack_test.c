/* A hole waits, is asked for, asked for again, and is given up. */
#include "media/nack.h"

#include "tests/test.h"

static const int64_t MS = IC_NS_PER_MS;

TEST(nack_waits_a_moment_for_a_packet_that_is_only_late)
{
    struct ic_nack n;
    uint16_t seqs[4];
    ic_nack_init(&n);
    assert_int_equal(ic_nack_missed(&n, 65534, 65537, 0), IC_OK);
    assert_int_equal(ic_nack_due(&n, 4 * MS, 0, seqs, 4), 0);
    ic_nack_overtaken(&n, 65535, 4 * MS);
    assert_int_equal(ic_nack_due(&n, 5 * MS, 0, seqs, 4), 2);
    assert_int_equal(seqs[0], 65534);
    assert_int_equal(seqs[1], 0);
}

TEST(nack_asks_twice_then_once_per_round_trip_and_gives_up_after_ten_tries)
{
    static const struct {
        int64_t rtt, retry;
    } rows[] = {{0, 100}, {1, 20}, {80, 80}, {5000, 300}};
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_nack n;
        uint16_t seqs[4];
        int64_t now = 5 * MS;
        ic_nack_init(&n);
        assert_int_equal(ic_nack_missed(&n, 7, 8, 0), IC_OK);
        for (int try = 0; try < IC_NACK_TRIES; try++) {
            int64_t retry = try == 0 ? IC_NACK_ECHO : rows[i].retry * MS;
            assert_int_equal(ic_nack_due(&n, now, rows[i].rtt * MS, seqs, 4), 1);
            assert_int_equal(ic_nack_due(&n, now + retry - 1, rows[i].rtt * MS, seqs, 4), 0);
            now += retry;
        }
        assert_int_equal(ic_nack_due(&n, now, rows[i].rtt * MS, seqs, 4), 0);
        assert_int_equal(n.count, 0);
    }
}

TEST(nack_forgets_what_was_before_a_key_frame)
{
    struct ic_nack n;
    uint16_t seqs[4];
    ic_nack_init(&n);
    assert_int_equal(ic_nack_missed(&n, 10, 12, 0), IC_OK);
    assert_int_equal(ic_nack_missed(&n, 20, 21, 0), IC_OK);
    ic_nack_forget(&n, 15);
    assert_int_equal(ic_nack_due(&n, 5 * MS, 0, seqs, 4), 1);
    assert_int_equal(seqs[0], 20);
}

TEST(nack_keeps_for_later_what_does_not_fit)
{
    struct ic_nack n;
    uint16_t seqs[2];
    ic_nack_init(&n);
    assert_int_equal(ic_nack_missed(&n, 10, 13, 0), IC_OK);
    assert_int_equal(ic_nack_due(&n, 5 * MS, 0, seqs, 2), 2);
    assert_int_equal(ic_nack_due(&n, 6 * MS, 0, seqs, 2), 1);
    assert_int_equal(seqs[0], 12);
}

TEST(nack_gives_all_up_when_too_much_is_missing)
{
    struct ic_nack n;
    uint16_t seqs[2];
    ic_nack_init(&n);
    assert_int_equal(ic_nack_missed(&n, 0, IC_NACK_HOLES, 0), IC_OK);
    assert_int_equal(ic_nack_missed(&n, 1000, 1001, 0), IC_ERR_FULL);
    assert_int_equal(ic_nack_due(&n, 5 * MS, 0, seqs, 2), 0);
    assert_int_equal(ic_nack_missed(&n, 2000, 2000 + IC_NACK_HOLES + 1, 0), IC_ERR_FULL);
}

TEST(nack_waits_longer_where_packets_were_overtaken_and_less_where_they_were_lost)
{
    struct ic_nack n;
    uint16_t seqs[4];
    ic_nack_init(&n);
    assert_int_equal(ic_nack_missed(&n, 10, 11, 1000 * MS), IC_OK);
    ic_nack_overtaken(&n, 10, 1012 * MS);
    assert_int_equal(ic_nack_missed(&n, 20, 21, 2000 * MS), IC_OK);
    assert_int_equal(ic_nack_due(&n, 2016 * MS, 0, seqs, 4), 0);
    assert_int_equal(ic_nack_due(&n, 2017 * MS, 0, seqs, 4), 1);
    ic_nack_repaired(&n, 20);
    for (uint32_t seq = 30; seq < 90; seq++) {
        assert_int_equal(ic_nack_missed(&n, seq, seq + 1, 3000 * MS), IC_OK);
        ic_nack_repaired(&n, seq);
    }
    assert_int_equal(ic_nack_missed(&n, 100, 101, 4000 * MS), IC_OK);
    assert_int_equal(ic_nack_due(&n, 4006 * MS, 0, seqs, 4), 1);
}

RUN_TESTS(
    cmocka_unit_test(nack_waits_a_moment_for_a_packet_that_is_only_late),
    cmocka_unit_test(nack_asks_twice_then_once_per_round_trip_and_gives_up_after_ten_tries),
    cmocka_unit_test(nack_waits_longer_where_packets_were_overtaken_and_less_where_they_were_lost),
    cmocka_unit_test(nack_forgets_what_was_before_a_key_frame),
    cmocka_unit_test(nack_keeps_for_later_what_does_not_fit),
    cmocka_unit_test(nack_gives_all_up_when_too_much_is_missing))
