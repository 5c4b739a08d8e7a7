/* bwe_test.c - what single feedbacks do to an estimate; whole paths are in tests/net. */
#include "media/bwe.h"
#include "tests/test.h"

#define START (100 * IC_NS_PER_SEC)

enum { LEN = 1000 };

/* A path without a network: a packet each 10 ms, told of after `rtt`. */
struct path {
    struct ic_bwe bwe;
    int64_t now;
    int64_t clock; /* of the receiver, minus ours */
    int64_t drift; /* further delay of each packet */
    int64_t delay;
    uint16_t seq;
    uint32_t lost_in; /* every so many is lost; 0: none */
};

static struct path fresh(void)
{
    static struct ic_bwe_packet sent[IC_BWE_SENT_MOST];
    struct path p = {.now = START, .clock = IC_NS_PER_SEC, .delay = 20 * IC_NS_PER_MS};
    memset(sent, 0, sizeof sent);
    ic_bwe_init(&p.bwe, sent, IC_COUNT(sent), START);
    return p;
}

static void send_one(struct path *p, struct ic_twcc_result *result)
{
    int64_t wrap = (INT64_C(1) << 24) * 64 * IC_NS_PER_MS;

    ic_bwe_sent(&p->bwe, p->seq, LEN, 0, p->now);
    *result = (struct ic_twcc_result){.seq = p->seq,
                                      .arrived = p->lost_in == 0 || p->seq % p->lost_in != 0,
                                      .at_ns = (p->now + p->delay + p->clock) % wrap};
    p->delay += p->drift;
    p->seq++;
    p->now += 10 * IC_NS_PER_MS;
}

/* Ten packets a feedback. */
static void run(struct path *p, double seconds)
{
    struct ic_twcc_result results[10];

    for (int64_t until = p->now + (int64_t)(seconds * 1e9); p->now < until;) {
        for (size_t i = 0; i < IC_COUNT(results); i++)
            send_one(p, &results[i]);
        ic_bwe_feedback(&p->bwe, results, IC_COUNT(results), p->now);
        ic_bwe_tick(&p->bwe, p->now);
    }
}

TEST(an_estimate_grows_on_an_empty_path_but_not_far_beyond_what_is_sent)
{
    struct path p = fresh();
    run(&p, 60);
    double sent = (LEN + 28) * 8 * 100;
    assert_true(ic_bwe_bps(&p.bwe) > 1.3 * sent);
    assert_true(ic_bwe_bps(&p.bwe) < 1.6 * sent);
}

TEST(a_queue_that_grows_lowers_the_estimate_to_what_got_through)
{
    struct path p = fresh();
    run(&p, 5);
    uint32_t before = ic_bwe_bps(&p.bwe);
    p.drift = 2 * IC_NS_PER_MS; /* five packets arrive in the time of six */
    run(&p, 1);
    assert_true(ic_bwe_bps(&p.bwe) < before);
    assert_true(ic_bwe_bps(&p.bwe) > 300000);
}

/* Of the packets of 300 ms, one each 5 ms, five have come, 50 ms apart; or after a pause of as long
 * most of them, all at once. */
static uint32_t estimate_after(bool stands_still)
{
    struct path p = fresh();
    struct ic_twcc_result results[60];
    run(&p, 5);
    int64_t from = p.now;
    for (size_t i = 0; i < IC_COUNT(results); i++) {
        send_one(&p, &results[i]);
        p.now -= 5 * IC_NS_PER_MS;
        results[i].at_ns =
            from + p.clock + p.delay + (stands_still ? 250 : 50 * (int64_t)(i + 1)) * IC_NS_PER_MS;
    }
    ic_bwe_feedback(&p.bwe, results, stands_still ? 50 : 5, from + 300 * IC_NS_PER_MS);
    return ic_bwe_bps(&p.bwe);
}

TEST(a_path_that_collapses_is_believed_at_once_and_one_that_stood_still_is_not)
{
    assert_in_range(estimate_after(false), 100000, 170000); /* 1,028 bytes in 50 ms */
    assert_true(estimate_after(true) > 600000);
}

/* A picture of three packets each 33 ms, which arrive `apart`; the receiver's machine is busy for
 * 250 ms. */
