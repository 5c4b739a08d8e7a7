/* pacer_test.c - voice passes, and nobody leaves faster than the rate. */
#include "media/pacer.h"
#include "tests/test.h"

enum { LEN = 1000, ESTIMATE = 800000 };

#define START (5 * IC_NS_PER_SEC)

static struct ic_pacer fresh(void)
{
    struct ic_pacer p;
    ic_pacer_init(&p, ESTIMATE, START);
    return p;
}

static struct ic_paced packet(uint16_t seq)
{
    return (struct ic_paced){.seq = seq, .len = LEN};
}

static void spend(struct ic_pacer *p)
{
    while (ic_pacer_pass(p, IC_PACE_VIDEO, LEN, START))
        ;
}

TEST(voice_passes_whatever_is_owed)
{
    struct ic_pacer p = fresh();
    spend(&p);
    for (int i = 0; i < 50; i++)
        assert_true(ic_pacer_pass(&p, IC_PACE_VOICE, 100, START));
    assert_false(ic_pacer_pass(&p, IC_PACE_VIDEO, LEN, START));
    assert_false(ic_pacer_pass(&p, IC_PACE_PADDING, LEN, START));
}

TEST(what_waits_leaves_at_the_rate)
{
    struct ic_pacer p = fresh();
    struct ic_paced video = packet(1), out;
    size_t left = 0;

    spend(&p);
    for (int i = 0; i < IC_PACER_WAITING; i++)
        assert_int_equal(ic_pacer_hold(&p, &video), IC_OK);
    assert_int_equal(ic_pacer_hold(&p, &video), IC_ERR_FULL);
    for (int64_t now = START; now < START + IC_NS_PER_SEC / 2; now += IC_NS_PER_MS)
        while (ic_pacer_take(&p, &out, now)) {
            ic_pacer_spend(&p, out.len, now);
            left += out.len;
        }
    double bps = (double)left * 8 * 2;
    assert_true(bps > 0.97 * IC_PACER_FACTOR * ESTIMATE && bps < 1.03 * IC_PACER_FACTOR * ESTIMATE);
}

TEST(video_leaves_in_its_order)
{
    struct ic_pacer p = fresh();
    struct ic_paced out;

    spend(&p);
    for (uint16_t seq = 1; seq <= 4; seq++) {
        struct ic_paced held = packet(seq);
        assert_int_equal(ic_pacer_hold(&p, &held), IC_OK);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_true(ic_pacer_take(&p, &out, START + (int64_t)(i + 1) * 20 * IC_NS_PER_MS));
        ic_pacer_spend(&p, out.len, START + (int64_t)(i + 1) * 20 * IC_NS_PER_MS);
        assert_int_equal(out.seq, i + 1);
    }
}

TEST(nothing_overtakes_what_waits_though_there_is_credit)
{
    struct ic_pacer p = fresh();
    struct ic_paced video = packet(1);

    assert_int_equal(ic_pacer_hold(&p, &video), IC_OK);
    assert_false(ic_pacer_pass(&p, IC_PACE_VIDEO, LEN, START + IC_NS_PER_SEC));
    assert_false(ic_pacer_pass(&p, IC_PACE_PADDING, LEN, START + IC_NS_PER_SEC));
}

TEST(it_says_when_the_next_may_leave_and_how_long_all_will_take)
{
    struct ic_pacer p = fresh();
    struct ic_paced video = packet(1), out;

    assert_true(ic_pacer_next(&p, START) == INT64_MAX);
    assert_int_equal(ic_pacer_backlog_ns(&p), 0);
    spend(&p);
    for (int i = 0; i < 10; i++)
        assert_int_equal(ic_pacer_hold(&p, &video), IC_OK);
    int64_t needed = (int64_t)(80000 / (IC_PACER_FACTOR * ESTIMATE) * (double)IC_NS_PER_SEC);
    assert_in_range(ic_pacer_backlog_ns(&p), needed - 1000, needed + 1000);
    int64_t next = ic_pacer_next(&p, START);
    assert_true(next > START);
    assert_false(ic_pacer_take(&p, &out, next - IC_NS_PER_MS / 100));
    assert_true(ic_pacer_take(&p, &out, next));
}

