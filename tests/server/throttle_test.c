/* Guessing is slow for the guesser, and for nobody else (ACC-09). */
#include "server/throttle.h"

#include "server/bucket.h"
#include "tests/test.h"

#define SECONDS(n) ((n) * IC_NS_PER_SEC)

static const uint8_t MEETING[IC_THROTTLE_KEY_LEN] = {7};
static struct ic_throttle *throttle;

static void ipv4(uint8_t peer[IC_THROTTLE_KEY_LEN], uint32_t number)
{
    memset(peer, 0, IC_THROTTLE_KEY_LEN);
    peer[10] = peer[11] = 0xff;
    for (int i = 0; i < 4; i++)
        peer[12 + i] = (uint8_t)(number >> (24 - 8 * i));
}

static int make_throttle(void **state)
{
    (void)state;
    throttle = ic_throttle_new();
    return 0;
}

static int free_throttle(void **state)
{
    (void)state;
    ic_throttle_free(throttle);
    return 0;
}

TEST(throttle_lets_ten_thousand_probes_a_minute_through_at_one_a_second)
{
    uint8_t peer[IC_THROTTLE_KEY_LEN], meeting[IC_THROTTLE_KEY_LEN] = {0};
    int looked_at = 0;

    ipv4(peer, 1);
    for (int i = 0; i < 10000; i++) {
        int64_t now = i * SECONDS(60) / 10000;
        memcpy(meeting, &i, sizeof i); /* another id each time */
        if (ic_throttle_wait(throttle, peer, now) > 0)
            continue;
        assert_true(ic_throttle_fail(throttle, peer, meeting, now) > 0);
        looked_at++;
    }
    assert_in_range(looked_at, 60, 121);
}

TEST(throttle_does_not_slow_another_address)
{
    uint8_t guesser[IC_THROTTLE_KEY_LEN], other[IC_THROTTLE_KEY_LEN];

    ipv4(guesser, 1);
    ipv4(other, 2);
    for (int i = 0; i < 200; i++)
        ic_throttle_fail(throttle, guesser, MEETING, 0);
    assert_true(ic_throttle_wait(throttle, guesser, 0) > 0);
    assert_int_equal(ic_throttle_wait(throttle, other, 0), 0);
}

TEST(throttle_counts_ipv6_by_network)
{
    uint8_t guesser[IC_THROTTLE_KEY_LEN] = {0x20, 1, 0xd, 0xb8}, neighbour[IC_THROTTLE_KEY_LEN],
            other[IC_THROTTLE_KEY_LEN];

    memcpy(neighbour, guesser, sizeof neighbour);
    neighbour[15] = 9;
    memcpy(other, guesser, sizeof other);
    other[7] = 9;
    for (int i = 0; i < 200; i++)
        ic_throttle_fail(throttle, guesser, MEETING, 0);
    assert_true(ic_throttle_wait(throttle, neighbour, 0) > 0);
    assert_int_equal(ic_throttle_wait(throttle, other, 0), 0);
}

TEST(throttle_makes_many_addresses_at_one_meeting_pay_more_each)
{
    uint8_t peer[IC_THROTTLE_KEY_LEN], another[IC_THROTTLE_KEY_LEN] = {8};
    int tries = 0;

    for (uint32_t i = 0; i < 100; i++) {
        ipv4(peer, i);
        ic_throttle_fail(throttle, peer, MEETING, 0);
    }
    ipv4(peer, 1000);
    while (ic_throttle_wait(throttle, peer, 0) == 0 && tries < 100) {
        ic_throttle_fail(throttle, peer, MEETING, 0);
        tries++;
    }
    assert_in_range(tries, 2, 10);
    ipv4(peer, 1001);
    for (tries = 0; ic_throttle_wait(throttle, peer, 0) == 0 && tries < 100; tries++)
        ic_throttle_fail(throttle, peer, another, 0);
    assert_in_range(tries, 50, 70);
}

