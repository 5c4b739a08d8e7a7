/* admission.c - create, join, announce, leave, end.
 *
 * A wrong meeting and a wrong proof take the same path here, with the same look-up and the same
 * comparison, and are answered by the clock's tick after a fixed delay: neither words nor time tell
 * them apart (ACC-09). */
#include "server/admission.h"

#include <time.h>

#include "base/log.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "server/door.h"
#include "server/media_path.h"

enum { REFUSAL_DELAY_MS = 200, FULL_WAIT_MS = 5000 };

static void hash_token(uint8_t hash[IC_SHA256_LEN], const uint8_t token[IC_TOKEN_LEN])
{
    ic_sha256(hash, (struct ic_bytes){token, IC_TOKEN_LEN});
}

void ic_admission_create(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                         int64_t now)
{
    struct ic_store_meeting meeting = {.group = m->create.group, .admission_count = 1};
    uint8_t token_hash[IC_SHA256_LEN];
    (void)now;

    ic_random_fill(meeting.id, sizeof meeting.id);
    memcpy(meeting.admissions[0], m->create.admission, IC_STORE_HASH_LEN);
    memcpy(meeting.host, m->create.host, sizeof meeting.host);
    hash_token(token_hash, m->create.start);
    enum ic_err err =
        ic_store_create_meeting(signal->parts.store, token_hash, &meeting, (int64_t)time(NULL));
    if (err == IC_OK)
        ic_say_created(s->socket, meeting.id);
    else if (err == IC_ERR_NOT_FOUND)
        ic_say_error(s->socket, IC_REFUSED_START_USED, IC_NO_WAIT);
    else
        ic_say_error(s->socket, IC_REFUSED_FULL, FULL_WAIT_MS);
}

/* Fills `known` from the store and says whether the proof is right. */
static bool proof_is_right(struct ic_signal *signal, struct ic_store_meeting *known,
                           const struct ic_message *join)
{
    uint8_t hash[IC_SHA256_LEN];

    *known = (struct ic_store_meeting){0};
    memcpy(known->id, join->join.meeting, sizeof known->id);
    bool exists = ic_store_find_meeting(signal->parts.store, join->join.meeting, known) == IC_OK;
    hash_token(hash, join->join.proof);
    bool equal = false;
    for (uint32_t i = 0; i < known->admission_count || i < 1; i++)
        equal |= ic_secret_equal(hash, known->admissions[i], sizeof hash);
    return exists && equal;
}

static bool is_host(const struct ic_store_meeting *known, const struct ic_message *join)
{
    uint8_t hash[IC_SHA256_LEN];

    hash_token(hash, join->join.host);
    return join->join.has_host && ic_secret_equal(hash, known->host, sizeof hash);
}

static void refuse_later(struct ic_session *s, uint32_t wait_ms, int64_t now)
{
    s->refusal_at = now + REFUSAL_DELAY_MS * IC_NS_PER_MS;
    s->refusal_wait_ms = wait_ms;
}

static struct ic_meeting *find_meeting(struct ic_signal *signal, const uint8_t id[IC_ID_LEN])
{
    for (struct ic_meeting *m = signal->meetings; m; m = m->next)
        if (memcmp(m->id, id, IC_ID_LEN) == 0)
            return m;
    return NULL;
}

static bool has_group_if_known(struct ic_signal *signal, struct ic_meeting *meeting,
                               const struct ic_store_meeting *known)
{
    char card[IC_STORE_CARD_SIZE];

    if (!known->group)
        return true;
    meeting->group = ic_group_new();
    if (meeting->group && ic_store_find_card(signal->parts.store, known->id, card) == IC_OK)
        ic_group_set_card(meeting->group, card);
    return meeting->group != NULL;
}

static struct ic_meeting *open_meeting(struct ic_signal *signal,
                                       const struct ic_store_meeting *known)
{
    struct ic_meeting *meeting = find_meeting(signal, known->id);

    if (meeting || signal->meeting_count >= signal->parts.config->limits.meetings)
        return meeting;
    meeting = ic_meeting_new(known->id);
    if (!meeting || !has_group_if_known(signal, meeting, known)) {
        ic_meeting_free(meeting);
        return NULL;
    }
    meeting->next = signal->meetings;
    signal->meetings = meeting;
    signal->meeting_count++;
    return meeting;
}

/* The same participant again: its older socket, if there is one still, makes way. */
static struct ic_participant *resume(struct ic_meeting *meeting, const struct ic_message *join)
{
    struct ic_participant *p =
        join->join.has_resume ? ic_meeting_find_resumable(meeting, join->join.resume) : NULL;

    if (p && p->session) {
        struct ic_session *older = p->session;
        older->participant = NULL;
        older->meeting = NULL;
        ic_socket_close(older->socket, IC_CLOSE_ELSEWHERE);
    }
    return p;
}

static void enter(struct ic_session *s, struct ic_meeting *meeting, struct ic_participant *p)
{
    s->meeting = meeting;
    s->participant = p;
    p->session = s;
    ic_say_joined(s->socket, meeting, p);
    if (meeting->crowded)
        ic_say_voices(s->socket, true);
    ic_media_path_tell(p);
}

