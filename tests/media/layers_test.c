/* Which frames go out: down at once, up only where nothing is missing, and closed where the layer
 * cannot be told. */
#include "media/layers.h"

#include "tests/media/layered.h"
#include "tests/test.h"

/* A stream of one size and three rates, as a receiver's filter sees it: 0 2 1 2 0 2 1 2. */
static struct ic_frame frame_of(uint16_t number, bool key)
{
    static const uint8_t pattern[] = {0, 2, 1, 2}, back[] = {4, 1, 2, 1};
    uint8_t rate = pattern[number % 4];
    return (struct ic_frame){.known = true,
                             .key = key,
                             .opens = true,
                             .rung = rate,
                             .switches = rate == 0   ? 7
                                         : rate == 1 ? 4
                                                     : 0,
                             .number = number,
                             .references = key ? 0 : UINT64_C(1) << (back[number % 4] - 1)};
}

static bool pass(struct ic_layer_filter *f, uint16_t number, uint8_t target)
{
    struct ic_frame frame = frame_of(number, number == 0);
    bool fresh;
    return ic_layers_pass(f, &frame, target, &fresh);
}

TEST(layers_go_down_at_the_next_picture)
{
    struct ic_layer_filter f = {0};
    for (uint16_t i = 0; i < 6; i++)
        assert_true(pass(&f, i, 2));
    assert_true(pass(&f, 6, 1)); /* of rate 1 */
    assert_false(pass(&f, 7, 1));
    assert_true(pass(&f, 8, 0));
    assert_false(pass(&f, 10, 0));
}

TEST(layers_go_up_where_the_sender_says_so)
{
    struct ic_layer_filter f = {0};
    for (uint16_t i = 0; i < 5; i++)
        pass(&f, i, 0);
    assert_false(pass(&f, 5, 2)); /* discardable: no place to switch */
    assert_true(pass(&f, 6, 2));  /* "rate 2 follows": refers to frame 4, which went out */
    assert_true(pass(&f, 7, 2));
}

TEST(layers_do_not_go_up_at_a_frame_that_refers_to_what_did_not_go_out)
{
    static const struct {
        const char *what;
        uint64_t references;
        bool further, passes;
    } rows[] = {
        {"one that went out", 1 << 1, false, true},
        {"one that was left out", 1 << 0, false, false},
        {"both", 1 << 0 | 1 << 1, false, false},
        {"one that never came", 1 << 8, false, false},
        {"one too old to tell", UINT64_C(1) << 63, false, false},
        {"one further back than is told", 0, true, false},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_layer_filter f = {0};
        bool fresh;
        pass(&f, 0, 0);
        pass(&f, 3, 0); /* 1 and 2 never come */
        assert_true(pass(&f, 8, 0));
        assert_false(pass(&f, 9, 0));
        struct ic_frame frame = frame_of(10, false);
        frame.references = rows[i].references;
        frame.refers_further = rows[i].further;
        CHECK_ROW(rows[i].what, ic_layers_pass(&f, &frame, 2, &fresh) == rows[i].passes);
    }
}

TEST(layers_change_only_where_a_picture_opens)
{
    struct ic_layer_filter f = {0};
    struct ic_frame upper = {.known = true, .rung = 1, .number = 2, .references = 1};
    bool fresh;
    pass(&f, 0, 2);
    assert_true(ic_layers_pass(&f, &upper, 0, &fresh)); /* the picture is begun as it was */
    upper.number = 3;
    upper.opens = true;
    assert_false(ic_layers_pass(&f, &upper, 0, &fresh));
}

TEST(layers_judge_all_packets_of_a_frame_alike)
{
    struct ic_layer_filter f = {0};
    struct ic_frame frame = frame_of(1, false);
    bool fresh;
    pass(&f, 0, 2);
    assert_true(ic_layers_pass(&f, &frame, 2, &fresh));
    assert_true(fresh);
    pass(&f, 2, 0);
    assert_true(ic_layers_pass(&f, &frame, 0, &fresh));
    assert_false(fresh);
}

TEST(layers_judge_a_late_frame_by_its_own_time)
{
    struct ic_layer_filter f = {0};
    pass(&f, 0, 2);
    pass(&f, 4, 0);
    assert_true(pass(&f, 3, 0)); /* of rate 2, from before the receiver went down */
    assert_false(pass(&f, 5, 0));
}

TEST(layers_let_go_of_a_frame_that_is_too_late)
{
    struct ic_layer_filter f = {0};
    pass(&f, 0, 2);
    pass(&f, 100, 2);
    assert_false(pass(&f, 36, 2));
    assert_true(pass(&f, 37, 2));
}

TEST(layers_of_vp8_go_up_one_by_one_at_the_sync_bit)
{
    struct ic_layer_filter f = {0};
    const struct {
        const char *what;
        struct ic_vp8 vp8;
        bool passes;
    } rows[] = {
        {"base", {.tid = 0}, true},
        {"two rates higher, with the bit", {.tid = 2, .layer_sync = true}, false},
        {"next rate, without it", {.tid = 1}, false},
        {"next rate, with it", {.tid = 1, .layer_sync = true}, true},
        {"highest, without it", {.tid = 2}, false},
        {"highest, with it", {.tid = 2, .layer_sync = true}, true},
        {"highest from now on", {.tid = 2}, true},
    };
    struct ic_vp8 key = {.key_start = true};
    struct ic_frame first = ic_frame_of_vp8(&key, 0);
    bool fresh;
    ic_layers_pass(&f, &first, 0, &fresh);
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_frame frame = ic_frame_of_vp8(&rows[i].vp8, (uint16_t)(i + 1));
        CHECK_ROW(rows[i].what, ic_layers_pass(&f, &frame, 2, &fresh) == rows[i].passes);
    }
}

TEST(layers_of_a_vp8_frame_without_its_numbers_are_unknown)
{
    const struct ic_vp8 bare = {.start = true}, no_picture = {.has_tid = true};
    assert_false(ic_frame_of_vp8(&bare, 0).known);
    assert_false(ic_frame_of_vp8(&no_picture, 0).known);
}

RUN_TESTS(cmocka_unit_test(layers_go_down_at_the_next_picture),
          cmocka_unit_test(layers_go_up_where_the_sender_says_so),
          cmocka_unit_test(layers_do_not_go_up_at_a_frame_that_refers_to_what_did_not_go_out),
          cmocka_unit_test(layers_change_only_where_a_picture_opens),
          cmocka_unit_test(layers_judge_all_packets_of_a_frame_alike),
          cmocka_unit_test(layers_judge_a_late_frame_by_its_own_time),
          cmocka_unit_test(layers_let_go_of_a_frame_that_is_too_late),
          cmocka_unit_test(layers_of_vp8_go_up_one_by_one_at_the_sync_bit),
          cmocka_unit_test(layers_of_a_vp8_frame_without_its_numbers_are_unknown))
