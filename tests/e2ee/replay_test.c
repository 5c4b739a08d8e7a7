/* A frame is taken once; late ones within the span are taken, older ones are not. */
#include "e2ee/replay.h"

#include <stdlib.h>

#include "tests/test.h"

static struct ic_replay_lost lost;

static enum ic_err claim(struct ic_replay *r, uint64_t key, uint64_t counter)
{
    return ic_replay_claim(r, key, counter, 0, &lost);
}

TEST(replay_takes_each_counter_once_in_any_order_within_the_span)
{
    enum { FRAMES = 4000, SHUFFLE = 100 };
    struct ic_replay replay = {0};
    static uint8_t taken[FRAMES + SHUFFLE];
    unsigned random = 7;

    memset(taken, 0, sizeof taken);
    for (int i = 0; i < FRAMES * 3; i++) {
        random = random * 1103515245 + 12345;
        uint64_t counter = (uint64_t)i / 3 + (random >> 16) % SHUFFLE;
        bool fresh = ic_replay_fresh(&replay, 1, counter, 0);
        assert_int_equal(fresh, !taken[counter]);
        assert_int_equal(claim(&replay, 1, counter), fresh ? IC_OK : IC_ERR_REPLAYED);
        taken[counter] = 1;
    }
}

TEST(replay_refuses_what_is_older_than_the_span)
{
    struct ic_replay replay = {0};

    assert_int_equal(claim(&replay, 1, 1000), IC_OK);
    assert_int_equal(claim(&replay, 1, 1001 - IC_REPLAY_SPAN), IC_OK);
    assert_int_equal(claim(&replay, 1, 1000 - IC_REPLAY_SPAN), IC_ERR_REPLAYED);
    assert_int_equal(claim(&replay, 1, 1000 + 10 * IC_REPLAY_SPAN), IC_OK);
    assert_int_equal(claim(&replay, 1, 1000), IC_ERR_REPLAYED);
}

TEST(replay_keeps_keys_apart_and_begins_at_the_floor)
{
    struct ic_replay replay = {0};

    assert_int_equal(claim(&replay, 1, 5), IC_OK);
    assert_int_equal(claim(&replay, 2, 5), IC_OK);
    assert_int_equal(ic_replay_claim(&replay, 3, 99, 100, &lost), IC_ERR_REPLAYED);
    assert_int_equal(ic_replay_claim(&replay, 3, 100, 100, &lost), IC_OK);
    assert_int_equal(ic_replay_claim(&replay, 3, 99, 0, &lost), IC_ERR_REPLAYED);
}

TEST(replay_hands_back_what_a_window_knew_when_it_has_to_go)
{
    struct ic_replay replay = {0};

    for (uint64_t key = 1; key <= IC_REPLAY_WINDOWS; key++) {
        assert_int_equal(claim(&replay, key, key + 10), IC_OK);
        assert_int_equal(lost.key, 0);
    }
    assert_int_equal(claim(&replay, 1, 500), IC_OK); /* the first is used again: 2 is the oldest */
    assert_int_equal(claim(&replay, 1000, 0), IC_OK);
    assert_int_equal(lost.key, 2);
    assert_int_equal(lost.next, 13);
}

RUN_TESTS(cmocka_unit_test(replay_takes_each_counter_once_in_any_order_within_the_span),
          cmocka_unit_test(replay_refuses_what_is_older_than_the_span),
          cmocka_unit_test(replay_keeps_keys_apart_and_begins_at_the_floor),
          cmocka_unit_test(replay_hands_back_what_a_window_knew_when_it_has_to_go))
