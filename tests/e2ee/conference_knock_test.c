/* At the door, when who knocks cheats, the server has no room, or asks for nonsense: a right-holder
 * is shown nobody whom it could not let in, and who waits goes on waiting. */
#include "tests/e2ee/conference_rig.h"

#include "e2ee/conference/inside.h"
#include "e2ee/conference/knocking.h"
#include "e2ee/door/knock.h"
#include "e2ee/door/reply.h"

/* As this guest would knock, with this for its key package. */
static struct ic_bytes knock_with(struct ic_bytes package, unsigned guest,
                                  const uint8_t participant[IC_PARTICIPANT_LEN])
{
    static uint8_t sealed[IC_DOOR_KNOCK_MAX];
    const struct ic_conference *c = of(guest);
    static const uint8_t id[IC_DOOR_KNOCK_ID_LEN] = {1};
    struct ic_writer w = ic_writer_of(sealed, sizeof sealed);
    struct ic_door_knock_place place = {s.meeting, participant, c->entering.card.link_version};
    struct ic_door_knock knock = {
        .key_package = package, .reply_key = ic_reply_key(&c->entering), .id = {id, sizeof id}};
    struct ic_door_knock_secret secret = {0};
    memcpy(secret.psk, c->link.psk, sizeof secret.psk);
    ic_door_tag(secret.tag, c->link.secret, s.meeting);
    assert_int_equal(ic_door_knock_seal(&w, &knock, &place, &secret, c->entering.card.admit_keys),
                     IC_OK);
    return ic_written(&w);
}

/* How many knocks the host has been shown after this one. */
static unsigned shown(struct ic_bytes sealed, const uint8_t participant[IC_PARTICIPANT_LEN])
{
    assert_int_equal(ic_conference_hear_knocked(of(host), participant, sealed, false, 0, s.now),
                     IC_OK);
    courier_run(&s, s.step);
    return courier_saw(&s, host, IC_EVENT_KNOCK);
}

TEST(knock_without_a_key_package_that_could_be_added_is_not_shown) /* ACC-02 */
{
    start();
    unsigned guest = come("Sam Porter");
    static uint8_t longer[8192];
    struct ic_bytes good = ic_mls_message_bytes(&of(guest)->entering.package.encoded);
    const uint8_t *participant = s.clients[guest].participant;
    memcpy(longer, good.at, good.len);
    struct ic_bytes bad[] = {{0}, {good.at, good.len - 1}, {longer, good.len + 1}};
    for (size_t i = 0; i < IC_COUNT(bad); i++)
        assert_int_equal(shown(knock_with(bad[i], guest, participant), participant), 1);
    longer[good.len - 1] ^= 1; /* the signature */
    struct ic_bytes forged = {longer, good.len};
    assert_int_equal(shown(knock_with(forged, guest, participant), participant), 1);
    assert_int_equal(shown(knock_with(good, guest, participant), participant), 2);
    courier_clear(&s);
}

/* Each time with its own key package: not with that of who knocked before. */
static unsigned knock_of_another(unsigned guest, unsigned number)
{
    uint8_t participant[IC_PARTICIPANT_LEN];
    struct ic_conference *c = of(guest);
    memcpy(participant, c->participant, sizeof participant);
    memset(c->participant, 0, sizeof c->participant);
    memcpy(c->participant, &number, sizeof number);
    assert_int_equal(ic_own_package(c, ic_suite_find(SUITE), s.now), IC_OK);
    struct ic_bytes package = ic_mls_message_bytes(&c->entering.package.encoded);
    unsigned count = shown(knock_with(package, guest, c->participant), c->participant);
    memcpy(c->participant, participant, sizeof participant);
    return count;
}

TEST(who_knocks_when_very_many_wait_is_not_kept_but_who_waits_may_knock_again)
{
    start();
    unsigned guest = come("Sam Porter");
    for (unsigned i = 2; i <= IC_KNOCKS_MAX; i++)
        assert_int_equal(knock_of_another(guest, i), i);
    assert_int_equal(knock_of_another(guest, IC_KNOCKS_MAX + 1), IC_KNOCKS_MAX);
    assert_int_equal(knock_of_another(guest, 2), IC_KNOCKS_MAX + 1);
    courier_clear(&s);
}

