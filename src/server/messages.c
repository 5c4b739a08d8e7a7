/* messages.c - builds each message with jansson. A test holds every one of them against the
 * grammar. */
#include "server/messages.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/encode.h"

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

/* A server without memory for a message ends. */
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

/* `object`, of which nobody else knows, up to the value of one more key, and `colon` behind that.
 */
static struct ic_text *up_to_take(struct ic_text *object, const char *key, const char *colon)
{
    object->at[object->len - 1] = 0;
    struct ic_text *start = ic_text_new(object->at, ",\"", key),
                   *head = ic_text_new(start->at, colon, "");

    ic_text_unref(start);
    ic_text_unref(object);
    return head;
}

/* `object` with one more key. The value is long, and has nothing that jansson need look for. */
static struct ic_text *with_take(struct ic_text *object, const char *key, const char *base64url)
{
    struct ic_text *head = up_to_take(object, key, "\":\""),
                   *whole = ic_text_new(head->at, base64url, "\"}");

    ic_text_unref(head);
    return whole;
}

/* `object` with one more key, whose value and the bracket after it are `ending`. */
static void say_with_take(struct ic_socket *to, struct ic_text *object, const char *key,
                          struct ic_text *ending)
{
    if (!ending) {
        ic_socket_send_with(to, "", 0, object);
        ic_text_unref(object);
        return;
    }
    struct ic_text *head = up_to_take(object, key, "\":");
    ic_socket_send_with(to, head->at, head->len, ending);
    ic_text_unref(head);
}

/* For several receivers. */

struct ic_text *ic_said_ending(const char *sealed)
{
    return ic_text_new("\"", sealed, "\"}");
}

struct ic_text *ic_said_attended(bool attended)
{
    return text_take(json_pack("{ss sb}", "type", "attended", "attended", attended));
}

struct ic_text *ic_said_carded(const char *sealed)
{
    return with_take(text_take(json_pack("{ss}", "type", "carded")), "sealed", sealed);
}

struct ic_text *ic_said_knocked(const struct ic_waiter *who, uint32_t before)
{
    json_t *m = json_pack("{ss so}", "type", "knocked", "participant", id(who->id));

    if (who->returning)
        json_object_set_new(m, "returning", json_true());
    if (before > 0)
        json_object_set_new(m, "before", json_integer(before));
    return with_take(text_take(m), "sealed", who->knock->at);
}

struct ic_text *ic_said_unknocked(const uint8_t participant[IC_ID_LEN])
{
    return text_take(json_pack("{ss so}", "type", "unknocked", "participant", id(participant)));
}

struct ic_text *ic_said_entered(const uint8_t participant[IC_ID_LEN])
{
    return text_take(json_pack("{ss so}", "type", "entered", "participant", id(participant)));
}

struct ic_text *ic_said_committed(uint32_t epoch, const uint8_t from[IC_ID_LEN], const char *sealed)
{
    json_t *m = json_pack("{ss si so}", "type", "committed", "epoch", (int)epoch, "from", id(from));

    return with_take(text_take(m), "sealed", sealed);
}

struct ic_text *ic_said_rejected(uint32_t epoch, const char *sealed)
{
    return with_take(text_take(json_pack("{ss si}", "type", "rejected", "epoch", (int)epoch)),
                     "sealed", sealed);
}

struct ic_text *ic_said_message(const uint8_t from[IC_ID_LEN], const char *sealed)
{
    return with_take(text_take(json_pack("{ss so}", "type", "message", "from", id(from))), "sealed",
                     sealed);
}

struct ic_text *ic_said_left(const uint8_t participant[IC_ID_LEN], bool gone)
{
    json_t *m = json_pack("{ss so}", "type", "left", "participant", id(participant));

    if (gone)
        json_object_set_new(m, "gone", json_true());
    return text_take(m);
}

/* At the door. */

void ic_say_created(struct ic_socket *to, const uint8_t meeting[IC_ID_LEN])
{
    say_take(to, json_pack("{ss so}", "type", "created", "meeting", id(meeting)));
}

