/* door.c - joining a meeting with a group, and everything that is said across its door. */
#include "server/door.h"

#include "base/log.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "server/admission.h"
#include "server/media_path.h"

enum { FULL_WAIT_MS = 5000 };

/* Telling. */

void ic_door_tell(const struct ic_meeting *meeting, const struct ic_participant *except,
                  struct ic_text *text)
{
    for (uint32_t i = 0; i < meeting->count; i++)
        if (meeting->people[i] != except && meeting->people[i]->session)
            ic_socket_send_text(ic_socket_of(meeting->people[i]), text);
}

void ic_door_tell_take(const struct ic_meeting *meeting, const struct ic_participant *except,
                       struct ic_text *text)
{
    ic_door_tell(meeting, except, text);
    ic_text_unref(text);
}

static struct ic_socket *socket_of(const struct ic_waiter *waiter)
{
    const struct ic_session *s = waiter->session;
    return s ? s->socket : NULL;
}

static void tell_waiting(const struct ic_meeting *meeting, struct ic_text *text)
{
    for (struct ic_waiter *w = meeting->group->waiting.first; w; w = w->next)
        if (w->session)
            ic_socket_send_text(socket_of(w), text);
}

/* Keepers hear of those who knock, and every member of those who return. */
static void tell_of_waiter(const struct ic_meeting *meeting, const struct ic_waiter *waiter,
                           struct ic_text *text)
{
    for (uint32_t i = 0; i < meeting->count; i++) {
        const struct ic_participant *p = meeting->people[i];
        if (p->session && p->entry != waiter && (p->is_keeper || waiter->returning))
            ic_socket_send_text(ic_socket_of(p), text);
    }
}

static struct ic_text *knocked(const struct ic_meeting *meeting, const struct ic_waiter *waiter)
{
    return ic_group_knocked(waiter, ic_waiting_before(&meeting->group->waiting, waiter->address));
}

static void tell_unknocked(const struct ic_meeting *meeting, const struct ic_waiter *waiter)
{
    if (!waiter->knock)
        return;
    struct ic_text *text = ic_group_unknocked(waiter->id);
    tell_of_waiter(meeting, waiter, text);
    ic_text_unref(text);
}

/* To one that is new as a member or as a keeper. */
static void tell_who_knocked(const struct ic_meeting *meeting, const struct ic_participant *p)
{
    for (struct ic_waiter *w = meeting->group->waiting.first; w; w = w->next) {
        if (!w->knock || !p->session || (!p->is_keeper && !w->returning))
            continue;
        struct ic_text *text = knocked(meeting, w);
        ic_socket_send_text(ic_socket_of(p), text);
        ic_text_unref(text);
    }
}

void ic_door_attend(struct ic_meeting *meeting)
{
    bool attended = false;

    for (uint32_t i = 0; i < meeting->count; i++)
        attended = attended || (meeting->people[i]->is_keeper && meeting->people[i]->session);
    if (attended == meeting->group->attended)
        return;
    meeting->group->attended = attended;
    struct ic_text *text = ic_group_attended(attended);
    tell_waiting(meeting, text);
    ic_text_unref(text);
}

/* From waiting to member and back. */

static void allow_waiting(const struct ic_group *group, const struct ic_waiter *waiter)
{
    if (waiter->session)
        ic_socket_allow(socket_of(waiter), group->open ? IC_MEMBER_MESSAGE_MAX : IC_MESSAGE_MAX,
                        group->open ? IC_OPEN_QUEUE_MAX : IC_SOCKET_QUEUE_MAX);
}

static void wait_with(struct ic_session *s, struct ic_meeting *meeting, struct ic_waiter *waiter)
{
    s->meeting = meeting;
    s->participant = NULL;
    s->waiter = waiter;
    waiter->session = s;
    allow_waiting(meeting->group, waiter);
    ic_say_waiting(s->socket, waiter, meeting->group);
}

