/* signalling.c - one session a socket; a table says what each message needs and does. */
#include "server/signalling.h"

#include <stdlib.h>

#include "server/admission.h"
#include "server/commits.h"
#include "server/door.h"
#include "server/media_path.h"
#include "server/membership.h"
#include "server/trial.h"

enum {
    MESSAGES_AT_ONCE = 200,
    MESSAGES_A_SECOND = 50,
    LONG_AT_ONCE = 4, /* of more than IC_MESSAGE_MAX; one a second after that */
    LONG_WAIT_MS = 1000,
    TOO_FAST_WAIT_MS = 5000,
    FULL_WAIT_MS = 5000,
    SPARE_SHARE = 8, /* of the sockets, one in eight is kept free of those that do not join */
    TICK_MS = 100,
    JOIN_WITHIN_MS = 60 * 1000, /* a socket that never joins is closed */
};

/* What a session is, as bits. */
enum {
    NEW = 1,     /* has not joined */
    WAITING = 2, /* at the door of a meeting */
    MEMBER = 4,
    KEEPER = 8, /* and not a MEMBER here, so that the table says who may what */
    MEMBERS = MEMBER | KEEPER,
};

/* A type that is left out would be refused: nothing is allowed by accident (A10). */
static const struct {
    ic_message_handler *handler;
    uint8_t who;
} rules[IC_MSG_FROM_CLIENT] = {
    [IC_MSG_CREATE] = {ic_admission_create, NEW},
    [IC_MSG_JOIN] = {ic_admission_join, NEW},
    [IC_MSG_TRY] = {ic_trial_begin, NEW},
    [IC_MSG_CONNECT] = {ic_media_path_connect, MEMBERS},
    [IC_MSG_RESTART] = {ic_media_path_restart, MEMBERS},
    [IC_MSG_LIVE] = {ic_media_path_live, MEMBERS},
    [IC_MSG_SHOW] = {ic_media_path_show, MEMBERS},
    [IC_MSG_SPEAKING] = {ic_media_path_speaking, MEMBERS},
    [IC_MSG_LEAVE] = {ic_membership_leave, MEMBERS | WAITING},
    [IC_MSG_END] = {ic_membership_end, MEMBERS},
    [IC_MSG_CARD] = {ic_door_card, KEEPER},
    [IC_MSG_KNOCK] = {ic_door_knock, MEMBERS | WAITING},
    [IC_MSG_REPLY] = {ic_door_reply, KEEPER},
    [IC_MSG_COMMIT] = {ic_commits_commit, MEMBERS | WAITING},
    [IC_MSG_DOOR] = {ic_door_set, KEEPER},
    [IC_MSG_REJECT] = {ic_commits_reject, KEEPER},
    [IC_MSG_MESSAGE] = {ic_commits_message, MEMBERS},
    [IC_MSG_ADMISSIONS] = {ic_door_admissions, KEEPER},
    [IC_MSG_KEEPER] = {ic_door_keeper, KEEPER},
};

void ic_session_refuse(struct ic_session *s, enum ic_refusal code, int retry_after)
{
    ic_say_error(s->socket, code, retry_after);
    ic_socket_close(s->socket, IC_CLOSE_POLICY);
}

static uint8_t what_is(const struct ic_session *s)
{
    if (s->waiter)
        return WAITING;
    if (!s->participant)
        return NEW;
    return s->participant->is_keeper ? KEEPER : MEMBER;
}

static void obey(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                 int64_t now)
{
    uint8_t who = what_is(s);

    if (rules[m->type].who & who)
        rules[m->type].handler(signal, s, m, now);
    else if (who == MEMBER && rules[m->type].who & KEEPER)
        ic_say_error_of(s->socket, IC_REFUSED_NOT_KEEPER, m->type, IC_NO_WAIT);
    else
        ic_session_refuse(s, IC_REFUSED_BAD_MESSAGE, IC_NO_WAIT);
}

static bool may_be_long(const struct ic_message *m)
{
    return m->type == IC_MSG_COMMIT || m->type == IC_MSG_DOOR;
}

static void on_message(void *owner, struct ic_socket *socket, const char *text, size_t len)
{
    struct ic_session *s = ic_socket_data(socket);
    int64_t now = (int64_t)uv_hrtime();
    bool is_long = len > IC_MESSAGE_MAX;
    IC_UNCLEARED struct ic_message m; /* the parser clears it */

    /* Who asks again before the refusal has come does not wait as the refusal would tell. */
    if (s->refusal_at != 0 ||
        !ic_bucket_take(&s->bucket, MESSAGES_AT_ONCE, IC_NS_PER_SEC / MESSAGES_A_SECOND, now)) {
        ic_session_refuse(s, IC_REFUSED_TOO_FAST, TOO_FAST_WAIT_MS);
        return;
    }
    if (is_long && !ic_bucket_take(&s->large, LONG_AT_ONCE, IC_NS_PER_SEC, now)) {
        ic_say_error_of(socket, IC_REFUSED_TOO_FAST, IC_MSG_COMMIT, LONG_WAIT_MS);
        return;
    }
    if (ic_message_parse(&m, text, len) != IC_OK) {
        ic_session_refuse(s, IC_REFUSED_BAD_MESSAGE, IC_NO_WAIT);
        return;
    }
    if (is_long && !may_be_long(&m))
        ic_socket_close(socket, IC_CLOSE_TOO_BIG);
    else
        obey(owner, s, &m, now);
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
        if (what_is(s) == NEW && !s->made_way)
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

    ic_trial_end(owner, s);
    ic_membership_lose(s, (int64_t)uv_hrtime());
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
    ic_membership_tick(signal, now);
    ic_media_path_tick(signal, now);
    ic_trial_tick(signal, now);
    for (struct ic_session *s = signal->sessions; s; s = s->next)
        if (what_is(s) == NEW && now - s->opened_at > JOIN_WITHIN_MS * IC_NS_PER_MS)
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

void ic_signal_counts(const struct ic_signal *signal, struct ic_server_counts *out)
{
    *out = signal->counts;
    out->meetings = signal->meeting_count;
    for (const struct ic_meeting *m = signal->meetings; m; m = m->next) {
        out->spread += m->part_count > 1;
        out->members += m->count;
        out->waiting += m->group.waiting.count;
    }
}

void ic_signal_stop(struct ic_signal *signal)
{
    uv_timer_stop(&signal->tick);
    for (struct ic_session *s = signal->sessions; s; s = s->next)
        ic_say_error(s->socket, IC_REFUSED_STOPPING, IC_NO_WAIT);
}
