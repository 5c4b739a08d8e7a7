/* A wrong command line names the flag and what is allowed. */
#include "client/options.h"
#include "tests/test.h"

#include <stdlib.h>

/* Parses words split at spaces; the error line goes to `error`. */
static enum ic_err parse(struct ic_options *out, const char *line, char error[256])
{
    static char words[512];
    char *argv[32] = {(char[]){"incamera-client"}};
    int argc = 1;
    strcpy(words, line);
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;

    memset(error, 0, 256);
    FILE *errors = fmemopen(error, 255, "w");
    enum ic_err err = ic_options_parse(out, argc, argv, errors);
    fclose(errors);
    return err;
}

TEST(options_have_defaults_that_join_once_and_only_receive)
{
    struct ic_options o;
    char error[256];

    assert_int_equal(parse(&o, "https://a/b#c", error), IC_OK);
    assert_int_equal(o.count, 1);
    assert_int_equal(o.layers, 1);
    assert_int_equal(o.show, 9);
    assert_int_equal(o.pattern_bps, 0);
    assert_null(o.audio);
    assert_string_equal(o.name, "headless");
}

TEST(options_take_values_after_a_space_or_an_equals_sign)
{
    struct ic_options o;
    char error[256];

    assert_int_equal(
        parse(&o, "L1 L2 --count 50 --ramp=5 --pattern=1500000 --tone --show=0", error), IC_OK);
    assert_int_equal(o.link_count, 2);
    assert_string_equal(o.links[1], "L2");
    assert_int_equal(o.count, 50);
    assert_int_equal(o.ramp, 5);
    assert_int_equal(o.pattern_bps, 1500000);
    assert_true(o.tone);
    assert_int_equal(o.show, 0);
}

TEST(options_name_what_is_wrong)
{
    static const struct {
        const char *line, *error;
    } rows[] = {
        {"", "a link is needed"},
        {"L --nope", "no option --nope"},
        {"--start A --count 2", "--start with --count needs --admit"},
        {"L --admit-after 100", "--admit-after needs --admit"},
        {"L --count", "--count needs N"},
        {"L --count 0", "--count takes a number from 1 to 4096, not \"0\""},
        {"L --count 5x", "not \"5x\""},
        {"L --count -1", "not \"-1\""},
        {"L --layers 4", "--layers takes a number from 1 to 3"},
        {"L --tone=loud", "--tone takes no value"},
        {"L --tone --audio f", "--audio and --tone"},
        {"L --video f --pattern 500000", "--video and --pattern"},
        {"L --layers 2", "--layers needs"},
        {"L --name a --name=b", "--name is given twice"},
        {"L --screen-audio f", "--screen-audio needs --screen"},
        {"L --video a --video b", "once for each of --layers"},
        {"L --video a --video b --video c --video d", "3 times"},
        {"L --start S", "--start makes its own link"},
        {"L --send-only", "--send-only needs"},
        {"L L L --count 4096", "one process"},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_options o;
        char error[256];
        CHECK_ROW(rows[i].line, parse(&o, rows[i].line, error) == IC_ERR_MALFORMED);
        CHECK_ROW(rows[i].line, strstr(error, rows[i].error) != NULL);
    }
}

TEST(options_help_lists_every_flag_in_one_screen)
{
    char *text = NULL;
    size_t len = 0, lines = 0;
    FILE *out = open_memstream(&text, &len);
    ic_options_help(out);
    fclose(out);
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    assert_non_null(strstr(text, "--insecure-certificate"));
    assert_true(lines < 40);
    free(text);
}

/* Reads the secrets of a command line from `input`; `secrets` lives on. */
static enum ic_err take(struct ic_options *o, const char *line, const char *input, char error[256])
{
    static struct ic_options_secrets secrets;
    FILE *in = fmemopen((char[512]){0}, 512, "w+"), *errors = fmemopen(error, 255, "w");

    memset(error, 0, 256);
    fputs(input, in);
    rewind(in);
    char ignored[256];
    assert_int_equal(parse(o, line, ignored), IC_OK);
    enum ic_err err = ic_options_take_secrets(o, &secrets, in, errors);
    fclose(in);
    fclose(errors);
    return err;
}

TEST(options_take_secrets_from_standard_input)
{
    struct ic_options o;
    char error[256];

    assert_int_equal(take(&o, "- -", "https://a/b#c\r\nsecond\n", error), IC_OK);
    assert_string_equal(o.links[0], "https://a/b#c");
    assert_string_equal(o.links[1], "second");
    assert_int_equal(take(&o, "--start=-", "https://a/start#t\n", error), IC_OK);
    assert_string_equal(o.start, "https://a/start#t");
    assert_int_equal(take(&o, "L", "ignored\n", error), IC_OK);
    assert_string_equal(o.links[0], "L");
}

TEST(options_name_a_secret_that_is_missing)
{
    struct ic_options o;
    char error[256];

    assert_int_equal(take(&o, "- - - - -", "1\n2\n3\n4\n5\n", error), IC_ERR_MALFORMED);
    assert_non_null(strstr(error, "at most 4 times"));
}

RUN_TESTS(cmocka_unit_test(options_take_secrets_from_standard_input),
          cmocka_unit_test(options_name_a_secret_that_is_missing),
          cmocka_unit_test(options_have_defaults_that_join_once_and_only_receive),
          cmocka_unit_test(options_take_values_after_a_space_or_an_equals_sign),
          cmocka_unit_test(options_name_what_is_wrong),
          cmocka_unit_test(options_help_lists_every_flag_in_one_screen))
