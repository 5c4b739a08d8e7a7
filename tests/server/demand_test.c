/* Which layers somebody is asked for, in meetings made by hand. */
#include "server/demand.h"

#include "tests/server/member.h"
#include "tests/test.h"

#define SECOND IC_NS_PER_SEC

TEST(demand_is_for_all_layers_at_first)
{
    struct ic_demand d = {0};

    assert_int_equal(ic_demand_layers(&d), IC_LAYERS);
    assert_false(ic_demand_raise(&d, 1));
    assert_int_equal(ic_demand_layers(&d), IC_LAYERS);
}

TEST(demand_falls_once_layers_were_spare_for_a_while)
{
    struct ic_demand d = {0};

    for (int64_t t = 1; t <= 5; t++)
        assert_false(ic_demand_settle(&d, 1, t * SECOND));
    assert_true(ic_demand_settle(&d, 1, 6 * SECOND));
    assert_int_equal(ic_demand_layers(&d), 1);
    assert_false(ic_demand_settle(&d, 1, 60 * SECOND));
}

TEST(demand_that_is_needed_in_between_waits_anew)
{
    struct ic_demand d = {0};

    assert_false(ic_demand_settle(&d, 2, 1 * SECOND));
    assert_false(ic_demand_settle(&d, 3, 5 * SECOND));
    assert_false(ic_demand_settle(&d, 2, 6 * SECOND));
    assert_false(ic_demand_settle(&d, 2, 10 * SECOND));
    assert_true(ic_demand_settle(&d, 2, 11 * SECOND));
    assert_int_equal(ic_demand_layers(&d), 2);
}

TEST(demand_never_falls_to_nothing)
{
    struct ic_demand d = {0};

    assert_false(ic_demand_settle(&d, 0, 1 * SECOND));
    assert_true(ic_demand_settle(&d, 0, 7 * SECOND));
    assert_int_equal(ic_demand_layers(&d), 1);
}

TEST(demand_rises_at_once)
{
    struct ic_demand d = {.spared = 2};

    assert_true(ic_demand_raise(&d, 3));
    assert_int_equal(ic_demand_layers(&d), 3);
    assert_false(ic_demand_settle(&d, 3, 100 * SECOND));
}

static void take(struct ic_participant *by, const struct ic_participant *of, enum ic_stream stream,
                 uint8_t layer)
{
    by->lines[by->line_count++].point =
        (struct ic_point){.transport = of->transport, .stream = (uint8_t)stream, .layer = layer};
}

TEST(demand_is_what_the_largest_slot_of_all_takes)
{
    static const uint8_t id[IC_ID_LEN] = {1};
    struct ic_meeting *meeting = ic_meeting_new(id);
    struct ic_participant *people[3];

    for (int i = 0; i < 3; i++) {
        people[i] = ic_test_member(meeting, 3);
        people[i]->transport = (uint32_t)(100 + i);
    }
    assert_int_equal(ic_demand_needed(meeting, people[0], IC_STREAM_CAMERA), 0);
    take(people[1], people[0], IC_STREAM_CAMERA, 0);
    take(people[1], people[0], IC_STREAM_SCREEN, 2);
    take(people[2], people[1], IC_STREAM_CAMERA, 2);
    take(people[2], people[0], IC_STREAM_CAMERA, 1);
    assert_int_equal(ic_demand_needed(meeting, people[0], IC_STREAM_CAMERA), 2);
    assert_int_equal(ic_demand_needed(meeting, people[0], IC_STREAM_SCREEN), 3);
    assert_int_equal(ic_demand_needed(meeting, people[2], IC_STREAM_CAMERA), 0);
    ic_meeting_free(meeting);
}

static struct ic_line *give_line(struct ic_participant *p, bool is_slot, const bool more[3])
{
    struct ic_line *line = &p->lines[p->line_count++].line;
    *line = (struct ic_line){.is_slot = is_slot, .codec = IC_CODEC_VP8, .pt = 96};
    line->more_pt[IC_CODEC_VP9] = more[0] ? 98 : 0;
    line->more_pt[IC_CODEC_AV1] = more[1] ? 45 : 0;
    line->more_pt[IC_CODEC_H264] = more[2] ? 108 : 0;
    return line;
}

