/* What leaves is a constant header and ciphertext; what comes in is opened only if it is authentic,
 * new, and of whom the slot shows. */
#include "e2ee/frame.h"
#include "e2ee/replay.h"
#include "e2ee/sframe.h"
#include "tests/e2ee/pair.h"

static const uint8_t KEY_FRAME[] =
    "\x10\x02\x00\x9d\x01\x2a\x40\x01\xb4\x00 the rest of a key frame";
static const uint8_t DELTA[] = "\x31\x01\x00 the rest of a delta";
static const uint8_t VP9_KEY[] = "\x82\x49\x83\x42 the rest of a key frame";
static const uint8_t VP9_DELTA[] = "\x86 the rest of a delta";
static const uint8_t AV1_KEY[] = "\x12\x00\x0a\x0b\x00 a sequence header and the rest";
static const uint8_t AV1_DELTA[] = "\x12\x00\x32 a frame";
static const uint8_t H264_KEY[] = "\0\0\0\1\x67\x42 parameters and a slice";
static const uint8_t H264_DELIMITED[] = "\0\0\0\1\x09\xF0\0\0\1\x67\x42 behind a delimiter";
static const uint8_t H264_BARE[] = "\0\0\1\x25\x88 a slice of a key frame alone";
static const uint8_t H264_DELTA[] = "\0\0\0\1\x61\x9A a slice";
static const uint8_t H264_REMARKED[] = "\0\0\0\1\x06\1\0\0\1\x41\x9A behind a remark";
static const uint8_t AV1_UPPER[] = "\x36 a frame of a larger size of the same picture";
static const uint8_t VOICE[] = "\xf8 some Opus";
static struct ic_opened_frame opened;

TEST(frame_round_trips_with_the_least_overhead_of_its_codec)
{
    static const struct {
        const char *what;
        enum ic_stream stream;
        enum ic_codec codec;
        const uint8_t *frame;
        size_t len, fake_len, sealed_len;
    } rows[] = {
        {"a VP8 key frame", IC_STREAM_CAMERA, IC_CODEC_VP8, KEY_FRAME, sizeof KEY_FRAME, 10, 0},
        {"a VP8 delta", IC_STREAM_SCREEN, IC_CODEC_VP8, DELTA, sizeof DELTA, 1, 0},
        {"a VP9 key frame", IC_STREAM_SCREEN, IC_CODEC_VP9, VP9_KEY, sizeof VP9_KEY, 1, 0},
        {"a VP9 delta", IC_STREAM_SCREEN, IC_CODEC_VP9, VP9_DELTA, sizeof VP9_DELTA, 1, 0},
        {"an AV1 key frame", IC_STREAM_SCREEN, IC_CODEC_AV1, AV1_KEY, sizeof AV1_KEY, 2, 0},
        {"an AV1 delta", IC_STREAM_SCREEN, IC_CODEC_AV1, AV1_DELTA, sizeof AV1_DELTA, 2, 0},
        {"an H.264 key frame", IC_STREAM_SCREEN, IC_CODEC_H264, H264_KEY, sizeof H264_KEY, 1, 0},
        {"an H.264 delta", IC_STREAM_SCREEN, IC_CODEC_H264, H264_DELTA, sizeof H264_DELTA, 1, 0},
        {"Opus", IC_STREAM_MICROPHONE, IC_CODEC_OPUS, VOICE, sizeof VOICE, 0, 112},
        {"Opus of a screen", IC_STREAM_SCREEN_AUDIO, IC_CODEC_OPUS, VOICE, sizeof VOICE, 0, 272},
        {"Opus of one byte", IC_STREAM_MICROPHONE, IC_CODEC_OPUS, VOICE, 1, 0, 112},
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct pair p = pair_new(rows[i].stream, rows[i].codec);
        pair_seal(&p, rows[i].frame, rows[i].len);
        size_t over = p.sealed_len - rows[i].len;
        if (rows[i].sealed_len > 0) {
            CHECK_ROW(rows[i].what, p.sealed_len == rows[i].sealed_len);
        } else {
            CHECK_ROW(rows[i].what, over >= rows[i].fake_len + 1 + 16);
            CHECK_ROW(rows[i].what, over <= rows[i].fake_len + 4 + 16);
        }
        CHECK_ROW(rows[i].what, pair_open(&p, &opened) == IC_OK);
        CHECK_ROW(rows[i].what, opened.frame.len == rows[i].len);
        CHECK_ROW(rows[i].what, memcmp(opened.frame.at, rows[i].frame, rows[i].len) == 0);
        CHECK_ROW(rows[i].what, opened.index == PAIR_INDEX && opened.stream == rows[i].stream);
        pair_free(&p);
    }
}

