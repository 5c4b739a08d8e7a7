/* A meeting from the host's start to its end, over a courier that cannot read a word. */
#include "e2ee/door/app_message.h"
#include "e2ee/mls/message.h"
#include "tests/e2ee/conference_rig.h"

TEST(guest_waits_until_the_host_lets_him_in) /* ACC-02 */
{
    start();
    unsigned guest = come("Sam Porter");
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_CARD), 1);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 1);
    assert_text(courier_last(&s, host, IC_EVENT_KNOCK), "Sam Porter");
    courier_run(&s, 20 * SECOND);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_KNOCKED);

    admit(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    assert_text(courier_last(&s, host, IC_EVENT_PERSON), "Sam Porter"); /* PRV-03 */
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK_GONE), 1);
    courier_clear(&s);
}

TEST(guest_alone_founds_nothing_and_has_no_power) /* ACC-05, ACC-12 */
{
    courier_init(&s, 8, SUITE);
    unsigned guest = courier_come(&s, &s.guest_link, "Early", SUITE);
    courier_run(&s, 5 * SECOND);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_WAITING);

    /* Not even when the server says that he is the first member. */
    struct ic_conference_joined joined = {.keeper = true};
    assert_int_equal(ic_conference_hear_joined(of(guest), &joined, s.now), IC_ERR_FORBIDDEN);
    assert_int_not_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

TEST(ten_who_came_early_still_wait_when_the_host_comes) /* ACC-04 */
{
    courier_init(&s, 9, SUITE);
    for (unsigned i = 0; i < 10; i++)
        courier_come(&s, &s.guest_link, "Early", SUITE);
    courier_run(&s, SECOND);
    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    courier_run(&s, 5 * SECOND);

    assert_int_equal(courier_members(&s), 1);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 10);
    courier_clear(&s);
}

TEST(waiting_person_learns_nothing_from_inside) /* ACC-03, ACC-22 */
{
    start();
    come_in("Layla Rahman");
    unsigned first = come("First"), second = come("Second");
    courier_run(&s, 10 * SECOND);

    unsigned waiting[] = {first, second};
    for (size_t i = 0; i < IC_COUNT(waiting); i++) {
        assert_int_equal(courier_saw(&s, waiting[i], IC_EVENT_PERSON), 0);
        assert_int_equal(courier_saw(&s, waiting[i], IC_EVENT_EPOCH), 0);
        assert_int_equal(courier_saw(&s, waiting[i], IC_EVENT_KNOCK), 0);
        assert_int_equal(courier_last(&s, waiting[i], IC_EVENT_CARD)->text.len, 0);
    }
    courier_clear(&s);
}

TEST(member_who_may_not_admit_lets_nobody_in)
{
    start();
    unsigned guest = come_in("Layla Rahman");
    unsigned waiting = come("Sam Porter");
    assert_int_equal(ic_conference_admit(of(guest), s.clients[waiting].participant, s.now),
                     IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_lock(of(guest), true, s.now), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_remove(of(guest), leaf_of(host), s.now), IC_ERR_FORBIDDEN);
    courier_clear(&s);
}

TEST(host_refuses_asks_and_hears_the_answer)
{
    start();
    unsigned guest = come("Sam Porter");
    const uint8_t *participant = s.clients[guest].participant;
    assert_int_equal(
        ic_conference_ask(of(host), participant, ic_bytes_of_text("Which ward?"), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_text(courier_last(&s, guest, IC_EVENT_QUESTION), "Which ward?");
    assert_int_equal(ic_conference_answer(of(guest), ic_bytes_of_text("Ward 4"), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_text(courier_last(&s, host, IC_EVENT_KNOCK_ANSWER), "Ward 4");

    assert_int_equal(ic_conference_refuse(of(host), participant, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_REFUSED), 1);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_OVER);
    courier_clear(&s);
}

TEST(link_of_another_host_opens_nothing)
{
    start();
    struct ic_door_link other = s.guest_link;
    other.pin[0] ^= 1;
    unsigned guest = courier_come(&s, &other, "Sam Porter", SUITE);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_CARD_BAD), 1);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 0);
    courier_clear(&s);
}

