/* SRTP against RFC 3711 appendix B and RFC 7714 sections 16 and 17, and against attackers. */
#include "media/srtp.h"

#include "tests/allocations.h"
#include "tests/hex.h"

enum { PACKET_MAX = 1500, STREAMS = 4, HEADER_LEN = 12 };

static const enum ic_srtp_profile PROFILES[] = {IC_SRTP_AEAD_AES_128_GCM, IC_SRTP_AES_CM_SHA1_80};

struct ends {
    struct ic_srtp_sender *sender;
    struct ic_srtp_receiver *receiver;
};

static struct ends connect_ends(enum ic_srtp_profile profile)
{
    static const struct ic_srtp_master master = {{1, 2, 3}, {4, 5, 6}};
    struct ic_srtp_session session;
    struct ends e;

    assert_int_equal(ic_srtp_derive(&session, &master), IC_OK);
    assert_int_equal(ic_srtp_sender_new(&e.sender, profile, &session, STREAMS), IC_OK);
    assert_int_equal(ic_srtp_receiver_new(&e.receiver, profile, &session, STREAMS, STREAMS), IC_OK);
    ic_srtp_session_clear(&session);
    return e;
}

static void disconnect(struct ends *e)
{
    ic_srtp_sender_free(e->sender);
    ic_srtp_receiver_free(e->receiver);
}

struct packet {
    uint8_t bytes[PACKET_MAX];
    size_t len;
};

/* A packet with a payload that tells its index; `header_len` is 12 here. */
static struct ic_srtp_packet make(struct packet *p, uint32_t ssrc, uint64_t index)
{
    struct ic_writer w = ic_writer_of(p->bytes, sizeof p->bytes);

    ic_write_uint(&w, 0x8060, 2);
    ic_write_uint(&w, index & 0xffff, 2);
    ic_write_uint(&w, 1234, 4);
    ic_write_uint(&w, ssrc, 4);
    for (int i = 0; i < 5; i++)
        ic_write_uint(&w, index, 8);
    p->len = w.len;
    return (struct ic_srtp_packet){p->bytes, w.len, HEADER_LEN, ssrc, index};
}

static enum ic_err seal(struct ends *e, struct packet *p, uint32_t ssrc, uint64_t index)
{
    struct ic_srtp_packet packet = make(p, ssrc, index);
    enum ic_err err = ic_srtp_seal(e->sender, &packet);
    p->len = packet.len;
    return err;
}

/* Opens a copy and checks what comes out. */
static enum ic_err open_copy(struct ends *e, const struct packet *p)
{
    struct packet copy = *p, plain;
    uint64_t index;
    enum ic_err err = ic_srtp_open(e->receiver, copy.bytes, &copy.len, &index);
    if (err == IC_OK) {
        uint32_t ssrc = (uint32_t)copy.bytes[8] << 24 | (uint32_t)copy.bytes[9] << 16 |
                        (uint32_t)copy.bytes[10] << 8 | copy.bytes[11];
        make(&plain, ssrc, index);
        assert_int_equal(copy.len, plain.len);
        assert_memory_equal(copy.bytes, plain.bytes, plain.len);
    }
    return err;
}

static void send_one(struct ends *e, uint32_t ssrc, uint64_t index)
{
    struct packet p;
    assert_int_equal(seal(e, &p, ssrc, index), IC_OK);
    assert_int_equal(open_copy(e, &p), IC_OK);
}

