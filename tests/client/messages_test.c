/* The C client's tables against docs/protocol.md: every example of the server's messages is read,
 * and every message that the client writes is one of the examples. */
#include "client/messages.h"
#include "tests/test.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static struct ic_heard heard;

static char *load_protocol(void)
{
    FILE *file = fopen(PROTOCOL_MD, "rb");
    static char text[64 * 1024];
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    return text;
}

/* The next ```json block between `*at` and `end`, or NULL; moves `*at` behind it. */
static const char *next_example(char **at, const char *end, size_t *len)
{
    char *start = strstr(*at, "```json\n");
    if (!start || (end && start > end))
        return NULL;
    start += strlen("```json\n");
    char *stop = strstr(start, "```");
    assert_non_null(stop);
    *at = stop + 3;
    *len = (size_t)(stop - start);
    return start;
}

static enum ic_err hear(const char *text)
{
    return ic_heard_parse(&heard, ic_bytes_of_text(text));
}

TEST(messages_hears_every_example_of_the_protocol)
{
    char *text = load_protocol();
    char *at = strstr(text, "## From the server\n");
    char *end = strstr(at, "\n## Inside");
    const char *example;
    size_t len;
    uint32_t seen = 0;

    while ((example = next_example(&at, end, &len))) {
        assert_int_equal(ic_heard_parse(&heard, (struct ic_bytes){(const uint8_t *)example, len}),
                         IC_OK);
        seen |= UINT32_C(1) << heard.type;
        ic_heard_clear(&heard);
    }
    assert_int_equal(seen, (UINT32_C(1) << IC_HEARD_TYPES) - 1);
}

TEST(messages_knows_every_error_code_of_the_protocol)
{
    char *text = load_protocol();
    for (int i = 0; i < IC_REFUSALS; i++) {
        char row[64];
        snprintf(row, sizeof row, "| `%s` |", ic_refusal_name((enum ic_refusal)i));
        CHECK_ROW(row, strstr(text, row) != NULL);
    }
}

/* Takes ownership of `said`. */
static bool is_an_example(char *said)
{
    char *at = strstr(load_protocol(), "## From the client");
    const char *example;
    size_t len;
    json_t *ours = json_loads(said, JSON_REJECT_DUPLICATES, NULL);
    bool found = false;

    while (!found && (example = next_example(&at, NULL, &len))) {
        json_t *theirs = json_loadb(example, len, JSON_REJECT_DUPLICATES, NULL);
        found = json_equal(ours, theirs);
        json_decref(theirs);
    }
    json_decref(ours);
    free(said);
    return found;
}

static const uint8_t *decoded(const char *text, size_t size)
{
    static uint8_t bytes[4][64];
    static int turn;
    uint8_t *out = bytes[turn++ % 4];
    assert_int_equal(ic_base64url_decode(out, size, text), IC_OK);
    return out;
}

#define PROOF "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define HOST "yv66vgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define RESUME "EBESExQVFhcYGRobHB0eHxAREhMUFRYXGBkaGxwdHh8"

#define SEALED "b3BhcXVlIHRvIHRoZSBzZXJ2ZXI"

TEST(messages_says_what_the_protocol_shows)
{
    uint8_t meeting[16], proof[32], host[32], resume[32], them[1][16], removed[1][16], text[20];
    const struct ic_bytes sealed = {text, sizeof text};
    const uint32_t epoch = 7;
    memcpy(meeting, decoded("AAECAwQFBgcICQoLDA0ODw", 16), 16);
    memcpy(proof, decoded(PROOF, 32), 32);
    memcpy(host, decoded(HOST, 32), 32);
    memcpy(resume, decoded(RESUME, 32), 32);
    memcpy(them[0], decoded("MDEyMzQ1Njc4OTo7PD0-Pw", 16), 16);
    memcpy(removed[0], decoded("ICEiIyQlJicoKSorLC0uLw", 16), 16);
    memcpy(text, decoded(SEALED, 20), 20);
    const struct ic_commit commit = {
        7, sealed, sealed, (const uint8_t(*)[16])them, 1, (const uint8_t(*)[16])removed, 1, sealed};

    assert_true(is_an_example(
        ic_say_create(decoded("q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6j7k8l9z0x1c", 32), proof, host)));
    assert_true(is_an_example(ic_say_join(meeting, proof, NULL, NULL, NULL)));
    assert_true(is_an_example(ic_say_join(meeting, proof, host, NULL, NULL)));
    assert_true(is_an_example(ic_say_join(meeting, proof, NULL, resume, &epoch)));
    assert_true(is_an_example(ic_say_card(sealed)));
    assert_true(is_an_example(ic_say_knock(sealed, true)));
    assert_true(is_an_example(ic_say_reply(them[0], sealed, false)));
    assert_true(is_an_example(ic_say_commit(&commit)));
    assert_true(is_an_example(ic_say_door(7, sealed)));
    assert_true(is_an_example(ic_say_door(0, (struct ic_bytes){0})));
    assert_true(is_an_example(ic_say_reject(
        7, decoded("q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6j7k8l9z0x1c", 32), false, sealed)));
    assert_true(is_an_example(ic_say_message(sealed)));
    assert_true(is_an_example(ic_say_admissions((const uint8_t(*)[32])proof, 1)));
    assert_true(is_an_example(ic_say_keeper(removed[0], true)));
}

