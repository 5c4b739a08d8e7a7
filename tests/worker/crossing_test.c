/* Records between workers: each comes out as it went in, and what is damaged ends the message. */
#include "worker/crossing.h"

#include "tests/test.h"

static const uint8_t rtp[20] = {0x80, 111, 0, 7};

static const struct ic_crossing_record records[] = {
    {.kind = IC_CROSSING_PACKET,
     .stream = IC_STREAM_MICROPHONE,
     .transport = 7,
     .packet = {.rtp = {rtp, sizeof rtp}}},
    {.kind = IC_CROSSING_PACKET,
     .stream = IC_STREAM_CAMERA,
     .layer = 2,
     .transport = UINT32_MAX,
     .packet = {.again = true, .rtp = {rtp, 12}}},
    {.kind = IC_CROSSING_REPORT,
     .stream = IC_STREAM_SCREEN,
     .transport = 1,
     .report = {.ntp = UINT64_C(0xe000000080000000), .timestamp = 90000, .offset = -5}},
    {.kind = IC_CROSSING_KEY, .stream = IC_STREAM_CAMERA, .layer = 1, .transport = 2},
    {.kind = IC_CROSSING_MISSED,
     .stream = IC_STREAM_CAMERA,
     .transport = 3,
     .missed = {.count = 2, .seqs = {65535, 0}}},
    {.kind = IC_CROSSING_LOSS, .stream = IC_STREAM_SCREEN_AUDIO, .transport = 4, .loss = 200},
};

static uint8_t bytes[4096];

static size_t write_all(size_t count)
{
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);

    for (size_t i = 0; i < count; i++)
        ic_crossing_write(&w, &records[i]);
    assert_false(w.bad);
    return w.len;
}

static size_t write_one(const struct ic_crossing_record *record)
{
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);

    ic_crossing_write(&w, record);
    assert_false(w.bad);
    return w.len;
}

static void check_same(const struct ic_crossing_record *a, const struct ic_crossing_record *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->stream, b->stream);
    assert_int_equal(a->layer, b->layer);
    assert_int_equal(a->transport, b->transport);
    if (a->kind == IC_CROSSING_PACKET) {
        assert_int_equal(a->packet.again, b->packet.again);
        assert_int_equal(a->packet.rtp.len, b->packet.rtp.len);
        assert_memory_equal(a->packet.rtp.at, b->packet.rtp.at, a->packet.rtp.len);
    }
    if (a->kind == IC_CROSSING_REPORT) {
        assert_true(a->report.ntp == b->report.ntp && a->report.offset == b->report.offset);
        assert_int_equal(a->report.timestamp, b->report.timestamp);
    }
    if (a->kind == IC_CROSSING_MISSED) {
        assert_int_equal(a->missed.count, b->missed.count);
        assert_memory_equal(a->missed.seqs, b->missed.seqs, sizeof a->missed.seqs);
    }
    if (a->kind == IC_CROSSING_LOSS)
        assert_int_equal(a->loss, b->loss);
}

TEST(crossing_records_come_out_as_they_went_in)
{
    struct ic_reader r = ic_reader_of((struct ic_bytes){bytes, write_all(IC_COUNT(records))});
    struct ic_crossing_record got;

    for (size_t i = 0; i < IC_COUNT(records); i++) {
        assert_true(ic_crossing_read(&r, &got));
        check_same(&got, &records[i]);
    }
    assert_false(ic_crossing_read(&r, &got));
    assert_false(r.bad);
}

TEST(crossing_refuses_every_truncation)
{
    for (size_t i = 0; i < IC_COUNT(records); i++) {
        size_t whole = write_one(&records[i]);
        for (size_t len = 1; len < whole; len++) {
            struct ic_reader r = ic_reader_of((struct ic_bytes){bytes, len});
            struct ic_crossing_record got = {.kind = 99};
            assert_false(ic_crossing_read(&r, &got));
            assert_true(r.bad);
            assert_int_equal(got.kind, 99);
        }
    }
}