void ic_admission_join(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                       int64_t now)
{
    const uint8_t *peer = ic_socket_peer(s->socket);
    uint32_t wait_ms = ic_throttle_wait(signal->throttle, peer, now);
    struct ic_store_meeting known;

    if (wait_ms > 0) {
        refuse_later(s, wait_ms, now);
        return;
    }
    bool is_right = proof_is_right(signal, &known, m);
    bool is_known = ic_door_knows(find_meeting(signal, m->join.meeting), m);
    if (!is_right && !is_known) {
        refuse_later(s, ic_throttle_fail(signal->throttle, peer, m->join.meeting, now), now);
        return;
    }
    struct ic_meeting *meeting = open_meeting(signal, &known);
    if (meeting && meeting->group) {
        ic_door_join(signal, s, meeting, m, is_host(&known, m), now);
        return;
    }
    struct ic_participant *p = meeting ? resume(meeting, m) : NULL;
    if (!meeting || (!p && ic_meeting_add(meeting, &p, signal->parts.config->limits.participants,
                                          now) != IC_OK)) {
        ic_say_error(s->socket, IC_REFUSED_FULL, FULL_WAIT_MS);
        return;
    }
    p->is_host = p->is_host || is_host(&known, m);
    enter(s, meeting, p);
}

void ic_admission_announce(struct ic_signal *signal, struct ic_session *s,
                           const struct ic_message *m, int64_t now)
{
    struct ic_participant *p = s->participant;
    (void)signal;
    (void)now;

    memcpy(p->sealed, m->announce.sealed, m->announce.sealed_len);
    p->sealed_len = m->announce.sealed_len;
    for (uint32_t i = 0; i < s->meeting->count; i++) {
        const struct ic_participant *other = s->meeting->people[i];
        if (other != p && other->session)
            ic_say_announced(ic_socket_of(other), p);
    }
}

static void say_left(const struct ic_meeting *meeting, const uint8_t id[IC_ID_LEN], bool gone)
{
    if (meeting->group) {
        ic_door_tell_take(meeting, NULL, ic_group_left(id, gone));
        return;
    }
    for (uint32_t i = 0; i < meeting->count; i++)
        if (meeting->people[i]->session)
            ic_say_left(ic_socket_of(meeting->people[i]), id);
}

void ic_admission_take_out(struct ic_signal *signal, struct ic_meeting *meeting,
                           struct ic_participant *p, bool gone, int64_t now)
{
    uint8_t id[IC_ID_LEN];
    bool was_known = p->sealed_len > 0 || meeting->group;
    struct ic_session *s = p->session;

    memcpy(id, p->id, sizeof id);
    if (s) {
        s->participant = NULL;
        s->meeting = NULL;
    }
    ic_media_path_close(signal, meeting, p);
    ic_meeting_remove(meeting, p, now);
    if (was_known)
        say_left(meeting, id, gone);
    ic_media_path_refresh(signal, meeting);
    if (meeting->group)
        ic_door_attend(meeting);
    if (meeting->count > 0)
        return;
    ic_media_path_return_room(signal, meeting);
    if (meeting->group)
        ic_door_over(meeting);
}

void ic_admission_leave(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                        int64_t now)
{
    (void)m;
    if (s->waiter) {
        ic_door_leave(s, now);
        return;
    }
    ic_admission_take_out(signal, s->meeting, s->participant, false, now);
    ic_socket_close(s->socket, IC_CLOSE_NORMAL);
}

static void forget_meeting(struct ic_signal *signal, struct ic_meeting *meeting)
{
    struct ic_meeting **link = &signal->meetings;

    while (*link != meeting)
        link = &(*link)->next;
    *link = meeting->next;
    signal->meeting_count--;
    ic_meeting_free(meeting);
}

void ic_admission_end(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
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
        ic_log(IC_LOG_ERROR, "admission", IC_EVENT("meeting_not_removed"));
    for (uint32_t i = 0; i < meeting->count; i++) {
        struct ic_participant *p = meeting->people[i];
        struct ic_session *theirs = p->session;
        ic_media_path_close(signal, meeting, p);
        if (!theirs)
            continue;
        theirs->participant = NULL;
        theirs->meeting = NULL;
        ic_say_ended(theirs->socket);
        ic_socket_close(theirs->socket, IC_CLOSE_NORMAL);
    }
    if (meeting->group)
        ic_door_end(meeting);
    ic_media_path_return_room(signal, meeting);
    forget_meeting(signal, meeting);
}

void ic_admission_lose(struct ic_session *s, int64_t now)
{
    if (s->waiter)
        ic_door_lose(s, now);
    if (!s->participant)
        return;
    s->participant->session = NULL;
    s->participant->away_since = now;
    if (s->meeting->group)
        ic_door_attend(s->meeting);
}

static void answer_refusals(struct ic_signal *signal, int64_t now)
{
    for (struct ic_session *s = signal->sessions; s; s = s->next) {
        if (s->refusal_at == 0 || s->refusal_at > now)
            continue;
        s->refusal_at = 0;
        ic_say_error(s->socket, IC_REFUSED_NO_ENTRY, (int)s->refusal_wait_ms);
    }
}

static void take_out_the_absent(struct ic_signal *signal, struct ic_meeting *meeting, int64_t now)
{
    for (uint32_t i = meeting->count; i-- > 0;) {
        struct ic_participant *p = meeting->people[i];
        if (!p->session && now - p->away_since > IC_RESUME_MS * IC_NS_PER_MS)
            ic_admission_take_out(signal, meeting, p, true, now);
    }
}

void ic_admission_tick(struct ic_signal *signal, int64_t now)
{
    struct ic_meeting *next;

    answer_refusals(signal, now);
    for (struct ic_meeting *m = signal->meetings; m; m = next) {
        next = m->next;
        take_out_the_absent(signal, m, now);
        if (m->group)
            ic_door_tick(m, now);
        if (m->group && m->group->waiting.count > 0)
            continue;
        /* Not before the last one's index may be given out again. */
        if (m->count == 0 && now - m->empty_since > IC_INDEX_QUARANTINE_MS * IC_NS_PER_MS)
            forget_meeting(signal, m);
    }
}
