/* A knock: read by those who may admit, by nobody else, not even with the link. */
#include "e2ee/door/knock.h"

#include "tests/e2ee/door_admit_rig.h"

static uint8_t room[IC_DOOR_KNOCK_MAX], buffer[IC_DOOR_KNOCK_MAX], package[3500];
static const uint8_t ID[IC_DOOR_KNOCK_ID_LEN] = {4, 2};
static const struct ic_door_knock_place PLACE = {MEETING, PARTICIPANT, 1};
static struct ic_door_knock_secret secret = {.psk = {1, 2, 3}, .tag = {4, 5}};
static struct ic_writer w;

static struct ic_door_knock usual_knock(void)
{
    make_admit_keys();
    memset(package, 0xab, sizeof package);
    return (struct ic_door_knock){
        .key_package = {package, sizeof package},
        .reply_key = {admit_public[0], IC_KEM_PUBLIC_MAX},
        .id = {ID, sizeof ID},
        .answer = ic_bytes_of_text("I am the new one"),
    };
}

static void seal(void)
{
    struct ic_door_knock knock = usual_knock();
    w = ic_writer_of(room, sizeof room);
    assert_int_equal(ic_door_knock_seal(&w, &knock, &PLACE, &secret, admit_keys), IC_OK);
}

static enum ic_err open_as(int who, const struct ic_door_knock_place *place,
                           const struct ic_door_knock_secret *with)
{
    struct ic_door_knock knock;
    return ic_door_knock_open(&knock, buffer, ic_written(&w), place, with, admit_private_of(who));
}

static enum ic_err open(struct ic_bytes sealed)
{
    struct ic_door_knock knock;
    return ic_door_knock_open(&knock, buffer, sealed, &PLACE, &secret, admit_private_of(1));
}

TEST(knock_opens_for_each_right_holder)
{
    struct ic_door_knock want = usual_knock(), got;
    uint8_t tag[IC_DOOR_TAG_LEN];

    seal();
    assert_int_equal(ic_door_knock_tag(tag, ic_written(&w)), IC_OK);
    assert_memory_equal(tag, secret.tag, sizeof tag);
    for (int i = 0; i < ADMITTERS; i++) {
        assert_int_equal(
            ic_door_knock_open(&got, buffer, ic_written(&w), &PLACE, &secret, admit_private_of(i)),
            IC_OK);
        assert_true(ic_bytes_equal(got.key_package, want.key_package));
        assert_true(ic_bytes_equal(got.reply_key, want.reply_key));
        assert_true(ic_bytes_equal(got.id, want.id));
        assert_true(ic_bytes_equal(got.answer, want.answer));
    }
}

/* ACC-22, ACC-03: who waits has the link too. */
TEST(knock_does_not_open_for_somebody_else_with_the_link)
{
    static uint8_t private_key[IC_KEM_PRIVATE_MAX], public_key[IC_KEM_PUBLIC_MAX];
    struct ic_door_knock knock;

    seal();
    assert_int_equal(ic_kem_generate(private_key, public_key, IC_KEM_XWING), IC_OK);
    assert_int_equal(ic_door_knock_open(&knock, buffer, ic_written(&w), &PLACE, &secret,
                                        (struct ic_bytes){private_key, 32}),
                     IC_ERR_FORGED);
}

TEST(knock_with_a_wrong_passcode_or_link_does_not_open)
{
    struct ic_door_knock_secret other = secret;

    seal();
    other.psk[0] ^= 1;
    assert_int_equal(open_as(0, &PLACE, &other), IC_ERR_FORGED);
    other = secret;
    other.tag[0] ^= 1;
    assert_int_equal(open_as(0, &PLACE, &other), IC_ERR_NOT_FOUND);
}

TEST(knock_is_bound_to_meeting_participant_and_link_version)
{
    static const uint8_t ELSE[16] = {1};
    const struct ic_door_knock_place places[] = {
        {ELSE, PARTICIPANT, 1}, {MEETING, ELSE, 1}, {MEETING, PARTICIPANT, 2}};

    seal();
    for (size_t i = 0; i < IC_COUNT(places); i++)
        assert_int_equal(open_as(0, &places[i], &secret), IC_ERR_FORGED);
    assert_int_equal(open_as(0, &PLACE, &secret), IC_OK);
}

