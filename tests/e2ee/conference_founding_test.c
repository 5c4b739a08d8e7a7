/* A group that is over is founded anew by the host: with all that its client holds of the one
 * before, and where it holds nothing, so that no door stands more open than it did. */
#include <stdlib.h>

#include "e2ee/conference/inside.h"
#include "e2ee/door/state.h"
#include "tests/e2ee/conference_rig.h"

static const uint8_t CODE[IC_DOOR_PSK_LEN] = {1, 2, 3};

static void set_room(bool on)
{
    assert_int_equal(ic_conference_waiting_room(of(host), on, s.now), IC_OK);
    courier_run(&s, SECOND);
}

/* With nothing but the private link: nobody else is there to take the host back. */
static void host_reloads_alone(const struct ic_door_link *link)
{
    courier_crash(&s, host);
    courier_run(&s, SECOND);
    host = courier_come(&s, link, "Amara Osei", SUITE);
    courier_run(&s, 2 * SECOND);
}

TEST(founder_that_holds_the_state_carries_all_of_it_over) /* ACC-07, ACC-12, ACC-20 */
{
    start();
    unsigned kofi = come_in("Kofi Mensah"), layla = come_in("Layla Rahman");
    assert_int_equal(ic_conference_grant(of(host), leaf_of(kofi), IC_DOOR_ALL_RIGHTS, s.now),
                     IC_OK);
    courier_run(&s, SECOND);
    set_passcode(CODE);
    assert_int_equal(ic_conference_everyone_may(of(host), IC_DOOR_MAY_SPEAK, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(
        ic_conference_allow(of(host), leaf_of(layla), IC_DOOR_MAY_SPEAK | IC_DOOR_MAY_SHARE, s.now),
        IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_invite(of(host), s.now), IC_OK);
    courier_run(&s, SECOND);
    uint64_t invite = courier_last(&s, host, IC_EVENT_INVITE)->epoch;
    uint64_t link_version = courier_last(&s, host, IC_EVENT_STATE)->epoch;

    courier_restart(&s);
    courier_run(&s, 5 * SECOND);
    assert_int_equal(flags(host), IC_CONFERENCE_WAITING_ROOM | IC_CONFERENCE_PASSCODE);
    assert_int_equal(courier_last(&s, host, IC_EVENT_STATE)->epoch, link_version);
    assert_int_equal(ic_conference_stage(of(kofi)), IC_CONFERENCE_IN);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_ALLOWED)->number,
                     IC_DOOR_MAY_SPEAK | (IC_DOOR_MAY_SPEAK | IC_DOOR_MAY_SHARE) << 16);
    assert_int_equal(courier_last(&s, kofi, IC_EVENT_ALLOWED)->number >> 16, IC_DOOR_CAPABILITIES);
    assert_int_equal(ic_conference_withdraw(of(kofi), (uint32_t)invite, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_SETTINGS_LOST), 0);

    unsigned guest = come("Sam Porter");
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_PASSCODE), 1);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(locked_meeting_stays_locked_and_who_was_in_comes_back) /* ACC-07 */
{
    start();
    unsigned layla = come_in("Layla Rahman"), ruth = come_in("Ruth Adler");
    set_lock(true);
    courier_restart(&s);
    courier_run(&s, 5 * SECOND);
    assert_true(flags(host) & IC_CONFERENCE_LOCKED);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    assert_int_equal(ic_conference_stage(of(ruth)), IC_CONFERENCE_IN);
    unsigned guest = come("Sam Porter");
    assert_int_equal(ic_conference_admit(of(host), s.clients[guest].participant, s.now), IC_OK);
    courier_run(&s, 2 * SECOND);
    assert_int_not_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(host_that_waited_in_vain_to_be_taken_back_founds_with_what_it_held)
{
    start();
    set_passcode(CODE);
    set_lock(true);
    const uint8_t id[IC_PARTICIPANT_LEN] = {9};
    struct ic_conference_joined joined = {.participant = {9}, .keeper = true, .card = s.card};
    assert_int_equal(
        ic_conference_hear_waiting(of(host), id, s.card, (struct ic_bytes){0}, false, s.now),
        IC_OK);
    assert_int_not_equal(ic_conference_stage(of(host)), IC_CONFERENCE_IN);
    assert_int_equal(ic_conference_hear_joined(of(host), &joined, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_stage(of(host)), IC_CONFERENCE_IN);
    assert_int_equal(flags(host),
                     IC_CONFERENCE_WAITING_ROOM | IC_CONFERENCE_PASSCODE | IC_CONFERENCE_LOCKED);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_SETTINGS_LOST), 0);
    courier_clear(&s);
}

