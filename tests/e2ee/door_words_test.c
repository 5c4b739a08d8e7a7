/* The words to compare: the same from the same epoch, and each word's number beside it (SEC-08). */
#include "e2ee/door/words.h"

#include "tests/e2ee/door_rig.h"

static size_t count(const char *text, char c)
{
    size_t found = 0;
    for (; *text; text++)
        found += *text == c;
    return found;
}

static void words_of(char text[IC_DOOR_WORDS_SIZE], uint8_t fill)
{
    uint8_t key[IC_DOOR_WORDS_KEY_LEN];
    memset(key, fill, sizeof key);
    ic_door_words(text, key);
}

TEST(words_are_eight_with_a_number_each)
{
    char text[IC_DOOR_WORDS_SIZE];
    for (unsigned fill = 0; fill < 256; fill++) {
        words_of(text, (uint8_t)fill);
        assert_int_equal(count(text, '\n'), 1);
        assert_int_equal(count(text, ' '), 2 * (IC_DOOR_WORDS - 1));
        const char *numbers = strchr(text, '\n') + 1;
        assert_int_equal(strlen(numbers), 5 * IC_DOOR_WORDS - 1);
        for (size_t i = 0; i < IC_DOOR_WORDS; i++)
            assert_true(strtoul(numbers + 5 * i, NULL, 10) < 2048);
    }
}

TEST(words_take_eleven_bits_each_from_the_front)
{
    char text[IC_DOOR_WORDS_SIZE];
    uint8_t key[IC_DOOR_WORDS_KEY_LEN] = {0};
    ic_door_words(text, key);
    assert_string_equal(strchr(text, '\n') + 1, "0000 0000 0000 0000 0000 0000 0000 0000");
    key[0] = 0x80;  /* the first bit of the first word */
    key[1] = 0x30;  /* the last of the first, the first of the second */
    key[10] = 0x01; /* the last of the last */
    key[11] = 0xff; /* used by none */
    ic_door_words(text, key);
    assert_string_equal(strchr(text, '\n') + 1, "1025 1024 0000 0000 0000 0000 0000 0001");
    words_of(text, 0xff);
    assert_string_equal(strchr(text, '\n') + 1, "2047 2047 2047 2047 2047 2047 2047 2047");
    assert_memory_equal(text, "zoo zoo zoo zoo zoo zoo zoo zoo\n", 32);
}

/* The same in the browser: web/src/e2ee/conference.test.ts. */
TEST(words_of_a_known_epoch_are_these)
{
    static const uint8_t AUTHENTICATOR[IC_SHA256_LEN] = {1};
    uint8_t key[IC_DOOR_WORDS_KEY_LEN];
    char text[IC_DOOR_WORDS_SIZE];
    ic_door_words_key(key, AUTHENTICATOR, MEETING);
    ic_door_words(text, key);
    assert_string_equal(text, "east spend push garage sentence regret exist better\n"
                              "0557 1674 1397 0763 1567 1445 0638 0172");
}

TEST(words_of_another_epoch_or_meeting_are_others)
{
    static const uint8_t ONE[IC_SHA256_LEN] = {1}, TWO[IC_SHA256_LEN] = {2};
    static const uint8_t OTHER_MEETING[IC_MEETING_LEN] = {9};
    uint8_t first[IC_DOOR_WORDS_KEY_LEN], again[IC_DOOR_WORDS_KEY_LEN];
    ic_door_words_key(first, ONE, MEETING);
    ic_door_words_key(again, ONE, MEETING);
    assert_memory_equal(first, again, sizeof first);
    ic_door_words_key(again, TWO, MEETING);
    assert_memory_not_equal(first, again, 11);
    ic_door_words_key(again, ONE, OTHER_MEETING);
    assert_memory_not_equal(first, again, 11);
}

RUN_TESTS(cmocka_unit_test(words_are_eight_with_a_number_each),
          cmocka_unit_test(words_take_eleven_bits_each_from_the_front),
          cmocka_unit_test(words_of_a_known_epoch_are_these),
          cmocka_unit_test(words_of_another_epoch_or_meeting_are_others))
