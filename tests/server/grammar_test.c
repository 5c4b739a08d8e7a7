/* The table in grammar.c and docs/protocol.md say the same, and nothing else can be said. */
#include "server/grammar.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/encode.h"
#include "server/shape.h"
#include "tests/test.h"

enum { PATHS_MAX = 256, PATH_SIZE = 128 };

struct paths {
    char at[PATHS_MAX][PATH_SIZE];
    size_t count;
};

static struct paths in_table, in_document;
static char *document;

static void note(void *owner, const char *path)
{
    struct paths *all = owner;
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->at[i], path) == 0)
            return;
    assert_true(all->count < PATHS_MAX && strlen(path) < PATH_SIZE);
    strcpy(all->at[all->count++], path);
}

static bool holds(const struct paths *all, const char *path)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->at[i], path) == 0)
            return true;
    return false;
}

static void note_object(const char *path, json_t *object)
{
    const char *key;
    json_t *value, *item;
    size_t i;

    note(&in_document, path);
    json_object_foreach(object, key, value)
    {
        char inner[2 * PATH_SIZE];
        if (strcmp(key, "type") == 0)
            continue;
        snprintf(inner, sizeof inner, "%s.%s", path, key);
        if (json_is_object(value))
            note_object(inner, value);
        else if (!json_is_object(json_array_get(value, 0)))
            note(&in_document, inner);
        else
            json_array_foreach(value, i, item) note_object(inner, item);
    }
}