static void be_member_with(struct ic_session *s, struct ic_meeting *meeting,
                           struct ic_participant *p)
{
    s->meeting = meeting;
    s->participant = p;
    s->waiter = NULL;
    p->session = s;
    ic_socket_allow(s->socket, IC_MEMBER_MESSAGE_MAX, IC_MEMBER_QUEUE_MAX);
}

static void after_joined(struct ic_meeting *meeting, struct ic_participant *p)
{
    if (meeting->crowded && p->session)
        ic_say_voices(ic_socket_of(p), true);
    if (p->session)
        ic_media_path_tell(p);
    tell_who_knocked(meeting, p);
    ic_door_attend(meeting);
}

enum ic_err ic_door_bring_in(struct ic_signal *signal, struct ic_meeting *meeting,
                             struct ic_waiter *waiter, uint32_t epoch, struct ic_text *welcome,
                             int64_t now)
{
    struct ic_participant *p;

    if (ic_meeting_add(meeting, &p, signal->parts.config->limits.participants, now) != IC_OK)
        return IC_ERR_FULL;
    ic_waiting_take(&meeting->group->waiting, waiter);
    memcpy(p->id, waiter->id, sizeof p->id);
    memcpy(p->resume, waiter->resume, sizeof p->resume);
    p->entry = waiter;
    p->is_host = p->is_keeper = waiter->is_host;
    p->away_since = waiter->away_since;
    if (waiter->session) {
        be_member_with(waiter->session, meeting, p);
        waiter->session = NULL;
        ic_say_joined_group(ic_socket_of(p), meeting, p, epoch, welcome);
    }
    after_joined(meeting, p);
    return IC_OK;
}

void ic_door_put_back(struct ic_signal *signal, struct ic_meeting *meeting,
                      struct ic_participant *p, int64_t now)
{
    struct ic_session *s = p->session;
    struct ic_waiter *waiter = p->entry;
    struct ic_text *left = ic_group_left(p->id, false);

    waiter->away_since = p->away_since;
    p->entry = NULL;
    ic_media_path_close(signal, meeting, p);
    ic_meeting_remove(meeting, p, now);
    ic_waiting_put(&meeting->group->waiting, waiter);
    ic_door_tell_take(meeting, NULL, left);
    ic_media_path_refresh(signal, meeting);
    ic_door_attend(meeting);
    if (s)
        wait_with(s, meeting, waiter);
}

/* Joining. */

bool ic_door_knows(const struct ic_meeting *meeting, const struct ic_message *join)
{
    return meeting && meeting->group && join->join.has_resume &&
           ic_meeting_find_resumable(meeting, join->join.resume) != NULL;
}

static void make_way(struct ic_session *older)
{
    if (!older)
        return;
    older->participant = NULL;
    older->waiter = NULL;
    older->meeting = NULL;
    ic_socket_close(older->socket, IC_CLOSE_ELSEWHERE);
}

static void say_commits_from(const struct ic_participant *p, const struct ic_delivery *log,
                             uint32_t epoch)
{
    for (; epoch < log->head; epoch++)
        ic_socket_send_text(ic_socket_of(p), ic_delivery_at(log, epoch)->committed);
}

/* Where it goes on: from the epoch that it says, else from its welcome. */
static void catch_up(const struct ic_meeting *meeting, const struct ic_participant *p,
                     const struct ic_message *join)
{
    const struct ic_delivery *log = &meeting->group->log;
    const struct ic_delivered *brought = NULL;
    uint32_t epoch = join->join.epoch;
    bool can_follow = join->join.has_epoch && ic_delivery_reaches(log, epoch);

    if (!join->join.has_epoch) {
        brought = ic_delivery_that_brought(log, p->id, &epoch);
        epoch += brought != NULL;
        can_follow = brought ? brought->welcome != NULL : log->head == 0 && meeting->count == 1;
    }
    if (!can_follow) {
        ic_say_joined_behind(ic_socket_of(p), meeting, p);
        return;
    }
    ic_say_joined_group(ic_socket_of(p), meeting, p, epoch, brought ? brought->welcome : NULL);
    say_commits_from(p, log, epoch);
}

