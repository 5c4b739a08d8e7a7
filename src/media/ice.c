/* ice.c - ICE-lite (RFC 8445 appendix A) with consent (RFC 7675) seen from the lite side.
 *
 * Browsers nominate more than once: Firefox marks every check towards a lite agent, so the latest
 * nomination counts, and a lost path is left as soon as another one checks. */
#include "media/ice.h"

#include "crypto/secret.h"

#include <string.h>

static void set_generation(struct ic_ice_generation *g, const struct ic_ice_credentials *ours,
                           const struct ic_ice_credentials *theirs)
{
    struct ic_writer w = ic_writer_of(g->username, sizeof g->username);
    struct ic_bytes ufrag = ic_bytes_of_text(ours->ufrag);

    ic_write_bytes(&w, ufrag);
    ic_write_uint(&w, ':', 1);
    ic_write_bytes(&w, ic_bytes_of_text(theirs->ufrag));
    g->username_len = (uint16_t)w.len;
    g->ufrag_len = (uint16_t)ufrag.len;
    ic_hmac_key_init(&g->key, IC_HMAC_SHA1, ic_bytes_of_text(ours->pwd));
}

void ic_ice_init(struct ic_ice *ice, const struct ic_ice_credentials *ours,
                 const struct ic_ice_credentials *theirs)
{
    memset(ice, 0, offsetof(struct ic_ice, seen));
    ice->selected = -1;
    set_generation(&ice->current, ours, theirs);
}

void ic_ice_clear(struct ic_ice *ice)
{
    ic_secret_wipe(ice, offsetof(struct ic_ice, seen));
    ice->selected = -1;
}

void ic_ice_restart(struct ic_ice *ice, const struct ic_ice_credentials *ours,
                    const struct ic_ice_credentials *theirs)
{
    /* A second restart before the first was used replaces it: those in use are still older. */
    if (ice->previous.username_len == 0)
        ice->previous = ice->current;
    set_generation(&ice->current, ours, theirs);
}

static bool has_ufrag(const struct ic_ice_generation *g, struct ic_bytes ufrag)
{
    return g->username_len > 0 &&
           ic_bytes_equal(ufrag, (struct ic_bytes){g->username, g->ufrag_len});
}

bool ic_ice_has_ufrag(const struct ic_ice *ice, struct ic_bytes ufrag)
{
    return has_ufrag(&ice->current, ufrag) || has_ufrag(&ice->previous, ufrag);
}

/* --- tuples --- */

static int find(const struct ic_ice *ice, const struct ic_address *address)
{
    for (int i = 0; i < IC_ICE_TUPLES; i++) {
        if (ice->tuples[i].address.family != IC_FAMILY_NONE &&
            ic_address_equal(&ice->tuples[i].address, address))
            return i;
    }
    return -1;
}

/* The tuple checked last, or -1 when none is left. */
static int newest(const struct ic_ice *ice)
{
    int best = -1;

    for (int i = 0; i < IC_ICE_TUPLES; i++) {
        if (ice->tuples[i].address.family == IC_FAMILY_NONE)
            continue;
        if (best < 0 || ice->tuples[i].checked_at > ice->tuples[best].checked_at)
            best = i;
    }
    return best;
}

/* A free place, or that of the tuple longest unchecked; never the selected one. */
static int place(const struct ic_ice *ice)
{
    int best = -1;

    for (int i = 0; i < IC_ICE_TUPLES; i++) {
        if (ice->tuples[i].address.family == IC_FAMILY_NONE)
            return i;
        if (i != ice->selected &&
            (best < 0 || ice->tuples[i].checked_at < ice->tuples[best].checked_at))
            best = i;
    }
    return best;
}

static int touch(struct ic_ice *ice, int64_t now, const struct ic_address *from)
{
    int at = find(ice, from);

    if (at < 0) {
        at = place(ice);
        ice->tuples[at].address = *from;
    }
    ice->tuples[at].checked_at = ice->tuples[at].heard_at = now;
    return at;
}

static unsigned select_tuple(struct ic_ice *ice, int at)
{
    if (ice->selected == at)
        return 0;
    ice->selected = (int8_t)at;
    return IC_ICE_SELECTED;
}

static unsigned remove_tuple(struct ic_ice *ice, int at)
{
    ice->tuples[at] = (struct ic_ice_tuple){0};
    int next = newest(ice);
    if (next < 0) {
        ice->selected = -1;
        ice->checked = false;
        return IC_ICE_LOST;
    }
    return ice->selected == at ? select_tuple(ice, next) : 0;
}

/* --- checks --- */

static struct ic_ice_generation *
authenticate(struct ic_ice *ice, const struct ic_stun_message *message, struct ic_bytes datagram)
{
    struct ic_ice_generation *generations[] = {&ice->current, &ice->previous};

    for (size_t i = 0; i < IC_COUNT(generations); i++) {
        struct ic_ice_generation *g = generations[i];
        if (g->username_len > 0 &&
            ic_bytes_equal(message->username, (struct ic_bytes){g->username, g->username_len}) &&
            ic_stun_verify(message, datagram, &g->key) == IC_OK)
            return g;
    }
    return NULL;
}