/* The second right-holder opens here; the entry of the first may be damaged. */
TEST(knock_that_is_cut_or_changed_is_refused)
{
    seal();
    size_t first = IC_DOOR_TAG_LEN + 1, second = first + 1152;
    assert_int_equal(open(ic_written(&w)), IC_OK);
    for (size_t i = 0; i < w.len; i += i < first ? 1 : 41) {
        if (i >= first && i < second)
            continue;
        room[i] ^= 1;
        if (open(ic_written(&w)) == IC_OK)
            fail_msg("changed at %zu", i);
        room[i] ^= 1;
    }
    for (size_t len = 0; len < w.len; len += 97)
        assert_int_not_equal(open((struct ic_bytes){room, len}), IC_OK);
}

/* What every member knows of an invite opens a knock made with it, and makes none. */
TEST(knock_with_an_invite_opens_only_if_who_was_invited_signed_it) /* ACC-10 */
{
    struct ic_door_knock_secret link = secret, invited = secret, opener, by_member;
    uint8_t other[IC_DOOR_INVITE_SIGNER_LEN];

    invited.invite = true;
    memset(invited.signer_private, 7, sizeof invited.signer_private);
    assert_int_equal(
        ic_signature_public(invited.signer_public, IC_SIGNATURE_ED25519,
                            (struct ic_bytes){invited.signer_private, IC_DOOR_INVITE_SIGNER_LEN}),
        IC_OK);
    opener = invited;
    memset(opener.signer_private, 0, sizeof opener.signer_private);
    secret = invited;
    seal();
    assert_int_equal(open_as(0, &PLACE, &opener), IC_OK);
    assert_int_equal(open_as(1, &PLACE, &opener), IC_OK);
    assert_int_equal(open_as(0, &PLACE, &link), IC_ERR_MALFORMED); /* it is none of the link */

    by_member = opener;
    memset(by_member.signer_private, 8, sizeof by_member.signer_private);
    assert_int_equal(ic_signature_public(other, IC_SIGNATURE_ED25519,
                                         (struct ic_bytes){by_member.signer_private, sizeof other}),
                     IC_OK);
    memcpy(by_member.signer_public, other, sizeof other);
    secret = by_member;
    seal();
    assert_int_equal(open_as(0, &PLACE, &opener), IC_ERR_FORGED);
    secret = link; /* or without any signature */
    seal();
    assert_int_equal(open_as(0, &PLACE, &opener), IC_ERR_FORGED);
}

/* A right-holder who opens a knock cannot pass another body on as the knocker's. */
TEST(knock_body_of_one_does_not_fit_the_entries_of_another)
{
    static uint8_t first[IC_DOOR_KNOCK_MAX];
    seal();
    memcpy(first, room, w.len);
    seal();
    size_t body = IC_DOOR_TAG_LEN + 1 + 2 * 1152;
    memcpy(room + body, first + body, w.len - body);
    assert_int_equal(open(ic_written(&w)), IC_ERR_FORGED);
}

TEST(knock_length_does_not_tell_the_answer)
{
    struct ic_door_knock knock = usual_knock();
    seal();
    size_t len = w.len;
    knock.answer = (struct ic_bytes){0};
    w = ic_writer_of(room, sizeof room);
    assert_int_equal(ic_door_knock_seal(&w, &knock, &PLACE, &secret, admit_keys), IC_OK);
    assert_int_equal(w.len, len);
}

