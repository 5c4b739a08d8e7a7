/* commits.c - one commit for each epoch: who it brings in and whom it cuts off, as far as this is
 * the server's to do. */
#include "server/commits.h"

#include <stdlib.h>

#include "base/encode.h"
#include "crypto/hash.h"
#include "server/media_path.h"
#include "server/membership.h"
#include "server/tell.h"

enum {
    MESSAGES_AT_ONCE = 60,
    MESSAGES_A_SECOND = 20,
    EXTERNAL_AT_ONCE = 2,
    TOO_FAST_WAIT_MS = 250,
    EXTERNAL_WAIT_MS = 1000,
    FULL_WAIT_MS = 5000,
};

static bool names(const struct ic_msg_named *named, const uint8_t id[IC_ID_LEN])
{
    for (uint32_t i = 0; i < named->count; i++)
        if (memcmp(named->ids[i], id, IC_ID_LEN) == 0)
            return true;
    return false;
}

/* A member that is no keeper lets in only who returns. */
static bool may_welcome(const struct ic_meeting *meeting, const struct ic_msg_named *welcomed)
{
    for (uint32_t i = 0; i < welcomed->count; i++) {
        const struct ic_waiter *waiter = ic_waiting_find(&meeting->group.waiting, welcomed->ids[i]);
        const struct ic_participant *p = ic_meeting_find(meeting, welcomed->ids[i]);
        const struct ic_waiter *who = p ? p->entry : waiter;
        if (who && !(who->knock && who->returning))
            return false;
    }
    return true;
}

/* A member that is no keeper removes only who is not connected. */
static bool may_remove(const struct ic_meeting *meeting, const struct ic_msg_named *removed)
{
    for (uint32_t i = 0; i < removed->count; i++) {
        const struct ic_participant *p = ic_meeting_find(meeting, removed->ids[i]);
        if (p && p->session)
            return false;
    }
    return true;
}

/* Who comes back has a place already. */
static uint32_t newcomers(const struct ic_meeting *meeting, const struct ic_message *m)
{
    const struct ic_msg_named *welcomed = &m->commit.welcome.participants;
    uint32_t count = 0;

    if (!m->commit.has_welcome)
        return 1; /* by itself */
    for (uint32_t i = 0; i < welcomed->count; i++)
        count += ic_meeting_find(meeting, welcomed->ids[i]) == NULL;
    return count;
}

static bool has_room(const struct ic_signal *signal, const struct ic_meeting *meeting,
                     const struct ic_message *m)
{
    uint32_t most = signal->parts.config->limits.participants, count = newcomers(meeting, m);
    return count == 0 || meeting->count + count <= (most < IC_PEOPLE_MAX ? most : IC_PEOPLE_MAX);
}

/* They were let in, and wait all the same. */
static void say_full_to_welcomed(const struct ic_meeting *meeting, const struct ic_msg_named *those)
{
    for (uint32_t i = 0; i < those->count; i++) {
        const struct ic_waiter *waiter = ic_waiting_find(&meeting->group.waiting, those->ids[i]);
        if (waiter && waiter->session)
            ic_say_error_of(ic_socket_of_waiter(waiter), IC_REFUSED_FULL, IC_MSG_KNOCK,
                            FULL_WAIT_MS);
    }
}

/* Says why not, and returns false, or true: it is the next commit. */
static bool is_next(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                    int64_t now)
{
    struct ic_group *group = &s->meeting->group;
    bool adds = m->commit.has_welcome || !s->participant;

    if (adds && !has_room(signal, s->meeting, m)) {
        ic_say_error_of(s->socket, IC_REFUSED_FULL, IC_MSG_COMMIT, FULL_WAIT_MS);
        if (m->commit.has_welcome)
            say_full_to_welcomed(s->meeting, &m->commit.welcome.participants);
        return false;
    }
    switch (ic_delivery_offer(&group->log, m->commit.epoch,
                              s->participant && s->participant->is_keeper, now)) {
    case IC_OFFER_TAKEN:
        return true;
    case IC_OFFER_CONFLICT:
        ic_say_conflict(s->socket, group->log.head, s->participant ? NULL : group->info);
        return false;
    case IC_OFFER_TOO_FAST:
        ic_say_error_of(s->socket, IC_REFUSED_TOO_FAST, IC_MSG_COMMIT, TOO_FAST_WAIT_MS);
        return false;
    }
    return false;
}

static void hash_sealed(uint8_t out[IC_SHA256_LEN], const char *sealed)
{
    size_t len = ic_base64url_decoded_len(sealed);
    uint8_t *bytes = malloc(len);
    if (!bytes || ic_base64url_decode(bytes, len, sealed) != IC_OK) /* the grammar has seen it */
        abort();
    ic_sha256(out, (struct ic_bytes){bytes, len});
    free(bytes);
}