TEST(voice_runs_into_debt_that_is_earned_back_at_the_rate)
{
    struct ic_pacer p = fresh();
    assert_int_equal(ic_pacer_debt_ns(&p, START), 0);
    for (int i = 0; i < 50; i++)
        ic_pacer_pass(&p, IC_PACE_VOICE, LEN, START);
    int64_t needed = (int64_t)(400000 / (IC_PACER_FACTOR * ESTIMATE) * (double)IC_NS_PER_SEC);
    assert_in_range(ic_pacer_debt_ns(&p, START), needed - 10 * IC_NS_PER_MS, needed);
    assert_int_equal(ic_pacer_debt_ns(&p, START + needed), 0);
}

TEST(silence_saves_up_ten_milliseconds_at_most)
{
    struct ic_pacer p = fresh();
    size_t left = 0;

    while (ic_pacer_pass(&p, IC_PACE_VIDEO, LEN, START + IC_NS_PER_SEC))
        left += LEN;
    assert_true(left <= IC_PACER_FACTOR * ESTIMATE / 8 / 100 + LEN);
}

/* 1,000 kb/s and a third are 3,375 bytes in the time between two packets of a voice; at least 4,000
 * may leave. */
TEST(video_leaves_room_for_the_next_voice_and_waits_for_none_that_does_not_come)
{
    static const struct {
        const char *what;
        uint32_t steady_bps;
        int leave; /* packets at once */
    } rows[] = {{"little comes through", 1000000, 4},
                {"more does", 2000000, 7},
                {"nothing is known", UINT32_MAX, 26}};

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_pacer p = fresh();
        struct ic_paced video = packet(1), out;
        int left = 0;
        ic_pacer_set(&p, 50 * ESTIMATE / 2, rows[i].steady_bps, START);
        int64_t now = START + 10 * IC_NS_PER_MS;
        ic_pacer_voice(&p, now);
        while (left < 26 && ic_pacer_pass(&p, IC_PACE_VIDEO, LEN, now))
            left++;
        CHECK_ROW(rows[i].what, left == rows[i].leave);
        if (left == 26)
            continue;
        CHECK_ROW(rows[i].what, ic_pacer_hold(&p, &video) == IC_OK);
        CHECK_ROW(rows[i].what, ic_pacer_next(&p, now) == now + 30 * IC_NS_PER_MS);
        CHECK_ROW(rows[i].what, !ic_pacer_take(&p, &out, now + 10 * IC_NS_PER_MS));
        ic_pacer_voice(&p, now + 10 * IC_NS_PER_MS); /* of another */
        CHECK_ROW(rows[i].what, !ic_pacer_take(&p, &out, now + 19 * IC_NS_PER_MS));
        struct ic_pacer alone = p;
        CHECK_ROW(rows[i].what, ic_pacer_take(&alone, &out, now + 30 * IC_NS_PER_MS));
        ic_pacer_voice(&p, now + 20 * IC_NS_PER_MS);
        CHECK_ROW(rows[i].what, ic_pacer_take(&p, &out, now + 20 * IC_NS_PER_MS));
    }
}

RUN_TESTS(
    cmocka_unit_test(voice_passes_whatever_is_owed),
    cmocka_unit_test(what_waits_leaves_at_the_rate), cmocka_unit_test(video_leaves_in_its_order),
    cmocka_unit_test(nothing_overtakes_what_waits_though_there_is_credit),
    cmocka_unit_test(it_says_when_the_next_may_leave_and_how_long_all_will_take),
    cmocka_unit_test(voice_runs_into_debt_that_is_earned_back_at_the_rate),
    cmocka_unit_test(silence_saves_up_ten_milliseconds_at_most),
    cmocka_unit_test(video_leaves_room_for_the_next_voice_and_waits_for_none_that_does_not_come))
