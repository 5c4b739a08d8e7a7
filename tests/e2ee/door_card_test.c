/* The front card: only who has the link reads it, and only the host's is believed. */
#include "crypto/suite.h"
#include "e2ee/door/text.h"
#include "tests/e2ee/door_admit_rig.h"

static uint8_t card_keys[3][IC_DOOR_CARD_KEY_LEN] = {{1}, {2}, {3}};
static uint8_t written_room[IC_DOOR_CARD_SEALED_MAX], sealed_room[IC_DOOR_CARD_SEALED_MAX];
static uint8_t buffer[IC_DOOR_CARD_SEALED_MAX], pin[IC_DOOR_PIN_LEN];
static struct ic_writer sealed;

static struct ic_door_card usual_card(void)
{
    make_admit_keys();
    ic_door_pin(pin, key_of(ROOT).at);
    return (struct ic_door_card){
        .meeting = GROUP,
        .root_key = key_of(ROOT),
        .link_version = 1,
        .suite = IC_SUITE_HYBRID,
        .flags = IC_DOOR_CARD_WAITING_ROOM,
        .title = ic_bytes_of_text("Board, Monday"),
        .admit_keys = admit_keys,
        .grants = usual_grants(),
        .signer = key_of(HOST),
    };
}

static enum ic_err seal(const struct ic_door_card *card, int who, size_t count)
{
    struct ic_writer w = ic_writer_of(written_room, sizeof written_room);
    struct ic_door_pair pair = pair_of(who);
    enum ic_err err = ic_door_write_card(&w, card, &pair);
    sealed = ic_writer_of(sealed_room, sizeof sealed_room);
    return err == IC_OK
               ? ic_door_card_seal(&sealed, ic_written(&w), MEETING,
                                   (const uint8_t(*)[IC_DOOR_CARD_KEY_LEN])card_keys, count)
               : err;
}

static enum ic_err open_with(struct ic_door_card *card, int key, struct ic_bytes bytes)
{
    return ic_door_card_open(card, buffer, bytes, MEETING, card_keys[key]);
}

static enum ic_err open(struct ic_bytes bytes)
{
    struct ic_door_card card;
    enum ic_err err = open_with(&card, 0, bytes);
    return err == IC_OK ? ic_door_card_verify(&card, MEETING, pin, 0) : err;
}

static enum ic_err verdict(const struct ic_door_card *card, int who)
{
    assert_int_equal(seal(card, who, 1), IC_OK);
    return open(ic_written(&sealed));
}

TEST(card_opens_with_the_link_and_with_each_invite)
{
    struct ic_door_card card = usual_card(), got;

    assert_int_equal(seal(&card, HOST, 2), IC_OK);
    for (int key = 0; key < 2; key++) {
        assert_int_equal(open_with(&got, key, ic_written(&sealed)), IC_OK);
        assert_int_equal(ic_door_card_verify(&got, MEETING, pin, 0), IC_OK);
        assert_true(ic_bytes_equal(got.title, card.title));
        assert_true(ic_bytes_equal(got.admit_keys, card.admit_keys));
        assert_int_equal(got.suite, IC_SUITE_HYBRID);
        assert_int_equal(got.flags, IC_DOOR_CARD_WAITING_ROOM);
    }
    assert_int_equal(open_with(&got, 2, ic_written(&sealed)), IC_ERR_FORGED);
}

TEST(card_length_tells_neither_the_title_nor_how_many_are_invited)
{
    struct ic_door_card card = usual_card();

    assert_int_equal(seal(&card, HOST, 1), IC_OK);
    size_t len = sealed.len;
    assert_int_equal(len % IC_DOOR_CARD_PADDING, 0);
    card.title = (struct ic_bytes){0};
    assert_int_equal(seal(&card, HOST, 3), IC_OK);
    assert_int_equal(sealed.len, len);
    assert_int_equal(sealed_room[0], 16);
}

TEST(card_that_is_cut_or_changed_is_refused)
{
    struct ic_door_card card = usual_card();

    assert_int_equal(seal(&card, HOST, 1), IC_OK);
    /* Noise that stands for invites may change; nobody opens with it. */
    struct ic_bytes good = ic_written(&sealed);
    assert_int_equal(open(good), IC_OK);
    for (size_t i = 0; i < good.len; i += 3) {
        if (i >= 13 + 32 && i < 13 + 16 * 32)
            continue;
        sealed_room[i] ^= 1;
        if (open(good) == IC_OK)
            fail_msg("changed at %zu", i);
        sealed_room[i] ^= 1;
    }
    for (size_t len = 0; len < good.len; len += 7)
        assert_int_not_equal(open((struct ic_bytes){sealed_room, len}), IC_OK);
}

TEST(card_of_another_meeting_does_not_open)
{
    static const uint8_t ELSEWHERE[IC_MEETING_LEN] = {8};
    struct ic_door_card card = usual_card(), got;

    assert_int_equal(seal(&card, HOST, 1), IC_OK);
    assert_int_equal(ic_door_card_open(&got, buffer, ic_written(&sealed), ELSEWHERE, card_keys[0]),
                     IC_ERR_FORGED);
}

