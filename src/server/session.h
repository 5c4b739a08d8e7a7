/* session.h - what the files that obey messages share: a session is a socket and, once it has
 * joined, one who waits at the door of a meeting or a participant of it. */
#pragma once

#include "server/bucket.h"
#include "server/messages.h"
#include "server/signalling.h"
#include "server/throttle.h"

/* Ways that are being tried for somebody; see trial.h. */
struct ic_trial {
    uint32_t worker, room;
    uint32_t transports[IC_TRIAL_WAYS];
    uint32_t count; /* 0: none */
    int64_t until;
    bool done; /* one trial a session */
};

struct ic_session {
    struct ic_socket *socket;
    bool made_way;           /* it did not join, and another needed its place */
    struct ic_bucket bucket; /* of messages */
    int64_t opened_at;
    struct ic_meeting *meeting;         /* NULL before it joins and after the end */
    struct ic_participant *participant; /* of these two at most one */
    struct ic_waiter *waiter;
    struct ic_bucket large; /* of messages over IC_MESSAGE_MAX */
    int64_t refusal_at;     /* when to answer `no_entry`; 0: nothing is waiting */
    uint32_t refusal_wait_ms;
    int64_t still_at; /* when it hears next that the server is there; 0: not known yet */
    struct ic_trial trial;
    struct ic_session *next, **link; /* in signal->sessions */
};

struct ic_signal {
    struct ic_signal_parts parts;
    struct ic_workers *workers;
    struct ic_throttle *throttle;
    struct ic_session *sessions;
    struct ic_meeting *meetings;
    uint32_t meeting_count;
    uint32_t trials; /* going on */
    uv_timer_t tick;
    struct ic_server_counts counts; /* what is there now is added by ic_signal_counts() */
};

/* What one type of message does. */
typedef void ic_message_handler(struct ic_signal *signal, struct ic_session *s,
                                const struct ic_message *m, int64_t now);

/* Says what is wrong and closes. */
void ic_session_refuse(struct ic_session *s, enum ic_refusal code, int retry_after);

/* It is in no meeting any more; `s` may be NULL. */
static inline void ic_session_detach(struct ic_session *s)
{
    if (!s)
        return;
    s->meeting = NULL;
    s->participant = NULL;
    s->waiter = NULL;
}

/* The socket of a participant, or NULL while it is away. */
static inline struct ic_socket *ic_socket_of(const struct ic_participant *p)
{
    const struct ic_session *s = p->session;
    return s ? s->socket : NULL;
}

static inline struct ic_socket *ic_socket_of_waiter(const struct ic_waiter *w)
{
    const struct ic_session *s = w->session;
    return s ? s->socket : NULL;
}
