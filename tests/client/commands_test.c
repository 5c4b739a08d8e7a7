/* Which lines of the standard input are commands. */
#include "client/commands.h"

#include <stdlib.h>

#include "tests/test.h"

static struct ic_commands commands;
static char heard[256];

static void hear(void *owner, const char *line)
{
    assert_ptr_equal(owner, &commands);
    assert_true(strlen(heard) + strlen(line) + 2 < sizeof heard);
    strcat(strcat(heard, line), "|");
}

static void begin(void)
{
    commands = (struct ic_commands){.heard = hear, .owner = &commands};
    heard[0] = '\0';
}

static void say(const char *text)
{
    ic_commands_hear(&commands, ic_bytes_of_text(text));
}

TEST(commands_are_whole_lines_however_they_come)
{
    begin();
    say("lock\n\nchat He");
    assert_string_equal(heard, "lock|");
    say("llo\nunlo");
    assert_string_equal(heard, "lock|chat Hello|");
    say("ck");
    assert_string_equal(heard, "lock|chat Hello|");
    say("\n");
    assert_string_equal(heard, "lock|chat Hello|unlock|");
}

/* What somebody pastes into a chat must not end as a command of its own. */
TEST(commands_too_long_are_dropped_with_their_end)
{
    static char line[2 * IC_COMMAND_SIZE];
    static const size_t LENGTHS[] = {IC_COMMAND_SIZE, IC_COMMAND_SIZE + 1, sizeof line - 1};
    for (size_t i = 0; i < IC_COUNT(LENGTHS); i++) {
        begin();
        memset(line, 'x', LENGTHS[i]);
        line[LENGTHS[i]] = '\0';
        say(line);
        say("lock\nunlock\n");
        assert_string_equal(heard, "unlock|");
    }
}

TEST(commands_with_a_zero_are_dropped)
{
    static const uint8_t BYTES[] = "lock\0 not\nunlock\n";
    begin();
    ic_commands_hear(&commands, (struct ic_bytes){BYTES, sizeof BYTES - 1});
    assert_string_equal(heard, "unlock|");
}

RUN_TESTS(cmocka_unit_test(commands_are_whole_lines_however_they_come),
          cmocka_unit_test(commands_too_long_are_dropped_with_their_end),
          cmocka_unit_test(commands_with_a_zero_are_dropped))
