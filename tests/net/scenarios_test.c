/* scenarios_test.c - the estimator in closed loop, on virtual time: the scenarios of RFC 8867
 * section 5, and what receivers of a meeting meet. Each prints rows of what came of it. */
#include <math.h>
#include <stdio.h>

#include "tests/net/world.h"
#include "tests/test.h"

#define SECONDS(s) ((int64_t)((s) * 1e9))

static struct world w;

static void row(const char *what, size_t flow, int from, int to)
{
    const struct flow *f = &w.flows[flow];
    fprintf(stderr,
            "# %-34s flow %zu  %3d-%3d s  %6.0f kb/s  estimate %6.0f  queue %4.0f ms (most %4.0f)"
            "  lost %4.1f %%\n",
            what, flow, from, to, flow_kbps(f, from, to), flow_estimate_kbps(f, from, to),
            flow_delay_ms(f, from, to) - w.bottleneck.shape.delay_ms,
            flow_most_delay_ms(f, from, to) - w.bottleneck.shape.delay_ms,
            100 * flow_loss(f, from, to));
}

static double queue_ms(size_t flow, int from, int to)
{
    return flow_delay_ms(&w.flows[flow], from, to) - w.bottleneck.shape.delay_ms;
}

static struct net_shape bottleneck(uint32_t kbps)
{
    return (struct net_shape){
        .rate_bps = kbps * 1000, .queue_ms = 300, .delay_ms = 50, .jitter_ms = 5};
}

static void at_rate(uint32_t kbps)
{
    struct net_shape shape = bottleneck(kbps);
    world_shape(&w, &shape);
}

static struct flow media(int64_t starts_at)
{
    return (struct flow){.starts_at = starts_at, .most_bps = 10000000};
}

static void settled(const char *what, size_t flow, int from, int to, double least, double most)
{
    double kbps = flow_kbps(&w.flows[flow], from, to);
    row(what, flow, from, to);
    if (kbps < least || kbps > most)
        fail_msg("%s: %.0f kb/s is not within %.0f and %.0f", what, kbps, least, most);
}

TEST(one_flow_follows_a_capacity_that_varies)
{
    static const struct {
        int until;
        uint32_t kbps;
    } steps[] = {{40, 1000}, {60, 2500}, {80, 600}, {100, 1000}};
    int from = 0;

    world_init(&w, 1);
    world_add(&w, media(0));
    for (size_t i = 0; i < IC_COUNT(steps); i++) {
        at_rate(steps[i].kbps);
        world_run(&w, steps[i].until);
        int settled_at = from + (steps[i].kbps == 2500 ? 13 : 5);
        settled("5.1 capacity varies", 0, settled_at, steps[i].until, 0.6 * steps[i].kbps,
                1.0 * steps[i].kbps);
        assert_true(queue_ms(0, settled_at, steps[i].until) < 100);
        from = steps[i].until;
    }
    world_clear(&w);
}

TEST(two_flows_follow_a_capacity_that_varies)
{
    static const struct {
        int until;
        uint32_t kbps;
    } steps[] = {{25, 4000}, {50, 2000}, {75, 3500}, {100, 1000}, {125, 2000}};
    int from = 0;

    world_init(&w, 2);
    world_add(&w, media(0));
    world_add(&w, media(0));
    for (size_t i = 0; i < IC_COUNT(steps); i++) {
        at_rate(steps[i].kbps);
        world_run(&w, steps[i].until);
        row("5.2 capacity varies", 0, from + 8, steps[i].until);
        row("5.2 capacity varies", 1, from + 8, steps[i].until);
        double both = flow_kbps(&w.flows[0], from + 8, steps[i].until) +
                      flow_kbps(&w.flows[1], from + 8, steps[i].until);
        assert_true(both > 0.6 * steps[i].kbps && both <= 1.01 * steps[i].kbps);
        assert_true(queue_ms(0, from + 8, steps[i].until) < 130);
        from = steps[i].until;
    }
    world_clear(&w);
}

TEST(a_congested_way_back_does_not_stop_media)
{
    struct net_shape back = {.rate_bps = 60000, .queue_ms = 300, .loss_good = 50};

    world_init(&w, 3);
    w.back_shape = &back;
    world_add(&w, media(0));
    at_rate(2000);
    world_run(&w, 60);
    settled("5.3 feedback late and lost", 0, 20, 60, 1100, 2000);
    world_clear(&w);
}

