/* What ic_json_read() reads, jansson reads alike; the rest it leaves to jansson. */
#include "server/json_reader.h"

#include <stdlib.h>

#include "tests/test.h"

enum { DEPTH_MAX = 4 };

static const char sample[] =
    " {\"type\":\"commit\",\"epoch\": 12,\t\"low\":-7,\"list\":[\"a b\",[],{}, true],"
    "\r\n\"inner\":{\"sealed\":\"q1-_wZ~\",\"no\":false,\"zero\":0,\"type\":[{}]}} ";

/* Without a byte behind it, so that a sanitizer sees one that is read. */
static json_t *read_exactly(const char *text, size_t len)
{
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    json_t *value = ic_json_read(copy, len, DEPTH_MAX);
    free(copy);
    return value;
}

/* Gives whether it was read. */
static bool reads_as_jansson_does(const char *text, size_t len)
{
    json_t *read = read_exactly(text, len);
    json_t *expected = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    bool was_read = read != NULL;

    if (was_read && !json_equal(read, expected))
        fail_msg("not as jansson: %.*s", (int)len, text);
    json_decref(read);
    json_decref(expected);
    return was_read;
}

TEST(json_reader_reads_what_a_client_says)
{
    static const char *const said[] = {
        sample,
        "{}",
        "{\"\":\"\"}",
        "{\"a\":999999999999999999,\"b\":-999999999999999999,\"c\":-0}",
        "{\"a\":[[[1]]]}",
        "{\"a\":\" !#[]^~\x7f/\"}",
    };

    for (size_t i = 0; i < IC_COUNT(said); i++)
        CHECK_ROW(said[i], reads_as_jansson_does(said[i], strlen(said[i])));
}

TEST(json_reader_agrees_with_jansson_on_every_damaged_byte)
{
    char text[sizeof sample];
    size_t read = 0;

    for (size_t len = 0; len < sizeof sample; len++)
        read += reads_as_jansson_does(sample, len);
    assert_int_equal(read, 2); /* the whole, and without the last space */
    for (size_t at = 0; at < sizeof sample - 1; at++)
        for (int byte = 0; byte < 256; byte++) {
            memcpy(text, sample, sizeof text);
            text[at] = (char)byte;
            read += reads_as_jansson_does(text, sizeof sample - 1);
        }
    assert_true(read > 3000);
}

TEST(json_reader_leaves_to_jansson_what_it_does_not_read)
{
    static const struct {
        const char *what, *text;
    } left[] = {
        {"nothing", ""},
        {"an escape", "{\"a\":\"\\u0041\"}"},
        {"an escaped quote", "{\"a\":\"\\\"\"}"},
        {"bytes beyond ASCII", "{\"a\":\"\xc3\xa4\"}"},
        {"a control character", "{\"a\":\"\x1f\"}"},
        {"null", "{\"a\":null}"},
        {"a fraction", "{\"a\":1.0}"},
        {"an exponent", "{\"a\":1e2}"},
        {"a leading zero", "{\"a\":01}"},
        {"a plus", "{\"a\":+1}"},
        {"a minus alone", "{\"a\":-}"},
        {"nineteen digits", "{\"a\":1000000000000000000}"},
        {"a key twice", "{\"a\":1,\"b\":2,\"a\":1}"},
        {"a comma too many", "{\"a\":1,}"},
        {"a comma too many in a list", "{\"a\":[1,]}"},
        {"no comma", "{\"a\":1\"b\":2}"},
        {"no colon", "{\"a\"1}"},
        {"a key without quotes", "{a:1}"},
        {"a list", "[1]"},
        {"a text alone", "\"a\""},
        {"two objects", "{}{}"},
        {"a bracket of the other kind", "{\"a\":[1}}"},
        {"half a word", "{\"a\":tru}"},
        {"a longer word", "{\"a\":truely}"},
        {"one level too many", "{\"a\":[[[[1]]]]}"},
    };

    for (size_t i = 0; i < IC_COUNT(left); i++)
        CHECK_ROW(left[i].what, !reads_as_jansson_does(left[i].text, strlen(left[i].text)));
    assert_null(read_exactly("{\"a\":\"b\0c\"}", 11));
}

TEST(json_reader_sees_each_byte_of_a_long_text)
{
    static const unsigned char wrong[] = {0x00, 0x1f, '\\', 0x80, 0xa0, 0xff};
    char text[] = "{\"a\":\"0123456789abcdefghijklmnopqrstuvwxyz\"}";
    size_t begin = strlen("{\"a\":\""), end = strlen(text) - strlen("\"}");

    assert_true(reads_as_jansson_does(text, strlen(text)));
    for (size_t at = begin; at < end; at++)
        for (size_t i = 0; i < IC_COUNT(wrong); i++) {
            char right = text[at];
            text[at] = (char)wrong[i];
            assert_null(read_exactly(text, sizeof text - 1));
            text[at] = right;
        }
}

RUN_TESTS(cmocka_unit_test(json_reader_reads_what_a_client_says),
          cmocka_unit_test(json_reader_agrees_with_jansson_on_every_damaged_byte),
          cmocka_unit_test(json_reader_sees_each_byte_of_a_long_text),
          cmocka_unit_test(json_reader_leaves_to_jansson_what_it_does_not_read))