TEST(srtp_derives_the_keys_of_rfc_3711_b_3)
{
    struct ic_srtp_master master;
    struct ic_srtp_session s;
    uint8_t expected[20];

    from_hex(master.key, "e1f97a0d3e018be0d64fa32c06de4139");
    from_hex(master.salt, "0ec675ad498afeebb6960b3aabe6");
    assert_int_equal(ic_srtp_derive(&s, &master), IC_OK);
    from_hex(expected, "c61e7a93744f39ee10734afe3ff7a087");
    assert_memory_equal(s.rtp_key, expected, 16);
    from_hex(expected, "30cbbc08863d8c85d49db34a9ae1");
    assert_memory_equal(s.rtp_salt, expected, 14);
    from_hex(expected, "cebe321f6ff7716b6fd4ab49af256a156d38baa4");
    assert_memory_equal(s.rtp_auth, expected, 20);
    assert_memory_not_equal(s.rtcp_key, s.rtp_key, 16);
    assert_memory_not_equal(s.rtcp_salt, s.rtp_salt, 14);
    assert_memory_not_equal(s.rtcp_auth, s.rtp_auth, 20);
}

static struct ic_srtp_session rfc_7714_session(void)
{
    struct ic_srtp_session s = {0};

    from_hex(s.rtp_key, "000102030405060708090a0b0c0d0e0f");
    memcpy(s.rtp_salt, "Quid pro quo", 12);
    memcpy(s.rtcp_key, s.rtp_key, sizeof s.rtcp_key);
    memcpy(s.rtcp_salt, s.rtp_salt, sizeof s.rtcp_salt);
    return s;
}

TEST(srtp_gives_the_packet_of_rfc_7714_16_1)
{
    static const char PLAIN[] = "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669"
                                "736120696e207061727465732074726573";
    static const char SEALED[] = "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd5"
                                 "0d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee439"
                                 "0cce";
    struct ic_srtp_session s = rfc_7714_session();
    struct ic_srtp_sender *sender;
    struct ic_srtp_receiver *receiver;
    uint8_t bytes[80], sealed[80], plain[80];
    uint64_t index;
    size_t plain_len = from_hex(plain, PLAIN), sealed_len = from_hex(sealed, SEALED);

    assert_int_equal(ic_srtp_sender_new(&sender, IC_SRTP_AEAD_AES_128_GCM, &s, 1), IC_OK);
    assert_int_equal(ic_srtp_receiver_new(&receiver, IC_SRTP_AEAD_AES_128_GCM, &s, 1, 1), IC_OK);
    memcpy(bytes, plain, plain_len);
    struct ic_srtp_packet packet = {bytes, plain_len, HEADER_LEN, 0x5501a0b2, 0xf17b};
    assert_int_equal(ic_srtp_seal(sender, &packet), IC_OK);
    assert_int_equal(packet.len, sealed_len);
    assert_memory_equal(bytes, sealed, sealed_len);
    assert_int_equal(ic_srtp_open(receiver, bytes, &packet.len, &index), IC_OK);
    assert_int_equal(packet.len, plain_len);
    assert_memory_equal(bytes, plain, plain_len);
    assert_int_equal(index, 0xf17b);
    ic_srtp_sender_free(sender);
    ic_srtp_receiver_free(receiver);
}

TEST(srtcp_gives_the_packet_of_rfc_7714_17_1)
{
    static const char PLAIN[] = "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61"
                                "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";
    static const char SEALED[] = "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32d"
                                 "c676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf872"
                                 "45d9eade800005d4";
    struct ic_srtp_session s = rfc_7714_session();
    struct ic_srtp_sender *sender;
    struct ic_srtp_receiver *receiver;
    uint8_t bytes[80], sealed[80], plain[80];
    size_t plain_len = from_hex(plain, PLAIN), sealed_len = from_hex(sealed, SEALED), len = 0;

    assert_int_equal(ic_srtp_sender_new(&sender, IC_SRTP_AEAD_AES_128_GCM, &s, 1), IC_OK);
    assert_int_equal(ic_srtp_receiver_new(&receiver, IC_SRTP_AEAD_AES_128_GCM, &s, 1, 1), IC_OK);
    for (int i = 0; i <= 0x5d4; i++) { /* the vector is packet number 0x5d4 */
        memcpy(bytes, plain, plain_len);
        len = plain_len;
        assert_int_equal(ic_srtcp_seal(sender, bytes, &len), IC_OK);
    }
    assert_int_equal(len, sealed_len);
    assert_memory_equal(bytes, sealed, sealed_len);
    assert_int_equal(ic_srtcp_open(receiver, bytes, &len), IC_OK);
    assert_int_equal(len, plain_len);
    assert_memory_equal(bytes, plain, plain_len);
    ic_srtp_sender_free(sender);
    ic_srtp_receiver_free(receiver);
}