static void watch_pause(int64_t busy_from, int64_t apart)
{
    struct ic_delay_trend t;
    int64_t busy_until = busy_from + 250 * IC_NS_PER_MS;

    ic_delay_trend_init(&t);
    for (int64_t sent = START; sent < START + 6 * IC_NS_PER_SEC; sent += 33 * IC_NS_PER_MS)
        for (int i = 0; i < 3; i++) {
            int64_t arrived = sent + 50 * IC_NS_PER_MS + i * apart;
            if (arrived > busy_from && arrived < busy_until)
                arrived = busy_until;
            ic_delay_trend_note(&t, sent, arrived);
            assert_int_not_equal(t.usage, IC_USAGE_OVER);
            assert_true(ic_delay_trend_queue_ms(&t) < 10);
        }
}

TEST(packets_that_waited_for_a_busy_receiver_were_in_no_queue)
{
    for (int64_t ms = 0; ms < 33; ms++) {
        watch_pause(START + 5 * IC_NS_PER_SEC + ms * IC_NS_PER_MS, 0);
        watch_pause(START + 5 * IC_NS_PER_SEC + ms * IC_NS_PER_MS, 8 * IC_NS_PER_MS);
    }
}

/* 800 kb/s, of which the packets of 250 ms come at once. */
TEST(what_was_held_up_for_a_moment_makes_the_rate_of_arrival_no_lower)
{
    struct ic_ack_rate r;
    int64_t held_until = START + 1250 * IC_NS_PER_MS;

    ic_ack_rate_init(&r);
    for (int64_t at = START; at < START + 2 * IC_NS_PER_SEC; at += 10 * IC_NS_PER_MS) {
        int64_t arrived = at > START + IC_NS_PER_SEC && at < held_until ? held_until : at;
        if (at > held_until)
            assert_true(ic_ack_rate_bps(&r) >= 700000);
        ic_ack_rate_note(&r, LEN, arrived);
    }
}

TEST(loss_of_a_tenth_is_borne_and_a_third_is_not)
{
    static const struct {
        const char *what;
        uint32_t lost_in;
        bool lowers;
    } rows[] = {{"none", 0, false}, {"6 %", 16, false}, {"33 %", 3, true}};

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct path p = fresh();
        run(&p, 3);
        uint32_t before = ic_bwe_bps(&p.bwe);
        p.lost_in = rows[i].lost_in;
        run(&p, 3);
        CHECK_ROW(rows[i].what, (ic_bwe_bps(&p.bwe) < before) == rows[i].lowers);
    }
}

TEST(loss_behind_a_long_queue_is_not_the_paths_own)
{
    uint32_t bps[2];

    for (int queued = 0; queued <= 1; queued++) {
        struct ic_loss_rate l;
        ic_loss_rate_init(&l, 1000000);
        for (int64_t now = START; now < START + 20 * IC_NS_PER_SEC; now += 100 * IC_NS_PER_MS) {
            ic_loss_rate_note(&l, 5, 20);
            ic_loss_rate_update(&l, queued, 0, now, IC_BWE_LEAST_BPS, IC_BWE_MOST_BPS);
        }
        bps[queued] = l.bps;
        assert_true(queued ? ic_loss_rate_own(&l) <= 0 : ic_loss_rate_own(&l) > 0.2);
    }
    assert_true(bps[1] < bps[0] / 2);
}

static void lose(struct ic_loss_rate *l, uint32_t lost, uint32_t expected, int64_t now)
{
    ic_loss_rate_note(l, lost, expected);
    ic_loss_rate_update(l, false, 0, now, IC_BWE_LEAST_BPS, IC_BWE_MOST_BPS);
}

/* A fifth of 60 packets is 12, and now and then 9 or 18. */
TEST(a_path_that_loses_a_fifth_loses_more_and_less_of_few_packets_by_chance)
{
    static const uint32_t lost[] = {12, 9, 12, 15, 12};
    struct ic_loss_rate l;
    int64_t now = START;

    ic_loss_rate_init(&l, 1000000);
    for (size_t i = 0; i < IC_COUNT(lost); i++)
        lose(&l, lost[i], 60, now += IC_NS_PER_SEC);
    uint32_t before = l.bps;
    lose(&l, 18, 60, now += IC_NS_PER_SEC);
    assert_true(l.bps >= before);
    before = l.bps;
    lose(&l, 12, 60, now += IC_NS_PER_SEC);
    assert_true(l.bps > before);
    before = l.bps;
    lose(&l, 30, 60, now += IC_NS_PER_SEC);
    assert_true(l.bps < before);
}

