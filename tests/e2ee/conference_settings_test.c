/* What a host sets in a running meeting: passcode, invites, waiting room. */
#include "tests/e2ee/conference_rig.h"

#include "e2ee/conference/inside.h"

static const uint8_t CODE[IC_DOOR_PSK_LEN] = {1, 2, 3}, OTHER_CODE[IC_DOOR_PSK_LEN] = {4, 5};

TEST(passcode_that_is_set_in_a_meeting_is_asked_of_everybody_who_comes_then) /* ACC-01 */
{
    start();
    unsigned layla = come_in("Layla Rahman");
    set_passcode(CODE);
    assert_true(flags(layla) & IC_CONFERENCE_PASSCODE);
    assert_true(courier_agrees(&s));

    unsigned guest = come("Sam Porter"); /* with the same link as before */
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_CARD_BAD), 0);
    assert_int_equal(courier_last(&s, guest, IC_EVENT_PASSCODE)->number, 0);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 1); /* Layla's, long ago */
    type_passcode(guest, OTHER_CODE);
    assert_int_equal(courier_last(&s, guest, IC_EVENT_PASSCODE)->number, 1);
    type_passcode(guest, CODE);
    admit(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(who_waits_when_a_passcode_is_set_or_changed_is_asked_for_it) /* ACC-20 */
{
    start();
    unsigned guest = come("Sam Porter");
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 1);
    set_passcode(CODE);
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_PASSCODE), 1);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK_GONE),
                     1); /* it cannot be let in by that */
    type_passcode(guest, CODE);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 2);
    set_passcode(OTHER_CODE);
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_PASSCODE), 2);
    type_passcode(guest, OTHER_CODE);
    admit(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

TEST(passcode_that_is_cleared_is_asked_no_more)
{
    start();
    set_passcode(CODE);
    unsigned guest = come("Sam Porter");
    type_passcode(guest, CODE);
    set_passcode(NULL);
    assert_false(flags(host) & IC_CONFERENCE_PASSCODE);
    admit(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    come_in("Ruth Adler");
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(removed_member_does_not_come_back_by_a_passcode_that_is_set_with_it) /* ACC-08 */
{
    start();
    unsigned mallory = come_in("Mallory");
    unsigned layla = come_in("Layla Rahman");
    struct ic_door_link old = s.guest_link;
    assert_int_equal(ic_conference_set_passcode(of(host), CODE, s.now), IC_OK);
    assert_int_equal(ic_conference_remove(of(host), leaf_of(mallory), s.now), IC_OK);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(courier_saw(&s, mallory, IC_EVENT_REMOVED), 1);
    assert_true(flags(layla) & IC_CONFERENCE_PASSCODE);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_STATE)->epoch, 3); /* two steps */
    unsigned again = courier_come(&s, &old, "Somebody else", SUITE);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, again, IC_EVENT_CARD_BAD), 1);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(members_keep_the_passcode_through_a_new_link)
{
    start();
    unsigned layla = come_in("Layla Rahman");
    set_passcode(CODE);
    assert_int_equal(ic_conference_replace_link(of(host), s.now), IC_OK);
    courier_run(&s, SECOND);
    courier_restart(&s); /* and knock with both after the server lost everything */
    courier_run(&s, 5 * SECOND);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_PASSCODE), 0);
    assert_true(flags(layla) & IC_CONFERENCE_PASSCODE);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(host_that_reloaded_needs_the_passcode_too)
{
    start();
    come_in("Layla Rahman");
    set_passcode(CODE);
    courier_crash(&s, host);
    courier_run(&s, SECOND);
    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    courier_run(&s, 5 * SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_PASSCODE), 1);
    assert_int_not_equal(ic_conference_stage(of(host)), IC_CONFERENCE_IN);
    type_passcode(host, CODE);
    courier_run(&s, 5 * SECOND);
    assert_int_equal(ic_conference_stage(of(host)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(meeting_that_is_founded_with_a_passcode_asks_for_it)
{
    courier_init(&s, 7, SUITE);
    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    assert_int_equal(ic_conference_passcode(of(host), CODE, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_true(flags(host) & IC_CONFERENCE_PASSCODE);
    unsigned guest = come("Sam Porter");
    type_passcode(guest, CODE);
    admit(guest);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(member_without_the_right_sets_nothing)
{
    start();
    unsigned guest = come_in("Layla Rahman");
    assert_int_equal(ic_conference_set_passcode(of(guest), CODE, s.now), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_waiting_room(of(guest), false, s.now), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_invite(of(guest), s.now), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_withdraw(of(guest), 1, s.now), IC_ERR_NOT_FOUND);
    courier_clear(&s);
}

/* ---- Invites ---- */

static struct ic_door_link invite(uint32_t *number)
{
    assert_int_equal(ic_conference_invite(of(host), s.now), IC_OK);
    courier_run(&s, SECOND);
    const struct ic_conference_event *event = courier_last(&s, host, IC_EVENT_INVITE);
    assert_int_equal(event->number, 1);
    *number = (uint32_t)event->epoch;
    struct ic_door_link link = link_of(event);
    assert_int_equal(link.kind, IC_DOOR_LINK_INVITE);
    return link;
}

TEST(invited_person_knocks_as_that_and_is_let_in_without_the_passcode) /* ACC-10 */
{
    start();
    uint32_t number;
    set_passcode(CODE);
    struct ic_door_link link = invite(&number);
    unsigned guest = come_with(&link, "Sam Porter");
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_PASSCODE), 0);
    assert_int_equal(courier_last(&s, host, IC_EVENT_KNOCK)->epoch, number);
    admit(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));

    unsigned other = come("Ruth Adler"); /* and he is a member like any other */
    type_passcode(other, CODE);
    admit(other);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(invite_stays_good_when_the_link_is_replaced) /* ACC-10, ACC-11 */
{
    start();
    s.closes_old_links = true;
    uint32_t number;
    struct ic_door_link link = invite(&number);
    unsigned waiting = come_with(&link, "Sam Porter"), other = come("Ruth Adler");
    assert_int_equal(ic_conference_replace_link(of(host), s.now), IC_OK);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(s.clients[waiting].state, CLIENT_WAITING);
    assert_int_equal(s.clients[other].state, CLIENT_OUT);
    assert_int_equal(s.admission_count, 2);
    admit(waiting);
    assert_int_equal(ic_conference_stage(of(waiting)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(withdrawn_invite_opens_nothing_and_the_others_stay) /* ACC-10 */
{
    start();
    s.closes_old_links = true;
    uint32_t first, second;
    struct ic_door_link link = invite(&first), kept = invite(&second);
    assert_int_not_equal(first, second);
    unsigned waiting = come_with(&link, "Sam Porter");
    assert_int_equal(ic_conference_withdraw(of(host), first, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, host, IC_EVENT_INVITE)->epoch, first);
    assert_int_equal(courier_last(&s, host, IC_EVENT_INVITE)->number, 0);
    assert_int_equal(s.clients[waiting].state, CLIENT_OUT);
    assert_int_equal(ic_conference_withdraw(of(host), first, s.now), IC_ERR_NOT_FOUND);

    s.closes_old_links = false; /* also with a server that lets him wait */
    unsigned again = come_with(&link, "Sam Porter");
    assert_int_equal(courier_saw(&s, again, IC_EVENT_CARD_BAD), 1);
    unsigned friend = come_with(&kept, "Ruth Adler");
    admit(friend);
    assert_int_equal(ic_conference_stage(of(friend)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

TEST(removed_person_does_not_come_back_by_his_invite) /* ACC-08 */
{
    start();
    uint32_t number;
    struct ic_door_link link = invite(&number);
    unsigned guest = come_with(&link, "Mallory");
    admit(guest);
    assert_int_equal(ic_conference_remove(of(host), leaf_of(guest), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, host, IC_EVENT_INVITE)->number, 0);
    unsigned again = come_with(&link, "Somebody else");
    assert_int_equal(courier_saw(&s, again, IC_EVENT_CARD_BAD), 1);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 1);
    courier_clear(&s);
}

TEST(host_that_reloaded_knows_its_invites_again)
{
    start();
    come_in("Layla Rahman");
    uint32_t number;
    struct ic_door_link link = invite(&number);
    courier_crash(&s, host);
    courier_run(&s, SECOND);
    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    courier_run(&s, 5 * SECOND);
    struct ic_door_link again = link_of(courier_last(&s, host, IC_EVENT_INVITE));
    assert_memory_equal(again.secret, link.secret, sizeof link.secret);
    unsigned guest = come_with(&link, "Sam Porter");
    admit(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

TEST(invites_outlive_a_server_that_lost_everything)
{
    start();
    uint32_t number;
    struct ic_door_link link = invite(&number);
    unsigned guest = come_with(&link, "Sam Porter");
    admit(guest);
    courier_restart(&s);
    courier_run(&s, 5 * SECOND);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    uint32_t later;
    invite(&later);
    assert_true(later > number);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(there_are_only_so_many_invites)
{
    start();
    for (unsigned i = 0; i < IC_DOOR_INVITES_MAX; i++)
        assert_int_equal(ic_conference_invite(of(host), s.now), IC_OK);
    assert_int_equal(ic_conference_invite(of(host), s.now), IC_ERR_FULL);
    courier_run(&s, 20 * SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_INVITE), IC_DOOR_INVITES_MAX);
    assert_int_equal(ic_conference_invite(of(host), s.now), IC_ERR_FULL);
    assert_int_equal(s.admission_count, IC_DOOR_INVITES_MAX + 1);
    courier_clear(&s);
}

/* ---- Waiting room ---- */

static void open_the_room(void)
{
    assert_int_equal(ic_conference_waiting_room(of(host), false, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_false(flags(host) & IC_CONFERENCE_WAITING_ROOM);
}

TEST(without_a_waiting_room_who_has_the_link_is_let_in_at_once)
{
    start();
    unsigned early = come("Early");
    open_the_room();
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_stage(of(early)), IC_CONFERENCE_IN);
    unsigned guest = come("Sam Porter");
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));

    assert_int_equal(ic_conference_waiting_room(of(host), true, s.now), IC_OK);
    courier_run(&s, SECOND);
    unsigned late = come("Late");
    courier_run(&s, 2 * SECOND);
    assert_int_equal(ic_conference_stage(of(late)), IC_CONFERENCE_KNOCKED);
    courier_clear(&s);
}

TEST(without_a_waiting_room_the_passcode_is_needed_and_a_lock_holds) /* ACC-20, ACC-07 */
{
    start();
    open_the_room();
    set_passcode(CODE);
    unsigned guest = come("Sam Porter");
    type_passcode(guest, OTHER_CODE);
    assert_int_not_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    type_passcode(guest, CODE);
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);

    assert_int_equal(ic_conference_lock(of(host), true, s.now), IC_OK);
    courier_run(&s, SECOND);
    unsigned late = come("Late");
    type_passcode(late, CODE);
    courier_run(&s, 2 * SECOND);
    assert_int_not_equal(ic_conference_stage(of(late)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

TEST(without_a_waiting_room_an_invite_lets_in_one_person_at_a_time)
{
    start();
    uint32_t number;
    struct ic_door_link link = invite(&number);
    open_the_room();
    unsigned guest = come_with(&link, "Sam Porter");
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);

    unsigned ghost = come_with(&link, "Sam Porter"); /* the same link once more */
    courier_run(&s, 2 * SECOND);
    assert_int_equal(ic_conference_stage(of(ghost)), IC_CONFERENCE_KNOCKED);
    assert_int_equal(courier_last(&s, host, IC_EVENT_KNOCK)->epoch, number);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(without_a_waiting_room_a_withdrawn_invite_lets_nobody_in)
{
    start();
    uint32_t number;
    struct ic_door_link link = invite(&number);
    open_the_room();
    assert_int_equal(ic_conference_withdraw(of(host), number, s.now), IC_OK);
    courier_run(&s, SECOND);
    unsigned ghost = come_with(&link, "Sam Porter");
    courier_run(&s, 2 * SECOND);
    assert_int_not_equal(ic_conference_stage(of(ghost)), IC_CONFERENCE_IN);
    assert_int_equal(courier_members(&s), 1);
    courier_clear(&s);
}

/* With the knock of the withdrawn one on its way already, and a server that keeps it. */
TEST(invite_that_is_withdrawn_in_between_lets_nobody_in)
{
    start();
    uint32_t number;
    struct ic_door_link link = invite(&number);
    unsigned guest = come_with(&link, "Sam Porter");
    assert_int_equal(ic_conference_withdraw(of(host), number, s.now), IC_OK);
    assert_int_equal(ic_conference_admit(of(host), s.clients[guest].participant, s.now), IC_OK);
    courier_run(&s, 2 * SECOND);
    assert_int_not_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_int_equal(courier_members(&s), 1);
    courier_clear(&s);
}

/* ---- Comparing ---- */

static void authenticator(unsigned client, uint8_t out[IC_CONFERENCE_AUTHENTICATOR_LEN])
{
    assert_int_equal(ic_conference_authenticator(of(client), out), IC_OK);
}

TEST(all_of_an_epoch_have_one_authenticator_and_another_epoch_another) /* SEC-08 */
{
    uint8_t first[IC_CONFERENCE_AUTHENTICATOR_LEN], other[IC_CONFERENCE_AUTHENTICATOR_LEN];
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    unsigned shown = courier_saw(&s, kofi, IC_EVENT_EPOCH);
    authenticator(host, first);
    authenticator(layla, other);
    assert_memory_equal(first, other, sizeof first);
    authenticator(kofi, other);
    assert_memory_equal(first, other, sizeof first);
    come_in("Ruth Adler");
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_EPOCH), shown + 1);
    authenticator(kofi, other);
    assert_memory_not_equal(first, other, sizeof first);
    courier_clear(&s);
}

TEST(comparing_is_seen_by_everybody_with_its_epoch)
{
    start();
    unsigned waiting = come("Early");
    assert_int_equal(ic_conference_compare(of(waiting), IC_DOOR_COMPARE_ASKED, s.now),
                     IC_ERR_FORBIDDEN);
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    assert_int_equal(ic_conference_compare(of(layla), IC_DOOR_COMPARE_ASKED, s.now), IC_OK);
    courier_run(&s, SECOND);
    const struct ic_conference_event *event = courier_last(&s, kofi, IC_EVENT_COMPARE);
    assert_int_equal(event->leaf, leaf_of(layla));
    assert_int_equal(event->epoch, ic_conference_epoch(of(kofi)));
    assert_int_equal(event->number, IC_DOOR_COMPARE_ASKED);
    assert_int_equal(ic_conference_compare(of(kofi), IC_DOOR_COMPARE_DIFFERENT, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, host, IC_EVENT_COMPARE)->number, IC_DOOR_COMPARE_DIFFERENT);
    assert_int_equal(ic_conference_compare(of(kofi), 3, s.now), IC_ERR_FORBIDDEN);
    courier_clear(&s);
}

RUN_TESTS(cmocka_unit_test(passcode_that_is_set_in_a_meeting_is_asked_of_everybody_who_comes_then),
          cmocka_unit_test(who_waits_when_a_passcode_is_set_or_changed_is_asked_for_it),
          cmocka_unit_test(passcode_that_is_cleared_is_asked_no_more),
          cmocka_unit_test(removed_member_does_not_come_back_by_a_passcode_that_is_set_with_it),
          cmocka_unit_test(members_keep_the_passcode_through_a_new_link),
          cmocka_unit_test(host_that_reloaded_needs_the_passcode_too),
          cmocka_unit_test(meeting_that_is_founded_with_a_passcode_asks_for_it),
          cmocka_unit_test(member_without_the_right_sets_nothing),
          cmocka_unit_test(invited_person_knocks_as_that_and_is_let_in_without_the_passcode),
          cmocka_unit_test(invite_stays_good_when_the_link_is_replaced),
          cmocka_unit_test(withdrawn_invite_opens_nothing_and_the_others_stay),
          cmocka_unit_test(removed_person_does_not_come_back_by_his_invite),
          cmocka_unit_test(host_that_reloaded_knows_its_invites_again),
          cmocka_unit_test(invites_outlive_a_server_that_lost_everything),
          cmocka_unit_test(there_are_only_so_many_invites),
          cmocka_unit_test(without_a_waiting_room_who_has_the_link_is_let_in_at_once),
          cmocka_unit_test(without_a_waiting_room_the_passcode_is_needed_and_a_lock_holds),
          cmocka_unit_test(without_a_waiting_room_an_invite_lets_in_one_person_at_a_time),
          cmocka_unit_test(without_a_waiting_room_a_withdrawn_invite_lets_nobody_in),
          cmocka_unit_test(invite_that_is_withdrawn_in_between_lets_nobody_in),
          cmocka_unit_test(all_of_an_epoch_have_one_authenticator_and_another_epoch_another),
          cmocka_unit_test(comparing_is_seen_by_everybody_with_its_epoch))
