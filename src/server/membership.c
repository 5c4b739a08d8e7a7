/* membership.c - a session is of one who waits, then perhaps of a member. Both are found again by
 * their resume token for a while after the socket was lost. */
#include "server/membership.h"

#include "base/log.h"
#include "crypto/hash.h"
#include "server/door.h"
#include "server/media_path.h"
#include "server/placing.h"
#include "server/tell.h"

enum {
    FULL_WAIT_MS = 5000,
    HOST_WAITS_MS = 5000,
    STILL_EVERY_MS = 10 * 1000,
    EMPTY_KEPT_MS = IC_REFUSED_WAIT_MS, /* whom an empty meeting refused has to wait all the same */
};

/* From waiting to member and back. */

static void wait_with(struct ic_session *s, struct ic_meeting *meeting, struct ic_waiter *waiter)
{
    s->meeting = meeting;
    s->participant = NULL;
    s->waiter = waiter;
    waiter->session = s;
    ic_door_allow(&meeting->group, waiter);
    ic_say_waiting(s->socket, waiter, &meeting->group);
}

static void be_member_with(struct ic_signal *signal, struct ic_session *s,
                           struct ic_meeting *meeting, struct ic_participant *p)
{
    s->meeting = meeting;
    s->participant = p;
    s->waiter = NULL;
    s->still_at = 0;
    p->session = s;
    ic_socket_allow(s->socket, IC_MEMBER_MESSAGE_MAX, IC_MEMBER_QUEUE_MAX);
    ic_media_path_offer_relays(signal, p);
}

static void after_joined(struct ic_meeting *meeting, struct ic_participant *p)
{
    if (meeting->crowded && p->session)
        ic_say_voices(ic_socket_of(p), true);
    if (p->session)
        ic_media_path_tell(p);
    ic_tell_who_knocked(meeting, p);
    ic_tell_attended(meeting);
}

enum ic_err ic_membership_bring_in(struct ic_signal *signal, struct ic_meeting *meeting,
                                   struct ic_waiter *waiter, uint32_t epoch,
                                   struct ic_text *welcome)
{
    struct ic_session *s = waiter->session;
    struct ic_participant *p;

    if (ic_meeting_add(meeting, &p, waiter, signal->parts.config->limits.participants) != IC_OK)
        return IC_ERR_FULL;
    signal->counts.joined++;
    waiter->session = NULL;
    if (s) {
        be_member_with(signal, s, meeting, p);
        ic_say_joined(s->socket, meeting, p, epoch, welcome);
    }
    after_joined(meeting, p);
    return IC_OK;
}

void ic_membership_put_back(struct ic_signal *signal, struct ic_meeting *meeting,
                            struct ic_participant *p, int64_t now)
{
    struct ic_session *s = p->session;
    struct ic_waiter *waiter = p->entry;
    struct ic_text *left = ic_said_left(p->id, false);

    waiter->away_since = p->away_since;
    p->entry = NULL;
    ic_media_path_close(signal, meeting, p);
    ic_meeting_remove(meeting, p, now);
    ic_waiting_put(&meeting->group.waiting, waiter);
    ic_tell_members_take(meeting, NULL, left);
    ic_media_path_refresh(signal, meeting);
    ic_tell_attended(meeting);
    if (s)
        wait_with(s, meeting, waiter);
}

/* Coming back. */

/* An older socket of the same one, if there is one still. */
static void make_way(struct ic_session *older)
{
    if (!older)
        return;
    ic_session_detach(older);
    ic_socket_close(older->socket, IC_CLOSE_ELSEWHERE);
}

static struct ic_participant *find_member(const struct ic_meeting *meeting,
                                          const struct ic_message *join)
{
    return join->join.has_resume ? ic_meeting_find_resumable(meeting, join->join.resume) : NULL;
}

bool ic_membership_resumes(const struct ic_meeting *meeting, const struct ic_message *join)
{
    return meeting && find_member(meeting, join) != NULL;
}

static void say_commits_from(const struct ic_participant *p, const struct ic_delivery *log,
                             uint32_t epoch)
{
    for (; epoch < log->head; epoch++)
        ic_socket_send_text(ic_socket_of(p), ic_delivery_at(log, epoch)->committed);
}

/* It may have entered what was taken back while it was away. */
static void say_rejects_before(const struct ic_participant *p, const struct ic_delivery *log,
                               uint32_t epoch)
{
    for (uint32_t i = 0; i < IC_REJECTS_KEPT; i++)
        if (log->rejects[i].rejected && log->rejects[i].epoch < epoch)
            ic_socket_send_text(ic_socket_of(p), log->rejects[i].rejected);
}

