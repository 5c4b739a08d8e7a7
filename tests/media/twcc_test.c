/* What was noted comes back from the feedback, through gaps, reordering and rollovers. */
#include "media/twcc.h"

#include "tests/test.h"

enum { PACKETS = 3000, TICK = 250000 };

static struct ic_twcc_receiver receiver;

/* Writes all there is and reads it back; returns how many results. */
static size_t round_trip(struct ic_twcc_result *results, size_t max, int64_t now)
{
    size_t total = 0;
    bool more = true;
    while (more) {
        uint8_t buffer[1200];
        struct ic_writer w = ic_writer_of(buffer, sizeof buffer);
        struct ic_rtcp packet;
        size_t count;
        more = ic_twcc_write(&receiver, &w, 1, 2, now);
        assert_false(w.bad);
        assert_int_equal(w.len % 4, 0);
        struct ic_reader r = ic_reader_of(ic_written(&w));
        assert_true(ic_rtcp_next(&r, &packet));
        assert_int_equal(ic_twcc_read(results + total, max - total, &count, &packet), IC_OK);
        total += count;
    }
    return total;
}

/* Base 1, five packets of which the third is missing, reference 64 ms, differences 0, 1 ms, 64 ms
 * (too much for one byte) and -1 ms: laid out by hand from section 3.1. */
TEST(twcc_feedback_has_the_bytes_of_the_draft)
{
    static const uint8_t want[] = {0x8F, 205, 0, 6, 0, 0, 0,    1,    0,    0,    0, 2, 0,    1,
                                   0,    5,   0, 0, 1, 0, 0xD4, 0xA0, 0x00, 0x04, 1, 0, 0xFF, 0xFC};
    uint8_t buffer[64];
    struct ic_writer w = ic_writer_of(buffer, sizeof buffer);
    const int64_t ms = IC_NS_PER_MS;
    ic_twcc_init(&receiver);
    ic_twcc_note(&receiver, 1, 64 * ms);
    ic_twcc_note(&receiver, 2, 65 * ms);
    ic_twcc_note(&receiver, 4, 129 * ms);
    ic_twcc_note(&receiver, 5, 128 * ms);
    assert_false(ic_twcc_write(&receiver, &w, 1, 2, 130 * ms));
    assert_int_equal(w.len, sizeof want);
    assert_memory_equal(buffer, want, sizeof want);
}

TEST(twcc_every_arrival_comes_back_through_gaps_and_the_rollover)
{
    static struct ic_twcc_result results[PACKETS];
    static int64_t at[PACKETS];
    const uint16_t base = 65000;
    uint32_t seed = 1;
    int64_t now = 12345 * IC_NS_PER_SEC;
    ic_twcc_init(&receiver);
    size_t total = 0;
    for (size_t i = 0; i < PACKETS; i++) {
        seed = seed * 1664525 + 1013904223;
        now += seed % 5 == 0 ? 90 * IC_NS_PER_MS : (int64_t)(seed >> 16) * 100;
        bool lost = i > 0 && i < PACKETS - 1 && (seed >> 8) % 10 < (i < PACKETS / 2 ? 1 : 7);
        at[i] = lost ? 0 : now;
        if (!lost)
            ic_twcc_note(&receiver, (uint16_t)(base + i), now);
        if (i % 100 == 99 && !lost)
            total += round_trip(results + total, PACKETS - total, now);
    }
    total += receiver.dirty ? round_trip(results + total, PACKETS - total, now) : 0;
    assert_int_equal(total, PACKETS);
    int64_t origin = results[0].at_ns - at[0] / TICK * TICK;
    for (size_t i = 0; i < PACKETS; i++) {
        assert_int_equal(results[i].seq, (uint16_t)(base + i));
        assert_int_equal(results[i].arrived, at[i] != 0);
        if (results[i].arrived)
            assert_int_equal(results[i].at_ns - origin, at[i] / TICK * TICK);
    }
}

TEST(twcc_a_late_packet_is_reported_after_all)
{
    struct ic_twcc_result results[8];
    ic_twcc_init(&receiver);
    ic_twcc_note(&receiver, 0, IC_NS_PER_SEC);
    ic_twcc_note(&receiver, 2, IC_NS_PER_SEC);
    assert_int_equal(round_trip(results, 8, IC_NS_PER_SEC), 3);
    assert_false(results[1].arrived);
    ic_twcc_note(&receiver, 1, IC_NS_PER_SEC);
    assert_int_equal(round_trip(results, 8, IC_NS_PER_SEC), 2);
    assert_true(results[0].arrived && results[0].seq == 1);
    assert_true(results[1].arrived && results[1].seq == 2);
}

