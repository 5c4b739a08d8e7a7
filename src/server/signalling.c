/* signalling.c - one session a socket; a table says what each message needs and does. */
#include "server/signalling.h"

#include <stdlib.h>

#include "server/admission.h"
#include "server/media_path.h"

enum {
    MESSAGES_AT_ONCE = 200,
    MESSAGES_A_SECOND = 50,
    TOO_FAST_WAIT_MS = 5000,
    FULL_WAIT_MS = 5000,
    SPARE_SHARE = 8, /* of the sockets, one in eight is kept free of those that do not join */
    TICK_MS = 100,
    JOIN_WITHIN_MS = 60 * 1000, /* a socket that never joins is closed */
};

/* A type that is left out would be refused: nothing is allowed by accident (A10). */
static const struct {
    ic_message_handler *handler;
    bool joined; /* only then, or only before */
} rules[IC_MSG_FROM_CLIENT] = {
    [IC_MSG_CREATE] = {ic_admission_create, false},
    [IC_MSG_JOIN] = {ic_admission_join, false},
    [IC_MSG_ANNOUNCE] = {ic_admission_announce, true},
    [IC_MSG_CONNECT] = {ic_media_path_connect, true},
    [IC_MSG_RESTART] = {ic_media_path_restart, true},
    [IC_MSG_LIVE] = {ic_media_path_live, true},
    [IC_MSG_SHOW] = {ic_media_path_show, true},
    [IC_MSG_SPEAKING] = {ic_media_path_speaking, true},
    [IC_MSG_LEAVE] = {ic_admission_leave, true},
    [IC_MSG_END] = {ic_admission_end, true},
};

void ic_session_refuse(struct ic_session *s, enum ic_refusal code, int retry_after)
{
    ic_say_error(s->socket, code, retry_after);
    ic_socket_close(s->socket, IC_CLOSE_POLICY);
}

static void on_message(void *owner, struct ic_socket *socket, const char *text, size_t len)
{
    struct ic_session *s = ic_socket_data(socket);
    int64_t now = (int64_t)uv_hrtime();
    struct ic_message m;

    /* Who asks again before the refusal has come does not wait as the refusal would tell. */
    if (s->refusal_at != 0 ||
        !ic_bucket_take(&s->bucket, MESSAGES_AT_ONCE, IC_NS_PER_SEC / MESSAGES_A_SECOND, now)) {
        ic_session_refuse(s, IC_REFUSED_TOO_FAST, TOO_FAST_WAIT_MS);
        return;
    }
    bool has_joined = s->participant != NULL;
    if (ic_message_parse(&m, text, len) != IC_OK) {
        ic_session_refuse(s, IC_REFUSED_BAD_MESSAGE, IC_NO_WAIT);
        return;
    }
    if (!rules[m.type].handler || rules[m.type].joined != has_joined)
        ic_session_refuse(s, IC_REFUSED_BAD_MESSAGE, IC_NO_WAIT);
    else
        rules[m.type].handler(owner, s, &m, now);
    ic_message_clear(&m);
}

/* Sockets that did not join must not fill the server, so near the limit each that opens costs the
 * oldest of them its place: who means to join does so at once. */
static void make_room(struct ic_signal *signal)
{
    uint32_t most = signal->parts.config->limits.sockets, open = 0;
    struct ic_session *oldest = NULL;

    for (struct ic_session *s = signal->sessions; s; s = s->next) {
        open++;
        if (!s->participant && !s->made_way)
            oldest = s;
    }
    if (!oldest || open < most - most / SPARE_SHARE)
        return;
    oldest->made_way = true;
    ic_session_refuse(oldest, IC_REFUSED_FULL, FULL_WAIT_MS);
}

static void on_opened(void *owner, struct ic_socket *socket)
{
    struct ic_signal *signal = owner;
    struct ic_session *s = calloc(1, sizeof *s);

    if (!s)
        abort(); /* a machine without memory for this cannot serve */
    make_room(signal);
    s->socket = socket;
    s->opened_at = (int64_t)uv_hrtime();
    s->next = signal->sessions;
    s->link = &signal->sessions;
    if (s->next)
        s->next->link = &s->next;
    signal->sessions = s;
    ic_socket_set_data(socket, s);
}

static void on_closed(void *owner, struct ic_socket *socket)
{
    struct ic_session *s = ic_socket_data(socket);
    (void)owner;

    ic_admission_lose(s, (int64_t)uv_hrtime());
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

static void on_tick(uv_timer_t *timer)
{
    struct ic_signal *signal = timer->data;
    int64_t now = (int64_t)uv_hrtime();

    ic_admission_tick(signal, now);
    ic_media_path_tick(signal, now);
    for (struct ic_session *s = signal->sessions; s; s = s->next)
        if (!s->participant && now - s->opened_at > JOIN_WITHIN_MS * IC_NS_PER_MS)
            ic_socket_close(s->socket, IC_CLOSE_POLICY);
}

enum ic_err ic_signal_new(struct ic_signal **out, const struct ic_signal_parts *parts)
{
    struct ic_signal *signal = calloc(1, sizeof *signal);
    struct ic_throttle *throttle = ic_throttle_new();

    if (!signal || !throttle) {
        free(signal);
        ic_throttle_free(throttle);
        return IC_ERR_SYSTEM;
    }
    signal->parts = *parts;
    signal->throttle = throttle;
    uv_timer_init(parts->loop, &signal->tick);
    signal->tick.data = signal;
    uv_timer_start(&signal->tick, on_tick, TICK_MS, TICK_MS);
    *out = signal;
    return IC_OK;
}

void ic_signal_set_workers(struct ic_signal *signal, struct ic_workers *workers)
{
    signal->workers = workers;
}

void ic_signal_stop(struct ic_signal *signal)
{
    uv_timer_stop(&signal->tick);
    for (struct ic_session *s = signal->sessions; s; s = s->next)
        ic_say_error(s->socket, IC_REFUSED_STOPPING, IC_NO_WAIT);
}