static void come_back(struct ic_session *s, struct ic_meeting *meeting, struct ic_participant *p,
                      const struct ic_message *join, bool is_host)
{
    make_way(p->session);
    be_member_with(s, meeting, p);
    p->is_host = p->is_host || is_host;
    p->is_keeper = p->is_keeper || is_host;
    p->entry->is_host = p->is_host;
    catch_up(meeting, p, join);
    after_joined(meeting, p);
}

static bool somebody_is_connected(const struct ic_meeting *meeting)
{
    for (uint32_t i = 0; i < meeting->count; i++)
        if (meeting->people[i]->session)
            return true;
    return false;
}

void ic_door_over(struct ic_meeting *meeting)
{
    bool was_open = meeting->group->open;

    ic_group_over(meeting->group);
    for (struct ic_waiter *w = meeting->group->waiting.first; was_open && w; w = w->next) {
        allow_waiting(meeting->group, w);
        if (w->session)
            ic_say_opened(socket_of(w), meeting->group);
    }
}

/* Only the away are left, so nobody hears of it. */
static void begin_group(struct ic_signal *signal, struct ic_meeting *meeting,
                        struct ic_waiter *waiter, int64_t now)
{
    while (meeting->count > 0)
        ic_admission_take_out(signal, meeting, meeting->people[0], false, now);
    if (ic_door_bring_in(signal, meeting, waiter, 0, NULL, now) != IC_OK)
        wait_with(waiter->session, meeting, waiter);
}

static struct ic_waiter *find_waiter(struct ic_meeting *meeting, const struct ic_message *join)
{
    struct ic_waiter *waiter =
        join->join.has_resume
            ? ic_waiting_find_resumable(&meeting->group->waiting, join->join.resume)
            : NULL;

    if (waiter)
        make_way(waiter->session);
    return waiter;
}

void ic_door_join(struct ic_signal *signal, struct ic_session *s, struct ic_meeting *meeting,
                  const struct ic_message *join, bool is_host, int64_t now)
{
    struct ic_waiting *waiting = &meeting->group->waiting;
    const uint8_t *peer = ic_socket_peer(s->socket);
    struct ic_participant *p =
        join->join.has_resume ? ic_meeting_find_resumable(meeting, join->join.resume) : NULL;

    if (p) {
        come_back(s, meeting, p, join, is_host);
        return;
    }
    uint32_t wait_ms = is_host ? 0 : ic_waiting_refused_wait(waiting, peer, now);
    if (wait_ms > 0) {
        ic_say_error(s->socket, IC_REFUSED_REFUSED, (int)wait_ms);
        return;
    }
    struct ic_waiter *waiter = find_waiter(meeting, join);
    if (!waiter && ic_waiting_add(waiting, &waiter, signal->parts.config->limits.participants,
                                  peer) != IC_OK) {
        ic_say_error(s->socket, IC_REFUSED_FULL, FULL_WAIT_MS);
        return;
    }
    ic_sha256(waiter->admission, (struct ic_bytes){join->join.proof, IC_TOKEN_LEN});
    waiter->is_host = waiter->is_host || is_host;
    if (waiter->is_host && !somebody_is_connected(meeting)) {
        s->meeting = meeting;
        s->waiter = waiter;
        waiter->session = s;
        begin_group(signal, meeting, waiter, now);
    } else {
        wait_with(s, meeting, waiter);
    }
}

/* Leaving. */

static void forget_waiter(struct ic_meeting *meeting, struct ic_waiter *waiter, int64_t now)
{
    struct ic_session *s = waiter->session;

    if (s) {
        s->waiter = NULL;
        s->meeting = NULL;
    }
    tell_unknocked(meeting, waiter);
    ic_waiting_take(&meeting->group->waiting, waiter);
    ic_waiter_free(waiter);
    if (meeting->count == 0)
        meeting->empty_since = now;
}