/* Who comes from the door stands before who is a member and comes back. */
static void bring(struct ic_delivered *commit, struct ic_meeting *meeting,
                  const uint8_t id[IC_ID_LEN], uint32_t last)
{
    bool comes = !ic_meeting_find(meeting, id);
    uint32_t place = comes ? commit->came_count++ : last;
    memmove(commit->brought[last], commit->brought[place], IC_ID_LEN);
    memcpy(commit->brought[place], id, IC_ID_LEN);
}

/* Keeps the commit in the log, with what those it brings in get. */
static const struct ic_delivered *keep(struct ic_meeting *meeting, const struct ic_message *m,
                                       const uint8_t from[IC_ID_LEN], bool is_external)
{
    const struct ic_msg_named *welcomed = &m->commit.welcome.participants;
    struct ic_group *group = &meeting->group;
    uint32_t count = is_external ? 1 : welcomed->count;
    struct ic_delivered commit = {
        .committed = ic_said_committed(m->commit.epoch, from, m->commit.sealed),
        .welcome = m->commit.has_welcome ? ic_said_ending(m->commit.welcome.sealed) : NULL,
        .brought = count > 0 ? malloc(count * sizeof *commit.brought) : NULL,
        .brought_count = count,
    };

    hash_sealed(commit.hash, m->commit.sealed);
    if (count > 0 && !commit.brought)
        abort();
    for (uint32_t i = 0; i < count; i++)
        bring(&commit, meeting, is_external ? from : welcomed->ids[i], i);
    ic_delivery_add_take(&group->log, &commit);
    ic_group_set_info_take(group,
                           group->open && m->commit.info ? ic_said_ending(m->commit.info) : NULL);
    return ic_delivery_at(&group->log, m->commit.epoch);
}

/* To all members, but for those who get the welcome in its place. */
static void broadcast(const struct ic_meeting *meeting, const struct ic_message *m,
                      struct ic_text *committed)
{
    for (uint32_t i = 0; i < meeting->count; i++) {
        const struct ic_participant *p = meeting->people[i];
        if (p->session && !names(&m->commit.welcome.participants, p->id))
            ic_socket_send_text(ic_socket_of(p), committed);
    }
}

static void bring_in(struct ic_signal *signal, struct ic_meeting *meeting, struct ic_waiter *waiter,
                     const struct ic_delivered *commit)
{
    uint8_t id[IC_ID_LEN];

    memcpy(id, waiter->id, sizeof id);
    if (ic_membership_bring_in(signal, meeting, waiter, meeting->group.log.head, commit->welcome) !=
        IC_OK)
        return; /* it waits on; there was room a moment ago */
    ic_tell_members_take(meeting, ic_meeting_find(meeting, id), ic_said_entered(id));
}

/* It comes back into the group, and was a member all the time. */
static void welcome_again(const struct ic_meeting *meeting, const struct ic_participant *p,
                          const struct ic_delivered *commit)
{
    ic_waiter_forget_knock(p->entry);
    if (p->session)
        ic_say_joined(ic_socket_of(p), meeting, p, meeting->group.log.head, commit->welcome);
}

static void welcome(struct ic_signal *signal, struct ic_meeting *meeting,
                    const struct ic_message *m, const struct ic_delivered *commit)
{
    const struct ic_msg_named *welcomed = &m->commit.welcome.participants;

    for (uint32_t i = 0; i < welcomed->count; i++) {
        struct ic_waiter *waiter = ic_waiting_find(&meeting->group.waiting, welcomed->ids[i]);
        struct ic_participant *p = ic_meeting_find(meeting, welcomed->ids[i]);
        if (waiter)
            bring_in(signal, meeting, waiter, commit);
        else if (p)
            welcome_again(meeting, p, commit);
    }
}

/* Before anything else is told: from here on nothing reaches it, and nothing comes from it. */
static void cut_off(struct ic_signal *signal, struct ic_meeting *meeting, struct ic_participant *p)
{
    struct ic_session *s = p->session;

    ic_waiting_note_removal(&meeting->group.waiting, p->entry->address);
    ic_media_path_close(signal, meeting, p);
    p->session = NULL;
    if (!s)
        return;
    ic_session_detach(s);
    ic_say_removed(s->socket);
    ic_socket_close(s->socket, IC_CLOSE_NORMAL);
}

static void each_removed(struct ic_signal *signal, struct ic_meeting *meeting,
                         const struct ic_message *m, const struct ic_participant *sender,
                         void (*act)(struct ic_signal *, struct ic_meeting *,
                                     struct ic_participant *))
{
    for (uint32_t i = 0; i < m->commit.removed.count; i++) {
        struct ic_participant *p = ic_meeting_find(meeting, m->commit.removed.ids[i]);
        if (p && p != sender)
            act(signal, meeting, p);
    }
}

