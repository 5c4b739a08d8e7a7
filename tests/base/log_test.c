/* A log line is one line of JSON, whatever is put in. */
#include "base/log.h"

#include <stdio.h>
#include <unistd.h>

#include "tests/test.h"

static char line[2048];

/* What the log call `write_it` wrote to standard error. */
static void capture(void (*write_it)(void))
{
    int pipe_fds[2], saved = dup(STDERR_FILENO);

    assert_int_equal(pipe(pipe_fds), 0);
    dup2(pipe_fds[1], STDERR_FILENO);
    write_it();
    dup2(saved, STDERR_FILENO);
    close(pipe_fds[1]);
    ssize_t len = read(pipe_fds[0], line, sizeof line - 1);
    line[len > 0 ? len : 0] = 0;
    close(pipe_fds[0]);
    close(saved);
}

static void hostile_text(void)
{
    ic_log(IC_LOG_INFO, "test", IC_EVENT("event"), IC_TEXT("what", "a\"b\n\x1b[31m"),
           IC_NUMBER("n", -5));
}

TEST(log_line_cannot_be_split_or_coloured_by_its_text)
{
    capture(hostile_text);
    assert_string_equal(line, "{\"level\":\"info\",\"area\":\"test\",\"event\":\"event\","
                              "\"what\":\"a\\u0022b\\u000a\\u001b[31m\",\"n\":-5}\n");
}

static void a_debug_line(void)
{
    ic_log(IC_LOG_DEBUG, "test", IC_EVENT("event"));
}

TEST(log_drops_what_is_under_its_level)
{
    capture(a_debug_line);
    assert_string_equal(line, "");
}

static void too_much(void)
{
    char text[400];
    memset(text, '"', sizeof text - 1);
    text[sizeof text - 1] = 0;
    ic_log(IC_LOG_INFO, "test", IC_EVENT("event"), IC_NUMBER("n", 1), IC_TEXT("a", text),
           IC_TEXT("b", text));
}

TEST(log_leaves_out_fields_that_do_not_fit_and_keeps_the_line_whole)
{
    capture(too_much);
    assert_string_equal(line + strlen(line) - 2, "}\n");
    assert_non_null(strstr(line, "\"n\":1"));
}

static void plainly(void)
{
    ic_log_set_plain("incamera start-address");
    ic_log(IC_LOG_ERROR, "store", IC_EVENT("unknown_version"), IC_TEXT("path", "a_b\n\x1b[31m"),
           IC_NUMBER("version", 9));
    ic_log_set_plain(NULL);
}

TEST(log_in_words_is_one_line_that_does_nothing_to_the_terminal)
{
    capture(plainly);
    assert_string_equal(line, "incamera start-address: unknown version: a_b??[31m: version 9\n");
}

RUN_TESTS(cmocka_unit_test(log_line_cannot_be_split_or_coloured_by_its_text),
          cmocka_unit_test(log_drops_what_is_under_its_level),
          cmocka_unit_test(log_leaves_out_fields_that_do_not_fit_and_keeps_the_line_whole),
          cmocka_unit_test(log_in_words_is_one_line_that_does_nothing_to_the_terminal))