TEST(flows_that_start_one_after_the_other_come_to_share)
{
    world_init(&w, 4);
    for (int i = 0; i < 3; i++)
        world_add(&w, media(SECONDS(20 * i)));
    at_rate(3500);
    world_run(&w, 150);
    double sum = 0, least = 1e9, most = 0;
    for (size_t i = 0; i < 3; i++) {
        row("5.4 three flows", i, 120, 150);
        double kbps = flow_kbps(&w.flows[i], 120, 150);
        sum += kbps;
        least = kbps < least ? kbps : least;
        most = kbps > most ? kbps : most;
    }
    assert_true(sum > 0.7 * 3500);
    assert_true(least > 0.35 * most);
    world_clear(&w);
}

TEST(a_long_way_is_not_starved_by_a_short_one)
{
    static const int delays_ms[] = {10, 25, 50, 100, 150};

    world_init(&w, 5);
    for (int i = 0; i < 5; i++) {
        struct flow f = media(SECONDS(10 * i));
        f.delay = delays_ms[i] * IC_NS_PER_MS;
        world_add(&w, f);
    }
    struct net_shape shape = {.rate_bps = 4000000, .queue_ms = 300};
    world_shape(&w, &shape);
    world_run(&w, 300);
    double least = 1e9, sum = 0;
    for (size_t i = 0; i < 5; i++) {
        row("5.5 round trips 20 to 300 ms", i, 150, 300);
        double kbps = flow_kbps(&w.flows[i], 150, 300);
        least = kbps < least ? kbps : least;
        sum += kbps;
    }
    assert_true(least > 0.25 * 4000 / 5);
    assert_true(sum > 0.7 * 4000);
    world_clear(&w);
}

TEST(beside_a_long_transfer_media_keeps_a_usable_part)
{
    world_init(&w, 6);
    world_add(&w, media(0));
    world_add(&w, (struct flow){.kind = FLOW_TCP, .starts_at = SECONDS(30)});
    at_rate(2000);
    world_run(&w, 120);
    row("5.6 beside TCP", 0, 60, 120);
    row("5.6 beside TCP", 1, 60, 120);
    assert_true(flow_kbps(&w.flows[0], 60, 120) > 100); /* voice and a small picture */
    world_clear(&w);
}

TEST(short_transfers_leave_media_most_of_the_path)
{
    world_init(&w, 7);
    world_add(&w, media(0));
    for (int i = 0; i < 5; i++)
        world_add(&w, (struct flow){.kind = FLOW_TCP,
                                    .starts_at = SECONDS(20 + 15 * i),
                                    .ends_at = SECONDS(22 + 15 * i)});
    at_rate(2000);
    world_run(&w, 110);
    settled("5.7 beside short TCP", 0, 20, 110, 500, 2000);
    world_clear(&w);
}

TEST(a_flow_that_paused_gets_its_share_again)
{
    world_init(&w, 8);
    for (int i = 0; i < 3; i++)
        world_add(&w, media(0));
    w.flows[1].pauses_at = SECONDS(40);
    w.flows[1].resumes_at = SECONDS(60);
    at_rate(3500);
    world_run(&w, 120);
    for (size_t i = 0; i < 3; i++) {
        row("5.8 paused and resumed", i, 45, 60);
        row("5.8 paused and resumed", i, 90, 120);
    }
    assert_true(flow_kbps(&w.flows[1], 90, 120) > 0.3 * 3500 / 3);
    world_clear(&w);
}

TEST(two_receivers_on_one_bottleneck_get_the_same)
{
    for (uint64_t seed = 1; seed <= 6; seed++) {
        world_init(&w, seed);
        world_add(&w, media(0));
        world_add(&w, media(0));
        at_rate(3000);
        world_run(&w, 180);
        double a = flow_kbps(&w.flows[0], 30, 180), b = flow_kbps(&w.flows[1], 30, 180);
        row("two receivers", 0, 30, 180);
        row("two receivers", 1, 30, 180);
        assert_true(fabs(a - b) < 0.2 * (a > b ? a : b));
        world_clear(&w);
    }
}

TEST(loss_that_is_the_paths_own_does_not_starve_media)
{
    static const struct {
        uint16_t per_mille;
        double least;
    } rows[] = {{10, 1500}, {50, 1200}, {100, 800}, {200, 500}};

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct net_shape shape = bottleneck(3000);
        shape.loss_good = rows[i].per_mille;
        world_init(&w, 9);
        world_add(&w, (struct flow){.most_bps = 2500000});
        world_shape(&w, &shape);
        world_run(&w, 90);
        settled("random loss", 0, 60, 90, rows[i].least, 3000);
        world_clear(&w);
    }
}