static void seals_to(struct pair *p, size_t len, size_t sealed_len)
{
    static uint8_t frame[1275];
    memset(frame, len % 2 == 0 ? 0 : 0x80, len); /* looks like padding, too */
    pair_seal(p, frame, len);
    assert_int_equal(p->sealed_len, sealed_len);
    assert_int_equal(pair_open(p, &opened), IC_OK);
    assert_int_equal(opened.frame.len, len);
    assert_memory_equal(opened.frame.at, frame, len);
}

/* PRV-17: speech and silence, the first frame and the seventy thousandth, whose header is longer.
 */
TEST(frame_of_opus_has_one_length_at_a_constant_rate_whatever_is_in_it)
{
#ifdef __wasm__
    const size_t frames = 1000; /* counters of two bytes; the native build goes on to three */
#else
    const size_t frames = 70000;
#endif
    struct pair p = pair_new(IC_STREAM_MICROPHONE, IC_CODEC_OPUS);
    for (size_t i = 0; i < frames; i++)
        seals_to(&p, 1 + i * 31 % 88, 112);
    pair_free(&p);
}

/* PRV-17: an encoder that varies around its rate shows once that it does, and not when. */
TEST(frame_of_opus_longer_than_most_makes_all_that_follow_longer)
{
    static const size_t lens[] = {1, 88, 100, 3, 128, 150, 1, 80, 200, 380, 3, 80};
    static const size_t sealed_lens[] = {112, 112, 176, 176, 176, 176,
                                         176, 176, 416, 416, 176, 176};
    struct pair p = pair_new(IC_STREAM_MICROPHONE, IC_CODEC_OPUS);
    for (size_t i = 0; i < IC_COUNT(lens); i++)
        seals_to(&p, lens[i], sealed_lens[i]);
    pair_free(&p);
}

/* A frame of sound is never cut, and a packet carries 1,200 bytes. */
TEST(frame_of_opus_at_a_high_rate_fits_into_a_packet)
{
    struct pair p = pair_new(IC_STREAM_SCREEN_AUDIO, IC_CODEC_OPUS);
    seals_to(&p, 240, 272);
    seals_to(&p, 1000, 1116);
    seals_to(&p, 240, 416);
    pair_free(&p);
}

TEST(frame_of_opus_without_its_padding_is_malformed)
{
    static const struct {
        const char *what;
        const char *body;
        size_t len, frame_len; /* 0: malformed */
    } rows[] = {
        {"a frame", "\xf8\x01\x80\0\0", 5, 2}, {"one that ends like padding", "\xf8\x80\x80", 3, 2},
        {"no padding", "\xf8\x01", 2, 0},      {"zeros only", "\0\0\0", 3, 0},
        {"no frame in front", "\x80\0", 2, 0}, {"nothing", "", 0, 0},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_bytes body = {(const uint8_t *)rows[i].body, rows[i].len};
        CHECK_ROW(rows[i].what, ic_frame_unpad(IC_CODEC_OPUS, &body) == (rows[i].frame_len > 0));
        CHECK_ROW(rows[i].what, rows[i].frame_len == 0 || body.len == rows[i].frame_len);
    }
}

/* SEC-01: nothing of the codec shows but that it is a key frame. */
TEST(frame_shows_constant_bytes_whatever_the_picture)
{
    static const uint8_t key[] = {0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68, 0x01};
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);
    uint8_t frame[64];

    for (int i = 0; i < 256; i++) {
        memset(frame, i, sizeof frame);
        pair_seal(&p, frame, sizeof frame);
        if (i & 1)
            assert_int_equal(p.sealed[0], 0x11);
        else
            assert_memory_equal(p.sealed, key, sizeof key);
    }
    pair_free(&p);
}

