/* No counter of a key is leased twice: a repeated nonce would give the key away. */
#include "e2ee/counter.h"

#include <stdlib.h>

#include "tests/test.h"

TEST(counter_leases_of_many_sealers_never_overlap_and_leave_no_gap)
{
    enum { SEALERS = 7, ROUNDS = 500 };
    struct ic_counter counter = {0};
    struct ic_counter_lease leases[SEALERS] = {0};
    uint8_t *used = calloc(1, IC_COUNTER_LIMIT);
    unsigned random = 1;

    assert_non_null(used);
    for (int i = 0; i < SEALERS * ROUNDS * IC_COUNTER_BLOCK / 4; i++) {
        random = random * 1103515245 + 12345;
        struct ic_counter_lease *lease = &leases[random >> 16 & 0xFFFF % SEALERS];
        if (lease->next == lease->end)
            assert_int_equal(ic_counter_lease(&counter, lease), IC_OK);
        assert_int_equal(used[lease->next], 0);
        used[lease->next++] = 1;
    }
    size_t unused = 0;
    for (uint64_t c = 0; c < counter.leased; c++)
        unused += !used[c];
    for (int i = 0; i < SEALERS; i++)
        unused -= leases[i].end - leases[i].next;
    assert_int_equal(unused, 0);
    free(used);
}

TEST(counter_is_exhausted_at_its_limit_and_stays_so)
{
    struct ic_counter counter = {0};
    struct ic_counter_lease lease = {0};
    uint64_t blocks = 0;

    while (ic_counter_lease(&counter, &lease) == IC_OK)
        blocks++;
    assert_int_equal(blocks, IC_COUNTER_LIMIT / IC_COUNTER_BLOCK);
    assert_int_equal(lease.end, IC_COUNTER_LIMIT);
    assert_int_equal(ic_counter_lease(&counter, &lease), IC_ERR_EXHAUSTED);
}

RUN_TESTS(cmocka_unit_test(counter_leases_of_many_sealers_never_overlap_and_leave_no_gap),
          cmocka_unit_test(counter_is_exhausted_at_its_limit_and_stays_so))