/* It is random; two that fold alike cost a client that moves one check. */
static uint32_t fold(const struct ic_stun_message *message)
{
    uint32_t words[3];

    _Static_assert(sizeof words == sizeof message->transaction, "96 bits");
    memcpy(words, message->transaction, sizeof words);
    return words[0] ^ words[1] ^ words[2];
}

/* We send no checks of our own, so nothing but this tells a repeated check from a client that
 * moved. */
static bool is_recorded(const struct ic_ice *ice, const struct ic_address *from,
                        uint32_t transaction)
{
    uint32_t count = ice->seen_count < IC_ICE_SEEN ? ice->seen_count : IC_ICE_SEEN;

    for (uint32_t i = 0; i < count; i++)
        if (ice->seen[i] == transaction)
            return find(ice, from) < 0;
    return false;
}

/* What is wrong with an authenticated check, 0 if nothing. */
static unsigned refusal(const struct ic_stun_message *message)
{
    if (message->unknown_count > 0)
        return IC_STUN_UNKNOWN_ATTRIBUTE;
    if (message->role == IC_STUN_CONTROLLED) /* we are, always */
        return IC_STUN_ROLE_CONFLICT;
    return message->priority == 0 ? IC_STUN_BAD_REQUEST : 0;
}

static unsigned choose(struct ic_ice *ice, int64_t now, int at, bool nominated)
{
    ice->nominated |= nominated;
    if (nominated)
        return select_tuple(ice, at);
    if (ice->selected < 0)
        return ice->nominated ? select_tuple(ice, at) : 0;
    bool silent = now - ice->tuples[ice->selected].heard_at >= IC_ICE_SILENT_NS;
    return silent ? select_tuple(ice, at) : 0;
}

static unsigned accept_check(struct ic_ice *ice, int64_t now, const struct ic_address *from,
                             bool nominated, bool with_current)
{
    unsigned events = 0;

    if (with_current && ice->previous.username_len > 0) {
        ic_secret_wipe(&ice->previous, sizeof ice->previous);
        events |= IC_ICE_RESTARTED;
    }
    if (!ice->checked) {
        ice->checked = true;
        events |= IC_ICE_CHECKED;
    }
    return events | choose(ice, now, touch(ice, now, from), nominated);
}

unsigned ic_ice_receive(struct ic_ice *ice, int64_t now, const struct ic_address *from,
                        const struct ic_stun_message *message, struct ic_bytes datagram,
                        struct ic_ice_reply *reply)
{
    reply->len = 0;
    unsigned events = ic_ice_advance(ice, now);
    if (message->class != IC_STUN_REQUEST)
        return events;
    struct ic_ice_generation *g = authenticate(ice, message, datagram);
    if (!g || is_recorded(ice, from, fold(message)))
        return events;

    ice->seen[ice->seen_count++ % IC_ICE_SEEN] = fold(message);
    unsigned code = refusal(message);
    if (code != 0) {
        reply->len = ic_stun_write_error(reply->bytes, sizeof reply->bytes, message,
                                         (enum ic_stun_code)code, &g->key);
        return events;
    }
    reply->len = ic_stun_write_success(reply->bytes, sizeof reply->bytes, message, from, &g->key);
    return events | accept_check(ice, now, from, message->use_candidate, g == &ice->current);
}

void ic_ice_heard(struct ic_ice *ice, int64_t now, const struct ic_address *from)
{
    int at = ice->selected >= 0 && ic_address_equal(&ice->tuples[ice->selected].address, from)
                 ? ice->selected
                 : find(ice, from);
    if (at >= 0)
        ice->tuples[at].heard_at = now;
}

bool ic_ice_knows(const struct ic_ice *ice, int64_t now, const struct ic_address *from)
{
    int at = find(ice, from);
    return at >= 0 && now - ice->tuples[at].checked_at < IC_ICE_CONSENT_NS;
}

const struct ic_address *ic_ice_selected(const struct ic_ice *ice)
{
    return ice->selected >= 0 ? &ice->tuples[ice->selected].address : NULL;
}

const struct ic_address *ic_ice_path(const struct ic_ice *ice)
{
    int at = ice->selected >= 0 ? ice->selected : newest(ice);
    return at >= 0 ? &ice->tuples[at].address : NULL;
}

unsigned ic_ice_forget(struct ic_ice *ice, int64_t now, const struct ic_address *address)
{
    unsigned events = ic_ice_advance(ice, now);
    int at = find(ice, address);
    return at >= 0 ? events | remove_tuple(ice, at) : events;
}

int64_t ic_ice_next_timeout(const struct ic_ice *ice)
{
    int64_t next = INT64_MAX;

    for (int i = 0; i < IC_ICE_TUPLES; i++) {
        int64_t end = ice->tuples[i].checked_at + IC_ICE_CONSENT_NS;
        if (ice->tuples[i].address.family != IC_FAMILY_NONE && end < next)
            next = end;
    }
    return next;
}

unsigned ic_ice_advance(struct ic_ice *ice, int64_t now)
{
    unsigned events = 0;

    for (int i = 0; i < IC_ICE_TUPLES; i++) {
        if (ice->tuples[i].address.family != IC_FAMILY_NONE &&
            now - ice->tuples[i].checked_at >= IC_ICE_CONSENT_NS)
            events |= remove_tuple(ice, i);
    }
    return events;
}