/* Eight feedbacks of which two are lost. */
TEST(what_a_lost_feedback_told_of_has_arrived_nevertheless)
{
    struct path p = fresh();
    struct ic_twcc_result results[5];
    double sent = (LEN + 28) * 8 * 100;

    for (int i = 0; i < 100; i++) {
        for (size_t k = 0; k < IC_COUNT(results); k++)
            send_one(&p, &results[k]);
        if (i % 8 != 3 && i % 8 != 4)
            ic_bwe_feedback(&p.bwe, results, IC_COUNT(results), p.now);
        if (i % 8 == 5 && i > 20)
            assert_in_range(ic_ack_rate_bps(&p.bwe.acked), 0.85 * sent, 1.5 * sent);
    }
}

TEST(a_packet_that_was_said_missing_and_then_came_is_not_lost)
{
    struct path p = fresh();
    struct ic_twcc_result results[10];

    for (size_t i = 0; i < IC_COUNT(results); i++)
        send_one(&p, &results[i]);
    results[3].arrived = false;
    ic_bwe_feedback(&p.bwe, results, IC_COUNT(results), p.now);
    assert_int_equal(p.bwe.lost_count, 1);
    results[3].arrived = true;
    ic_bwe_feedback(&p.bwe, results, IC_COUNT(results), p.now);
    assert_int_equal(p.bwe.lost_count, 0);
    assert_int_equal(p.bwe.acked_count, 10);
}

TEST(feedback_about_what_was_never_sent_changes_nothing)
{
    struct path p = fresh();
    struct ic_twcc_result strange[] = {{60000, true, 5}, {1, false, 0}, {40000, true, INT64_MAX}};
    struct ic_bwe before = p.bwe;

    ic_bwe_feedback(&p.bwe, strange, IC_COUNT(strange), p.now);
    assert_memory_equal(&before, &p.bwe, sizeof before);
    run(&p, 1);
    before = p.bwe;
    ic_bwe_feedback(&p.bwe, strange, IC_COUNT(strange), p.now);
    assert_memory_equal(&before, &p.bwe, sizeof before);
}

TEST(the_receivers_clock_may_wrap)
{
    struct path p = fresh();
    int64_t wrap = (INT64_C(1) << 24) * 64 * IC_NS_PER_MS;
    p.clock = wrap - START - IC_NS_PER_SEC;
    run(&p, 3);
    assert_int_equal(p.bwe.trend.usage, IC_USAGE_NORMAL);
    assert_true(p.bwe.aimd.decreased_at == 0);
    assert_true(p.bwe.rtt > 0 && p.bwe.rtt < 150 * IC_NS_PER_MS);
}

TEST(numbers_may_wrap)
{
    struct path p = fresh();
    p.seq = 65500;
    run(&p, 3);
    assert_int_equal(p.bwe.acked_count, 300);
    assert_int_equal(p.bwe.lost_count, 0);
}

TEST(silence_halves_the_estimate_again_and_again_down_to_the_least)
{
    struct path p = fresh();
    struct ic_twcc_result unseen;
    run(&p, 3);
    uint32_t before = ic_bwe_bps(&p.bwe);
    for (int i = 0; i < 200; i++) {
        send_one(&p, &unseen);
        ic_bwe_tick(&p.bwe, p.now);
    }
    assert_true(ic_bwe_bps(&p.bwe) <= before / 2);
    for (int i = 0; i < 2000; i++) {
        send_one(&p, &unseen);
        ic_bwe_tick(&p.bwe, p.now);
    }
    assert_int_equal(ic_bwe_bps(&p.bwe), IC_BWE_LEAST_BPS);
}

TEST(who_sends_nothing_hears_nothing_and_keeps_the_estimate)
{
    struct path p = fresh();
    run(&p, 3);
    uint32_t before = ic_bwe_bps(&p.bwe);
    for (int i = 0; i < 1000; i++)
        ic_bwe_tick(&p.bwe, p.now += 20 * IC_NS_PER_MS);
    assert_int_equal(ic_bwe_bps(&p.bwe), before);
}