TEST(a_collapse_is_answered_within_seconds_and_its_end_too)
{
    world_init(&w, 10);
    world_add(&w, media(0));
    at_rate(2000);
    world_run(&w, 30);
    at_rate(200);
    world_run(&w, 60);
    at_rate(2000);
    world_run(&w, 90);
    row("2 Mb/s, then 200 kb/s", 0, 15, 30);
    row("2 Mb/s, then 200 kb/s", 0, 30, 33);
    row("2 Mb/s, then 200 kb/s", 0, 33, 60);
    row("2 Mb/s, then 200 kb/s", 0, 75, 90);
    assert_true(flow_loss(&w.flows[0], 35, 60) < 0.05);
    assert_true(queue_ms(0, 35, 60) < 150);
    assert_true(flow_estimate_kbps(&w.flows[0], 32, 33) < 260); /* within 2 s */
    assert_true(flow_kbps(&w.flows[0], 75, 90) > 0.6 * 2000);
    world_clear(&w);
}

TEST(layers_follow_a_step_and_do_not_flap)
{
    struct flow f = {.kind = FLOW_LAYERS, .layers = {150000, 500000, 1800000}};

    world_init(&w, 11);
    world_add(&w, f);
    at_rate(4000);
    world_run(&w, 20);
    assert_int_equal(w.flows[0].sent_bps, 1800000);
    at_rate(1000);
    world_run(&w, 21.5);
    assert_true(w.flows[0].sent_bps < 1800000); /* at a lower layer within 1.5 s */
    world_run(&w, 30);
    row("4 Mb/s, then 1 Mb/s, layers", 0, 10, 20);
    row("4 Mb/s, then 1 Mb/s, layers", 0, 23, 30);
    assert_true(flow_loss(&w.flows[0], 23, 30) < 0.05);
    at_rate(4000);
    world_run(&w, 50);
    assert_int_equal(w.flows[0].sent_bps, 1800000); /* back within 20 s */
    uint32_t switches = w.flows[0].switches;
    world_run(&w, 170);
    row("flat 4 Mb/s, layers", 0, 50, 170);
    assert_true(w.flows[0].switches - switches <= 4); /* two a minute */
    world_clear(&w);
}

TEST(a_flow_that_needs_little_never_fills_the_queue)
{
    struct flow f = {.kind = FLOW_LAYERS, .layers = {150000, 500000, 1800000}};

    world_init(&w, 12);
    world_add(&w, f);
    at_rate(700);
    world_run(&w, 60);
    row("700 kb/s, layers", 0, 10, 60);
    assert_int_equal(w.flows[0].sent_bps, 500000);
    assert_true(queue_ms(0, 10, 60) < 60);
    assert_true(flow_loss(&w.flows[0], 10, 60) < 0.01);
    world_clear(&w);
}

TEST(after_a_blackout_media_comes_back)
{
    struct net_shape down = bottleneck(2000);
    down.down = true;

    world_init(&w, 13);
    world_add(&w, media(0));
    at_rate(2000);
    world_run(&w, 20);
    world_shape(&w, &down);
    world_run(&w, 30);
    assert_true(ic_bwe_bps(&w.flows[0].bwe) < 200000);
    at_rate(2000);
    world_run(&w, 60);
    row("blackout of 10 s", 0, 33, 40);
    row("blackout of 10 s", 0, 50, 60);
    assert_true(flow_kbps(&w.flows[0], 50, 60) > 1000);
    world_clear(&w);
}

RUN_TESTS(cmocka_unit_test(one_flow_follows_a_capacity_that_varies),
          cmocka_unit_test(two_flows_follow_a_capacity_that_varies),
          cmocka_unit_test(a_congested_way_back_does_not_stop_media),
          cmocka_unit_test(flows_that_start_one_after_the_other_come_to_share),
          cmocka_unit_test(a_long_way_is_not_starved_by_a_short_one),
          cmocka_unit_test(beside_a_long_transfer_media_keeps_a_usable_part),
          cmocka_unit_test(short_transfers_leave_media_most_of_the_path),
          cmocka_unit_test(a_flow_that_paused_gets_its_share_again),
          cmocka_unit_test(two_receivers_on_one_bottleneck_get_the_same),
          cmocka_unit_test(loss_that_is_the_paths_own_does_not_starve_media),
          cmocka_unit_test(a_collapse_is_answered_within_seconds_and_its_end_too),
          cmocka_unit_test(layers_follow_a_step_and_do_not_flap),
          cmocka_unit_test(a_flow_that_needs_little_never_fills_the_queue),
          cmocka_unit_test(after_a_blackout_media_comes_back))
