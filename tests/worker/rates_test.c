/* A shared screen with three rates of pictures under one SSRC, to people whose paths carry all of
 * it, part of it, or too little: rates are left out before the picture is. */
#include <stdio.h>

#include "tests/test.h"
#include "tests/worker/virtual.h"

enum {
    SCREEN_SSRC = 7,
    VOICE_SSRC = 8,
    SLOT_SSRC = 0xA0,
    VOICE_SLOT_SSRC = 0xB0,
    PICTURE_LEN = 1000, /* at 50 a second: 400 kb/s, of which the lowest rate has a quarter */
    PICTURE_MS = 20,
    SECONDS = 20,
};

static struct virtual_world v;
static struct person *sharer, *talker, *viewer;
static uint64_t carries; /* what the viewer's REMB says */
static uint16_t picture;

/* RFC 7741 section 4.2: a picture id of 15 bits, TL0PICIDX, and the rates 0 2 1 2 in turn; who is
 * one rate below may go up at each of 1, and at the first of 2 behind it. */
static void send_picture(void)
{
    static const uint8_t rates[] = {0, 2, 1, 2};
    static uint8_t tl0;
    uint8_t rate = rates[picture % IC_COUNT(rates)];
    bool key = picture % 100 == 0, sync = rate == 1 || picture % IC_COUNT(rates) == 1;
    uint8_t front[] = {0x90,
                       0xE0,
                       (uint8_t)(0x80 | picture >> 8),
                       (uint8_t)picture,
                       tl0 = (uint8_t)(tl0 + (rate == 0)),
                       (uint8_t)(rate << 6 | sync << 5),
                       key ? 0x10 : 0x11};
    picture++;
    virtual_send_with(&v, sharer, VIRTUAL_VIDEO_PT, SCREEN_SSRC,
                      (struct ic_bytes){front, sizeof front}, PICTURE_LEN);
}

/* draft-alvestrand-rmcat-remb-03 section 2.2; behind an empty receiver report. */
static void send_remb(void)
{
    uint8_t bytes[64];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    uint32_t mantissa = (uint32_t)(carries >> 4);

    ic_rtcp_write_rr(&w, 1, NULL, 0);
    ic_write_uint(&w, 0x8FCE0005, 4);
    ic_write_uint(&w, 1, 4);
    ic_write_uint(&w, 0, 4);
    ic_write_bytes(&w, ic_bytes_of_text("REMB"));
    ic_write_uint(&w, 0x01000000 | 4u << 18 | mantissa, 4);
    ic_write_uint(&w, SLOT_SSRC, 4);
    virtual_report(&v, viewer, ic_written(&w));
}

static void send_all(struct virtual_world *world, uint32_t step)
{
    (void)world;
    if (step % PICTURE_MS != 0)
        return;
    send_picture();
    virtual_send(&v, talker, VIRTUAL_VOICE_PT, VOICE_SSRC, 80);
    if (step % 100 == 0)
        send_remb();
}

/* What share of the pictures comes over a path that carries so much, in the long run. */
static double share_of_pictures(uint64_t bps, double *voices)
{
    static struct ic_twcc_receiver twcc;
    struct ic_line screen = virtual_send_line(IC_STREAM_SCREEN);
    struct ic_line voice = virtual_send_line(IC_STREAM_MICROPHONE);
    struct ic_line slots[] = {virtual_slot(IC_STREAM_SCREEN, SLOT_SSRC),
                              virtual_slot(IC_STREAM_MICROPHONE, VOICE_SLOT_SSRC)};

    slots[0].ext[IC_EXT_TWCC] = slots[1].ext[IC_EXT_TWCC] = VIRTUAL_TWCC_ID;
    carries = bps;
    picture = 0;
    memset(&twcc, 0, sizeof twcc);
    virtual_start(&v);
    sharer = virtual_join(&v, 1, &screen, 1);
    talker = virtual_join(&v, 1, &voice, 1);
    viewer = virtual_join(&v, 1, slots, 2);
    virtual_report_arrivals(viewer, &twcc);
    virtual_connect(&v, NULL);
    virtual_point(&v, viewer, 0, sharer, IC_STREAM_SCREEN);
    virtual_point(&v, viewer, 1, talker, IC_STREAM_MICROPHONE);
    virtual_run(&v, SECONDS * 1000, send_all);
    uint32_t pictures = virtual_got(viewer, SLOT_SSRC),
             heard = virtual_got(viewer, VOICE_SLOT_SSRC);
    uint16_t newest = virtual_newest(viewer, SLOT_SSRC);
    virtual_run(&v, SECONDS * 1000, send_all);
    pictures = virtual_got(viewer, SLOT_SSRC) - pictures;
    *voices = (double)(virtual_got(viewer, VOICE_SLOT_SSRC) - heard) * PICTURE_MS / SECONDS / 1000;
    assert_int_equal((uint16_t)(virtual_newest(viewer, SLOT_SSRC) - newest), pictures);
    virtual_stop(&v);
    return (double)pictures * PICTURE_MS / SECONDS / 1000;
}

TEST(worker_leaves_rates_out_before_the_picture_and_no_numbers_with_them)
{
    static const struct {
        const char *what;
        uint64_t bps;
        double least, most;
    } rows[] = {
        {"a path for all", 2000000, 0.99, 1.01},
        {"a path for half", 360000, 0.49, 0.51},
        {"a path for a quarter", 220000, 0.24, 0.26},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        double voices, share = share_of_pictures(rows[i].bps, &voices);
        printf("# %s: %.2f of the pictures, %.2f of the voice\n", rows[i].what, share, voices);
        CHECK_ROW(rows[i].what, share >= rows[i].least && share <= rows[i].most);
        CHECK_ROW(rows[i].what, voices >= 0.99 && voices <= 1.01);
    }
}

RUN_TESTS(cmocka_unit_test(worker_leaves_rates_out_before_the_picture_and_no_numbers_with_them))