/* follow_card() takes an open card at its word for a knock; what is founded anew must not. */
TEST(old_card_takes_no_passcode_from_a_host_that_holds_the_state) /* ACC-20 */
{
    uint8_t kept[16384];
    start();
    assert_in_range(s.card.len, 1, sizeof kept);
    struct ic_bytes old = {kept, s.card.len};
    memcpy(kept, s.card.at, s.card.len);
    set_passcode(CODE);
    uint64_t link_version = courier_last(&s, host, IC_EVENT_STATE)->epoch;
    const uint8_t id[IC_PARTICIPANT_LEN] = {9};
    struct ic_conference_joined joined = {.participant = {9}, .keeper = true, .card = old};
    assert_int_equal(
        ic_conference_hear_waiting(of(host), id, old, (struct ic_bytes){0}, false, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_joined(of(host), &joined, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_stage(of(host)), IC_CONFERENCE_IN);
    assert_int_equal(flags(host), IC_CONFERENCE_WAITING_ROOM | IC_CONFERENCE_PASSCODE);
    assert_int_equal(courier_last(&s, host, IC_EVENT_STATE)->epoch, link_version);
    courier_clear(&s);
}

/* The same key, on another connection: the others put that one in the place of the first. */
TEST(host_makes_way_for_its_second_device_that_the_others_take_in) /* ACC-19 */
{
    start();
    unsigned layla = come_in("Layla Rahman");
    unsigned second = courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    courier_run(&s, 3 * SECOND);
    assert_int_equal(ic_conference_stage(of(host)), IC_CONFERENCE_OVER);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_BEHIND), 0);
    assert_int_equal(ic_conference_stage(of(second)), IC_CONFERENCE_IN);
    assert_int_equal(ic_mls_group_member_count(of(layla)->group), 2);
    courier_clear(&s);
}

TEST(host_alone_makes_way_for_its_second_device) /* ACC-19 */
{
    start();
    courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, host, IC_EVENT_OPENED_AGAIN)->number, 1);
    assert_int_equal(ic_conference_stage(of(host)), IC_CONFERENCE_OVER);
    courier_clear(&s);
}

TEST(host_with_its_link_alone_is_asked_for_the_passcode_before_it_founds) /* ACC-20 */
{
    start();
    set_passcode(CODE);
    host_reloads_alone(&s.host_link);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_ENTERED), 0);
    assert_int_equal(courier_last(&s, host, IC_EVENT_PASSCODE)->number, 0);
    assert_int_equal(ic_conference_passcode(of(host), CODE, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_ENTERED), 1);
    assert_int_equal(flags(host), IC_CONFERENCE_WAITING_ROOM | IC_CONFERENCE_PASSCODE);
    assert_int_equal(courier_last(&s, host, IC_EVENT_SETTINGS_LOST)->number, IC_LOST_BUT_THE_DOOR);

    unsigned guest = come("Sam Porter");
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 0);
    assert_int_equal(ic_conference_passcode(of(guest), CODE, s.now), IC_OK);
    courier_run(&s, SECOND);
    admit(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

TEST(host_with_its_link_alone_founds_locked_what_was_locked) /* ACC-07 */
{
    start();
    set_lock(true);
    host_reloads_alone(&s.host_link);
    assert_int_equal(flags(host), IC_CONFERENCE_WAITING_ROOM | IC_CONFERENCE_LOCKED);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_SETTINGS_LOST), 1);
    courier_clear(&s);
}

/* The server may show an old card, so nothing of it opens a door. */
TEST(card_opens_no_waiting_room_of_a_group_that_is_founded_anew)
{
    start();
    set_room(false);
    host_reloads_alone(&s.host_link);
    assert_int_equal(flags(host), IC_CONFERENCE_WAITING_ROOM);
    unsigned guest = come("Sam Porter");
    courier_run(&s, 2 * SECOND);
    assert_int_equal(s.clients[guest].state, CLIENT_WAITING);
    courier_clear(&s);
}

