/* The server stores announcements; it can neither read nor change nor reassign one. */
#include "e2ee/e2ee.h"
#include "tests/test.h"

static const uint8_t SECRET[IC_LINK_SECRET_LEN] = {1}, OTHER_SECRET[IC_LINK_SECRET_LEN] = {2};
static const uint8_t MEETING[IC_MEETING_LEN] = {3}, OTHER_MEETING[IC_MEETING_LEN] = {4};
static const uint8_t WHO[IC_PARTICIPANT_LEN] = {5}, ELSE[IC_PARTICIPANT_LEN] = {6};
static const char TEXT[] = "{\"announcement\":1,\"name\":\"Layla Rahman\"}";

static uint8_t sealed[IC_ANNOUNCEMENT_SEALED_MAX], text[IC_ANNOUNCEMENT_TEXT_MAX];
static size_t sealed_len, text_len;

static struct ic_e2ee *sealed_by(const uint8_t *secret)
{
    struct ic_e2ee *core = ic_e2ee_new(secret, MEETING);
    assert_non_null(core);
    assert_int_equal(
        ic_e2ee_announcement_seal(core, sealed, &sealed_len, WHO, ic_bytes_of_text(TEXT)), IC_OK);
    return core;
}

static enum ic_err open_with(const struct ic_e2ee *core, const uint8_t *who, size_t len)
{
    return ic_e2ee_announcement_open(core, text, &text_len, who, (struct ic_bytes){sealed, len});
}

TEST(announcement_opens_for_whoever_has_the_link)
{
    struct ic_e2ee *core = sealed_by(SECRET);
    struct ic_e2ee *other = ic_e2ee_new(SECRET, MEETING);

    assert_int_equal(open_with(other, WHO, sealed_len), IC_OK);
    assert_memory_equal(text, TEXT, sizeof TEXT - 1);
    for (size_t i = sizeof TEXT - 1; i < text_len; i++)
        assert_int_equal(text[i], ' ');
    ic_e2ee_free(core);
    ic_e2ee_free(other);
}

TEST(announcement_length_does_not_tell_the_length_of_a_name)
{
    struct ic_e2ee *core = sealed_by(SECRET);
    size_t first_len = sealed_len;

    assert_int_equal(first_len, 256 + IC_ANNOUNCEMENT_OVERHEAD);
    assert_int_equal(
        ic_e2ee_announcement_seal(core, sealed, &sealed_len, WHO, ic_bytes_of_text("{}")), IC_OK);
    assert_int_equal(sealed_len, first_len);
    ic_e2ee_free(core);
}

TEST(announcement_of_one_participant_does_not_open_as_anothers)
{
    struct ic_e2ee *core = sealed_by(SECRET);

    assert_int_equal(open_with(core, ELSE, sealed_len), IC_ERR_FORGED);
    ic_e2ee_free(core);
}

TEST(announcement_does_not_open_with_another_link_or_in_another_meeting)
{
    struct ic_e2ee *core = sealed_by(SECRET);
    struct ic_e2ee *stranger = ic_e2ee_new(OTHER_SECRET, MEETING);
    struct ic_e2ee *elsewhere = ic_e2ee_new(SECRET, OTHER_MEETING);

    assert_int_equal(open_with(stranger, WHO, sealed_len), IC_ERR_FORGED);
    assert_int_equal(open_with(elsewhere, WHO, sealed_len), IC_ERR_FORGED);
    ic_e2ee_free(core);
    ic_e2ee_free(stranger);
    ic_e2ee_free(elsewhere);
}

TEST(announcement_with_any_bit_flipped_or_cut_short_does_not_open)
{
    struct ic_e2ee *core = sealed_by(SECRET);

    for (size_t bit = 0; bit < sealed_len * 8; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(open_with(core, WHO, sealed_len), IC_ERR_FORGED);
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < sealed_len; len++)
        assert_int_not_equal(open_with(core, WHO, len), IC_OK);
    assert_int_equal(open_with(core, WHO, sealed_len), IC_OK);
    ic_e2ee_free(core);
}

TEST(announcement_takes_a_text_of_the_greatest_length_and_refuses_a_longer_one)
{
    static uint8_t long_text[IC_ANNOUNCEMENT_TEXT_MAX + 1];
    struct ic_e2ee *core = sealed_by(SECRET);
    struct ic_bytes longest = {long_text, IC_ANNOUNCEMENT_TEXT_MAX};

    assert_int_equal(ic_e2ee_announcement_seal(core, sealed, &sealed_len, WHO, longest), IC_OK);
    assert_int_equal(sealed_len, IC_ANNOUNCEMENT_SEALED_MAX);
    assert_int_equal(open_with(core, WHO, sealed_len), IC_OK);
    assert_int_equal(text_len, longest.len);
    longest.len++;
    assert_int_equal(ic_e2ee_announcement_seal(core, sealed, &sealed_len, WHO, longest),
                     IC_ERR_FULL);
    ic_e2ee_free(core);
}

RUN_TESTS(
    cmocka_unit_test(announcement_opens_for_whoever_has_the_link),
    cmocka_unit_test(announcement_length_does_not_tell_the_length_of_a_name),
    cmocka_unit_test(announcement_of_one_participant_does_not_open_as_anothers),
    cmocka_unit_test(announcement_does_not_open_with_another_link_or_in_another_meeting),
    cmocka_unit_test(announcement_with_any_bit_flipped_or_cut_short_does_not_open),
    cmocka_unit_test(announcement_takes_a_text_of_the_greatest_length_and_refuses_a_longer_one))
