/* Who is heard and seen where, for meetings made by hand. */
#include "server/slots.h"

#include <stdio.h>

#include "tests/server/member.h"
#include "tests/test.h"

enum { PEOPLE = 6 };

static struct ic_meeting *meeting;
static struct ic_participant *people[PEOPLE];

static struct ic_path_line *add_line(struct ic_participant *p, bool is_slot, int which)
{
    struct ic_path_line *line = &p->lines[p->line_count];
    *line = (struct ic_path_line){.line = {.is_slot = is_slot}};
    snprintf(line->line.mid, sizeof line->line.mid, "%u", p->line_count++);
    if (is_slot)
        line->slot = (uint8_t)which;
    else
        line->line.stream = (uint8_t)which;
    bool audio = is_slot ? which == IC_SLOT_VOICE || which == IC_SLOT_SCREEN_AUDIO
                         : which == IC_STREAM_MICROPHONE || which == IC_STREAM_SCREEN_AUDIO;
    line->line.codec = audio ? IC_CODEC_OPUS : IC_CODEC_VP8;
    return line;
}

/* Lines 0 to 3 send; 4 and 5 are voices, 6 is screen sound, 7 the stage, 8 a tile. */
enum { VOICE = 4, VOICE_2, SCREEN_AUDIO, STAGE, TILE };

static int make_meeting(void **state)
{
    static const uint8_t id[IC_ID_LEN] = {1};
    (void)state;

    meeting = ic_meeting_new(id);
    for (int i = 0; i < PEOPLE; i++) {
        struct ic_participant *p = ic_test_member(meeting, PEOPLE);
        p->transport = (uint32_t)(100 + i);
        for (int stream = 0; stream < IC_STREAMS; stream++)
            add_line(p, false, stream);
        add_line(p, true, IC_SLOT_VOICE);
        add_line(p, true, IC_SLOT_VOICE);
        add_line(p, true, IC_SLOT_SCREEN_AUDIO);
        add_line(p, true, IC_SLOT_STAGE);
        add_line(p, true, IC_SLOT_TILE);
        p->lines[IC_STREAM_CAMERA].line.layers = 7;
        people[i] = p;
    }
    return 0;
}

static int end_meeting(void **state)
{
    (void)state;
    ic_meeting_free(meeting);
    return 0;
}

/* Assigns and keeps, as the server does. */
static void assign_at(struct ic_participant *p, int64_t now)
{
    struct ic_point points[IC_LINES_MAX];
    struct ic_slots_heard heard;

    ic_slots_find_heard(&heard, meeting);
    ic_slots_assign(points, meeting, &heard, p, now);
    for (uint32_t i = 0; i < p->line_count; i++) {
        if (points[i].transport != p->lines[i].point.transport)
            p->lines[i].shown_since = now;
        p->lines[i].point = points[i];
    }
}

static void assign(struct ic_participant *p)
{
    assign_at(p, 0);
}

/* Whose stream line `line` of `p` shows: a place in `people`, or -1. */
static int shown(const struct ic_participant *p, int line)
{
    uint32_t transport = p->lines[line].point.transport;
    for (int i = 0; transport != 0 && i < PEOPLE; i++)
        if (transport == people[i]->transport)
            return i;
    return -1;
}

static void open_microphones(int first, int last)
{
    for (int i = first; i <= last; i++)
        people[i]->live[IC_STREAM_MICROPHONE] = true;
}

static void speak(int who, int64_t at)
{
    people[who]->speaking = true;
    people[who]->spoke_at = at;
}

static void show(struct ic_participant *p, int line, int who, enum ic_stream stream,
                 uint32_t height)
{
    struct ic_msg_show *wish = &p->wishes[p->wish_count++];
    *wish = (struct ic_msg_show){.stream = stream, .height = height};
    snprintf(wish->mid, sizeof wish->mid, "%d", line);
    memcpy(wish->participant, people[who]->id, IC_ID_LEN);
}

TEST(slots_are_empty_while_nothing_is_live)
{
    assign(people[0]);
    for (uint32_t i = 0; i < people[0]->line_count; i++)
        assert_int_equal(people[0]->lines[i].point.transport, 0);
}

