/* Which meeting brings workers down: a small server of meetings and workers on virtual time, in
 * which some meetings kill their worker after a while. */
#include "server/blame.h"

#include "tests/page.h"

enum { MEETINGS = 12, NOWHERE = -1, STEP_MS = 100, MINUTE = 60000 / STEP_MS };

struct meeting {
    struct ic_blame blame;
    int worker;
    int kills_after; /* steps on a worker; 0: never */
    int age;         /* steps on this worker */
    int deaths, steps_out;
    bool parked;
};

struct server {
    struct meeting meetings[MEETINGS];
    int workers, deaths;
    int64_t now;
};

static bool may_try(const struct server *s, int number)
{
    uint32_t waiting = 0, on_trial = 0;

    for (int i = 0; i < MEETINGS; i++) {
        const struct meeting *m = &s->meetings[i];
        if (m->worker == NOWHERE)
            waiting += ic_blame_judge(&m->blame, s->now) == IC_VERDICT_TRIAL;
        else
            on_trial += ic_blame_on_trial(&m->blame, s->now);
    }
    return ic_blame_may_try(&s->meetings[number].blame, waiting + on_trial, on_trial);
}

static void place(struct server *s, int number)
{
    struct meeting *m = &s->meetings[number];
    enum ic_verdict verdict = ic_blame_judge(&m->blame, s->now);

    m->steps_out++;
    if (verdict == IC_VERDICT_PARKED || (verdict == IC_VERDICT_TRIAL && !may_try(s, number)))
        return;
    m->worker = number % s->workers;
    m->age = 0;
    ic_blame_carry(&m->blame, verdict, s->now);
}

static void kill_worker(struct server *s, int worker)
{
    int all = 0, tried = 0;

    s->deaths++;
    for (int i = 0; i < MEETINGS; i++) {
        all += s->meetings[i].worker == worker;
        tried +=
            s->meetings[i].worker == worker && ic_blame_on_trial(&s->meetings[i].blame, s->now);
    }
    for (int i = 0; i < MEETINGS; i++) {
        struct meeting *m = &s->meetings[i];
        bool here = m->worker == worker;
        if (here && (tried == 0 || ic_blame_on_trial(&m->blame, s->now)))
            m->parked |= ic_blame_death(&m->blame, tried == 1 || all == 1, s->now);
        else if (tried > 0 && i % s->workers == worker)
            ic_blame_clear(&m->blame);
        if (here) {
            m->worker = NOWHERE;
            m->deaths++;
        }
    }
}

static void step(struct server *s)
{
    s->now += STEP_MS * IC_NS_PER_MS;
    for (int i = 0; i < MEETINGS; i++)
        if (s->meetings[i].worker == NOWHERE)
            place(s, i);
    for (int i = 0; i < MEETINGS; i++) {
        struct meeting *m = &s->meetings[i];
        if (m->worker != NOWHERE && m->kills_after > 0 && ++m->age >= m->kills_after)
            kill_worker(s, m->worker);
    }
}

static struct server started(int workers)
{
    struct server s = {.workers = workers, .now = 1000 * IC_NS_PER_SEC};

    for (int i = 0; i < MEETINGS; i++)
        s.meetings[i].worker = NOWHERE;
    return s;
}

static void check_only_parked(const struct server *s, int first, int second)
{
    for (int i = 0; i < MEETINGS; i++) {
        bool guilty = i == first || i == second;
        assert_int_equal(s->meetings[i].parked, guilty);
        assert_int_equal(s->meetings[i].worker == NOWHERE, guilty);
    }
}

TEST(blame_parks_a_meeting_at_the_third_worker_that_it_kills)
{
    struct server alone = started(MEETINGS), beside_another = started(MEETINGS / 2);

    alone.meetings[5].kills_after = beside_another.meetings[5].kills_after = 10;
    for (int i = 0; i < MINUTE; i++) {
        step(&alone);
        step(&beside_another);
    }
    assert_int_equal(alone.deaths, 3);
    check_only_parked(&alone, 5, 5);
    assert_in_range(beside_another.deaths, 3, 3);
    check_only_parked(&beside_another, 5, 5);
}

TEST(blame_finds_one_of_twelve_on_one_worker_with_few_deaths_more)
{
    for (int guilty = 0; guilty < MEETINGS; guilty++) {
        struct server s = started(1);
        s.meetings[guilty].kills_after = 10;
        for (int i = 0; i < MINUTE; i++)
            step(&s);
        assert_in_range(s.deaths, 3, 2 + 4);
        check_only_parked(&s, guilty, guilty);
        for (int i = 0; i < MEETINGS; i++)
            assert_true(i == guilty || s.meetings[i].steps_out < 15000 / STEP_MS);
    }
}

