/* Which offers are taken, and what becomes of their lines. */
#include "server/connection.h"

#include "tests/test.h"

static struct ic_message offer(void)
{
    struct ic_message m = {.type = IC_MSG_CONNECT};
    m.connect.connection = 1;
    m.connect.line_count = 4;
    m.connect.lines[0] = (struct ic_msg_line){.mid = "0",
                                              .is_send = true,
                                              .stream = IC_STREAM_MICROPHONE,
                                              .codec = IC_CODEC_OPUS,
                                              .has_red = true,
                                              .pt = 111,
                                              .red = 111,
                                              .ext = {[IC_EXT_MID] = 4, [IC_EXT_TWCC] = 3}};
    m.connect.lines[1] = (struct ic_msg_line){
        .mid = "1",
        .is_send = true,
        .has_rtx = true,
        .stream = IC_STREAM_CAMERA,
        .codec = IC_CODEC_VP8,
        .pt = 96,
        .rtx = 97,
        .layers = 7,
        .ext = {[IC_EXT_MID] = 4, [IC_EXT_TWCC] = 3, [IC_EXT_RID] = 10, [IC_EXT_RRID] = 11}};
    m.connect.lines[2] = (struct ic_msg_line){.mid = "2",
                                              .is_slot = true,
                                              .slot = IC_SLOT_VOICE,
                                              .codec = IC_CODEC_OPUS,
                                              .has_red = true,
                                              .pt = 111,
                                              .red = 63,
                                              .ext = {[IC_EXT_MID] = 4, [IC_EXT_TWCC] = 3}};
    m.connect.lines[3] = (struct ic_msg_line){
        .mid = "3",
        .is_slot = true,
        .slot = IC_SLOT_TILE,
        .has_rtx = true,
        .codec = IC_CODEC_VP8,
        .pt = 96,
        .rtx = 97,
        .ext = {[IC_EXT_MID] = 4, [IC_EXT_TWCC] = 3, [IC_EXT_ORIENTATION] = 7}};
    return m;
}

static void same_mid(struct ic_message *m)
{
    strcpy(m->connect.lines[3].mid, "0");
}
static void same_stream(struct ic_message *m)
{
    m->connect.lines[0] = m->connect.lines[1];
    strcpy(m->connect.lines[0].mid, "0");
}
static void voice_as_vp8(struct ic_message *m)
{
    m->connect.lines[2].codec = IC_CODEC_VP8;
}
static void camera_as_opus(struct ic_message *m)
{
    m->connect.lines[1].codec = IC_CODEC_OPUS;
}
static void rtx_like_pt(struct ic_message *m)
{
    m->connect.lines[1].rtx = 96;
}
static void rtx_of_none(struct ic_message *m)
{
    m->connect.lines[1].rtx = 0;
}
static void rtx_of_rtcp(struct ic_message *m)
{
    m->connect.lines[1].rtx = 95;
}
static void codec_twice(struct ic_message *m)
{
    m->connect.lines[3].more_pt[IC_CODEC_VP8] = 98;
}
static void red_like_pt(struct ic_message *m)
{
    m->connect.lines[2].red = 111;
}
static void red_of_rtcp(struct ic_message *m)
{
    m->connect.lines[2].red = 72;
}
static void red_pictures(struct ic_message *m)
{
    m->connect.lines[1].has_red = true;
    m->connect.lines[1].red = 63;
}
static void pt_of_rtcp(struct ic_message *m)
{
    m->connect.lines[1].pt = 72;
}
static void more_like_pt(struct ic_message *m)
{
    m->connect.lines[3].more_pt[IC_CODEC_VP9] = m->connect.lines[3].pt;
}
static void more_of_rtcp(struct ic_message *m)
{
    m->connect.lines[3].more_pt[IC_CODEC_AV1] = 72;
}
static void only_more_rtx(struct ic_message *m)
{
    m->connect.lines[3].more_rtx[IC_CODEC_AV1] = 46;
}
static void voice_as_av1(struct ic_message *m)
{
    m->connect.lines[2].more_pt[IC_CODEC_AV1] = 45;
}
static void layers_of_two_codecs(struct ic_message *m)
{
    m->connect.lines[1].layers = 7;
    m->connect.lines[1].more_pt[IC_CODEC_AV1] = 45;
}
static void no_lines(struct ic_message *m)
{
    m->connect.line_count = 0;
}
static void too_many_slots(struct ic_message *m)
{
    for (m->connect.line_count = 0; m->connect.line_count < IC_SLOTS_MAX + 1;) {
        uint32_t i = m->connect.line_count++;
        struct ic_message good = offer();
        m->connect.lines[i] = good.connect.lines[2];
        m->connect.lines[i].mid[0] = (char)('A' + i % 26);
        m->connect.lines[i].mid[1] = (char)('A' + i / 26);
    }
}