/* The packet that SRTP implementations exchange as their reference for this profile, with the
 * master key of RFC 3711 B.3. */
TEST(srtp_gives_the_reference_packet_of_aes_cm_sha1_80)
{
    static const char PLAIN[] = "800f1234decafbadcafebabeabababababababababababababababab";
    static const char SEALED[] = "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402"
                                 "b78d6acc99ea179b8dbb";
    struct ic_srtp_master master;
    struct ic_srtp_session s;
    struct ic_srtp_sender *sender;
    uint8_t bytes[64], sealed[64];

    from_hex(master.key, "e1f97a0d3e018be0d64fa32c06de4139");
    from_hex(master.salt, "0ec675ad498afeebb6960b3aabe6");
    assert_int_equal(ic_srtp_derive(&s, &master), IC_OK);
    assert_int_equal(ic_srtp_sender_new(&sender, IC_SRTP_AES_CM_SHA1_80, &s, 1), IC_OK);
    size_t plain_len = from_hex(bytes, PLAIN), sealed_len = from_hex(sealed, SEALED);
    struct ic_srtp_packet packet = {bytes, plain_len, HEADER_LEN, 0xcafebabe, 0x1234};
    assert_int_equal(ic_srtp_seal(sender, &packet), IC_OK);
    assert_int_equal(packet.len, sealed_len);
    assert_memory_equal(bytes, sealed, sealed_len);
    ic_srtp_sender_free(sender);
}

TEST(srtp_refuses_a_flip_of_any_bit_and_then_takes_the_packet)
{
    for (size_t i = 0; i < IC_COUNT(PROFILES); i++) {
        struct ends e = connect_ends(PROFILES[i]);
        struct packet p, damaged;
        assert_int_equal(seal(&e, &p, 7, 100), IC_OK);
        for (size_t bit = 0; bit < 8 * p.len; bit++) {
            uint64_t index;
            damaged = p;
            damaged.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_not_equal(ic_srtp_open(e.receiver, damaged.bytes, &damaged.len, &index),
                                 IC_OK);
        }
        assert_int_equal(open_copy(&e, &p), IC_OK);
        disconnect(&e);
    }
}

TEST(srtcp_refuses_a_flip_of_any_bit_and_then_takes_the_packet)
{
    for (size_t i = 0; i < IC_COUNT(PROFILES); i++) {
        struct ends e = connect_ends(PROFILES[i]);
        struct packet p = {.bytes = {0x80, 201, 0, 1, 1, 2, 3, 4, 9, 9, 9, 9}, .len = 12}, damaged;
        assert_int_equal(ic_srtcp_seal(e.sender, p.bytes, &p.len), IC_OK);
        for (size_t bit = 0; bit < 8 * p.len; bit++) {
            damaged = p;
            damaged.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_not_equal(ic_srtcp_open(e.receiver, damaged.bytes, &damaged.len), IC_OK);
        }
        damaged = p;
        assert_int_equal(ic_srtcp_open(e.receiver, damaged.bytes, &damaged.len), IC_OK);
        assert_int_equal(damaged.len, 12);
        assert_int_equal(damaged.bytes[8], 9);
        disconnect(&e);
    }
}

TEST(packets_too_short_are_refused_with_every_first_byte)
{
    for (size_t i = 0; i < IC_COUNT(PROFILES); i++) {
        struct ends e = connect_ends(PROFILES[i]);
        for (size_t len = 0; len <= 20; len++) {
            uint8_t *exact = test_malloc(len + 1); /* so that ASan sees a read past the end */
            for (unsigned first = 0; first < 256; first++) {
                size_t rtp_len = len, rtcp_len = len;
                uint64_t index;
                memset(exact, (int)first, len);
                assert_int_equal(ic_srtp_open(e.receiver, exact, &rtp_len, &index),
                                 IC_ERR_MALFORMED);
                assert_int_equal(ic_srtcp_open(e.receiver, exact, &rtcp_len), IC_ERR_MALFORMED);
                assert_int_equal(rtp_len, len);
            }
            test_free(exact);
        }
        disconnect(&e);
    }
}