/* SEC-05 */
TEST(frame_of_a_constant_picture_has_no_block_twice)
{
    enum { FRAMES = 8, BLOCKS = PAIR_FRAME_MAX / 16 };
    static uint8_t blocks[FRAMES * BLOCKS][16];
    static const uint8_t grey[PAIR_FRAME_MAX];
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);
    size_t count = 0;

    for (int i = 0; i < FRAMES; i++) {
        pair_seal(&p, grey, sizeof grey);
        const uint8_t *body = p.sealed + p.sealed_len - 16 - sizeof grey;
        for (size_t b = 0; b < BLOCKS; b++) {
            memcpy(blocks[count++], body + 16 * b, 16);
            for (size_t j = 0; j + 1 < count; j++)
                assert_memory_not_equal(blocks[j], blocks[count - 1], 16);
        }
    }
    pair_free(&p);
}

/* SEC-04, part */
TEST(frame_with_any_bit_flipped_or_cut_short_does_not_open)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);

    for (int kind = 0; kind < 2; kind++) {
        pair_seal(&p, kind ? DELTA : KEY_FRAME, kind ? sizeof DELTA : sizeof KEY_FRAME);
        for (size_t bit = 0; bit < p.sealed_len * 8; bit++) {
            p.sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_not_equal(pair_open(&p, &opened), IC_OK);
            p.sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        size_t full = p.sealed_len;
        for (p.sealed_len = 0; p.sealed_len < full; p.sealed_len++)
            assert_int_not_equal(pair_open(&p, &opened), IC_OK);
        assert_int_equal(pair_open(&p, &opened), IC_OK);
    }
    pair_free(&p);
}

static const struct {
    const char *what;
    enum ic_codec codec;
    const uint8_t *frame;
    size_t len;
    uint8_t first; /* what shows */
    bool is_key;
} pictures[] = {
    {"a VP8 key frame", IC_CODEC_VP8, KEY_FRAME, sizeof KEY_FRAME, 0x10, true},
    {"a VP8 delta", IC_CODEC_VP8, DELTA, sizeof DELTA, 0x11, false},
    {"a VP9 key frame", IC_CODEC_VP9, VP9_KEY, sizeof VP9_KEY, 0x82, true},
    {"a VP9 delta", IC_CODEC_VP9, VP9_DELTA, sizeof VP9_DELTA, 0x86, false},
    {"an AV1 key frame", IC_CODEC_AV1, AV1_KEY, sizeof AV1_KEY, 0x0A, true},
    {"an AV1 key frame without delimiter", IC_CODEC_AV1, AV1_KEY + 2, sizeof AV1_KEY - 2, 0x0A,
     true},
    {"an AV1 delta", IC_CODEC_AV1, AV1_DELTA, sizeof AV1_DELTA, 0x32, false},
    {"a larger AV1 frame", IC_CODEC_AV1, AV1_UPPER, sizeof AV1_UPPER, 0x32, false},
    {"an H.264 key frame", IC_CODEC_H264, H264_KEY, sizeof H264_KEY, 0x65, true},
    {"an H.264 key frame behind a delimiter", IC_CODEC_H264, H264_DELIMITED, sizeof H264_DELIMITED,
     0x65, true},
    {"a bare H.264 key frame", IC_CODEC_H264, H264_BARE, sizeof H264_BARE, 0x65, true},
    {"an H.264 delta", IC_CODEC_H264, H264_DELTA, sizeof H264_DELTA, 0x41, false},
    {"an H.264 delta behind a remark", IC_CODEC_H264, H264_REMARKED, sizeof H264_REMARKED, 0x41,
     false},
};

