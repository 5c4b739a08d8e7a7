/* Which cameras and screens are asked for, and which lines there are to show them in. */
#include "client/lines.h"
#include "client/stage.h"
#include "tests/test.h"

static struct ic_roster roster;
static struct ic_member members[6];

/* Member `i` sends these streams. */
static void sends(uint32_t i, uint32_t streams)
{
    members[i].index = i;
    memset(members[i].participant, (int)(i + 1), sizeof members[i].participant);
    members[i].streams = streams;
    roster.count += roster.members[i] == NULL;
    roster.members[i] = &members[i];
}

static void leaves(uint32_t i)
{
    roster.count -= roster.members[i] != NULL;
    roster.members[i] = NULL;
}

static int begin(void **state)
{
    (void)state;
    memset(&roster, 0, sizeof roster);
    memset(members, 0, sizeof members);
    return 0;
}

enum { CAMERA = 1 << IC_STREAM_CAMERA, SCREEN = 1 << IC_STREAM_SCREEN };

static struct ic_connect lines(uint32_t tiles)
{
    static struct ic_connect connect;
    const struct ic_lines_wanted wanted = {.slots = true, .tiles = tiles};
    ic_lines_make(&connect, &wanted);
    return connect;
}

/* Whose camera each tile shows, as letters of the member, '-' for nobody. */
static const char *tiles_of(const struct ic_connect *connect, const struct ic_show *shows,
                            size_t count)
{
    static char text[IC_TILES_MAX + 1];
    size_t tile = 0;
    memset(text, 0, sizeof text);
    for (uint32_t i = 0; i < connect->line_count; i++) {
        if (connect->lines[i].kind != IC_SLOT_TILE || !connect->lines[i].line.is_slot)
            continue;
        text[tile] = '-';
        for (size_t s = 0; s < count; s++)
            if (strcmp(shows[s].mid, connect->lines[i].line.mid) == 0)
                text[tile] = (char)('a' + shows[s].participant[0] - 1);
        tile++;
    }
    return text;
}

TEST(stage_fills_tiles_with_cameras_and_leaves_each_where_it_is)
{
    struct ic_connect connect = lines(2);
    struct ic_stage stage = {0};
    struct ic_show shows[IC_SLOTS_MAX];
    size_t count;

    sends(0, CAMERA);
    sends(1, 1 << IC_STREAM_MICROPHONE);
    sends(2, CAMERA);
    sends(3, CAMERA);
    assert_true(ic_stage_update(&stage, &connect, &roster, 360, shows, &count));
    assert_string_equal(tiles_of(&connect, shows, count), "ac");
    assert_int_equal(shows[0].height, 360);
    assert_false(ic_stage_update(&stage, &connect, &roster, 360, shows, &count));

    leaves(0);
    assert_true(ic_stage_update(&stage, &connect, &roster, 360, shows, &count));
    assert_string_equal(tiles_of(&connect, shows, count), "dc");
    sends(2, 0);
    assert_true(ic_stage_update(&stage, &connect, &roster, 360, shows, &count));
    assert_string_equal(tiles_of(&connect, shows, count), "d-");
}

TEST(stage_shows_the_first_screen_until_it_ends)
{
    struct ic_connect connect = lines(1);
    struct ic_stage stage = {0};
    struct ic_show shows[IC_SLOTS_MAX];
    size_t count;

    sends(1, SCREEN);
    sends(0, SCREEN);
    assert_true(ic_stage_update(&stage, &connect, &roster, 720, shows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(shows[0].stream, IC_STREAM_SCREEN);
    assert_int_equal(shows[0].participant[0], 1);
    sends(0, 0);
    assert_true(ic_stage_update(&stage, &connect, &roster, 720, shows, &count));
    assert_int_equal(shows[0].participant[0], 2);
    leaves(1);
    assert_true(ic_stage_update(&stage, &connect, &roster, 720, shows, &count));
    assert_int_equal(count, 0);
}

TEST(stage_wants_what_it_shows_and_voices_unless_there_are_too_many)
{
    struct ic_connect connect = lines(1);
    struct ic_stage stage = {0};
    struct ic_show shows[IC_SLOTS_MAX];
    size_t count;
    const uint32_t voice = 1 << IC_STREAM_MICROPHONE;

    sends(0, CAMERA | voice);
    sends(1, CAMERA | voice);
    assert_true(ic_stage_update(&stage, &connect, &roster, 720, shows, &count));
    ic_stage_want(&stage, &roster, true, false);
    assert_int_equal(members[0].wanted, CAMERA | voice);
    assert_int_equal(members[1].wanted, voice);
    ic_stage_want(&stage, &roster, true, true);
    assert_int_equal(members[1].wanted, 0);
    ic_stage_want(&stage, &roster, false, false);
    assert_int_equal(members[0].wanted, 0);
}

TEST(lines_are_what_the_server_takes_at_most)
{
    struct ic_connect connect = {0};
    const struct ic_lines_wanted wanted = {
        .streams = 1 << IC_STREAM_MICROPHONE | CAMERA, .layers = 3, .slots = true, .tiles = 25};

    ic_lines_make(&connect, &wanted);
    assert_int_equal(connect.line_count, 2 + IC_VOICE_SLOTS + 1 + 1 + 25);
    assert_true(connect.line_count - 2 <= IC_SLOTS_MAX);
    assert_int_equal(connect.lines[1].line.layers, 7);
    for (uint32_t i = 0; i < connect.line_count; i++)
        for (int e = 0; e < IC_EXTENSIONS; e++)
            assert_in_range(connect.lines[i].line.ext[e], 0, 14);
}

RUN_TESTS(cmocka_unit_test_setup(stage_fills_tiles_with_cameras_and_leaves_each_where_it_is, begin),
          cmocka_unit_test_setup(stage_shows_the_first_screen_until_it_ends, begin),
          cmocka_unit_test_setup(stage_wants_what_it_shows_and_voices_unless_there_are_too_many,
                                 begin),
          cmocka_unit_test(lines_are_what_the_server_takes_at_most))
