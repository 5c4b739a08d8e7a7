/* Replies to a knock: from a right-holder, to this knock, to nobody else. */
#include "e2ee/door/reply.h"

#include "tests/e2ee/door_admit_rig.h"

static const struct ic_door_knock_place PLACE = {MEETING, PARTICIPANT, 1};
static const uint8_t PSK[IC_DOOR_PSK_LEN] = {1}, PASSCODE[IC_DOOR_PSK_LEN] = {2};
static const struct ic_bytes KNOCK = {(const uint8_t *)"the knock as it was sent", 24};
static uint8_t room[IC_DOOR_REPLY_MAX], buffer[IC_DOOR_REPLY_MAX];
static struct ic_writer w;

/* The reply key is the first admit key of the rig; which one does not matter. */
static enum ic_err seal(const struct ic_door_reply *reply, int who)
{
    struct ic_door_pair pair = pair_of(who);
    bool open = reply->kind == IC_DOOR_REPLY_UNREADABLE;
    struct ic_bytes key = {admit_public[0], open ? 0 : IC_KEM_PUBLIC_MAX};

    w = ic_writer_of(room, sizeof room);
    return ic_door_reply_seal(&w, reply, &PLACE, KNOCK, key, &pair);
}

static enum ic_err open_at(struct ic_door_reply *out, struct ic_bytes sealed,
                           const struct ic_door_knock_place *place, struct ic_bytes knock)
{
    return ic_door_reply_open(out, buffer, sealed, place, knock, admit_private_of(0),
                              usual_grants());
}

static enum ic_err open(struct ic_bytes sealed)
{
    struct ic_door_reply reply;
    return open_at(&reply, sealed, &PLACE, KNOCK);
}

static struct ic_door_reply reply_of(enum ic_door_reply_kind kind)
{
    struct ic_door_reply reply = {.kind = kind, .signer = key_of(COHOST)};

    make_admit_keys();
    if (kind == IC_DOOR_REPLY_QUESTION)
        reply.text = ic_bytes_of_text("Who are you?");
    if (kind == IC_DOOR_REPLY_KEYS) {
        reply.link_version = 3;
        reply.link_secret = (struct ic_bytes){PSK, sizeof PSK};
        reply.passcode_key = (struct ic_bytes){PASSCODE, sizeof PASSCODE};
    }
    return reply;
}

TEST(reply_of_each_kind_is_read_as_it_was_written)
{
    for (int kind = IC_DOOR_REPLY_SOON; kind <= IC_DOOR_REPLY_UNREADABLE; kind++) {
        struct ic_door_reply want = reply_of((enum ic_door_reply_kind)kind), got;
        assert_int_equal(seal(&want, COHOST), IC_OK);
        assert_int_equal(open_at(&got, ic_written(&w), &PLACE, KNOCK), IC_OK);
        assert_int_equal(got.kind, kind);
        assert_true(ic_bytes_equal(got.text, want.text));
        assert_int_equal(got.link_version, want.link_version);
        assert_true(ic_bytes_equal(got.link_secret, want.link_secret));
        assert_true(ic_bytes_equal(got.passcode_key, want.passcode_key));
    }
}

TEST(reply_looks_the_same_whether_yes_or_no)
{
    struct ic_door_reply soon = reply_of(IC_DOOR_REPLY_SOON), no = reply_of(IC_DOOR_REPLY_REFUSED);
    struct ic_door_reply keys = reply_of(IC_DOOR_REPLY_KEYS);
    assert_int_equal(seal(&soon, COHOST), IC_OK);
    size_t len = w.len;
    assert_int_equal(seal(&no, COHOST), IC_OK);
    assert_int_equal(w.len, len);
    assert_int_equal(seal(&keys, COHOST), IC_OK);
    assert_int_equal(w.len, len);
}

TEST(reply_of_somebody_without_the_right_is_refused)
{
    struct ic_door_reply reply = reply_of(IC_DOOR_REPLY_REFUSED);
    reply.signer = key_of(GUEST);
    assert_int_equal(seal(&reply, GUEST), IC_OK);
    assert_int_equal(open(ic_written(&w)), IC_ERR_FORBIDDEN);
    reply.signer = key_of(COHOST);
    assert_int_equal(seal(&reply, GUEST), IC_OK);
    assert_int_equal(open(ic_written(&w)), IC_ERR_FORGED);
}

