/* link_test.c - the link model does what its shape says, the same each time. */
#include <math.h>
#include <stdlib.h>

#include "tests/net/link.h"
#include "tests/net/profiles.h"
#include "tests/test.h"

enum { WIRE_LEN = 1000, PACKETS = 20000 };

struct outcome {
    uint32_t arrived, overtaken, bursts;
    double mean_ms, spread_ms, most_ms;
    double bps;
    uint64_t digest; /* of which packets arrived, and when */
};

/* Sends numbered packets at a steady pace, and looks at what comes out. */
static struct outcome measure(const struct net_shape *shape, uint64_t seed, int64_t interval_ns)
{
    struct net_link link;
    struct outcome o = {0};
    double sum = 0, squares = 0;
    uint32_t newest = 0;
    int64_t first_at = 0, last_at = 0;
    bool arrived[PACKETS + 1] = {false};

    net_link_init(&link, seed);
    net_link_reshape(&link, shape, 0);
    for (int64_t i = 0; i < PACKETS || net_link_next(&link) != INT64_MAX; i++) {
        struct net_packet p;
        uint32_t number = (uint32_t)i + 1;
        if (i < PACKETS)
            net_link_send(&link, (struct ic_bytes){(uint8_t *)&number, sizeof number}, WIRE_LEN,
                          i * interval_ns);
        while (net_link_take(&link, &p, (i + 1) * interval_ns)) {
            memcpy(&number, p.bytes, sizeof number);
            double ms = (double)(p.arrived_at - p.sent_at) / (double)IC_NS_PER_MS;
            o.arrived++;
            o.overtaken += number < newest;
            newest = number > newest ? number : newest;
            arrived[number] = true;
            sum += ms;
            squares += ms * ms;
            o.most_ms = ms > o.most_ms ? ms : o.most_ms;
            o.digest = o.digest * 31 + (uint64_t)p.arrived_at + number;
            first_at = first_at ? first_at : p.arrived_at;
            last_at = p.arrived_at;
            free(p.bytes);
        }
    }
    for (uint32_t n = 2; n <= PACKETS; n++)
        o.bursts += !arrived[n] && arrived[n - 1];
    o.mean_ms = sum / o.arrived;
    o.spread_ms = sqrt(squares / o.arrived - o.mean_ms * o.mean_ms);
    o.bps = (double)o.arrived * WIRE_LEN * 8 * 1e9 / (double)(last_at - first_at + 1);
    net_link_clear(&link);
    return o;
}

static struct outcome of_profile(const char *name)
{
    uint64_t next;
    return measure(&net_profile_step(net_profile_find(name), 0, &next)->down, 7, 10 * IC_NS_PER_MS);
}

static double lost(const struct outcome *o)
{
    return 1 - (double)o->arrived / PACKETS;
}

TEST(a_perfect_link_changes_nothing)
{
    struct net_shape shape = {0};
    struct outcome o = measure(&shape, 1, IC_NS_PER_MS);
    assert_int_equal(o.arrived, PACKETS);
    assert_int_equal(o.overtaken, 0);
    assert_true(o.most_ms == 0);
}

TEST(the_same_seed_gives_the_same_fate_and_another_seed_another)
{
    uint64_t next;
    const struct net_shape *shape =
        &net_profile_step(net_profile_find("international"), 0, &next)->up;
    struct outcome a = measure(shape, 5, 5 * IC_NS_PER_MS);
    struct outcome b = measure(shape, 5, 5 * IC_NS_PER_MS);
    struct outcome c = measure(shape, 6, 5 * IC_NS_PER_MS);
    assert_true(a.digest == b.digest);
    assert_true(a.digest != c.digest);
}

TEST(each_packet_is_lost_as_often_as_asked)
{
    static const struct {
        const char *profile;
        double loss, burst;
    } rows[] = {
        {"loss-1", 0.01, 1.01},      {"loss-10", 0.1, 1.11},      {"loss-50", 0.5, 2.0},
        {"bursty-10-2", 0.107, 2.0}, {"bursty-30-4", 0.306, 4.0}, {"bursty-5-3", 0.054, 2.86},
        {"moderate", 0.05, 1.05},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct outcome o = of_profile(rows[i].profile);
        double burst = (PACKETS - o.arrived) / (double)o.bursts;
        CHECK_ROW(rows[i].profile, fabs(lost(&o) - rows[i].loss) < 0.12 * rows[i].loss + 0.002);
        CHECK_ROW(rows[i].profile, fabs(burst - rows[i].burst) < 0.1 * rows[i].burst);
    }
}

