/* Coming back: only with the word of the old leaf's key. */
#include "e2ee/door/returning.h"

#include "tests/e2ee/door_rig.h"

static const struct ic_door_knock_place PLACE = {MEETING, PARTICIPANT, 2};
static const uint8_t PSK[IC_DOOR_PSK_LEN] = {1}, OTHER_PSK[IC_DOOR_PSK_LEN] = {2};
static uint8_t room[IC_DOOR_RETURNING_MAX], buffer[IC_DOOR_RETURNING_MAX], package[2800];
static const uint8_t REPLY_KEY[1216] = {6};
static struct ic_writer w;

static struct ic_door_returning usual_returning(void)
{
    return (struct ic_door_returning){.epoch = 12,
                                      .key_package = {package, sizeof package},
                                      .signature_key = key_of(GUEST),
                                      .reply_key = {REPLY_KEY, sizeof REPLY_KEY}};
}

static enum ic_err seal(int who)
{
    const struct ic_door_returning returning = usual_returning();
    struct ic_door_pair pair = pair_of(who);

    w = ic_writer_of(room, sizeof room);
    return ic_door_returning_seal(&w, &returning, &PLACE, PSK, &pair);
}

static enum ic_err open(struct ic_bytes sealed)
{
    struct ic_door_returning returning;
    return ic_door_returning_open(&returning, buffer, sealed, &PLACE, PSK);
}

TEST(returning_is_read_as_it_was_written)
{
    struct ic_door_returning got;
    uint32_t version;

    assert_int_equal(seal(GUEST), IC_OK);
    assert_int_equal(ic_door_returning_link_version(&version, ic_written(&w)), IC_OK);
    assert_int_equal(version, 2);
    assert_int_equal(ic_door_returning_open(&got, buffer, ic_written(&w), &PLACE, PSK), IC_OK);
    assert_int_equal(got.epoch, 12);
    assert_true(ic_bytes_equal(got.signature_key, key_of(GUEST)));
    assert_int_equal(got.key_package.len, sizeof package);
    assert_true(ic_bytes_equal(got.reply_key, (struct ic_bytes){REPLY_KEY, sizeof REPLY_KEY}));
}

TEST(returning_with_the_key_of_somebody_else_is_refused)
{
    assert_int_equal(seal(OTHER), IC_OK);
    assert_int_equal(open(ic_written(&w)), IC_ERR_FORGED);
}

TEST(returning_of_another_link_meeting_or_participant_is_refused)
{
    static const uint8_t ELSE[16] = {1};
    const struct ic_door_knock_place places[] = {
        {ELSE, PARTICIPANT, 2}, {MEETING, ELSE, 2}, {MEETING, PARTICIPANT, 3}};
    struct ic_door_returning got;

    assert_int_equal(seal(GUEST), IC_OK);
    for (size_t i = 0; i < IC_COUNT(places); i++)
        assert_int_equal(ic_door_returning_open(&got, buffer, ic_written(&w), &places[i], PSK),
                         IC_ERR_FORGED);
    assert_int_equal(ic_door_returning_open(&got, buffer, ic_written(&w), &PLACE, OTHER_PSK),
                     IC_ERR_FORGED);
}

TEST(returning_that_is_cut_or_changed_is_refused)
{
    assert_int_equal(seal(GUEST), IC_OK);
    check_damage(ic_written(&w), open, 3);
}

TEST(returning_without_room_is_refused)
{
    const struct ic_door_returning returning = {.epoch = 12,
                                                .key_package = {package, sizeof package},
                                                .signature_key = key_of(GUEST),
                                                .reply_key = {REPLY_KEY, sizeof REPLY_KEY}};
    struct ic_door_pair pair = pair_of(GUEST);
    w = ic_writer_of(room, 2000);
    assert_int_equal(ic_door_returning_seal(&w, &returning, &PLACE, PSK, &pair), IC_ERR_FULL);
}

/* Sealed and signed well, so that the form alone decides. */
TEST(returning_that_breaks_its_form_is_not_read_though_it_opens)
{
    const struct ic_door_returning usual = usual_returning();
    struct ic_door_returning odd[3] = {usual, usual, usual};
    struct ic_door_pair pair = pair_of(GUEST);

    odd[0].key_package.len = 0;
    odd[1].reply_key.len--;
    odd[2].signature_key.len--;
    for (size_t i = 0; i < IC_COUNT(odd); i++) {
        w = ic_writer_of(room, sizeof room);
        assert_int_equal(ic_door_returning_seal(&w, &odd[i], &PLACE, PSK, &pair), IC_OK);
        if (open(ic_written(&w)) != IC_ERR_MALFORMED)
            fail_msg("returning %zu", i);
    }
}

TEST(returning_longer_than_any_or_of_no_link_is_refused_before_anything_is_tried)
{
    static uint8_t longer[IC_DOOR_RETURNING_MAX + 1] = {0, 0, 0, 2};
    static const uint8_t NO_LINK[16], CUT[3] = {0, 0, 1};
    uint32_t version;

    assert_int_equal(open((struct ic_bytes){longer, sizeof longer}), IC_ERR_MALFORMED);
    assert_int_equal(open((struct ic_bytes){longer, sizeof longer - 1}), IC_ERR_FORGED);
    assert_int_equal(
        ic_door_returning_link_version(&version, (struct ic_bytes){NO_LINK, sizeof NO_LINK}),
        IC_ERR_MALFORMED);
    assert_int_equal(ic_door_returning_link_version(&version, (struct ic_bytes){CUT, sizeof CUT}),
                     IC_ERR_MALFORMED);
}

RUN_TESTS(
    cmocka_unit_test(returning_is_read_as_it_was_written),
    cmocka_unit_test(returning_with_the_key_of_somebody_else_is_refused),
    cmocka_unit_test(returning_of_another_link_meeting_or_participant_is_refused),
    cmocka_unit_test(returning_that_is_cut_or_changed_is_refused),
    cmocka_unit_test(returning_without_room_is_refused),
    cmocka_unit_test(returning_that_breaks_its_form_is_not_read_though_it_opens),
    cmocka_unit_test(returning_longer_than_any_or_of_no_link_is_refused_before_anything_is_tried))