/* Not even when it is authentic: what follows would read it by other rules. */
TEST(packets_of_another_version_are_refused)
{
    for (size_t i = 0; i < IC_COUNT(PROFILES); i++) {
        struct ends e = connect_ends(PROFILES[i]);
        struct packet p;
        struct ic_srtp_packet packet = make(&p, 7, 1);
        uint8_t report[64] = {0x40, 201, 0, 1, 1, 2, 3, 4};
        size_t len = 8;
        uint64_t index;
        p.bytes[0] = 0x40;
        assert_int_equal(ic_srtp_seal(e.sender, &packet), IC_OK);
        assert_int_equal(ic_srtp_open(e.receiver, p.bytes, &packet.len, &index), IC_ERR_MALFORMED);
        assert_int_equal(ic_srtcp_seal(e.sender, report, &len), IC_OK);
        assert_int_equal(ic_srtcp_open(e.receiver, report, &len), IC_ERR_MALFORMED);
        disconnect(&e);
    }
}

TEST(every_truncation_of_a_packet_is_refused)
{
    for (size_t i = 0; i < IC_COUNT(PROFILES); i++) {
        struct ends e = connect_ends(PROFILES[i]);
        struct packet p, copy;
        struct ic_srtp_packet packet = make(&p, 7, 1);
        p.bytes[0] = 0x92; /* two CSRCs and an extension of one word: all of it is payload */
        memset(p.bytes + 12, 0, 12);
        p.bytes[23] = 1;
        packet.header_len = 28;
        assert_int_equal(ic_srtp_seal(e.sender, &packet), IC_OK);
        for (size_t len = 0; len < packet.len; len++) {
            uint64_t index;
            copy = p;
            copy.len = len;
            assert_int_not_equal(ic_srtp_open(e.receiver, copy.bytes, &copy.len, &index), IC_OK);
        }
        disconnect(&e);
    }
}

TEST(headers_with_csrcs_and_extensions_stay_in_the_clear)
{
    for (size_t i = 0; i < IC_COUNT(PROFILES); i++) {
        struct ends e = connect_ends(PROFILES[i]);
        struct packet p, plain;
        uint64_t index;
        make(&p, 7, 1);
        p.bytes[0] = 0x92;
        memset(p.bytes + 12, 0, 12);
        p.bytes[23] = 1;
        plain = p;
        struct ic_srtp_packet packet = {p.bytes, p.len, 28, 7, 1};
        assert_int_equal(ic_srtp_seal(e.sender, &packet), IC_OK);
        assert_memory_equal(p.bytes, plain.bytes, 28);
        assert_memory_not_equal(p.bytes + 28, plain.bytes + 28, plain.len - 28);
        assert_int_equal(ic_srtp_open(e.receiver, p.bytes, &packet.len, &index), IC_OK);
        assert_int_equal(packet.len, plain.len);
        assert_memory_equal(p.bytes, plain.bytes, plain.len);
        disconnect(&e);
    }
}

TEST(a_packet_is_taken_once_and_not_at_all_behind_the_window)
{
    for (size_t i = 0; i < IC_COUNT(PROFILES); i++) {
        struct ends e = connect_ends(PROFILES[i]);
        struct packet old, oldest, middle;
        assert_int_equal(seal(&e, &oldest, 7, 1000), IC_OK);
        assert_int_equal(seal(&e, &old, 7, 1001), IC_OK);
        assert_int_equal(seal(&e, &middle, 7, 1500), IC_OK);
        send_one(&e, 7, 1000 + IC_SRTP_RTP_WINDOW);
        assert_int_equal(open_copy(&e, &oldest), IC_ERR_REPLAYED);
        assert_int_equal(open_copy(&e, &old), IC_OK);
        assert_int_equal(open_copy(&e, &old), IC_ERR_REPLAYED);
        assert_int_equal(open_copy(&e, &middle), IC_OK);
        assert_int_equal(open_copy(&e, &middle), IC_ERR_REPLAYED);
        disconnect(&e);
    }
}

