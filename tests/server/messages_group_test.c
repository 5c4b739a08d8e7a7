/* Everything the server says with a group is in the grammar, whole or in a head and a shared rest.
 */
#include "server/messages_group.h"

#include <stdlib.h>

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

TEST(messages_group_for_many_are_sayable)
{
    struct ic_waiter waiter = {.id = {7}};

    ic_waiter_set_knock(&waiter, "AAAA", true);
    is_sayable_take(ic_group_attended(true));
    is_sayable_take(ic_group_carded("AAAA"));
    is_sayable_take(ic_group_knocked(&waiter, 3));
    assert_string_equal(said, "{\"type\":\"knocked\",\"participant\":\"BwAAAAAAAAAAAAAAAAAAAA\","
                              "\"sealed\":\"AAAA\",\"returning\":true,\"before\":3}");
    waiter.returning = false;
    is_sayable_take(ic_group_knocked(&waiter, 0));
    assert_null(strstr(said, "before"));
    assert_null(strstr(said, "returning"));
    is_sayable_take(ic_group_unknocked(ID));
    is_sayable_take(ic_group_entered(ID));
    is_sayable_take(ic_group_committed(IC_EPOCH_MAX, ID, "AAAA"));
    assert_string_equal(said, "{\"type\":\"committed\",\"epoch\":2147483647,\"from\":"
                              "\"BwAAAAAAAAAAAAAAAAAAAA\",\"sealed\":\"AAAA\"}");
    is_sayable_take(ic_group_rejected(0, "AAAA"));
    is_sayable_take(ic_group_message(ID, "AAAA"));
    is_sayable_take(ic_group_left(ID, false));
    assert_null(strstr(said, "gone"));
    is_sayable_take(ic_group_left(ID, true));
    ic_waiter_forget_knock(&waiter);
}

TEST(messages_group_for_one_who_waits_are_sayable_with_and_without_an_info)
{
    struct ic_group *group = ic_group_new();
    const struct ic_waiter waiter = {.id = {7}};

    for (int with_info = 0; with_info < 2; with_info++) {
        ic_say_waiting(NULL, &waiter, group);
        ic_say_opened(NULL, group);
        ic_say_conflict(NULL, 3, group->info);
        assert_int_equal(strstr(said, "\"info\":\"BBBB\"}") != NULL, with_info);
        group->open = true;
        ic_group_set_card(group, "AAAA");
        ic_group_set_info_take(group, ic_group_ending("BBBB"));
    }
    ic_say_replied(NULL, "AAAA", true);
    ic_say_replaced(NULL);
    ic_group_free(group);
}

TEST(messages_group_joined_is_sayable_with_a_thousand_others)
{
    struct ic_meeting *meeting = ic_meeting_new(ID);
    struct ic_participant *p = NULL;
    struct ic_text *welcome = ic_group_ending("CCCC");

    meeting->group = ic_group_new();
    for (int i = 0; i < IC_INDEXES; i++)
        assert_int_equal(ic_meeting_add(meeting, &p, IC_INDEXES, 0), IC_OK);
    ic_say_joined_group(NULL, meeting, p, 5, welcome);
    assert_non_null(strstr(said, "\"welcome\":\"CCCC\"}"));
    assert_true(strlen(said) < IC_MESSAGE_MAX);
    ic_say_joined_group(NULL, meeting, p, 5, NULL);
    ic_say_joined_behind(NULL, meeting, p);
    assert_non_null(strstr(said, "\"behind\":true"));
    ic_group_set_info_take(meeting->group, ic_group_ending("BBBB"));
    ic_say_joined_behind(NULL, meeting, p);
    assert_non_null(strstr(said, "\"info\":\"BBBB\"}"));
    ic_say_removed(NULL);
    ic_text_unref(welcome);
    ic_meeting_free(meeting);
}

TEST(messages_group_every_refusal_of_every_message_is_sayable)
{
    for (int code = 0; code < IC_REFUSALS; code++)
        for (int of = IC_MSG_CARD; of < IC_MSG_FROM_CLIENT; of++) {
            ic_say_error_of(NULL, (enum ic_refusal)code, (enum ic_message_type)of, -1);
            ic_say_error_of(NULL, (enum ic_refusal)code, (enum ic_message_type)of, 250);
        }
}

#define MESSAGES(name) cmocka_unit_test_teardown(name, forget_said)

RUN_TESTS(MESSAGES(messages_group_for_many_are_sayable),
          MESSAGES(messages_group_for_one_who_waits_are_sayable_with_and_without_an_info),
          MESSAGES(messages_group_joined_is_sayable_with_a_thousand_others),
          MESSAGES(messages_group_every_refusal_of_every_message_is_sayable))
