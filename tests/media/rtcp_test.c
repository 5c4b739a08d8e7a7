/* What we write we can read; what others write is damaged in every length. */
#include "media/rtcp.h"

#include "tests/test.h"

static const int64_t MS = IC_NS_PER_MS;

static struct ic_rtcp first_of(struct ic_bytes bytes)
{
    struct ic_reader r = ic_reader_of(bytes);
    struct ic_rtcp packet;
    assert_true(ic_rtcp_next(&r, &packet));
    return packet;
}

TEST(rtcp_a_compound_is_read_packet_by_packet)
{
    uint8_t buffer[512];
    struct ic_writer w = ic_writer_of(buffer, sizeof buffer);
    const struct ic_rtcp_report reports[2] = {{.ssrc = 7,
                                               .fraction_lost = 12,
                                               .lost = -5,
                                               .highest = 0x1FFFF,
                                               .jitter = 9,
                                               .lsr = 1,
                                               .dlsr = 2},
                                              {.ssrc = 8, .lost = 0x7FFFFF}};
    const uint16_t seqs[] = {65530, 65531, 10, 11, 27};
    ic_rtcp_write_sr(&w, &(struct ic_rtcp_sr){1, 0x0102030405060708, 3, 4, 5});
    ic_rtcp_write_rr(&w, 1, reports, 2);
    ic_rtcp_write_cname(&w, 1, "ab");
    ic_rtcp_write_nack(&w, 1, 2, seqs, IC_COUNT(seqs));
    ic_rtcp_write_pli(&w, 1, 2);
    assert_false(w.bad);

    struct ic_reader r = ic_reader_of(ic_written(&w));
    struct ic_rtcp packet;
    struct ic_rtcp_sr sr;
    struct ic_rtcp_report read[IC_RTCP_REPORTS_MAX];
    uint16_t wanted[8];
    uint32_t ssrcs[IC_RTCP_REPORTS_MAX];

    assert_true(ic_rtcp_next(&r, &packet));
    assert_int_equal(ic_rtcp_read_sr(&sr, &packet), IC_OK);
    assert_true(sr.ssrc == 1 && sr.ntp == 0x0102030405060708 && sr.timestamp == 3);
    assert_true(sr.packets == 4 && sr.bytes == 5);
    assert_int_equal(ic_rtcp_read_reports(read, &packet), 0);

    assert_true(ic_rtcp_next(&r, &packet));
    assert_int_equal(ic_rtcp_read_reports(read, &packet), 2);
    for (size_t i = 0; i < 2; i++) /* not the bytes: there is a gap between the fields */
        assert_true(read[i].ssrc == reports[i].ssrc && read[i].lost == reports[i].lost &&
                    read[i].fraction_lost == reports[i].fraction_lost &&
                    read[i].highest == reports[i].highest && read[i].jitter == reports[i].jitter &&
                    read[i].lsr == reports[i].lsr && read[i].dlsr == reports[i].dlsr);

    assert_true(ic_rtcp_next(&r, &packet));
    assert_int_equal(packet.type, IC_RTCP_SDES);
    assert_memory_equal(packet.body.at, "\0\0\0\1\1\2ab\0\0\0\0", 12);

    assert_true(ic_rtcp_next(&r, &packet));
    assert_int_equal(ic_rtcp_read_nack(wanted, 8, &packet), 5);
    assert_memory_equal(wanted, seqs, sizeof seqs);
    assert_int_equal(ic_rtcp_read_nack(wanted, 3, &packet), 3);
    assert_true(ic_rtcp_read_media_ssrc(ssrcs, &packet));
    assert_int_equal(ssrcs[0], 2);

    assert_true(ic_rtcp_next(&r, &packet));
    assert_true(packet.type == IC_RTCP_PAYLOAD_FEEDBACK && packet.count == IC_RTCP_PLI);
    assert_int_equal(ic_rtcp_read_nack(wanted, 8, &packet), 0);

    assert_false(ic_rtcp_next(&r, &packet));
    assert_false(r.bad);
}

TEST(rtcp_next_rejects_what_is_no_rtcp)
{
    static const struct {
        const char *what;
        uint8_t bytes[8];
        size_t len;
    } rows[] = {
        {"a header cut short", {0x80, 201, 0}, 3},
        {"version 1", {0x40, 201, 0, 0}, 4},
        {"longer than the datagram", {0x80, 201, 0, 2, 0, 0, 0, 0}, 8},
        {"padding of none", {0xA0, 201, 0, 1, 0, 0, 0, 0}, 8},
        {"padding without a body", {0xA0, 201, 0, 0}, 4},
        {"padding over the body", {0xA0, 201, 0, 1, 0, 0, 0, 5}, 8},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_reader r = ic_reader_of((struct ic_bytes){rows[i].bytes, rows[i].len});
        struct ic_rtcp packet;
        CHECK_ROW(rows[i].what, !ic_rtcp_next(&r, &packet) && r.bad);
    }
}

