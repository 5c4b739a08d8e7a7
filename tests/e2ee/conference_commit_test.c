/* How what a person wants becomes commits: what goes together, what waits for the next one, and
 * when a commit that the server did not take is said again. */
#include "tests/e2ee/conference_rig.h"

#include "e2ee/conference/inside.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/door/state.h"

/* While a commit is on its way, so that the next one is of both. */
static void admit_at_once(unsigned one, unsigned other)
{
    const unsigned both[] = {one, other};
    assert_int_equal(ic_conference_rekey(of(host), s.now), IC_OK);
    for (size_t i = 0; i < IC_COUNT(both); i++)
        assert_int_equal(ic_conference_admit(of(host), s.clients[both[i]].participant, s.now),
                         IC_OK);
    courier_run(&s, 3 * SECOND);
    for (size_t i = 0; i < IC_COUNT(both); i++)
        assert_int_equal(ic_conference_stage(of(both[i])), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
}

static void assert_closed(const struct ic_door_link *link)
{
    unsigned third = come_with(link, "Somebody else");
    assert_int_equal(courier_saw(&s, third, IC_EVENT_CARD_BAD), 1);
}

/* ---- Invites ---- */

/* The state names one by whom an invite is used, so nobody may come in by it unnamed. */
TEST(invite_by_which_two_are_let_in_at_once_goes)
{
    start();
    struct ic_door_link link = invite_by(host);
    admit_at_once(come_with(&link, "Sam Porter"), come_with(&link, "Sam's telephone"));
    assert_int_equal(courier_last(&s, host, IC_EVENT_INVITE)->number, 0);
    assert_closed(&link);
    courier_clear(&s);
}

TEST(two_invites_by_which_a_second_person_is_let_in_at_once_both_go)
{
    start();
    struct ic_door_link one = invite_by(host), other = invite_by(host);
    admit_at_once(come_with(&one, "Sam Porter"), come_with(&other, "Ivy"));
    admit_at_once(come_with(&one, "Sam's telephone"), come_with(&other, "Ivy's telephone"));
    assert_int_equal(courier_saw(&s, host, IC_EVENT_INVITE), 4); /* made and gone, both */
    assert_closed(&one);
    assert_closed(&other);
    courier_clear(&s);
}

/* ---- Stopping everything ---- */

TEST(who_is_chosen_when_everything_stops_goes_by_the_same_commit) /* ACC-15 */
{
    start();
    unsigned layla = come_in("Layla Rahman");
    const unsigned raiders[] = {come_in("Mallory"), come_in("Trudy")};
    const unsigned leaves[] = {leaf_of(raiders[0]), leaf_of(raiders[1])};
    uint64_t epoch = s.head, link = courier_last(&s, layla, IC_EVENT_STATE)->epoch;
    assert_int_equal(ic_conference_stop(of(host), IC_DOOR_MAY_VIDEO, leaves, 2, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(s.head, epoch + 1);
    for (size_t i = 0; i < IC_COUNT(raiders); i++)
        assert_int_equal(courier_last(&s, raiders[i], IC_EVENT_REMOVED)->number, 1);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_PERSON_LEFT), 2);
    assert_true(courier_last(&s, layla, IC_EVENT_STATE)->number & IC_CONFERENCE_LOCKED);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_STATE)->epoch, link + 1);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_ALLOWED)->number >> 16, IC_DOOR_MAY_VIDEO);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

/* There is place for one change of rights in a commit. */
TEST(of_several_hosts_who_are_chosen_when_everything_stops_each_goes_with_the_rights)
{
    start();
    const unsigned hosts[] = {come_in("Kofi Mensah"), come_in("Ruth Adler")};
    const unsigned leaves[] = {leaf_of(hosts[0]), leaf_of(hosts[1])};
    unsigned layla = come_in("Layla Rahman");
    for (size_t i = 0; i < IC_COUNT(hosts); i++) {
        assert_int_equal(ic_conference_grant(of(host), leaves[i], IC_DOOR_ALL_RIGHTS, s.now),
                         IC_OK);
        courier_run(&s, SECOND);
    }
    uint64_t epoch = s.head;
    assert_int_equal(ic_conference_stop(of(host), 0, leaves, 2, s.now), IC_OK);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(s.head, epoch + 2);
    for (size_t i = 0; i < IC_COUNT(hosts); i++) {
        assert_int_equal(courier_last(&s, hosts[i], IC_EVENT_REMOVED)->number, 1);
        assert_false(ic_may(of(layla), ic_own_key(of(hosts[i])), IC_DOOR_ADMIT));
    }
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(nothing_stops_when_somebody_is_chosen_who_cannot_be_taken_out)
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    const unsigned leaves[] = {leaf_of(layla), courier_last(&s, host, IC_EVENT_ENTERED)->leaf};
    uint64_t epoch = s.head;
    assert_int_equal(ic_conference_stop(of(host), 0, leaves, 2, s.now), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_conference_stop(of(host), 0, &(unsigned){IC_MEMBERS_MAX}, 1, s.now),
                     IC_ERR_NOT_FOUND);
    courier_run(&s, SECOND);
    assert_int_equal(s.head, epoch);
    assert_int_equal(
        ic_conference_grant(of(host), leaf_of(kofi), IC_DOOR_SETTINGS | IC_DOOR_ADMIT, s.now),
        IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_stop(of(kofi), 0, leaves, 1, s.now), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_stop(of(kofi), 0, NULL, 0, s.now), IC_OK);
    courier_clear(&s);
}

/* ---- Not taken ---- */

/* The host's commit does not arrive: the server says that it is one too many. */
static void refuse(int64_t for_ns)
{
    assert_int_equal(ic_conference_lock(of(host), true, s.now), IC_OK);
    while (ic_conference_next_say(of(host)))
        continue;
    assert_int_equal(ic_conference_hear_refused(of(host), IC_SAY_COMMIT, s.now + for_ns, s.now),
                     IC_OK);
}

TEST(commit_that_came_too_fast_is_said_again_as_soon_as_it_may)
{
    start();
    uint64_t epoch = s.head;
    refuse(SECOND / 4);
    courier_run(&s, SECOND / 5);
    assert_int_equal(s.head, epoch);
    courier_run(&s, SECOND / 10);
    assert_int_equal(s.head, epoch + 1);
    courier_clear(&s);
}

/* A removal must not wait for as long as a server likes. */
TEST(commit_that_is_to_wait_for_an_hour_is_said_again_after_a_second)
{
    start();
    uint64_t epoch = s.head;
    refuse(3600 * SECOND);
    courier_run(&s, 11 * SECOND / 10);
    assert_int_equal(s.head, epoch + 1);
    courier_clear(&s);
}

RUN_TESTS(cmocka_unit_test(invite_by_which_two_are_let_in_at_once_goes),
          cmocka_unit_test(two_invites_by_which_a_second_person_is_let_in_at_once_both_go),
          cmocka_unit_test(who_is_chosen_when_everything_stops_goes_by_the_same_commit),
          cmocka_unit_test(
              of_several_hosts_who_are_chosen_when_everything_stops_each_goes_with_the_rights),
          cmocka_unit_test(nothing_stops_when_somebody_is_chosen_who_cannot_be_taken_out),
          cmocka_unit_test(commit_that_came_too_fast_is_said_again_as_soon_as_it_may),
          cmocka_unit_test(commit_that_is_to_wait_for_an_hour_is_said_again_after_a_second))