TEST(card_of_the_root_or_of_who_may_change_settings_is_believed)
{
    struct ic_door_card card = usual_card();

    assert_int_equal(verdict(&card, HOST), IC_OK);
    card.signer = (struct ic_bytes){0};
    assert_int_equal(verdict(&card, ROOT), IC_OK);
    assert_int_equal(verdict(&card, HOST), IC_ERR_FORGED);
    card.signer = key_of(COHOST); /* admits, but changes no settings */
    assert_int_equal(verdict(&card, COHOST), IC_ERR_FORBIDDEN);
    card.signer = key_of(GUEST);
    assert_int_equal(verdict(&card, GUEST), IC_ERR_FORBIDDEN);
}

TEST(card_with_another_host_root_key_is_refused)
{
    uint8_t room[1024];
    struct ic_writer w = ic_writer_of(room, sizeof room);
    struct ic_door_card card = usual_card();
    const struct ic_door_grant grant = {
        .meeting = GROUP, .rights = IC_DOOR_ALL_RIGHTS, .link_version = 1, .member = key_of(OTHER)};
    struct ic_door_pair evil = pair_of(OTHER);

    /* Consistent in itself, as a server could make it that has the link. */
    assert_int_equal(ic_door_write_grant(&w, &grant, &evil), IC_OK);
    card.root_key = key_of(OTHER);
    card.grants = ic_written(&w);
    card.admit_keys = (struct ic_bytes){0};
    card.signer = (struct ic_bytes){0};
    assert_int_equal(verdict(&card, OTHER), IC_ERR_FORGED);
}

TEST(card_with_an_admit_key_of_somebody_without_the_right_is_refused)
{
    uint8_t room[2048];
    struct ic_writer w = ic_writer_of(room, sizeof room);
    const struct ic_door_admit_key key = {key_of(GUEST), {admit_public[0], IC_KEM_PUBLIC_MAX}};
    struct ic_door_card card = usual_card();

    ic_door_write_admit_key(&w, &key);
    card.admit_keys = ic_written(&w);
    assert_int_equal(verdict(&card, HOST), IC_ERR_FORBIDDEN);
}

TEST(card_whose_right_holders_have_run_out_is_refused)
{
    uint8_t room[1024];
    struct ic_writer w = ic_writer_of(room, sizeof room);
    struct ic_door_card card = usual_card(), got;
    struct ic_door_pair root = pair_of(ROOT);
    const struct ic_door_grant grant = {.meeting = GROUP,
                                        .rights = IC_DOOR_ALL_RIGHTS,
                                        .expiry_ms = 5000,
                                        .link_version = 1,
                                        .member = key_of(HOST)};

    assert_int_equal(ic_door_write_grant(&w, &grant, &root), IC_OK);
    put_grant(&w, COHOST, HOST, IC_DOOR_ADMIT, 1);
    card.grants = ic_written(&w);
    assert_int_equal(seal(&card, HOST, 1), IC_OK);
    assert_int_equal(open_with(&got, 0, ic_written(&sealed)), IC_OK);
    assert_int_equal(ic_door_card_verify(&got, MEETING, pin, 4999), IC_OK);
    assert_int_equal(ic_door_card_verify(&got, MEETING, pin, 5000), IC_ERR_FORBIDDEN);
}

TEST(card_with_eight_admit_keys_fits_and_with_nine_is_refused)
{
    static uint8_t room[9 * 1300];
    struct ic_writer w = ic_writer_of(room, sizeof room);
    struct ic_door_card card = usual_card(), got;

    for (int i = 0; i < 9; i++) {
        const struct ic_door_admit_key key = {key_of(HOST), {admit_public[0], IC_KEM_PUBLIC_MAX}};
        ic_door_write_admit_key(&w, &key);
        card.admit_keys = ic_written(&w);
        assert_int_equal(seal(&card, HOST, 3), IC_OK);
        assert_int_equal(open_with(&got, 0, ic_written(&sealed)), i < 8 ? IC_OK : IC_ERR_MALFORMED);
    }
}

TEST(card_for_nobody_or_too_many_is_not_sealed)
{
    static uint8_t keys[IC_DOOR_CARD_OPENERS_MAX + 1][IC_DOOR_CARD_KEY_LEN];
    const uint8_t(*all)[IC_DOOR_CARD_KEY_LEN] = (const uint8_t(*)[IC_DOOR_CARD_KEY_LEN])keys;
    struct ic_bytes text = ic_bytes_of_text("x");
    struct ic_writer w = ic_writer_of(sealed_room, sizeof sealed_room);

    assert_int_equal(ic_door_card_seal(&w, text, MEETING, all, 0), IC_ERR_FULL);
    assert_int_equal(ic_door_card_seal(&w, text, MEETING, all, IC_COUNT(keys)), IC_ERR_FULL);
    assert_int_equal(ic_door_card_seal(&w, text, MEETING, all, IC_DOOR_CARD_OPENERS_MAX), IC_OK);
    w = ic_writer_of(sealed_room, 4095);
    assert_int_equal(ic_door_card_seal(&w, text, MEETING, all, 1), IC_ERR_FULL);
}