TEST(rtcp_reads_no_more_than_a_packet_holds)
{
    uint8_t body[28] = {0};
    struct ic_rtcp packet = {.type = IC_RTCP_RR, .count = 31, .body = {body, sizeof body}};
    struct ic_rtcp_report reports[IC_RTCP_REPORTS_MAX];
    struct ic_rtcp_sr sr;
    uint32_t ssrcs[IC_RTCP_REPORTS_MAX];
    assert_int_equal(ic_rtcp_read_reports(reports, &packet), 1);
    packet.count = 0; /* what is there without being counted is an extension */
    assert_int_equal(ic_rtcp_read_reports(reports, &packet), 0);
    packet.count = 31;
    assert_int_equal(ic_rtcp_read_sr(&sr, &packet), IC_ERR_MALFORMED);
    packet.body.len = 7;
    assert_false(ic_rtcp_read_media_ssrc(ssrcs, &packet));
    packet.type = IC_RTCP_SR;
    assert_int_equal(ic_rtcp_read_reports(reports, &packet), 0);
}

/* However much a packet asks for: what is read goes into arrays of the reader's. */
TEST(rtcp_reads_no_more_than_there_is_room_for)
{
    uint8_t body[8 + 4 * 8];
    struct ic_rtcp packet = {
        .type = IC_RTCP_TRANSPORT_FEEDBACK, .count = IC_RTCP_NACK, .body = {body, sizeof body}};
    uint16_t seqs[6] = {[5] = 77};
    uint32_t ssrcs[IC_RTCP_REPORTS_MAX] = {[2] = 77, 77};

    memset(body, 0xff, sizeof body);
    assert_int_equal(ic_rtcp_read_nack(seqs, 5, &packet), 5);
    assert_int_equal(seqs[5], 77);
    packet.type = IC_RTCP_PAYLOAD_FEEDBACK;
    packet.count = IC_RTCP_FIR;
    assert_int_equal(ic_rtcp_read_fir(ssrcs, 2, &packet), 2);
    assert_int_equal(ssrcs[2], 77);
    packet.count = IC_RTCP_PLI; /* of this type the same number means another thing */
    assert_int_equal(ic_rtcp_read_nack(seqs, 5, &packet), 0);
    packet.count = IC_RTCP_FIR;
    packet.type = IC_RTCP_TRANSPORT_FEEDBACK;
    assert_int_equal(ic_rtcp_read_fir(ssrcs, 2, &packet), 0);
    assert_int_equal(ic_rtcp_read_nack(seqs, 5, &packet), 0);
}

TEST(rtcp_reads_nothing_out_of_a_packet_of_another_type)
{
    uint8_t body[64] = {0};
    struct ic_rtcp packet = {.type = IC_RTCP_SDES, .count = 1, .body = {body, sizeof body}};
    struct ic_rtcp_report reports[IC_RTCP_REPORTS_MAX];
    struct ic_rtcp_sr sr = {.ssrc = 77};

    assert_int_equal(ic_rtcp_read_reports(reports, &packet), 0);
    assert_int_equal(ic_rtcp_read_sr(&sr, &packet), IC_ERR_MALFORMED);
    packet.type = IC_RTCP_SR;
    for (packet.body.len = 0; packet.body.len < 24; packet.body.len += 4)
        assert_int_equal(ic_rtcp_read_sr(&sr, &packet), IC_ERR_MALFORMED);
    assert_int_equal(sr.ssrc, 77);
}

TEST(rtcp_reads_fir_and_remb)
{
    static const uint8_t fir[] = {0x84, 206, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
                                  0,    7,   1, 0, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0};
    static const uint8_t remb[] = {0x8F, 206, 0,   5,   0, 0,    0,    1,    0, 0, 0, 0,
                                   'R',  'E', 'M', 'B', 1, 0x0B, 0xD0, 0x90, 0, 0, 0, 9};
    struct ic_rtcp packet = first_of((struct ic_bytes){fir, sizeof fir});
    uint32_t ssrcs[4];
    uint64_t bps;
    assert_int_equal(ic_rtcp_read_fir(ssrcs, 4, &packet), 2);
    assert_true(ssrcs[0] == 7 && ssrcs[1] == 8);
    assert_false(ic_rtcp_read_remb(&bps, &packet));
    packet = first_of((struct ic_bytes){remb, sizeof remb});
    assert_true(ic_rtcp_read_remb(&bps, &packet));
    assert_int_equal(bps, 0x3D090 << 2); /* exponent 2: 1 Mb/s */
    packet.body.len -= 8;
    assert_false(ic_rtcp_read_remb(&bps, &packet));
    uint8_t other[sizeof remb];
    memcpy(other, remb, sizeof other);
    other[17] = 0xFF; /* an exponent of 63: more than 64 bits hold */
    packet = first_of((struct ic_bytes){other, sizeof other});
    assert_false(ic_rtcp_read_remb(&bps, &packet));
    memcpy(other, remb, sizeof other);
    other[12] = 'X'; /* of another application */
    assert_false(ic_rtcp_read_remb(&bps, &packet));
}

