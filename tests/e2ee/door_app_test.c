/* What members tell each other: each type read as it was written, and damage refused. */
#include "e2ee/door/app_message.h"

#include "tests/e2ee/door_rig.h"

static const uint8_t DIGEST[32] = {1, 2, 3}, ADMIT_KEY[1216] = {4};

static const struct {
    const char *what;
    struct ic_door_app_message message;
    size_t len;
} ROWS[] = {
    {"announcement",
     {IC_DOOR_APP_ANNOUNCEMENT, {.announcement = {7, 1 << IC_STREAM_CAMERA, IC_DOOR_MUTED}}},
     7},
    {"heartbeat", {IC_DOOR_APP_HEARTBEAT, {.heartbeat = {9, {DIGEST, 32}}}}, 42},
    {"chat", {IC_DOOR_APP_CHAT, {.chat = {(const uint8_t *)"hello\nthere", 11}}}, 13},
    {"admit key", {IC_DOOR_APP_ADMIT_KEY, {.admit_key = {ADMIT_KEY, 1216}}}, 1219},
    {"compare", {IC_DOOR_APP_COMPARE, {.compare = {7, IC_DOOR_COMPARE_DIFFERENT}}}, 10},
    {"reject", {IC_DOOR_APP_REJECT, {.reject = {5, 9, {DIGEST, 32}}}}, 42},
    {"mute request", {IC_DOOR_APP_MUTE_REQUEST, {.mute = {{PARTICIPANT, 16}, 1}}}, 18},
    {"hand", {IC_DOOR_APP_HAND, {.hand = {{PARTICIPANT, 16}, true}}}, 18},
    {"send back", {IC_DOOR_APP_SEND_BACK, {.sent_back = {PARTICIPANT, 16}}}, 17},
};

static uint8_t room[IC_DOOR_APP_MAX];

static struct ic_bytes written(const struct ic_door_app_message *message)
{
    struct ic_writer w = ic_writer_of(room, sizeof room);
    ic_door_app_write(&w, message);
    return w.bad ? (struct ic_bytes){0} : ic_written(&w);
}

TEST(app_message_of_each_type_is_read_as_it_was_written)
{
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        struct ic_bytes bytes = written(&ROWS[i].message);
        uint8_t first[2048];
        struct ic_door_app_message message;
        CHECK_ROW(ROWS[i].what, bytes.len == ROWS[i].len);
        memcpy(first, bytes.at, bytes.len);
        CHECK_ROW(ROWS[i].what,
                  ic_door_app_read(&message, (struct ic_bytes){first, bytes.len}) == IC_OK);
        CHECK_ROW(ROWS[i].what, message.type == ROWS[i].message.type);
        bytes = written(&message);
        CHECK_ROW(ROWS[i].what, ic_bytes_equal(bytes, (struct ic_bytes){first, ROWS[i].len}));
    }
}

TEST(app_message_that_is_cut_or_longer_is_refused)
{
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        struct ic_bytes bytes = written(&ROWS[i].message);
        struct ic_door_app_message message;
        for (size_t len = 0; len < bytes.len; len++) {
            uint8_t *cut = exact_copy((struct ic_bytes){bytes.at, len});
            CHECK_ROW(ROWS[i].what,
                      ic_door_app_read(&message, (struct ic_bytes){cut, len}) == IC_ERR_MALFORMED);
            free(cut);
        }
        CHECK_ROW(ROWS[i].what,
                  ic_door_app_read(&message, (struct ic_bytes){room, bytes.len + 1}) ==
                      IC_ERR_MALFORMED);
    }
}

TEST(app_message_with_a_wrong_field_is_refused)
{
    static const struct {
        const char *what;
        size_t row, at;
        uint8_t value;
        enum ic_err err;
    } DAMAGE[] = {
        {"type 0", 0, 0, 0, IC_ERR_MALFORMED},
        {"type of later", 0, 0, 10, IC_ERR_NOT_FOUND},
        {"unknown stream", 0, 5, 1 << IC_STREAMS, IC_ERR_MALFORMED},
        {"unknown flag", 0, 6, 16, IC_ERR_MALFORMED},
        {"control in chat", 2, 2, 7, IC_ERR_MALFORMED},
        {"no UTF-8 in chat", 2, 2, 0xff, IC_ERR_MALFORMED},
        {"comparison that is none", 4, 9, 3, IC_ERR_MALFORMED},
        {"mute of nothing", 6, 17, 0, IC_ERR_MALFORMED},
        {"hand that is neither", 7, 17, 2, IC_ERR_MALFORMED},
    };
    for (size_t i = 0; i < IC_COUNT(DAMAGE); i++) {
        struct ic_bytes bytes = written(&ROWS[DAMAGE[i].row].message);
        struct ic_door_app_message message;
        room[DAMAGE[i].at] = DAMAGE[i].value;
        CHECK_ROW(DAMAGE[i].what, ic_door_app_read(&message, bytes) == DAMAGE[i].err);
    }
}

TEST(app_message_chat_has_a_longest_text)
{
    static uint8_t text[4 * IC_DOOR_CHAT_MAX + 4];
    for (size_t i = 0; i <= IC_DOOR_CHAT_MAX; i++)
        memcpy(text + 4 * i, "\xf0\x9f\x91\xa9", 4);
    struct ic_door_app_message message = {IC_DOOR_APP_CHAT, {.chat = {text, 4 * IC_DOOR_CHAT_MAX}}};
    assert_int_not_equal(written(&message).len, 0);
    message.chat.len += 4;
    assert_int_equal(written(&message).len, 0);
    message.chat.len = 0;
    assert_int_equal(written(&message).len, 0);
}

TEST(app_message_with_a_key_or_digest_of_another_length_is_not_read)
{
    static const uint8_t zeros[2048];
    const struct ic_door_app_message messages[] = {
        {IC_DOOR_APP_HEARTBEAT, {.heartbeat = {5, {zeros, 31}}}},
        {IC_DOOR_APP_HEARTBEAT, {.heartbeat = {5, {zeros, 65}}}},
        {IC_DOOR_APP_ADMIT_KEY, {.admit_key = {zeros, 1215}}},
        {IC_DOOR_APP_ADMIT_KEY, {.admit_key = {zeros, 1217}}},
        {(enum ic_door_app_type)0, {.chat = ic_bytes_of_text("hello")}},
        {(enum ic_door_app_type)10, {.chat = ic_bytes_of_text("hello")}},
    };
    /* The writer reads again what it wrote. */
    for (size_t i = 0; i < IC_COUNT(messages); i++)
        if (written(&messages[i]).len != 0)
            fail_msg("message %zu", i);
}

RUN_TESTS(cmocka_unit_test(app_message_of_each_type_is_read_as_it_was_written),
          cmocka_unit_test(app_message_that_is_cut_or_longer_is_refused),
          cmocka_unit_test(app_message_with_a_wrong_field_is_refused),
          cmocka_unit_test(app_message_chat_has_a_longest_text),
          cmocka_unit_test(app_message_with_a_key_or_digest_of_another_length_is_not_read))