/* A screen changes its codec while it is shared, and those who watch it follow. */
TEST(frame_says_itself_of_which_codec_it_is_and_whether_it_is_a_key_frame)
{
    struct pair p = pair_new(IC_STREAM_SCREEN, IC_CODEC_VP8);
    for (size_t i = 0; i < IC_COUNT(pictures); i++) {
        struct ic_frame_plan plan = {0};
        assert_int_equal(ic_frame_sender_use(p.sender, pictures[i].codec), IC_OK);
        pair_seal(&p, pictures[i].frame, pictures[i].len);
        CHECK_ROW(pictures[i].what, p.sealed[0] == pictures[i].first);
        struct ic_bytes sealed = {p.sealed, p.sealed_len};
        CHECK_ROW(pictures[i].what,
                  ic_frame_plan_open(p.receiver, &plan, sealed, sealed.len, 0) == IC_OK);
        CHECK_ROW(pictures[i].what, plan.is_key == pictures[i].is_key);
        CHECK_ROW(pictures[i].what, pair_open(&p, &opened) == IC_OK);
    }
    pair_free(&p);
}

TEST(frame_of_any_codec_with_a_bit_flipped_or_cut_short_does_not_open)
{
    struct pair p = pair_new(IC_STREAM_SCREEN, IC_CODEC_VP8);
    for (size_t i = 0; i < IC_COUNT(pictures); i++) {
        assert_int_equal(ic_frame_sender_use(p.sender, pictures[i].codec), IC_OK);
        pair_seal(&p, pictures[i].frame, pictures[i].len);
        for (size_t bit = 0; bit < p.sealed_len * 8; bit++) {
            p.sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
            CHECK_ROW(pictures[i].what, pair_open(&p, &opened) != IC_OK);
            p.sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        size_t full = p.sealed_len;
        for (p.sealed_len = 0; p.sealed_len < full; p.sealed_len++)
            CHECK_ROW(pictures[i].what, pair_open(&p, &opened) != IC_OK);
        assert_int_equal(pair_open(&p, &opened), IC_OK);
    }
    pair_free(&p);
}

/* AV1's size is written anew by packetisers, always in the shortest form. */
TEST(frame_of_av1_has_the_size_that_packetisers_write)
{
    static uint8_t frame[70000] = "\x12\x00\x32";
    static const size_t lens[] = {1, 100, 127, 128, 16000, 16383, 16384, 65000};
    struct pair p = pair_new(IC_STREAM_SCREEN, IC_CODEC_VP8);
    assert_int_equal(ic_frame_sender_use(p.sender, IC_CODEC_AV1), IC_OK);
    for (size_t i = 0; i < IC_COUNT(lens); i++) {
        static uint8_t sealed[IC_COUNT(frame) + 64];
        size_t sealed_len, size = 0, at = 1;
        struct ic_bytes plain = {frame, lens[i]};
        assert_int_equal(ic_frame_seal(p.sender, sealed, &sealed_len, plain), IC_OK);
        for (int shift = 0; at == 1 || sealed[at - 1] & 0x80; shift += 7)
            size |= (size_t)(sealed[at++] & 0x7F) << shift;
        assert_int_equal(size, sealed_len - at);
        assert_true(at == 2 || size >> 7 * (at - 2) > 0);
    }
    pair_free(&p);
}

TEST(sender_of_a_picture_takes_no_codec_of_sound)
{
    struct pair p = pair_new(IC_STREAM_SCREEN, IC_CODEC_VP8);
    assert_int_equal(ic_frame_sender_use(p.sender, IC_CODEC_OPUS), IC_ERR_FORBIDDEN);
    pair_free(&p);
    p = pair_new(IC_STREAM_MICROPHONE, IC_CODEC_OPUS);
    assert_int_equal(ic_frame_sender_use(p.sender, IC_CODEC_AV1), IC_ERR_FORBIDDEN);
    pair_free(&p);
}

/* SEC-04, part */
TEST(frame_in_the_clear_or_too_short_does_not_open)
{
    static const struct {
        const char *what;
        const uint8_t *frame;
        size_t len;
    } rows[] = {{"a VP8 key frame", KEY_FRAME, sizeof KEY_FRAME},
                {"a VP8 delta", DELTA, sizeof DELTA},
                {"nothing", KEY_FRAME, 0},
                {"a constant header alone", KEY_FRAME, 10}};

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);
        memcpy(p.sealed, rows[i].frame, rows[i].len);
        p.sealed_len = rows[i].len;
        CHECK_ROW(rows[i].what, pair_open(&p, &opened) != IC_OK);
        pair_free(&p);
    }
}

