/* The index must find everything that is in it and nothing that was taken out. */
#include "worker/index.h"

#include "tests/test.h"

static struct ic_index index_;

static bool holds(uint32_t hash, uint32_t value)
{
    uint32_t cursor = 0, found;

    while (ic_index_next(&index_, hash, &cursor, &found))
        if (found == value)
            return true;
    return false;
}

TEST(index_finds_all_that_share_a_hash)
{
    ic_index_clear(&index_);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(ic_index_add(&index_, 7, i), IC_OK);
    for (uint32_t i = 0; i < 10; i++)
        assert_true(holds(7, i));
    assert_false(holds(8, 0));
    ic_index_remove(&index_, 7, 4);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(holds(7, i), i != 4);
    ic_index_remove(&index_, 7, 4);
    assert_int_equal(index_.count, 9);
    ic_index_clear(&index_);
}

TEST(index_agrees_with_a_plain_list_through_random_changes)
{
    static bool in[64][32];
    uint32_t seed = 3;

    ic_index_clear(&index_);
    memset(in, 0, sizeof in);
    for (int step = 0; step < 20000; step++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t hash = seed >> 26, value = seed >> 21 & 31;
        if (in[hash][value])
            ic_index_remove(&index_, hash, value);
        else
            assert_int_equal(ic_index_add(&index_, hash, value), IC_OK);
        in[hash][value] = !in[hash][value];
        assert_int_equal(holds(hash, value), in[hash][value]);
    }
    for (uint32_t hash = 0; hash < 64; hash++)
        for (uint32_t value = 0; value < 32; value++)
            assert_int_equal(holds(hash, value), in[hash][value]);
    ic_index_clear(&index_);
}

TEST(index_says_when_it_is_full)
{
    ic_index_clear(&index_);
    for (uint32_t i = 0; i < IC_INDEX_ENTRIES_MAX; i++)
        assert_int_equal(ic_index_add(&index_, i * 2654435761u, i), IC_OK);
    assert_int_equal(ic_index_add(&index_, 1, 1), IC_ERR_FULL);
    for (uint32_t i = 0; i < IC_INDEX_ENTRIES_MAX; i++)
        assert_true(holds(i * 2654435761u, i));
    ic_index_clear(&index_);
}

TEST(index_of_few_is_small)
{
    ic_index_clear(&index_);
    for (uint32_t i = 0; i < 200; i++)
        assert_int_equal(ic_index_add(&index_, i * 2654435761u, i), IC_OK);
    assert_in_range(index_.size * sizeof *index_.entries, 200, 4096);
    ic_index_clear(&index_);
    assert_false(holds(0, 0));
    ic_index_remove(&index_, 0, 0);
}

RUN_TESTS(cmocka_unit_test(index_of_few_is_small),
          cmocka_unit_test(index_finds_all_that_share_a_hash),
          cmocka_unit_test(index_agrees_with_a_plain_list_through_random_changes),
          cmocka_unit_test(index_says_when_it_is_full))
