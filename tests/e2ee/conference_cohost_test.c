/* Co-hosts: a member with rights does at the door what the first host does, also while that one is
 * away; and without rights it does not any more. */
#include "tests/e2ee/conference_rig.h"

#include "e2ee/conference/inside.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/door/state.h"

static unsigned cohost;

static void give(unsigned client, unsigned rights)
{
    assert_int_equal(ic_conference_grant(of(host), leaf_of(client), rights, s.now), IC_OK);
    courier_run(&s, SECOND);
}

static void start_with_cohost(void)
{
    start();
    cohost = come_in("Kofi Mensah");
    give(cohost, IC_DOOR_ALL_RIGHTS);
}

static void cohost_admits(unsigned guest)
{
    assert_int_equal(ic_conference_admit(of(cohost), s.clients[guest].participant, s.now), IC_OK);
    courier_run(&s, SECOND);
}

TEST(cohost_hears_the_knocks_and_lets_people_in) /* ACC-12 */
{
    start_with_cohost();
    assert_int_equal(courier_last(&s, cohost, IC_EVENT_PERSON)->number, IC_DOOR_ALL_RIGHTS);
    unsigned guest = come("Sam Porter");
    assert_text(courier_last(&s, cohost, IC_EVENT_KNOCK), "Sam Porter");
    assert_text(courier_last(&s, host, IC_EVENT_KNOCK), "Sam Porter");
    cohost_admits(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK_GONE), 2);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(cohost_lets_somebody_in_while_the_first_host_is_away)
{
    start_with_cohost();
    unsigned early = come("Early");
    courier_leave(&s, host);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(courier_members(&s), 1);
    unsigned guest = come("Sam Porter");
    assert_int_equal(courier_last(&s, guest, IC_EVENT_ATTENDED)->number, 1);
    cohost_admits(guest);
    cohost_admits(early);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_int_equal(ic_conference_stage(of(early)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));

    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE); /* and the host may come back */
    courier_run(&s, 5 * SECOND);
    assert_int_equal(ic_conference_stage(of(host)), IC_CONFERENCE_IN);
    unsigned late = come("Late");
    assert_text(courier_last(&s, host, IC_EVENT_KNOCK), "Late");
    assert_text(courier_last(&s, cohost, IC_EVENT_KNOCK), "Late");
    admit(late);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(who_knocked_before_there_was_a_cohost_reaches_it_too)
{
    start();
    cohost = come_in("Kofi Mensah");
    unsigned early = come("Early");
    give(cohost, IC_DOOR_ALL_RIGHTS);
    courier_run(&s, SECOND);
    courier_leave(&s, host);
    courier_run(&s, 2 * SECOND);
    cohost_admits(early);
    assert_int_equal(ic_conference_stage(of(early)), IC_CONFERENCE_IN);
    assert_int_equal(courier_saw(&s, early, IC_EVENT_PASSCODE),
                     0); /* nobody called it unreadable */
    courier_clear(&s);
}

