/* The meeting without a waiting room: who has the link lets itself in by a commit of its own, every
 * member judges that commit, and the newcomer says and shows nothing before a right-holder is
 * heard. */
#include "tests/e2ee/conference_rig.h"

#include <stdlib.h>

#include "e2ee/conference/inside.h"
#include "e2ee/conference/open_door.h"
#include "e2ee/door/info.h"
#include "e2ee/door/validity.h"

static const uint8_t CODE[IC_DOOR_PSK_LEN] = {1, 2, 3};

static void open_the_room(void)
{
    assert_int_equal(ic_conference_waiting_room(of(host), false, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_true(s.open && s.info.len > 0);
}

static bool is_in(unsigned client)
{
    return ic_conference_stage(of(client)) == IC_CONFERENCE_IN;
}

static bool may_talk(unsigned client)
{
    return ic_conference_chat(of(client), ic_bytes_of_text("Hello"), s.now) == IC_OK;
}

TEST(open_door_lets_in_who_has_the_link_and_nobody_has_to_do_anything)
{
    start();
    open_the_room();
    uint64_t commits = s.commits;
    unsigned guest = come("Sam Porter"), other = come("Layla Rahman");
    assert_true(is_in(guest) && is_in(other));
    assert_int_equal(s.commits, commits + 2); /* each its own */
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 0);
    assert_true(courier_agrees(&s));
    courier_run(&s, SECOND);
    assert_true(may_talk(guest) && may_talk(other));
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_CHAT), 2);
    assert_text(courier_last(&s, host, IC_EVENT_PERSON), "Layla Rahman");
    courier_clear(&s);
}

static bool holds(struct ic_bytes bytes, const char *word)
{
    return memmem(bytes.at, bytes.len, word, strlen(word)) != NULL;
}

/* MLS encrypts neither a GroupInfo nor an external commit. */
TEST(server_reads_no_name_in_what_passes_through_the_open_door) /* SEC-02 */
{
    start();
    open_the_room();
    assert_false(holds(s.info, "Amara"));
    uint64_t epoch = s.head;
    unsigned guest = come("Sam Porter");
    assert_true(is_in(guest) && s.head == epoch + 1);
    assert_false(holds(s.log[epoch % LOG_MAX], "Sam"));
    assert_false(holds(s.info, "Sam") || holds(s.info, "Amara"));
    courier_clear(&s);
}

TEST(open_door_takes_two_who_come_at_once)
{
    start();
    open_the_room();
    unsigned guests[6];
    for (size_t i = 0; i < IC_COUNT(guests); i++)
        guests[i] = courier_come(&s, &s.guest_link, "Guest", SUITE);
    courier_run(&s, 8 * SECOND);
    for (size_t i = 0; i < IC_COUNT(guests); i++)
        assert_true(is_in(guests[i]));
    assert_true(courier_agrees(&s));
    assert_int_equal(courier_members(&s), 7);
    courier_clear(&s);
}

/* The server lets somebody in while no right-holder is there, or keeps an old group alive. */
TEST(who_let_itself_in_says_and_shows_nothing_until_a_right_holder_is_heard)
{
    start();
    unsigned layla = come_in("Layla Rahman");
    open_the_room();
    s.open_unattended = true;
    courier_cut(&s, host, 20 * SECOND);
    unsigned guest = courier_come(&s, &s.guest_link, "Sam Porter", SUITE);
    courier_run(&s, 10 * SECOND);
    assert_true(is_in(guest) && is_in(layla));
    assert_true(of(guest)->presence.unproven);
    assert_false(may_talk(guest));
    const struct ic_conference_presence live = {.streams = 1};
    assert_int_equal(ic_conference_present(of(layla), &live, s.now), IC_OK);
    assert_true(may_talk(layla));
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_PRESENCE), 0);
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_CHAT), 0);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_PRESENCE), 0);

    courier_run(&s, 20 * SECOND); /* the host is back */
    assert_false(of(guest)->presence.unproven);
    assert_true(may_talk(guest));
    assert_int_equal(courier_last(&s, guest, IC_EVENT_PRESENCE)->number, 1); /* as announced then */
    courier_clear(&s);
}