/* Calls `visit` with each ```json block of the document that has a type. */
static void each_example(void (*visit)(const char *text, size_t len, json_t *message))
{
    static const char fence[] = "```json\n";
    for (const char *at = document; (at = strstr(at, fence)) != NULL;) {
        at += strlen(fence);
        size_t len = (size_t)(strstr(at, "```") - at);
        json_t *message = json_loadb(at, len, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(message);
        if (json_object_get(message, "type"))
            visit(at, len, message);
        json_decref(message);
        at += len;
    }
}

static void is_sayable(const char *text, size_t len, json_t *message)
{
    CHECK_ROW(json_string_value(json_object_get(message, "type")),
              ic_message_is_sayable(text, len));
    note_object(json_string_value(json_object_get(message, "type")), message);
}

static int load_document(void **state)
{
    FILE *f = fopen(PROTOCOL_MD, "r");
    (void)state;
    document = calloc(1, 200000);
    assert_non_null(f);
    assert_true(fread(document, 1, 199999, f) > 0);
    fclose(f);
    ic_grammar_walk(note, &in_table);
    return 0;
}

static int forget_document(void **state)
{
    (void)state;
    free(document);
    return 0;
}

TEST(grammar_accepts_every_example_of_the_document)
{
    each_example(is_sayable);
    assert_true(in_document.count > 40);
}

TEST(grammar_table_and_document_name_the_same_types_and_keys)
{
    for (size_t i = 0; i < in_table.count; i++)
        CHECK_ROW(in_table.at[i], holds(&in_document, in_table.at[i]));
    for (size_t i = 0; i < in_document.count; i++)
        CHECK_ROW(in_document.at[i], holds(&in_table, in_document.at[i]));
}

TEST(grammar_words_are_all_in_the_document)
{
    const char *const *const lists[] = {ic_stream_words, ic_slot_words,      ic_codec_words,
                                        ic_layer_words,  ic_extension_words, ic_refusal_words};
    for (size_t i = 0; i < IC_COUNT(lists); i++)
        for (const char *const *word = lists[i]; *word; word++) {
            char quoted[40];
            snprintf(quoted, sizeof quoted, "`%s`", *word);
            CHECK_ROW(*word, strstr(document, quoted) != NULL);
        }
}

static struct ic_message message;

/* What `message` holds then is without its texts. */
static bool parses(const char *text)
{
    bool parsed = ic_message_parse(&message, text, strlen(text)) == IC_OK;
    if (parsed)
        ic_message_clear(&message);
    return parsed;
}

static void damage_client_example(const char *text, size_t len, json_t *unused)
{
    char damaged[4096];
    (void)unused;

    if (ic_message_parse(&message, text, len) != IC_OK)
        return; /* one of the server */
    ic_message_clear(&message);
    for (size_t cut = 0; cut < len && text[cut] != '\n'; cut++)
        assert_false(ic_message_parse(&message, text, cut) == IC_OK);
    snprintf(damaged, sizeof damaged, "{\"attention\":1,%.*s", (int)len - 1, text + 1);
    CHECK_ROW(damaged, !parses(damaged));
    snprintf(damaged, sizeof damaged, "{\"type\":\"leave\",%.*s", (int)len - 1, text + 1);
    CHECK_ROW(damaged, !parses(damaged)); /* a duplicate key (A10) */
}

TEST(grammar_refuses_every_truncation_and_every_further_key)
{
    each_example(damage_client_example);
}

#define B32 "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B16 "AAECAwQFBgcICQoLDA0ODw"
#define LINE(fields)                                                                               \
    "{\"type\":\"connect\",\"connection\":1,\"ice\":{\"ufrag\":\"abcd\",\"pwd\":"                  \
    "\"abcdefghijklmnopqrstuv\"},\"fingerprint\":\"" B32 "\",\"lines\":[{\"mid\":\"0\"," fields    \
    "}]}"
#define RESTART(ice) "{\"type\":\"restart\",\"connection\":1,\"ice\":" ice "}"
#define PWD "\"pwd\":\"abcdefghijklmnopqrstuv\""
#define LIVE(list) "{\"type\":\"live\",\"streams\":[" list "]}"

TEST(grammar_refuses_each_wrong_message)
{
    static const struct {
        const char *what, *text;
    } wrong[] = {
        {"nothing", ""},
        {"a list", "[]"},
        {"no type", "{}"},
        {"a number for the type", "{\"type\":1}"},
        {"an unknown type", "{\"type\":\"attention\"}"},
        {"a message of the server", "{\"type\":\"ended\"}"},
        {"something after it", "{\"type\":\"leave\"}x"},
        {"a missing key", "{\"type\":\"join\",\"meeting\":\"" B16 "\"}"},
        {"a meeting that is to have no group",
         "{\"type\":\"create\",\"start\":\"" B32 "\",\"admission\":\"" B32 "\",\"host\":\"" B32
         "\",\"group\":false}"},
        {"what the first stage said of itself", "{\"type\":\"announce\",\"sealed\":\"AAAA\"}"},
        {"an id one byte short",
         "{\"type\":\"join\",\"meeting\":\"AAECAwQFBgcICQoLDA0O\",\"proof\":\"" B32 "\"}"},
        {"an id with padding",
         "{\"type\":\"join\",\"meeting\":\"AAECAwQFBgcICQoLDA0ODw==\",\"proof\":\"" B32 "\"}"},
        {"null for what may be absent",
         "{\"type\":\"join\",\"meeting\":\"" B16 "\",\"proof\":\"" B32 "\",\"host\":null}"},
        {"a text for a switch", "{\"type\":\"speaking\",\"speaking\":\"true\"}"},
        {"an unknown stream", LIVE("{\"stream\":\"desktop\"}")},
        {"a height of 0", LIVE("{\"stream\":\"camera\",\"height\":0}")},
        {"a height with a fraction", LIVE("{\"stream\":\"camera\",\"height\":720.0}")},
        {"five streams",
         LIVE("{\"stream\":\"camera\"},{\"stream\":\"camera\"},{\"stream\":\"camera\"},"
              "{\"stream\":\"camera\"},{\"stream\":\"camera\"}")},
        {"neither stream nor slot", LINE("\"codec\":\"opus\",\"pt\":111,\"extensions\":{}")},
        {"stream and slot", LINE("\"stream\":\"camera\",\"slot\":\"tile\",\"codec\":\"vp8\",\"pt\":"
                                 "96,\"extensions\":{}")},
        {"layers of a slot",
         LINE(
             "\"slot\":\"tile\",\"codec\":\"vp8\",\"pt\":96,\"layers\":[\"l\"],\"extensions\":{}")},
        {"a layer twice", LINE("\"stream\":\"camera\",\"codec\":\"vp8\",\"pt\":96,\"layers\":["
                               "\"l\",\"l\"],\"extensions\":{}")},
        {"an extension id of 15",
         LINE("\"slot\":\"tile\",\"codec\":\"vp8\",\"pt\":96,\"extensions\":{\"mid\":15}")},
        {"a payload type of 128",
         LINE("\"slot\":\"tile\",\"codec\":\"vp8\",\"pt\":128,\"extensions\":{}")},
        {"another codec", LINE("\"slot\":\"tile\",\"codec\":\"h265\",\"pt\":96,\"extensions\":{}")},
        {"nine levels", "{\"type\":\"message\",\"sealed\":[[[[[[[[1]]]]]]]]}"},
        {"a card without anything", "{\"type\":\"card\",\"sealed\":\"\"}"},
        {"a card with spare bits", "{\"type\":\"card\",\"sealed\":\"AB\"}"},
        {"a card with padding", "{\"type\":\"card\",\"sealed\":\"AA==\"}"},
        {"half a byte", "{\"type\":\"message\",\"sealed\":\"A\"}"},
        {"a commit without its epoch", "{\"type\":\"commit\",\"sealed\":\"AA\"}"},
        {"an epoch below zero",
         "{\"type\":\"reject\",\"epoch\":-1,\"commit\":\"" B32 "\",\"sealed\":\"AA\"}"},
        {"a text for an epoch",
         "{\"type\":\"reject\",\"epoch\":\"7\",\"commit\":\"" B32 "\",\"sealed\":\"AA\"}"},
        {"an epoch with a fraction",
         "{\"type\":\"reject\",\"epoch\":7.0,\"commit\":\"" B32 "\",\"sealed\":\"AA\"}"},
        {"a reject of no commit", "{\"type\":\"reject\",\"epoch\":1,\"sealed\":\"AA\"}"},
        {"an epoch that is too high",
         "{\"type\":\"reject\",\"epoch\":2147483648,\"commit\":\"" B32 "\",\"sealed\":\"AA\"}"},
        {"a welcome for nobody", "{\"type\":\"commit\",\"epoch\":1,\"sealed\":\"AA\",\"welcome\":{"
                                 "\"participants\":[],\"sealed\":\"AA\"}}"},
        {"a removal of nobody",
         "{\"type\":\"commit\",\"epoch\":1,\"sealed\":\"AA\",\"removed\":[]}"},
        {"an open door without its epoch", "{\"type\":\"door\",\"open\":true,\"info\":\"AA\"}"},
        {"an open door without an info", "{\"type\":\"door\",\"open\":true,\"epoch\":1}"},
        {"a closed door with an info",
         "{\"type\":\"door\",\"open\":false,\"epoch\":1,\"info\":\"AA\"}"},
        {"a meeting that admits nobody", "{\"type\":\"admissions\",\"hashes\":[]}"},
        {"an admission that is no hash", "{\"type\":\"admissions\",\"hashes\":[\"" B16 "\"]}"},
        {"admissions that are no list", "{\"type\":\"admissions\",\"hashes\":\"" B32 "\"}"},
        {"a number for a sealed text", "{\"type\":\"card\",\"sealed\":1}"},
        {"a number for a word", LIVE("{\"stream\":1}")},
        {"streams that are no list", "{\"type\":\"live\",\"streams\":{}}"},
        {"a stream that is no object", LIVE("\"camera\"")},
        {"layers that are no list", LINE("\"stream\":\"camera\",\"codec\":\"vp8\",\"pt\":96,"
                                         "\"layers\":\"l\",\"extensions\":{}")},
        {"an unknown layer", LINE("\"stream\":\"camera\",\"codec\":\"vp8\",\"pt\":96,"
                                  "\"layers\":[\"x\"],\"extensions\":{}")},
        {"extensions that are no object",
         LINE("\"slot\":\"tile\",\"codec\":\"vp8\",\"pt\":96,\"extensions\":[]")},
        {"credentials that are no object", RESTART("[]")},
        {"a ufrag that is a number", RESTART("{\"ufrag\":1234," PWD "}")},
        {"a ufrag of three", RESTART("{\"ufrag\":\"abc\"," PWD "}")},
        {"a ufrag with a colon", RESTART("{\"ufrag\":\"ab:cd\"," PWD "}")},
        {"a password of 21", RESTART("{\"ufrag\":\"abcd\",\"pwd\":\"abcdefghijklmnopqrstu\"}")},
        {"a zero character", "{\"type\":\"le\\u0000ave\"}"},
        {"bad UTF-8", "{\"type\":\"leave\xff\"}"},
    };

    assert_true(parses(LINE("\"slot\":\"tile\",\"codec\":\"vp8\",\"pt\":96,\"extensions\":{}")));
    assert_true(parses(RESTART("{\"ufrag\":\"abcd\"," PWD "}")));
    for (size_t i = 0; i < IC_COUNT(wrong); i++)
        CHECK_ROW(wrong[i].what, !parses(wrong[i].text));
}

/* Texts are copied into arrays; what follows them in the struct must stay as it is. */
TEST(grammar_copies_no_text_that_is_longer_than_its_place)
{
    for (size_t len = 250; len < 400; len++) {
        char text[600], ufrag[400];
        memset(ufrag, 'a', len);
        ufrag[len] = 0;
        snprintf(text, sizeof text, RESTART("{\"ufrag\":\"%s\"," PWD "}"), ufrag);
        CHECK_ROW(text, parses(text) == (len <= 256));
        if (len <= 256)
            assert_string_equal(message.restart.ice.pwd, "abcdefghijklmnopqrstuv");
    }
}

/* `count` hashes; free it. */
static char *admissions_of(size_t count)
{
    char *text = malloc(100 + count * sizeof B32 + 2 * count);

    strcpy(text, "{\"type\":\"admissions\",\"hashes\":[");
    for (size_t i = 0; i < count; i++)
        strcat(text, i == 0 ? "\"" B32 "\"" : ",\"" B32 "\"");
    strcat(text, "]}");
    return text;
}

TEST(grammar_copies_no_more_hashes_than_there_is_room_for)
{
    char *most = admissions_of(IC_ADMISSIONS_MAX), *more = admissions_of(IC_ADMISSIONS_MAX + 1);

    assert_true(parses(most));
    assert_int_equal(message.admissions.count, IC_ADMISSIONS_MAX);
    assert_false(parses(more));
    free(most);
    free(more);
}

static bool loads(const char *text)
{
    json_t *root = ic_shape_load(text, strlen(text));

    json_decref(root);
    return root != NULL;
}

/* Before the reader, which calls itself for each level, has seen any of it. */
TEST(grammar_reads_no_more_than_eight_levels_and_counts_none_in_texts)
{
    static const struct {
        const char *what, *text;
        bool good;
    } rows[] = {
        {"eight lists", "[[[[[[[[1]]]]]]]]", true},
        {"nine lists", "[[[[[[[[[1]]]]]]]]]", false},
        {"eight of both", "[{\"a\":[{\"a\":[{\"a\":[{\"a\":1}]}]}]}]", true},
        {"nine of both", "[{\"a\":[{\"a\":[{\"a\":[{\"a\":[1]}]}]}]}]", false},
        {"beside each other", "[[],[],[],[],[],[],[],[],[],{},{},{},{},{},{},{},{},{}]", true},
        {"in a text", "[\"[[[[[[[[[{{{{\"]", true},
        {"behind an escaped quote", "[\"\\\"[[[[[[[[[[{\"]", true},
        {"behind a text", "[\"]]]]]]]]\",[[[[[[[[1]]]]]]]]]", false},
        {"behind an escaped backslash", "[\"\\\\\",[[[[[[[[1]]]]]]]]]", false},
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++)
        CHECK_ROW(rows[i].what, loads(rows[i].text) == rows[i].good);
}

TEST(grammar_survives_a_hundred_thousand_brackets)
{
    size_t len = 100000;
    char *text = malloc(len);
    memset(text, '[', len);
    assert_int_equal(ic_message_parse(&message, text, len), IC_ERR_MALFORMED);
    free(text);
}

TEST(grammar_reads_a_connect_into_its_struct)
{
    assert_true(parses(LINE("\"stream\":\"camera\",\"codec\":\"vp8\",\"pt\":96,\"rtx\":97,"
                            "\"layers\":[\"l\",\"h\"],\"extensions\":{\"mid\":4,\"rid\":10}")));
    const struct ic_msg_line *line = &message.connect.lines[0];
    assert_int_equal(message.type, IC_MSG_CONNECT);
    assert_int_equal(message.connect.line_count, 1);
    assert_string_equal(message.connect.ice.ufrag, "abcd");
    assert_true(line->is_send && !line->is_slot && line->has_rtx);
    assert_int_equal(line->stream, IC_STREAM_CAMERA);
    assert_int_equal(line->codec, IC_CODEC_VP8);
    assert_int_equal(line->pt, 96);
    assert_int_equal(line->rtx, 97);
    assert_int_equal(line->layers, 5);
    assert_int_equal(line->ext[IC_EXT_MID], 4);
    assert_int_equal(line->ext[IC_EXT_RID], 10);
    assert_int_equal(line->ext[IC_EXT_TWCC], 0);
}

/* `{"type":"TYPE", ... "sealed":"AAA..."}` of so many bytes; free it. */
static char *sealed_of(const char *start, size_t bytes)
{
    size_t len = IC_BASE64URL_LEN(bytes), head = strlen(start);
    char *text = malloc(head + len + 3);
    memcpy(text, start, head);
    memset(text + head, 'A', len);
    strcpy(text + head + len, "\"}");
    return text;
}

TEST(grammar_bounds_each_sealed_by_its_type)
{
    static const struct {
        const char *what, *start;
        size_t most;
    } rows[] = {
        {"card", "{\"type\":\"card\",\"sealed\":\"", 16384},
        {"knock", "{\"type\":\"knock\",\"sealed\":\"", 16384},
        {"message", "{\"type\":\"message\",\"sealed\":\"", 16384},
        {"reject", "{\"type\":\"reject\",\"epoch\":0,\"commit\":\"" B32 "\",\"sealed\":\"", 16384},
        {"reply", "{\"type\":\"reply\",\"participant\":\"" B16 "\",\"final\":true,\"sealed\":\"",
         4096},
        {"commit", "{\"type\":\"commit\",\"epoch\":0,\"sealed\":\"", 1500000},
        {"info", "{\"type\":\"door\",\"open\":true,\"epoch\":0,\"info\":\"", 1500000},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        char *most = sealed_of(rows[i].start, rows[i].most);
        char *more = sealed_of(rows[i].start, rows[i].most + 1);
        CHECK_ROW(rows[i].what, parses(most) && !parses(more));
        free(most);
        free(more);
    }
}

TEST(grammar_reads_a_commit_into_its_struct)
{
    static const char text[] =
        "{\"type\":\"commit\",\"epoch\":7,\"sealed\":\"AAEC\",\"welcome\":{\"participants\":[\"" B16
        "\"],\"sealed\":\"AwQF\"},\"removed\":[\"ICEiIyQlJicoKSorLC0uLw\",\"" B16
        "\"],\"info\":\"BgcI\"}";
    assert_int_equal(ic_message_parse(&message, text, strlen(text)), IC_OK);
    assert_int_equal(message.commit.epoch, 7);
    assert_string_equal(message.commit.sealed, "AAEC");
    assert_true(message.commit.has_welcome);
    assert_int_equal(message.commit.welcome.participants.count, 1);
    assert_int_equal(message.commit.welcome.participants.ids[0][15], 15);
    assert_string_equal(message.commit.welcome.sealed, "AwQF");
    assert_int_equal(message.commit.removed.count, 2);
    assert_int_equal(message.commit.removed.ids[0][0], 0x20);
    assert_string_equal(message.commit.info, "BgcI");
    ic_message_clear(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grammar_accepts_every_example_of_the_document),
        cmocka_unit_test(grammar_table_and_document_name_the_same_types_and_keys),
        cmocka_unit_test(grammar_words_are_all_in_the_document),
        cmocka_unit_test(grammar_refuses_every_truncation_and_every_further_key),
        cmocka_unit_test(grammar_refuses_each_wrong_message),
        cmocka_unit_test(grammar_copies_no_text_that_is_longer_than_its_place),
        cmocka_unit_test(grammar_copies_no_more_hashes_than_there_is_room_for),
        cmocka_unit_test(grammar_reads_no_more_than_eight_levels_and_counts_none_in_texts),
        cmocka_unit_test(grammar_survives_a_hundred_thousand_brackets),
        cmocka_unit_test(grammar_reads_a_connect_into_its_struct),
        cmocka_unit_test(grammar_bounds_each_sealed_by_its_type),
        cmocka_unit_test(grammar_reads_a_commit_into_its_struct),
    };
    return cmocka_run_group_tests(tests, load_document, forget_document);
}
