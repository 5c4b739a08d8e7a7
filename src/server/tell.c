/* tell.c - walks the list of members, or of those who wait. */
#include "server/tell.h"

void ic_tell_members_take(const struct ic_meeting *meeting, const struct ic_participant *except,
                          struct ic_text *text)
{
    for (uint32_t i = 0; i < meeting->count; i++)
        if (meeting->people[i] != except && meeting->people[i]->session)
            ic_socket_send_text(ic_socket_of(meeting->people[i]), text);
    ic_text_unref(text);
}

void ic_tell_waiting_take(const struct ic_meeting *meeting, struct ic_text *text)
{
    for (const struct ic_waiter *w = meeting->group.waiting.first; w; w = w->next)
        if (w->session)
            ic_socket_send_text(ic_socket_of_waiter(w), text);
    ic_text_unref(text);
}

static bool concerns(const struct ic_participant *p, const struct ic_waiter *waiter)
{
    return p->session && p->entry != waiter && (p->is_keeper || waiter->returning);
}

static void tell_of_take(const struct ic_meeting *meeting, const struct ic_waiter *waiter,
                         struct ic_text *text)
{
    for (uint32_t i = 0; i < meeting->count; i++)
        if (concerns(meeting->people[i], waiter))
            ic_socket_send_text(ic_socket_of(meeting->people[i]), text);
    ic_text_unref(text);
}

static struct ic_text *knocked(const struct ic_meeting *meeting, const struct ic_waiter *waiter)
{
    return ic_said_knocked(waiter, ic_waiting_before(&meeting->group.waiting, waiter->address));
}

void ic_tell_knocked(const struct ic_meeting *meeting, const struct ic_waiter *waiter)
{
    tell_of_take(meeting, waiter, knocked(meeting, waiter));
}

void ic_tell_unknocked(const struct ic_meeting *meeting, const struct ic_waiter *waiter)
{
    if (waiter->knock)
        tell_of_take(meeting, waiter, ic_said_unknocked(waiter->id));
}

static void tell_if_knocked(const struct ic_meeting *meeting, const struct ic_participant *p,
                            const struct ic_waiter *waiter)
{
    if (!waiter || !waiter->knock || !concerns(p, waiter))
        return;
    struct ic_text *text = knocked(meeting, waiter);
    ic_socket_send_text(ic_socket_of(p), text);
    ic_text_unref(text);
}

void ic_tell_who_knocked(const struct ic_meeting *meeting, const struct ic_participant *p)
{
    for (const struct ic_waiter *w = meeting->group.waiting.first; w; w = w->next)
        tell_if_knocked(meeting, p, w);
    for (uint32_t i = 0; i < meeting->count; i++) /* members who ask to come back */
        if (meeting->people[i]->session)
            tell_if_knocked(meeting, p, meeting->people[i]->entry);
}

void ic_tell_attended(struct ic_meeting *meeting)
{
    bool attended = false;

    for (uint32_t i = 0; i < meeting->count; i++)
        attended = attended || (meeting->people[i]->is_keeper && meeting->people[i]->session);
    if (attended == meeting->group.attended)
        return;
    meeting->group.attended = attended;
    ic_tell_waiting_take(meeting, ic_said_attended(attended));
}
