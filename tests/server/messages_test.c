/* Everything the server says is in the grammar, whole or in a head and a shared rest. */
#include "server/messages.h"

#include <stdlib.h>

#include "tests/server/member.h"
#include "tests/test.h"

static char *said;

static void keep(const char *text)
{
    CHECK_ROW(text, ic_message_is_sayable(text, strlen(text)));
    free(said);
    said = strdup(text);
}

/* Stand in for those of http.c. */
void ic_socket_send(struct ic_socket *socket, const char *text, size_t len)
{
    (void)socket;
    assert_int_equal(strlen(text), len);
    assert_true(len <= IC_MESSAGE_MAX);
    keep(text);
}

void ic_socket_send_with(struct ic_socket *socket, const char *head, size_t len,
                         struct ic_text *rest)
{
    struct ic_text *whole = ic_text_new(head, rest->at, "");
    (void)socket;
    assert_int_equal(strlen(head), len);
    keep(whole->at);
    ic_text_unref(whole);
}

static void is_sayable_take(struct ic_text *text)
{
    keep(text->at);
    ic_text_unref(text);
}

static int forget_said(void **state)
{
    (void)state;
    free(said);
    said = NULL;
    return 0;
}

static const uint8_t ID[IC_ID_LEN] = {7};

TEST(messages_without_parts_are_sayable)
{
    ic_say_created(NULL, ID);
    ic_say_voices(NULL, true);
    assert_string_equal(said, "{\"type\":\"voices\",\"crowded\":true}");
    ic_say_wanted(NULL, IC_STREAM_SCREEN, 2, IC_CODEC_AV1);
    assert_string_equal(
        said, "{\"type\":\"wanted\",\"stream\":\"screen\",\"layers\":2,\"codec\":\"av1\"}");
    ic_say_path(NULL, &(struct ic_transport_stats){.estimate_bps = 3000000000, .lowered = 2});
    assert_string_equal(said, "{\"type\":\"path\",\"bps\":3000000000,\"lowered\":2,\"dark\":0}");
    ic_say_reconnect(NULL);
    ic_say_ended(NULL);
    ic_say_removed(NULL);
    ic_say_replaced(NULL);
    assert_string_equal(said, "{\"type\":\"replaced\"}");
}

TEST(messages_for_many_are_sayable)
{
    struct ic_waiter waiter = {.id = {7}};

    ic_waiter_set_knock(&waiter, "AAAA", true);
    is_sayable_take(ic_said_attended(true));
    is_sayable_take(ic_said_carded("AAAA"));
    is_sayable_take(ic_said_knocked(&waiter, 3));
    assert_string_equal(said, "{\"type\":\"knocked\",\"participant\":\"BwAAAAAAAAAAAAAAAAAAAA\","
                              "\"returning\":true,\"before\":3,\"sealed\":\"AAAA\"}");
    waiter.returning = false;
    is_sayable_take(ic_said_knocked(&waiter, 0));
    assert_null(strstr(said, "before"));
    assert_null(strstr(said, "returning"));
    is_sayable_take(ic_said_unknocked(ID));
    is_sayable_take(ic_said_entered(ID));
    is_sayable_take(ic_said_committed(IC_EPOCH_MAX, ID, "AAAA"));
    assert_string_equal(said, "{\"type\":\"committed\",\"epoch\":2147483647,\"from\":"
                              "\"BwAAAAAAAAAAAAAAAAAAAA\",\"sealed\":\"AAAA\"}");
    is_sayable_take(ic_said_rejected(0, "AAAA"));
    is_sayable_take(ic_said_message(ID, "AAAA"));
    is_sayable_take(ic_said_left(ID, false));
    assert_null(strstr(said, "gone"));
    is_sayable_take(ic_said_left(ID, true));
    ic_waiter_forget_knock(&waiter);
}