/* Mallory was removed with the link that the host still has. */
TEST(host_with_an_old_link_founds_locked_and_with_a_new_one) /* ACC-08, ACC-11 */
{
    start();
    s.closes_old_links = true;
    unsigned mallory = come_in("Mallory");
    set_passcode(CODE);
    assert_int_equal(ic_conference_remove(of(host), leaf_of(mallory), s.now), IC_OK);
    courier_run(&s, 2 * SECOND);
    host_reloads_alone(&s.host_link);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(courier_last(&s, host, IC_EVENT_SETTINGS_LOST)->number, IC_LOST_ALL);
    assert_int_equal(flags(host), IC_CONFERENCE_WAITING_ROOM | IC_CONFERENCE_LOCKED);
    assert_int_equal(courier_last(&s, host, IC_EVENT_STATE)->epoch, 2);
    s.closes_old_links = false; /* also with a server that lets her wait */
    unsigned again = courier_come(&s, &s.guest_link, "Somebody else", SUITE);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, again, IC_EVENT_CARD_BAD), 1);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 0);
    courier_clear(&s);
}

/* The server forgets the card, or shows this one. */
static struct ic_bytes take_card(void)
{
    struct ic_bytes card = s.card;
    s.card = (struct ic_bytes){0};
    return card;
}

static void show_card(struct ic_bytes card)
{
    free((void *)take_card().at);
    s.card = card;
}

/* As the host's page does with what it is shown. */
static void device_keeps_the_door(void)
{
    const struct ic_conference_event *state = courier_last(&s, host, IC_EVENT_STATE);
    s.last = (struct ic_last_door){(uint32_t)state->epoch, (unsigned)state->number};
}

static void assert_founded_shut(enum ic_settings_lost lost, uint64_t link_version)
{
    courier_run(&s, 2 * SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_ENTERED), 1);
    assert_int_equal(courier_last(&s, host, IC_EVENT_SETTINGS_LOST)->number, lost);
    assert_int_equal(flags(host) & ~IC_CONFERENCE_PASSCODE,
                     IC_CONFERENCE_WAITING_ROOM | IC_CONFERENCE_LOCKED);
    assert_int_equal(courier_last(&s, host, IC_EVENT_STATE)->epoch, link_version);
}

TEST(server_that_hides_the_card_gets_no_meeting_without_its_passcode) /* ACC-20, SEC-11 */
{
    start();
    set_passcode(CODE);
    device_keeps_the_door();
    s.hides_card = true;
    host_reloads_alone(&s.host_link);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_ENTERED), 0);
    assert_int_equal(courier_last(&s, host, IC_EVENT_PASSCODE)->number, IC_PASSCODE_HIDDEN);
    assert_int_equal(ic_conference_passcode(of(host), CODE, s.now), IC_OK);
    assert_founded_shut(IC_LOST_HIDDEN, 3);
    assert_true(flags(host) & IC_CONFERENCE_PASSCODE);
    courier_clear(&s);
}

TEST(server_that_hides_the_card_of_a_meeting_without_passcode_gets_it_locked) /* SEC-11 */
{
    start();
    device_keeps_the_door();
    s.hides_card = true;
    host_reloads_alone(&s.host_link);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_PASSCODE), 0);
    assert_founded_shut(IC_LOST_HIDDEN, 2);
    courier_clear(&s);
}

TEST(server_that_shows_an_older_card_is_as_one_that_hides_it) /* ACC-20, SEC-11 */
{
    start();
    struct ic_bytes old = take_card();
    set_passcode(CODE);
    device_keeps_the_door();
    show_card(old);
    host_reloads_alone(&s.host_link);
    assert_int_equal(courier_last(&s, host, IC_EVENT_PASSCODE)->number, IC_PASSCODE_HIDDEN);
    assert_int_equal(ic_conference_passcode(of(host), CODE, s.now), IC_OK);
    assert_founded_shut(IC_LOST_HIDDEN, 3);
    courier_clear(&s);
}