TEST(connection_refuses_each_offer_that_does_not_fit_together)
{
    static const struct {
        const char *what;
        void (*damage)(struct ic_message *m);
    } rows[] = {
        {"a mid twice", same_mid},
        {"a stream twice", same_stream},
        {"a voice slot with VP8", voice_as_vp8},
        {"a camera with Opus", camera_as_opus},
        {"retransmission with the same type", rtx_like_pt},
        {"retransmission with no type", rtx_of_none},
        {"retransmission with a type that means RTCP", rtx_of_rtcp},
        {"a codec twice", codec_twice},
        {"a slot whose copies have the same type", red_like_pt},
        {"copies with a type that means RTCP", red_of_rtcp},
        {"copies of pictures", red_pictures},
        {"a type that means RTCP", pt_of_rtcp},
        {"two codecs with one type", more_like_pt},
        {"another codec with a type that means RTCP", more_of_rtcp},
        {"retransmission of a codec that is not there", only_more_rtx},
        {"voice in a codec of pictures", voice_as_av1},
        {"layers in two codecs", layers_of_two_codecs},
        {"no lines", no_lines},
        {"33 slots", too_many_slots},
    };
    struct ic_message m = offer();

    assert_true(ic_connection_is_good(&m));
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        m = offer();
        rows[i].damage(&m);
        CHECK_ROW(rows[i].what, !ic_connection_is_good(&m));
    }
}

TEST(connection_gives_slots_ssrcs_and_takes_up_only_what_it_uses)
{
    static struct ic_participant p;
    struct ic_message m = offer();

    ic_connection_take(&p, &m);
    assert_int_equal(p.connection, 1);
    assert_int_equal(p.line_count, 4);
    assert_int_equal(p.lines[0].line.ssrc, 0);
    assert_int_equal(p.lines[0].line.ext[IC_EXT_TWCC], 3);
    assert_int_equal(p.lines[2].line.ext[IC_EXT_TWCC], 3);
    assert_int_equal(p.lines[2].line.ext[IC_EXT_RID], 0);
    assert_int_equal(p.lines[3].line.ext[IC_EXT_ORIENTATION], 7);
    assert_int_not_equal(p.lines[2].line.ssrc, 0);
    assert_int_equal(p.lines[2].line.rtx_ssrc, 0);
    assert_int_equal(p.lines[0].line.red_pt, 111);
    assert_int_equal(p.lines[2].line.red_pt, 63);
    assert_int_not_equal(p.lines[3].line.rtx_ssrc, 0);
    assert_int_not_equal(p.lines[3].line.rtx_ssrc, p.lines[3].line.ssrc);
    assert_int_equal(p.lines[3].slot, IC_SLOT_TILE);
}

TEST(connection_credentials_are_long_enough_new_and_of_ice_characters)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct ic_ice_credentials a, b;

    ic_connection_credentials(&a);
    ic_connection_credentials(&b);
    assert_true(strlen(a.ufrag) >= 4 && strlen(a.pwd) >= 22); /* RFC 8839 section 5.4 */
    assert_int_equal(strspn(a.ufrag, allowed), strlen(a.ufrag));
    assert_int_equal(strspn(a.pwd, allowed), strlen(a.pwd));
    assert_string_not_equal(a.ufrag, b.ufrag);
    assert_string_not_equal(a.pwd, b.pwd);
}

RUN_TESTS(cmocka_unit_test(connection_refuses_each_offer_that_does_not_fit_together),
          cmocka_unit_test(connection_gives_slots_ssrcs_and_takes_up_only_what_it_uses),
          cmocka_unit_test(connection_credentials_are_long_enough_new_and_of_ice_characters))