TEST(crossing_refuses_each_damaged_field)
{
    static const struct {
        const char *what;
        size_t record, at;
        uint8_t byte;
    } rows[] = {
        {"no kind", 3, 0, 0},
        {"an unknown kind", 3, 0, 6},
        {"an unknown stream", 3, 1, IC_STREAMS},
        {"a layer too high", 3, 2, IC_LAYERS},
        {"a packet of nobody", 0, 6, 0},
        {"a packet neither new nor old", 0, 7, 2},
        {"a packet longer than the message", 0, 9, 21},
        {"a packet without a whole header", 1, 9, 11},
        {"a packet longer than any", 0, 8, 0xff},
        {"nothing missed", 4, 7, 0},
        {"more missed than fit", 4, 7, IC_CROSSING_MISSED_MAX + 1},
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        size_t len = write_one(&records[rows[i].record]);
        struct ic_reader r = ic_reader_of((struct ic_bytes){bytes, len});
        struct ic_crossing_record got;
        bytes[rows[i].at] = rows[i].byte;
        CHECK_ROW(rows[i].what, !ic_crossing_read(&r, &got) && r.bad);
    }
}

/* A message may hold all that the length in it says. */
TEST(crossing_refuses_what_is_longer_than_there_is_room_for)
{
    static const uint8_t zeroes[IC_CROSSING_PACKET_MAX + 1];
    static const struct {
        const char *what;
        uint8_t kind;
        size_t head, len; /* bytes that say the length, and what they say */
        size_t unit;
        bool good;
    } rows[] = {
        {"the longest packet", IC_CROSSING_PACKET, 2, IC_CROSSING_PACKET_MAX, 1, true},
        {"a longer one", IC_CROSSING_PACKET, 2, IC_CROSSING_PACKET_MAX + 1, 1, false},
        {"the most that is missed", IC_CROSSING_MISSED, 1, IC_CROSSING_MISSED_MAX, 2, true},
        {"one more", IC_CROSSING_MISSED, 1, IC_CROSSING_MISSED_MAX + 1, 2, false},
        {"very many", IC_CROSSING_MISSED, 1, 255, 2, false},
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
        struct ic_crossing_record got;
        ic_write_uint(&w, rows[i].kind, 1);
        ic_write_uint(&w, 0, 2); /* stream and layer */
        ic_write_uint(&w, 1, 4);
        if (rows[i].kind == IC_CROSSING_PACKET)
            ic_write_uint(&w, 0, 1);
        ic_write_uint(&w, rows[i].len, rows[i].head);
        ic_write_bytes(&w, (struct ic_bytes){zeroes, rows[i].len * rows[i].unit});
        assert_false(w.bad);
        struct ic_reader r = ic_reader_of(ic_written(&w));
        CHECK_ROW(rows[i].what, ic_crossing_read(&r, &got) == rows[i].good);
    }
}

TEST(crossing_report_without_a_time_is_none)
{
    struct ic_crossing_record report = records[2], got;

    report.report.ntp = 0;
    struct ic_reader r = ic_reader_of((struct ic_bytes){bytes, write_one(&report)});
    assert_false(ic_crossing_read(&r, &got));
    assert_true(r.bad);
}

TEST(crossing_longest_records_fit_into_what_is_kept_free_for_them)
{
    static uint8_t long_rtp[IC_CROSSING_PACKET_MAX];
    struct ic_crossing_record packet = {
        .kind = IC_CROSSING_PACKET, .transport = 1, .packet = {.rtp = {long_rtp, sizeof long_rtp}}};
    struct ic_crossing_record missed = {
        .kind = IC_CROSSING_MISSED, .transport = 1, .missed = {.count = IC_CROSSING_MISSED_MAX}};

    assert_true(write_one(&packet) <= IC_CROSSING_MAX);
    assert_true(write_one(&missed) <= IC_CROSSING_MAX);
}

RUN_TESTS(cmocka_unit_test(crossing_records_come_out_as_they_went_in),
          cmocka_unit_test(crossing_refuses_every_truncation),
          cmocka_unit_test(crossing_refuses_each_damaged_field),
          cmocka_unit_test(crossing_refuses_what_is_longer_than_there_is_room_for),
          cmocka_unit_test(crossing_report_without_a_time_is_none),
          cmocka_unit_test(crossing_longest_records_fit_into_what_is_kept_free_for_them))
