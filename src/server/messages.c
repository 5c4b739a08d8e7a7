/* messages.c - builds each message with jansson and queues its text. A test holds every one of them
 * against the grammar. */
#include "server/messages.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/encode.h"

enum {
    PEOPLE_BYTES_MAX = IC_MESSAGE_MAX * 3 / 4
}; /* of `joined`; the rest is for its other keys */

/* Out of memory: the client's next message or its timeout will tell. */
static void say_take(struct ic_socket *to, json_t *message)
{
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;

    if (text)
        ic_socket_send(to, text, strlen(text));
    free(text);
    json_decref(message);
}

static json_t *binary(const uint8_t *bytes, size_t len)
{
    char text[IC_BASE64URL_LEN(IC_SEALED_MAX) + 1];

    ic_base64url_encode(text, (struct ic_bytes){bytes, len});
    return json_string(text);
}

static json_t *id(const uint8_t bytes[IC_ID_LEN])
{
    return binary(bytes, IC_ID_LEN);
}

static json_t *person(const struct ic_participant *p)
{
    return json_pack("{so si so}", "participant", id(p->id), "index", (int)p->index, "sealed",
                     binary(p->sealed, p->sealed_len));
}

static json_t *ice(const struct ic_ice_credentials *ours)
{
    return json_pack("{ss ss}", "ufrag", ours->ufrag, "pwd", ours->pwd);
}

void ic_say_created(struct ic_socket *to, const uint8_t meeting[IC_ID_LEN])
{
    say_take(to, json_pack("{ss so}", "type", "created", "meeting", id(meeting)));
}

void ic_say_joined(struct ic_socket *to, const struct ic_meeting *meeting,
                   const struct ic_participant *self)
{
    json_t *people = json_array();
    size_t bytes = 0;
    uint32_t i;

    for (i = 0; i < meeting->count && bytes < PEOPLE_BYTES_MAX; i++) {
        const struct ic_participant *p = meeting->people[i];
        if (p == self || p->sealed_len == 0)
            continue;
        json_array_append_new(people, person(p));
        bytes += IC_BASE64URL_LEN(IC_SEALED_MAX);
    }
    say_take(to, json_pack("{ss so si so sb so}", "type", "joined", "participant", id(self->id),
                           "index", (int)self->index, "resume",
                           binary(self->resume, sizeof self->resume), "host", self->is_host,
                           "people", people));
    for (; i < meeting->count; i++)
        if (meeting->people[i] != self && meeting->people[i]->sealed_len > 0)
            ic_say_announced(to, meeting->people[i]);
}

void ic_say_announced(struct ic_socket *to, const struct ic_participant *who)
{
    json_t *message = person(who);

    json_object_set_new(message, "type", json_string("announced"));
    say_take(to, message);
}

void ic_say_left(struct ic_socket *to, const uint8_t participant[IC_ID_LEN])
{
    say_take(to, json_pack("{ss so}", "type", "left", "participant", id(participant)));
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

void ic_say_reconnect(struct ic_socket *to)
{
    say_take(to, json_pack("{ss}", "type", "reconnect"));
}

void ic_say_ended(struct ic_socket *to)
{
    say_take(to, json_pack("{ss}", "type", "ended"));
}

void ic_say_error(struct ic_socket *to, enum ic_refusal code, int retry_after)
{
    json_t *error = json_pack("{ss ss}", "type", "error", "code", ic_refusal_words[code]);

    if (retry_after != IC_NO_WAIT)
        json_object_set_new(error, "retry_after", json_integer(retry_after));
    say_take(to, error);
}