/* Where it goes on: from the epoch that it says, else from its welcome. */
static void catch_up(const struct ic_meeting *meeting, const struct ic_participant *p,
                     const struct ic_message *join)
{
    const struct ic_delivery *log = &meeting->group.log;
    const struct ic_delivered *brought = NULL;
    uint32_t epoch = join->join.epoch;
    bool can_follow = join->join.has_epoch && ic_delivery_reaches(log, epoch);

    if (!join->join.has_epoch) {
        brought = ic_delivery_that_brought(log, p->id, &epoch);
        epoch += brought != NULL;
        can_follow = brought ? brought->welcome != NULL : log->head == 0 && meeting->count == 1;
    }
    if (can_follow)
        ic_say_joined(ic_socket_of(p), meeting, p, epoch, brought ? brought->welcome : NULL);
    else
        ic_say_joined_behind(ic_socket_of(p), meeting, p);
    if (join->join.has_epoch)
        say_rejects_before(p, log, epoch);
    if (can_follow)
        say_commits_from(p, log, epoch);
}

static void come_back(struct ic_signal *signal, struct ic_session *s, struct ic_meeting *meeting,
                      struct ic_participant *p, const struct ic_message *join, bool is_host)
{
    signal->counts.returned++;
    make_way(p->session);
    be_member_with(signal, s, meeting, p);
    p->is_host = p->is_host || is_host;
    p->is_keeper = p->is_keeper || is_host;
    p->entry->is_host = p->is_host;
    catch_up(meeting, p, join);
    after_joined(meeting, p);
}

/* Joining. */

static bool somebody_is_connected(const struct ic_meeting *meeting)
{
    for (uint32_t i = 0; i < meeting->count; i++)
        if (meeting->people[i]->session)
            return true;
    return false;
}

/* Only the away are left, so nobody hears of it. */
static void begin_group(struct ic_signal *signal, struct ic_session *s, struct ic_meeting *meeting,
                        struct ic_waiter *waiter, int64_t now)
{
    while (meeting->count > 0)
        ic_membership_take_out(signal, meeting, meeting->people[0], false, now);
    waiter->session = s;
    if (ic_membership_bring_in(signal, meeting, waiter, 0, NULL) != IC_OK)
        wait_with(s, meeting, waiter);
}

static struct ic_waiter *find_waiter(struct ic_meeting *meeting, const struct ic_message *join)
{
    struct ic_waiter *waiter =
        join->join.has_resume
            ? ic_waiting_find_resumable(&meeting->group.waiting, join->join.resume)
            : NULL;

    if (waiter) {
        make_way(waiter->session);
        waiter->session = NULL;
    }
    return waiter;
}

/* Its place at the door, a new one if it has none; NULL: it was told why not. */
static struct ic_waiter *take_place(struct ic_signal *signal, struct ic_session *s,
                                    struct ic_meeting *meeting, const struct ic_message *join,
                                    bool is_host, int64_t now)
{
    struct ic_waiting *waiting = &meeting->group.waiting;
    const uint8_t *peer = ic_socket_peer(s->socket);
    uint32_t wait_ms = is_host ? 0 : ic_waiting_refused_wait(waiting, peer, now);

    if (wait_ms > 0) {
        ic_say_error(s->socket, IC_REFUSED_REFUSED, (int)wait_ms);
        return NULL;
    }
    struct ic_waiter *waiter = find_waiter(meeting, join);
    signal->counts.returned += waiter != NULL;
    uint32_t most = is_host ? UINT32_MAX : signal->parts.config->limits.participants;
    if (!waiter && ic_waiting_add(waiting, &waiter, most, peer) != IC_OK) {
        ic_say_error(s->socket, IC_REFUSED_FULL, FULL_WAIT_MS);
        return NULL;
    }
    ic_sha256(waiter->admission, (struct ic_bytes){join->join.proof, IC_TOKEN_LEN});
    waiter->is_host = waiter->is_host || is_host;
    return waiter;
}

void ic_membership_join(struct ic_signal *signal, struct ic_session *s, struct ic_meeting *meeting,
                        const struct ic_message *join, bool is_host, int64_t now)
{
    struct ic_participant *p = find_member(meeting, join);

    if (p) {
        come_back(signal, s, meeting, p, join, is_host);
        return;
    }
    struct ic_waiter *waiter = take_place(signal, s, meeting, join, is_host, now);
    if (!waiter)
        return;
    if (waiter->is_host && !somebody_is_connected(meeting))
        begin_group(signal, s, meeting, waiter, now);
    else
        wait_with(s, meeting, waiter);
}

/* Going. */

/* No member is left. */
static void end_group(struct ic_meeting *meeting)
{
    bool was_open = meeting->group.open;

    ic_group_over(&meeting->group);
    if (was_open)
        ic_door_show(meeting);
}

void ic_membership_take_out(struct ic_signal *signal, struct ic_meeting *meeting,
                            struct ic_participant *p, bool gone, int64_t now)
{
    struct ic_text *left = ic_said_left(p->id, gone);

    ic_session_detach(p->session);
    ic_media_path_close(signal, meeting, p);
    ic_meeting_remove(meeting, p, now);
    ic_tell_members_take(meeting, NULL, left);
    ic_media_path_refresh(signal, meeting);
    ic_tell_attended(meeting);
    if (meeting->count > 0)
        return;
    ic_placing_return(signal, meeting);
    end_group(meeting);
}

void ic_membership_forget_waiter(struct ic_meeting *meeting, struct ic_waiter *waiter, int64_t now)
{
    ic_session_detach(waiter->session);
    ic_tell_unknocked(meeting, waiter);
    ic_waiting_take(&meeting->group.waiting, waiter);
    ic_waiter_free(waiter);
    if (meeting->count == 0)
        meeting->empty_since = now;
}

