/* door.c - each message that is said across the door. */
#include "server/door.h"

#include "base/log.h"
#include "crypto/secret.h"
#include "server/membership.h"
#include "server/tell.h"

enum { FULL_WAIT_MS = 5000 };

void ic_door_allow(const struct ic_group *group, const struct ic_waiter *waiter)
{
    if (waiter->session)
        ic_socket_allow(ic_socket_of_waiter(waiter),
                        group->open ? IC_MEMBER_MESSAGE_MAX : IC_MESSAGE_MAX,
                        group->open ? IC_OPEN_QUEUE_MAX : IC_SOCKET_QUEUE_MAX);
}

void ic_door_show(const struct ic_meeting *meeting)
{
    for (struct ic_waiter *w = meeting->group.waiting.first; w; w = w->next) {
        ic_door_allow(&meeting->group, w);
        if (w->session)
            ic_say_opened(ic_socket_of_waiter(w), &meeting->group);
    }
}

void ic_door_card(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                  int64_t now)
{
    (void)now;
    if (ic_store_set_card(signal->parts.store, s->meeting->id, m->card.sealed) != IC_OK)
        ic_log(IC_LOG_ERROR, "door", IC_EVENT("card_not_kept"));
    ic_group_set_card(&s->meeting->group, m->card.sealed);
    ic_tell_waiting_take(s->meeting, ic_said_carded(m->card.sealed));
}

void ic_door_knock(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                   int64_t now)
{
    bool is_member = s->participant != NULL;
    struct ic_waiter *waiter = is_member ? s->participant->entry : s->waiter;
    (void)signal;

    if (is_member && !m->knock.returning) {
        ic_session_refuse(s, IC_REFUSED_BAD_MESSAGE, IC_NO_WAIT);
        return;
    }
    uint32_t wait_ms = ic_waiting_knock_wait(&s->meeting->group.waiting, waiter, is_member, now);
    if (wait_ms > 0) {
        ic_say_error_of(s->socket, IC_REFUSED_TOO_FAST, IC_MSG_KNOCK,
                        wait_ms == UINT32_MAX ? IC_NO_WAIT : (int)wait_ms);
        return;
    }
    ic_waiter_set_knock(waiter, m->knock.sealed, m->knock.returning);
    ic_tell_knocked(s->meeting, waiter);
}

static void reply_to_member(struct ic_meeting *meeting, const struct ic_message *m)
{
    struct ic_participant *p = ic_meeting_find(meeting, m->reply.participant);

    if (p && p->session && p->entry && p->entry->knock && p->entry->returning && !m->reply.final)
        ic_say_replied(ic_socket_of(p), m->reply.sealed, false);
}

void ic_door_reply(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                   int64_t now)
{
    struct ic_waiting *waiting = &s->meeting->group.waiting;
    struct ic_waiter *waiter = ic_waiting_find(waiting, m->reply.participant);
    struct ic_socket *socket = waiter ? ic_socket_of_waiter(waiter) : NULL;
    (void)signal;

    if (!waiter) { /* it left in the meantime, or is a member that asks to come back */
        reply_to_member(s->meeting, m);
        return;
    }
    if (socket)
        ic_say_replied(socket, m->reply.sealed, m->reply.final);
    if (!m->reply.final)
        return;
    ic_waiting_note_refusal(waiting, waiter->address, now);
    ic_membership_forget_waiter(s->meeting, waiter, now);
    if (socket)
        ic_socket_close(socket, IC_CLOSE_NORMAL);
}

static bool is_admitted(const struct ic_waiter *waiter, const struct ic_message *m)
{
    bool found = false;

    for (uint32_t i = 0; i < m->admissions.count; i++)
        found |= ic_secret_equal(waiter->admission, m->admissions.hashes[i], IC_TOKEN_LEN);
    return found;
}

void ic_door_admissions(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                        int64_t now)
{
    struct ic_waiter *next;

    if (ic_store_set_admissions(signal->parts.store, s->meeting->id, m->admissions.hashes,
                                m->admissions.count) != IC_OK) {
        ic_say_error_of(s->socket, IC_REFUSED_FULL, IC_MSG_ADMISSIONS, FULL_WAIT_MS);
        return;
    }
    for (struct ic_waiter *w = s->meeting->group.waiting.first; w; w = next) {
        struct ic_socket *socket = ic_socket_of_waiter(w);
        next = w->next;
        if (is_admitted(w, m))
            continue;
        ic_membership_forget_waiter(s->meeting, w, now);
        if (!socket)
            continue;
        ic_say_replaced(socket);
        ic_socket_close(socket, IC_CLOSE_NORMAL);
    }
}

void ic_door_keeper(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                    int64_t now)
{
    struct ic_participant *p = ic_meeting_find(s->meeting, m->keeper.participant);
    (void)signal;
    (void)now;

    if (!p || p->is_host || p->is_keeper == m->keeper.keeper)
        return; /* it left in the meantime, stays what it is, or is that already */
    p->is_keeper = m->keeper.keeper;
    if (p->is_keeper)
        ic_tell_who_knocked(s->meeting, p);
    ic_tell_attended(s->meeting);
}

void ic_door_set(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                 int64_t now)
{
    struct ic_group *group = &s->meeting->group;
    (void)signal;
    (void)now;

    if (m->door.open && m->door.epoch != group->log.head) {
        ic_say_conflict(s->socket, group->log.head, NULL);
        return;
    }
    group->open = m->door.open;
    ic_group_set_info_take(group, m->door.open ? ic_said_ending(m->door.info) : NULL);
    ic_door_show(s->meeting);
}