/* Browsers keep the first voice and the first tile in step, and so on. */
TEST(slots_of_voices_are_filled_beside_the_own_picture_and_not_beside_a_strangers)
{
    show(people[0], TILE, 2, IC_STREAM_CAMERA, 360); /* the only tile, beside the first voice */
    people[2]->live[IC_STREAM_CAMERA] = true;
    open_microphones(1, 1);
    assign(people[0]);
    assert_int_equal(shown(people[0], VOICE), -1);
    assert_int_equal(shown(people[0], VOICE_2), 1);

    open_microphones(2, 2);
    assign(people[0]);
    assert_int_equal(shown(people[0], VOICE), 2);
    assert_int_equal(shown(people[0], VOICE_2), 1);
}

/* A voice is worth more than being in step. */
TEST(slots_of_voices_are_filled_beside_a_stranger_where_no_other_is_free_and_stay_so)
{
    show(people[0], TILE, 3, IC_STREAM_CAMERA, 360);
    people[3]->live[IC_STREAM_CAMERA] = true;
    open_microphones(1, 2);
    assign(people[0]);
    assert_int_equal(shown(people[0], VOICE_2), 1);
    assert_int_equal(shown(people[0], VOICE), 2);
    show(people[0], TILE, 1, IC_STREAM_CAMERA, 360);
    assign(people[0]);
    assert_int_equal(shown(people[0], VOICE_2), 1);
}

TEST(slots_of_listeners_look_at_nobody_but_who_is_heard)
{
    struct ic_slots_heard heard;

    open_microphones(1, 2);
    people[3]->live[IC_STREAM_SCREEN_AUDIO] = true;
    people[4]->live[IC_STREAM_CAMERA] = true;
    people[5]->live[IC_STREAM_MICROPHONE] = true;
    people[5]->transport = 0;
    ic_slots_find_heard(&heard, meeting);
    assert_int_equal(heard.count, 3);
    for (int i = 0; i < 3; i++)
        assert_ptr_equal(heard.who[i], people[1 + i]);
}

TEST(slots_let_nobody_hear_themselves)
{
    open_microphones(0, 1);
    assign(people[0]);
    assert_int_equal(shown(people[0], VOICE), 1);
    assert_int_equal(shown(people[0], VOICE_2), -1);
}

TEST(slots_keep_a_voice_where_it_is_when_others_come_and_go)
{
    open_microphones(2, 2);
    assign(people[0]);
    open_microphones(1, 1);
    assign(people[0]);
    assert_int_equal(shown(people[0], VOICE), 2);
    assert_int_equal(shown(people[0], VOICE_2), 1);
    people[2]->live[IC_STREAM_MICROPHONE] = false;
    open_microphones(3, 3);
    assign(people[0]);
    assert_int_equal(shown(people[0], VOICE), 3);
    assert_int_equal(shown(people[0], VOICE_2), 1);
}

TEST(slots_give_way_to_who_speaks_when_there_are_too_few)
{
    open_microphones(1, 5);
    assign(people[0]);
    assert_int_equal(shown(people[0], VOICE), 1);
    assert_int_equal(shown(people[0], VOICE_2), 2);
    speak(5, 10);
    assign(people[0]);
    assert_int_equal(shown(people[0], VOICE), 1); /* who joined first stays */
    assert_int_equal(shown(people[0], VOICE_2), 5);
}

TEST(slots_do_not_replace_a_speaker_by_another_at_once)
{
    open_microphones(1, 5);
    speak(4, 10);
    speak(5, 20);
    assign(people[0]);
    speak(3, 30);
    assign(people[0]);
    bool both = (shown(people[0], VOICE) == 4 && shown(people[0], VOICE_2) == 5) ||
                (shown(people[0], VOICE) == 5 && shown(people[0], VOICE_2) == 4);
    assert_true(both);
}

TEST(slots_give_way_to_a_speaker_where_the_silence_is_longest)
{
    open_microphones(1, 3);
    people[1]->spoke_at = 20; /* silent since */
    people[2]->spoke_at = 10;
    assign(people[0]);
    speak(3, 30);
    assign(people[0]);
    assert_int_equal(shown(people[0], VOICE), 1);
    assert_int_equal(shown(people[0], VOICE_2), 3);
}