TEST(rtcp_writers_write_all_or_nothing)
{
    uint8_t buffer[256];
    const uint16_t seqs[] = {1, 100};
    for (size_t size = 0; size < 20; size++) {
        struct ic_writer w = ic_writer_of(buffer, size);
        ic_rtcp_write_nack(&w, 1, 2, seqs, 2);
        assert_true(w.bad);
        assert_int_equal(w.len, 0);
    }
    struct ic_writer w = ic_writer_of(buffer, 20);
    ic_rtcp_write_nack(&w, 1, 2, seqs, 2);
    assert_false(w.bad);
    assert_int_equal(w.len, 20);
}

static void write_one(struct ic_writer *w, int which)
{
    static const struct ic_rtcp_report report;

    switch (which) {
    case 0:
        ic_rtcp_write_sr(w, &(struct ic_rtcp_sr){0});
        return;
    case 1:
        ic_rtcp_write_rr(w, 1, &report, 1);
        return;
    case 2:
        ic_rtcp_write_cname(w, 1, "ab");
        return;
    default:
        ic_rtcp_write_pli(w, 1, 2);
        return;
    }
}

TEST(rtcp_writers_of_every_packet_write_all_or_nothing)
{
    static const size_t lens[] = {28, 32, 16, 12};
    uint8_t buffer[64];

    for (int i = 0; i < (int)IC_COUNT(lens); i++)
        for (size_t size = 0; size <= lens[i]; size++) {
            struct ic_writer w = ic_writer_of(buffer, size);
            write_one(&w, i);
            assert_int_equal(w.bad, size < lens[i]);
            assert_int_equal(w.len, w.bad ? 0 : lens[i]);
            write_one(&w, i); /* behind one that did not fit nothing does */
            assert_true(w.bad);
        }
}

TEST(rtcp_ntp_and_nanoseconds_are_the_same_time)
{
    static const int64_t times[] = {0, 1, 999999999, 1000000000, 1500000000, 86400123456789};
    for (size_t i = 0; i < IC_COUNT(times); i++)
        assert_int_equal(ic_ns_of_ntp(ic_ntp_of_ns(times[i])), times[i]);
    assert_true(ic_ntp_of_ns(1500000000) == 0x180000000);
}

/* RFC 3550 figure 2: SR at 0xb44db705.20000000, answered 5.250 s after it came, seen at
 * 0xb710.8000: 6.125 s of round trip (the figure's numbers, its middle 32 bits). */
TEST(rtcp_round_trip_is_that_of_rfc_3550_figure_2)
{
    struct ic_rtcp_report report = {.lsr = 0xB7052000, .dlsr = 0x00054000};
    int64_t now = ic_ns_of_ntp(UINT64_C(0xB44DB71080000000));
    assert_in_range(ic_rtcp_rtt(&report, now), 6125 * MS - 20000, 6125 * MS + 20000);
    report.lsr = 0;
    assert_int_equal(ic_rtcp_rtt(&report, now), 0);
    assert_int_equal(ic_rtcp_rtt(&report, 10 * IC_NS_PER_SEC), 0); /* soon after the start, too */
    report.lsr = 0xB7108001;                                       /* after now */
    assert_int_equal(ic_rtcp_rtt(&report, now), 0);
}

RUN_TESTS(cmocka_unit_test(rtcp_a_compound_is_read_packet_by_packet),
          cmocka_unit_test(rtcp_next_rejects_what_is_no_rtcp),
          cmocka_unit_test(rtcp_reads_no_more_than_a_packet_holds),
          cmocka_unit_test(rtcp_reads_no_more_than_there_is_room_for),
          cmocka_unit_test(rtcp_reads_nothing_out_of_a_packet_of_another_type),
          cmocka_unit_test(rtcp_reads_fir_and_remb),
          cmocka_unit_test(rtcp_writers_of_every_packet_write_all_or_nothing),
          cmocka_unit_test(rtcp_writers_write_all_or_nothing),
          cmocka_unit_test(rtcp_ntp_and_nanoseconds_are_the_same_time),
          cmocka_unit_test(rtcp_round_trip_is_that_of_rfc_3550_figure_2))
