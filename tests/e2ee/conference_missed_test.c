/* Who missed something and asks to be taken in again: with a passcode that is another by then, and
 * before a server that keeps what was asked. */
#include "tests/e2ee/conference_rig.h"

#include "e2ee/conference/inside.h"
#include "e2ee/door/knock.h"
#include "e2ee/door/reply.h"
#include "e2ee/door/returning.h"

static const uint8_t CODE[IC_DOOR_PSK_LEN] = {1, 2, 3}, OTHER_CODE[IC_DOOR_PSK_LEN] = {4, 5};

/* While she is cut off, and the log reaches back to her no more. */
static void misses(unsigned client, const uint8_t *key)
{
    courier_cut(&s, client, 10 * SECOND);
    set_passcode(key);
    s.oldest = s.head;
}

TEST(member_that_missed_another_passcode_comes_back_without_typing_it)
{
    start();
    unsigned layla = come_in("Layla Rahman"), ruth = come_in("Ruth Adler");
    set_passcode(CODE);
    misses(layla, OTHER_CODE);
    set_passcode(NULL);
    set_passcode(CODE); /* three changes */
    s.oldest = s.head;
    courier_run(&s, 20 * SECOND);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_BEHIND), 1);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_PASSCODE), 0);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 2); /* long ago */
    assert_true(courier_agrees(&s));
    assert_int_equal(ic_conference_stage(of(ruth)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

/* Who has *admit* says what this is; a member knows all that stands in it. */
static void give_missed_keys(unsigned from, unsigned to, uint32_t version, const uint8_t *secret)
{
    static uint8_t opened[IC_DOOR_RETURNING_MAX], sealed[IC_DOOR_REPLY_MAX];
    const uint8_t *participant = s.clients[to].participant;
    struct ic_bytes asked = ic_mls_message_bytes(&of(to)->entering.knock);
    struct ic_door_knock_place where = {s.meeting, participant, 0};
    struct ic_door_returning returning;

    assert_int_equal(ic_door_returning_link_version(&where.link_version, asked), IC_OK);
    const uint8_t *psk = ic_link_psk_of(of(from), where.link_version);
    assert_int_equal(ic_door_returning_open(&returning, opened, asked, &where, psk), IC_OK);
    const struct ic_door_reply keys = {.kind = IC_DOOR_REPLY_KEYS,
                                       .link_version = version,
                                       .link_secret = {secret, IC_LINK_SECRET_LEN},
                                       .passcode_key = {CODE, sizeof CODE},
                                       .signer = ic_own_key(of(from))};
    struct ic_writer w = ic_writer_of(sealed, sizeof sealed);
    struct ic_door_pair pair = ic_own_pair(of(from));
    assert_int_equal(ic_door_reply_seal(&w, &keys, &where, asked, returning.reply_key, &pair),
                     IC_OK);
    courier_say(&s, from,
                &(struct ic_say){.type = IC_SAY_REPLY,
                                 .participants = {participant, IC_PARTICIPANT_LEN},
                                 .sealed = ic_written(&w)});
    courier_run(&s, SECOND / 5);
}

TEST(member_that_missed_a_passcode_takes_the_keys_only_from_who_may_admit) /* ACC-20 */
{
    start();
    unsigned layla = come_in("Layla Rahman"), ruth = come_in("Ruth Adler");
    misses(layla, CODE);
    uint32_t version = of(layla)->link.version;
    courier_cut(&s, host, 60 * SECOND);
    s.clients[ruth].keeper = true; /* the server passes on what she replies */
    uint64_t replies = s.replies;
    courier_run(&s, 12 * SECOND);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_BEHIND), 1);
    assert_int_equal(s.replies, replies); /* nothing, with the client that we make */
    give_missed_keys(ruth, layla, of(ruth)->link.version, of(ruth)->link.secret);
    assert_int_equal(s.replies, replies + 1);
    assert_int_equal(of(layla)->link.version, version);
    assert_int_not_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    s.clients[host].back_at = s.now;
    courier_run(&s, 40 * SECOND);
    assert_int_equal(of(layla)->link.version, version + 1);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

/* Somebody may have been removed with it. */
TEST(member_that_missed_a_passcode_and_a_new_link_does_not_come_back_by_itself) /* ACC-08 */
{
    start();
    unsigned layla = come_in("Layla Rahman");
    misses(layla, CODE);
    assert_int_equal(ic_conference_replace_link(of(host), s.now), IC_OK);
    courier_run(&s, SECOND);
    s.oldest = s.head;
    uint64_t commits = s.commits;
    courier_run(&s, 40 * SECOND);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_BEHIND);
    assert_int_equal(s.commits, commits); /* whatever her client would make of it */
    courier_clear(&s);
}

/* The server goes on as if she were a member. */
TEST(removed_member_does_not_come_back_by_a_passcode_that_she_missed) /* ACC-08 */
{
    start();
    unsigned mallory = come_in("Mallory");
    unsigned leaf = leaf_of(mallory);
    misses(mallory, CODE);
    assert_int_equal(ic_conference_remove(of(host), leaf, s.now), IC_OK);
    courier_run(&s, SECOND);
    set_passcode(OTHER_CODE);
    s.oldest = s.head;
    s.clients[mallory].state = CLIENT_MEMBER;
    courier_run(&s, 40 * SECOND);
    assert_int_not_equal(ic_conference_stage(of(mallory)), IC_CONFERENCE_IN);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_PERSON), 2); /* itself, and Mallory long ago */
    courier_clear(&s);
}