TEST(older_card_of_the_same_link_unlocks_nothing) /* ACC-07, SEC-11 */
{
    start();
    struct ic_bytes old = take_card();
    set_lock(true);
    device_keeps_the_door();
    show_card(old);
    host_reloads_alone(&s.host_link);
    assert_int_equal(flags(host), IC_CONFERENCE_WAITING_ROOM | IC_CONFERENCE_LOCKED);
    assert_int_equal(courier_last(&s, host, IC_EVENT_SETTINGS_LOST)->number, IC_LOST_BUT_THE_DOOR);
    courier_clear(&s);
}

static void title_is(const char *title, bool shown)
{
    const struct ic_bytes text = ic_bytes_of_text(title);
    assert_int_equal(ic_conference_title(of(host), text, s.now), IC_OK);
    assert_int_equal(ic_conference_show_title(of(host), shown, s.now), IC_OK);
    courier_run(&s, SECOND);
}

static void assert_no_title(void)
{
    const struct ic_conference_event *event = courier_last(&s, host, IC_EVENT_TITLE);
    assert_true(!event || (event->text.len == 0 && event->number == 0));
}

TEST(older_card_of_the_same_link_brings_no_title_back) /* ACC-03, SEC-11 */
{
    start();
    title_is("Layoffs", true);
    struct ic_bytes old = take_card();
    title_is("", false);
    set_lock(true);
    device_keeps_the_door();
    show_card(old);
    host_reloads_alone(&s.host_link);
    assert_int_equal(flags(host), IC_CONFERENCE_WAITING_ROOM | IC_CONFERENCE_LOCKED);
    assert_no_title();
    courier_clear(&s);
}

TEST(older_card_of_another_version_brings_no_title_back) /* ACC-03, SEC-11 */
{
    start();
    title_is("Layoffs", true);
    struct ic_bytes old = take_card();
    title_is("", false);
    set_passcode(CODE);
    device_keeps_the_door();
    show_card(old);
    host_reloads_alone(&s.host_link);
    assert_int_equal(ic_conference_passcode(of(host), CODE, s.now), IC_OK);
    assert_founded_shut(IC_LOST_HIDDEN, 3);
    assert_no_title();
    courier_clear(&s);
}

/* Shown on the way in, then given to found with. */
TEST(older_card_that_a_waiting_host_saw_unlocks_nothing) /* ACC-07, SEC-11 */
{
    start();
    struct ic_bytes old = take_card();
    set_lock(true);
    device_keeps_the_door();
    show_card(old);
    courier_crash(&s, host);
    courier_run(&s, SECOND);
    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    const uint8_t *id = s.clients[host].participant;
    assert_int_equal(
        ic_conference_hear_waiting(of(host), id, s.card, (struct ic_bytes){0}, false, s.now),
        IC_OK);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_ENTERED), 1);
    assert_int_equal(flags(host), IC_CONFERENCE_WAITING_ROOM | IC_CONFERENCE_LOCKED);
    courier_clear(&s);
}

/* Spoilt on the way: what shuts the door is known here all the same. */
TEST(card_that_opens_nothing_takes_no_passcode_from_a_device_that_knows_of_it) /* ACC-20 */
{
    start();
    set_passcode(CODE);
    device_keeps_the_door();
    ((uint8_t *)(uintptr_t)s.card.at)[s.card.len - 1] ^= 1;
    host_reloads_alone(&s.host_link);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_ENTERED), 0);
    assert_int_equal(ic_conference_passcode(of(host), CODE, s.now), IC_OK);
    assert_founded_shut(IC_LOST_ALL, 3);
    courier_clear(&s);
}

/* To a device that is new: it saw the card while it waited. */
TEST(card_that_a_waiting_host_saw_cannot_be_hidden_when_it_founds) /* ACC-20, SEC-11 */
{
    start();
    set_passcode(CODE);
    s.hides_card = true;
    unsigned layla = courier_come(&s, &s.guest_link, "Layla Rahman", SUITE);
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_passcode(of(layla), CODE, s.now), IC_OK);
    courier_run(&s, SECOND);
    admit(layla);
    courier_crash(&s, host);
    courier_run(&s, SECOND / 10);
    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    courier_crash(&s, layla);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_CARD), 1);
    struct ic_conference_joined joined = {.keeper = true};
    memcpy(joined.participant, s.clients[host].participant, sizeof joined.participant);
    assert_int_equal(ic_conference_hear_joined(of(host), &joined, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_ENTERED), 0);
    assert_int_equal(courier_last(&s, host, IC_EVENT_PASSCODE)->number, IC_PASSCODE_HIDDEN);
    courier_clear(&s);
}