/* The card's key list must not outlive the right, or nobody would believe the card. */
TEST(cohost_whose_rights_are_taken_hears_no_more_knocks)
{
    start_with_cohost();
    give(cohost, 0);
    unsigned guest = come("Sam Porter");
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_CARD_BAD), 0);
    assert_int_equal(courier_saw(&s, cohost, IC_EVENT_KNOCK), 0);
    assert_int_equal(ic_conference_admit(of(cohost), s.clients[guest].participant, s.now),
                     IC_ERR_FORBIDDEN);
    admit(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

static void host_goes(void)
{
    courier_leave(&s, host);
    courier_run(&s, 2 * SECOND);
}

TEST(cohost_lets_in_who_was_invited_by_the_host_that_left) /* ACC-10, ACC-12 */
{
    start_with_cohost();
    struct ic_door_link link = invite_by(host);
    host_goes();
    unsigned guest = come_with(&link, "Sam Porter");
    assert_text(courier_last(&s, cohost, IC_EVENT_KNOCK), "Sam Porter");
    assert_int_not_equal(courier_last(&s, cohost, IC_EVENT_KNOCK)->epoch, 0);
    assert_int_equal(s.clients[guest].state, CLIENT_WAITING);
    cohost_admits(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(who_may_only_admit_lets_in_who_was_invited) /* ACC-10, ACC-12 */
{
    start();
    cohost = come_in("Kofi Mensah");
    give(cohost, IC_DOOR_ADMIT);
    struct ic_door_link link = invite_by(host);
    host_goes();
    unsigned guest = come_with(&link, "Sam Porter");
    cohost_admits(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));

    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE); /* who knows by which he came */
    courier_run(&s, 5 * SECOND);
    assert_int_equal(
        ic_conference_remove(of(host), courier_last(&s, guest, IC_EVENT_ENTERED)->leaf, s.now),
        IC_OK);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(courier_last(&s, host, IC_EVENT_INVITE)->number, 0);
    courier_clear(&s);
}

TEST(without_a_waiting_room_a_cohost_lets_in_who_was_invited_unasked) /* ACC-10 */
{
    start_with_cohost();
    assert_int_equal(ic_conference_waiting_room(of(host), false, s.now), IC_OK);
    courier_run(&s, SECOND);
    struct ic_door_link link = invite_by(host);
    host_goes();
    unsigned guest = come_with(&link, "Sam Porter");
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    unsigned second = come_with(&link, "Somebody else"); /* it is for one person */
    assert_int_equal(s.clients[second].state, CLIENT_WAITING);
    courier_leave(&s, guest); /* and free when that one is gone */
    courier_run(&s, 3 * SECOND);
    assert_int_equal(ic_conference_stage(of(second)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

/* UX section 2: "people with a host-signed personal invite are let in by the host's own client
 * without asking, if the host wants that". */
TEST(who_was_invited_comes_past_the_waiting_room_if_the_host_wants_that) /* ACC-02, ACC-10 */
{
    start_with_cohost();
    struct ic_door_link link = invite_by(host);
    unsigned early = come_with(&link, "Sam Porter");
    assert_int_equal(s.clients[early].state, CLIENT_WAITING); /* asked about, as at first */
    assert_int_equal(ic_conference_straight_in(of(host), true, s.now), IC_OK);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(ic_conference_stage(of(early)), IC_CONFERENCE_IN);
    assert_int_equal(s.clients[come("Who has the link")].state, CLIENT_WAITING);
    assert_int_equal(s.clients[come_with(&link, "A second person")].state, CLIENT_WAITING);

    struct ic_door_link other = invite_by(host);
    host_goes();
    assert_int_equal(ic_conference_stage(of(come_with(&other, "Mara"))), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(lock_holds_for_who_was_invited_to_come_straight_in) /* ACC-07 */
{
    start_with_cohost();
    struct ic_door_link link = invite_by(host);
    assert_int_equal(ic_conference_straight_in(of(host), true, s.now), IC_OK);
    assert_int_equal(ic_conference_lock(of(host), true, s.now), IC_OK);
    courier_run(&s, SECOND);
    unsigned guest = come_with(&link, "Sam Porter");
    assert_int_equal(s.clients[guest].state, CLIENT_WAITING);
    admit(guest); /* not by hand either */
    assert_int_equal(s.clients[guest].state, CLIENT_WAITING);
    assert_int_equal(ic_conference_lock(of(host), false, s.now), IC_OK);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

/* The rules let him be added again, since the state names him; so a human is asked. */
TEST(lock_asks_about_an_invited_person_who_was_taken_for_gone) /* ACC-07 */
{
    start_with_cohost();
    struct ic_door_link link = invite_by(host);
    unsigned guest = come_with(&link, "Sam Porter");
    admit(guest);
    assert_int_equal(ic_conference_allow(of(host), leaf_of(guest), IC_DOOR_MAY_SHARE, s.now),
                     IC_OK);
    assert_int_equal(ic_conference_straight_in(of(host), true, s.now), IC_OK);
    assert_int_equal(ic_conference_lock(of(host), true, s.now), IC_OK);
    courier_run(&s, 2 * SECOND);
    unsigned knocks = courier_saw(&s, host, IC_EVENT_KNOCK);
    courier_cut(&s, guest, 200 * SECOND);
    courier_run(&s, 180 * SECOND);
    s.clients[guest].state = CLIENT_WAITING; /* its leaf is gone */
    courier_run(&s, 25 * SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), knocks + 1);
    assert_int_equal(s.clients[guest].state, CLIENT_WAITING);
    admit(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(two_who_come_at_once_with_one_invite_do_not_both_enter_unasked) /* ACC-10 */
{
    start_with_cohost();
    struct ic_door_link link = invite_by(host);
    unsigned first = come_with(&link, "Sam Porter"), second = come_with(&link, "Somebody else");
    assert_int_equal(ic_conference_waiting_room(of(host), false, s.now), IC_OK);
    courier_run(&s, 5 * SECOND);
    bool one = ic_conference_stage(of(first)) == IC_CONFERENCE_IN;
    bool other = ic_conference_stage(of(second)) == IC_CONFERENCE_IN;
    assert_int_equal(one + other, 1);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

/* Both would come back by it, and the state says of one only that it came by it. */
TEST(invite_by_which_a_host_lets_in_a_second_person_goes) /* ACC-08, ACC-10 */
{
    start_with_cohost();
    struct ic_door_link link = invite_by(host);
    unsigned first = come_with(&link, "Sam Porter");
    admit(first);
    unsigned second = come_with(&link, "Sam's telephone");
    cohost_admits(second);
    assert_int_equal(ic_conference_stage(of(first)), IC_CONFERENCE_IN);
    assert_int_equal(ic_conference_stage(of(second)), IC_CONFERENCE_IN);
    assert_int_equal(courier_last(&s, host, IC_EVENT_INVITE)->number, 0);
    unsigned third = come_with(&link, "Somebody else");
    assert_int_equal(courier_saw(&s, third, IC_EVENT_CARD_BAD), 1);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(cohost_replaces_the_link_and_the_host_s_invites_stay_good)
{
    start_with_cohost();
    s.closes_old_links = true;
    struct ic_door_link link = invite_by(host);
    assert_int_equal(courier_saw(&s, cohost, IC_EVENT_INVITE), 1);
    assert_int_equal(courier_last(&s, cohost, IC_EVENT_INVITE)->text.len, 0); /* not his to show */
    unsigned guest = courier_come(&s, &link, "Sam Porter", SUITE);
    courier_run(&s, SECOND);

    assert_int_equal(ic_conference_replace_link(of(cohost), s.now), IC_OK);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(s.admission_count, 2);
    assert_int_equal(s.clients[guest].state, CLIENT_WAITING);
    assert_int_equal(courier_saw(&s, cohost, IC_EVENT_KNOCK), 2); /* once with each link */
    cohost_admits(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(invites_of_a_cohost_go_with_its_rights)
{
    start_with_cohost();
    assert_int_equal(ic_conference_invite(of(cohost), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, host, IC_EVENT_INVITE)->number, 1);
    give(cohost, IC_DOOR_REMOVE);
    assert_int_equal(courier_last(&s, host, IC_EVENT_INVITE)->number, 0);
    assert_int_equal(courier_last(&s, cohost, IC_EVENT_INVITE)->number, 0);
    assert_int_equal(s.admission_count, 1);
    courier_clear(&s);
}

TEST(cohost_that_came_by_an_invite_has_all_it_needs)
{
    start();
    struct ic_door_link link = invite_by(host);
    cohost = courier_come(&s, &link, "Kofi Mensah", SUITE);
    courier_run(&s, SECOND);
    admit(cohost);
    give(cohost, IC_DOOR_ALL_RIGHTS);
    courier_leave(&s, host);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(ic_conference_lock(of(cohost), true, s.now), IC_OK); /* a card of its own */
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_lock(of(cohost), false, s.now), IC_OK);
    courier_run(&s, SECOND);
    unsigned guest = come("Sam Porter");
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_CARD_BAD), 0);
    cohost_admits(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

TEST(cohost_removes_somebody_and_the_server_cuts_him_off) /* ACC-08 */
{
    start_with_cohost();
    unsigned mallory = come_in("Mallory");
    assert_int_equal(ic_conference_remove(of(cohost), leaf_of(mallory), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(s.clients[mallory].state, CLIENT_OUT);
    assert_int_equal(courier_last(&s, host, IC_EVENT_PERSON_LEFT)->number, IC_LEFT_REMOVED);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

/* The server may not know yet, or not want to. Then the keys alone keep him out. */
TEST(cohost_that_the_server_takes_for_no_keeper_removes_all_the_same)
{
    const struct ic_say *say;
    start_with_cohost();
    unsigned mallory = come_in("Mallory");
    assert_int_equal(ic_conference_remove(of(cohost), leaf_of(mallory), s.now), IC_OK);
    while ((say = ic_conference_next_say(of(cohost))))
        continue; /* refused */
    assert_int_equal(ic_conference_hear_not_keeper(of(cohost), s.now), IC_OK);
    assert_int_equal((say = ic_conference_next_say(of(cohost)))->type, IC_SAY_COMMIT);
    courier_say(&s, cohost, say);
    assert_int_equal(ic_conference_hear_not_keeper(of(cohost), s.now), IC_OK); /* as before */
    assert_null(ic_conference_next_say(of(cohost)));
    courier_run(&s, 2 * SECOND);
    assert_int_equal(courier_saw(&s, mallory, IC_EVENT_REMOVED), 1);
    assert_int_equal(s.clients[mallory].state,
                     CLIENT_MEMBER); /* of the server's, not of the group */
    courier_clear(&s);
}

TEST(rights_that_a_cohost_gave_go_with_its_own) /* ACC-12 */
{
    start_with_cohost();
    unsigned layla = come_in("Layla Rahman");
    assert_int_equal(ic_conference_grant(of(cohost), leaf_of(layla), IC_DOOR_ADMIT, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_true(ic_may(of(host), ic_own_key(of(layla)), IC_DOOR_ADMIT));
    give(cohost, 0);
    assert_false(ic_may(of(host), ic_own_key(of(cohost)), IC_DOOR_ADMIT));
    assert_false(ic_may(of(host), ic_own_key(of(layla)), IC_DOOR_ADMIT));
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_WRONG_COMMIT), 0);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

/* More than a card can name: the host keeps the keys of some, and the card stays one. */
TEST(as_many_cohosts_as_there_are_people_do_no_harm)
{
    start();
    unsigned all[IC_DOOR_ADMIT_KEYS_MAX + 1];
    for (size_t i = 0; i < IC_COUNT(all); i++)
        all[i] = come_in("Cohost");
    for (size_t i = 0; i < IC_COUNT(all); i++)
        give(all[i], IC_DOOR_ADMIT);
    unsigned guest = come("Sam Porter");
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_CARD_BAD), 0);
    assert_text(courier_last(&s, host, IC_EVENT_KNOCK), "Sam Porter");
    assert_int_equal(courier_saw(&s, all[7], IC_EVENT_KNOCK), 0);
    assert_int_equal(courier_saw(&s, all[8], IC_EVENT_KNOCK), 0);

    /* Who may no more makes room for the next. */
    give(all[0], 0);
    courier_run(&s, 61 * SECOND); /* all say their keys again */
    unsigned late = come("Late");
    bool one = courier_saw(&s, all[7], IC_EVENT_KNOCK) > 0;
    bool other = courier_saw(&s, all[8], IC_EVENT_KNOCK) > 0;
    assert_true(one != other);
    assert_int_equal(courier_saw(&s, late, IC_EVENT_CARD_BAD), 0);
    courier_clear(&s);
}

TEST(cohost_whom_the_network_took_for_a_minute_is_one_again)
{
    start_with_cohost();
    unsigned layla = come_in("Layla Rahman");
    courier_cut(&s, cohost, 70 * SECOND);
    courier_run(&s, 80 * SECOND);
    assert_true(courier_agrees(&s));
    courier_leave(&s, host);
    courier_run(&s, 2 * SECOND);
    unsigned guest = come("Sam Porter");
    cohost_admits(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

TEST(passcode_set_by_the_host_is_asked_for_at_the_cohost_s_door)
{
    static const uint8_t CODE[IC_DOOR_PSK_LEN] = {1, 2, 3};
    start_with_cohost();
    assert_int_equal(ic_conference_set_passcode(of(host), CODE, s.now), IC_OK);
    courier_run(&s, SECOND);
    courier_leave(&s, host);
    courier_run(&s, 2 * SECOND);
    unsigned guest = come("Sam Porter");
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_PASSCODE), 1);
    assert_int_equal(ic_conference_passcode(of(guest), CODE, s.now), IC_OK);
    courier_run(&s, SECOND);
    cohost_admits(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(without_a_waiting_room_one_of_the_hosts_lets_people_in)
{
    start_with_cohost();
    assert_int_equal(ic_conference_waiting_room(of(host), false, s.now), IC_OK);
    courier_run(&s, SECOND);
    uint64_t commits = s.commits;
    unsigned guest = come("Sam Porter");
    courier_run(&s, 5 * SECOND);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_int_equal(s.commits, commits + 1);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

RUN_TESTS(cmocka_unit_test(cohost_hears_the_knocks_and_lets_people_in),
          cmocka_unit_test(cohost_lets_somebody_in_while_the_first_host_is_away),
          cmocka_unit_test(who_knocked_before_there_was_a_cohost_reaches_it_too),
          cmocka_unit_test(cohost_whose_rights_are_taken_hears_no_more_knocks),
          cmocka_unit_test(cohost_lets_in_who_was_invited_by_the_host_that_left),
          cmocka_unit_test(who_may_only_admit_lets_in_who_was_invited),
          cmocka_unit_test(without_a_waiting_room_a_cohost_lets_in_who_was_invited_unasked),
          cmocka_unit_test(who_was_invited_comes_past_the_waiting_room_if_the_host_wants_that),
          cmocka_unit_test(lock_holds_for_who_was_invited_to_come_straight_in),
          cmocka_unit_test(lock_asks_about_an_invited_person_who_was_taken_for_gone),
          cmocka_unit_test(two_who_come_at_once_with_one_invite_do_not_both_enter_unasked),
          cmocka_unit_test(invite_by_which_a_host_lets_in_a_second_person_goes),
          cmocka_unit_test(cohost_replaces_the_link_and_the_host_s_invites_stay_good),
          cmocka_unit_test(invites_of_a_cohost_go_with_its_rights),
          cmocka_unit_test(cohost_that_came_by_an_invite_has_all_it_needs),
          cmocka_unit_test(cohost_removes_somebody_and_the_server_cuts_him_off),
          cmocka_unit_test(cohost_that_the_server_takes_for_no_keeper_removes_all_the_same),
          cmocka_unit_test(rights_that_a_cohost_gave_go_with_its_own),
          cmocka_unit_test(as_many_cohosts_as_there_are_people_do_no_harm),
          cmocka_unit_test(cohost_whom_the_network_took_for_a_minute_is_one_again),
          cmocka_unit_test(passcode_set_by_the_host_is_asked_for_at_the_cohost_s_door),
          cmocka_unit_test(without_a_waiting_room_one_of_the_hosts_lets_people_in))