/* Every packet, in a random order within the window, is taken once and only once. */
TEST(reordering_within_the_window_loses_and_repeats_nothing)
{
    enum { COUNT = 3000, BLOCK = 400 };
    static struct packet packets[COUNT];
    struct ends e = connect_ends(IC_SRTP_AEAD_AES_128_GCM);
    uint32_t random = 12345;

    for (uint64_t i = 0; i < COUNT; i++)
        assert_int_equal(seal(&e, &packets[i], 7, 0xfc00 + i), IC_OK); /* past a rollover */
    for (size_t from = 0; from + BLOCK <= COUNT; from += BLOCK) {
        size_t order[BLOCK];
        for (size_t i = 0; i < BLOCK; i++) {
            random = random * 1664525 + 1013904223;
            size_t at = random % (i + 1);
            order[i] = order[at];
            order[at] = from + i;
        }
        for (size_t i = 0; i < BLOCK; i++)
            assert_int_equal(open_copy(&e, &packets[order[i]]), IC_OK);
        for (size_t i = 0; i < BLOCK; i++)
            assert_int_equal(open_copy(&e, &packets[order[i]]), IC_ERR_REPLAYED);
    }
    disconnect(&e);
}

TEST(srtcp_takes_a_packet_once_and_not_at_all_behind_the_window)
{
    for (size_t i = 0; i < IC_COUNT(PROFILES); i++) {
        struct ends e = connect_ends(PROFILES[i]);
        struct packet packets[IC_SRTP_RTCP_WINDOW + 1], copy;
        for (size_t n = 0; n < IC_COUNT(packets); n++) {
            packets[n] = (struct packet){.bytes = {0x80, 201, 0, 1, 1, 2, 3, 4}, .len = 8};
            assert_int_equal(ic_srtcp_seal(e.sender, packets[n].bytes, &packets[n].len), IC_OK);
        }
        copy = packets[IC_SRTP_RTCP_WINDOW];
        assert_int_equal(ic_srtcp_open(e.receiver, copy.bytes, &copy.len), IC_OK);
        copy = packets[0];
        assert_int_equal(ic_srtcp_open(e.receiver, copy.bytes, &copy.len), IC_ERR_REPLAYED);
        for (size_t n = 1; n < IC_SRTP_RTCP_WINDOW; n++) {
            copy = packets[n];
            assert_int_equal(ic_srtcp_open(e.receiver, copy.bytes, &copy.len), IC_OK);
            copy = packets[n];
            assert_int_equal(ic_srtcp_open(e.receiver, copy.bytes, &copy.len), IC_ERR_REPLAYED);
        }
        disconnect(&e);
    }
}

TEST(srtcp_in_the_clear_is_refused)
{
    struct ends e = connect_ends(IC_SRTP_AES_CM_SHA1_80);
    struct packet p = {.bytes = {0x80, 201, 0, 1, 1, 2, 3, 4}, .len = 8};

    assert_int_equal(ic_srtcp_seal(e.sender, p.bytes, &p.len), IC_OK);
    p.bytes[8] &= 0x7f; /* the flag */
    assert_int_equal(ic_srtcp_open(e.receiver, p.bytes, &p.len), IC_ERR_MALFORMED);
    disconnect(&e);
}