/* An old card on the way in makes the device forget nothing. */
TEST(old_card_that_a_waiting_host_saw_takes_no_passcode_away) /* ACC-20, SEC-11 */
{
    start();
    struct ic_bytes old = take_card();
    set_passcode(CODE);
    device_keeps_the_door();
    show_card(old);
    courier_crash(&s, host);
    courier_run(&s, SECOND);
    s.hides_card = true;
    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    const uint8_t *id = s.clients[host].participant;
    assert_int_equal(
        ic_conference_hear_waiting(of(host), id, s.card, (struct ic_bytes){0}, false, s.now),
        IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_CARD), 1);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_ENTERED), 0);
    assert_int_equal(courier_last(&s, host, IC_EVENT_PASSCODE)->number, IC_PASSCODE_HIDDEN);
    courier_clear(&s);
}

/* It cannot know whether there was one before, so its person is told what is not there. */
TEST(device_that_was_never_in_a_meeting_is_told_that_it_begins_anew) /* ACC-20 */
{
    start();
    set_passcode(CODE);
    s.hides_card = true;
    host_reloads_alone(&s.host_link);
    assert_int_equal(courier_last(&s, host, IC_EVENT_SETTINGS_LOST)->number, IC_LOST_UNKNOWN);
    assert_int_equal(flags(host), IC_CONFERENCE_WAITING_ROOM);
    assert_int_equal(courier_last(&s, host, IC_EVENT_STATE)->epoch, 1);
    courier_clear(&s);
}

TEST(first_meeting_of_a_link_is_founded_with_nothing_lost)
{
    start();
    assert_int_equal(courier_saw(&s, host, IC_EVENT_SETTINGS_LOST), 0);
    assert_int_equal(flags(host), IC_CONFERENCE_WAITING_ROOM);
    courier_clear(&s);
}

RUN_TESTS(
    cmocka_unit_test(founder_that_holds_the_state_carries_all_of_it_over),
    cmocka_unit_test(locked_meeting_stays_locked_and_who_was_in_comes_back),
    cmocka_unit_test(host_that_waited_in_vain_to_be_taken_back_founds_with_what_it_held),
    cmocka_unit_test(old_card_takes_no_passcode_from_a_host_that_holds_the_state),
    cmocka_unit_test(host_makes_way_for_its_second_device_that_the_others_take_in),
    cmocka_unit_test(host_alone_makes_way_for_its_second_device),
    cmocka_unit_test(host_with_its_link_alone_is_asked_for_the_passcode_before_it_founds),
    cmocka_unit_test(host_with_its_link_alone_founds_locked_what_was_locked),
    cmocka_unit_test(card_opens_no_waiting_room_of_a_group_that_is_founded_anew),
    cmocka_unit_test(host_with_an_old_link_founds_locked_and_with_a_new_one),
    cmocka_unit_test(server_that_hides_the_card_gets_no_meeting_without_its_passcode),
    cmocka_unit_test(server_that_hides_the_card_of_a_meeting_without_passcode_gets_it_locked),
    cmocka_unit_test(server_that_shows_an_older_card_is_as_one_that_hides_it),
    cmocka_unit_test(older_card_of_the_same_link_unlocks_nothing),
    cmocka_unit_test(older_card_of_the_same_link_brings_no_title_back),
    cmocka_unit_test(older_card_of_another_version_brings_no_title_back),
    cmocka_unit_test(older_card_that_a_waiting_host_saw_unlocks_nothing),
    cmocka_unit_test(card_that_opens_nothing_takes_no_passcode_from_a_device_that_knows_of_it),
    cmocka_unit_test(card_that_a_waiting_host_saw_cannot_be_hidden_when_it_founds),
    cmocka_unit_test(old_card_that_a_waiting_host_saw_takes_no_passcode_away),
    cmocka_unit_test(device_that_was_never_in_a_meeting_is_told_that_it_begins_anew),
    cmocka_unit_test(first_meeting_of_a_link_is_founded_with_nothing_lost))
