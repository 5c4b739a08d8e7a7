/* The number that two members compare: the same for both, and another for every other key (SEC-08).
 */
#include "e2ee/door/safety.h"

#include "tests/e2ee/door_rig.h"

static const uint8_t AMARA[32] = {1}, LAYLA[32] = {2}, GHOST[32] = {3};
static const uint8_t OTHER_MEETING[IC_MEETING_LEN] = {9};

static struct ic_bytes key(const uint8_t bytes[32])
{
    return (struct ic_bytes){bytes, 32};
}

static size_t line(const char *text)
{
    return strcspn(text, "\n");
}

TEST(safety_number_is_the_same_for_both)
{
    char hers[IC_DOOR_SAFETY_SIZE], theirs[IC_DOOR_SAFETY_SIZE];
    ic_door_safety(hers, MEETING, key(AMARA), key(LAYLA));
    ic_door_safety(theirs, MEETING, key(LAYLA), key(AMARA));
    assert_int_equal(line(hers), 2 * IC_DOOR_FINGERPRINT_LEN + 1);
    assert_memory_equal(hers, theirs, line(hers));
    assert_memory_not_equal(hers + line(hers), theirs + line(theirs), IC_DOOR_FINGERPRINT_LEN + 1);
    assert_non_null(strstr(hers, theirs + line(theirs) + 1)); /* each holds both fingerprints */
}

TEST(safety_number_has_twelve_groups_of_five_digits)
{
    char text[IC_DOOR_SAFETY_SIZE];
    ic_door_safety(text, MEETING, key(AMARA), key(LAYLA));
    for (size_t i = 0; i < line(text); i++)
        assert_true(i % 6 == 5 ? text[i] == ' ' : text[i] >= '0' && text[i] <= '9');
}

TEST(safety_number_is_another_where_somebody_stands_between)
{
    char hers[IC_DOOR_SAFETY_SIZE], theirs[IC_DOOR_SAFETY_SIZE];
    ic_door_safety(hers, MEETING, key(AMARA), key(GHOST));
    ic_door_safety(theirs, MEETING, key(LAYLA), key(GHOST));
    assert_memory_not_equal(hers, theirs, line(hers));
    ic_door_safety(theirs, OTHER_MEETING, key(GHOST), key(AMARA));
    assert_memory_not_equal(hers, theirs, line(hers));
}

/* The same in the browser: web/src/e2ee/conference.test.ts looks at two of its own. */
TEST(safety_number_of_known_keys_is_this)
{
    char text[IC_DOOR_SAFETY_SIZE];
    ic_door_safety(text, MEETING, key(AMARA), key(LAYLA));
    assert_string_equal(text, "06173 89445 32927 44798 81266 69249 "
                              "79056 73393 11219 82174 92765 18153\n"
                              "79056 73393 11219 82174 92765 18153");
}

RUN_TESTS(cmocka_unit_test(safety_number_is_the_same_for_both),
          cmocka_unit_test(safety_number_has_twelve_groups_of_five_digits),
          cmocka_unit_test(safety_number_is_another_where_somebody_stands_between),
          cmocka_unit_test(safety_number_of_known_keys_is_this))