TEST(knock_to_eight_fits_and_to_nobody_is_refused)
{
    static uint8_t keys[8 * 1300];
    struct ic_writer k = ic_writer_of(keys, sizeof keys);
    struct ic_door_knock knock = usual_knock();

    for (int i = 0; i < 8; i++) {
        const struct ic_door_admit_key key = {key_of(HOST), {admit_public[1], IC_KEM_PUBLIC_MAX}};
        ic_door_write_admit_key(&k, &key);
    }
    w = ic_writer_of(room, sizeof room);
    assert_int_equal(ic_door_knock_seal(&w, &knock, &PLACE, &secret, ic_written(&k)), IC_OK);
    assert_int_equal(open(ic_written(&w)), IC_OK);
    assert_int_equal(ic_door_knock_seal(&w, &knock, &PLACE, &secret, (struct ic_bytes){0}),
                     IC_ERR_MALFORMED);
    w = ic_writer_of(room, 4000);
    assert_int_equal(ic_door_knock_seal(&w, &knock, &PLACE, &secret, ic_written(&k)), IC_ERR_FULL);
}

/* Sealed by somebody who has the link, so that the form alone decides. */
TEST(knock_that_breaks_its_form_is_not_read_though_it_opens)
{
    const struct ic_door_knock usual = usual_knock();
    struct ic_door_knock knocks[4] = {usual, usual, usual, usual};

    knocks[0].key_package.len = 0;
    knocks[1].reply_key.len--;
    knocks[2].reply_key.len = 0;
    knocks[3].answer = ic_bytes_of_text("\x1b[31m"); /* would colour a terminal */
    for (size_t i = 0; i < IC_COUNT(knocks); i++) {
        w = ic_writer_of(room, sizeof room);
        assert_int_equal(ic_door_knock_seal(&w, &knocks[i], &PLACE, &secret, admit_keys), IC_OK);
        if (open(ic_written(&w)) != IC_ERR_MALFORMED)
            fail_msg("knock %zu", i);
    }
}

TEST(knock_for_nobody_or_for_too_many_is_refused_before_anything_is_tried)
{
    uint8_t *entries = calloc(1, IC_DOOR_KNOCK_MAX + 1);

    assert_non_null(entries);
    memcpy(entries, secret.tag, IC_DOOR_TAG_LEN);
    assert_int_equal(open((struct ic_bytes){entries, 1024}), IC_ERR_MALFORMED);
    entries[IC_DOOR_TAG_LEN] = IC_DOOR_ADMIT_KEYS_MAX + 1;
    assert_int_equal(open((struct ic_bytes){entries, IC_DOOR_KNOCK_MAX}), IC_ERR_MALFORMED);
    entries[IC_DOOR_TAG_LEN] = 1;
    assert_int_equal(open((struct ic_bytes){entries, IC_DOOR_KNOCK_MAX + 1}), IC_ERR_MALFORMED);
    assert_int_equal(open((struct ic_bytes){entries, IC_DOOR_KNOCK_MAX}), IC_ERR_FORGED);
    free(entries);
}

TEST(knock_too_short_for_a_tag_has_none)
{
    uint8_t tag[IC_DOOR_TAG_LEN];

    seal();
    assert_int_equal(ic_door_knock_tag(tag, (struct ic_bytes){room, IC_DOOR_TAG_LEN - 1}),
                     IC_ERR_MALFORMED);
}

RUN_TESTS(cmocka_unit_test(knock_opens_for_each_right_holder),
          cmocka_unit_test(knock_does_not_open_for_somebody_else_with_the_link),
          cmocka_unit_test(knock_with_a_wrong_passcode_or_link_does_not_open),
          cmocka_unit_test(knock_is_bound_to_meeting_participant_and_link_version),
          cmocka_unit_test(knock_that_is_cut_or_changed_is_refused),
          cmocka_unit_test(knock_with_an_invite_opens_only_if_who_was_invited_signed_it),
          cmocka_unit_test(knock_body_of_one_does_not_fit_the_entries_of_another),
          cmocka_unit_test(knock_length_does_not_tell_the_answer),
          cmocka_unit_test(knock_to_eight_fits_and_to_nobody_is_refused),
          cmocka_unit_test(knock_that_breaks_its_form_is_not_read_though_it_opens),
          cmocka_unit_test(knock_for_nobody_or_for_too_many_is_refused_before_anything_is_tried),
          cmocka_unit_test(knock_too_short_for_a_tag_has_none))
