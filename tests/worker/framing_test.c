/* A TCP stream is cut anywhere, and a stranger writes it. */
#include "worker/framing.h"

#include "tests/test.h"

static void feed(struct ic_framing *f, const uint8_t *bytes, size_t len)
{
    size_t room_len;
    uint8_t *room = ic_framing_room(f, &room_len);

    assert_true(len <= room_len);
    memcpy(room, bytes, len);
    ic_framing_grew(f, len);
}

TEST(framing_finds_the_same_packets_wherever_the_stream_is_cut)
{
    static const uint8_t stream[] = {0, 3, 'a', 'b', 'c', 0, 1, 'd', 0, 2, 'e', 'f'};

    for (size_t cut = 0; cut <= sizeof stream; cut++) {
        struct ic_framing f = {0};
        uint8_t got[8], *packet;
        size_t got_len = 0, packets = 0, len;

        for (int part = 0; part < 2; part++) {
            feed(&f, part ? stream + cut : stream, part ? sizeof stream - cut : cut);
            while (ic_framing_next(&f, &packet, &len) == IC_OK) {
                memcpy(got + got_len, packet, len);
                got_len += len;
                packets++;
            }
        }
        assert_int_equal(packets, 3);
        assert_memory_equal(got, "abcdef", 6);
    }
}

TEST(framing_refuses_lengths_that_no_packet_has)
{
    static const struct {
        const char *what;
        uint8_t head[2];
    } rows[] = {
        {"no bytes", {0, 0}}, {"one byte too many", {0x05, 0xdd}}, {"the most", {0xff, 0xff}}};

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_framing f = {0};
        uint8_t *packet;
        size_t len;
        feed(&f, rows[i].head, 2);
        CHECK_ROW(rows[i].what, ic_framing_next(&f, &packet, &len) == IC_ERR_MALFORMED);
    }
}

TEST(framing_always_has_room_for_the_rest_of_the_longest_packet)
{
    struct ic_framing f = {0};
    uint8_t frame[2 + IC_FRAMING_PACKET_MAX] = {0x05, 0xdc}, *packet;
    size_t len, room_len, packets = 0;

    for (int round = 0; round < 50; round++) {
        for (size_t at = 0; at < sizeof frame; at += 167) {
            size_t part = sizeof frame - at < 167 ? sizeof frame - at : 167;
            feed(&f, frame + at, part);
            while (ic_framing_next(&f, &packet, &len) == IC_OK)
                packets++;
            assert_non_null(ic_framing_room(&f, &room_len));
            assert_true(room_len >= IC_FRAMING_PACKET_MAX);
        }
    }
    assert_int_equal(packets, 50);
}

RUN_TESTS(cmocka_unit_test(framing_finds_the_same_packets_wherever_the_stream_is_cut),
          cmocka_unit_test(framing_refuses_lengths_that_no_packet_has),
          cmocka_unit_test(framing_always_has_room_for_the_rest_of_the_longest_packet))