/* What a server or a member may write in front; nothing of it is looked for or opened. */
TEST(frame_is_malformed_that_is_short_or_names_what_cannot_be)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);
    struct ic_frame_plan plan;
    uint8_t bytes[64] = {0};

    pair_seal(&p, DELTA, sizeof DELTA);
    struct ic_bytes all = {p.sealed, p.sealed_len};
    assert_int_equal(ic_frame_plan_open(p.receiver, &plan, all, all.len, 1), IC_OK);
    enum { FAKE_LEN = 1, LEAST_LEN = 3 }; /* of a VP8 delta */
    const uint64_t id = ic_key_id_number(plan.id);
    size_t least = plan.prefix_len + LEAST_LEN + IC_SFRAME_TAG_LEN;
    for (size_t len = 0; len <= all.len; len++) {
        struct ic_bytes cut = {p.sealed, len};
        assert_int_equal(ic_frame_plan_open(p.receiver, &plan, cut, len, 1),
                         len < least ? IC_ERR_MALFORMED : IC_OK);
        assert_int_equal(ic_frame_plan_open(p.receiver, &plan, all, len, 1),
                         len < all.len ? IC_ERR_MALFORMED : IC_OK);
    }

    const struct {
        uint64_t key_id, counter;
        enum ic_err want;
    } rows[] = {
        {id, IC_COUNTER_LIMIT - 1, IC_OK},
        {id, IC_COUNTER_LIMIT, IC_ERR_MALFORMED},
        {id | UINT64_C(7) << 18, 7, IC_ERR_MALFORMED}, /* there are five streams */
        {id | UINT64_C(1) << IC_KEY_ID_BITS, 7, IC_ERR_MALFORMED},
        {UINT64_MAX, 7, IC_ERR_MALFORMED},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        memcpy(bytes, p.sealed, FAKE_LEN);
        ic_sframe_header_write(bytes + FAKE_LEN,
                               (struct ic_sframe_header){rows[i].key_id, rows[i].counter});
        struct ic_bytes start = {bytes, sizeof bytes};
        assert_int_equal(ic_frame_plan_open(p.receiver, &plan, start, sizeof bytes, 1),
                         rows[i].want);
    }
    pair_free(&p);
}

TEST(frame_of_a_picture_opens_once_in_each_receiver)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);
    struct ic_frame_receiver *stage = ic_frame_receiver_new(p.bob, IC_CODEC_VP8);

    assert_int_equal(ic_frame_receiver_expect(stage, PAIR_INDEX, IC_STREAM_CAMERA), IC_OK);
    pair_seal(&p, DELTA, sizeof DELTA);
    assert_int_equal(pair_open(&p, &opened), IC_OK);
    assert_int_equal(pair_open(&p, &opened), IC_ERR_REPLAYED);
    assert_int_equal(pair_open_with(stage, &p, &opened, 1), IC_OK);
    assert_int_equal(pair_open_with(stage, &p, &opened, 1), IC_ERR_REPLAYED);
    ic_frame_receiver_free(stage);
    pair_free(&p);
}

/* The server points a second slot at a voice and lets it come later there, or shares it out. */
TEST(voice_that_is_pointed_at_two_slots_is_heard_once)
{
    struct pair p = pair_new(IC_STREAM_MICROPHONE, IC_CODEC_OPUS), old;
    struct ic_frame_receiver *second = ic_frame_receiver_new(p.bob, IC_CODEC_OPUS);

    assert_int_equal(ic_frame_receiver_expect(second, PAIR_INDEX, IC_STREAM_MICROPHONE), IC_OK);
    for (int i = 0; i < 100; i++) {
        pair_seal(&p, VOICE, sizeof VOICE);
        bool first = i % 3 != 0;
        assert_int_equal(first ? pair_open(&p, &opened) : pair_open_with(second, &p, &opened, 1),
                         IC_OK);
        assert_int_equal(first ? pair_open_with(second, &p, &opened, 1) : pair_open(&p, &opened),
                         IC_ERR_REPLAYED);
        if (i == 0)
            old = p;
    }
    assert_int_equal(pair_open_with(second, &old, &opened, 1), IC_ERR_REPLAYED); /* 2 s later */
    ic_frame_receiver_free(second);
    pair_free(&p);
}