/* A right-holder's heart beats every five seconds in a large meeting; for a newcomer it beats now.
 */
TEST(who_let_itself_in_does_not_wait_for_the_next_heartbeat)
{
    start();
    open_the_room();
    for (int i = 0; i < 18; i++) {
        courier_come(&s, &s.guest_link, "Guest", SUITE);
        courier_run(&s, SECOND / 2);
    }
    courier_run(&s, 6 * SECOND);
    unsigned guest = courier_come(&s, &s.guest_link, "Sam Porter", SUITE);
    courier_run(&s, SECOND / 2);
    assert_true(is_in(guest));
    assert_false(of(guest)->presence.unproven);
    courier_clear(&s);
}

TEST(door_is_shut_by_a_lock_a_passcode_and_the_waiting_room_and_opens_again) /* ACC-07, ACC-20 */
{
    start();
    open_the_room();
    assert_int_equal(ic_conference_lock(of(host), true, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_false(s.open);
    unsigned guest = come("Sam Porter");
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_KNOCKED);
    assert_int_equal(ic_conference_lock(of(host), false, s.now), IC_OK);
    courier_run(&s, 2 * SECOND);
    assert_true(s.open && is_in(guest));

    assert_int_equal(ic_conference_set_passcode(of(host), CODE, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_false(s.open);
    assert_int_equal(ic_conference_set_passcode(of(host), NULL, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_true(s.open);
    assert_int_equal(ic_conference_waiting_room(of(host), true, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_false(s.open);
    unsigned late = come("Late");
    courier_run(&s, 2 * SECOND);
    assert_int_equal(ic_conference_stage(of(late)), IC_CONFERENCE_KNOCKED);
    courier_clear(&s);
}

/* The server keeps the door open, with the info of the epoch as it is: a member gives it. */
static void keep_open(unsigned traitor)
{
    struct ic_mls_message info = {0}, sealed = {0};
    assert_int_equal(ic_mls_group_info(&info, of(traitor)->group, false, (struct ic_bytes){0}),
                     IC_OK);
    assert_int_equal(ic_door_seal_info(of(traitor), &sealed, ic_mls_message_bytes(&info)), IC_OK);
    free((void *)(uintptr_t)s.info.at);
    uint8_t *kept = malloc(sealed.len);
    assert_non_null(kept);
    memcpy(kept, sealed.at, sealed.len);
    s.info = (struct ic_bytes){kept, sealed.len};
    s.open = true;
    ic_mls_message_clear(&info);
    ic_mls_message_clear(&sealed);
}

TEST(newcomer_believes_the_signed_state_and_not_the_server_that_the_door_is_open)
{
    start();
    unsigned mallory = come_in("Mallory");
    open_the_room();
    struct ic_bytes card = s.card; /* of the open meeting */
    s.card = (struct ic_bytes){0};
    assert_int_equal(ic_conference_waiting_room(of(host), true, s.now), IC_OK);
    courier_run(&s, SECOND);
    free((void *)(uintptr_t)s.card.at);
    s.card = card;
    keep_open(mallory);
    uint64_t commits = s.commits;
    unsigned guest = come("Sam Porter");
    courier_run(&s, SECOND);
    assert_int_equal(s.commits, commits);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_KNOCKED);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 2); /* Mallory was the first */
    courier_clear(&s);
}

/* A newcomer that does not care what the state says: makes the commit, and says it. */
static void force_in_as(unsigned cheat, bool nameless)
{
    struct ic_conference *c = of(cheat);
    uint8_t id[IC_DOOR_LINK_PSK_ID_LEN], *buffer = malloc(s.info.len);
    struct ic_mls_psk_id psk = ic_link_psk_id(c, id);
    struct ic_mls_application application = ic_application(c);
    struct ic_identity_buffer room;
    struct ic_mls_identity identity;
    struct ic_mls_message commit = {0};
    struct ic_mls_group *group = NULL;
    struct ic_bytes info;

    assert_non_null(buffer);
    assert_int_equal(ic_own_identity(&identity, &room, c, ic_suite_find(SUITE), s.now), IC_OK);
    if (nameless)
        identity.extensions = (struct ic_bytes){0};
    assert_int_equal(
        ic_door_info_open(&info, buffer, IC_DOOR_INFO, s.info, s.guest_link.secret, s.meeting),
        IC_OK);
    struct ic_mls_join_external join = {.group_info = info,
                                        .identity = &identity,
                                        .application = &application,
                                        .psks = &psk,
                                        .psk_count = 1};
    assert_int_equal(ic_mls_group_join_external(&group, &commit, NULL, &join), IC_OK);
    struct ic_say say = {.type = IC_SAY_COMMIT,
                         .epoch = ic_mls_group_context(group)->epoch - 1,
                         .sealed = ic_mls_message_bytes(&commit)};
    courier_say(&s, cheat, &say);
    ic_mls_message_clear(&commit);
    ic_mls_group_free(group);
    free(buffer);
}

static void force_in(unsigned cheat)
{
    force_in_as(cheat, false);
}

static void assert_rejected(unsigned member, enum ic_door_rule rule)
{
    courier_run(&s, 3 * SECOND);
    assert_int_equal(courier_last(&s, host, IC_EVENT_WRONG_COMMIT)->number, rule);
    assert_int_equal(courier_last(&s, member, IC_EVENT_WRONG_COMMIT)->number, rule);
    assert_int_equal(ic_conference_epoch(of(host)), ic_conference_epoch(of(member)));
    assert_int_equal(s.rejects, 1);
}

static void assert_refused(unsigned cheat, unsigned member, enum ic_door_rule rule)
{
    assert_rejected(member, rule);
    assert_false(is_in(cheat));
}

TEST(members_refuse_who_lets_itself_in_with_the_waiting_room_on) /* SEC-11 */
{
    start();
    unsigned member = come_in("Layla Rahman"), cheat = come("Ghost");
    keep_open(member);
    force_in(cheat);
    assert_refused(cheat, member, IC_DOOR_RULE_WAITING_ROOM);
    courier_clear(&s);
}

TEST(members_refuse_who_lets_itself_in_while_the_meeting_is_locked) /* ACC-07 */
{
    start();
    unsigned member = come_in("Layla Rahman");
    open_the_room();
    assert_int_equal(ic_conference_lock(of(host), true, s.now), IC_OK);
    courier_run(&s, SECOND);
    unsigned cheat = come("Ghost");
    keep_open(member);
    force_in(cheat);
    assert_refused(cheat, member, IC_DOOR_RULE_EXTERNAL_LOCKED);
    courier_clear(&s);
}

/* It has the info and the link, and not the passcode, so its key is another. */
TEST(members_refuse_who_lets_itself_in_without_the_passcode) /* ACC-20 */
{
    start();
    unsigned member = come_in("Layla Rahman");
    open_the_room();
    assert_int_equal(ic_conference_set_passcode(of(host), CODE, s.now), IC_OK);
    courier_run(&s, SECOND);
    unsigned cheat = come("Ghost");
    keep_open(member);
    force_in(cheat);
    assert_refused(cheat, member, IC_DOOR_VALID); /* by MLS: no key fits */
    courier_clear(&s);
}

TEST(members_refuse_who_lets_itself_in_without_a_name) /* ACC-03 */
{
    start();
    unsigned member = come_in("Layla Rahman");
    open_the_room();
    s.card.len -= 1; /* this one knocks nowhere */
    unsigned cheat = come("Ghost");
    s.card.len += 1;
    force_in_as(cheat, true);
    assert_rejected(member, IC_DOOR_VALID); /* by MLS: its leaf is none of ours */
    courier_clear(&s);
}

TEST(door_stands_open_after_something_senseless_was_said_through_it)
{
    static const uint8_t noise[] = "no commit";
    start();
    unsigned member = come_in("Layla Rahman");
    open_the_room();
    s.card.len -= 1; /* this one cannot do it well */
    unsigned cheat = come("Ghost");
    s.card.len += 1;
    struct ic_say say = {.type = IC_SAY_COMMIT, .epoch = s.head, .sealed = {noise, sizeof noise}};
    courier_say(&s, cheat, &say);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(s.rejects, 1);
    assert_true(s.open && s.info.len > 0);
    unsigned guest = come("Sam Porter");
    courier_run(&s, 2 * SECOND);
    assert_true(is_in(guest) && is_in(member));
    courier_clear(&s);
}

TEST(replaced_link_opens_the_door_and_the_old_one_does_not)
{
    start();
    unsigned mallory = come_in("Mallory");
    open_the_room();
    struct ic_door_link old = s.guest_link;
    assert_int_equal(ic_conference_remove(of(host), leaf_of(mallory), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_true(s.open && s.info.len > 0);
    memcpy(s.guest_link.secret, of(host)->link.secret, sizeof s.guest_link.secret);
    unsigned guest = come("Sam Porter");
    assert_true(is_in(guest));
    unsigned again = courier_come(&s, &old, "Mallory", SUITE);
    courier_run(&s, 2 * SECOND);
    assert_false(is_in(again));
    courier_clear(&s);
}

/* Any member's commit leaves the next info in the door. */
TEST(door_stays_open_whoever_commits)
{
    start();
    open_the_room();
    unsigned layla = come("Layla Rahman"), kofi = come("Kofi Mensah");
    assert_int_equal(ic_conference_rekey(of(layla), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_true(s.info.len > 0);
    courier_leave(&s, kofi);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(ic_conference_grant(of(host), leaf_of(layla), IC_DOOR_ADMIT, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_true(s.info.len > 0);
    unsigned guest = come("Sam Porter");
    assert_true(is_in(guest));
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(group_that_is_founded_anew_has_its_door_open_again)
{
    start();
    open_the_room();
    unsigned layla = come("Layla Rahman");
    courier_run(&s, SECOND);
    courier_restart(&s);
    courier_run(&s, 3 * SECOND);
    assert_true(s.open && s.info.len > 0);
    assert_true(is_in(layla) && is_in(host));
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

/* ---- When the server does not take the commit, or lies about it ---- */

/* Who has said his commit, and hears no more of the server. */
static unsigned say_commit_and_hear_nothing(void)
{
    start();
    open_the_room();
    unsigned guest = courier_come(&s, &s.guest_link, "Sam Porter", SUITE);
    s.clients[guest].connected = false;
    while (!of(guest)->entering.outside)
        courier_run(&s, s.step);
    return guest;
}

/* What the client says next; IC_SAYS: nothing. */
static enum ic_say_type next_say(unsigned client)
{
    const struct ic_say *say = ic_conference_next_say(of(client));
    return say ? say->type : IC_SAYS;
}

TEST(who_hears_no_answer_to_its_commit_for_three_seconds_knocks)
{
    unsigned guest = say_commit_and_hear_nothing();
    assert_int_equal(ic_conference_hear_opened(of(guest), s.info, s.now), IC_OK);
    assert_int_equal(next_say(guest), IC_SAYS); /* one at a time */
    courier_run(&s, 3 * SECOND - s.step);
    assert_non_null(of(guest)->entering.outside);
    s.clients[guest].connected = true;
    courier_run(&s, SECOND);
    assert_true(is_in(guest));
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 1);
    courier_clear(&s);
}

TEST(who_is_too_late_eight_times_knocks)
{
    unsigned guest = say_commit_and_hear_nothing();
    for (unsigned tries = 2; tries <= 8; tries++) {
        assert_int_equal(ic_conference_hear_conflict(of(guest), s.head, s.info, s.now), IC_OK);
        assert_int_equal(next_say(guest), IC_SAY_COMMIT);
    }
    assert_int_equal(ic_conference_hear_conflict(of(guest), s.head, s.info, s.now), IC_OK);
    assert_int_equal(next_say(guest), IC_SAY_KNOCK);
    courier_clear(&s);
}

/* The server says that it is in, and the group is not where its commit leads. */
TEST(who_let_itself_in_is_not_in_by_a_lie_about_the_epoch)
{
    for (unsigned behind = 0; behind < 2; behind++) {
        unsigned guest = say_commit_and_hear_nothing();
        struct ic_conference_joined joined = {
            .epoch = s.head + 2 - behind, .people = 1, .behind = behind};
        memcpy(joined.participant, s.clients[guest].participant, IC_PARTICIPANT_LEN);
        assert_int_equal(ic_conference_hear_joined(of(guest), &joined, s.now), IC_OK);
        assert_false(is_in(guest));
        courier_clear(&s);
    }
}

/* Who knows no link cannot open what was said with it: not the commit is wrong. Nor does it seal
 * anything with what is no secret. */
TEST(member_without_the_links_secret_refuses_no_commit_from_outside)
{
    const struct ic_say *say;
    start();
    unsigned kofi = come_in("Kofi Mensah");
    open_the_room();
    of(kofi)->link.secret_known = false;
    assert_int_equal(ic_conference_rekey(of(kofi), s.now), IC_OK);
    while ((say = ic_conference_next_say(of(kofi)))->type != IC_SAY_COMMIT)
        continue;
    assert_int_equal(say->info.len, 0);
    courier_say(&s, kofi, say);
    courier_run(&s, SECOND);
    keep_open(host);
    assert_true(is_in(come("Sam Porter")));
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_WRONG_COMMIT), 0);
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_BEHIND), 1);
    courier_clear(&s);
}

TEST(what_stands_in_the_door_is_said_again_when_the_server_was_further)
{
    start();
    open_the_room();
    uint64_t epoch = ic_conference_epoch(of(host));
    assert_int_equal(ic_conference_hear_conflict(of(host), epoch, (struct ic_bytes){0}, s.now),
                     IC_OK);
    assert_int_equal(next_say(host), IC_SAY_DOOR);
    courier_run(&s, 4 * SECOND); /* this one is about something else */
    assert_int_equal(ic_conference_hear_conflict(of(host), epoch, (struct ic_bytes){0}, s.now),
                     IC_OK);
    assert_int_equal(next_say(host), IC_SAYS);
    courier_clear(&s);
}

RUN_TESTS(
    cmocka_unit_test(open_door_lets_in_who_has_the_link_and_nobody_has_to_do_anything),
    cmocka_unit_test(server_reads_no_name_in_what_passes_through_the_open_door),
    cmocka_unit_test(open_door_takes_two_who_come_at_once),
    cmocka_unit_test(who_let_itself_in_says_and_shows_nothing_until_a_right_holder_is_heard),
    cmocka_unit_test(who_let_itself_in_does_not_wait_for_the_next_heartbeat),
    cmocka_unit_test(door_is_shut_by_a_lock_a_passcode_and_the_waiting_room_and_opens_again),
    cmocka_unit_test(newcomer_believes_the_signed_state_and_not_the_server_that_the_door_is_open),
    cmocka_unit_test(members_refuse_who_lets_itself_in_with_the_waiting_room_on),
    cmocka_unit_test(members_refuse_who_lets_itself_in_while_the_meeting_is_locked),
    cmocka_unit_test(members_refuse_who_lets_itself_in_without_the_passcode),
    cmocka_unit_test(members_refuse_who_lets_itself_in_without_a_name),
    cmocka_unit_test(door_stands_open_after_something_senseless_was_said_through_it),
    cmocka_unit_test(replaced_link_opens_the_door_and_the_old_one_does_not),
    cmocka_unit_test(door_stays_open_whoever_commits),
    cmocka_unit_test(group_that_is_founded_anew_has_its_door_open_again),
    cmocka_unit_test(who_hears_no_answer_to_its_commit_for_three_seconds_knocks),
    cmocka_unit_test(who_is_too_late_eight_times_knocks),
    cmocka_unit_test(who_let_itself_in_is_not_in_by_a_lie_about_the_epoch),
    cmocka_unit_test(member_without_the_links_secret_refuses_no_commit_from_outside),
    cmocka_unit_test(what_stands_in_the_door_is_said_again_when_the_server_was_further))
