/* Beside the happy case, each packet is damaged where a length could run away. */
#include "media/rtp.h"
#include "media/rtx.h"

#include "tests/test.h"

/* clang-format off */
static const uint8_t ONE_BYTE[] = {
    0xB1, 0xE0, 0x12, 0x34,             /* version 2, padding, extension, one CSRC; marker, 96 */
    0xDE, 0xAD, 0xBE, 0xEF,             /* timestamp */
    0x01, 0x02, 0x03, 0x04,             /* SSRC */
    0xCC, 0xCC, 0xCC, 0xCC,             /* CSRC */
    0xBE, 0xDE, 0x00, 0x03,             /* one-byte elements, 12 bytes */
    0x40, '7',                          /* id 4, one byte: MID */
    0x00,                               /* padding between elements */
    0x31, 0xAB, 0xCD,                   /* id 3, two bytes: TWCC */
    0xA0, 'h',                          /* id 10: RID */
    0xC1, 0x99, 0x99, 0x00,             /* id 12: nobody asked for it; padding */
    'd',  'a',  't',  'a',
    0x00, 0x00, 0x03,                   /* three bytes of padding */
};
static const uint8_t TWO_BYTES[] = {
    0x90, 0x60, 0x00, 0x01, 0, 0, 0, 2, 0, 0, 0, 3,
    0x10, 0x00, 0x00, 0x02,             /* two-byte elements */
    0x04, 0x01, '7',                    /* MID */
    0x0A, 0x00,                         /* RID, empty */
    0x03, 0x01, 0x55,                   /* TWCC, too short for one; the caller looks */
    'x',
};
/* clang-format on */

static const uint8_t IDS[IC_EXTENSIONS] = {
    [IC_EXT_MID] = 4, [IC_EXT_RID] = 10, [IC_EXT_RRID] = 11, [IC_EXT_TWCC] = 3};

TEST(rtp_parse_reads_header_one_byte_extensions_and_padding)
{
    struct ic_rtp rtp;
    struct ic_bytes ext[IC_EXTENSIONS];
    assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){ONE_BYTE, sizeof ONE_BYTE}), IC_OK);
    assert_int_equal(rtp.ssrc, 0x01020304);
    assert_int_equal(rtp.timestamp, 0xDEADBEEF);
    assert_int_equal(rtp.seq, 0x1234);
    assert_int_equal(rtp.pt, 96);
    assert_true(rtp.marker);
    assert_int_equal(rtp.header_len, 32);
    assert_int_equal(rtp.payload.len, 4);
    assert_memory_equal(rtp.payload.at, "data", 4);

    ic_rtp_extensions(&rtp, IDS, ext);
    assert_int_equal(ext[IC_EXT_MID].len, 1);
    assert_int_equal(ext[IC_EXT_MID].at[0], '7');
    assert_int_equal(ext[IC_EXT_TWCC].len, 2);
    assert_memory_equal(ext[IC_EXT_TWCC].at, "\xAB\xCD", 2);
    assert_int_equal(ext[IC_EXT_RID].at[0], 'h');
    assert_null(ext[IC_EXT_RRID].at);
    assert_null(ext[IC_EXT_ORIENTATION].at);
}

TEST(rtp_parse_reads_two_byte_extensions)
{
    struct ic_rtp rtp;
    struct ic_bytes ext[IC_EXTENSIONS];
    assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){TWO_BYTES, sizeof TWO_BYTES}), IC_OK);
    ic_rtp_extensions(&rtp, IDS, ext);
    assert_int_equal(ext[IC_EXT_MID].at[0], '7');
    assert_int_equal(ext[IC_EXT_RID].len, 0);
    assert_non_null(ext[IC_EXT_RID].at);
    assert_int_equal(ext[IC_EXT_TWCC].len, 1);
}

TEST(rtp_parse_header_leaves_padding_and_tag_in_the_payload)
{
    struct ic_rtp rtp;
    assert_int_equal(ic_rtp_parse_header(&rtp, (struct ic_bytes){ONE_BYTE, sizeof ONE_BYTE}),
                     IC_OK);
    assert_int_equal(rtp.payload.len, 7);
}