TEST(twcc_a_pause_of_nine_seconds_begins_another_packet)
{
    struct ic_twcc_result results[8];
    uint8_t buffer[200];
    struct ic_writer w = ic_writer_of(buffer, sizeof buffer);
    ic_twcc_init(&receiver);
    ic_twcc_note(&receiver, 0, IC_NS_PER_SEC);
    ic_twcc_note(&receiver, 1, 10 * IC_NS_PER_SEC);
    assert_true(ic_twcc_write(&receiver, &w, 1, 2, 10 * IC_NS_PER_SEC));
    assert_int_equal(round_trip(results, 8, 10 * IC_NS_PER_SEC), 1);
    assert_int_equal(results[0].seq, 1);
}

TEST(twcc_feedback_is_due_every_100_ms_while_packets_come)
{
    uint8_t buffer[200];
    struct ic_writer w = ic_writer_of(buffer, sizeof buffer);
    const int64_t start = IC_NS_PER_SEC;
    ic_twcc_init(&receiver);
    assert_false(ic_twcc_due(&receiver, start));
    ic_twcc_note(&receiver, 0, start);
    assert_true(ic_twcc_due(&receiver, start));
    ic_twcc_write(&receiver, &w, 1, 2, start);
    assert_false(ic_twcc_due(&receiver, start + IC_TWCC_INTERVAL));
    ic_twcc_note(&receiver, 1, start + 1);
    assert_false(ic_twcc_due(&receiver, start + IC_TWCC_INTERVAL - 1));
    assert_true(ic_twcc_due(&receiver, start + IC_TWCC_INTERVAL));
}

TEST(twcc_remembers_only_its_window)
{
    static struct ic_twcc_result results[2 * IC_TWCC_WINDOW];
    ic_twcc_init(&receiver);
    for (uint16_t i = 0; i < 10; i++)
        ic_twcc_note(&receiver, i, IC_NS_PER_SEC);
    ic_twcc_note(&receiver, 2 * IC_TWCC_WINDOW + 5, IC_NS_PER_SEC);
    size_t count = round_trip(results, IC_COUNT(results), IC_NS_PER_SEC);
    assert_int_equal(count, IC_TWCC_WINDOW);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(results[i].arrived, i == count - 1);

    ic_twcc_note(&receiver, IC_TWCC_WINDOW + 6, IC_NS_PER_SEC); /* far too late */
    assert_false(ic_twcc_due(&receiver, 2 * IC_NS_PER_SEC));
}

TEST(twcc_a_repeated_number_keeps_its_first_time)
{
    struct ic_twcc_result results[2];
    ic_twcc_init(&receiver);
    ic_twcc_note(&receiver, 1, IC_NS_PER_SEC);
    ic_twcc_note(&receiver, 1, IC_NS_PER_SEC + 40 * IC_NS_PER_MS);
    ic_twcc_note(&receiver, 2, IC_NS_PER_SEC + 50 * IC_NS_PER_MS);
    assert_int_equal(round_trip(results, 2, 2 * IC_NS_PER_SEC), 2);
    assert_int_equal(results[1].at_ns - results[0].at_ns, 50 * IC_NS_PER_MS);
    assert_int_equal(receiver.feedbacks, 1);
}

TEST(twcc_a_full_buffer_loses_nothing)
{
    struct ic_twcc_result results[8];
    uint8_t buffer[8];
    struct ic_writer w = ic_writer_of(buffer, sizeof buffer);
    ic_twcc_init(&receiver);
    ic_twcc_note(&receiver, 9, IC_NS_PER_SEC);
    assert_true(ic_twcc_write(&receiver, &w, 1, 2, IC_NS_PER_SEC));
    assert_true(w.bad);
    assert_int_equal(round_trip(results, 8, IC_NS_PER_SEC), 1);
}

