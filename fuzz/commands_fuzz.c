/* commands_fuzz.c - anything on the standard input of a headless client that is steered by lines:
 * what is obeyed is a whole line of it, and nothing breaks. A host is in a meeting, and knows
 * somebody inside and somebody who waits. */
#include "client/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/control.h"
#include "crypto/suite.h"
#include "e2ee/door/words.h"
#include "tests/lots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES_MAX = 40 };
static struct ic_conference *host;
static struct ic_control *control;
static struct ic_bytes input;
static size_t lines;

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* Stretching takes a tenth of a second. */
void __wrap_ic_door_words_key(uint8_t *key, const uint8_t *authenticator, const uint8_t *meeting);
void __wrap_ic_door_words_key(uint8_t *key, const uint8_t *authenticator, const uint8_t *meeting)
{
    (void)meeting;
    memcpy(key, authenticator, IC_DOOR_WORDS_KEY_LEN);
}

enum ic_err __wrap_ic_door_passcode_key(uint8_t *key, struct ic_bytes passcode,
                                        const uint8_t *meeting);
enum ic_err __wrap_ic_door_passcode_key(uint8_t *key, struct ic_bytes passcode,
                                        const uint8_t *meeting)
{
    (void)meeting;
    memset(key, (int)passcode.len, IC_DOOR_PSK_LEN);
    return IC_OK;
}

static void drain(void)
{
    const struct ic_conference_event *event;
    while (ic_conference_next_say(host))
        ;
    while ((event = ic_conference_next_event(host)))
        ic_control_show(control, event, host);
}

/* Is it one, with an end of line before and after it? */
static bool is_a_line_of_the_input(const char *line)
{
    size_t len = strlen(line), i = 0;
    while (i + len < input.len) {
        bool begins = i == 0 || input.at[i - 1] == '\n';
        if (begins && input.at[i + len] == '\n' && memcmp(input.at + i, line, len) == 0)
            return true;
        i++;
    }
    return false;
}

static void obey(void *owner, const char *line)
{
    (void)owner;
    if (lines++ >= LINES_MAX)
        return;
    must(strlen(line) < IC_COMMAND_SIZE && is_a_line_of_the_input(line));
    must(ic_control_obey(control, host, line, IC_NS_PER_SEC) != IC_ERR_SYSTEM);
    drain();
}

static void know(enum ic_conference_event_type type, const char *name)
{
    struct ic_conference_event event = {.type = type, .leaf = 1, .text = ic_bytes_of_text(name)};
    ic_control_show(control, &event, host);
}

static void begin(struct ic_e2ee *frames, FILE *out)
{
    struct ic_conference_options options = {
        .link = {.kind = IC_DOOR_LINK_HOST, .secret = {1}, .root_seed = {2}},
        .name = ic_bytes_of_text("Amara"),
        .suite = IC_SUITE_X25519_AES128,
        .wall_ms_at_zero = UINT64_C(1795000000000),
        .frames = frames};
    struct ic_conference_joined joined = {.keeper = true};

    lots = 1;
    lines = 0;
    must(ic_conference_new(&host, &options) == IC_OK);
    must((control = ic_control_new(out, 1)) != NULL);
    must(ic_conference_hear_joined(host, &joined, IC_NS_PER_SEC) == IC_OK);
    drain();
    know(IC_EVENT_PERSON, "Kofi");
    know(IC_EVENT_KNOCK, "Ruth");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ic_commands commands;
    static FILE *out;
    struct ic_e2ee *frames = ic_e2ee_new();
    size_t half = size / 2;

    must(frames && (out || (out = fopen("/dev/null", "w"))));
    begin(frames, out);
    input = (struct ic_bytes){data, size};
    commands = (struct ic_commands){.heard = obey};
    ic_commands_hear(&commands, (struct ic_bytes){data, half});
    ic_commands_hear(&commands, (struct ic_bytes){data + half, size - half});
    must(ic_conference_tick(host, 2 * IC_NS_PER_SEC) == IC_OK);
    drain();
    ic_control_free(control);
    ic_conference_free(host);
    ic_e2ee_free(frames);
    return 0;
}