TEST(frame_far_behind_what_any_receiver_saw_does_not_open_in_a_new_one)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8), old;
    struct ic_frame_receiver *late = ic_frame_receiver_new(p.bob, IC_CODEC_VP8);

    assert_int_equal(ic_frame_receiver_expect(late, PAIR_INDEX, IC_STREAM_CAMERA), IC_OK);
    pair_seal(&p, DELTA, sizeof DELTA);
    old = p;
    for (int i = 0; i < 600; i++) {
        pair_seal(&p, DELTA, sizeof DELTA);
        assert_int_equal(pair_open(&p, &opened), IC_OK);
    }
    assert_int_equal(pair_open_with(late, &old, &opened, 1), IC_ERR_REPLAYED);
    pair_seal(&p, DELTA, sizeof DELTA);
    assert_int_equal(pair_open_with(late, &p, &opened, 1), IC_OK);
    ic_frame_receiver_free(late);
    pair_free(&p);
}

/* The server starts a second slot of the same stream, keeps the frames of it back, and lets them go
 * when the first has shown all of them. */
TEST(frame_far_behind_what_another_slot_saw_does_not_open_in_one_that_was_kept_waiting)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8), old;
    struct ic_frame_receiver *waiting = ic_frame_receiver_new(p.bob, IC_CODEC_VP8);

    assert_int_equal(ic_frame_receiver_expect(waiting, PAIR_INDEX, IC_STREAM_CAMERA), IC_OK);
    pair_seal(&p, DELTA, sizeof DELTA);
    assert_int_equal(pair_open_with(waiting, &p, &opened, 1), IC_OK);
    pair_seal(&p, DELTA, sizeof DELTA);
    old = p;
    for (int i = 0; i < 600; i++) {
        assert_int_equal(pair_open(&p, &opened), IC_OK);
        pair_seal(&p, DELTA, sizeof DELTA);
    }
    assert_int_equal(pair_open_with(waiting, &old, &opened, 1), IC_ERR_REPLAYED);
    assert_int_equal(pair_open_with(waiting, &p, &opened, 1), IC_OK);
    ic_frame_receiver_free(waiting);
    pair_free(&p);
}

/* Another member of the pair's group, whose picture the slot shows next, and one frame of it. */
static void show_another(struct pair *p, unsigned index)
{
    struct pair other = *p;
    uint8_t base_key[IC_BASE_KEY_LEN];

    pair_base_key(base_key, PAIR_GROUP, p->epoch);
    other.alice = ic_e2ee_new();
    assert_int_equal(ic_e2ee_epoch_install(other.alice, p->epoch, base_key, 0, 0), IC_OK);
    assert_int_equal(ic_e2ee_epoch_send(other.alice, p->epoch, index), IC_OK);
    other.sender = ic_frame_sender_new(other.alice, IC_STREAM_CAMERA, IC_CODEC_VP8);
    pair_seal(&other, DELTA, sizeof DELTA);
    assert_int_equal(ic_frame_receiver_expect(p->receiver, index, IC_STREAM_CAMERA), IC_OK);
    assert_int_equal(pair_open(&other, &opened), IC_OK);
    ic_frame_sender_free(other.sender);
    ic_e2ee_free(other.alice);
}

/* The server points the slot at so many that the first one's window has to go, and back. */
TEST(frame_does_not_open_again_after_its_window_was_driven_out)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8), first;

    pair_seal(&p, DELTA, sizeof DELTA);
    first = p;
    pair_seal(&p, DELTA, sizeof DELTA);
    assert_int_equal(pair_open_with(p.receiver, &first, &opened, 1), IC_OK);
    assert_int_equal(pair_open(&p, &opened), IC_OK);
    for (unsigned i = 0; i < IC_REPLAY_WINDOWS; i++)
        show_another(&p, i < PAIR_INDEX ? i : i + 1);
    assert_int_equal(ic_frame_receiver_expect(p.receiver, PAIR_INDEX, IC_STREAM_CAMERA), IC_OK);
    assert_int_equal(pair_open_with(p.receiver, &first, &opened, 1), IC_ERR_REPLAYED);
    assert_int_equal(pair_open(&p, &opened), IC_ERR_REPLAYED);
    pair_seal(&p, DELTA, sizeof DELTA);
    assert_int_equal(pair_open(&p, &opened), IC_OK);
    pair_free(&p);
}