TEST(reply_to_another_knock_participant_meeting_or_key_is_refused)
{
    static const uint8_t ELSE[16] = {1};
    const struct ic_door_knock_place places[] = {
        {ELSE, PARTICIPANT, 1}, {MEETING, ELSE, 1}, {MEETING, PARTICIPANT, 2}};
    struct ic_door_reply got;

    for (int kind = IC_DOOR_REPLY_REFUSED; kind <= IC_DOOR_REPLY_UNREADABLE; kind += 3) {
        struct ic_door_reply reply = reply_of((enum ic_door_reply_kind)kind);
        assert_int_equal(seal(&reply, COHOST), IC_OK);
        for (size_t i = 0; i < IC_COUNT(places); i++)
            assert_int_equal(open_at(&got, ic_written(&w), &places[i], KNOCK), IC_ERR_FORGED);
        assert_int_equal(open_at(&got, ic_written(&w), &PLACE, ic_bytes_of_text("another")),
                         IC_ERR_FORGED);
    }
    struct ic_door_reply reply = reply_of(IC_DOOR_REPLY_REFUSED);
    assert_int_equal(seal(&reply, COHOST), IC_OK);
    assert_int_equal(ic_door_reply_open(&got, buffer, ic_written(&w), &PLACE, KNOCK,
                                        admit_private_of(1), usual_grants()),
                     IC_ERR_FORGED);
}

TEST(reply_that_is_cut_or_changed_is_refused)
{
    for (int kind = IC_DOOR_REPLY_KEYS; kind <= IC_DOOR_REPLY_UNREADABLE; kind++) {
        struct ic_door_reply reply = reply_of((enum ic_door_reply_kind)kind);
        assert_int_equal(seal(&reply, COHOST), IC_OK);
        if (kind == IC_DOOR_REPLY_KEYS) {
            check_damage(ic_written(&w), open, 5);
            continue;
        }
        /* In the open the padding is nobody's: cut by a zero it says the same. */
        size_t len = 1 + 1 + 1 + 4 + 1 + 1 + 33 + 2 + 64;
        for (size_t i = 0; i < w.len; i++) {
            room[i] ^= 1;
            assert_int_not_equal(open(ic_written(&w)), IC_OK);
            room[i] ^= 1;
        }
        for (size_t cut = 0; cut < len; cut++)
            assert_int_not_equal(open((struct ic_bytes){room, cut}), IC_OK);
    }
}

TEST(reply_with_what_its_kind_does_not_have_is_not_written)
{
    struct ic_door_reply reply = reply_of(IC_DOOR_REPLY_QUESTION);
    reply.text = (struct ic_bytes){0};
    assert_int_equal(seal(&reply, COHOST), IC_ERR_MALFORMED);
    reply = reply_of(IC_DOOR_REPLY_SOON);
    reply.link_secret = (struct ic_bytes){PSK, sizeof PSK};
    assert_int_equal(seal(&reply, COHOST), IC_ERR_MALFORMED);
    reply = reply_of(IC_DOOR_REPLY_KEYS);
    reply.link_secret.len = 31;
    assert_int_equal(seal(&reply, COHOST), IC_ERR_MALFORMED);
    reply = reply_of((enum ic_door_reply_kind)6);
    assert_int_equal(seal(&reply, COHOST), IC_ERR_MALFORMED);
}

/* What may be read by the server must not be taken for a refusal or for keys. */
TEST(reply_in_the_open_says_only_that_a_knock_did_not_open)
{
    struct ic_door_reply reply = reply_of(IC_DOOR_REPLY_REFUSED);
    struct ic_door_pair pair = pair_of(COHOST);
    w = ic_writer_of(room, sizeof room);
    assert_int_equal(ic_door_reply_seal(&w, &reply, &PLACE, KNOCK, (struct ic_bytes){0}, &pair),
                     IC_ERR_MALFORMED);
    reply.kind = IC_DOOR_REPLY_UNREADABLE;
    assert_int_equal(ic_door_reply_seal(&w, &reply, &PLACE, KNOCK,
                                        (struct ic_bytes){admit_public[0], IC_KEM_PUBLIC_MAX},
                                        &pair),
                     IC_ERR_MALFORMED);
}

/* Only what has no key to be sealed to goes in the open, and nothing else does. */
TEST(reply_in_the_open_that_should_be_sealed_is_refused)
{
    struct ic_door_reply unreadable = reply_of(IC_DOOR_REPLY_UNREADABLE);

    assert_int_equal(seal(&unreadable, COHOST), IC_OK);
    assert_int_equal(open(ic_written(&w)), IC_OK);
    room[0] = 3; /* neither form */
    assert_int_equal(open(ic_written(&w)), IC_ERR_MALFORMED);
    static uint8_t longer[IC_DOOR_REPLY_MAX + 1] = {2};
    assert_int_equal(open((struct ic_bytes){longer, sizeof longer}), IC_ERR_MALFORMED);
}

RUN_TESTS(cmocka_unit_test(reply_of_each_kind_is_read_as_it_was_written),
          cmocka_unit_test(reply_looks_the_same_whether_yes_or_no),
          cmocka_unit_test(reply_of_somebody_without_the_right_is_refused),
          cmocka_unit_test(reply_to_another_knock_participant_meeting_or_key_is_refused),
          cmocka_unit_test(reply_that_is_cut_or_changed_is_refused),
          cmocka_unit_test(reply_with_what_its_kind_does_not_have_is_not_written),
          cmocka_unit_test(reply_in_the_open_says_only_that_a_knock_did_not_open),
          cmocka_unit_test(reply_in_the_open_that_should_be_sealed_is_refused))
