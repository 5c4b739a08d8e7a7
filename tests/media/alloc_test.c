/* alloc_test.c - voice is never shed, the budget holds, and layers do not flap. */
#include <stdlib.h>

#include "media/alloc.h"
#include "tests/test.h"

#define NOW (100 * IC_NS_PER_SEC)

enum {
    SLOTS = 12,
    /* All pictures of a size, and some. */
    L = IC_RATES - 1,
    M = L + IC_RATES,
    H = M + IC_RATES,
    QUARTER_OF_L = L - 2,
    HALF_OF_L = L - 1,
    HALF_OF_M = M - 1,
    HALF_OF_H = H - 1,
};

static const struct ic_alloc_past nothing, downed = {.downed_at = NOW};

static struct ic_alloc_slot video(enum ic_rank rank, uint8_t wanted)
{
    return (struct ic_alloc_slot){.rank = rank,
                                  .wanted = wanted,
                                  .bps = {[L] = 150000, [M] = 500000, [H] = 1500000},
                                  .step = IC_ALLOC_OFF};
}

/* The same, of whose sizes there are three rates. */
static struct ic_alloc_slot video_of_rates(enum ic_rank rank, uint8_t wanted)
{
    return (struct ic_alloc_slot){
        .rank = rank,
        .wanted = wanted,
        .bps = {60000, 90000, 150000, 200000, 300000, 500000, 600000, 900000, 1500000},
        .step = IC_ALLOC_OFF};
}

static struct ic_alloc_slot voice(void)
{
    return (struct ic_alloc_slot){
        .rank = IC_RANK_VOICE, .bps = {[L] = 40000}, .step = IC_ALLOC_OFF};
}

TEST(all_get_what_they_want_when_the_path_is_wide)
{
    struct ic_alloc_slot slots[] = {voice(), video(IC_RANK_STAGE, 2), video(IC_RANK_TILE, 0),
                                    video(IC_RANK_TILE, 1)};
    struct ic_alloc_result r = ic_alloc(slots, IC_COUNT(slots), 10000000, nothing, NOW);
    assert_int_equal(slots[0].step, L);
    assert_int_equal(slots[1].step, H);
    assert_int_equal(slots[2].step, L);
    assert_int_equal(slots[3].step, M);
    assert_int_equal(r.bps, 40000 + 1500000 + 150000 + 500000);
    assert_int_equal(r.next_bps, 0);
    assert_false(r.went_down);
}

TEST(voice_stays_when_nothing_else_can)
{
    struct ic_alloc_slot slots[] = {voice(), voice(), video(IC_RANK_STAGE, 2)};
    struct ic_alloc_result r = ic_alloc(slots, IC_COUNT(slots), 30000, nothing, NOW);
    assert_int_equal(slots[0].step, L);
    assert_int_equal(slots[1].step, L);
    assert_int_equal(slots[2].step, IC_ALLOC_OFF);
    assert_int_equal(r.next_bps, (uint32_t)(1.15 * 230000));
}

TEST(a_screen_comes_before_the_stage_and_the_stage_before_tiles)
{
    struct ic_alloc_slot slots[] = {video(IC_RANK_TILE, 2), video(IC_RANK_STAGE, 2),
                                    video(IC_RANK_SCREEN, 2)};
    ic_alloc(slots, IC_COUNT(slots), 2100000, nothing, NOW); /* 1500 + 150 + 150, and a margin */
    assert_int_equal(slots[2].step, H);
    assert_int_equal(slots[1].step, L);
    assert_int_equal(slots[0].step, L);
    for (size_t i = 0; i < IC_COUNT(slots); i++)
        slots[i].step = IC_ALLOC_OFF;
    ic_alloc(slots, IC_COUNT(slots), 180000, nothing, NOW);
    assert_int_equal(slots[2].step, L);
    assert_int_equal(slots[1].step, IC_ALLOC_OFF);
    assert_int_equal(slots[0].step, IC_ALLOC_OFF);
}