/* In a browser the body is opened elsewhere, and meanwhile other slots and epochs go on. */
TEST(frame_that_may_be_opened_is_claimed_by_what_is_true_when_it_was)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);
    struct ic_frame_receiver *other = ic_frame_receiver_new(p.bob, IC_CODEC_VP8);
    const uint8_t base_key[IC_BASE_KEY_LEN] = {9};
    struct ic_frame_plan plan;

    assert_int_equal(ic_frame_receiver_expect(other, PAIR_INDEX, IC_STREAM_CAMERA), IC_OK);
    pair_seal(&p, DELTA, sizeof DELTA);
    struct ic_bytes all = {p.sealed, p.sealed_len};
    assert_int_equal(ic_frame_plan_open(p.receiver, &plan, all, all.len, 1), IC_OK);
    assert_int_equal(ic_frame_claim(other, plan.id, plan.serial, 1000, 1), IC_OK);
    assert_int_equal(ic_frame_claim(other, plan.id, plan.serial, 900, 1), IC_OK);
    assert_int_equal(ic_frame_plan_open(p.receiver, &plan, all, all.len, 1), IC_ERR_REPLAYED);
    assert_int_equal(ic_frame_claim(p.receiver, plan.id, plan.serial, 480, 1),
                     IC_ERR_REPLAYED); /* far behind by now */

    /* Another group's key has the same id. */
    ic_e2ee_group_over(p.bob);
    assert_int_equal(ic_e2ee_epoch_install(p.bob, p.epoch, base_key, 1, 0), IC_OK);
    assert_int_equal(ic_frame_claim(p.receiver, plan.id, plan.serial, plan.counter, 1),
                     IC_ERR_NOT_FOUND);
    ic_frame_receiver_free(other);
    pair_free(&p);
}

TEST(frame_of_a_stream_that_the_slot_does_not_show_waits_and_one_it_showed_is_dropped)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);

    pair_seal(&p, DELTA, sizeof DELTA);
    assert_int_equal(ic_frame_receiver_expect(p.receiver, PAIR_INDEX + 1, IC_STREAM_CAMERA), IC_OK);
    assert_int_equal(pair_open(&p, &opened), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_frame_receiver_expect(p.receiver, PAIR_INDEX, IC_STREAM_SCREEN), IC_OK);
    assert_int_equal(pair_open(&p, &opened), IC_ERR_NOT_FOUND);
    ic_frame_receiver_expect_nobody(p.receiver);
    assert_int_equal(pair_open(&p, &opened), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_frame_receiver_expect(p.receiver, PAIR_INDEX, IC_STREAM_CAMERA), IC_OK);
    assert_int_equal(pair_open(&p, &opened), IC_OK);
    pair_free(&p);
}

TEST(receiver_of_a_video_codec_never_shows_a_microphone)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);

    assert_int_equal(ic_frame_receiver_expect(p.receiver, PAIR_INDEX, IC_STREAM_MICROPHONE),
                     IC_ERR_FORBIDDEN);
    pair_seal(&p, DELTA, sizeof DELTA);
    assert_int_equal(pair_open(&p, &opened), IC_OK);
    pair_free(&p);
}

TEST(frame_of_another_group_under_the_expected_key_id_does_not_open)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);
    struct pair mallory = pair_new_of(2, IC_STREAM_CAMERA, IC_CODEC_VP8);

    pair_seal(&mallory, DELTA, sizeof DELTA);
    assert_int_equal(pair_open_with(p.receiver, &mallory, &opened, 1), IC_ERR_FORGED);
    pair_free(&p);
    pair_free(&mallory);
}