void ic_say_waiting(struct ic_socket *to, const struct ic_waiter *self,
                    const struct ic_group *group)
{
    struct ic_text *said = text_take(
        json_pack("{ss so so sb}", "type", "waiting", "participant", id(self->id), "resume",
                  binary(self->resume, sizeof self->resume), "attended", group->attended));

    if (group->card)
        said = with_take(said, "card", group->card->at);
    say_with_take(to, said, "info", group->info);
}

void ic_say_opened(struct ic_socket *to, const struct ic_group *group)
{
    say_with_take(to, text_take(json_pack("{ss sb}", "type", "opened", "open", group->open)),
                  "info", group->info);
}

void ic_say_replied(struct ic_socket *to, const char *sealed, bool final)
{
    say_take(to, json_pack("{ss ss sb}", "type", "replied", "sealed", sealed, "final", final));
}

void ic_say_replaced(struct ic_socket *to)
{
    say_take(to, json_pack("{ss}", "type", "replaced"));
}

/* Inside. */

static json_t *joined(const struct ic_meeting *meeting, const struct ic_participant *self,
                      uint32_t epoch)
{
    json_t *people = json_array();

    for (uint32_t i = 0; i < meeting->count; i++)
        if (meeting->people[i] != self)
            json_array_append_new(people, id(meeting->people[i]->id));
    json_t *m =
        json_pack("{ss so so sb sb si so}", "type", "joined", "participant", id(self->id), "resume",
                  binary(self->resume, sizeof self->resume), "host", self->is_host, "keeper",
                  self->is_keeper, "epoch", (int)epoch, "people", people);
    bool founds = meeting->count == 1 && meeting->group.log.head == 0;
    if (founds && meeting->group.card)
        json_object_set_new(m, "card", json_string(meeting->group.card->at));
    return m;
}

void ic_say_joined(struct ic_socket *to, const struct ic_meeting *meeting,
                   const struct ic_participant *self, uint32_t epoch, struct ic_text *welcome)
{
    say_with_take(to, text_take(joined(meeting, self, epoch)), "welcome", welcome);
}

void ic_say_joined_behind(struct ic_socket *to, const struct ic_meeting *meeting,
                          const struct ic_participant *self)
{
    json_t *m = joined(meeting, self, meeting->group.log.head);

    json_object_set_new(m, "behind", json_true());
    say_with_take(to, text_take(m), "info", meeting->group.info);
}

void ic_say_conflict(struct ic_socket *to, uint32_t head, struct ic_text *info)
{
    say_with_take(to, text_take(json_pack("{ss si}", "type", "conflict", "epoch", (int)head)),
                  "info", info);
}

void ic_say_removed(struct ic_socket *to)
{
    say_take(to, json_pack("{ss}", "type", "removed"));
}

/* Media. */

static json_t *ice(const struct ic_ice_credentials *ours)
{
    return json_pack("{ss ss}", "ufrag", ours->ufrag, "pwd", ours->pwd);
}

static json_t *candidates(const struct ic_answer_parts *parts)
{
    static const char *const protocols[] = {"udp", "tcp"};
    json_t *list = json_array();

    for (size_t protocol = 0; protocol < IC_COUNT(protocols); protocol++)
        for (uint32_t i = 0; i < parts->addresses->count; i++)
            json_array_append_new(list, json_pack("{ss ss si}", "protocol", protocols[protocol],
                                                  "address", parts->addresses->at[i], "port",
                                                  (int)parts->port));
    return list;
}

static json_t *answered_line(const struct ic_line *line)
{
    json_t *extensions = json_array();

    for (int i = 0; i < IC_EXTENSIONS; i++)
        if (line->ext[i] != 0)
            json_array_append_new(extensions, json_string(ic_extension_words[i]));
    json_t *answered = json_pack("{ss so}", "mid", line->mid, "extensions", extensions);
    if (line->ssrc != 0)
        json_object_set_new(answered, "ssrc", json_integer(line->ssrc));
    if (line->rtx_ssrc != 0)
        json_object_set_new(answered, "rtx_ssrc", json_integer(line->rtx_ssrc));
    return answered;
}

void ic_say_answer(struct ic_socket *to, const struct ic_participant *p,
                   const struct ic_answer_parts *parts)
{
    json_t *lines = json_array();

    for (uint32_t i = 0; i < p->line_count; i++)
        json_array_append_new(lines, answered_line(&p->lines[i].line));
    say_take(to, json_pack("{ss si so so so so}", "type", "answer", "connection",
                           (int)p->connection, "ice", ice(parts->ours), "fingerprint",
                           binary(parts->fingerprint, IC_FINGERPRINT_LEN), "candidates",
                           candidates(parts), "lines", lines));
}