TEST(a_slot_goes_down_at_once_and_up_only_after_a_while_and_with_a_margin)
{
    struct ic_alloc_slot slot = video(IC_RANK_STAGE, 2);
    slot.step = H;
    assert_false(ic_alloc(&slot, 1, 1500000, nothing, NOW).went_down);
    assert_int_equal(slot.step, H); /* it holds without a margin */
    assert_true(ic_alloc(&slot, 1, 1499999, nothing, NOW).went_down);
    assert_int_equal(slot.step, M);
    ic_alloc(&slot, 1, 5000000, downed, NOW + IC_ALLOC_HOLD - 1);
    assert_int_equal(slot.step, M);
    ic_alloc(&slot, 1, 1700000, downed, NOW + IC_ALLOC_HOLD);
    assert_int_equal(slot.step, M);
    ic_alloc(&slot, 1, 1725001, downed, NOW + IC_ALLOC_HOLD);
    assert_int_equal(slot.step, H);
}

TEST(what_did_not_last_is_given_again_where_the_estimate_is_half_as_much_more)
{
    static const struct ic_alloc_past past = {.failed_bps = 1500000};
    struct ic_alloc_slot slot = video(IC_RANK_STAGE, 2);
    slot.step = L;
    assert_int_equal(ic_alloc(&slot, 1, 2250000 - 1, past, NOW).next_bps, 2250000);
    assert_int_equal(slot.step, M); /* that is far less */
    ic_alloc(&slot, 1, 2250000, past, NOW);
    assert_int_equal(slot.step, H);
    ic_alloc(&slot, 1, 1500000, past, NOW);
    assert_int_equal(slot.step, H); /* who has it keeps it */
}

TEST(a_first_picture_does_not_wait_for_what_larger_ones_did)
{
    static const struct ic_alloc_past past = {.failed_bps = 350000};
    struct ic_alloc_slot slots[] = {video(IC_RANK_TILE, 0), video(IC_RANK_TILE, 0)};
    slots[0].step = L;
    ic_alloc(slots, IC_COUNT(slots), 345000, past, NOW);
    assert_int_equal(slots[1].step, L);
}

TEST(a_layer_that_is_not_there_is_not_given)
{
    struct ic_alloc_slot slots[] = {video(IC_RANK_STAGE, 2), video(IC_RANK_STAGE, 0),
                                    video(IC_RANK_STAGE, 2)};
    slots[0].bps[M] = slots[0].bps[H] = 0;
    slots[1].bps[L] = 0; /* below what it wants there is nothing: rather the next */
    memset(slots[2].bps, 0, sizeof slots[2].bps);
    slots[2].step = M;
    ic_alloc(slots, IC_COUNT(slots), 10000000, nothing, NOW);
    assert_int_equal(slots[0].step, L);
    assert_int_equal(slots[1].step, M);
    assert_int_equal(slots[2].step, M); /* nothing is known of it: it stays */
}

TEST(what_is_not_wanted_any_more_does_not_count_as_going_down)
{
    struct ic_alloc_slot slot = video(IC_RANK_TILE, 0);
    slot.step = H;
    assert_false(ic_alloc(&slot, 1, 10000000, nothing, NOW).went_down);
    assert_int_equal(slot.step, L);
}

/* A path that shrinks, step by step: half of the pictures goes before the size, a quarter of them
 * is left only where there is no smaller size. */
TEST(pictures_are_left_out_before_a_smaller_size_and_before_nothing)
{
    static const int8_t order[] = {H,         HALF_OF_H,    M,           HALF_OF_M, L,
                                   HALF_OF_L, QUARTER_OF_L, IC_ALLOC_OFF};
    struct ic_alloc_slot slot = video_of_rates(IC_RANK_STAGE, 2);
    ic_alloc(&slot, 1, 10000000, nothing, NOW);
    for (size_t i = 0; i < IC_COUNT(order); i++) {
        assert_int_equal(slot.step, order[i]);
        if (slot.step >= 0)
            assert_true(ic_alloc(&slot, 1, slot.bps[slot.step] - 1, nothing, NOW).went_down);
    }
}