TEST(who_was_taken_for_gone_when_the_passcode_changed_is_asked_for_the_new_one) /* ACC-20 */
{
    start();
    unsigned layla = come_in("Layla Rahman");
    set_passcode(CODE);
    courier_cut(&s, layla, 200 * SECOND);
    set_passcode(OTHER_CODE);
    courier_run(&s, 180 * SECOND);
    s.clients[layla].state = CLIENT_WAITING; /* its leaf is gone */
    courier_run(&s, 25 * SECOND);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_PASSCODE)->number, 0);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_WAITING);
    type_passcode(layla, OTHER_CODE);
    admit(layla);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

/* Of the link that she has, and later: nothing else takes her to another group, or back. */
TEST(member_that_missed_a_passcode_takes_no_keys_of_another_link_or_an_older_version) /* ACC-20 */
{
    start();
    unsigned layla = come_in("Layla Rahman");
    uint8_t other[IC_LINK_SECRET_LEN];
    misses(layla, CODE);
    const struct ic_link_now *link = &of(layla)->link;
    uint32_t version = link->version;
    memcpy(other, link->secret, sizeof other);
    other[0] ^= 1;
    courier_run(&s, 9 * SECOND);
    courier_cut(&s, host, 60 * SECOND);
    courier_run(&s, 3 * SECOND);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_BEHIND);
    give_missed_keys(host, layla, version + 1, other);
    assert_int_equal(link->version, version);
    give_missed_keys(host, layla, version, of(host)->link.secret);
    assert_false(link->passcode);
    give_missed_keys(host, layla, version + 1, of(host)->link.secret);
    assert_int_equal(link->version, version + 1);
    assert_true(link->passcode);
    courier_clear(&s);
}

/* ---- Asked once, heard twice ---- */

/* She is away while the others go on, and asks when she is back. What she says is kept. */
static struct ic_mls_message lose_the_group(unsigned client, unsigned other)
{
    struct ic_mls_message request = {0};
    courier_cut(&s, client, 2 * SECOND);
    assert_int_equal(ic_conference_rekey(of(other), s.now), IC_OK);
    courier_run(&s, SECOND);
    s.oldest = s.head;
    while (ic_conference_stage(of(client)) != IC_CONFERENCE_BEHIND)
        courier_run(&s, s.step);
    assert_int_equal(
        ic_mls_message_copy(&request, ic_mls_message_bytes(&of(client)->entering.knock)), IC_OK);
    courier_run(&s, 8 * SECOND);
    assert_int_equal(ic_conference_stage(of(client)), IC_CONFERENCE_IN);
    return request;
}

static void hear_request(unsigned by, unsigned from, struct ic_mls_message *request)
{
    assert_int_equal(ic_conference_hear_knocked(of(by), s.clients[from].participant,
                                                ic_mls_message_bytes(request), true, 0, s.now),
                     IC_OK);
    courier_run(&s, 3 * SECOND);
}

TEST(request_of_who_is_back_for_long_takes_nobody_out_again)
{
    start();
    unsigned layla = come_in("Layla Rahman");
    struct ic_mls_message request = lose_the_group(layla, host);
    assert_int_equal(ic_conference_rekey(of(layla), s.now), IC_OK); /* her leaf is a new one */
    courier_run(&s, 2 * SECOND);
    uint64_t epoch = ic_conference_epoch(of(host));
    hear_request(host, layla, &request);
    assert_int_equal(ic_conference_epoch(of(host)), epoch);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_BEHIND), 1);
    ic_mls_message_clear(&request);
    courier_clear(&s);
}

TEST(request_of_ones_own_is_no_second_device) /* ACC-19 */
{
    start();
    unsigned layla = come_in("Layla Rahman");
    struct ic_mls_message request = lose_the_group(host, layla);
    hear_request(host, host, &request);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_OPENED_AGAIN), 0);
    assert_int_equal(ic_conference_stage(of(host)), IC_CONFERENCE_IN);
    ic_mls_message_clear(&request);
    courier_clear(&s);
}

TEST(request_to_come_back_says_nothing_to_who_is_not_in)
{
    start();
    unsigned layla = come_in("Layla Rahman"), guest = come("Sam Porter");
    struct ic_mls_message request = lose_the_group(layla, host);
    hear_request(guest, layla, &request);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_KNOCKED);
    ic_mls_message_clear(&request);
    courier_clear(&s);
}

RUN_TESTS(
    cmocka_unit_test(member_that_missed_another_passcode_comes_back_without_typing_it),
    cmocka_unit_test(member_that_missed_a_passcode_takes_the_keys_only_from_who_may_admit),
    cmocka_unit_test(member_that_missed_a_passcode_and_a_new_link_does_not_come_back_by_itself),
    cmocka_unit_test(removed_member_does_not_come_back_by_a_passcode_that_she_missed),
    cmocka_unit_test(who_was_taken_for_gone_when_the_passcode_changed_is_asked_for_the_new_one),
    cmocka_unit_test(
        member_that_missed_a_passcode_takes_no_keys_of_another_link_or_an_older_version),
    cmocka_unit_test(request_of_who_is_back_for_long_takes_nobody_out_again),
    cmocka_unit_test(request_of_ones_own_is_no_second_device),
    cmocka_unit_test(request_to_come_back_says_nothing_to_who_is_not_in))
