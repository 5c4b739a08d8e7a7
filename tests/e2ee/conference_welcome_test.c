/* What a client demands of a group that a member brings it into past the rules of its own client,
 * with the server's help: by whom a newcomer was let in, and how old the group is for who comes
 * back (SEC-10, SEC-11). */
#include "tests/e2ee/conference_three.h"

#include "e2ee/conference/inside.h"
#include "e2ee/conference/link_now.h"
#include "e2ee/core.h"
#include "e2ee/door/welcome_check.h"

/* The commit of a member by MLS alone, whose epoch nobody else enters, and its Welcome for `guest`,
 * who is a member that comes back, or new: then `out` is IC_MEMBERS_MAX. */
static void bring(unsigned member, unsigned guest, unsigned out)
{
    uint8_t id[IC_DOOR_LINK_PSK_ID_LEN];
    struct ic_mls_psk_id psk = ic_link_psk_id(of(member), id);
    struct ic_bytes package = ic_mls_message_bytes(&of(guest)->entering.package.encoded);
    struct ic_leaf removed = {out};
    struct ic_mls_commit_plan plan = {.adds = &package,
                                      .add_count = 1,
                                      .removes = &removed,
                                      .remove_count = out < IC_MEMBERS_MAX,
                                      .psks = &psk,
                                      .psk_count = 1,
                                      .force_path = true,
                                      .protection = {.private_message = true}};
    struct ic_mls_staged *staged;
    assert_int_equal(ic_mls_group_commit(&staged, of(member)->group, &plan), IC_OK);
    struct ic_conference_joined joined = {.people = 2,
                                          .epoch = ic_conference_epoch(of(member)) + 1,
                                          .welcome = ic_mls_staged_welcome(staged)};
    memcpy(joined.participant, s.clients[guest].participant, IC_PARTICIPANT_LEN);
    assert_int_equal(ic_conference_hear_joined(of(guest), &joined, s.now), IC_OK);
    ic_mls_staged_free(staged);
    courier_run(&s, s.step);
}

/* The server says that she lost the group, and passes on to nobody what she asks then. */
static void lose(unsigned client)
{
    struct ic_conference_joined joined = {.people = 2, .behind = true};
    memcpy(joined.participant, s.clients[client].participant, IC_PARTICIPANT_LEN);
    s.clients[client].connected = false;
    assert_int_equal(ic_conference_hear_joined(of(client), &joined, s.now), IC_OK);
    assert_int_equal(ic_conference_stage(of(client)), IC_CONFERENCE_BEHIND);
}

TEST(guest_who_knocked_is_taken_in_by_nobody_who_may_not_admit)
{
    start_three();
    unsigned guest = come("Sam Porter");
    s.clients[guest].connected = false;
    bring(mallory, guest, IC_MEMBERS_MAX);
    assert_int_equal(courier_last(&s, guest, IC_EVENT_CARD_BAD)->number,
                     100 + IC_DOOR_WELCOME_SIGNER);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_KNOCKED);
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_PERSON), 0);
    bring(host, guest, IC_MEMBERS_MAX); /* and by the host it is */
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_false(of(guest)->presence.unproven);
    courier_clear(&s);
}

TEST(member_who_comes_back_is_taken_into_no_epoch_that_it_has_behind_it)
{
    start_three();
    uint64_t old = s.head;
    s.withhold[mallory] = true;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ic_conference_rekey(of(host), s.now), IC_OK);
        courier_run(&s, SECOND / 2);
    }
    assert_int_equal(ic_conference_epoch(of(layla)), old + 2);
    assert_int_equal(ic_conference_epoch(of(mallory)), old);
    lose(layla);
    bring(mallory, layla, leaf_of(layla));
    assert_int_equal(courier_last(&s, layla, IC_EVENT_CARD_BAD)->number, 100 + IC_DOOR_WELCOME_OLD);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_BEHIND);
    courier_clear(&s);
}