TEST(a_slot_holds_the_poorest_step_that_there_is)
{
    struct ic_alloc_slot slot = video(IC_RANK_STAGE, 2);
    slot.step = QUARTER_OF_L; /* as it was left with while there was one */
    assert_false(ic_alloc(&slot, 1, slot.bps[L], downed, NOW).went_down);
    assert_int_equal(slot.step, L);
}

TEST(nobody_has_a_larger_picture_while_another_smallest_one_stutters)
{
    struct ic_alloc_slot slots[] = {video_of_rates(IC_RANK_STAGE, 2),
                                    video_of_rates(IC_RANK_TILE, 0),
                                    video_of_rates(IC_RANK_TILE, 0)};
    ic_alloc(slots, IC_COUNT(slots), 517500, nothing, NOW); /* 150 three times, and a margin */
    for (size_t i = 0; i < IC_COUNT(slots); i++)
        assert_int_equal(slots[i].step, L);
    ic_alloc(slots, IC_COUNT(slots), 400000, nothing, NOW);
    assert_int_equal(slots[0].step, L);
    assert_int_equal(slots[1].step, L);
    assert_int_equal(slots[2].step, HALF_OF_L);
    ic_alloc(slots, IC_COUNT(slots), 180000, nothing, NOW);
    for (size_t i = 0; i < IC_COUNT(slots); i++)
        assert_int_equal(slots[i].step, QUARTER_OF_L);
}

TEST(a_screen_waits_for_the_smallest_pictures_and_no_longer)
{
    struct ic_alloc_slot slots[] = {video_of_rates(IC_RANK_STAGE, 2),
                                    {.rank = IC_RANK_SCREEN,
                                     .wanted = 2,
                                     .bps = {250000, 500000, 1000000},
                                     .step = IC_ALLOC_OFF}};
    ic_alloc(slots, IC_COUNT(slots), 700000, nothing, NOW);
    assert_int_equal(slots[1].step, QUARTER_OF_L);
    assert_int_equal(slots[0].step, L);
    ic_alloc(slots, IC_COUNT(slots), 1322500, nothing, NOW); /* 1000 + 150, and a margin */
    assert_int_equal(slots[1].step, L);
    assert_int_equal(slots[0].step, L);
}

/* ---- whatever the meeting looks like ---- */

static size_t random_meeting(struct ic_alloc_slot slots[SLOTS])
{
    size_t count = 1 + (size_t)rand() % SLOTS;
    for (size_t i = 0; i < count; i++) {
        slots[i] = (struct ic_alloc_slot){.rank = (uint8_t)(rand() % IC_RANKS),
                                          .wanted = (uint8_t)(rand() % IC_LAYERS),
                                          .step = IC_ALLOC_OFF};
        uint32_t bps = 20000 + (uint32_t)rand() % 200000;
        int sizes = slots[i].rank == IC_RANK_VOICE ? 1 : 1 + rand() % IC_LAYERS;
        int least = slots[i].rank == IC_RANK_VOICE ? IC_RATES - 1 : rand() % IC_RATES;
        for (uint8_t size = 0; size < sizes; size++, bps = bps * 2 + (uint32_t)rand() % 300000)
            for (int rate = least; rate < IC_RATES; rate++)
                slots[i].bps[ic_step(size, (uint8_t)rate)] = bps * (uint32_t)(rate + 2) / 4;
    }
    return count;
}

static uint32_t total(const struct ic_alloc_slot *slots, size_t count, bool voice_alone)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++)
        if (slots[i].step >= 0 && (!voice_alone || slots[i].rank == IC_RANK_VOICE))
            sum += slots[i].bps[slots[i].step];
    return sum;
}

