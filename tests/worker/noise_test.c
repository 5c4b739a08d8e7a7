/* SEC-01: what the worker decides depends on nothing that is encrypted end to end. The same packets
 * go through a test build of the worker twice; the second time it replaces every byte that a sealed
 * frame hides by noise before it looks at the packet. Receivers must see the same. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/test.h"
#include "tests/worker/rig.h"

enum { ROOM = 1, SSRC = 1111, SLOT_SSRC = 50000, FRAMES = 40, HIDDEN_LEN = 500, SEEN_MAX = 256 };

/* What a receiver can tell of a packet without the end-to-end keys. */
struct seen {
    uint32_t ssrc, timestamp;
    uint16_t seq; /* this and the timestamp from the first of their stream */
    uint8_t pt;
    bool marker;
    size_t len;
    uint8_t front[6]; /* payload descriptor and first byte of the constant header */
};

struct run {
    size_t count, noisy;
    struct seen seen[SEEN_MAX];
};

static struct rig rig;
static char record[] = "/tmp/incamera-noise-XXXXXX";

static void send_packet(struct peer *from, uint32_t seq, bool start, bool key, bool last)
{
    uint8_t payload[5 + HIDDEN_LEN] = {start ? 0x90 : 0x80, 0x80, 0x80, (uint8_t)(seq / 2)};

    memset(payload + 4, 0xEE, sizeof payload - 4);
    if (start)
        payload[4] = key ? 0x10 : 0x11;
    rig_send(&rig, from,
             &(struct rig_packet){.mid = "1",
                                  .pt = VIDEO_PT,
                                  .marker = last,
                                  .ssrc = SSRC,
                                  .seq = seq,
                                  .timestamp = seq / 2 * 3000,
                                  .payload = {payload, sizeof payload - (last ? 100 : 0)}});
}

/* Frames of two packets; some are lost, some of those are asked for and come again. */
static void send_media(struct peer *from, struct peer *to)
{
    uint8_t bytes[64];
    struct ic_rtp got;

    for (uint32_t frame = 0; frame < FRAMES; frame++) {
        bool key = frame % 10 == 3;
        send_packet(from, 2 * frame, true, key, false);
        if (frame % 8 != 6)
            send_packet(from, 2 * frame + 1, false, key, true);
        rig_pump(&rig, 5);
        if (rig_find(to, SLOT_SSRC, &got, 1) == 1 && frame % 16 == 15) {
            struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
            ic_rtcp_write_rr(&w, 1, NULL, 0);
            ic_rtcp_write_nack(&w, 1, SLOT_SSRC, (uint16_t[]){(uint16_t)(got.seq + frame)}, 1);
            rig_send_rtcp(&rig, to, ic_written(&w));
        }
    }
    rig_pump(&rig, 300);
}

static void look(struct run *run, const struct peer *to, uint32_t ssrc)
{
    static struct ic_rtp got[GOT_MAX];
    size_t count = rig_find(to, ssrc, got, GOT_MAX);

    for (size_t i = 0; i < count; i++) {
        size_t osn = ssrc == SLOT_SSRC ? 0 : 2;
        struct ic_bytes p = {got[i].payload.at + osn, got[i].payload.len - osn};
        struct seen *s = &run->seen[run->count++];
        *s = (struct seen){.ssrc = got[i].ssrc,
                           .timestamp = got[i].timestamp - got[0].timestamp,
                           .seq = (uint16_t)(got[i].seq - got[0].seq),
                           .pt = got[i].pt,
                           .marker = got[i].marker,
                           .len = p.len};
        s->front[0] = p.at[0];
        if (p.at[0] & 0x10) /* a frame begins: the header is in the clear */
            s->front[1] = p.at[4];
        run->noisy += p.at[p.len - 1] != 0xEE;
    }
}

static void carry(struct run *run)
{
    struct ic_line send = rig_video_line("1"), slot = rig_slot("a", IC_CODEC_VP8, SLOT_SSRC);

    memset(run, 0, sizeof *run);
    rig_program = TAP_PROGRAM;
    rig_start(&rig, NULL);
    struct peer *from = rig_add(&rig, ROOM, &send, 1), *to = rig_add(&rig, ROOM, &slot, 1);
    rig_connect(&rig, from);
    rig_connect(&rig, to);
    rig_point(&rig, to, 0, from, IC_STREAM_CAMERA, 2);
    rig_pump(&rig, 100);
    send_media(from, to);
    look(run, to, SLOT_SSRC);
    look(run, to, SLOT_SSRC + 1);
    assert_int_equal(rig_stop(&rig), 0);
}

static void carry_both(struct run *plain, struct run *noise)
{
    unsetenv("INCAMERA_PAYLOAD_NOISE");
    carry(plain);
    setenv("INCAMERA_PAYLOAD_NOISE", "1", 1);
    carry(noise);
    unsetenv("INCAMERA_PAYLOAD_NOISE");
    assert_true(plain->count > FRAMES);
    assert_int_equal(plain->noisy, 0);
    assert_true(noise->noisy > noise->count * 9 / 10); /* one in 256 is right by chance */
}

static bool same(const struct run *a, const struct run *b)
{
    return a->count == b->count && memcmp(a->seen, b->seen, sizeof a->seen) == 0;
}

/* The worker does look at the time: a machine that stands still in one of the two makes a
 * difference, but not in every pair. What looked at a hidden byte would. */
TEST(worker_decides_the_same_when_every_hidden_byte_is_noise)
{
    static struct run plain, noise;

    unsetenv("INCAMERA_PAYLOAD_TAP");
    for (int tries = 0; tries < 4 && (tries == 0 || !same(&plain, &noise)); tries++)
        carry_both(&plain, &noise);
    assert_int_equal(plain.count, noise.count);
    assert_memory_equal(plain.seen, noise.seen, sizeof plain.seen);
}

TEST(worker_records_every_payload_that_it_handles)
{
    static struct run run;
    uint8_t head[5], payload[1500];
    size_t records = 0;
    int fd = mkstemp(record);

    assert_true(fd >= 0);
    close(fd);
    setenv("INCAMERA_PAYLOAD_TAP", record, 1);
    carry(&run);
    unsetenv("INCAMERA_PAYLOAD_TAP");
    FILE *f = fopen(record, "rb");
    assert_non_null(f);
    while (fread(head, 1, sizeof head, f) == sizeof head) {
        size_t len = (size_t)head[2] << 8 | head[3];
        assert_int_equal(head[4], VIDEO_PT);
        assert_true(len <= sizeof payload);
        assert_int_equal(fread(payload, 1, len, f), len);
        assert_int_equal(payload[len - 1], 0xEE);
        records++;
    }
    fclose(f);
    unlink(record);
    assert_int_equal(records, 2 * FRAMES - FRAMES / 8);
}

RUN_TESTS(cmocka_unit_test(worker_decides_the_same_when_every_hidden_byte_is_noise),
          cmocka_unit_test(worker_records_every_payload_that_it_handles))