/* Of two at once the second may be taken for cleared, and another in its place for guilty. */
TEST(blame_finds_two_and_parks_one_other_at_most)
{
    struct server s = started(2);
    int parked = 0;

    s.meetings[3].kills_after = 5;
    s.meetings[8].kills_after = 20;
    for (int i = 0; i < 3 * MINUTE; i++)
        step(&s);
    for (int i = 0; i < MEETINGS; i++)
        parked += s.meetings[i].parked;
    assert_true(s.meetings[3].parked && s.meetings[8].parked);
    assert_in_range(parked, 2, 3);
}

/* It cannot be told from its neighbours; they must not suffer for that, nor be parked. */
TEST(blame_takes_nobody_for_one_that_kills_late)
{
    struct server s = started(2);

    s.meetings[9].kills_after = 12000 / STEP_MS;
    for (int i = 0; i < 10 * MINUTE; i++)
        step(&s);
    for (int i = 0; i < MEETINGS; i++) {
        assert_true(!s.meetings[i].parked || i == 9);
        assert_true(i == 9 || s.meetings[i].steps_out < 2 * MINUTE);
    }
}

TEST(blame_parks_nobody_for_workers_that_die_by_chance)
{
    struct server s = started(2);

    for (int i = 0; i < 30 * MINUTE; i++) {
        step(&s);
        if (i % (MINUTE + 50) == 0)
            kill_worker(&s, i % 2);
    }
    for (int i = 0; i < MEETINGS; i++) {
        assert_false(s.meetings[i].parked);
        assert_true(s.meetings[i].steps_out <= s.meetings[i].deaths + 1); /* back at once */
    }
}

TEST(blame_lets_a_parked_meeting_try_again_after_ten_minutes)
{
    struct ic_blame b = {0};
    int64_t now = 1000 * IC_NS_PER_SEC;

    assert_false(ic_blame_death(&b, true, now));
    assert_int_equal(ic_blame_judge(&b, now), IC_VERDICT_FREE);
    assert_false(ic_blame_death(&b, true, now));
    assert_int_equal(ic_blame_judge(&b, now), IC_VERDICT_TRIAL);
    assert_true(ic_blame_death(&b, true, now));
    assert_int_equal(ic_blame_judge(&b, now + 599 * IC_NS_PER_SEC), IC_VERDICT_PARKED);
    assert_int_equal(ic_blame_judge(&b, now + 600 * IC_NS_PER_SEC), IC_VERDICT_FREE);
}

TEST(blame_lets_a_meeting_spread_only_a_minute_after_a_death_and_not_on_trial)
{
    struct ic_blame b = {0};
    int64_t now = 1000 * IC_NS_PER_SEC;

    assert_true(ic_blame_is_clear(&b, now));
    assert_false(ic_blame_death(&b, false, now));
    assert_false(ic_blame_is_clear(&b, now + IC_BLAME_MEMORY_NS - 1));
    assert_true(ic_blame_is_clear(&b, now + IC_BLAME_MEMORY_NS));
    now += IC_BLAME_MEMORY_NS;
    ic_blame_carry(&b, IC_VERDICT_TRIAL, now);
    assert_false(ic_blame_is_clear(&b, now));
    assert_true(ic_blame_is_clear(&b, now + IC_BLAME_TRIAL_NS));
    b.parked_until = now + IC_BLAME_PARKED_NS;
    assert_false(ic_blame_is_clear(&b, now + IC_BLAME_TRIAL_NS));
}

TEST(blame_is_as_docs_operate_says)
{
    page_read(OPERATE_MD);
    page_says("on trial for %d s each", (int)(IC_BLAME_TRIAL_NS / IC_NS_PER_SEC));
    page_says("parked for %d minutes", (int)(IC_BLAME_PARKED_NS / (60 * IC_NS_PER_SEC)));
    assert_int_equal(IC_BLAME_MEMORY_NS, 60 * IC_NS_PER_SEC);
    page_says("If processes die again within a minute");
}

RUN_TESTS(
    cmocka_unit_test(blame_lets_a_meeting_spread_only_a_minute_after_a_death_and_not_on_trial),
    cmocka_unit_test(blame_is_as_docs_operate_says),
    cmocka_unit_test(blame_parks_a_meeting_at_the_third_worker_that_it_kills),
    cmocka_unit_test(blame_finds_one_of_twelve_on_one_worker_with_few_deaths_more),
    cmocka_unit_test(blame_finds_two_and_parks_one_other_at_most),
    cmocka_unit_test(blame_takes_nobody_for_one_that_kills_late),
    cmocka_unit_test(blame_parks_nobody_for_workers_that_die_by_chance),
    cmocka_unit_test(blame_lets_a_parked_meeting_try_again_after_ten_minutes))
