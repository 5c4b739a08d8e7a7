/* The kernel refuses, or worse splits wrongly, a message that breaks the rule of run.h. */
#include "worker/run.h"

#include "tests/test.h"

TEST(run_follows_the_rule_of_equal_sizes_but_the_last)
{
    static const struct {
        const char *what;
        uint16_t lens[6];
        size_t count, expected;
    } rows[] = {
        {"nothing", {0}, 0, 0},
        {"one packet", {1200}, 1, 1},
        {"three equal packets", {1200, 1200, 1200}, 3, 3},
        {"a shorter last one rides along", {1200, 1200, 700}, 3, 3},
        {"the run ends after a shorter one", {1200, 1200, 700, 1200}, 4, 3},
        {"and also when its equal follows", {1200, 700, 700}, 3, 2},
        {"a longer one starts a run of its own", {1200, 1201, 1201}, 3, 1},
        {"a small one before large ones", {90, 1200, 1200}, 3, 1},
        {"a small one between large ones", {1200, 90, 1200}, 3, 2},
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        CHECK_ROW(rows[i].what, ic_run_of(rows[i].lens, rows[i].count, true) == rows[i].expected);
        CHECK_ROW(rows[i].what,
                  ic_run_of(rows[i].lens, rows[i].count, false) == (rows[i].count > 0 ? 1 : 0));
    }
}

TEST(run_stays_within_what_one_message_can_hold)
{
    uint16_t lens[200];

    for (uint16_t len = 1; len <= 1500; len++) {
        for (size_t i = 0; i < IC_COUNT(lens); i++)
            lens[i] = len;
        size_t run = ic_run_of(lens, IC_COUNT(lens), true);
        assert_true(run >= 1 && run <= IC_RUN_PACKETS_MAX);
        assert_true(run * len <= IC_RUN_BYTES_MAX);
    }
}

TEST(run_takes_every_packet_once_in_any_sequence)
{
    uint32_t seed = 1;

    for (int round = 0; round < 2000; round++) {
        uint16_t lens[64];
        for (size_t i = 0; i < IC_COUNT(lens); i++) {
            seed = seed * 1664525 + 1013904223;
            lens[i] = (uint16_t)(1198 + (seed >> 28) % 4);
        }
        for (size_t at = 0; at < IC_COUNT(lens);) {
            size_t run = ic_run_of(lens + at, IC_COUNT(lens) - at, true);
            assert_in_range(run, 1, IC_COUNT(lens) - at);
            for (size_t i = 1; i < run; i++)
                assert_true(i + 1 < run ? lens[at + i] == lens[at] : lens[at + i] <= lens[at]);
            at += run;
        }
    }
}

RUN_TESTS(cmocka_unit_test(run_follows_the_rule_of_equal_sizes_but_the_last),
          cmocka_unit_test(run_stays_within_what_one_message_can_hold),
          cmocka_unit_test(run_takes_every_packet_once_in_any_sequence))