TEST(removed_member_is_out_and_its_link_knocks_no_more) /* ACC-08, ACC-11 */
{
    start();
    unsigned mallory = come_in("Mallory");
    unsigned layla = come_in("Layla Rahman");
    struct ic_door_link old = s.guest_link;
    assert_int_equal(ic_conference_remove(of(host), leaf_of(mallory), s.now), IC_OK);
    courier_run(&s, SECOND);

    assert_int_equal(courier_saw(&s, mallory, IC_EVENT_REMOVED), 1);
    assert_int_equal(ic_conference_stage(of(mallory)), IC_CONFERENCE_OVER);
    assert_true(courier_agrees(&s));
    assert_int_equal(courier_last(&s, layla, IC_EVENT_LINK)->epoch, 2);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_PERSON_LEFT)->number, IC_LEFT_REMOVED);
    assert_memory_equal(courier_last(&s, layla, IC_EVENT_LINK)->text.at,
                        courier_last(&s, host, IC_EVENT_LINK)->text.at, IC_DOOR_FRAGMENT_LEN);

    /* Even with a server that helps: the old link opens no card and no knock. */
    unsigned again = courier_come(&s, &old, "Somebody else", SUITE);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, again, IC_EVENT_CARD_BAD), 1);

    char text[IC_DOOR_FRAGMENT_LEN + 1] = {0};
    memcpy(text, courier_last(&s, layla, IC_EVENT_LINK)->text.at, IC_DOOR_FRAGMENT_LEN);
    struct ic_door_link fresh;
    assert_int_equal(ic_door_link_parse(&fresh, text), IC_DOOR_LINK_FINE);
    unsigned invited = courier_come(&s, &fresh, "Sam Porter", SUITE);
    courier_run(&s, SECOND);
    admit(invited);
    assert_int_equal(ic_conference_stage(of(invited)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

TEST(lock_keeps_newcomers_out_until_it_is_taken_off) /* ACC-07 */
{
    start();
    come_in("Layla Rahman");
    assert_int_equal(ic_conference_lock(of(host), true, s.now), IC_OK);
    courier_run(&s, SECOND);
    unsigned guest = come("Sam Porter");
    admit(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_KNOCKED);

    assert_int_equal(ic_conference_lock(of(host), false, s.now), IC_OK);
    courier_run(&s, SECOND);
    admit(guest);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

TEST(member_that_vanished_is_taken_out_by_one_commit)
{
    start();
    unsigned layla = come_in("Layla Rahman");
    come_in("Kofi Mensah");
    come_in("Ruth Adler");
    uint64_t commits = s.commits;
    courier_crash(&s, layla);
    courier_run(&s, 70 * SECOND);

    assert_int_equal(s.commits, commits + 1);
    assert_int_equal(courier_last(&s, host, IC_EVENT_PERSON_LEFT)->number, IC_LEFT_GONE);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(host_that_reloaded_comes_back_with_its_rights) /* ACC-19 */
{
    start();
    come_in("Layla Rahman");
    unsigned kofi = come_in("Kofi Mensah");
    courier_crash(&s, host);
    courier_run(&s, SECOND);
    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    courier_run(&s, 5 * SECOND);

    assert_int_equal(ic_conference_stage(of(host)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    assert_int_equal(courier_last(&s, kofi, IC_EVENT_PERSON)->number, IC_DOOR_ALL_RIGHTS);
    courier_clear(&s);
}

TEST(host_that_was_taken_for_gone_comes_back_with_its_rights) /* ACC-19 */
{
    start();
    come_in("Layla Rahman");
    courier_crash(&s, host);
    courier_run(&s, 70 * SECOND);
    assert_int_equal(courier_members(&s), 1);
    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    courier_run(&s, 5 * SECOND);

    assert_int_equal(ic_conference_stage(of(host)), IC_CONFERENCE_IN);
    come_in("Sam Porter");
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(server_that_lost_everything_gets_the_same_people_again_without_a_human)
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    unsigned waiting = come("Sam Porter");
    courier_restart(&s);
    courier_run(&s, 5 * SECOND);

    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    assert_int_equal(ic_conference_stage(of(kofi)), IC_CONFERENCE_IN);
    assert_int_equal(ic_conference_stage(of(waiting)), IC_CONFERENCE_KNOCKED);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(member_that_missed_commits_catches_up)
{
    start();
    unsigned layla = come_in("Layla Rahman");
    courier_cut(&s, layla, 5 * SECOND);
    come_in("Kofi Mensah");
    come_in("Ruth Adler");
    courier_run(&s, 6 * SECOND);
    assert_true(courier_agrees(&s));
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_BEHIND), 0);
    courier_clear(&s);
}

TEST(members_of_a_meeting_with_a_new_link_knock_with_that_after_the_server_lost_everything)
{
    start();
    unsigned layla = come_in("Layla Rahman");
    assert_int_equal(ic_conference_replace_link(of(host), s.now), IC_OK);
    courier_run(&s, SECOND);
    courier_restart(&s);
    courier_run(&s, 5 * SECOND);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_CARD_BAD), 0);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(commit_that_was_one_too_many_is_said_again_later)
{
    start();
    const struct ic_say *say;
    uint64_t epoch = s.head;
    assert_int_equal(ic_conference_rekey(of(host), s.now), IC_OK);
    while ((say = ic_conference_next_say(of(host))))
        continue; /* the server does not take it */
    assert_int_equal(ic_conference_hear_refused(of(host), IC_SAY_COMMIT, s.now + SECOND, s.now),
                     IC_OK);
    courier_run(&s, SECOND / 2);
    assert_int_equal(s.head, epoch);
    courier_run(&s, SECOND);
    assert_int_equal(s.head, epoch + 1);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

/* ACC-07, ACC-08, ACC-15: a full meeting is one that may have to be shut. */
TEST(who_was_let_in_to_a_full_meeting_stands_before_no_setting_and_no_removal)
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    unsigned ruth = come("Ruth Adler");
    s.most = 3;
    admit(ruth);
    assert_int_equal(courier_saw(&s, ruth, IC_EVENT_ENTERED), 0);
    uint64_t epoch = s.head;
    assert_int_equal(ic_conference_everyone_may(of(host), 0, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(s.head, epoch + 1);
    assert_int_equal(ic_conference_remove(of(host), leaf_of(kofi), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_REMOVED), 1);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_WRONG_COMMIT), 0);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(who_was_let_in_to_a_full_meeting_comes_in_as_soon_as_there_is_room)
{
    start();
    unsigned layla = come_in("Layla Rahman"), ruth = come("Ruth Adler");
    s.most = 2;
    admit(ruth);
    courier_run(&s, 20 * SECOND);
    assert_int_equal(courier_saw(&s, ruth, IC_EVENT_ENTERED), 0);
    courier_leave(&s, layla);
    courier_run(&s, 6 * SECOND);
    assert_int_equal(courier_saw(&s, ruth, IC_EVENT_ENTERED), 1);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(commit_that_was_refused_and_comes_all_the_same_is_entered)
{
    start();
    unsigned layla = come("Layla Rahman");
    const struct ic_say *say;
    struct ic_mls_message taken = {0};
    uint64_t epoch = s.head;
    assert_int_equal(ic_conference_admit(of(host), s.clients[layla].participant, s.now), IC_OK);
    while ((say = ic_conference_next_say(of(host))))
        if (say->type == IC_SAY_COMMIT)
            assert_int_equal(ic_mls_message_copy(&taken, say->sealed), IC_OK);
    assert_true(taken.len > 0);
    assert_int_equal(ic_conference_hear_refused(of(host), IC_SAY_COMMIT, s.now + 5 * SECOND, s.now),
                     IC_OK);
    assert_int_equal(
        ic_conference_hear_committed(of(host), epoch, ic_mls_message_bytes(&taken), s.now), IC_OK);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_WRONG_COMMIT), 0);
    courier_run(&s, SECOND / 10);
    assert_int_equal(courier_last(&s, host, IC_EVENT_EPOCH)->epoch, epoch + 1);
    ic_mls_message_clear(&taken);
    courier_clear(&s);
}

TEST(three_who_leave_at_once_are_all_taken_out)
{
    for (int round = 0; round < 12; round++) {
        start();
        s.delay_max = round * 20 * IC_NS_PER_MS;
        unsigned stays = come_in("Layla Rahman"), also = come_in("Kofi Mensah");
        unsigned go[] = {come_in("Clara"), come_in("Rex"), come_in("Echo")};
        for (size_t i = 0; i < IC_COUNT(go); i++) {
            courier_leave(&s, go[i]);
            courier_run(&s, round % 3 * 10 * IC_NS_PER_MS);
        }
        courier_run(&s, 4 * SECOND);
        unsigned here[] = {host, stays, also};
        for (size_t i = 0; i < IC_COUNT(here); i++)
            assert_int_equal(courier_last(&s, here[i], IC_EVENT_EPOCH)->number, 3);
        courier_clear(&s);
    }
}

TEST(chat_and_presence_reach_everybody_inside)
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    struct ic_conference_presence presence = {.streams = 1 << IC_STREAM_MICROPHONE, .hand = true};
    assert_int_equal(ic_conference_present(of(layla), &presence, s.now), IC_OK);
    assert_int_equal(ic_conference_chat(of(layla), ic_bytes_of_text("Hello"), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_text(courier_last(&s, kofi, IC_EVENT_CHAT), "Hello");
    assert_int_equal(courier_last(&s, host, IC_EVENT_PRESENCE)->number, 1 | 1 << 8);

    unsigned ruth = come_in("Ruth Adler"); /* and a newcomer hears it again */
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, ruth, IC_EVENT_PRESENCE)->number, 1 | 1 << 8);
    assert_int_equal(courier_last(&s, ruth, IC_EVENT_PRESENCE)->leaf, leaf_of(layla));
    assert_int_equal(courier_saw(&s, ruth, IC_EVENT_CHAT), 0); /* but not what was written */
    courier_clear(&s);
}

static size_t sealed_len_of(unsigned who, const char *text)
{
    assert_int_equal(ic_conference_chat(of(who), ic_bytes_of_text(text), s.now), IC_OK);
    const struct ic_say *say = ic_conference_next_say(of(who));
    assert_non_null(say);
    return say->sealed.len;
}

TEST(chat_does_not_tell_its_length)
{
    start();
    static char longest[IC_DOOR_CHAT_MAX + 1];
    memset(longest, 'a', IC_DOOR_CHAT_MAX);
    unsigned layla = come_in("Layla Rahman");
    size_t brief = sealed_len_of(layla, "No");
    assert_int_equal(sealed_len_of(layla, "Yes, at nine in the room at the end of the hall"),
                     brief);
    assert_true(sealed_len_of(layla, longest) > brief);
    assert_int_equal(sealed_len_of(layla, longest), sealed_len_of(layla, longest + 40));
    courier_clear(&s);
}

TEST(server_that_withholds_a_removal_silences_who_does_not_hear_of_it)
{
    start();
    unsigned mallory = come_in("Mallory"), layla = come_in("Layla Rahman");
    s.withhold[layla] = true;
    assert_int_equal(ic_conference_remove(of(host), leaf_of(mallory), s.now), IC_OK);
    courier_run(&s, 13 * SECOND);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_SILENCED), 0);
    courier_run(&s, 10 * SECOND);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_SILENCED)->number, 1);
    courier_clear(&s);
}