/* Layers may have a sender each; they share the key and so the counter. */
TEST(senders_of_one_stream_never_use_a_counter_twice)
{
    enum { SENDERS = 3, FRAMES = 3000 };
    static uint8_t used[FRAMES * 2];
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);
    struct ic_frame_sender *layers[SENDERS];

    memset(used, 0, sizeof used);
    for (int i = 0; i < SENDERS; i++)
        layers[i] = ic_frame_sender_new(p.alice, IC_STREAM_CAMERA, IC_CODEC_VP8);
    for (int i = 0; i < FRAMES; i++) {
        struct ic_sframe_header header;
        size_t len;
        assert_int_equal(ic_frame_seal(layers[i * 7 % SENDERS], p.sealed, &p.sealed_len,
                                       (struct ic_bytes){DELTA, sizeof DELTA}),
                         IC_OK);
        struct ic_bytes rest = {p.sealed + 1, p.sealed_len - 1};
        assert_int_equal(ic_sframe_header_read(&header, &len, rest), IC_OK);
        assert_true(header.counter < sizeof used);
        assert_int_equal(used[header.counter]++, 0);
    }
    for (int i = 0; i < SENDERS; i++)
        ic_frame_sender_free(layers[i]);
    pair_free(&p);
}

TEST(frame_that_is_none_of_its_codec_is_not_sealed)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);

    for (size_t len = 0; len < 3; len++)
        assert_int_equal(
            ic_frame_seal(p.sender, p.sealed, &p.sealed_len, (struct ic_bytes){DELTA, len}),
            IC_ERR_MALFORMED);
    pair_free(&p);
}

RUN_TESTS(cmocka_unit_test(frame_round_trips_with_the_least_overhead_of_its_codec),
          cmocka_unit_test(frame_of_opus_has_one_length_at_a_constant_rate_whatever_is_in_it),
          cmocka_unit_test(frame_of_opus_longer_than_most_makes_all_that_follow_longer),
          cmocka_unit_test(frame_of_opus_at_a_high_rate_fits_into_a_packet),
          cmocka_unit_test(frame_of_opus_without_its_padding_is_malformed),
          cmocka_unit_test(frame_shows_constant_bytes_whatever_the_picture),
          cmocka_unit_test(frame_of_a_constant_picture_has_no_block_twice),
          cmocka_unit_test(frame_with_any_bit_flipped_or_cut_short_does_not_open),
          cmocka_unit_test(frame_says_itself_of_which_codec_it_is_and_whether_it_is_a_key_frame),
          cmocka_unit_test(frame_of_any_codec_with_a_bit_flipped_or_cut_short_does_not_open),
          cmocka_unit_test(frame_of_av1_has_the_size_that_packetisers_write),
          cmocka_unit_test(sender_of_a_picture_takes_no_codec_of_sound),
          cmocka_unit_test(frame_in_the_clear_or_too_short_does_not_open),
          cmocka_unit_test(frame_is_malformed_that_is_short_or_names_what_cannot_be),
          cmocka_unit_test(frame_of_a_picture_opens_once_in_each_receiver),
          cmocka_unit_test(voice_that_is_pointed_at_two_slots_is_heard_once),
          cmocka_unit_test(frame_far_behind_what_any_receiver_saw_does_not_open_in_a_new_one),
          cmocka_unit_test(
              frame_far_behind_what_another_slot_saw_does_not_open_in_one_that_was_kept_waiting),
          cmocka_unit_test(frame_does_not_open_again_after_its_window_was_driven_out),
          cmocka_unit_test(frame_that_may_be_opened_is_claimed_by_what_is_true_when_it_was),
          cmocka_unit_test(
              frame_of_a_stream_that_the_slot_does_not_show_waits_and_one_it_showed_is_dropped),
          cmocka_unit_test(receiver_of_a_video_codec_never_shows_a_microphone),
          cmocka_unit_test(frame_of_another_group_under_the_expected_key_id_does_not_open),
          cmocka_unit_test(senders_of_one_stream_never_use_a_counter_twice),
          cmocka_unit_test(frame_that_is_none_of_its_codec_is_not_sealed))
