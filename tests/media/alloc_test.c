/* alloc_test.c - voice is never shed, the budget holds, and layers do not flap. */
#include <stdlib.h>

#include "media/alloc.h"
#include "tests/test.h"

#define NOW (100 * IC_NS_PER_SEC)

enum { SLOTS = 12 };

static struct ic_alloc_slot video(enum ic_rank rank, uint8_t wanted)
{
    return (struct ic_alloc_slot){
        .rank = rank, .wanted = wanted, .bps = {150000, 500000, 1500000}, .layer = IC_ALLOC_OFF};
}

static struct ic_alloc_slot voice(void)
{
    return (struct ic_alloc_slot){.rank = IC_RANK_VOICE, .bps = {40000}, .layer = IC_ALLOC_OFF};
}

TEST(all_get_what_they_want_when_the_path_is_wide)
{
    struct ic_alloc_slot slots[] = {voice(), video(IC_RANK_STAGE, 2), video(IC_RANK_TILE, 0),
                                    video(IC_RANK_TILE, 1)};
    struct ic_alloc_result r = ic_alloc(slots, IC_COUNT(slots), 10000000, 0, NOW);
    assert_int_equal(slots[0].layer, 0);
    assert_int_equal(slots[1].layer, 2);
    assert_int_equal(slots[2].layer, 0);
    assert_int_equal(slots[3].layer, 1);
    assert_int_equal(r.bps, 40000 + 1500000 + 150000 + 500000);
    assert_int_equal(r.next_bps, 0);
    assert_false(r.went_down);
}

TEST(voice_stays_when_nothing_else_can)
{
    struct ic_alloc_slot slots[] = {voice(), voice(), video(IC_RANK_STAGE, 2)};
    struct ic_alloc_result r = ic_alloc(slots, IC_COUNT(slots), 30000, 0, NOW);
    assert_int_equal(slots[0].layer, 0);
    assert_int_equal(slots[1].layer, 0);
    assert_int_equal(slots[2].layer, IC_ALLOC_OFF);
    assert_int_equal(r.next_bps, (uint32_t)(1.15 * 230000));
}

TEST(a_screen_comes_before_the_stage_and_the_stage_before_tiles)
{
    struct ic_alloc_slot slots[] = {video(IC_RANK_TILE, 2), video(IC_RANK_STAGE, 2),
                                    video(IC_RANK_SCREEN, 2)};
    ic_alloc(slots, IC_COUNT(slots), 2100000, 0, NOW); /* 1500 + 150 + 150, and a margin */
    assert_int_equal(slots[2].layer, 2);
    assert_int_equal(slots[1].layer, 0);
    assert_int_equal(slots[0].layer, 0);
    for (size_t i = 0; i < IC_COUNT(slots); i++)
        slots[i].layer = IC_ALLOC_OFF;
    ic_alloc(slots, IC_COUNT(slots), 180000, 0, NOW);
    assert_int_equal(slots[2].layer, 0);
    assert_int_equal(slots[1].layer, IC_ALLOC_OFF);
    assert_int_equal(slots[0].layer, IC_ALLOC_OFF);
}

TEST(a_slot_goes_down_at_once_and_up_only_after_a_while_and_with_a_margin)
{
    struct ic_alloc_slot slot = video(IC_RANK_STAGE, 2);
    slot.layer = 2;
    assert_false(ic_alloc(&slot, 1, 1500000, 0, NOW).went_down);
    assert_int_equal(slot.layer, 2); /* it holds without a margin */
    assert_true(ic_alloc(&slot, 1, 1499999, 0, NOW).went_down);
    assert_int_equal(slot.layer, 1);
    ic_alloc(&slot, 1, 5000000, NOW, NOW + IC_ALLOC_HOLD - 1);
    assert_int_equal(slot.layer, 1);
    ic_alloc(&slot, 1, 1700000, NOW, NOW + IC_ALLOC_HOLD);
    assert_int_equal(slot.layer, 1);
    ic_alloc(&slot, 1, 1725001, NOW, NOW + IC_ALLOC_HOLD);
    assert_int_equal(slot.layer, 2);
}

TEST(a_layer_that_is_not_there_is_not_given)
{
    struct ic_alloc_slot slots[] = {video(IC_RANK_STAGE, 2), video(IC_RANK_STAGE, 0),
                                    video(IC_RANK_STAGE, 2)};
    slots[0].bps[1] = slots[0].bps[2] = 0;
    slots[1].bps[0] = 0; /* below what it wants there is nothing: rather the next */
    memset(slots[2].bps, 0, sizeof slots[2].bps);
    slots[2].layer = 1;
    ic_alloc(slots, IC_COUNT(slots), 10000000, 0, NOW);
    assert_int_equal(slots[0].layer, 0);
    assert_int_equal(slots[1].layer, 1);
    assert_int_equal(slots[2].layer, 1); /* nothing is known of it: it stays */
}

TEST(what_is_not_wanted_any_more_does_not_count_as_going_down)
{
    struct ic_alloc_slot slot = video(IC_RANK_TILE, 0);
    slot.layer = 2;
    assert_false(ic_alloc(&slot, 1, 10000000, 0, NOW).went_down);
    assert_int_equal(slot.layer, 0);
}

/* ---- whatever the meeting looks like ---- */

static size_t random_meeting(struct ic_alloc_slot slots[SLOTS])
{
    size_t count = 1 + (size_t)rand() % SLOTS;
    for (size_t i = 0; i < count; i++) {
        slots[i] = (struct ic_alloc_slot){.rank = (uint8_t)(rand() % IC_RANKS),
                                          .wanted = (uint8_t)(rand() % IC_LAYERS),
                                          .layer = IC_ALLOC_OFF};
        uint32_t bps = 20000 + (uint32_t)rand() % 200000;
        int layers = slots[i].rank == IC_RANK_VOICE ? 1 : 1 + rand() % IC_LAYERS;
        for (int l = 0; l < layers; l++, bps = bps * 2 + (uint32_t)rand() % 300000)
            slots[i].bps[l] = bps;
    }
    return count;
}

