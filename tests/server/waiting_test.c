/* Who waits, how often it knocks, and which addresses were sent away. */
#include "server/waiting.h"

#include "tests/test.h"

static struct ic_waiting waiting;

#define MS(n) ((n) * IC_NS_PER_MS)
#define IPV4(last) {[10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2, [15] = (last)}

static const uint8_t ONE[IC_ADDRESS_LEN] = IPV4(1), TWO[IC_ADDRESS_LEN] = IPV4(2);

static int forget_all(void **state)
{
    (void)state;
    ic_waiting_clear(&waiting);
    return 0;
}

static struct ic_waiter *add(const uint8_t *address)
{
    struct ic_waiter *waiter = NULL;
    assert_int_equal(ic_waiting_add(&waiting, &waiter, 3, address), IC_OK);
    return waiter;
}

TEST(waiting_finds_by_id_and_token_until_it_is_taken_out)
{
    struct ic_waiter *a = add(ONE), *b = add(TWO), *more;

    assert_ptr_equal(waiting.first, a);
    assert_ptr_equal(ic_waiting_find(&waiting, b->id), b);
    assert_ptr_equal(ic_waiting_find_resumable(&waiting, b->resume), b);
    assert_null(ic_waiting_find_resumable(&waiting, (const uint8_t[IC_TOKEN_LEN]){0}));
    add(ONE);
    assert_int_equal(ic_waiting_add(&waiting, &more, 3, ONE), IC_ERR_FULL);
    ic_waiter_set_knock(a, "AAAA", true);
    ic_waiting_take(&waiting, a);
    assert_null(a->knock);
    assert_null(ic_waiting_find(&waiting, a->id));
    assert_int_equal(waiting.count, 2);
    ic_waiting_put(&waiting, a);
    assert_ptr_equal(ic_waiting_find(&waiting, a->id), a);
}

TEST(waiting_a_second_knock_takes_the_place_of_the_first)
{
    struct ic_waiter *a = add(ONE);

    ic_waiter_set_knock(a, "AAAA", false);
    ic_waiter_set_knock(a, "BBBB", true);
    assert_string_equal(a->knock->at, "BBBB");
    assert_true(a->returning);
}

TEST(waiting_one_knocks_once_a_second_and_ten_times_in_all)
{
    struct ic_waiter *a = add(ONE);

    for (int i = 0; i < IC_KNOCKS_MAX; i++) {
        assert_int_equal(ic_waiting_knock_wait(&waiting, a, false, MS(1000 * i)), 0);
        if (i < IC_KNOCKS_MAX - 1)
            assert_in_range(ic_waiting_knock_wait(&waiting, a, false, MS(1000 * i + 400)), 600,
                            601);
    }
    assert_int_equal(ic_waiting_knock_wait(&waiting, a, false, MS(100000)), UINT32_MAX);
}

TEST(waiting_a_member_knocks_again_after_a_while)
{
    struct ic_waiter *a = add(ONE);

    for (int i = 0; i < 10; i++)
        assert_int_equal(ic_waiting_knock_wait(&waiting, a, true, MS(1000 * i)), 0);
    assert_int_not_equal(ic_waiting_knock_wait(&waiting, a, true, MS(10000)), 0);
    assert_int_equal(ic_waiting_knock_wait(&waiting, a, true, MS(75000)), 0);
}

/* A stranger who comes, knocks, and goes, so that no other limit holds him. */
static uint32_t come_and_knock(const uint8_t *address, int64_t now)
{
    struct ic_waiter *a = add(address);
    uint32_t wait_ms = ic_waiting_knock_wait(&waiting, a, false, now);

    ic_waiting_take(&waiting, a);
    ic_waiter_free(a);
    return wait_ms;
}

static int knocks_taken(const uint8_t *address, int tries, int64_t now)
{
    int taken = 0;

    for (int i = 0; i < tries; i++)
        taken += come_and_knock(address, now) == 0;
    return taken;
}

TEST(waiting_one_address_knocks_a_hundred_times_and_then_once_a_second)
{
    assert_int_equal(knocks_taken(ONE, 3000, 0), IC_KNOCKS_OF_ADDRESS);
    assert_in_range(come_and_knock(ONE, MS(300)), 700, 701);
    assert_int_equal(knocks_taken(ONE, 3000, MS(7000)), 7);
    assert_int_equal(come_and_knock(TWO, MS(7000)), 0);
}

TEST(waiting_all_addresses_together_knock_two_hundred_times_and_then_ten_times_a_second)
{
    uint8_t address[IC_ADDRESS_LEN] = IPV4(0);
    int taken = 0;

    for (int i = 0; i < 3000; i++) {
        address[14] = (uint8_t)(i >> 8);
        address[15] = (uint8_t)i;
        taken += come_and_knock(address, 0) == 0;
    }
    assert_int_equal(taken, IC_KNOCKS_AT_ONCE);
    assert_in_range(come_and_knock(TWO, MS(30)), 70, 71);
    assert_int_equal(knocks_taken(TWO, 100, MS(2000)), 2 * IC_KNOCKS_A_SECOND);
    assert_int_equal(waiting.knocking.count, IC_KNOCKING_ADDRESSES);
}