TEST(the_budget_holds_in_any_meeting_and_voice_is_there)
{
    struct ic_alloc_slot slots[SLOTS];
    srand(1);
    for (int round = 0; round < 20000; round++) {
        size_t count = random_meeting(slots);
        for (size_t i = 0; i < count; i++)
            slots[i].step = (int8_t)(rand() % (IC_STEPS + 1) - 1);
        uint32_t estimate = 30000 + (uint32_t)rand() % 4000000;
        struct ic_alloc_result r =
            ic_alloc(slots, count, estimate,
                     (struct ic_alloc_past){rand() % 2 ? NOW - IC_NS_PER_SEC : 0,
                                            (uint32_t)rand() % 2000000},
                     NOW);
        assert_int_equal(r.bps, total(slots, count, false));
        assert_true(r.bps <= estimate || r.bps == total(slots, count, true));
        for (size_t i = 0; i < count; i++) {
            if (slots[i].rank == IC_RANK_VOICE)
                assert_int_equal(slots[i].step, L);
            assert_true(slots[i].step < 0 || slots[i].bps[slots[i].step] > 0);
            assert_true(slots[i].step / IC_RATES <= slots[i].wanted);
            assert_true(slots[i].step < IC_RATES || slots[i].step % IC_RATES > 0);
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
        ic_alloc(low, count, estimate, nothing, NOW);
        ic_alloc(high, count, estimate + (uint32_t)rand() % 1000000, nothing, NOW);
        bool decided = false;
        for (int rank = 0; rank < IC_RANKS && !decided; rank++)
            for (size_t i = 0; i < count && !decided; i++) {
                bool on_low = low[i].step >= 0, on_high = high[i].step >= 0;
                if (low[i].rank != rank || on_low == on_high)
                    continue;
                assert_true(on_high);
                decided = true;
            }
        for (int rank = 0; rank < IC_RANKS && !decided; rank++) {
            int sum = 0;
            for (size_t i = 0; i < count; i++)
                sum += low[i].rank == rank ? high[i].step - low[i].step : 0;
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
            if (ic_alloc(slots, count, noisy, (struct ic_alloc_past){downed_at, 0}, now).went_down)
                downed_at = now;
            for (size_t s = 0; s < count; s++)
                if (slots[s].step > before[s].step && before[s].step >= 0)
                    assert_true(++rises[s] <= IC_STEPS);
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
        struct ic_alloc_result r = ic_alloc(slots, count, estimate, nothing, NOW);
        if (r.next_bps == 0)
            continue;
        assert_true(r.next_bps > estimate);
        struct ic_alloc_slot before[SLOTS];
        memcpy(before, slots, sizeof before);
        ic_alloc(slots, count, r.next_bps + 1, nothing, NOW);
        assert_memory_not_equal(before, slots, count * sizeof slots[0]);
    }
}

RUN_TESTS(
    cmocka_unit_test(all_get_what_they_want_when_the_path_is_wide),
    cmocka_unit_test(voice_stays_when_nothing_else_can),
    cmocka_unit_test(a_screen_comes_before_the_stage_and_the_stage_before_tiles),
    cmocka_unit_test(a_slot_goes_down_at_once_and_up_only_after_a_while_and_with_a_margin),
    cmocka_unit_test(what_did_not_last_is_given_again_where_the_estimate_is_half_as_much_more),
    cmocka_unit_test(a_first_picture_does_not_wait_for_what_larger_ones_did),
    cmocka_unit_test(a_layer_that_is_not_there_is_not_given),
    cmocka_unit_test(what_is_not_wanted_any_more_does_not_count_as_going_down),
    cmocka_unit_test(pictures_are_left_out_before_a_smaller_size_and_before_nothing),
    cmocka_unit_test(a_slot_holds_the_poorest_step_that_there_is),
    cmocka_unit_test(nobody_has_a_larger_picture_while_another_smallest_one_stutters),
    cmocka_unit_test(a_screen_waits_for_the_smallest_pictures_and_no_longer),
    cmocka_unit_test(the_budget_holds_in_any_meeting_and_voice_is_there),
    cmocka_unit_test(a_higher_estimate_never_serves_the_more_important_worse),
    cmocka_unit_test(an_estimate_that_wavers_makes_no_slot_flap),
    cmocka_unit_test(the_next_step_comes_with_the_estimate_that_was_named))
