/* What a conference wants said becomes the message of docs/protocol.md that the server expects. */
#include "client/talk.h"
#include "tests/test.h"

#include <stdlib.h>

static const uint8_t id[2][IC_PARTICIPANT_LEN] = {{1}, {2}};
static const uint8_t bytes[] = {0xde, 0xad, 0xbe, 0xef, 0x01};

#define A "AQAAAAAAAAAAAAAAAAAAAA"
#define B "AgAAAAAAAAAAAAAAAAAAAA"
#define SEALED "3q2-7wE"
#define HASH "AQAAAAAAAAAAAAAAAAAAAAIAAAAAAAAAAAAAAAAAAAA"

TEST(talk_writes_every_message_of_a_conference_and_knows_its_type)
{
    const struct ic_bytes sealed = {bytes, sizeof bytes}, one = {id[0], sizeof id[0]},
                          both = {id[0], sizeof id};
    const struct {
        const char *text;
        struct ic_say say;
    } rows[] = {
        {"{\"type\":\"card\",\"sealed\":\"" SEALED "\"}", {.type = IC_SAY_CARD, .sealed = sealed}},
        {"{\"type\":\"knock\",\"sealed\":\"" SEALED "\",\"returning\":true}",
         {.type = IC_SAY_KNOCK, .flag = true, .sealed = sealed}},
        {"{\"type\":\"reply\",\"participant\":\"" A "\",\"sealed\":\"" SEALED "\",\"final\":true}",
         {.type = IC_SAY_REPLY, .flag = true, .participants = one, .sealed = sealed}},
        {"{\"type\":\"commit\",\"epoch\":7,\"sealed\":\"" SEALED
         "\",\"welcome\":{\"participants\":[\"" A "\",\"" B "\"],\"sealed\":\"" SEALED
         "\"},\"removed\":[\"" A "\"]}",
         {.type = IC_SAY_COMMIT,
          .epoch = 7,
          .sealed = sealed,
          .welcome = sealed,
          .participants = both,
          .removed = one}},
        {"{\"type\":\"commit\",\"epoch\":0,\"sealed\":\"" SEALED "\"}",
         {.type = IC_SAY_COMMIT, .sealed = sealed}},
        {"{\"type\":\"reject\",\"epoch\":7,\"commit\":\"" HASH "\",\"sealed\":\"" SEALED "\"}",
         {.type = IC_SAY_REJECT, .epoch = 7, .sealed = sealed, .info = both}},
        {"{\"type\":\"reject\",\"epoch\":7,\"commit\":\"" HASH
         "\",\"later\":true,\"sealed\":\"" SEALED "\"}",
         {.type = IC_SAY_REJECT, .flag = true, .epoch = 7, .sealed = sealed, .info = both}},
        {"{\"type\":\"message\",\"sealed\":\"" SEALED "\"}",
         {.type = IC_SAY_MESSAGE, .sealed = sealed}},
        {"{\"type\":\"admissions\",\"hashes\":[\"" HASH "\"]}",
         {.type = IC_SAY_ADMISSIONS, .sealed = both}},
        {"{\"type\":\"keeper\",\"participant\":\"" A "\",\"keeper\":true}",
         {.type = IC_SAY_KEEPER, .flag = true, .participants = one}},
        {"{\"type\":\"commit\",\"epoch\":7,\"sealed\":\"" SEALED "\",\"info\":\"" SEALED "\"}",
         {.type = IC_SAY_COMMIT, .epoch = 7, .sealed = sealed, .info = sealed}},
        {"{\"type\":\"door\",\"open\":true,\"epoch\":7,\"info\":\"" SEALED "\"}",
         {.type = IC_SAY_DOOR, .flag = true, .epoch = 7, .sealed = sealed}},
        {"{\"type\":\"door\",\"open\":false}", {.type = IC_SAY_DOOR}},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        char *text = ic_talk_text(&rows[i].say);
        assert_non_null(text);
        assert_string_equal(text, rows[i].text);
        text[strcspn(text + 9, "\"") + 9] = 0; /* {"type":" */
        assert_int_equal(ic_talk_type(text + 9), rows[i].say.type);
        free(text);
    }
    assert_int_equal(ic_talk_type("show"), IC_SAYS);
}

RUN_TESTS(cmocka_unit_test(talk_writes_every_message_of_a_conference_and_knows_its_type))