TEST(twcc_read_refuses_each_damage)
{
    static const uint8_t good[] = {0, 0, 0, 1, 0, 0,    0,    2,    0, 1, 0,
                                   3, 0, 0, 1, 0, 0x20, 0x02, 0xC0, 0, 4, 8};
    static const struct {
        const char *what;
        size_t offset;
        uint8_t value;
        enum ic_err err;
    } rows[] = {
        {"more packets than room", 10, 0x10, IC_ERR_FULL},
        {"more packets than chunks", 11, 60, IC_ERR_MALFORMED},
        {"a run of the reserved status", 16, 0x60, IC_ERR_MALFORMED},
        {"the reserved status in a vector", 18, 0xF0, IC_ERR_MALFORMED},
        {"large differences that are not there", 16, 0x40, IC_ERR_MALFORMED},
    };
    struct ic_twcc_result results[64];
    size_t count;
    struct ic_rtcp packet = {IC_RTCP_TRANSPORT_FEEDBACK, IC_RTCP_TWCC, {good, sizeof good}};
    assert_int_equal(ic_twcc_read(results, 64, &count, &packet), IC_OK);
    assert_int_equal(count, 3);
    assert_true(results[0].arrived && results[1].arrived && !results[2].arrived);
    assert_int_equal(results[1].at_ns - results[0].at_ns, 8 * TICK);

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        uint8_t bytes[sizeof good];
        memcpy(bytes, good, sizeof good);
        bytes[rows[i].offset] = rows[i].value;
        packet.body.at = bytes;
        CHECK_ROW(rows[i].what, ic_twcc_read(results, 64, &count, &packet) == rows[i].err);
    }
    packet.body.at = good;
    for (packet.body.len = 0; packet.body.len < sizeof good; packet.body.len++)
        assert_int_equal(ic_twcc_read(results, 64, &count, &packet), IC_ERR_MALFORMED);
}

/* With the bytes that another status would have. */
TEST(twcc_read_refuses_the_reserved_status_however_many_bytes_follow)
{
    static const uint8_t run[] = {0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 1, 0, 0, 1, 0, 0x60, 0x01, 0, 4};
    static const uint8_t vector[] = {0, 0, 0, 1, 0, 0,    0, 2, 0, 1, 0,
                                     1, 0, 0, 1, 0, 0xF0, 0, 0, 4, 0, 4};
    struct ic_twcc_result results[64];
    size_t count;
    struct ic_rtcp packet = {IC_RTCP_TRANSPORT_FEEDBACK, IC_RTCP_TWCC, {run, sizeof run}};

    assert_int_equal(ic_twcc_read(results, 64, &count, &packet), IC_ERR_MALFORMED);
    packet.body = (struct ic_bytes){vector, sizeof vector};
    assert_int_equal(ic_twcc_read(results, 64, &count, &packet), IC_ERR_MALFORMED);
}

TEST(twcc_read_refuses_packets_of_another_type)
{
    static const uint8_t good[] = {0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 1, 0, 0, 1, 0, 0x20, 0x01, 4};
    struct ic_twcc_result results[64];
    size_t count;
    struct ic_rtcp packet = {IC_RTCP_TRANSPORT_FEEDBACK, IC_RTCP_TWCC, {good, sizeof good}};

    assert_int_equal(ic_twcc_read(results, 64, &count, &packet), IC_OK);
    packet.type = IC_RTCP_PAYLOAD_FEEDBACK;
    assert_int_equal(ic_twcc_read(results, 64, &count, &packet), IC_ERR_MALFORMED);
    packet.type = IC_RTCP_TRANSPORT_FEEDBACK;
    packet.count = IC_RTCP_NACK;
    assert_int_equal(ic_twcc_read(results, 64, &count, &packet), IC_ERR_MALFORMED);
}

RUN_TESTS(cmocka_unit_test(twcc_feedback_has_the_bytes_of_the_draft),
          cmocka_unit_test(twcc_every_arrival_comes_back_through_gaps_and_the_rollover),
          cmocka_unit_test(twcc_a_late_packet_is_reported_after_all),
          cmocka_unit_test(twcc_a_pause_of_nine_seconds_begins_another_packet),
          cmocka_unit_test(twcc_feedback_is_due_every_100_ms_while_packets_come),
          cmocka_unit_test(twcc_remembers_only_its_window),
          cmocka_unit_test(twcc_a_repeated_number_keeps_its_first_time),
          cmocka_unit_test(twcc_a_full_buffer_loses_nothing),
          cmocka_unit_test(twcc_read_refuses_the_reserved_status_however_many_bytes_follow),
          cmocka_unit_test(twcc_read_refuses_packets_of_another_type),
          cmocka_unit_test(twcc_read_refuses_each_damage))