/* A picture that somebody cannot show is not sent. */
TEST(demand_is_for_the_best_codec_that_everybody_takes)
{
    static const struct {
        const char *what;
        bool sends[3], takes[3], takes_too[3]; /* VP9, AV1, H.264 */
        enum ic_codec codec;
    } rows[] = {
        {"all take all", {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, IC_CODEC_AV1},
        {"one takes no AV1", {1, 1, 1}, {1, 1, 1}, {1, 0, 1}, IC_CODEC_VP9},
        {"one takes neither AV1 nor VP9", {1, 1, 1}, {0, 0, 1}, {1, 1, 1}, IC_CODEC_H264},
        {"one takes the first only", {1, 1, 1}, {0, 0, 0}, {1, 1, 1}, IC_CODEC_VP8},
        {"they have no other in common", {1, 1, 1}, {1, 0, 0}, {0, 1, 1}, IC_CODEC_VP8},
        {"the sender has none else", {0, 0, 0}, {1, 1, 1}, {1, 1, 1}, IC_CODEC_VP8},
        {"the sender has no AV1", {1, 0, 1}, {1, 1, 1}, {1, 1, 1}, IC_CODEC_VP9},
        {"the sender has H.264 alone", {0, 0, 1}, {1, 1, 1}, {1, 1, 1}, IC_CODEC_H264},
    };
    static const bool none[3] = {false}, all[3] = {true, true, true};
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        static const uint8_t id[IC_ID_LEN] = {1};
        struct ic_meeting *meeting = ic_meeting_new(id);
        struct ic_participant *people[3];
        for (int k = 0; k < 3; k++)
            people[k] = ic_test_member(meeting, 3);
        const struct ic_line *line = give_line(people[0], false, rows[i].sends);
        give_line(people[0], true, none); /* who sends does not watch it */
        give_line(people[1], true, rows[i].takes);
        give_line(people[2], true, all);
        give_line(people[2], true, rows[i].takes_too);
        CHECK_ROW(rows[i].what, ic_demand_codec(meeting, people[0], line) == rows[i].codec);
        ic_meeting_free(meeting);
    }
}

TEST(demand_begins_anew_with_the_stream_and_with_the_path)
{
    static const struct ic_msg_live CAMERA = {.stream = IC_STREAM_CAMERA};
    struct ic_participant p = {0};

    assert_int_equal(ic_participant_set_live(&p, &CAMERA, 1), IC_OK);
    p.demand[IC_STREAM_CAMERA].spared = 2;
    assert_int_equal(ic_participant_set_live(&p, &CAMERA, 1), IC_OK);
    assert_int_equal(ic_demand_layers(&p.demand[IC_STREAM_CAMERA]), 1);
    assert_int_equal(ic_participant_set_live(&p, NULL, 0), IC_OK);
    assert_int_equal(ic_participant_set_live(&p, &CAMERA, 1), IC_OK);
    assert_int_equal(ic_demand_layers(&p.demand[IC_STREAM_CAMERA]), IC_LAYERS);
    p.demand[IC_STREAM_CAMERA].spared = 2;
    ic_participant_lose_path(&p);
    assert_int_equal(ic_demand_layers(&p.demand[IC_STREAM_CAMERA]), IC_LAYERS);
}

RUN_TESTS(cmocka_unit_test(demand_is_for_all_layers_at_first),
          cmocka_unit_test(demand_falls_once_layers_were_spare_for_a_while),
          cmocka_unit_test(demand_that_is_needed_in_between_waits_anew),
          cmocka_unit_test(demand_never_falls_to_nothing), cmocka_unit_test(demand_rises_at_once),
          cmocka_unit_test(demand_is_what_the_largest_slot_of_all_takes),
          cmocka_unit_test(demand_is_for_the_best_codec_that_everybody_takes),
          cmocka_unit_test(demand_begins_anew_with_the_stream_and_with_the_path))