static void take_out(struct ic_signal *signal, struct ic_meeting *meeting, struct ic_participant *p)
{
    ic_membership_take_out(signal, meeting, p, false, (int64_t)uv_hrtime());
}

static void commit_of_member(struct ic_signal *signal, struct ic_session *s,
                             const struct ic_message *m, int64_t now)
{
    struct ic_meeting *meeting = s->meeting;
    const struct ic_participant *sender = s->participant;

    if (!sender->is_keeper && !(may_welcome(meeting, &m->commit.welcome.participants) &&
                                may_remove(meeting, &m->commit.removed))) {
        ic_say_error_of(s->socket, IC_REFUSED_NOT_KEEPER, IC_MSG_COMMIT, IC_NO_WAIT);
        return;
    }
    if (!is_next(signal, s, m, now))
        return;
    const struct ic_delivered *commit = keep(meeting, m, sender->id, false);
    each_removed(signal, meeting, m, sender, cut_off);
    broadcast(meeting, m, commit->committed);
    each_removed(signal, meeting, m, sender, take_out);
    welcome(signal, meeting, m, commit);
}

/* An external commit: the door is open, and its sender lets itself in. Somebody must be there who
 * can take it back, for it may be no commit at all. */
static void commit_of_waiter(struct ic_signal *signal, struct ic_session *s,
                             const struct ic_message *m, int64_t now)
{
    struct ic_meeting *meeting = s->meeting;
    struct ic_waiter *waiter = s->waiter;

    if (m->commit.has_welcome || m->commit.removed.count > 0) {
        ic_session_refuse(s, IC_REFUSED_BAD_MESSAGE, IC_NO_WAIT);
        return;
    }
    if (!meeting->group.open || !meeting->group.info || !meeting->group.attended) {
        ic_say_error_of(s->socket, IC_REFUSED_NOT_OPEN, IC_MSG_COMMIT, IC_NO_WAIT);
        return;
    }
    if (!ic_bucket_take(&waiter->commit_rate, EXTERNAL_AT_ONCE, IC_NS_PER_SEC, now)) {
        ic_say_error_of(s->socket, IC_REFUSED_TOO_FAST, IC_MSG_COMMIT, EXTERNAL_WAIT_MS);
        return;
    }
    if (!is_next(signal, s, m, now))
        return;
    const struct ic_delivered *commit = keep(meeting, m, waiter->id, true);
    broadcast(meeting, m, commit->committed);
    bring_in(signal, meeting, waiter, commit);
}

void ic_commits_commit(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                       int64_t now)
{
    if (s->participant)
        commit_of_member(signal, s, m, now);
    else
        commit_of_waiter(signal, s, m, now);
}

/* Whom it brought in from the door waits again. */
static bool take_back_last(struct ic_signal *signal, struct ic_session *s, int64_t now)
{
    struct ic_meeting *meeting = s->meeting;
    struct ic_delivered commit;

    if (!ic_delivery_take_back(&meeting->group.log, &commit))
        return false;
    for (uint32_t i = 0; i < commit.came_count; i++) {
        struct ic_participant *p = ic_meeting_find(meeting, commit.brought[i]);
        if (p && p != s->participant)
            ic_membership_put_back(signal, meeting, p, now);
    }
    ic_delivered_clear(&commit);
    return true;
}

void ic_commits_reject(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                       int64_t now)
{
    struct ic_meeting *meeting = s->meeting;
    const struct ic_delivery *log = &meeting->group.log;

    if (!ic_delivery_was_ended(log, m->reject.epoch, m->reject.commit) ||
        (log->head != m->reject.epoch + 1 && !m->reject.later)) {
        ic_say_conflict(s->socket, log->head, NULL);
        return;
    }
    while (log->head > m->reject.epoch && take_back_last(signal, s, now))
        ;
    for (uint32_t i = 0; i < meeting->count; i++) /* who could not follow need not */
        if (meeting->people[i]->entry)
            ic_waiter_forget_knock(meeting->people[i]->entry);
    ic_group_set_info_take(&meeting->group, NULL);
    struct ic_text *rejected = ic_said_rejected(m->reject.epoch, m->reject.sealed);
    ic_delivery_rejected_take(&meeting->group.log, m->reject.epoch, ic_text_ref(rejected));
    ic_tell_members_take(meeting, NULL, rejected);
}

void ic_commits_message(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                        int64_t now)
{
    struct ic_participant *p = s->participant;
    (void)signal;

    if (!ic_bucket_take(&p->messages, MESSAGES_AT_ONCE, IC_NS_PER_SEC / MESSAGES_A_SECOND, now)) {
        ic_say_error_of(s->socket, IC_REFUSED_TOO_FAST, IC_MSG_MESSAGE, 1000 / MESSAGES_A_SECOND);
        return;
    }
    ic_tell_members_take(s->meeting, p, ic_said_message(p->id, m->message.sealed));
}