void ic_membership_leave(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                         int64_t now)
{
    (void)m;
    if (s->waiter)
        ic_membership_forget_waiter(s->meeting, s->waiter, now);
    else
        ic_membership_take_out(signal, s->meeting, s->participant, false, now);
    ic_socket_close(s->socket, IC_CLOSE_NORMAL);
}

void ic_membership_lose(struct ic_session *s, int64_t now)
{
    if (s->waiter) {
        s->waiter->session = NULL;
        s->waiter->away_since = now;
    }
    if (s->participant) {
        s->participant->session = NULL;
        s->participant->away_since = now;
        ic_tell_attended(s->meeting);
    }
}

static void take_out_the_absent(struct ic_signal *signal, struct ic_meeting *meeting, int64_t now)
{
    struct ic_waiter *next;

    for (uint32_t i = meeting->count; i-- > 0;) {
        struct ic_participant *p = meeting->people[i];
        if (!p->session && now - p->away_since > IC_RESUME_MS * IC_NS_PER_MS)
            ic_membership_take_out(signal, meeting, p, true, now);
    }
    for (struct ic_waiter *w = meeting->group.waiting.first; w; w = next) {
        next = w->next;
        if (!w->session && now - w->away_since > IC_WAITING_AWAY_MS * IC_NS_PER_MS)
            ic_membership_forget_waiter(meeting, w, now);
    }
}

/* A host came while somebody was here who could have taken it in, and now nobody is: all have left,
 * or have been away for longer than a lost connection takes to come back (ACC-19). */
static void found_for_who_waits(struct ic_signal *signal, struct ic_meeting *meeting, int64_t now)
{
    struct ic_waiter *host = meeting->group.waiting.first;

    while (host && !(host->is_host && host->session))
        host = host->next;
    for (uint32_t i = 0; i < meeting->count; i++)
        if (meeting->people[i]->session ||
            now - meeting->people[i]->away_since < HOST_WAITS_MS * IC_NS_PER_MS)
            return;
    if (host)
        begin_group(signal, host->session, meeting, host, now);
}

/* The end of a meeting. */

static void forget_meeting(struct ic_signal *signal, struct ic_meeting *meeting)
{
    struct ic_meeting **link = &signal->meetings;

    while (*link != meeting)
        link = &(*link)->next;
    *link = meeting->next;
    signal->meeting_count--;
    ic_meeting_free(meeting);
}

static void say_ended(struct ic_session *s)
{
    if (!s)
        return;
    ic_session_detach(s);
    ic_say_ended(s->socket);
    ic_socket_close(s->socket, IC_CLOSE_NORMAL);
}

void ic_membership_end(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                       int64_t now)
{
    struct ic_meeting *meeting = s->meeting;
    (void)m;
    (void)now;

    if (!s->participant->is_host) {
        ic_say_error(s->socket, IC_REFUSED_NOT_HOST, IC_NO_WAIT);
        return;
    }
    if (ic_store_remove_meeting(signal->parts.store, meeting->id) != IC_OK)
        ic_log(IC_LOG_ERROR, "membership", IC_EVENT("meeting_not_removed"));
    for (uint32_t i = 0; i < meeting->count; i++) {
        ic_media_path_close(signal, meeting, meeting->people[i]);
        say_ended(meeting->people[i]->session);
    }
    for (struct ic_waiter *w = meeting->group.waiting.first; w; w = w->next)
        say_ended(w->session);
    ic_placing_return(signal, meeting);
    forget_meeting(signal, meeting);
}

static bool is_deserted(const struct ic_meeting *meeting, int64_t now)
{
    return meeting->count == 0 && meeting->group.waiting.count == 0 &&
           now - meeting->empty_since > EMPTY_KEPT_MS * IC_NS_PER_MS;
}

/* Who waits, or is alone, hears nothing for long, and could not tell that from a server that stands
 * still. */
static void say_still_there(struct ic_session *s, int64_t now)
{
    if (!s->waiter && !s->participant)
        return;
    if (s->still_at == 0)
        s->still_at = now + STILL_EVERY_MS * IC_NS_PER_MS;
    if (now < s->still_at)
        return;
    if (s->participant) {
        ic_say_voices(s->socket, s->meeting->crowded);
    } else {
        struct ic_text *text = ic_said_attended(s->meeting->group.attended);
        ic_socket_send_text(s->socket, text);
        ic_text_unref(text);
    }
    s->still_at = now + STILL_EVERY_MS * IC_NS_PER_MS;
}

void ic_membership_tick(struct ic_signal *signal, int64_t now)
{
    struct ic_meeting *next;

    for (struct ic_session *s = signal->sessions; s; s = s->next)
        say_still_there(s, now);
    for (struct ic_meeting *m = signal->meetings; m; m = next) {
        next = m->next;
        take_out_the_absent(signal, m, now);
        found_for_who_waits(signal, m, now);
        if (is_deserted(m, now))
            forget_meeting(signal, m);
    }
}