TEST(slots_give_a_turn_to_who_has_spoken_unheard_for_long_enough)
{
    const int64_t turn = IC_SLOTS_TURN_MS * IC_NS_PER_MS;
    open_microphones(1, 3);
    speak(1, 1);
    assign_at(people[0], 1);
    speak(2, 2);
    assign_at(people[0], 2);
    speak(3, 10 * turn);
    assign_at(people[0], 11 * turn - 1);
    assert_int_equal(shown(people[0], VOICE), 1);
    assert_int_equal(shown(people[0], VOICE_2), 2);
    assign_at(people[0], 11 * turn);
    assert_int_equal(shown(people[0], VOICE), 3); /* where 1 was, who was in longest */
    assert_int_equal(shown(people[0], VOICE_2), 2);
    assign_at(people[0], 12 * turn - 1);
    assert_int_equal(shown(people[0], VOICE), 3);
    assert_int_equal(shown(people[0], VOICE_2), 2);
}

TEST(slots_let_all_be_heard_in_turn_when_all_speak_without_end)
{
    int64_t now = 0, heard_at[PEOPLE] = {0}, longest = 0;

    open_microphones(1, 5);
    for (int i = 1; i <= 5; i++)
        speak(i, i);
    meeting->crowded = true;
    for (; now < 60 * IC_NS_PER_SEC; now += 100 * IC_NS_PER_MS) {
        assign_at(people[0], now);
        for (int line = VOICE; line <= VOICE_2; line++)
            heard_at[shown(people[0], line)] = now;
        for (int i = 1; i <= 5; i++)
            longest = now - heard_at[i] > longest ? now - heard_at[i] : longest;
    }
    assert_true(longest <= 6 * IC_NS_PER_SEC);
    assert_true(ic_slots_contended(meeting, now));
}

TEST(slots_are_not_contended_while_all_who_speak_are_heard)
{
    open_microphones(1, 5);
    meeting->crowded = true;
    speak(1, 0);
    speak(2, 0);
    assert_false(ic_slots_contended(meeting, IC_NS_PER_SEC * 10));
    speak(3, IC_NS_PER_SEC * 10);
    assert_false(ic_slots_contended(meeting, IC_NS_PER_SEC * 11));
    assert_true(ic_slots_contended(meeting, IC_NS_PER_SEC * 12));
}

TEST(slots_do_not_change_when_a_speaker_pauses_and_nobody_else_speaks)
{
    open_microphones(1, 5);
    speak(5, 10);
    assign(people[0]);
    people[5]->speaking = false;
    assign(people[0]);
    assert_int_equal(shown(people[0], VOICE), 1);
    assert_int_equal(shown(people[0], VOICE_2), 5);
}

TEST(slots_are_crowded_when_somebody_has_fewer_voices_than_microphones_are_open)
{
    open_microphones(0, 2);
    assert_true(ic_slots_crowded(meeting)); /* person 3 hears three with two slots */
    people[2]->live[IC_STREAM_MICROPHONE] = false;
    assert_false(ic_slots_crowded(meeting));
}

TEST(slots_do_not_count_a_microphone_without_a_media_path)
{
    open_microphones(0, 2);
    ic_participant_lose_path(people[2]);
    assert_false(ic_slots_crowded(meeting));
    assign(people[0]);
    assert_int_equal(shown(people[0], VOICE), 1);
    assert_int_equal(shown(people[0], VOICE_2), -1);
}

TEST(slots_show_what_was_asked_for_once_it_is_live)
{
    show(people[0], TILE, 1, IC_STREAM_CAMERA, 180);
    show(people[0], STAGE, 1, IC_STREAM_SCREEN, 720);
    assign(people[0]);
    assert_int_equal(shown(people[0], TILE), -1);
    people[1]->live[IC_STREAM_CAMERA] = people[1]->live[IC_STREAM_SCREEN] = true;
    people[1]->height[IC_STREAM_CAMERA] = 720;
    assign(people[0]);
    assert_int_equal(shown(people[0], TILE), 1);
    assert_int_equal(people[0]->lines[TILE].point.layer, 0);
    assert_int_equal(people[0]->lines[STAGE].point.stream, IC_STREAM_SCREEN);
}