static uint32_t total(const struct ic_alloc_slot *slots, size_t count, bool voice_alone)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++)
        if (slots[i].layer >= 0 && (!voice_alone || slots[i].rank == IC_RANK_VOICE))
            sum += slots[i].bps[slots[i].layer];
    return sum;
}

TEST(the_budget_holds_in_any_meeting_and_voice_is_there)
{
    struct ic_alloc_slot slots[SLOTS];
    srand(1);
    for (int round = 0; round < 20000; round++) {
        size_t count = random_meeting(slots);
        for (size_t i = 0; i < count; i++)
            slots[i].layer = (int8_t)(rand() % (IC_LAYERS + 1) - 1);
        uint32_t estimate = 30000 + (uint32_t)rand() % 4000000;
        struct ic_alloc_result r =
            ic_alloc(slots, count, estimate, rand() % 2 ? NOW - IC_NS_PER_SEC : 0, NOW);
        assert_int_equal(r.bps, total(slots, count, false));
        assert_true(r.bps <= estimate || r.bps == total(slots, count, true));
        for (size_t i = 0; i < count; i++) {
            if (slots[i].rank == IC_RANK_VOICE)
                assert_int_equal(slots[i].layer, 0);
            assert_true(slots[i].layer < 0 || slots[i].bps[slots[i].layer] > 0);
            assert_true(slots[i].layer <= slots[i].wanted || slots[i].layer == 0);
        }
    }
}

/* In the order of importance: the first slot that differs is better off with more. */
TEST(a_higher_estimate_never_serves_the_more_important_worse)
{
    struct ic_alloc_slot low[SLOTS], high[SLOTS];
    srand(2);
    for (int round = 0; round < 20000; round++) {
        size_t count = random_meeting(low);
        memcpy(high, low, sizeof high);
        uint32_t estimate = 30000 + (uint32_t)rand() % 3000000;
        ic_alloc(low, count, estimate, 0, NOW);
        ic_alloc(high, count, estimate + (uint32_t)rand() % 1000000, 0, NOW);
        bool decided = false;
        for (int rank = 0; rank < IC_RANKS && !decided; rank++)
            for (size_t i = 0; i < count && !decided; i++) {
                bool on_low = low[i].layer >= 0, on_high = high[i].layer >= 0;
                if (low[i].rank != rank || on_low == on_high)
                    continue;
                assert_true(on_high);
                decided = true;
            }
        for (int rank = 0; rank < IC_RANKS && !decided; rank++) {
            int sum = 0;
            for (size_t i = 0; i < count; i++)
                sum += low[i].rank == rank ? high[i].layer - low[i].layer : 0;
            assert_true(sum >= 0);
            decided = sum > 0;
        }
    }
}

/* A slot may find its place in two steps, but not go up, down and up again. */
TEST(an_estimate_that_wavers_makes_no_slot_flap)
{
    struct ic_alloc_slot slots[SLOTS], before[SLOTS];
    srand(3);
    for (int round = 0; round < 2000; round++) {
        size_t count = random_meeting(slots);
        uint32_t estimate = 100000 + (uint32_t)rand() % 3000000;
        int64_t downed_at = 0, now = NOW;
        int rises[SLOTS] = {0};
        for (int i = 0; i < 600; i++, now += 100 * IC_NS_PER_MS) {
            uint32_t noisy = estimate - estimate / 15 + (uint32_t)rand() % (2 * (estimate / 15));
            memcpy(before, slots, sizeof before);
            if (ic_alloc(slots, count, noisy, downed_at, now).went_down)
                downed_at = now;
            for (size_t s = 0; s < count; s++)
                if (slots[s].layer > before[s].layer && before[s].layer >= 0)
                    assert_true(++rises[s] <= IC_LAYERS);
        }
    }
}

TEST(the_next_step_comes_with_the_estimate_that_was_named)
{
    struct ic_alloc_slot slots[SLOTS];
    srand(4);
    for (int round = 0; round < 5000; round++) {
        size_t count = random_meeting(slots);
        uint32_t estimate = 30000 + (uint32_t)rand() % 3000000;
        struct ic_alloc_result r = ic_alloc(slots, count, estimate, 0, NOW);
        if (r.next_bps == 0)
            continue;
        assert_true(r.next_bps > estimate);
        struct ic_alloc_slot before[SLOTS];
        memcpy(before, slots, sizeof before);
        ic_alloc(slots, count, r.next_bps + 1, 0, NOW);
        assert_memory_not_equal(before, slots, count * sizeof slots[0]);
    }
}

RUN_TESTS(cmocka_unit_test(all_get_what_they_want_when_the_path_is_wide),
          cmocka_unit_test(voice_stays_when_nothing_else_can),
          cmocka_unit_test(a_screen_comes_before_the_stage_and_the_stage_before_tiles),
          cmocka_unit_test(a_slot_goes_down_at_once_and_up_only_after_a_while_and_with_a_margin),
          cmocka_unit_test(a_layer_that_is_not_there_is_not_given),
          cmocka_unit_test(what_is_not_wanted_any_more_does_not_count_as_going_down),
          cmocka_unit_test(the_budget_holds_in_any_meeting_and_voice_is_there),
          cmocka_unit_test(a_higher_estimate_never_serves_the_more_important_worse),
          cmocka_unit_test(an_estimate_that_wavers_makes_no_slot_flap),
          cmocka_unit_test(the_next_step_comes_with_the_estimate_that_was_named))
