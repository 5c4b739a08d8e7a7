/* The server keeps back what was said, shows two halves different things, or lies about who is
 * gone: nobody hears what it must not, and people are told (SEC-26, ACC-08). */
#include "tests/e2ee/conference_four.h"

#include "e2ee/conference/state_now.h"
#include "e2ee/core.h"

static bool is_held(unsigned client)
{
    return s.clients[client].frames->held;
}

TEST(withheld_removal_silences_who_does_not_hear_of_it) /* SEC-26, ACC-08 */
{
    start_four();
    s.withhold[layla] = true;
    assert_int_equal(ic_conference_remove(of(host), leaf_of(mallory), s.now), IC_OK);
    courier_run(&s, 16 * SECOND);

    assert_int_equal(courier_last(&s, layla, IC_EVENT_SILENCED)->number, 1);
    assert_true(is_held(layla));
    assert_int_equal(ic_conference_chat(of(layla), ic_bytes_of_text("Hello"), s.now),
                     IC_ERR_FORBIDDEN);
    courier_clear(&s);
}

TEST(withheld_removal_with_later_commits_shown_silences_sooner) /* SEC-26, ACC-08 */
{
    start_four();
    s.withhold[layla] = true;
    assert_int_equal(ic_conference_remove(of(host), leaf_of(mallory), s.now), IC_OK);
    courier_run(&s, SECOND);
    s.withhold[layla] = false;
    assert_int_equal(ic_conference_rekey(of(kofi), s.now), IC_OK);
    courier_run(&s, 9 * SECOND);

    /* She asks to come back, and cannot: the link is another. She must have it from somebody. */
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_BEHIND);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_SILENCED)->number, 1);
    assert_true(is_held(layla));
    assert_true(in_one_group(host, kofi));
    courier_clear(&s);
}

TEST(fork_by_the_server_is_shown_to_both_halves_within_ten_seconds) /* SEC-26 */
{
    start_four();
    static uint8_t commit[65536];
    unsigned half[] = {layla, mallory};
    uint64_t epoch = ic_conference_epoch(of(host));
    s.withhold[layla] = s.withhold[mallory] = true;
    assert_int_equal(ic_conference_rekey(of(host), s.now), IC_OK);
    assert_int_equal(ic_conference_rekey(of(layla), s.now), IC_OK);
    struct ic_bytes own = ic_mls_staged_message(of(layla)->ordering.pending);
    memcpy(commit, own.at, own.len);
    for (size_t i = 0; i < IC_COUNT(half); i++)
        assert_int_equal(ic_conference_hear_committed(of(half[i]), epoch,
                                                      (struct ic_bytes){commit, own.len}, s.now),
                         IC_OK);
    courier_run(&s, 10 * SECOND);

    assert_true(in_one_group(layla, mallory));
    assert_true(in_one_group(host, kofi));
    assert_false(in_one_group(host, layla));
    unsigned all[] = {host, kofi, layla, mallory};
    for (size_t i = 0; i < IC_COUNT(all); i++) {
        assert_int_equal(courier_saw(&s, all[i], IC_EVENT_ELSEWHERE), 2);
        assert_int_equal(courier_last(&s, all[i], IC_EVENT_ELSEWHERE)->number, 1);
    }
    courier_run(&s, 6 * SECOND);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_SILENCED)->number, 1);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_SILENCED), 0);
    courier_clear(&s);
}

TEST(lie_that_somebody_is_gone_is_denial_and_nothing_more)
{
    start_four();
    unsigned told[] = {host, kofi, mallory};
    uint32_t link = of(host)->link.version;
    for (size_t i = 0; i < IC_COUNT(told); i++)
        assert_int_equal(
            ic_conference_hear_left(of(told[i]), s.clients[layla].participant, true, s.now), IC_OK);
    /* About herself she does not believe it. */
    assert_int_equal(ic_conference_hear_left(of(layla), s.clients[layla].participant, true, s.now),
                     IC_OK);
    courier_run(&s, 5 * SECOND);

    assert_int_equal(courier_last(&s, kofi, IC_EVENT_PERSON_LEFT)->number, IC_LEFT_GONE);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_REMOVED), 1);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_REMOVED)->number, 0); /* by nobody's right */
    assert_int_equal(of(host)->link.version, link);
    assert_true(in_one_group(host, kofi));
    assert_true(ic_may(of(kofi), ic_own_key(of(host)), IC_DOOR_ALL_RIGHTS));
    courier_clear(&s);
}

TEST(lie_that_the_host_is_gone_takes_no_right_from_it) /* ACC-19 */
{
    start_four();
    unsigned told[] = {layla, kofi, mallory};
    for (size_t i = 0; i < IC_COUNT(told); i++)
        assert_int_equal(
            ic_conference_hear_left(of(told[i]), s.clients[host].participant, true, s.now), IC_OK);
    courier_run(&s, 5 * SECOND);
    assert_true(ic_may(of(kofi), ic_own_key(of(host)), IC_DOOR_ALL_RIGHTS));
    assert_false(ic_may(of(kofi), ic_own_key(of(mallory)), IC_DOOR_ADMIT));
    courier_clear(&s);
}

RUN_TESTS(cmocka_unit_test(withheld_removal_silences_who_does_not_hear_of_it),
          cmocka_unit_test(withheld_removal_with_later_commits_shown_silences_sooner),
          cmocka_unit_test(fork_by_the_server_is_shown_to_both_halves_within_ten_seconds),
          cmocka_unit_test(lie_that_somebody_is_gone_is_denial_and_nothing_more),
          cmocka_unit_test(lie_that_the_host_is_gone_takes_no_right_from_it))