RUN_TESTS(
    cmocka_unit_test(guest_waits_until_the_host_lets_him_in),
    cmocka_unit_test(guest_alone_founds_nothing_and_has_no_power),
    cmocka_unit_test(ten_who_came_early_still_wait_when_the_host_comes),
    cmocka_unit_test(waiting_person_learns_nothing_from_inside),
    cmocka_unit_test(member_who_may_not_admit_lets_nobody_in),
    cmocka_unit_test(host_refuses_asks_and_hears_the_answer),
    cmocka_unit_test(link_of_another_host_opens_nothing),
    cmocka_unit_test(removed_member_is_out_and_its_link_knocks_no_more),
    cmocka_unit_test(lock_keeps_newcomers_out_until_it_is_taken_off),
    cmocka_unit_test(member_that_vanished_is_taken_out_by_one_commit),
    cmocka_unit_test(host_that_reloaded_comes_back_with_its_rights),
    cmocka_unit_test(host_that_was_taken_for_gone_comes_back_with_its_rights),
    cmocka_unit_test(server_that_lost_everything_gets_the_same_people_again_without_a_human),
    cmocka_unit_test(member_that_missed_commits_catches_up),
    cmocka_unit_test(
        members_of_a_meeting_with_a_new_link_knock_with_that_after_the_server_lost_everything),
    cmocka_unit_test(commit_that_was_one_too_many_is_said_again_later),
    cmocka_unit_test(who_was_let_in_to_a_full_meeting_stands_before_no_setting_and_no_removal),
    cmocka_unit_test(who_was_let_in_to_a_full_meeting_comes_in_as_soon_as_there_is_room),
    cmocka_unit_test(commit_that_was_refused_and_comes_all_the_same_is_entered),
    cmocka_unit_test(three_who_leave_at_once_are_all_taken_out),
    cmocka_unit_test(chat_and_presence_reach_everybody_inside),
    cmocka_unit_test(chat_does_not_tell_its_length),
    cmocka_unit_test(server_that_withholds_a_removal_silences_who_does_not_hear_of_it))
