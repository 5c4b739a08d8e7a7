/* What a host asks of one member: to be quiet, to wait again, and nothing that turns something on.
 */
#include "tests/e2ee/conference_rig.h"

#include "e2ee/conference/inside.h"
#include "e2ee/door/state.h"

enum { MIC = 1 << IC_STREAM_MICROPHONE };

static struct ic_door_app_message send_back_of(unsigned client)
{
    return (struct ic_door_app_message){
        .type = IC_DOOR_APP_SEND_BACK,
        .sent_back = {s.clients[client].participant, IC_PARTICIPANT_LEN}};
}

static struct ic_door_app_message mute_of(unsigned client)
{
    return (struct ic_door_app_message){
        .type = IC_DOOR_APP_MUTE_REQUEST,
        .mute = {{s.clients[client].participant, IC_PARTICIPANT_LEN}, MIC}};
}

/* Past its own client, which would not say it. */
static void forge(unsigned client, const struct ic_door_app_message *message)
{
    assert_int_equal(ic_say_app(of(client), message, IC_SAY_MESSAGE), IC_OK);
    courier_run(&s, SECOND);
}

TEST(member_whom_a_host_mutes_is_asked_and_nobody_else) /* CTL-05 */
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    assert_int_equal(ic_conference_mute(of(host), leaf_of(layla), MIC, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_MUTED), 1);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_MUTED)->leaf, leaf_of(host));
    assert_int_equal(courier_last(&s, layla, IC_EVENT_MUTED)->number, MIC);
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_MUTED), 0);
    courier_clear(&s);
}

enum { SCREENS = 1 << IC_STREAM_SCREEN | 1 << IC_STREAM_SCREEN_AUDIO };

static void show(unsigned who, uint8_t streams)
{
    struct ic_conference_presence presence = {.streams = streams};
    assert_int_equal(ic_conference_present(of(who), &presence, s.now), IC_OK);
    courier_run(&s, SECOND);
}

static unsigned sharer_come_in(void)
{
    unsigned layla = come_in("Layla Rahman");
    unsigned all = IC_DOOR_MAY_SPEAK | IC_DOOR_MAY_VIDEO | IC_DOOR_MAY_SHARE;
    assert_int_equal(ic_conference_everyone_may(of(host), all, s.now), IC_OK);
    courier_run(&s, SECOND);
    return layla;
}

/* Hers, as `viewer` is shown them. */
static int64_t streams(unsigned viewer)
{
    return courier_last(&s, viewer, IC_EVENT_PRESENCE)->number & 0xff;
}

TEST(screen_that_a_host_ends_is_shown_by_nobody_until_it_was_off) /* ACC-06 */
{
    start();
    unsigned layla = sharer_come_in(), kofi = come_in("Kofi Mensah");
    show(layla, MIC | SCREENS);
    assert_int_equal(streams(kofi), MIC | SCREENS);
    assert_int_equal(ic_conference_mute(of(host), leaf_of(layla), SCREENS, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_MUTED)->number, SCREENS);
    assert_int_equal(streams(kofi), MIC); /* though her client has not obeyed */
    assert_int_equal(streams(host), MIC);
    show(layla, MIC | SCREENS); /* as if nothing had been asked */
    assert_int_equal(streams(kofi), MIC);
    assert_int_equal(streams(host), MIC);

    show(layla, MIC);
    show(layla, MIC | SCREENS); /* she may, and is on again */
    assert_int_equal(streams(kofi), MIC | SCREENS);
    assert_int_equal(streams(host), MIC | SCREENS);
    courier_clear(&s);
}

TEST(request_to_end_what_is_off_keeps_nothing_from_being_shown_later) /* CTL-05 */
{
    start();
    unsigned layla = sharer_come_in();
    show(layla, MIC);
    assert_int_equal(ic_conference_mute(of(host), leaf_of(layla), SCREENS, s.now), IC_OK);
    courier_run(&s, SECOND);
    show(layla, MIC | SCREENS);
    assert_int_equal(streams(host), MIC | SCREENS);
    courier_clear(&s);
}

TEST(member_without_the_right_ends_no_screen) /* ACC-06 */
{
    start();
    unsigned layla = sharer_come_in(), mallory = come_in("Mallory");
    show(layla, SCREENS);
    struct ic_door_app_message stop = mute_of(layla);
    stop.mute.streams = SCREENS;
    forge(mallory, &stop);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_MUTED), 0);
    assert_int_equal(streams(host), SCREENS);
    courier_clear(&s);
}