TEST(the_receivers_own_bound_is_kept)
{
    struct path p = fresh();
    run(&p, 3);
    ic_bwe_remb(&p.bwe, 200000);
    assert_int_equal(ic_bwe_bps(&p.bwe), 200000);
    ic_bwe_remb(&p.bwe, 1);
    assert_int_equal(ic_bwe_bps(&p.bwe), IC_BWE_LEAST_BPS);
    ic_bwe_remb(&p.bwe, UINT64_MAX);
    assert_true(ic_bwe_bps(&p.bwe) > 200000);
}

TEST(a_probe_that_gets_through_raises_the_estimate_at_once)
{
    struct path p = fresh();
    struct ic_twcc_result results[512];
    size_t count = 0;

    run(&p, 3);
    uint32_t before = ic_bwe_bps(&p.bwe);
    assert_false(ic_bwe_probing(&p.bwe));
    ic_bwe_want(&p.bwe, 1500000);
    ic_bwe_tick(&p.bwe, p.now);
    assert_true(ic_bwe_probing(&p.bwe));
    for (; ic_bwe_probing(&p.bwe) && count < IC_COUNT(results); p.now += IC_NS_PER_MS) {
        ic_bwe_tick(&p.bwe, p.now);
        while (ic_bwe_padding_due(&p.bwe, p.now) > 0) {
            send_one(&p, &results[count++]);
            p.now -= 10 * IC_NS_PER_MS;
        }
    }
    ic_bwe_feedback(&p.bwe, results, count, p.now + 50 * IC_NS_PER_MS);
    ic_bwe_tick(&p.bwe, p.now + 50 * IC_NS_PER_MS);
    assert_true(ic_bwe_bps(&p.bwe) > 1.5 * before);
}

/* Of ten packets feedback tells of so many, and so many of these arrive, as fast as they were sent.
 */
static enum ic_probe_result probe_of_which_arrive(uint32_t count, uint32_t told, uint32_t *bps)
{
    struct ic_probe probe = {0};

    ic_probe_start(&probe, 800000, 0);
    for (int64_t i = 0; i < 10; i++)
        ic_probe_sent(&probe, 1000, i * 12 * IC_NS_PER_MS);
    for (uint32_t i = 0; i < told; i++)
        ic_probe_told(&probe, 1000);
    for (int64_t i = 0; i < count; i++)
        ic_probe_arrived(&probe, 1000, i * 12 * IC_NS_PER_MS, (50 + i * 12) * IC_NS_PER_MS);
    return ic_probe_result(&probe, bps, 2 * IC_NS_PER_SEC);
}

TEST(a_probe_of_which_a_fifth_or_a_little_more_is_lost_is_believed)
{
    uint32_t bps = 0;

    assert_int_equal(probe_of_which_arrive(10, 10, &bps), IC_PROBE_DONE);
    assert_in_range(bps, 600000, 800000);
    assert_int_equal(probe_of_which_arrive(7, 10, &bps), IC_PROBE_DONE);
    assert_in_range(bps, 600000, 800000);
    assert_int_equal(probe_of_which_arrive(5, 10, &bps), IC_PROBE_FAILED);
}

TEST(a_probe_is_believed_though_a_feedback_on_it_was_lost)
{
    uint32_t bps = 0;

    assert_int_equal(probe_of_which_arrive(5, 6, &bps), IC_PROBE_DONE);
    assert_in_range(bps, 600000, 800000);
    assert_int_equal(probe_of_which_arrive(3, 3, &bps), IC_PROBE_FAILED); /* too little is known */
    assert_int_equal(probe_of_which_arrive(3, 6, &bps), IC_PROBE_FAILED);
}

TEST(who_was_limited_and_sends_nothing_probes_again)
{
    struct path p = fresh();
    run(&p, 3);
    p.drift = 3 * IC_NS_PER_MS;
    run(&p, 1);
    p.drift = 0;
    run(&p, 1);
    assert_true(p.bwe.aimd.decreased_at != 0);
    ic_bwe_want(&p.bwe, 2000000);
    for (int i = 0; i < 200 && p.bwe.probes == 0; i++)
        ic_bwe_tick(&p.bwe, p.now += 45 * IC_NS_PER_MS);
    assert_int_equal(p.bwe.probes, 1);
}

