/* messages_group.c - builds each message of a group with jansson. A test holds every one of them
 * against the grammar. */
#include "server/messages_group.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/encode.h"
#include "server/messages.h"

static json_t *binary(const uint8_t *bytes, size_t len)
{
    char text[IC_BASE64URL_LEN(IC_TOKEN_LEN) + 1];

    ic_base64url_encode(text, (struct ic_bytes){bytes, len});
    return json_string(text);
}

static json_t *id(const uint8_t bytes[IC_ID_LEN])
{
    return binary(bytes, IC_ID_LEN);
}

/* A server without memory for a message that all need ends. */
static char *dump_take(json_t *message)
{
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;

    if (!text)
        abort();
    json_decref(message);
    return text;
}

static struct ic_text *text_take(json_t *message)
{
    char *dumped = dump_take(message);
    struct ic_text *text = ic_text_new("", dumped, "");

    free(dumped);
    return text;
}

static void say_take(struct ic_socket *to, json_t *message)
{
    char *text = dump_take(message);

    ic_socket_send(to, text, strlen(text));
    free(text);
}

/* `message` with one more key, whose value and the bracket after it are `ending`. */
static void say_with_take(struct ic_socket *to, json_t *message, const char *key,
                          struct ic_text *ending)
{
    if (!ending) {
        say_take(to, message);
        return;
    }
    char *open = dump_take(message);
    open[strlen(open) - 1] = 0;
    struct ic_text *start = ic_text_new(open, ",\"", key),
                   *head = ic_text_new(start->at, "\":", "");
    ic_socket_send_with(to, head->at, head->len, ending);
    ic_text_unref(head);
    ic_text_unref(start);
    free(open);
}

struct ic_text *ic_group_ending(const char *sealed)
{
    return ic_text_new("\"", sealed, "\"}");
}

struct ic_text *ic_group_attended(bool attended)
{
    return text_take(json_pack("{ss sb}", "type", "attended", "attended", attended));
}

struct ic_text *ic_group_carded(const char *sealed)
{
    return text_take(json_pack("{ss ss}", "type", "carded", "sealed", sealed));
}

struct ic_text *ic_group_knocked(const struct ic_waiter *who, uint32_t before)
{
    json_t *m = json_pack("{ss so ss}", "type", "knocked", "participant", id(who->id), "sealed",
                          who->knock->at);

    if (who->returning)
        json_object_set_new(m, "returning", json_true());
    if (before > 0)
        json_object_set_new(m, "before", json_integer(before));
    return text_take(m);
}

struct ic_text *ic_group_unknocked(const uint8_t participant[IC_ID_LEN])
{
    return text_take(json_pack("{ss so}", "type", "unknocked", "participant", id(participant)));
}

struct ic_text *ic_group_entered(const uint8_t participant[IC_ID_LEN])
{
    return text_take(json_pack("{ss so}", "type", "entered", "participant", id(participant)));
}

struct ic_text *ic_group_committed(uint32_t epoch, const uint8_t from[IC_ID_LEN],
                                   const char *sealed)
{
    char *start = dump_take(
        json_pack("{ss si so}", "type", "committed", "epoch", (int)epoch, "from", id(from)));
    start[strlen(start) - 1] = 0;
    struct ic_text *ending = ic_group_ending(sealed);
    struct ic_text *text = ic_text_new(start, ",\"sealed\":", ending->at);

    ic_text_unref(ending);
    free(start);
    return text;
}

struct ic_text *ic_group_rejected(uint32_t epoch, const char *sealed)
{
    return text_take(
        json_pack("{ss si ss}", "type", "rejected", "epoch", (int)epoch, "sealed", sealed));
}

struct ic_text *ic_group_message(const uint8_t from[IC_ID_LEN], const char *sealed)
{
    return text_take(
        json_pack("{ss so ss}", "type", "message", "from", id(from), "sealed", sealed));
}

struct ic_text *ic_group_left(const uint8_t participant[IC_ID_LEN], bool gone)
{
    json_t *m = json_pack("{ss so}", "type", "left", "participant", id(participant));

    if (gone)
        json_object_set_new(m, "gone", json_true());
    return text_take(m);
}

void ic_say_waiting(struct ic_socket *to, const struct ic_waiter *self,
                    const struct ic_group *group)
{
    json_t *m = json_pack("{ss so so sb}", "type", "waiting", "participant", id(self->id), "resume",
                          binary(self->resume, sizeof self->resume), "attended", group->attended);

    if (group->card)
        json_object_set_new(m, "card", json_string(group->card->at));
    say_with_take(to, m, "info", group->info);
}

void ic_say_opened(struct ic_socket *to, const struct ic_group *group)
{
    say_with_take(to, json_pack("{ss sb}", "type", "opened", "open", group->open), "info",
                  group->info);
}

void ic_say_replied(struct ic_socket *to, const char *sealed, bool final)
{
    say_take(to, json_pack("{ss ss sb}", "type", "replied", "sealed", sealed, "final", final));
}

static json_t *joined(const struct ic_meeting *meeting, const struct ic_participant *self,
                      uint32_t epoch)
{
    json_t *people = json_array();

    for (uint32_t i = 0; i < meeting->count; i++)
        if (meeting->people[i] != self)
            json_array_append_new(people, id(meeting->people[i]->id));
    return json_pack("{ss so so sb sb si so}", "type", "joined", "participant", id(self->id),
                     "resume", binary(self->resume, sizeof self->resume), "host", self->is_host,
                     "keeper", self->is_keeper, "epoch", (int)epoch, "people", people);
}

void ic_say_joined_group(struct ic_socket *to, const struct ic_meeting *meeting,
                         const struct ic_participant *self, uint32_t epoch, struct ic_text *welcome)
{
    say_with_take(to, joined(meeting, self, epoch), "welcome", welcome);
}

void ic_say_joined_behind(struct ic_socket *to, const struct ic_meeting *meeting,
                          const struct ic_participant *self)
{
    json_t *m = joined(meeting, self, meeting->group->log.head);

    json_object_set_new(m, "behind", json_true());
    say_with_take(to, m, "info", meeting->group->info);
}

void ic_say_conflict(struct ic_socket *to, uint32_t head, struct ic_text *info)
{
    say_with_take(to, json_pack("{ss si}", "type", "conflict", "epoch", (int)head), "info", info);
}

void ic_say_removed(struct ic_socket *to)
{
    say_take(to, json_pack("{ss}", "type", "removed"));
}

void ic_say_replaced(struct ic_socket *to)
{
    say_take(to, json_pack("{ss}", "type", "replaced"));
}

void ic_say_error_of(struct ic_socket *to, enum ic_refusal code, enum ic_message_type of,
                     int retry_after)
{
    json_t *m = json_pack("{ss ss ss}", "type", "error", "code", ic_refusal_words[code], "of",
                          ic_message_word(of));

    if (retry_after != IC_NO_WAIT)
        json_object_set_new(m, "retry_after", json_integer(retry_after));
    say_take(to, m);
}