TEST(messages_says_of_media_and_of_leaving_what_the_protocol_shows)
{
    struct ic_show show = {.mid = "9", .stream = IC_STREAM_CAMERA, .height = 360};

    assert_true(
        is_an_example(ic_say_live(1 << IC_STREAM_MICROPHONE | 1 << IC_STREAM_CAMERA, 720, 0)));
    assert_true(is_an_example(ic_say_speaking(true)));
    assert_true(is_an_example(ic_say_leave()));
    memcpy(show.participant, decoded("ICEiIyQlJicoKSorLC0uLw", 16), 16);
    assert_true(is_an_example(ic_say_show(&show, 1)));
}

TEST(messages_hears_what_joined_says)
{
    assert_int_equal(
        hear("{\"type\":\"joined\",\"participant\":\"MDEyMzQ1Njc4OTo7PD0-Pw\",\"resume\":\"" RESUME
             "\",\"host\":false,\"keeper\":true,\"epoch\":8,\"people\":["
             "\"ICEiIyQlJicoKSorLC0uLw\"],\"welcome\":\"" SEALED "\"}"),
        IC_OK);
    assert_int_equal(heard.type, IC_HEARD_JOINED);
    assert_int_equal(heard.id[0], 0x30);
    assert_true(heard.keeper && !heard.host && !heard.behind);
    assert_int_equal(heard.epoch, 8);
    assert_int_equal(heard.member_count, 1);
    assert_int_equal(heard.members[0][0], 0x20);
    assert_string_equal(heard.welcome, SEALED);
    assert_null(heard.info);
    ic_heard_clear(&heard);
}

TEST(messages_says_connect_as_the_protocol_shows)
{
    struct ic_connect c = {
        .connection = 1,
        .ice = {"2d3A", "W/gTAa7BaFAWBHc2ISScf/44"},
        .line_count = 4,
        .lines =
            {{.line = {.mid = "0",
                       .stream = IC_STREAM_MICROPHONE,
                       .pt = 111,
                       .red_pt = 111,
                       .ext = {[IC_EXT_MID] = 4, [IC_EXT_TWCC] = 3}}},
             {.line = {.mid = "1",
                       .stream = IC_STREAM_CAMERA,
                       .codec = IC_CODEC_VP8,
                       .pt = 96,
                       .rtx_pt = 97,
                       .layers = 7,
                       .ext = {[IC_EXT_MID] = 4,
                               [IC_EXT_TWCC] = 3,
                               [IC_EXT_RID] = 10,
                               [IC_EXT_RRID] = 11}}},
             {.kind = IC_SLOT_VOICE,
              .line = {.mid = "4",
                       .is_slot = true,
                       .pt = 111,
                       .red_pt = 63,
                       .ext = {[IC_EXT_MID] = 4, [IC_EXT_TWCC] = 3}}},
             {.kind = IC_SLOT_TILE,
              .line = {.mid = "9",
                       .is_slot = true,
                       .codec = IC_CODEC_VP8,
                       .pt = 96,
                       .rtx_pt = 97,
                       .ext = {[IC_EXT_MID] = 4, [IC_EXT_TWCC] = 3, [IC_EXT_ORIENTATION] = 7}}}},
    };
    memcpy(c.fingerprint, decoded("Z0wMGnUs78ijycVkR-UYPMM-ze4NTMYedimUinnTfQI", 32), 32);
    assert_true(is_an_example(ic_say_connect(&c)));
}

TEST(messages_hears_what_an_answer_says)
{
    assert_int_equal(
        hear("{\"type\":\"answer\",\"connection\":7,"
             "\"ice\":{\"ufrag\":\"abcd\",\"pwd\":\"0123456789012345678901\"},"
             "\"fingerprint\":\"" PROOF "\","
             "\"candidates\":[{\"protocol\":\"tcp\",\"address\":\"::1\",\"port\":9}],"
             "\"lines\":[{\"mid\":\"x\",\"extensions\":[\"mid\",\"rid\"],\"ssrc\":4294967295,"
             "\"rtx_ssrc\":2}]}"),
        IC_OK);
    assert_int_equal(heard.type, IC_HEARD_ANSWER);
    assert_int_equal(heard.connection, 7);
    assert_string_equal(heard.ice.ufrag, "abcd");
    assert_int_equal(heard.fingerprint[0], 0xDE);
    assert_int_equal(heard.candidate_count, 1);
    assert_true(heard.candidates[0].tcp);
    assert_string_equal(heard.candidates[0].address, "::1");
    assert_int_equal(heard.lines[0].extensions, 1 << IC_EXT_MID | 1 << IC_EXT_RID);
    assert_int_equal(heard.lines[0].ssrc, UINT32_MAX);
    assert_int_equal(heard.lines[0].rtx_ssrc, 2);
    ic_heard_clear(&heard);
}