TEST(a_packet_takes_the_delay_that_was_asked_for)
{
    struct net_shape shape = {.delay_ms = 150, .jitter_ms = 30, .overtaking = true};
    struct outcome uniform = measure(&shape, 1, 10 * IC_NS_PER_MS);
    assert_true(fabs(uniform.mean_ms - 150) < 1 && uniform.most_ms <= 180);
    assert_true(fabs(uniform.spread_ms - 30 / sqrt(3)) < 1);
    assert_true(uniform.overtaken > 0);
    shape.jitter = NET_JITTER_NORMAL;
    struct outcome normal = measure(&shape, 1, 10 * IC_NS_PER_MS);
    assert_true(fabs(normal.mean_ms - 150) < 1 && fabs(normal.spread_ms - 30) < 1);
    shape.jitter = NET_JITTER_PARETO;
    struct outcome pareto = measure(&shape, 1, 10 * IC_NS_PER_MS);
    assert_true(fabs(pareto.mean_ms - 150) < 3 && pareto.most_ms > 250);
}

TEST(without_leave_to_overtake_jitter_keeps_the_order)
{
    struct net_shape shape = {.delay_ms = 50, .jitter_ms = 40};
    assert_int_equal(measure(&shape, 1, IC_NS_PER_MS).overtaken, 0);
}

TEST(what_exceeds_the_rate_waits_and_then_overflows)
{
    struct net_shape shape = {.rate_bps = 500000, .queue_ms = 300};
    struct outcome o = measure(&shape, 1, 8 * IC_NS_PER_MS); /* 1 Mb/s */
    assert_true(fabs(o.bps - 500000) < 2000);
    assert_true(o.most_ms > 300 && o.most_ms < 335);
    assert_true(fabs(lost(&o) - 0.5) < 0.01);
}

TEST(below_the_rate_nothing_waits_longer_than_its_own_length)
{
    struct net_shape shape = {.rate_bps = 1000000, .queue_packets = 2};
    struct outcome o = measure(&shape, 1, 8 * IC_NS_PER_MS);
    assert_int_equal(o.arrived, PACKETS);
    assert_true(fabs(o.most_ms - 8) < 0.01);
}

TEST(a_slower_rate_holds_for_what_is_waiting_already)
{
    struct net_link link;
    struct net_shape fast = {.rate_bps = 8000000}, slow = {.rate_bps = 800000};
    struct net_packet p = {0};

    net_link_init(&link, 1);
    net_link_reshape(&link, &fast, 0);
    for (int i = 0; i < 10; i++)
        net_link_send(&link, (struct ic_bytes){0}, WIRE_LEN, 0);
    net_link_reshape(&link, &slow, IC_NS_PER_MS / 2); /* half of the first is through */
    for (int i = 0; i < 10; i++) {
        assert_true(net_link_take(&link, &p, IC_NS_PER_SEC));
        free(p.bytes);
    }
    assert_int_equal(p.arrived_at, (5 + 50 + 90 * 10) * IC_NS_PER_MS / 10);
    net_link_clear(&link);
}

TEST(duplicates_and_overtakers_come_as_often_as_asked)
{
    struct outcome twice = of_profile("duplicate"), order = of_profile("reorder");
    assert_true(fabs((double)twice.arrived / PACKETS - 1.01) < 0.003);
    assert_true(fabs((double)order.arrived / PACKETS - 1) < 1e-9);
    struct net_shape shape = {.delay_ms = 20, .reordered = 20};
    struct outcome close = measure(&shape, 1, 2 * IC_NS_PER_MS);
    assert_true(close.overtaken > 0.1 * PACKETS); /* each passes the ten before it */
}

TEST(nothing_passes_while_the_link_is_down)
{
    struct net_shape shape = {.down = true};
    assert_int_equal(measure(&shape, 1, IC_NS_PER_MS).arrived, 0);
}

TEST(a_profile_is_at_the_step_of_its_time)
{
    const struct net_profile *p = net_profile_find("steps");
    uint64_t next;
    assert_int_equal(net_profile_step(p, 0, &next)->down.rate_bps, 4000000);
    assert_int_equal(next, 20000);
    assert_int_equal(net_profile_step(p, 29999, &next)->down.rate_bps, 1000000);
    assert_int_equal(next, 30000);
    assert_int_equal(net_profile_step(p, 61000, &next)->down.rate_bps, 4000000);
    assert_int_equal(next, 80000);
    assert_int_equal(net_profile_step(net_profile_find("roam"), 10000, &next)->up.address, 1);
    assert_true(next == UINT64_MAX);
    assert_null(net_profile_find("none"));
}

RUN_TESTS(cmocka_unit_test(a_perfect_link_changes_nothing),
          cmocka_unit_test(the_same_seed_gives_the_same_fate_and_another_seed_another),
          cmocka_unit_test(each_packet_is_lost_as_often_as_asked),
          cmocka_unit_test(a_packet_takes_the_delay_that_was_asked_for),
          cmocka_unit_test(without_leave_to_overtake_jitter_keeps_the_order),
          cmocka_unit_test(what_exceeds_the_rate_waits_and_then_overflows),
          cmocka_unit_test(below_the_rate_nothing_waits_longer_than_its_own_length),
          cmocka_unit_test(a_slower_rate_holds_for_what_is_waiting_already),
          cmocka_unit_test(duplicates_and_overtakers_come_as_often_as_asked),
          cmocka_unit_test(nothing_passes_while_the_link_is_down),
          cmocka_unit_test(a_profile_is_at_the_step_of_its_time))
