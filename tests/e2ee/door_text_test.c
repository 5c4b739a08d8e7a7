/* Names and texts of strangers: what may be shown (ACC-17). */
#include "e2ee/door/text.h"

#include "tests/test.h"

static const struct {
    const char *what, *text;
    bool is_name, is_text;
} ROWS[] = {
    {"plain", "Layla Rahman", true, true},
    {"other scripts", "\xd9\x84\xd9\x8a\xd9\x84\xd9\x89 \xe6\x9d\x8e", true, true},
    {"an emoji family with joiners", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7", true, true},
    {"an accent of its own", "e\xcc\x81", true, true},
    {"empty", "", false, false},
    {"only a space", " ", false, false},
    {"only a wide space", "\xe3\x80\x80", false, false},
    {"only a joiner", "\xe2\x80\x8d", false, false},
    {"space in front", " Layla", false, true},
    {"space behind", "Layla ", false, true},
    {"line feed", "Layla\nHost", false, true},
    {"carriage return", "a\rb", false, false},
    {"tab", "a\tb", false, false},
    {"delete", "a\x7f", false, false},
    {"C1 control", "a\xc2\x85", false, false},
    {"right-to-left override", "a\xe2\x80\xae", false, false},
    {"left-to-right mark", "a\xe2\x80\x8e", false, false},
    {"isolate", "a\xe2\x81\xa6", false, false},
    {"Arabic letter mark", "a\xd8\x9c", false, false},
    {"zero width space", "a\xe2\x80\x8b", false, false},
    {"soft hyphen", "a\xc2\xad", false, false},
    {"byte order mark",
     "\xef\xbb\xbf"
     "a",
     false, false},
    {"line separator", "a\xe2\x80\xa8", false, false},
    {"tag character", "a\xf3\xa0\x81\x81", false, false},
    {"Hangul filler", "\xe3\x85\xa4", false, false},
    {"private use", "a\xf3\xb0\x80\x80", false, false},
    {"cut sequence", "a\xe2\x80", false, false},
    {"lone continuation", "a\x80", false, false},
    {"continuation that leads", "a\x85\x80", false, false},
    {"letter that continues",
     "a\xc3"
     "A",
     false, false},
    {"a lead byte of none", "a\xf8\x90\x80\x80", false, false},
    {"second lead byte", "\xe2\xe2\x80\x80", false, false},
    {"overlong slash", "\xc0\xaf", false, false},
    {"overlong in three", "\xe0\x80\xaf", false, false},
    {"overlong in four", "\xf0\x80\x80\xaf", false, false},
    {"surrogate", "\xed\xa0\x80", false, false},
    {"beyond the last", "\xf4\x90\x80\x80", false, false},
    {"five bytes", "\xf8\x88\x80\x80\x80", false, false},
    {"noncharacter", "\xef\xbf\xbf", false, false},
};

TEST(text_with_what_could_deceive_is_refused)
{
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        struct ic_bytes text = ic_bytes_of_text(ROWS[i].text);
        CHECK_ROW(ROWS[i].what, ic_door_is_name(text, 60) == ROWS[i].is_name);
        CHECK_ROW(ROWS[i].what, ic_door_is_text(text, 60) == ROWS[i].is_text);
    }
    assert_false(ic_door_is_name((struct ic_bytes){(const uint8_t *)"a\0b", 3}, 60));
}

TEST(text_is_measured_in_characters)
{
    assert_true(ic_door_is_name(ic_bytes_of_text("\xe6\x9d\x8e\xe6\x9d\x8e"), 2));
    assert_false(ic_door_is_name(ic_bytes_of_text("\xe6\x9d\x8e\xe6\x9d\x8e"), 1));
}

RUN_TESTS(cmocka_unit_test(text_with_what_could_deceive_is_refused),
          cmocka_unit_test(text_is_measured_in_characters))