void ic_say_restarted(struct ic_socket *to, uint32_t connection,
                      const struct ic_ice_credentials *ours)
{
    say_take(to, json_pack("{ss si so}", "type", "restarted", "connection", (int)connection, "ice",
                           ice(ours)));
}

static json_t *relay_servers(const struct ic_relays *relays,
                             const struct ic_relay_credentials *credentials)
{
    json_t *servers = json_array();

    for (uint32_t i = 0; i < relays->urls->count; i++)
        json_array_append_new(servers, json_pack("{ss ss ss}", "url", relays->urls->at[i],
                                                 "username", credentials->username, "credential",
                                                 credentials->credential));
    return servers;
}

void ic_say_relays(struct ic_socket *to, const struct ic_relays *relays,
                   const struct ic_relay_credentials *credentials)
{
    say_take(to, json_pack("{ss sb so}", "type", "relays", "only", relays->only, "servers",
                           relay_servers(relays, credentials)));
}

void ic_say_tried(struct ic_socket *to, const struct ic_answer_parts *parts, uint32_t count,
                  const struct ic_relays *relays, const struct ic_relay_credentials *credentials)
{
    json_t *ways = json_array();

    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(ways, ice(&parts->ours[i]));
    say_take(to, json_pack("{ss so so so sb so}", "type", "tried", "fingerprint",
                           binary(parts->fingerprint, IC_FINGERPRINT_LEN), "candidates",
                           candidates(parts), "ways", ways, "only", relays->only, "servers",
                           relay_servers(relays, credentials)));
}

void ic_say_slots(struct ic_socket *to, const struct ic_participant *p)
{
    json_t *slots = json_array();

    for (uint32_t i = 0; i < p->line_count; i++) {
        const struct ic_point *point = &p->lines[i].point;
        if (point->transport != 0)
            json_array_append_new(slots, json_pack("{ss so ss}", "mid", p->lines[i].line.mid,
                                                   "participant", id(point->participant), "stream",
                                                   ic_stream_words[point->stream]));
    }
    say_take(to, json_pack("{ss so}", "type", "slots", "slots", slots));
}

void ic_say_voices(struct ic_socket *to, bool crowded)
{
    say_take(to, json_pack("{ss sb}", "type", "voices", "crowded", crowded));
}

void ic_say_path(struct ic_socket *to, const struct ic_transport_stats *path)
{
    say_take(to, json_pack("{ss sI si si}", "type", "path", "bps", (json_int_t)path->estimate_bps,
                           "lowered", (int)path->lowered, "dark", (int)path->dark));
}

void ic_say_wanted(struct ic_socket *to, enum ic_stream stream, uint8_t layers, enum ic_codec codec)
{
    say_take(to, json_pack("{ss ss si ss}", "type", "wanted", "stream", ic_stream_words[stream],
                           "layers", (int)layers, "codec", ic_codec_words[codec]));
}

void ic_say_reconnect(struct ic_socket *to)
{
    say_take(to, json_pack("{ss}", "type", "reconnect"));
}

/* To anybody. */

void ic_say_ended(struct ic_socket *to)
{
    say_take(to, json_pack("{ss}", "type", "ended"));
}

static void say_error_take(struct ic_socket *to, json_t *error, int retry_after)
{
    if (retry_after != IC_NO_WAIT)
        json_object_set_new(error, "retry_after", json_integer(retry_after));
    say_take(to, error);
}

void ic_say_error(struct ic_socket *to, enum ic_refusal code, int retry_after)
{
    say_error_take(to, json_pack("{ss ss}", "type", "error", "code", ic_refusal_words[code]),
                   retry_after);
}

void ic_say_error_of(struct ic_socket *to, enum ic_refusal code, enum ic_message_type of,
                     int retry_after)
{
    say_error_take(to,
                   json_pack("{ss ss ss}", "type", "error", "code", ic_refusal_words[code], "of",
                             ic_message_word(of)),
                   retry_after);
}