TEST(rtp_parse_rejects_every_truncation_of_the_header)
{
    struct ic_rtp rtp;
    for (size_t len = 0; len < 32; len++) {
        uint8_t *exact = memcpy(test_malloc(len + 1), ONE_BYTE, len); /* so that ASan sees */
        assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){exact, len}), IC_ERR_MALFORMED);
        test_free(exact);
    }
}

TEST(rtp_parse_rejects_each_damaged_byte)
{
    static const struct {
        const char *what;
        size_t offset;
        uint8_t value;
    } damage[] = {{"version 1", 0, 0x71},
                  {"version 3", 0, 0xF1},
                  {"15 CSRCs", 0, 0xBF},
                  {"15 CSRCs and no extension", 0, 0x8F},
                  {"more extensions than bytes", 19, 6},
                  {"padding of none", 38, 0},
                  {"padding over the payload", 38, 8},
                  {"64 k of extensions", 18, 255}};
    struct ic_rtp rtp;
    for (size_t i = 0; i < IC_COUNT(damage); i++) {
        uint8_t bytes[sizeof ONE_BYTE];
        memcpy(bytes, ONE_BYTE, sizeof bytes);
        bytes[damage[i].offset] = damage[i].value;
        CHECK_ROW(damage[i].what,
                  ic_rtp_parse(&rtp, (struct ic_bytes){bytes, sizeof bytes}) == IC_ERR_MALFORMED);
    }
}

TEST(rtp_parse_refuses_packets_longer_than_any_that_are_kept)
{
    static uint8_t bytes[UINT16_MAX + 2] = {0x80, 96};
    struct ic_rtp rtp;

    assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){bytes, IC_RTP_PACKET_MAX}), IC_OK);
    assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){bytes, IC_RTP_PACKET_MAX + 1}),
                     IC_ERR_MALFORMED);
    assert_int_equal(ic_rtp_parse_header(&rtp, (struct ic_bytes){bytes, UINT16_MAX}), IC_OK);
    assert_int_equal(ic_rtp_parse_header(&rtp, (struct ic_bytes){bytes, UINT16_MAX + 1}),
                     IC_ERR_MALFORMED);
}

/* Without a payload there is no byte that could say how much of it is padding. */
TEST(rtp_parse_refuses_padding_of_a_packet_without_payload)
{
    static const uint8_t bytes[] = {0xA0, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1};
    struct ic_rtp rtp;

    assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){bytes, sizeof bytes}), IC_ERR_MALFORMED);
}

TEST(rtp_extensions_stop_where_rfc_8285_says_so)
{
    static const struct {
        const char *what;
        uint8_t elements[8];
        bool mid;
    } rows[] = {
        {"the element is there", {0x40, '7', 0x31, 1, 2, 0, 0, 0}, true},
        {"after id 15", {0xF0, 0, 0x40, '7', 0, 0, 0, 0}, false},
        {"after id 0 with a length", {0x01, 0, 0, 0x40, '7', 0, 0, 0}, false},
        {"past the end", {0x20, 1, 0x20, 1, 0x20, 1, 0x20, 0x40}, false},
        {"longer than the block", {0x47, '7', 0, 0, 0, 0, 0, 0}, false},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_rtp rtp = {.extension_profile = 0xBEDE, .extensions = {rows[i].elements, 8}};
        struct ic_bytes ext[IC_EXTENSIONS];
        ic_rtp_extensions(&rtp, IDS, ext);
        CHECK_ROW(rows[i].what, (ext[IC_EXT_MID].at != NULL) == rows[i].mid);
        assert_null(ext[IC_EXT_ORIENTATION].at); /* which has no id, not the id 0 */
    }
}