void ic_door_leave(struct ic_session *s, int64_t now)
{
    forget_waiter(s->meeting, s->waiter, now);
    ic_socket_close(s->socket, IC_CLOSE_NORMAL);
}

void ic_door_lose(struct ic_session *s, int64_t now)
{
    s->waiter->session = NULL;
    s->waiter->away_since = now;
}

void ic_door_end(struct ic_meeting *meeting)
{
    for (struct ic_waiter *w = meeting->group->waiting.first; w; w = w->next) {
        struct ic_session *s = w->session;
        if (!s)
            continue;
        s->waiter = NULL;
        s->meeting = NULL;
        ic_say_ended(s->socket);
        ic_socket_close(s->socket, IC_CLOSE_NORMAL);
    }
}

void ic_door_tick(struct ic_meeting *meeting, int64_t now)
{
    struct ic_waiter *next;

    for (struct ic_waiter *w = meeting->group->waiting.first; w; w = next) {
        next = w->next;
        if (!w->session && now - w->away_since > IC_WAITING_AWAY_MS * IC_NS_PER_MS)
            forget_waiter(meeting, w, now);
    }
}

/* Across the door. */

void ic_door_card(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                  int64_t now)
{
    (void)now;
    if (ic_store_set_card(signal->parts.store, s->meeting->id, m->card.sealed) != IC_OK)
        ic_log(IC_LOG_ERROR, "door", IC_EVENT("card_not_kept"));
    ic_group_set_card(s->meeting->group, m->card.sealed);
    struct ic_text *text = ic_group_carded(m->card.sealed);
    tell_waiting(s->meeting, text);
    ic_text_unref(text);
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
    uint32_t wait_ms = ic_waiter_knock_wait(waiter, is_member, now);
    if (wait_ms > 0) {
        ic_say_error_of(s->socket, IC_REFUSED_TOO_FAST, IC_MSG_KNOCK,
                        wait_ms == UINT32_MAX ? IC_NO_WAIT : (int)wait_ms);
        return;
    }
    ic_waiter_set_knock(waiter, m->knock.sealed, m->knock.returning);
    struct ic_text *text = knocked(s->meeting, waiter);
    tell_of_waiter(s->meeting, waiter, text);
    ic_text_unref(text);
}

void ic_door_reply(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                   int64_t now)
{
    struct ic_waiting *waiting = &s->meeting->group->waiting;
    struct ic_waiter *waiter = ic_waiting_find(waiting, m->reply.participant);
    struct ic_socket *socket = waiter ? socket_of(waiter) : NULL;
    (void)signal;

    if (!waiter)
        return; /* it left in the meantime */
    if (socket)
        ic_say_replied(socket, m->reply.sealed, m->reply.final);
    if (!m->reply.final)
        return;
    ic_waiting_note_refusal(waiting, waiter->address, now);
    forget_waiter(s->meeting, waiter, now);
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
    for (struct ic_waiter *w = s->meeting->group->waiting.first; w; w = next) {
        struct ic_socket *socket = socket_of(w);
        next = w->next;
        if (is_admitted(w, m))
            continue;
        forget_waiter(s->meeting, w, now);
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
        tell_who_knocked(s->meeting, p);
    ic_door_attend(s->meeting);
}

void ic_door_set(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                 int64_t now)
{
    struct ic_group *group = s->meeting->group;
    (void)signal;
    (void)now;

    if (m->door.open && m->door.epoch != group->log.head) {
        ic_say_conflict(s->socket, group->log.head, NULL);
        return;
    }
    group->open = m->door.open;
    ic_group_set_info_take(group, m->door.open ? ic_group_ending(m->door.info) : NULL);
    for (struct ic_waiter *w = group->waiting.first; w; w = w->next) {
        allow_waiting(group, w);
        if (w->session)
            ic_say_opened(socket_of(w), group);
    }
}