/* Networks are of addresses: ids that begin alike are of different meetings. */
TEST(throttle_counts_each_meeting_by_all_of_its_id)
{
    uint8_t peer[IC_THROTTLE_KEY_LEN], alike[IC_THROTTLE_KEY_LEN] = {7, [15] = 1};
    int tries = 0;

    for (uint32_t i = 0; i < 100; i++) {
        ipv4(peer, i);
        ic_throttle_fail(throttle, peer, MEETING, 0);
    }
    ipv4(peer, 1000);
    for (; ic_throttle_wait(throttle, peer, 0) == 0 && tries < 100; tries++)
        ic_throttle_fail(throttle, peer, alike, 0);
    assert_in_range(tries, 50, 70);
}

/* Who shares a set of the table with one that guesses does not share its debt. */
TEST(throttle_slows_none_of_many_other_addresses)
{
    uint8_t peer[IC_THROTTLE_KEY_LEN];

    for (uint32_t guesser = 0; guesser < 64; guesser++)
        for (int i = 0; i < 100; i++) {
            ipv4(peer, guesser);
            ic_throttle_fail(throttle, peer, MEETING, 0);
        }
    for (uint32_t i = 1000; i < 3000; i++) {
        ipv4(peer, i);
        assert_int_equal(ic_throttle_wait(throttle, peer, 0), 0);
    }
}

TEST(throttle_forgets_when_the_time_has_passed)
{
    uint8_t peer[IC_THROTTLE_KEY_LEN];
    uint32_t wait = 0;

    ipv4(peer, 1);
    for (int i = 0; i < 61; i++)
        wait =
            ic_throttle_fail(throttle, peer, (const uint8_t[IC_THROTTLE_KEY_LEN]){(uint8_t)i}, 0);
    assert_in_range(wait, 1000, 3000);
    assert_int_equal(ic_throttle_wait(throttle, peer, SECONDS(3)), 0);
}

TEST(throttle_stays_bounded_and_right_under_a_flood_of_addresses)
{
    uint8_t peer[IC_THROTTLE_KEY_LEN], guesser[IC_THROTTLE_KEY_LEN];

    ipv4(guesser, 0xffffffff);
    for (int i = 0; i < 200; i++)
        ic_throttle_fail(throttle, guesser, MEETING, 0);
    for (uint32_t i = 0; i < 100000; i++) {
        ipv4(peer, i);
        ic_throttle_fail(throttle, peer, (const uint8_t[IC_THROTTLE_KEY_LEN]){1, (uint8_t)i}, 0);
    }
    assert_true(ic_throttle_wait(throttle, guesser, 0) > 0);
}

TEST(throttle_bucket_gives_its_burst_and_then_its_rate)
{
    struct ic_bucket bucket = {0};
    int taken = 0;

    while (ic_bucket_take(&bucket, 200, IC_NS_PER_SEC / 50, SECONDS(100)))
        taken++;
    assert_int_equal(taken, 200);
    for (taken = 0; ic_bucket_take(&bucket, 200, IC_NS_PER_SEC / 50, SECONDS(101)); taken++)
        ;
    assert_int_equal(taken, 50);
}

#define THROTTLE(name) cmocka_unit_test_setup_teardown(name, make_throttle, free_throttle)

RUN_TESTS(THROTTLE(throttle_lets_ten_thousand_probes_a_minute_through_at_one_a_second),
          THROTTLE(throttle_does_not_slow_another_address),
          THROTTLE(throttle_counts_ipv6_by_network),
          THROTTLE(throttle_makes_many_addresses_at_one_meeting_pay_more_each),
          THROTTLE(throttle_counts_each_meeting_by_all_of_its_id),
          THROTTLE(throttle_slows_none_of_many_other_addresses),
          THROTTLE(throttle_forgets_when_the_time_has_passed),
          THROTTLE(throttle_stays_bounded_and_right_under_a_flood_of_addresses),
          cmocka_unit_test(throttle_bucket_gives_its_burst_and_then_its_rate))