TEST(messages_for_one_who_waits_are_sayable_with_and_without_an_info)
{
    struct ic_group group = {0};
    const struct ic_waiter waiter = {.id = {7}};

    for (int with_info = 0; with_info < 2; with_info++) {
        ic_say_waiting(NULL, &waiter, &group);
        ic_say_opened(NULL, &group);
        ic_say_conflict(NULL, 3, group.info);
        assert_int_equal(strstr(said, "\"info\":\"BBBB\"}") != NULL, with_info);
        group.open = true;
        ic_group_set_card(&group, "AAAA");
        ic_group_set_info_take(&group, ic_said_ending("BBBB"));
    }
    ic_say_replied(NULL, "AAAA", true);
    ic_group_clear(&group);
}

TEST(messages_joined_is_sayable_with_a_thousand_others)
{
    struct ic_meeting *meeting = ic_meeting_new(ID);
    struct ic_participant *p = NULL;
    struct ic_text *welcome = ic_said_ending("CCCC");

    for (int i = 0; i < IC_PEOPLE_MAX; i++)
        p = ic_test_member(meeting, IC_PEOPLE_MAX);
    ic_say_joined(NULL, meeting, p, 5, welcome);
    assert_non_null(strstr(said, "\"welcome\":\"CCCC\"}"));
    assert_true(strlen(said) < IC_MESSAGE_MAX);
    ic_say_joined(NULL, meeting, p, 5, NULL);
    ic_say_joined_behind(NULL, meeting, p);
    assert_non_null(strstr(said, "\"behind\":true"));
    ic_group_set_info_take(&meeting->group, ic_said_ending("BBBB"));
    ic_say_joined_behind(NULL, meeting, p);
    assert_non_null(strstr(said, "\"info\":\"BBBB\"}"));
    ic_text_unref(welcome);
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
    assert_non_null(strstr(said, "\"ufrag\":\"abcd\""));
}

TEST(messages_relays_are_sayable)
{
    static const struct ic_relay_urls urls = {
        .at = {"turn:[2001:db8::9]:3478?transport=udp", "turns:turn.example.org:443?transport=tcp"},
        .count = 2};
    const struct ic_relays relays = {.urls = &urls, .only = true, .lifetime_s = 86400};
    struct ic_relay_credentials credentials;

    ic_relays_issue(&credentials, &relays, 253402300799); /* the year 9999 */
    ic_say_relays(NULL, &relays, &credentials);
    assert_non_null(strstr(said, "{\"type\":\"relays\",\"only\":true,\"servers\":["));
    assert_non_null(strstr(said, "\"url\":\"turns:turn.example.org:443?transport=tcp\""));
}

TEST(messages_can_say_every_refusal)
{
    for (int code = 0; code < IC_REFUSALS; code++) {
        ic_say_error(NULL, (enum ic_refusal)code, IC_NO_WAIT);
        ic_say_error(NULL, (enum ic_refusal)code, 1500);
    }
    assert_string_equal(said, "{\"type\":\"error\",\"code\":\"stopping\",\"retry_after\":1500}");
}

TEST(messages_can_say_what_each_refusal_is_of)
{
    for (int code = 0; code < IC_REFUSALS; code++)
        for (int of = IC_MSG_CARD; of < IC_MSG_FROM_CLIENT; of++) {
            ic_say_error_of(NULL, (enum ic_refusal)code, (enum ic_message_type)of, -1);
            ic_say_error_of(NULL, (enum ic_refusal)code, (enum ic_message_type)of, 250);
        }
}

#define MESSAGES(name) cmocka_unit_test_teardown(name, forget_said)

RUN_TESTS(MESSAGES(messages_without_parts_are_sayable), MESSAGES(messages_for_many_are_sayable),
          MESSAGES(messages_for_one_who_waits_are_sayable_with_and_without_an_info),
          MESSAGES(messages_joined_is_sayable_with_a_thousand_others),
          MESSAGES(messages_answer_and_slots_are_sayable), MESSAGES(messages_relays_are_sayable),
          MESSAGES(messages_can_say_every_refusal),
          MESSAGES(messages_can_say_what_each_refusal_is_of))