TEST(messages_refuses_what_the_grammar_does_not_allow)
{
    static const struct {
        const char *what, *text;
    } bad[] = {
        {"nothing", ""},
        {"no object", "[]"},
        {"half an object", "{\"type\":\"ended\""},
        {"something behind", "{\"type\":\"ended\"} x"},
        {"no type", "{}"},
        {"an unknown type", "{\"type\":\"unmute\"}"},
        {"a type that is a number", "{\"type\":1}"},
        {"an unknown key", "{\"type\":\"ended\",\"why\":1}"},
        {"a key twice", "{\"type\":\"ended\",\"type\":\"ended\"}"},
        {"a missing key", "{\"type\":\"created\"}"},
        {"a short id", "{\"type\":\"created\",\"meeting\":\"AAEC\"}"},
        {"a long id", "{\"type\":\"created\",\"meeting\":\"AAECAwQFBgcICQoLDA0ODxA\"}"},
        {"a number for a flag", "{\"type\":\"voices\",\"crowded\":1}"},
        {"no layer", "{\"type\":\"wanted\",\"stream\":\"camera\",\"layers\":0}"},
        {"more layers than there are", "{\"type\":\"wanted\",\"stream\":\"camera\",\"layers\":4}"},
        {"layers of nothing", "{\"type\":\"wanted\",\"layers\":2}"},
        {"an unknown code", "{\"type\":\"error\",\"code\":\"tired\"}"},
        {"a negative time", "{\"type\":\"error\",\"code\":\"full\",\"retry_after\":-1}"},
        {"what the first stage said about somebody",
         "{\"type\":\"announced\",\"participant\":\"ICEiIyQlJicoKSorLC0uLw\",\"index\":1,"
         "\"sealed\":\"AAAA\"}"},
        {"what the first stage said to who came in",
         "{\"type\":\"joined\",\"participant\":\"ICEiIyQlJicoKSorLC0uLw\",\"index\":1,"
         "\"resume\":\"" RESUME "\",\"host\":false,\"people\":[]}"},
        {"people that are no list",
         "{\"type\":\"joined\",\"participant\":\"ICEiIyQlJicoKSorLC0uLw\",\"resume\":\"" RESUME
         "\",\"host\":false,\"keeper\":true,\"epoch\":8,\"people\":{}}"},
        {"an unknown stream", "{\"type\":\"slots\",\"slots\":[{\"mid\":\"1\",\"participant\":"
                              "\"ICEiIyQlJicoKSorLC0uLw\",\"stream\":\"keyboard\"}]}"},
        {"a mid that is too long",
         "{\"type\":\"slots\",\"slots\":[{\"mid\":\"0123456789abcdef\",\"participant\":"
         "\"ICEiIyQlJicoKSorLC0uLw\",\"stream\":\"camera\"}]}"},
        {"a card that is empty", "{\"type\":\"carded\",\"sealed\":\"\"}"},
        {"a card that is no base64url", "{\"type\":\"carded\",\"sealed\":\"A+==\"}"},
        {"a card that is a number", "{\"type\":\"carded\",\"sealed\":7}"},
        {"a commit of nobody", "{\"type\":\"committed\",\"epoch\":1,\"sealed\":\"AAAA\"}"},
        {"an epoch too high", "{\"type\":\"conflict\",\"epoch\":2147483648}"},
        {"gone that is a number", "{\"type\":\"left\",\"participant\":"
                                  "\"ICEiIyQlJicoKSorLC0uLw\",\"gone\":1}"},
        {"a member that is no id",
         "{\"type\":\"joined\",\"participant\":\"ICEiIyQlJicoKSorLC0uLw\",\"resume\":\"" RESUME
         "\",\"host\":false,\"keeper\":true,\"epoch\":8,\"people\":[7]}"},
        {"no type at all", "{\"type\":\"\"}"},
        {"a password that is too short", "{\"type\":\"restarted\",\"connection\":1,\"ice\":{"
                                         "\"ufrag\":\"abcd\",\"pwd\":\"short\"}}"},
    };
    for (size_t i = 0; i < IC_COUNT(bad); i++)
        CHECK_ROW(bad[i].what, hear(bad[i].text) == IC_ERR_MALFORMED);
}

RUN_TESTS(cmocka_unit_test(messages_hears_every_example_of_the_protocol),
          cmocka_unit_test(messages_knows_every_error_code_of_the_protocol),
          cmocka_unit_test(messages_says_what_the_protocol_shows),
          cmocka_unit_test(messages_says_of_media_and_of_leaving_what_the_protocol_shows),
          cmocka_unit_test(messages_hears_what_joined_says),
          cmocka_unit_test(messages_says_connect_as_the_protocol_shows),
          cmocka_unit_test(messages_hears_what_an_answer_says),
          cmocka_unit_test(messages_refuses_what_the_grammar_does_not_allow))