/* With two bytes of head 15 is an id like others, and a head cut short is none. */
TEST(rtp_extensions_with_two_bytes_end_with_the_block)
{
    static const uint8_t elements[] = {15, 1, 9, 4, 1, '7', 0, 0, 10};

    for (size_t len = 0; len <= sizeof elements; len++) {
        uint8_t *exact = memcpy(test_malloc(len + 1), elements, len); /* so that ASan sees */
        struct ic_rtp rtp = {.extension_profile = 0x1000, .extensions = {exact, len}};
        struct ic_bytes ext[IC_EXTENSIONS];
        ic_rtp_extensions(&rtp, IDS, ext);
        assert_int_equal(ext[IC_EXT_MID].at != NULL, len >= 6);
        assert_null(ext[IC_EXT_RID].at);
        test_free(exact);
    }
}

TEST(rtp_extensions_of_an_unknown_profile_are_absent)
{
    struct ic_rtp rtp = {.extension_profile = 0x2000, .extensions = {ONE_BYTE + 20, 12}};
    struct ic_bytes ext[IC_EXTENSIONS];
    ic_rtp_extensions(&rtp, IDS, ext);
    assert_null(ext[IC_EXT_MID].at);
}

TEST(rtp_write_gives_a_header_that_parses_to_what_was_meant)
{
    const uint8_t ids[IC_EXTENSIONS] = {
        [IC_EXT_MID] = 1, [IC_EXT_TWCC] = 14, [IC_EXT_ORIENTATION] = 7};
    const struct ic_rtp_header header = {
        .ssrc = 9, .timestamp = 0x80000001, .seq = 0xFFFE, .pt = 111, .marker = true};
    for (int orientation = -1; orientation < 4; orientation++) {
        struct ic_rtp_template t;
        struct ic_rtp rtp;
        struct ic_bytes ext[IC_EXTENSIONS];
        uint8_t out[IC_RTP_WRITE_MAX];
        ic_rtp_template_init(&t, "mid-of-15-bytes", ids);
        assert_int_equal(t.len, IC_RTP_WRITE_MAX);
        ic_rtp_write(out, &t, &header, orientation);
        out[t.twcc_at + 1] = 0x77;

        assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){out, t.len}), IC_OK);
        assert_int_equal(rtp.ssrc, 9);
        assert_int_equal(rtp.timestamp, 0x80000001);
        assert_int_equal(rtp.seq, 0xFFFE);
        assert_int_equal(rtp.pt, 111);
        assert_true(rtp.marker);
        assert_int_equal(rtp.payload.len, 0);
        ic_rtp_extensions(&rtp, ids, ext);
        assert_memory_equal(ext[IC_EXT_MID].at, "mid-of-15-bytes", 15);
        assert_memory_equal(ext[IC_EXT_TWCC].at, "\0\x77", 2);
        if (orientation < 0)
            assert_null(ext[IC_EXT_ORIENTATION].at);
        else
            assert_int_equal(ext[IC_EXT_ORIENTATION].at[0], orientation);
    }
}

TEST(rtp_write_without_extensions_is_twelve_bytes)
{
    const uint8_t ids[IC_EXTENSIONS] = {0};
    const struct ic_rtp_header header = {.ssrc = 9};
    struct ic_rtp_template t;
    uint8_t out[IC_RTP_WRITE_MAX];
    ic_rtp_template_init(&t, "0", ids);
    ic_rtp_write(out, &t, &header, 1);
    assert_int_equal(t.len, IC_RTP_HEADER_LEN);
    assert_int_equal(t.twcc_at, 0);
    assert_int_equal(out[0], 0x80);
}

