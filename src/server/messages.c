/* messages.c - builds each message with jansson and queues its text. */
#include "server/messages.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/encode.h"

struct text_of_id {
    char at[IC_BASE64URL_LEN(IC_ID_LEN) + 1];
};

static struct text_of_id text_of(const uint8_t id[IC_ID_LEN])
{
    struct text_of_id text;
    ic_base64url_encode(text.at, (struct ic_bytes){id, IC_ID_LEN});
    return text;
}

/* NULL, out of memory: the client's next message or its timeout will tell. */
static void say_take(struct ic_socket *to, json_t *message)
{
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;

    if (text)
        ic_socket_send(to, text, strlen(text));
    free(text);
    json_decref(message);
}

void ic_say_created(struct ic_socket *to, const uint8_t meeting[IC_ID_LEN])
{
    say_take(to, json_pack("{ss ss}", "type", "created", "meeting", text_of(meeting).at));
}

void ic_say_error(struct ic_socket *to, enum ic_refusal code, int retry_after)
{
    json_t *error = json_pack("{ss ss}", "type", "error", "code", ic_refusal_words[code]);

    if (retry_after != IC_NO_WAIT)
        json_object_set_new(error, "retry_after", json_integer(retry_after));
    say_take(to, error);
}
