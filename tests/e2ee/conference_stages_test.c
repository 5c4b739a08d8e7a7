/* What comes at the wrong time: every word of a server, and of the person, at every stage of a
 * conference. Nothing of it is believed, shown or done. */
#include "tests/e2ee/conference_rig.h"

#include "e2ee/conference/inside.h"

static const uint8_t SOMEBODY[IC_PARTICIPANT_LEN] = {9};
static const uint8_t KEY[IC_DOOR_PSK_LEN] = {1};
static const struct ic_bytes NOISE = {KEY, sizeof KEY};

static void settle(unsigned client)
{
    assert_int_equal(ic_conference_tick(of(client), s.now), IC_OK);
}

/* All that a server can say but `waiting`, `joined` and `carded`, which begin something. */
static void hear_all(unsigned client)
{
    struct ic_conference *c = of(client);
    for (uint64_t epoch = 0; epoch < 3; epoch++) {
        assert_int_equal(ic_conference_hear_committed(c, epoch, NOISE, s.now), IC_OK);
        assert_int_equal(ic_conference_hear_conflict(c, epoch, NOISE, s.now), IC_OK);
        assert_int_equal(ic_conference_hear_rejected(c, epoch, NOISE, s.now), IC_OK);
    }
    assert_int_equal(ic_conference_hear_opened(c, NOISE, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_attended(c, true, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_replied(c, NOISE, true, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_refused(c, IC_SAY_COMMIT, s.now, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_refused(c, IC_SAY_KNOCK, s.now, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_not_keeper(c, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_message(c, NOISE, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_knocked(c, SOMEBODY, NOISE, false, 0, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_knocked(c, SOMEBODY, NOISE, true, 0, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_unknocked(c, SOMEBODY, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_left(c, SOMEBODY, true, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_left(c, s.clients[client].participant, true, s.now), IC_OK);
    settle(client);
}

/* All that a person who is in could ask for, of whom there is and there is not. */
static void assert_nothing_can_be_asked_for(unsigned client)
{
    struct ic_conference *c = of(client);
    struct ic_bytes text = ic_bytes_of_text("Hello");
    enum ic_err errs[] = {
        ic_conference_admit(c, SOMEBODY, s.now),
        ic_conference_refuse(c, SOMEBODY, s.now),
        ic_conference_ask(c, SOMEBODY, text, s.now),
        ic_conference_remove(c, 0, s.now),
        ic_conference_send_back(c, 0, s.now),
        ic_conference_mute(c, 0, 1, s.now),
        ic_conference_grant(c, 0, IC_DOOR_ADMIT, s.now),
        ic_conference_allow(c, 0, IC_DOOR_MAY_CHAT, s.now),
        ic_conference_lock(c, true, s.now),
        ic_conference_replace_link(c, s.now),
        ic_conference_set_passcode(c, KEY, s.now),
        ic_conference_waiting_room(c, false, s.now),
        ic_conference_straight_in(c, true, s.now),
        ic_conference_title(c, text, s.now),
        ic_conference_show_title(c, true, s.now),
        ic_conference_invite(c, s.now),
        ic_conference_everyone_may(c, IC_DOOR_MAY_CHAT, s.now),
        ic_conference_stop(c, IC_DOOR_MAY_CHAT, NULL, 0, s.now),
        ic_conference_rekey(c, s.now),
        ic_conference_chat(c, text, s.now),
        ic_conference_compare(c, IC_DOOR_COMPARE_ASKED, s.now),
    };
    for (size_t i = 0; i < IC_COUNT(errs); i++)
        if (errs[i] != IC_ERR_FORBIDDEN)
            fail_msg("%zu: %d", i, (int)errs[i]);
    assert_int_not_equal(ic_conference_withdraw(c, 1, s.now), IC_OK);
    uint8_t authenticator[IC_CONFERENCE_AUTHENTICATOR_LEN];
    char safety[IC_DOOR_SAFETY_SIZE];
    if (c->group)
        return;
    assert_int_equal(ic_conference_authenticator(c, authenticator), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_safety(c, SOMEBODY, safety), IC_ERR_NOT_FOUND);
}

/* One that has heard nothing yet. */
static unsigned new_client(void)
{
    unsigned guest = courier_come(&s, &s.guest_link, "Sam Porter", SUITE);
    courier_cut(&s, guest, 1000 * SECOND);
    return guest;
}

TEST(before_anything_was_heard_nothing_is_done)
{
    start();
    unsigned guest = new_client();
    hear_all(guest);
    assert_nothing_can_be_asked_for(guest);
    assert_null(ic_conference_next_say(of(guest)));
    assert_int_equal(ic_conference_answer(of(guest), ic_bytes_of_text("Yes"), s.now),
                     IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_passcode(of(guest), KEY, s.now), IC_OK); /* kept */
    assert_null(ic_conference_next_say(of(guest)));
    courier_clear(&s);
}

TEST(who_waits_hears_of_the_door_and_of_nothing_inside)
{
    start();
    unsigned guest = new_client();
    assert_int_equal(ic_conference_hear_waiting(of(guest), s.clients[guest].participant,
                                                (struct ic_bytes){0}, (struct ic_bytes){0}, false,
                                                s.now),
                     IC_OK);
    hear_all(guest);
    assert_nothing_can_be_asked_for(guest);
    assert_null(ic_conference_next_say(of(guest))); /* there is no card */
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_WAITING);
    courier_clear(&s);
}

TEST(who_knocked_goes_on_waiting_whatever_comes)
{
    start();
    unsigned guest = come("Sam Porter");
    hear_all(guest);
    assert_nothing_can_be_asked_for(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_KNOCKED);
    courier_run(&s, SECOND);
    admit(guest);
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_ENTERED), 1);
    courier_clear(&s);
}

/* For whom the server says that the group has gone on: also the host can do nothing then. */
TEST(who_lost_the_group_asks_to_return_and_does_nothing_else)
{
    start();
    unsigned layla = come_in("Layla Rahman"), both[] = {layla, host};
    for (size_t i = 0; i < IC_COUNT(both); i++) {
        struct ic_conference *c = of(both[i]);
        struct ic_conference_joined joined = {
            .epoch = ic_conference_epoch(c), .people = 1, .behind = true};
        memcpy(joined.participant, s.clients[both[i]].participant, IC_PARTICIPANT_LEN);
        courier_cut(&s, both[i], 1000 * SECOND);
        assert_int_equal(ic_conference_hear_joined(c, &joined, s.now), IC_OK);
        assert_int_equal(ic_conference_stage(c), IC_CONFERENCE_BEHIND);
        hear_all(both[i]);
        assert_nothing_can_be_asked_for(both[i]);
        assert_int_equal(ic_conference_passcode(c, KEY, s.now), IC_ERR_FORBIDDEN);
        for (const struct ic_say *say; (say = ic_conference_next_say(c));)
            assert_true(say->type == IC_SAY_KNOCK && say->flag);
        assert_int_equal(ic_conference_stage(c), IC_CONFERENCE_BEHIND);
    }
    courier_clear(&s);
}

TEST(who_is_in_hears_nothing_of_the_door)
{
    start();
    unsigned layla = come_in("Layla Rahman");
    unsigned cards = courier_saw(&s, layla, IC_EVENT_CARD);
    unsigned attended = courier_saw(&s, layla, IC_EVENT_ATTENDED);
    assert_int_equal(ic_conference_hear_opened(of(layla), NOISE, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_carded(of(layla), s.card, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_attended(of(layla), true, s.now), IC_OK);
    assert_null(ic_conference_next_say(of(layla)));
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_CARD), cards);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_ATTENDED), attended);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_CARD_BAD), 0);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

TEST(what_is_over_stays_over)
{
    start();
    unsigned layla = come_in("Layla Rahman");
    assert_int_equal(ic_conference_remove(of(host), leaf_of(layla), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_OVER);
    struct ic_conference_joined joined = {.epoch = 0};
    memcpy(joined.participant, s.clients[layla].participant, IC_PARTICIPANT_LEN);
    hear_all(layla);
    assert_int_equal(ic_conference_hear_joined(of(layla), &joined, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_carded(of(layla), s.card, s.now), IC_OK);
    assert_int_equal(ic_conference_hear_waiting(of(layla), s.clients[layla].participant, s.card,
                                                (struct ic_bytes){0}, true, s.now),
                     IC_OK);
    assert_nothing_can_be_asked_for(layla);
    assert_null(ic_conference_next_say(of(layla)));
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_OVER);
    courier_clear(&s);
}

TEST(what_is_decided_about_nobody_is_refused)
{
    start();
    come_in("Layla Rahman");
    unsigned nobody[] = {5, IC_MEMBERS_MAX, UINT32_MAX, leaf_of(host)};
    for (size_t i = 0; i < IC_COUNT(nobody); i++) {
        unsigned leaf = nobody[i];
        assert_int_equal(ic_conference_remove(of(host), leaf, s.now), IC_ERR_NOT_FOUND);
        assert_int_equal(ic_conference_grant(of(host), leaf, 0, s.now), IC_ERR_NOT_FOUND);
        assert_int_equal(ic_conference_allow(of(host), leaf, 0, s.now), IC_ERR_NOT_FOUND);
        assert_int_equal(ic_conference_mute(of(host), leaf, 1, s.now), IC_ERR_NOT_FOUND);
        assert_int_equal(ic_conference_send_back(of(host), leaf, s.now), IC_ERR_NOT_FOUND);
    }
    assert_int_equal(ic_conference_withdraw(of(host), 7, s.now), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_conference_grant(of(host), 1, 16, s.now), IC_ERR_FORBIDDEN); /* no right */
    assert_int_equal(ic_conference_allow(of(host), 1, 1 << 15, s.now), IC_ERR_FORBIDDEN);
    courier_clear(&s);
}

RUN_TESTS(cmocka_unit_test(before_anything_was_heard_nothing_is_done),
          cmocka_unit_test(who_waits_hears_of_the_door_and_of_nothing_inside),
          cmocka_unit_test(who_knocked_goes_on_waiting_whatever_comes),
          cmocka_unit_test(who_lost_the_group_asks_to_return_and_does_nothing_else),
          cmocka_unit_test(who_is_in_hears_nothing_of_the_door),
          cmocka_unit_test(what_is_over_stays_over),
          cmocka_unit_test(what_is_decided_about_nobody_is_refused))