TEST(datagrams_are_told_apart_as_rfc_7983_and_rfc_5761_say)
{
    static const struct {
        uint8_t first, second;
        enum ic_datagram kind;
    } rows[] = {{0, 1, IC_DATAGRAM_STUN},       {3, 255, IC_DATAGRAM_STUN},
                {4, 0, IC_DATAGRAM_UNKNOWN},    {19, 0, IC_DATAGRAM_UNKNOWN},
                {20, 0, IC_DATAGRAM_DTLS},      {63, 0, IC_DATAGRAM_DTLS},
                {64, 0, IC_DATAGRAM_UNKNOWN},   {127, 0, IC_DATAGRAM_UNKNOWN},
                {128, 96, IC_DATAGRAM_RTP},     {128, 0x80 | 111, IC_DATAGRAM_RTP},
                {128, 200, IC_DATAGRAM_RTCP},   {129, 206, IC_DATAGRAM_RTCP},
                {191, 191, IC_DATAGRAM_RTP},    {128, 192, IC_DATAGRAM_RTCP},
                {128, 223, IC_DATAGRAM_RTCP},   {128, 224, IC_DATAGRAM_RTP},
                {192, 200, IC_DATAGRAM_UNKNOWN}};
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        uint8_t bytes[2] = {rows[i].first, rows[i].second};
        assert_int_equal(ic_datagram_kind((struct ic_bytes){bytes, 2}), rows[i].kind);
        assert_int_equal(ic_datagram_kind((struct ic_bytes){bytes, 1}), IC_DATAGRAM_UNKNOWN);
    }
}

TEST(rtx_unwrap_gives_back_the_original_packet)
{
    uint8_t packet[] = {0x90, 0xE1, 0x00, 0x05, 0,    0,   1, 0, 0,    0,    0,   7,
                        0xBE, 0xDE, 0x00, 0x01, 0x40, '7', 0, 0, 0xFF, 0x01, 'o', 'k'};
    struct ic_rtp rtp, again;
    assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){packet, sizeof packet}), IC_OK);
    assert_int_equal(ic_rtx_unwrap(packet, &rtp, 0x11223344, 96), IC_OK);
    assert_int_equal(ic_rtp_parse(&again, (struct ic_bytes){packet + 2, sizeof packet - 2}), IC_OK);
    assert_int_equal(again.seq, 0xFF01);
    assert_int_equal(again.ssrc, 0x11223344);
    assert_int_equal(again.pt, 96);
    assert_true(again.marker);
    assert_int_equal(again.timestamp, 256);
    assert_int_equal(again.payload.len, 2);
    assert_memory_equal(again.payload.at, "ok", 2);
    assert_ptr_equal(again.payload.at, rtp.payload.at);
    assert_ptr_equal(again.extensions.at, rtp.extensions.at);
    assert_int_equal(again.seq, rtp.seq);
}

TEST(rtx_unwrap_finds_nothing_in_a_probe)
{
    uint8_t packet[] = {0x80, 0x61, 0, 5, 0, 0, 1, 0, 0, 0, 0, 7, 0xFF};
    struct ic_rtp rtp;
    assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){packet, sizeof packet}), IC_OK);
    assert_int_equal(ic_rtx_unwrap(packet, &rtp, 1, 96), IC_ERR_NOT_FOUND);
    assert_int_equal(packet[1], 0x61);
}

RUN_TESTS(cmocka_unit_test(rtp_parse_reads_header_one_byte_extensions_and_padding),
          cmocka_unit_test(rtp_parse_reads_two_byte_extensions),
          cmocka_unit_test(rtp_parse_header_leaves_padding_and_tag_in_the_payload),
          cmocka_unit_test(rtp_parse_rejects_every_truncation_of_the_header),
          cmocka_unit_test(rtp_parse_rejects_each_damaged_byte),
          cmocka_unit_test(rtp_parse_refuses_packets_longer_than_any_that_are_kept),
          cmocka_unit_test(rtp_parse_refuses_padding_of_a_packet_without_payload),
          cmocka_unit_test(rtp_extensions_with_two_bytes_end_with_the_block),
          cmocka_unit_test(rtp_extensions_stop_where_rfc_8285_says_so),
          cmocka_unit_test(rtp_extensions_of_an_unknown_profile_are_absent),
          cmocka_unit_test(rtp_write_gives_a_header_that_parses_to_what_was_meant),
          cmocka_unit_test(rtp_write_without_extensions_is_twelve_bytes),
          cmocka_unit_test(datagrams_are_told_apart_as_rfc_7983_and_rfc_5761_say),
          cmocka_unit_test(rtx_unwrap_gives_back_the_original_packet),
          cmocka_unit_test(rtx_unwrap_finds_nothing_in_a_probe))
