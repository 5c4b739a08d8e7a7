/* Loss, jitter and restarts, as RFC 3550 appendix A counts them. */
#include "media/reception.h"

#include "tests/test.h"

static const int64_t MS = IC_NS_PER_MS;

static enum ic_arrival note(struct ic_reception *r, uint16_t seq, int64_t ms, uint32_t *extended)
{
    return ic_reception_note(r, extended, seq, (uint32_t)seq * 90, ms * MS);
}

TEST(reception_counts_loss_over_the_rollover)
{
    struct ic_reception r;
    struct ic_rtcp_report report;
    uint32_t extended;
    ic_reception_init(&r, 90000);
    assert_int_equal(note(&r, 65534, 0, &extended), IC_ARRIVAL_FIRST);
    assert_int_equal(extended, 65536 + 65534);
    assert_int_equal(note(&r, 65535, 1, &extended), IC_ARRIVAL_NEWEST);
    assert_int_equal(note(&r, 2, 4, &extended), IC_ARRIVAL_NEWEST);
    assert_int_equal(extended, 2 * 65536 + 2);
    assert_int_equal(note(&r, 1, 5, &extended), IC_ARRIVAL_LATE);
    assert_int_equal(extended, 2 * 65536 + 1);

    ic_reception_report(&r, &report);
    assert_int_equal(report.highest, 65536 + 2);
    assert_int_equal(report.lost, 1);
    assert_int_equal(report.fraction_lost, 256 / 5);
    note(&r, 3, 5, &extended);
    ic_reception_report(&r, &report);
    assert_int_equal(report.lost, 1);
    assert_int_equal(report.fraction_lost, 0);
}

TEST(reception_of_repeats_loses_a_negative_number)
{
    struct ic_reception r;
    struct ic_rtcp_report report;
    uint32_t extended;
    ic_reception_init(&r, 90000);
    note(&r, 5, 0, &extended);
    note(&r, 5, 0, &extended);
    ic_reception_report(&r, &report);
    assert_int_equal(report.lost, -1);
    assert_int_equal(report.fraction_lost, 0);
}

TEST(reception_begins_again_after_two_packets_in_a_row_from_afar)
{
    struct ic_reception r;
    uint32_t extended;
    ic_reception_init(&r, 90000);
    note(&r, 10, 0, &extended);
    assert_int_equal(note(&r, 30000, 1, &extended), IC_ARRIVAL_REFUSED);
    assert_int_equal(note(&r, 11, 2, &extended), IC_ARRIVAL_NEWEST);
    assert_int_equal(note(&r, 30001, 3, &extended), IC_ARRIVAL_REFUSED);
    assert_int_equal(note(&r, 30002, 4, &extended), IC_ARRIVAL_FIRST);
    assert_int_equal(extended, 65536 + 30002);
}

TEST(reception_places_a_retransmission_without_counting_it)
{
    struct ic_reception r;
    uint32_t extended;
    ic_reception_init(&r, 90000);
    assert_false(ic_reception_place(&r, &extended, 5));
    note(&r, 10, 0, &extended);
    assert_true(ic_reception_place(&r, &extended, 9));
    assert_int_equal(extended, 65536 + 9);
    assert_false(ic_reception_place(&r, &extended, 40000));
    assert_int_equal(r.received, 1);
}

/* Packets every 20 ms that come 0 and 10 ms late by turns: |D| is 10 ms each time, 900 units. */
TEST(reception_jitter_tends_to_the_mean_deviation)
{
    struct ic_reception r;
    struct ic_rtcp_report report;
    uint32_t extended;
    ic_reception_init(&r, 90000);
    for (uint16_t i = 0; i < 300; i++)
        ic_reception_note(&r, &extended, i, (uint32_t)i * 1800, (i * 20 + (i & 1) * 10) * MS);
    ic_reception_report(&r, &report);
    assert_in_range(report.jitter, 880, 910);
}

RUN_TESTS(cmocka_unit_test(reception_counts_loss_over_the_rollover),
          cmocka_unit_test(reception_of_repeats_loses_a_negative_number),
          cmocka_unit_test(reception_begins_again_after_two_packets_in_a_row_from_afar),
          cmocka_unit_test(reception_places_a_retransmission_without_counting_it),
          cmocka_unit_test(reception_jitter_tends_to_the_mean_deviation))
