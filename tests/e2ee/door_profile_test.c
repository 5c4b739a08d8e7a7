/* The profile of a leaf: names are known before any media (PRV-03), and cannot deceive (ACC-17). */
#include "e2ee/door/profile.h"

#include "e2ee/mls/codec.h"
#include "tests/e2ee/door_rig.h"

static uint8_t room[IC_DOOR_PROFILE_MAX];

static struct ic_bytes written(const char *name, struct ic_bytes claims)
{
    const struct ic_door_profile profile = {
        {PARTICIPANT, sizeof PARTICIPANT}, ic_bytes_of_text(name), claims};
    struct ic_writer w = ic_writer_of(room, sizeof room);
    ic_door_write_profile(&w, &profile);
    return w.bad ? (struct ic_bytes){0} : ic_written(&w);
}

static enum ic_err open(struct ic_bytes data)
{
    struct ic_door_profile profile;
    struct ic_reader r = ic_reader_of(data);
    ic_door_read_profile(&r, &profile);
    return ic_mls_finish(&r);
}

TEST(profile_is_read_as_it_was_written)
{
    static const uint8_t CLAIMS[] = {0, 1, 2, 0xaa, 0xbb, 0, 2, 0};
    struct ic_bytes claims = {CLAIMS, sizeof CLAIMS};
    struct ic_reader r = ic_reader_of(written("Layla Rahman", claims));
    struct ic_door_profile profile;

    ic_door_read_profile(&r, &profile);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
    assert_memory_equal(profile.participant.at, PARTICIPANT, sizeof PARTICIPANT);
    assert_true(ic_bytes_equal(profile.name, ic_bytes_of_text("Layla Rahman")));
    assert_true(ic_bytes_equal(profile.claims, claims));
}

TEST(profile_length_does_not_tell_the_length_of_a_name)
{
    size_t shortest = written("L", (struct ic_bytes){0}).len;
    char name[61 * 4 + 1] = {0};

    memset(name, 'a', 60);
    assert_int_equal(written(name, (struct ic_bytes){0}).len, shortest);
    for (int i = 0; i < 60; i++)
        memcpy(name + 3 * i, "\xe6\x9d\x8e", 3);
    assert_int_equal(written(name, (struct ic_bytes){0}).len, shortest + 192);
    for (int i = 0; i < 60; i++)
        memcpy(name + 4 * i, "\xf0\x9f\x91\xa9", 4);
    assert_int_equal(written(name, (struct ic_bytes){0}).len, shortest + 192);
    memcpy(name + 240, "a", 2);
    assert_int_equal(written(name, (struct ic_bytes){0}).len, 0);
}

TEST(profile_that_is_cut_or_longer_is_refused)
{
    struct ic_bytes data = written("Layla", (struct ic_bytes){0});
    for (size_t len = 0; len < data.len; len++) {
        uint8_t *cut = exact_copy((struct ic_bytes){data.at, len});
        assert_int_equal(open((struct ic_bytes){cut, len}), IC_ERR_MALFORMED);
        free(cut);
    }
    assert_int_equal(open((struct ic_bytes){room, data.len + 1}), IC_ERR_MALFORMED);
}

TEST(profile_with_damage_is_refused)
{
    static const struct {
        const char *what;
        size_t at;
        uint8_t value;
    } ROWS[] = {
        {"name without a length", 18, 0},
        {"name longer than its room", 18, 64},
        {"something in the padding", 30, 'x'},
        {"control in the name", 19, 7},
        {"no UTF-8", 19, 0xff},
        {"another size of the room", 17, 65},
        {"claims that are cut", 82, 1},
        {"length that leaves out a character", 18, 4},
    };
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        struct ic_bytes data = written("Layla", (struct ic_bytes){0});
        assert_int_equal(data.len, 83);
        CHECK_ROW(ROWS[i].what, open(data) == IC_OK);
        room[ROWS[i].at] = ROWS[i].value;
        CHECK_ROW(ROWS[i].what, open(data) == IC_ERR_MALFORMED);
    }
}

/* The same name in the longer room would be a second spelling. */
TEST(profile_has_one_spelling)
{
    uint8_t data[IC_PARTICIPANT_LEN + 2 + 256 + 1] = {0};
    data[16] = 0x41;
    data[18] = 5;
    memcpy(data + 19, "Layla", 5);
    assert_int_equal(open((struct ic_bytes){data, sizeof data}), IC_ERR_MALFORMED);
}

RUN_TESTS(cmocka_unit_test(profile_is_read_as_it_was_written),
          cmocka_unit_test(profile_length_does_not_tell_the_length_of_a_name),
          cmocka_unit_test(profile_that_is_cut_or_longer_is_refused),
          cmocka_unit_test(profile_with_damage_is_refused),
          cmocka_unit_test(profile_has_one_spelling))
