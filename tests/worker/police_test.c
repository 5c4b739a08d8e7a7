/* How much of each kind of traffic one client gets carried. */
#include "worker/police.h"

#include "tests/test.h"

enum { VOICE_PT = 111, VIDEO_PT = 96, RTX_PT = 97 };

static const struct ic_line lines[] = {
    {.codec = IC_CODEC_OPUS, .pt = VOICE_PT},
    {.codec = IC_CODEC_VP8, .pt = VIDEO_PT, .rtx_pt = RTX_PT},
    {.codec = IC_CODEC_VP8, .pt = VIDEO_PT, .rtx_pt = RTX_PT, .is_slot = true},
};

/* Packets that pass of those sent at `rate` a second for `seconds`. */
static uint32_t passed(struct ic_police *p, enum ic_traffic traffic, size_t len, uint32_t rate,
                       int64_t seconds)
{
    int64_t end = 5 * IC_NS_PER_SEC + seconds * IC_NS_PER_SEC;
    uint32_t count = 0;

    for (int64_t now = 5 * IC_NS_PER_SEC; now < end; now += IC_NS_PER_SEC / rate)
        count += ic_police_admit(p, traffic, len, now);
    return count;
}

TEST(police_carries_the_grant_of_each_kind_and_a_burst)
{
    static const struct {
        const char *what;
        enum ic_traffic traffic;
        size_t len;
        uint32_t rate, burst; /* packets */
    } rows[] = {
        {"sound", IC_TRAFFIC_SOUND, 1000, 80, 80},
        {"small packets of sound", IC_TRAFFIC_SOUND, 30, 200, 200},
        {"pictures", IC_TRAFFIC_PICTURES, 1000, 1000, 1000},
        {"small packets of pictures", IC_TRAFFIC_PICTURES, 30, 1250, 1250},
        {"reports", IC_TRAFFIC_REPORTS, 80, 1000, 1000},
        {"checks", IC_TRAFFIC_CHECKS, 100, 50, 100},
        {"handshakes", IC_TRAFFIC_HANDSHAKES, 1200, 16, 64},
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_police p;
        ic_police_init(&p, lines, IC_COUNT(lines));
        uint32_t most = 10 * rows[i].rate + rows[i].burst;
        uint32_t got = passed(&p, rows[i].traffic, rows[i].len, 20000, 10);
        CHECK_ROW(rows[i].what, got >= most - 2 && got <= most + 1);
        ic_police_init(&p, lines, IC_COUNT(lines));
        got = passed(&p, rows[i].traffic, rows[i].len, rows[i].rate, 10);
        CHECK_ROW(rows[i].what, got >= 10 * rows[i].rate);
    }
}

TEST(police_gives_each_line_its_share_and_slots_none)
{
    struct ic_police one, two;
    const struct ic_line both[] = {lines[1], lines[1], lines[2]};

    ic_police_init(&one, lines, IC_COUNT(lines));
    ic_police_init(&two, both, IC_COUNT(both));
    uint32_t single = passed(&one, IC_TRAFFIC_PICTURES, 1000, 20000, 4);
    assert_in_range(passed(&two, IC_TRAFFIC_PICTURES, 1000, 20000, 4), 2 * single - 4,
                    2 * single + 4);
}

static bool admit_rtp(struct ic_police *p, struct ic_bytes packet, int64_t now)
{
    return ic_police_admit(p, ic_police_traffic(p, packet), packet.len, now);
}

/* Pictures must not use up the sound's share. */
TEST(police_tells_sound_from_pictures_by_the_payload_type)
{
    static const uint8_t voice[100] = {0x80, VOICE_PT}, video[1200] = {0x80, 0x80 | VIDEO_PT},
                         again[1200] = {0x80, RTX_PT}, unknown[1200] = {0x80, 1};
    struct ic_police p;

    ic_police_init(&p, lines, IC_COUNT(lines));
    for (int i = 0; i < 3000; i++)
        (void)admit_rtp(&p, (struct ic_bytes){video, sizeof video}, IC_NS_PER_SEC);
    assert_false(admit_rtp(&p, (struct ic_bytes){video, sizeof video}, IC_NS_PER_SEC));
    assert_false(admit_rtp(&p, (struct ic_bytes){again, sizeof again}, IC_NS_PER_SEC));
    for (int i = 0; i < 200; i++)
        assert_true(admit_rtp(&p, (struct ic_bytes){voice, sizeof voice}, IC_NS_PER_SEC));
    assert_false(admit_rtp(&p, (struct ic_bytes){unknown, sizeof unknown}, IC_NS_PER_SEC));
}

RUN_TESTS(cmocka_unit_test(police_carries_the_grant_of_each_kind_and_a_burst),
          cmocka_unit_test(police_gives_each_line_its_share_and_slots_none),
          cmocka_unit_test(police_tells_sound_from_pictures_by_the_payload_type))
