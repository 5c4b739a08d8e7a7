/* Who is there and in the same group: leaving and vanishing, silence, announcements, splits. */
#include "e2ee/conference/inside.h"
#include "tests/e2ee/conference_rig.h"

static int64_t why_left(unsigned client)
{
    return courier_last(&s, client, IC_EVENT_PERSON_LEFT)->number;
}

static bool is_silenced(unsigned client)
{
    return courier_saw(&s, client, IC_EVENT_SILENCED) > 0 &&
           courier_last(&s, client, IC_EVENT_SILENCED)->number == 1;
}

TEST(who_says_goodbye_left_by_himself_and_who_vanishes_lost_the_connection)
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    courier_leave(&s, layla);
    courier_run(&s, 3 * SECOND);
    assert_int_equal(why_left(host), IC_LEFT_BY_HIMSELF);
    assert_int_equal(why_left(kofi), IC_LEFT_BY_HIMSELF);
    unsigned ruth = come_in("Ruth Adler");
    courier_crash(&s, ruth);
    courier_run(&s, 70 * SECOND);
    assert_int_equal(why_left(host), IC_LEFT_GONE);
    assert_int_equal(why_left(kofi), IC_LEFT_GONE);
    courier_clear(&s);
}

/* A hint of the server is denial only: no new link, no rights moved, and he may come back. */
TEST(server_that_calls_a_member_gone_only_takes_it_out_for_a_while)
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    assert_int_equal(ic_conference_hear_left(of(kofi), s.clients[layla].participant, true, s.now),
                     IC_OK);
    courier_run(&s, 20 * SECOND);
    assert_int_equal(why_left(kofi), IC_LEFT_GONE); /* also for who heard no hint */
    assert_int_equal(why_left(host), IC_LEFT_GONE);
    assert_int_equal(courier_last(&s, kofi, IC_EVENT_STATE)->epoch, 1); /* the link's version */
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_STATE), 1);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_REMOVED)->number, 0);
    courier_clear(&s);
}

TEST(hint_about_nobody_or_oneself_changes_nothing)
{
    static const uint8_t NOBODY[IC_PARTICIPANT_LEN] = {9};
    start();
    unsigned layla = come_in("Layla Rahman");
    uint64_t commits = s.commits;
    assert_int_equal(ic_conference_hear_left(of(layla), NOBODY, true, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_left(of(layla), s.clients[layla].participant, true, s.now),
                     IC_OK);
    courier_run(&s, 3 * SECOND);
    assert_int_equal(s.commits, commits);
    courier_clear(&s);
}

TEST(word_of_a_member_ends_the_hint_that_it_is_gone)
{
    start();
    unsigned layla = come_in("Layla Rahman");
    come_in("Kofi Mensah");
    come_in("Ruth Adler");
    unsigned waits = 0; /* its turn comes 150 ms later, also without her before it */
    while (waits == layla || ic_own_rank(of(waits), 0) < 2)
        waits++;
    uint64_t commits = s.commits;
    assert_int_equal(ic_conference_hear_left(of(waits), s.clients[layla].participant, true, s.now),
                     IC_OK);
    assert_int_equal(ic_conference_chat(of(layla), ic_bytes_of_text("I am here"), s.now), IC_OK);
    courier_run(&s, 10 * SECOND);
    assert_int_equal(s.commits, commits);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

/* A co-host removes Mallory, and the server keeps it from the host, who would go on sending to her.
 */
TEST(removal_that_is_kept_from_a_right_holder_silences_it_too)
{
    start();
    unsigned mallory = come_in("Mallory"), cohost = come_in("Kofi Mensah");
    assert_int_equal(ic_conference_grant(of(host), leaf_of(cohost), IC_DOOR_ALL_RIGHTS, s.now),
                     IC_OK);
    courier_run(&s, SECOND);
    s.withhold[host] = true;
    assert_int_equal(ic_conference_remove(of(cohost), leaf_of(mallory), s.now), IC_OK);
    courier_run(&s, 13 * SECOND);
    assert_false(is_silenced(host));
    courier_run(&s, 7 * SECOND);
    assert_true(is_silenced(host));
    courier_clear(&s);
}

TEST(only_right_holder_is_not_silenced_by_a_quiet_room)
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    courier_cut(&s, layla, 40 * SECOND);
    courier_cut(&s, kofi, 40 * SECOND);
    courier_run(&s, 30 * SECOND);
    assert_false(is_silenced(host));
    courier_clear(&s);
}

TEST(members_whose_host_is_away_fall_silent_and_speak_again_when_it_is_back)
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    courier_cut(&s, host, 30 * SECOND);
    courier_run(&s, 20 * SECOND);
    assert_true(is_silenced(layla));
    assert_true(is_silenced(kofi));
    assert_int_equal(ic_conference_chat(of(layla), ic_bytes_of_text("Hello?"), s.now),
                     IC_ERR_FORBIDDEN);
    courier_run(&s, 20 * SECOND);
    assert_false(is_silenced(layla));
    assert_int_equal(ic_conference_chat(of(layla), ic_bytes_of_text("Hello"), s.now), IC_OK);
    courier_clear(&s);
}

TEST(without_right_holders_the_majority_vouches)
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    unsigned ruth = come_in("Ruth Adler");
    courier_leave(&s, host);
    courier_run(&s, 20 * SECOND);
    assert_false(is_silenced(layla));
    courier_cut(&s, kofi, 50 * SECOND);
    courier_run(&s, 18 * SECOND);
    assert_false(is_silenced(layla)); /* two of three */
    courier_cut(&s, ruth, 30 * SECOND);
    courier_run(&s, 18 * SECOND);
    assert_true(is_silenced(layla)); /* one of three */
    courier_clear(&s);
}

TEST(away_and_hand_are_told_and_taken_back)
{
    start();
    unsigned layla = come_in("Layla Rahman");
    struct ic_conference_presence presence = {.hand = true, .away = true};
    assert_int_equal(ic_conference_present(of(layla), &presence, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, host, IC_EVENT_PRESENCE)->number, 1 << 8 | 1 << 9);
    presence = (struct ic_conference_presence){0};
    assert_int_equal(ic_conference_present(of(layla), &presence, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, host, IC_EVENT_PRESENCE)->number, 0);
    courier_clear(&s);
}

RUN_TESTS(cmocka_unit_test(who_says_goodbye_left_by_himself_and_who_vanishes_lost_the_connection),
          cmocka_unit_test(server_that_calls_a_member_gone_only_takes_it_out_for_a_while),
          cmocka_unit_test(hint_about_nobody_or_oneself_changes_nothing),
          cmocka_unit_test(word_of_a_member_ends_the_hint_that_it_is_gone),
          cmocka_unit_test(removal_that_is_kept_from_a_right_holder_silences_it_too),
          cmocka_unit_test(only_right_holder_is_not_silenced_by_a_quiet_room),
          cmocka_unit_test(members_whose_host_is_away_fall_silent_and_speak_again_when_it_is_back),
          cmocka_unit_test(without_right_holders_the_majority_vouches),
          cmocka_unit_test(away_and_hand_are_told_and_taken_back))