TEST(slots_refuse_sound_as_picture_oneself_and_strangers)
{
    open_microphones(0, 1);
    people[0]->live[IC_STREAM_CAMERA] = true;
    show(people[0], TILE, 1, IC_STREAM_MICROPHONE, 180);
    show(people[0], STAGE, 0, IC_STREAM_CAMERA, 180);
    assign(people[0]);
    assert_int_equal(people[0]->lines[TILE].point.transport, 0);
    assert_int_equal(people[0]->lines[STAGE].point.transport, 0);
    people[0]->wishes[0].participant[0] ^= 1;
    assign(people[0]);
    assert_int_equal(people[0]->lines[TILE].point.transport, 0);
}

TEST(slots_do_not_let_a_wish_move_a_voice)
{
    open_microphones(1, 1);
    people[2]->live[IC_STREAM_CAMERA] = true;
    show(people[0], VOICE, 2, IC_STREAM_CAMERA, 180);
    assign(people[0]);
    assert_int_equal(shown(people[0], VOICE), 1);
}

TEST(slots_bring_the_sound_of_a_screen)
{
    people[3]->live[IC_STREAM_SCREEN_AUDIO] = true;
    assign(people[0]);
    assert_int_equal(shown(people[0], SCREEN_AUDIO), 3);
    assert_int_equal(shown(people[0], VOICE), -1);
}

TEST(slots_choose_the_smallest_layer_of_at_least_nine_tenths)
{
    static const struct {
        const char *what;
        uint32_t layers, captured, wanted;
        uint8_t layer;
    } rows[] = {
        {"a thumbnail", 7, 720, 100, 0},
        {"exactly a quarter", 7, 720, 180, 0},
        {"nine tenths of a quarter", 7, 720, 200, 0},
        {"a little more", 7, 720, 201, 1},
        {"a half", 7, 720, 360, 1},
        {"more than a half", 7, 720, 401, 2},
        {"more than there is", 7, 720, 2160, 2},
        {"no middle layer", 5, 720, 360, 2},
        {"no high layer", 3, 720, 720, 1},
        {"one encoding", 0, 720, 100, 2},
        {"an unknown height", 7, 0, 100, 2},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++)
        CHECK_ROW(rows[i].what, ic_slots_layer(rows[i].layers, rows[i].captured, rows[i].wanted) ==
                                    rows[i].layer);
}

#define SLOTS(name) cmocka_unit_test_setup_teardown(name, make_meeting, end_meeting)

RUN_TESTS(SLOTS(slots_are_empty_while_nothing_is_live),
          SLOTS(slots_of_listeners_look_at_nobody_but_who_is_heard),
          SLOTS(slots_of_voices_are_filled_beside_the_own_picture_and_not_beside_a_strangers),
          SLOTS(slots_of_voices_are_filled_beside_a_stranger_where_no_other_is_free_and_stay_so),
          SLOTS(slots_let_nobody_hear_themselves),
          SLOTS(slots_keep_a_voice_where_it_is_when_others_come_and_go),
          SLOTS(slots_give_way_to_who_speaks_when_there_are_too_few),
          SLOTS(slots_do_not_replace_a_speaker_by_another_at_once),
          SLOTS(slots_give_way_to_a_speaker_where_the_silence_is_longest),
          SLOTS(slots_give_a_turn_to_who_has_spoken_unheard_for_long_enough),
          SLOTS(slots_let_all_be_heard_in_turn_when_all_speak_without_end),
          SLOTS(slots_are_not_contended_while_all_who_speak_are_heard),
          SLOTS(slots_do_not_change_when_a_speaker_pauses_and_nobody_else_speaks),
          SLOTS(slots_are_crowded_when_somebody_has_fewer_voices_than_microphones_are_open),
          SLOTS(slots_do_not_count_a_microphone_without_a_media_path),
          SLOTS(slots_show_what_was_asked_for_once_it_is_live),
          SLOTS(slots_refuse_sound_as_picture_oneself_and_strangers),
          SLOTS(slots_do_not_let_a_wish_move_a_voice), SLOTS(slots_bring_the_sound_of_a_screen),
          cmocka_unit_test(slots_choose_the_smallest_layer_of_at_least_nine_tenths))
