/* Wiping wipes, comparing compares all, and the generator is not stuck. */
#include "crypto/secret.h"

#include "crypto/random.h"
#include "tests/test.h"

TEST(a_difference_is_seen_at_every_place)
{
    uint8_t a[33], b[33];

    ic_random_fill(a, sizeof a);
    memcpy(b, a, sizeof a);
    assert_true(ic_secret_equal(a, b, sizeof a));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] ^= 0x80;
        assert_false(ic_secret_equal(a, b, sizeof a));
        assert_true(ic_secret_equal(a, b, i));
        b[i] ^= 0x80;
    }
}

TEST(wiping_leaves_zeroes)
{
    uint8_t bytes[20];

    memset(bytes, 0xa5, sizeof bytes);
    ic_secret_wipe(bytes, sizeof bytes - 1);
    for (size_t i = 0; i + 1 < sizeof bytes; i++)
        assert_int_equal(bytes[i], 0);
    assert_int_equal(bytes[sizeof bytes - 1], 0xa5);
}

TEST(random_bytes_fill_the_whole_and_do_not_repeat)
{
    uint8_t first[4096] = {0}, second[4096] = {0};
    size_t zeroes = 0;

    ic_random_fill(first, sizeof first);
    ic_random_fill(second, sizeof second);
    assert_memory_not_equal(first, second, sizeof first);
    for (size_t i = 0; i < sizeof first; i++)
        zeroes += first[i] == 0;
    assert_true(zeroes < 64); /* 16 expected; 64 is twelve deviations away */
}

RUN_TESTS(cmocka_unit_test(a_difference_is_seen_at_every_place),
          cmocka_unit_test(wiping_leaves_zeroes),
          cmocka_unit_test(random_bytes_fill_the_whole_and_do_not_repeat))
