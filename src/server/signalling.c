/* signalling.c - one session a socket; a table says which messages a session may send when. */
#include "server/signalling.h"

#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "server/bucket.h"
#include "server/messages.h"

enum { MESSAGES_AT_ONCE = 200, MESSAGES_A_SECOND = 50, TOO_FAST_WAIT_MS = 5000 };

struct session {
    struct ic_socket *socket;
    struct ic_bucket bucket;
    struct session *next, **link; /* in signal->sessions */
};

struct ic_signal {
    struct ic_signal_parts parts;
    struct session *sessions;
};

static int64_t monotonic_now(void)
{
    return (int64_t)uv_hrtime();
}

static void refuse_and_close(struct session *s, enum ic_refusal code, int retry_after)
{
    ic_say_error(s->socket, code, retry_after);
    ic_socket_close(s->socket, IC_CLOSE_POLICY);
}

static void on_create(struct ic_signal *signal, struct session *s, const struct ic_message *m)
{
    struct ic_store_meeting meeting;
    uint8_t token_hash[IC_SHA256_LEN];

    ic_random_fill(meeting.id, sizeof meeting.id);
    memcpy(meeting.admission, m->create.admission, sizeof meeting.admission);
    memcpy(meeting.host, m->create.host, sizeof meeting.host);
    ic_sha256(token_hash, (struct ic_bytes){m->create.start, sizeof m->create.start});
    enum ic_err err =
        ic_store_create_meeting(signal->parts.store, token_hash, &meeting, (int64_t)time(NULL));
    if (err == IC_OK)
        ic_say_created(s->socket, meeting.id);
    else
        ic_say_error(s->socket, IC_REFUSED_START_USED, IC_NO_WAIT);
}

static void on_message(void *owner, struct ic_socket *socket, const char *text, size_t len)
{
    struct session *s = ic_socket_data(socket);
    struct ic_signal *signal = owner;
    struct ic_message m;

    if (!ic_bucket_take(&s->bucket, MESSAGES_AT_ONCE, IC_NS_PER_SEC / MESSAGES_A_SECOND,
                        monotonic_now())) {
        refuse_and_close(s, IC_REFUSED_TOO_FAST, TOO_FAST_WAIT_MS);
        return;
    }
    if (ic_message_parse(&m, text, len) != IC_OK || m.type != IC_MSG_CREATE) {
        refuse_and_close(s, IC_REFUSED_BAD_MESSAGE, IC_NO_WAIT);
        return;
    }
    on_create(signal, s, &m);
}

static void on_opened(void *owner, struct ic_socket *socket)
{
    struct ic_signal *signal = owner;
    struct session *s = calloc(1, sizeof *s);

    if (!s)
        abort(); /* a machine without memory for this cannot serve */
    *s = (struct session){.socket = socket, .next = signal->sessions, .link = &signal->sessions};
    if (s->next)
        s->next->link = &s->next;
    signal->sessions = s;
    ic_socket_set_data(socket, s);
}

static void on_closed(void *owner, struct ic_socket *socket)
{
    struct session *s = ic_socket_data(socket);
    (void)owner;

    *s->link = s->next;
    if (s->next)
        s->next->link = s->link;
    free(s);
}

const struct ic_http_events ic_signal_events = {
    .opened = on_opened,
    .message = on_message,
    .closed = on_closed,
};

enum ic_err ic_signal_new(struct ic_signal **out, const struct ic_signal_parts *parts)
{
    struct ic_signal *signal = calloc(1, sizeof *signal);
    if (!signal)
        return IC_ERR_SYSTEM;
    signal->parts = *parts;
    *out = signal;
    return IC_OK;
}

void ic_signal_free(struct ic_signal *signal)
{
    free(signal);
}

void ic_signal_stop(struct ic_signal *signal)
{
    for (struct session *s = signal->sessions; s; s = s->next)
        ic_say_error(s->socket, IC_REFUSED_STOPPING, IC_NO_WAIT);
}
