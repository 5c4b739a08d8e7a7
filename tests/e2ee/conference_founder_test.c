/* What a host that founds a meeting anew holds to of the one before, and no longer than it is true:
 * its device, the card and what was typed each say something of the door. */
#include "tests/e2ee/conference_rig.h"

#include "e2ee/conference/founding.h"
#include "e2ee/conference/inside.h"
#include "e2ee/door/state.h"

static const uint8_t CODE[IC_DOOR_PSK_LEN] = {1, 2, 3};

static void device_keeps_the_door(void)
{
    const struct ic_conference_event *state = courier_last(&s, host, IC_EVENT_STATE);
    s.last = (struct ic_last_door){(uint32_t)state->epoch, (unsigned)state->number};
}

static void come_again(void)
{
    courier_crash(&s, host);
    courier_run(&s, SECOND);
    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE);
}

/* Shown the card on the way in, before it founds. */
static void come_again_and_wait(void)
{
    come_again();
    assert_int_equal(ic_conference_hear_waiting(of(host), s.clients[host].participant, s.card,
                                                (struct ic_bytes){0}, false, s.now),
                     IC_OK);
}

TEST(lock_of_an_earlier_version_is_forgotten_by_a_device_that_saw_a_later_card)
{
    start();
    set_lock(true);
    device_keeps_the_door();
    set_lock(false);
    set_passcode(CODE);
    come_again_and_wait();
    type_passcode(host, CODE);
    courier_run(&s, SECOND);
    assert_int_equal(flags(host), IC_CONFERENCE_WAITING_ROOM | IC_CONFERENCE_PASSCODE);
    courier_clear(&s);
}

TEST(title_of_a_later_card_stays_whatever_the_door_was_like_before)
{
    start();
    assert_int_equal(ic_conference_title(of(host), ic_bytes_of_text("Layoffs"), s.now), IC_OK);
    assert_int_equal(ic_conference_show_title(of(host), true, s.now), IC_OK);
    set_lock(true);
    device_keeps_the_door();
    set_lock(false);
    set_passcode(CODE);
    come_again();
    courier_run(&s, SECOND);
    type_passcode(host, CODE);
    assert_text(courier_last(&s, host, IC_EVENT_TITLE), "Layoffs");
    courier_clear(&s);
}

TEST(passcode_that_was_taken_away_is_not_asked_for)
{
    start();
    set_passcode(CODE);
    device_keeps_the_door();
    set_passcode(NULL);
    come_again();
    courier_run(&s, 2 * SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_PASSCODE), 0);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_ENTERED), 1);
    assert_int_equal(flags(host), IC_CONFERENCE_WAITING_ROOM);
    courier_clear(&s);
}

TEST(who_is_named_already_is_named_once_in_a_locked_meeting_that_begins_anew)
{
    start();
    unsigned layla = come_in("Layla Rahman"), ruth = come_in("Ruth Adler");
    assert_int_equal(ic_conference_allow(of(host), leaf_of(layla), IC_DOOR_MAY_SHARE, s.now),
                     IC_OK);
    courier_run(&s, SECOND);
    set_lock(true);
    courier_restart(&s);
    courier_run(&s, 5 * SECOND);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    assert_int_equal(ic_conference_stage(of(ruth)), IC_CONFERENCE_IN);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_ALLOWED)->number >> 16, IC_DOOR_MAY_SHARE);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(member_is_who_has_a_basic_credential_and_a_profile)
{
    start();
    struct ic_mls_application rules = ic_application(of(host));
    struct ic_mls_leaf_node leaf =
        *ic_mls_tree_leaf(ic_mls_group_tree(of(host)->group), (struct ic_leaf){0});
    assert_true(rules.judge(rules.user, &leaf, NULL));
    leaf.credential.type = IC_MLS_CREDENTIAL_X509;
    assert_false(rules.judge(rules.user, &leaf, NULL));
    leaf.credential.type = IC_MLS_CREDENTIAL_BASIC;
    leaf.extensions = (struct ic_bytes){0};
    assert_false(rules.judge(rules.user, &leaf, NULL));
    courier_clear(&s);
}

RUN_TESTS(
    cmocka_unit_test(lock_of_an_earlier_version_is_forgotten_by_a_device_that_saw_a_later_card),
    cmocka_unit_test(title_of_a_later_card_stays_whatever_the_door_was_like_before),
    cmocka_unit_test(passcode_that_was_taken_away_is_not_asked_for),
    cmocka_unit_test(who_is_named_already_is_named_once_in_a_locked_meeting_that_begins_anew),
    cmocka_unit_test(member_is_who_has_a_basic_credential_and_a_profile))