TEST(the_rollover_counter_follows_loss_and_reordering)
{
    static const uint64_t sequence[] = {
        0x7ff0,  0xfffe,  0x10001, 0xffff, /* late, from before the rollover */
        0x10000, 0x18000, 0x1ffff, 0x27000,
        0x2effe, 0x36000, 0x3dffe, /* steps of nearly half the space */
    };

    for (size_t i = 0; i < IC_COUNT(PROFILES); i++) {
        struct ends e = connect_ends(PROFILES[i]);
        struct packet p;
        for (size_t n = 0; n < IC_COUNT(sequence); n++) {
            uint64_t index;
            assert_int_equal(seal(&e, &p, 7, sequence[n]), IC_OK);
            assert_int_equal(ic_srtp_open(e.receiver, p.bytes, &p.len, &index), IC_OK);
            assert_true(index == sequence[n]);
        }
        disconnect(&e);
    }
}

TEST(forged_packets_do_not_move_the_window_or_the_rollover_counter)
{
    struct ends e = connect_ends(IC_SRTP_AEAD_AES_128_GCM);
    struct packet forged;
    uint64_t index;

    send_one(&e, 7, 0x8001);
    for (uint64_t seq = 0; seq < 0x10000; seq += 0x101) {
        make(&forged, 7, seq);
        assert_int_not_equal(ic_srtp_open(e.receiver, forged.bytes, &forged.len, &index), IC_OK);
    }
    for (uint32_t ssrc = 100; ssrc < 100 + 10 * STREAMS; ssrc++) { /* nor fill the table */
        make(&forged, ssrc, 1);
        assert_int_equal(ic_srtp_open(e.receiver, forged.bytes, &forged.len, &index),
                         IC_ERR_FORGED);
    }
    send_one(&e, 7, 0x8002);
    for (uint32_t ssrc = 1; ssrc < STREAMS; ssrc++)
        send_one(&e, ssrc, 1);
    disconnect(&e);
}

TEST(one_ssrc_too_many_is_refused_and_harms_no_other)
{
    struct ends e = connect_ends(IC_SRTP_AEAD_AES_128_GCM), wide;
    struct ic_srtp_session session;
    static const struct ic_srtp_master master = {{1, 2, 3}, {4, 5, 6}};
    struct packet p;
    uint64_t index;

    assert_int_equal(ic_srtp_derive(&session, &master), IC_OK);
    wide.receiver = NULL;
    assert_int_equal(
        ic_srtp_sender_new(&wide.sender, IC_SRTP_AEAD_AES_128_GCM, &session, 2 * STREAMS), IC_OK);
    for (uint32_t ssrc = 0; ssrc < 2 * STREAMS; ssrc++) {
        enum ic_err expected = ssrc < STREAMS ? IC_OK : IC_ERR_FULL;
        assert_int_equal(seal(&wide, &p, ssrc, 1), IC_OK);
        assert_int_equal(ic_srtp_open(e.receiver, p.bytes, &p.len, &index), expected);
        assert_int_equal(seal(&e, &p, ssrc, 1), expected);
    }
    send_one(&e, 0, 2);
    disconnect(&wide);
    disconnect(&e);
}

TEST(one_ssrc_too_many_of_reports_is_refused_and_harms_no_other)
{
    for (size_t i = 0; i < IC_COUNT(PROFILES); i++) {
        struct ends e = connect_ends(PROFILES[i]);
        for (int round = 0; round < 2; round++)
            for (uint8_t ssrc = 0; ssrc < 2 * STREAMS; ssrc++) {
                uint8_t bytes[64] = {0x80, 201, 0, 1, 0, 0, 0, ssrc};
                size_t len = 8;
                assert_int_equal(ic_srtcp_seal(e.sender, bytes, &len), IC_OK);
                assert_int_equal(ic_srtcp_open(e.receiver, bytes, &len),
                                 ssrc < STREAMS ? IC_OK : IC_ERR_FULL);
            }
        disconnect(&e);
    }
}