TEST(knock_that_the_server_did_not_take_is_said_again_when_it_may)
{
    start();
    unsigned guest = come("Sam Porter");
    assert_int_equal(ic_conference_hear_refused(of(guest), IC_SAY_KNOCK, s.now + 2 * SECOND, s.now),
                     IC_OK);
    courier_run(&s, 2 * SECOND - s.step);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 1);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 2);
    courier_run(&s, 3 * SECOND); /* once */
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 2);

    /* Who is let in meanwhile says it no more. */
    assert_int_equal(ic_conference_hear_refused(of(guest), IC_SAY_KNOCK, s.now + 2 * SECOND, s.now),
                     IC_OK);
    admit(guest);
    courier_run(&s, 3 * SECOND);
    assert_int_equal(ic_conference_hear_refused(of(guest), IC_SAY_KNOCK, s.now + SECOND, s.now),
                     IC_OK);
    courier_run(&s, 3 * SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 2);
    courier_clear(&s);
}

TEST(question_and_answer_are_texts_that_are_not_too_long)
{
    static char text[4 * IC_DOOR_ANSWER_MAX + 2];
    start();
    unsigned guest = come("Sam Porter");
    const uint8_t *participant = s.clients[guest].participant;
    memset(text, 'a', sizeof text - 1);
    struct ic_bytes bad[] = {ic_bytes_of_text(text),
                             ic_bytes_of_text("a\x01"
                                              "b"),
                             {0}};
    for (size_t i = 0; i < IC_COUNT(bad); i++) {
        assert_int_equal(ic_conference_ask(of(host), participant, bad[i], s.now), IC_ERR_FORBIDDEN);
        assert_int_equal(ic_conference_answer(of(guest), bad[i], s.now), IC_ERR_FORBIDDEN);
    }
    assert_int_equal(ic_conference_answer(of(host), ic_bytes_of_text("Yes"), s.now),
                     IC_ERR_FORBIDDEN); /* nobody asked */
    courier_clear(&s);
}

/* ---- Replies ---- */

/* Of the host, to how the guest knocked. */
static struct ic_bytes reply_to(unsigned guest, enum ic_door_reply_kind kind)
{
    static uint8_t sealed[IC_DOOR_REPLY_MAX];
    struct ic_door_reply said = {.kind = kind, .signer = ic_own_key(of(host))};
    struct ic_door_pair pair = ic_own_pair(of(host));
    struct ic_writer w = ic_writer_of(sealed, sizeof sealed);
    struct ic_door_knock_place place =
        ic_knock_place(of(guest), of(guest)->entering.card.link_version);
    struct ic_bytes key = kind == IC_DOOR_REPLY_UNREADABLE ? (struct ic_bytes){0}
                                                           : ic_reply_key(&of(guest)->entering);
    assert_int_equal(ic_door_reply_seal(&w, &said, &place,
                                        ic_mls_message_bytes(&of(guest)->entering.knock), key,
                                        &pair),
                     IC_OK);
    return ic_written(&w);
}

TEST(reply_to_a_knock_says_nothing_to_who_is_in)
{
    start();
    unsigned guest = come("Sam Porter");
    struct ic_bytes refused = reply_to(guest, IC_DOOR_REPLY_REFUSED);
    admit(guest);
    assert_int_equal(ic_conference_hear_replied(of(guest), refused, true, s.now), IC_OK);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

RUN_TESTS(
    cmocka_unit_test(knock_without_a_key_package_that_could_be_added_is_not_shown),
    cmocka_unit_test(who_knocks_when_very_many_wait_is_not_kept_but_who_waits_may_knock_again),
    cmocka_unit_test(knock_that_the_server_did_not_take_is_said_again_when_it_may),
    cmocka_unit_test(question_and_answer_are_texts_that_are_not_too_long),
    cmocka_unit_test(reply_to_a_knock_says_nothing_to_who_is_in))
