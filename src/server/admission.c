/* admission.c - create, and the proofs of join.
 *
 * A wrong meeting and a wrong proof take the same path here, with the same look-up and the same
 * comparison, and are answered by the clock's tick after a fixed delay: neither words nor time tell
 * them apart (ACC-09). */
#include "server/admission.h"

#include <time.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "server/membership.h"

enum { REFUSAL_DELAY_MS = 200, FULL_WAIT_MS = 5000 };

static void hash_token(uint8_t hash[IC_SHA256_LEN], const uint8_t token[IC_TOKEN_LEN])
{
    ic_sha256(hash, (struct ic_bytes){token, IC_TOKEN_LEN});
}

void ic_admission_create(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                         int64_t now)
{
    struct ic_store_meeting meeting = {.admission_count = 1};
    uint8_t token_hash[IC_SHA256_LEN];
    (void)now;

    ic_random_fill(meeting.id, sizeof meeting.id);
    memcpy(meeting.admissions[0], m->create.admission, IC_STORE_HASH_LEN);
    memcpy(meeting.host, m->create.host, sizeof meeting.host);
    hash_token(token_hash, m->create.start);
    enum ic_err err =
        ic_store_create_meeting(signal->parts.store, token_hash, &meeting, (int64_t)time(NULL));
    signal->counts.created += err == IC_OK;
    if (err == IC_OK)
        ic_say_created(s->socket, meeting.id);
    else if (err == IC_ERR_NOT_FOUND)
        ic_say_error(s->socket, IC_REFUSED_START_USED, IC_NO_WAIT);
    else
        ic_say_error(s->socket, IC_REFUSED_FULL, FULL_WAIT_MS);
}

/* Fills `known` from the store and says whether the proof is right. */
static bool proof_is_right(struct ic_signal *signal, struct ic_store_meeting *known,
                           const uint8_t id[IC_ID_LEN], const uint8_t proof[IC_TOKEN_LEN])
{
    uint8_t hash[IC_SHA256_LEN];

    *known = (struct ic_store_meeting){0};
    memcpy(known->id, id, sizeof known->id);
    bool exists = ic_store_find_meeting(signal->parts.store, id, known) == IC_OK;
    hash_token(hash, proof);
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

static struct ic_meeting *open_meeting(struct ic_signal *signal,
                                       const struct ic_store_meeting *known)
{
    struct ic_meeting *meeting = find_meeting(signal, known->id);
    char card[IC_STORE_CARD_SIZE];

    if (meeting || signal->meeting_count >= signal->parts.config->limits.meetings)
        return meeting;
    meeting = ic_meeting_new(known->id);
    if (!meeting)
        return NULL;
    if (ic_store_find_card(signal->parts.store, known->id, card) == IC_OK)
        ic_group_set_card(&meeting->group, card);
    meeting->next = signal->meetings;
    signal->meetings = meeting;
    signal->meeting_count++;
    return meeting;
}

/* Too many wrong links came from there lately; it is told. */
static bool is_throttled(struct ic_signal *signal, struct ic_session *s, int64_t now)
{
    uint32_t wait_ms = ic_throttle_wait(signal->throttle, ic_socket_peer(s->socket), now);

    if (wait_ms > 0)
        refuse_later(s, wait_ms, now);
    return wait_ms > 0;
}

static void refuse_proof(struct ic_signal *signal, struct ic_session *s,
                         const uint8_t meeting[IC_ID_LEN], int64_t now)
{
    const uint8_t *peer = ic_socket_peer(s->socket);
    refuse_later(s, ic_throttle_fail(signal->throttle, peer, meeting, now), now);
}

bool ic_admission_proves(struct ic_signal *signal, struct ic_session *s,
                         const uint8_t meeting[IC_ID_LEN], const uint8_t proof[IC_TOKEN_LEN],
                         int64_t now)
{
    struct ic_store_meeting known;

    if (is_throttled(signal, s, now))
        return false;
    bool is_right = proof_is_right(signal, &known, meeting, proof);
    if (!is_right)
        refuse_proof(signal, s, meeting, now);
    return is_right;
}

void ic_admission_join(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                       int64_t now)
{
    struct ic_store_meeting known;

    if (is_throttled(signal, s, now))
        return;
    bool is_right = proof_is_right(signal, &known, m->join.meeting, m->join.proof);
    bool is_known = ic_membership_resumes(find_meeting(signal, m->join.meeting), m);
    if (!is_right && !is_known) {
        refuse_proof(signal, s, m->join.meeting, now);
        return;
    }
    struct ic_meeting *meeting = open_meeting(signal, &known);
    if (meeting)
        ic_membership_join(signal, s, meeting, m, is_host(&known, m), now);
    else
        ic_say_error(s->socket, IC_REFUSED_FULL, FULL_WAIT_MS);
}

void ic_admission_tick(struct ic_signal *signal, int64_t now)
{
    for (struct ic_session *s = signal->sessions; s; s = s->next) {
        if (s->refusal_at == 0 || s->refusal_at > now)
            continue;
        s->refusal_at = 0;
        signal->counts.refused++;
        ic_say_error(s->socket, IC_REFUSED_NO_ENTRY, (int)s->refusal_wait_ms);
    }
}