TEST(member_whom_another_brings_back_says_nothing_before_a_host_is_heard)
{
    start_three();
    lose(layla);
    bring(mallory, layla, leaf_of(layla));
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    assert_int_equal(ic_conference_chat(of(layla), ic_bytes_of_text("Hello"), s.now),
                     IC_ERR_FORBIDDEN);
    assert_int_equal(
        ic_e2ee_epoch_send(s.clients[layla].frames, ic_conference_epoch(of(layla)), leaf_of(layla)),
        IC_ERR_NOT_FOUND); /* no keys of it */
    courier_clear(&s);
}

/* Its link is the newest, which no old group has; and where it is alone with rights nobody else
 * could vouch. */
TEST(host_whom_a_member_brings_back_goes_on_at_once)
{
    start_three();
    uint64_t epoch = ic_conference_epoch(of(host)) + 1;
    lose(host);
    bring(mallory, host, 0);
    assert_int_equal(ic_conference_stage(of(host)), IC_CONFERENCE_IN);
    assert_int_equal(ic_conference_chat(of(host), ic_bytes_of_text("Hello"), s.now), IC_OK);
    assert_true(s.clients[host].frames->epochs[epoch % IC_EPOCHS_ALIVE].installed);
    courier_clear(&s);
}

/* Frames of the epochs before are still on their way. */
TEST(member_who_comes_back_into_the_same_chain_keeps_the_keys_of_before)
{
    start_three();
    uint64_t epoch = ic_conference_epoch(of(layla));
    lose(layla);
    bring(mallory, layla, leaf_of(layla));
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    assert_true(s.clients[layla].frames->epochs[epoch % IC_EPOCHS_ALIVE].installed);
    courier_clear(&s);
}

static void come_again(unsigned client, uint64_t epoch)
{
    struct ic_conference_joined joined = {.people = 2, .epoch = epoch};
    memcpy(joined.participant, s.clients[client].participant, IC_PARTICIPANT_LEN);
    s.clients[client].connected = false; /* what it says is read here */
    assert_int_equal(ic_conference_hear_joined(of(client), &joined, s.now), IC_OK);
}

static bool asks_to_return(unsigned client)
{
    bool asks = false;
    const struct ic_say *say;
    while ((say = ic_conference_next_say(of(client))))
        asks |= say->type == IC_SAY_KNOCK && say->flag;
    return asks;
}

TEST(member_on_another_socket_asks_to_return_when_the_server_is_not_in_its_epoch)
{
    start_three();
    uint64_t epoch = ic_conference_epoch(of(layla));
    come_again(layla, epoch);
    assert_false(asks_to_return(layla));
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    come_again(layla, epoch + 1);
    assert_true(asks_to_return(layla));
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_BEHIND);
    courier_clear(&s);
}

/* What it asked for on the socket before is lost. */
TEST(member_who_asked_to_return_asks_again_at_once_on_another_socket)
{
    start_three();
    lose(layla);
    assert_true(asks_to_return(layla));
    come_again(layla, ic_conference_epoch(of(layla)));
    assert_true(asks_to_return(layla));
    courier_clear(&s);
}

RUN_TESTS(
    cmocka_unit_test(guest_who_knocked_is_taken_in_by_nobody_who_may_not_admit),
    cmocka_unit_test(member_who_comes_back_is_taken_into_no_epoch_that_it_has_behind_it),
    cmocka_unit_test(member_whom_another_brings_back_says_nothing_before_a_host_is_heard),
    cmocka_unit_test(host_whom_a_member_brings_back_goes_on_at_once),
    cmocka_unit_test(member_who_comes_back_into_the_same_chain_keeps_the_keys_of_before),
    cmocka_unit_test(member_on_another_socket_asks_to_return_when_the_server_is_not_in_its_epoch),
    cmocka_unit_test(member_who_asked_to_return_asks_again_at_once_on_another_socket))