TEST(what_gets_through_at_the_start_is_believed)
{
    struct path p = fresh();
    struct ic_twcc_result results[10];

    for (int i = 0; i < 100; i++) { /* ten times the packets: 8 Mb/s */
        for (size_t j = 0; j < IC_COUNT(results); j++) {
            send_one(&p, &results[j]);
            p.now -= 9 * IC_NS_PER_MS;
        }
        ic_bwe_feedback(&p.bwe, results, IC_COUNT(results), p.now);
    }
    assert_true(ic_bwe_bps(&p.bwe) > 7500000);
}

TEST(nobody_probes_who_has_what_he_wants)
{
    struct path p = fresh();
    ic_bwe_want(&p.bwe, 100000);
    run(&p, 5);
    assert_int_equal(p.bwe.probes, 0);
}

TEST(what_was_under_way_to_an_address_that_is_gone_does_not_count_as_lost)
{
    struct ic_twcc_result gone[50];
    struct path moved = fresh(), stayed = fresh();
    struct path *both[] = {&moved, &stayed};

    for (size_t i = 0; i < IC_COUNT(both); i++) {
        run(both[i], 10);
        for (size_t n = 0; n < IC_COUNT(gone); n++) {
            send_one(both[i], &gone[n]);
            gone[n].arrived = false;
        }
        if (both[i] == &moved)
            ic_bwe_rerouted(&moved.bwe);
        both[i]->delay += 200 * IC_NS_PER_MS; /* the other way is longer */
        ic_bwe_feedback(&both[i]->bwe, gone, IC_COUNT(gone), both[i]->now);
        run(both[i], 0.2);
    }
    assert_int_equal(moved.bwe.lost_count, 0);
    assert_int_equal(stayed.bwe.lost_count, IC_COUNT(gone));
    assert_true(ic_bwe_bps(&moved.bwe) > 1.1 * ic_bwe_bps(&stayed.bwe));
}

RUN_TESTS(
    cmocka_unit_test(an_estimate_grows_on_an_empty_path_but_not_far_beyond_what_is_sent),
    cmocka_unit_test(a_queue_that_grows_lowers_the_estimate_to_what_got_through),
    cmocka_unit_test(a_path_that_collapses_is_believed_at_once_and_one_that_stood_still_is_not),
    cmocka_unit_test(packets_that_waited_for_a_busy_receiver_were_in_no_queue),
    cmocka_unit_test(what_was_held_up_for_a_moment_makes_the_rate_of_arrival_no_lower),
    cmocka_unit_test(loss_of_a_tenth_is_borne_and_a_third_is_not),
    cmocka_unit_test(loss_behind_a_long_queue_is_not_the_paths_own),
    cmocka_unit_test(a_path_that_loses_a_fifth_loses_more_and_less_of_few_packets_by_chance),
    cmocka_unit_test(what_a_lost_feedback_told_of_has_arrived_nevertheless),
    cmocka_unit_test(a_packet_that_was_said_missing_and_then_came_is_not_lost),
    cmocka_unit_test(feedback_about_what_was_never_sent_changes_nothing),
    cmocka_unit_test(the_receivers_clock_may_wrap), cmocka_unit_test(numbers_may_wrap),
    cmocka_unit_test(silence_halves_the_estimate_again_and_again_down_to_the_least),
    cmocka_unit_test(who_sends_nothing_hears_nothing_and_keeps_the_estimate),
    cmocka_unit_test(the_receivers_own_bound_is_kept),
    cmocka_unit_test(what_was_under_way_to_an_address_that_is_gone_does_not_count_as_lost),
    cmocka_unit_test(a_probe_that_gets_through_raises_the_estimate_at_once),
    cmocka_unit_test(a_probe_of_which_a_fifth_or_a_little_more_is_lost_is_believed),
    cmocka_unit_test(a_probe_is_believed_though_a_feedback_on_it_was_lost),
    cmocka_unit_test(who_was_limited_and_sends_nothing_probes_again),
    cmocka_unit_test(what_gets_through_at_the_start_is_believed),
    cmocka_unit_test(nobody_probes_who_has_what_he_wants))