/* Wherever an SSRC hashes to, the last place included: the table is filled again and again. */
TEST(streams_are_told_apart_wherever_they_lie)
{
    uint32_t random = 1;

    for (int round = 0; round < 200; round++) {
        struct ends e = connect_ends(IC_SRTP_AEAD_AES_128_GCM);
        uint32_t ssrcs[STREAMS];
        struct packet p;
        for (size_t i = 0; i < STREAMS; i++) {
            ssrcs[i] = random = random * 1664525 + 1013904223;
            assert_int_equal(seal(&e, &p, ssrcs[i], 5), IC_OK);
        }
        for (size_t i = 0; i < STREAMS; i++) {
            assert_int_equal(seal(&e, &p, ssrcs[i], 5), IC_ERR_REPLAYED);
            assert_int_equal(seal(&e, &p, ssrcs[i], 6), IC_OK);
        }
        disconnect(&e);
    }
}

TEST(an_index_seals_one_packet)
{
    for (size_t i = 0; i < IC_COUNT(PROFILES); i++) {
        struct ends e = connect_ends(PROFILES[i]);
        struct packet p;
        assert_int_equal(seal(&e, &p, 7, 5000), IC_OK);
        assert_int_equal(seal(&e, &p, 7, 5000), IC_ERR_REPLAYED);
        assert_int_equal(seal(&e, &p, 8, 5000), IC_OK); /* another SSRC, another nonce */
        assert_int_equal(seal(&e, &p, 7, 5000 - IC_SRTP_SEND_WINDOW), IC_ERR_REPLAYED);
        assert_int_equal(seal(&e, &p, 7, 5001 - IC_SRTP_SEND_WINDOW), IC_OK);
        assert_int_equal(seal(&e, &p, 7, 5001 - IC_SRTP_SEND_WINDOW), IC_ERR_REPLAYED);
        assert_int_equal(seal(&e, &p, 7, UINT64_C(1) << 48), IC_ERR_EXHAUSTED);
        assert_int_equal(seal(&e, &p, 7, (UINT64_C(1) << 48) - 1), IC_OK);
        assert_int_equal(seal(&e, &p, 7, (UINT64_C(1) << 48) - 1), IC_ERR_REPLAYED);
        disconnect(&e);
    }
}

/* However indexes come, none is sealed twice: a model that remembers all of them agrees. */
TEST(no_index_is_ever_sealed_twice)
{
    enum { SPACE = 4096, TRIES = 20000 };
    static bool sealed[SPACE];
    struct ends e = connect_ends(IC_SRTP_AEAD_AES_128_GCM);
    struct packet p;
    uint32_t random = 1;
    uint64_t newest = 0;

    for (int i = 0; i < TRIES; i++) {
        random = random * 1664525 + 1013904223;
        uint64_t index = (uint64_t)i * SPACE / TRIES / 2 + (random >> 8) % (SPACE / 2);
        bool too_old = newest >= IC_SRTP_SEND_WINDOW && index + IC_SRTP_SEND_WINDOW <= newest;
        enum ic_err expected = sealed[index] || too_old ? IC_ERR_REPLAYED : IC_OK;
        assert_int_equal(seal(&e, &p, 7, index), expected);
        sealed[index] |= expected == IC_OK;
        newest = index > newest ? index : newest;
    }
    disconnect(&e);
}

TEST(a_payload_may_be_empty)
{
    for (size_t i = 0; i < IC_COUNT(PROFILES); i++) {
        struct ends e = connect_ends(PROFILES[i]);
        struct packet p;
        uint64_t index;
        make(&p, 7, 1);
        struct ic_srtp_packet packet = {p.bytes, HEADER_LEN, HEADER_LEN, 7, 1};
        assert_int_equal(ic_srtp_seal(e.sender, &packet), IC_OK);
        assert_int_equal(ic_srtp_open(e.receiver, p.bytes, &packet.len, &index), IC_OK);
        assert_int_equal(packet.len, HEADER_LEN);
        disconnect(&e);
    }
}