TEST(waiting_who_is_let_in_costs_its_address_nothing)
{
    for (int i = 0; i < 10 * IC_KNOCKS_AT_ONCE; i++) {
        struct ic_waiter *a = add(ONE);
        assert_int_equal(ic_waiting_knock_wait(&waiting, a, false, 0), 0);
        ic_waiting_let_in(&waiting, a);
        ic_waiter_free(a);
    }
}

TEST(waiting_one_address_leaves_half_of_the_places_to_others)
{
    enum { PLACES = 40 };
    struct ic_waiter *a;

    for (int i = 0; i < PLACES / 2; i++)
        assert_int_equal(ic_waiting_add(&waiting, &a, PLACES, ONE), IC_OK);
    assert_int_equal(ic_waiting_add(&waiting, &a, PLACES, ONE), IC_ERR_FULL);
    for (int i = 0; i < PLACES / 2; i++)
        assert_int_equal(ic_waiting_add(&waiting, &a, PLACES, TWO), IC_OK);
    assert_int_equal(ic_waiting_add(&waiting, &a, PLACES, TWO), IC_ERR_FULL);
}

TEST(waiting_counts_who_was_sent_away_by_address_and_ipv6_by_network)
{
    const uint8_t here[IC_ADDRESS_LEN] = {0x20, 1, [15] = 1},
                  near[IC_ADDRESS_LEN] = {0x20, 1, [15] = 9};
    const uint8_t far[IC_ADDRESS_LEN] = {0x20, 1, [7] = 1, [15] = 1};

    ic_waiting_note_refusal(&waiting, here, 0);
    ic_waiting_note_removal(&waiting, near);
    ic_waiting_note_removal(&waiting, ONE);
    assert_int_equal(ic_waiting_before(&waiting, near), 2);
    assert_int_equal(ic_waiting_before(&waiting, far), 0);
    assert_int_equal(ic_waiting_before(&waiting, ONE), 1);
    assert_int_equal(ic_waiting_before(&waiting, TWO), 0);
    for (int i = 0; i < 2000; i++)
        ic_waiting_note_removal(&waiting, ONE);
    assert_int_equal(ic_waiting_before(&waiting, ONE), IC_BEFORE_MAX);
}

TEST(waiting_from_the_second_refusal_on_an_address_waits_a_minute)
{
    ic_waiting_note_refusal(&waiting, ONE, 0);
    assert_int_equal(ic_waiting_refused_wait(&waiting, ONE, MS(1)), 0);
    ic_waiting_note_refusal(&waiting, ONE, MS(1000));
    assert_in_range(ic_waiting_refused_wait(&waiting, ONE, MS(1000)), 60000, 60001);
    assert_int_equal(ic_waiting_refused_wait(&waiting, ONE, MS(61000)), 0);
    assert_int_equal(ic_waiting_refused_wait(&waiting, TWO, MS(1000)), 0);
    ic_waiting_note_refusal(&waiting, ONE, MS(90000));
    assert_int_not_equal(ic_waiting_refused_wait(&waiting, ONE, MS(90001)), 0);
    for (int i = 0; i < 5; i++)
        ic_waiting_note_removal(&waiting, TWO);
    assert_int_equal(ic_waiting_refused_wait(&waiting, TWO, MS(1)), 0);
}

TEST(waiting_forgets_the_oldest_address_when_there_are_too_many)
{
    uint8_t address[IC_ADDRESS_LEN] = IPV4(0);

    for (int i = 0; i < IC_REFUSED_ADDRESSES + 1; i++) {
        address[14] = (uint8_t)(i >> 8);
        address[15] = (uint8_t)i;
        ic_waiting_note_refusal(&waiting, address, MS(i));
    }
    assert_int_equal(waiting.sent_away_count, IC_REFUSED_ADDRESSES);
    assert_int_equal(ic_waiting_before(&waiting, address), 1);
    address[14] = address[15] = 0;
    assert_int_equal(ic_waiting_before(&waiting, address), 0);
}

#define WAITING(name) cmocka_unit_test_teardown(name, forget_all)

RUN_TESTS(
    WAITING(waiting_finds_by_id_and_token_until_it_is_taken_out),
    WAITING(waiting_a_second_knock_takes_the_place_of_the_first),
    WAITING(waiting_one_knocks_once_a_second_and_ten_times_in_all),
    WAITING(waiting_a_member_knocks_again_after_a_while),
    WAITING(waiting_one_address_knocks_a_hundred_times_and_then_once_a_second),
    WAITING(waiting_all_addresses_together_knock_two_hundred_times_and_then_ten_times_a_second),
    WAITING(waiting_who_is_let_in_costs_its_address_nothing),
    WAITING(waiting_one_address_leaves_half_of_the_places_to_others),
    WAITING(waiting_counts_who_was_sent_away_by_address_and_ipv6_by_network),
    WAITING(waiting_from_the_second_refusal_on_an_address_waits_a_minute),
    WAITING(waiting_forgets_the_oldest_address_when_there_are_too_many))