/* Her socket was away when it was asked, and messages are kept for nobody. */
TEST(member_who_missed_the_request_is_asked_again) /* CTL-05 */
{
    start();
    unsigned layla = sharer_come_in();
    show(layla, SCREENS);
    s.clients[layla].connected = false;
    assert_int_equal(ic_conference_mute(of(host), leaf_of(layla), SCREENS, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_MUTED), 0);
    s.clients[layla].connected = true;
    courier_run(&s, 7 * SECOND); /* her heart beats */
    assert_true(courier_saw(&s, layla, IC_EVENT_MUTED) > 0);
    show(layla, 0);
    unsigned asked = courier_saw(&s, layla, IC_EVENT_MUTED);
    courier_run(&s, 12 * SECOND);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_MUTED), asked);
    courier_clear(&s);
}

TEST(member_without_the_right_mutes_and_sends_back_nobody) /* SEC-26 */
{
    start();
    unsigned layla = come_in("Layla Rahman"), mallory = come_in("Mallory");
    unsigned leaf = leaf_of(layla);
    assert_int_equal(ic_conference_mute(of(mallory), leaf, MIC, s.now), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_send_back(of(mallory), leaf, s.now), IC_ERR_FORBIDDEN);
    struct ic_door_app_message mute = mute_of(layla), back = send_back_of(layla);
    forge(mallory, &mute);
    forge(mallory, &back);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_MUTED), 0);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_SENT_BACK), 0);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

TEST(member_who_is_sent_back_knocks_with_the_same_link_and_waits) /* ACC-12 */
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    unsigned links = courier_saw(&s, kofi, IC_EVENT_LINK);
    assert_int_equal(ic_conference_send_back(of(host), leaf_of(layla), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_SENT_BACK)->leaf, leaf_of(host));
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_REMOVED), 1);
    assert_int_equal(courier_last(&s, kofi, IC_EVENT_PERSON_LEFT)->number, IC_LEFT_SENT_BACK);
    assert_int_equal(courier_last(&s, host, IC_EVENT_PERSON_LEFT)->number, IC_LEFT_SENT_BACK);
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_LINK), links);
    assert_true(courier_agrees(&s));

    unsigned again = come("Layla Rahman");
    courier_run(&s, 5 * SECOND);
    assert_int_equal(ic_conference_stage(of(again)), IC_CONFERENCE_KNOCKED); /* by herself never */
    admit(again);
    assert_int_equal(ic_conference_stage(of(again)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

TEST(host_is_not_sent_back_and_nobody_where_there_is_no_waiting_room)
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    assert_int_equal(ic_conference_grant(of(host), leaf_of(kofi), IC_DOOR_ALL_RIGHTS, s.now),
                     IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_send_back(of(kofi), leaf_of(host), s.now), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_mute(of(kofi), leaf_of(host), MIC, s.now), IC_OK);
    assert_int_equal(ic_conference_mute(of(host), leaf_of(host), MIC, s.now), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_conference_waiting_room(of(host), false, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_send_back(of(host), leaf_of(layla), s.now), IC_ERR_FORBIDDEN);
    courier_clear(&s);
}

TEST(two_members_see_the_same_number_until_one_has_another_key) /* SEC-08 */
{
    start();
    unsigned layla = come_in("Layla Rahman");
    char hers[IC_DOOR_SAFETY_SIZE], theirs[IC_DOOR_SAFETY_SIZE], later[IC_DOOR_SAFETY_SIZE];
    size_t len = 2 * IC_DOOR_FINGERPRINT_LEN + 1;
    const uint8_t *amara = s.clients[host].participant, *own = s.clients[layla].participant;
    assert_int_equal(ic_conference_safety(of(layla), own, hers), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_conference_safety(of(layla), amara, hers), IC_OK);
    assert_int_equal(ic_conference_safety(of(host), own, theirs), IC_OK);
    assert_memory_equal(hers, theirs, len);
    come_in("Kofi Mensah"); /* and so another epoch */
    assert_int_equal(ic_conference_safety(of(host), own, later), IC_OK);
    assert_string_equal(later, theirs);

    courier_leave(&s, layla);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(ic_conference_safety(of(host), own, later), IC_ERR_NOT_FOUND);
    unsigned again = come_in("Layla Rahman");
    assert_int_equal(ic_conference_safety(of(host), s.clients[again].participant, later), IC_OK);
    assert_memory_not_equal(later, theirs, len);
    courier_clear(&s);
}

RUN_TESTS(cmocka_unit_test(member_whom_a_host_mutes_is_asked_and_nobody_else),
          cmocka_unit_test(screen_that_a_host_ends_is_shown_by_nobody_until_it_was_off),
          cmocka_unit_test(request_to_end_what_is_off_keeps_nothing_from_being_shown_later),
          cmocka_unit_test(member_without_the_right_ends_no_screen),
          cmocka_unit_test(member_who_missed_the_request_is_asked_again),
          cmocka_unit_test(member_without_the_right_mutes_and_sends_back_nobody),
          cmocka_unit_test(member_who_is_sent_back_knocks_with_the_same_link_and_waits),
          cmocka_unit_test(host_is_not_sent_back_and_nobody_where_there_is_no_waiting_room),
          cmocka_unit_test(two_members_see_the_same_number_until_one_has_another_key))
