/* Everything the server says is in the grammar. */
#include "server/messages.h"

#include <stdlib.h>

#include "tests/test.h"

static char *said;
static size_t said_count;

/* Stands in for the one of http.c. */
void ic_socket_send(struct ic_socket *socket, const char *text, size_t len)
{
    (void)socket;
    assert_true(len <= IC_MESSAGE_MAX);
    CHECK_ROW(text, ic_message_is_sayable(text, len));
    free(said);
    said = strdup(text);
    said_count++;
}

static int forget_said(void **state)
{
    (void)state;
    free(said);
    said = NULL;
    said_count = 0;
    return 0;
}

static struct ic_participant *person(struct ic_meeting *meeting, uint32_t sealed_len)
{
    struct ic_participant *p;
    assert_int_equal(ic_meeting_add(meeting, &p, IC_INDEXES, 0), IC_OK);
    p->sealed_len = sealed_len;
    return p;
}

TEST(messages_without_parts_are_sayable)
{
    static const uint8_t id[IC_ID_LEN] = {1};

    ic_say_created(NULL, id);
    ic_say_left(NULL, id);
    ic_say_voices(NULL, true);
    assert_string_equal(said, "{\"type\":\"voices\",\"crowded\":true}");
    ic_say_reconnect(NULL);
    ic_say_ended(NULL);
    assert_int_equal(said_count, 5);
}

TEST(messages_can_say_every_refusal)
{
    for (int code = 0; code < IC_REFUSALS; code++) {
        ic_say_error(NULL, (enum ic_refusal)code, IC_NO_WAIT);
        ic_say_error(NULL, (enum ic_refusal)code, 1500);
    }
    assert_string_equal(said, "{\"type\":\"error\",\"code\":\"stopping\",\"retry_after\":1500}");
}

TEST(messages_joined_leaves_out_oneself_and_who_has_not_announced)
{
    struct ic_meeting *meeting = ic_meeting_new((const uint8_t[IC_ID_LEN]){1});
    struct ic_participant *self = person(meeting, 10);

    person(meeting, 0);
    ic_say_joined(NULL, meeting, self);
    assert_non_null(strstr(said, "\"people\":[]"));
    person(meeting, 10);
    ic_say_joined(NULL, meeting, self);
    assert_non_null(strstr(said, "\"index\":2"));
    ic_meeting_free(meeting);
}

TEST(messages_joined_spills_a_big_meeting_into_announced)
{
    struct ic_meeting *meeting = ic_meeting_new((const uint8_t[IC_ID_LEN]){1});
    struct ic_participant *self = person(meeting, 0);

    for (int i = 0; i < 50; i++)
        person(meeting, IC_SEALED_MAX);
    ic_say_joined(NULL, meeting, self);
    assert_in_range(said_count, 40, 50); /* one `joined`, the rest `announced` */
    assert_non_null(strstr(said, "\"announced\""));
    ic_meeting_free(meeting);
}

TEST(messages_answer_and_slots_are_sayable)
{
    static struct ic_participant p;
    static const uint8_t fingerprint[IC_FINGERPRINT_LEN] = {1};
    const struct ic_ice_credentials ours = {.ufrag = "abcd", .pwd = "abcdefghijklmnopqrstuv"};
    const struct ic_addresses addresses = {.at = {"192.0.2.1", "2001:db8::1"}, .count = 2};

    p.connection = 3;
    p.line_count = 2;
    p.lines[0].line = (struct ic_line){.mid = "0", .ext = {[IC_EXT_MID] = 1, [IC_EXT_TWCC] = 2}};
    p.lines[1].line = (struct ic_line){
        .mid = "1", .is_slot = true, .ssrc = UINT32_MAX, .rtx_ssrc = 7, .ext = {[IC_EXT_MID] = 1}};
    p.lines[1].point = (struct ic_point){.transport = 1, .stream = IC_STREAM_SCREEN};
    ic_say_answer(NULL, &p, &(struct ic_answer_parts){&ours, fingerprint, &addresses, 40000});
    assert_non_null(strstr(said, "\"ssrc\":4294967295,\"rtx_ssrc\":7"));
    assert_non_null(
        strstr(said, "{\"protocol\":\"tcp\",\"address\":\"2001:db8::1\",\"port\":40000}"));
    assert_non_null(strstr(said, "\"extensions\":[\"mid\",\"twcc\"]"));
    ic_say_slots(NULL, &p);
    assert_non_null(strstr(said, "\"stream\":\"screen\""));
    ic_say_restarted(NULL, 3, &ours);
    assert_int_equal(said_count, 3);
}

#define MESSAGES(name) cmocka_unit_test_teardown(name, forget_said)

RUN_TESTS(MESSAGES(messages_without_parts_are_sayable), MESSAGES(messages_can_say_every_refusal),
          MESSAGES(messages_joined_leaves_out_oneself_and_who_has_not_announced),
          MESSAGES(messages_joined_spills_a_big_meeting_into_announced),
          MESSAGES(messages_answer_and_slots_are_sayable))