TEST(the_directions_of_a_transport_do_not_open_each_other)
{
    static const struct ic_srtp_master other = {{9}, {9}};
    struct ends e = connect_ends(IC_SRTP_AEAD_AES_128_GCM), f;
    struct ic_srtp_session session;
    struct packet p;

    assert_int_equal(ic_srtp_derive(&session, &other), IC_OK);
    f.sender = NULL;
    assert_int_equal(ic_srtp_receiver_new(&f.receiver, IC_SRTP_AEAD_AES_128_GCM, &session, 1, 1),
                     IC_OK);
    assert_int_equal(seal(&e, &p, 7, 1), IC_OK);
    assert_int_equal(open_copy(&f, &p), IC_ERR_FORGED);
    disconnect(&f);
    disconnect(&e);
}

TEST(nothing_is_allocated_for_a_packet)
{
    if (!ic_allocations_are_counted())
        skip();
    for (size_t i = 0; i < IC_COUNT(PROFILES); i++) {
        struct ends e = connect_ends(PROFILES[i]);
        struct packet p = {.bytes = {0x80, 201, 0, 1, 1, 2, 3, 4}, .len = 8};
        uint64_t index;
        size_t before = ic_allocation_count;
        assert_int_equal(ic_srtcp_seal(e.sender, p.bytes, &p.len), IC_OK);
        assert_int_equal(ic_srtcp_open(e.receiver, p.bytes, &p.len), IC_OK);
        for (uint64_t n = 1; n < 1000; n++) {
            assert_int_equal(seal(&e, &p, n % STREAMS, n), IC_OK);
            assert_int_equal(ic_srtp_open(e.receiver, p.bytes, &p.len, &index), IC_OK);
            p.bytes[20] ^= 1;
            p.len += IC_SRTP_OVERHEAD;
            assert_int_not_equal(ic_srtp_open(e.receiver, p.bytes, &p.len, &index), IC_OK);
        }
        assert_int_equal(ic_allocation_count, before);
        disconnect(&e);
    }
}

RUN_TESTS(cmocka_unit_test(srtp_derives_the_keys_of_rfc_3711_b_3),
          cmocka_unit_test(srtp_gives_the_packet_of_rfc_7714_16_1),
          cmocka_unit_test(srtcp_gives_the_packet_of_rfc_7714_17_1),
          cmocka_unit_test(srtp_gives_the_reference_packet_of_aes_cm_sha1_80),
          cmocka_unit_test(srtp_refuses_a_flip_of_any_bit_and_then_takes_the_packet),
          cmocka_unit_test(srtcp_refuses_a_flip_of_any_bit_and_then_takes_the_packet),
          cmocka_unit_test(packets_too_short_are_refused_with_every_first_byte),
          cmocka_unit_test(packets_of_another_version_are_refused),
          cmocka_unit_test(every_truncation_of_a_packet_is_refused),
          cmocka_unit_test(headers_with_csrcs_and_extensions_stay_in_the_clear),
          cmocka_unit_test(a_packet_is_taken_once_and_not_at_all_behind_the_window),
          cmocka_unit_test(reordering_within_the_window_loses_and_repeats_nothing),
          cmocka_unit_test(srtcp_takes_a_packet_once_and_not_at_all_behind_the_window),
          cmocka_unit_test(srtcp_in_the_clear_is_refused),
          cmocka_unit_test(the_rollover_counter_follows_loss_and_reordering),
          cmocka_unit_test(forged_packets_do_not_move_the_window_or_the_rollover_counter),
          cmocka_unit_test(one_ssrc_too_many_is_refused_and_harms_no_other),
          cmocka_unit_test(one_ssrc_too_many_of_reports_is_refused_and_harms_no_other),
          cmocka_unit_test(streams_are_told_apart_wherever_they_lie),
          cmocka_unit_test(an_index_seals_one_packet),
          cmocka_unit_test(no_index_is_ever_sealed_twice), cmocka_unit_test(a_payload_may_be_empty),
          cmocka_unit_test(the_directions_of_a_transport_do_not_open_each_other),
          cmocka_unit_test(nothing_is_allocated_for_a_packet))