/* Signed by who may, so that the form alone decides. */
TEST(card_that_breaks_its_form_is_not_read_though_it_is_signed)
{
    static const uint8_t SHORT[31] = {1};
    uint8_t long_title[IC_DOOR_TITLE_MAX + 1];
    static uint8_t room[4096];
    struct ic_writer odd_owner = ic_writer_of(room, 2048);
    struct ic_writer short_key = ic_writer_of(room + 2048, 2048);
    const struct ic_door_card usual = usual_card();
    struct ic_door_card cards[7], got;

    ic_door_write_admit_key(
        &odd_owner,
        &(struct ic_door_admit_key){{SHORT, sizeof SHORT}, {admit_public[0], IC_KEM_PUBLIC_MAX}});
    ic_door_write_admit_key(
        &short_key,
        &(struct ic_door_admit_key){key_of(HOST), {admit_public[0], IC_KEM_PUBLIC_MAX - 1}});
    memset(long_title, 'x', sizeof long_title);
    for (size_t i = 0; i < IC_COUNT(cards); i++)
        cards[i] = usual;
    cards[0].flags = IC_DOOR_CARD_FLAGS + 1;
    cards[1].link_version = 0;
    cards[2].title = ic_bytes_of_text("two\nlines");
    cards[3].title = (struct ic_bytes){long_title, sizeof long_title};
    cards[4].signer = (struct ic_bytes){SHORT, sizeof SHORT};
    cards[5].admit_keys = ic_written(&odd_owner);
    cards[6].admit_keys = ic_written(&short_key);
    for (size_t i = 0; i < IC_COUNT(cards); i++) {
        assert_int_equal(seal(&cards[i], HOST, 1), IC_OK);
        if (open_with(&got, 0, ic_written(&sealed)) != IC_ERR_MALFORMED)
            fail_msg("card %zu", i);
    }
}

TEST(card_of_another_format_is_not_read)
{
    struct ic_door_card card = usual_card(), got;
    struct ic_writer w = ic_writer_of(written_room, sizeof written_room);
    struct ic_door_pair pair = pair_of(HOST);

    assert_int_equal(ic_door_write_card(&w, &card, &pair), IC_OK);
    written_room[0]++;
    sealed = ic_writer_of(sealed_room, sizeof sealed_room);
    assert_int_equal(ic_door_card_seal(&sealed, ic_written(&w), MEETING,
                                       (const uint8_t(*)[IC_DOOR_CARD_KEY_LEN])card_keys, 1),
                     IC_OK);
    assert_int_equal(open_with(&got, 0, ic_written(&sealed)), IC_ERR_MALFORMED);
}

/* Sealed for this meeting by somebody who has the link, and signed by a host for another. */
TEST(card_that_a_host_signed_for_another_meeting_is_refused)
{
    static const uint8_t ELSEWHERE[IC_MEETING_LEN] = {8};
    struct ic_door_card card = usual_card();

    card.meeting = (struct ic_bytes){ELSEWHERE, sizeof ELSEWHERE};
    card.grants = (struct ic_bytes){0};
    card.admit_keys = (struct ic_bytes){0};
    card.signer = (struct ic_bytes){0};
    assert_int_equal(verdict(&card, ROOT), IC_ERR_FORBIDDEN);
}

TEST(card_whose_grants_do_not_lead_to_the_root_is_refused)
{
    static uint8_t room[1024];
    struct ic_writer w = ic_writer_of(room, sizeof room);
    struct ic_door_card card = usual_card();

    put_grant(&w, HOST, ROOT, IC_DOOR_ALL_RIGHTS, 1);
    put_grant(&w, COHOST, OTHER, IC_DOOR_ADMIT, 1);
    card.grants = ic_written(&w);
    card.admit_keys = (struct ic_bytes){0};
    assert_int_equal(verdict(&card, HOST), IC_ERR_FORBIDDEN);
}

RUN_TESTS(cmocka_unit_test(card_opens_with_the_link_and_with_each_invite),
          cmocka_unit_test(card_length_tells_neither_the_title_nor_how_many_are_invited),
          cmocka_unit_test(card_that_is_cut_or_changed_is_refused),
          cmocka_unit_test(card_of_another_meeting_does_not_open),
          cmocka_unit_test(card_of_the_root_or_of_who_may_change_settings_is_believed),
          cmocka_unit_test(card_with_another_host_root_key_is_refused),
          cmocka_unit_test(card_with_an_admit_key_of_somebody_without_the_right_is_refused),
          cmocka_unit_test(card_whose_right_holders_have_run_out_is_refused),
          cmocka_unit_test(card_with_eight_admit_keys_fits_and_with_nine_is_refused),
          cmocka_unit_test(card_for_nobody_or_too_many_is_not_sealed),
          cmocka_unit_test(card_that_breaks_its_form_is_not_read_though_it_is_signed),
          cmocka_unit_test(card_of_another_format_is_not_read),
          cmocka_unit_test(card_that_a_host_signed_for_another_meeting_is_refused),
          cmocka_unit_test(card_whose_grants_do_not_lead_to_the_root_is_refused))
