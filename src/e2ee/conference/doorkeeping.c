/* doorkeeping.c - at the door from inside: who knocks, and what a right-holder does about it. */
#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/conference/inside.h"
#include "e2ee/door/text.h"

static void free_knocker(struct ic_knocker *knocker)
{
    ic_mls_message_clear(&knocker->sealed);
    ic_mls_message_clear(&knocker->key_package);
    ic_secret_wipe(knocker, sizeof *knocker);
    free(knocker);
}

void ic_knockers_clear(struct ic_conference *c)
{
    while (c->knockers) {
        struct ic_knocker *knocker = c->knockers;
        c->knockers = knocker->next;
        free_knocker(knocker);
    }
}

static struct ic_knocker **place_of(struct ic_conference *c, const uint8_t *participant)
{
    struct ic_knocker **at = &c->knockers;
    while (*at && memcmp((*at)->participant, participant, IC_PARTICIPANT_LEN) != 0)
        at = &(*at)->next;
    return at;
}

static size_t count_knockers(const struct ic_conference *c)
{
    size_t count = 0;
    for (const struct ic_knocker *k = c->knockers; k; k = k->next)
        count++;
    return count;
}

void ic_knocker_drop(struct ic_conference *c, const uint8_t participant[IC_PARTICIPANT_LEN])
{
    struct ic_knocker **at = place_of(c, participant);
    struct ic_knocker *knocker = *at;
    if (!knocker)
        return;
    *at = knocker->next;
    ic_show_participant(c, IC_EVENT_KNOCK_GONE, participant, 0, (struct ic_bytes){0});
    free_knocker(knocker);
}

void ic_knockers_expire(struct ic_conference *c)
{
    while (c->knockers)
        ic_knocker_drop(c, c->knockers->participant);
    ic_wishes_drop(c, IC_WISH_ADD);
}

/* ---- Hearing ---- */

static struct ic_door_knock_place place(const struct ic_conference *c, const uint8_t *participant)
{
    return (struct ic_door_knock_place){c->options.meeting, participant, c->link.version};
}

static void link_secret(struct ic_door_knock_secret *out, const struct ic_conference *c)
{
    out->invite = false;
    memcpy(out->psk, c->link.psk, sizeof out->psk);
    ic_door_tag(out->tag, c->link.secret, c->options.meeting);
}

/* By the tag that the knock names; `invite` gets the number, or 0. */
static enum ic_err find_secret(struct ic_door_knock_secret *out, uint32_t *number,
                               const struct ic_conference *c, struct ic_bytes sealed)
{
    uint8_t tag[IC_DOOR_TAG_LEN];
    struct ic_door_state state;
    struct ic_door_invite invite;

    enum ic_err err = ic_door_knock_tag(tag, sealed);
    if (err == IC_OK)
        err = ic_state_now(c, &state);
    if (err != IC_OK)
        return err;
    bool invited = ic_door_invite_of_tag(state.invites, tag, c->options.meeting, &invite);
    *number = invited ? invite.number : 0;
    if (invited)
        ic_invite_to_open(out, c, &invite);
    else
        link_secret(out, c);
    return IC_OK;
}

static enum ic_err open_knock(struct ic_conference *c, struct ic_door_knock *out, uint32_t *invite,
                              const uint8_t *participant, struct ic_bytes sealed)
{
    struct ic_door_knock_secret secret;
    struct ic_door_knock_place where = place(c, participant);
    struct ic_bytes key = {c->keys.admit_private, ic_kem_lengths(IC_KEM_XWING).private_len};

    enum ic_err err = find_secret(&secret, invite, c, sealed);
    if (err == IC_OK)
        err = ic_door_knock_open(out, c->scratch->a, sealed, &where, &secret, key);
    ic_secret_wipe(&secret, sizeof secret);
    return err;
}

/* What we cannot open may be for another right-holder's key alone. Who sits first has had one for
 * as long as anybody, so it is the one to say that a knock is wrong. */
static bool speaks_for_all(const struct ic_conference *c)
{
    unsigned own = ic_mls_group_own_leaf(c->group).n;
    for (unsigned leaf = 0; leaf < own; leaf++)
        if (c->people[leaf].here && !c->people[leaf].gone && c->people[leaf].rights & IC_DOOR_ADMIT)
            return false;
    return true;
}

/* Is it a key package that we could add, of the participant that the server says? */
static enum ic_err read_package(const struct ic_conference *c, struct ic_door_profile *profile,
                                struct ic_bytes encoded, const uint8_t *participant)
{
    const struct ic_suite *suite = ic_mls_group_suite(c->group);
    struct ic_reader r = ic_reader_of(encoded);
    struct ic_mls_key_package package;

    ic_mls_read_key_package(&r, &package);
    if (r.bad || r.rest.len > 0)
        return IC_ERR_MALFORMED;
    enum ic_err err = ic_mls_key_package_verify(&package, suite);
    if (err == IC_OK)
        err = ic_door_profile_of(profile, package.leaf.extensions);
    if (err == IC_OK && memcmp(profile->participant.at, participant, IC_PARTICIPANT_LEN) != 0)
        err = IC_ERR_FORGED;
    return err;
}

static enum ic_err say_reply(struct ic_conference *c, const struct ic_door_knock_place *where,
                             struct ic_bytes sealed_knock, struct ic_bytes reply_key,
                             const struct ic_door_reply *said)
{
    struct ic_writer w = ic_writer_of(c->scratch->c, IC_DOOR_REPLY_MAX);
    struct ic_door_pair pair = ic_own_pair(c);

    enum ic_err err = ic_door_reply_seal(&w, said, where, sealed_knock, reply_key, &pair);
    if (err == IC_OK)
        ic_out_say(&c->says,
                   &(struct ic_say){.type = IC_SAY_REPLY,
                                    .flag = said->kind == IC_DOOR_REPLY_REFUSED,
                                    .participants = {where->participant, IC_PARTICIPANT_LEN},
                                    .sealed = ic_written(&w)});
    return err;
}

static enum ic_err reply(struct ic_conference *c, const uint8_t *participant,
                         struct ic_bytes sealed_knock, struct ic_bytes reply_key,
                         enum ic_door_reply_kind kind, struct ic_bytes text)
{
    const struct ic_door_reply said = {.kind = kind, .text = text, .signer = ic_own_key(c)};
    struct ic_door_knock_place where = place(c, participant);
    return say_reply(c, &where, sealed_knock, reply_key, &said);
}

static enum ic_err give_keys(struct ic_conference *c, const struct ic_door_knock_place *where,
                             struct ic_bytes sealed_knock, const uint8_t *reply_key)
{
    const struct ic_link_now *link = &c->link;
    const struct ic_door_reply keys = {
        .kind = IC_DOOR_REPLY_KEYS,
        .link_version = link->version,
        .link_secret = {link->secret, sizeof link->secret},
        .passcode_key = {link->passcode_key, link->passcode ? sizeof link->passcode_key : 0},
        .signer = ic_own_key(c)};
    return say_reply(c, where, sealed_knock,
                     (struct ic_bytes){reply_key, ic_kem_lengths(IC_KEM_XWING).public_len}, &keys);
}

static enum ic_err give_knocker_keys(struct ic_conference *c, const struct ic_knocker *knocker)
{
    struct ic_door_knock_place where = place(c, knocker->participant);
    return give_keys(c, &where, ic_mls_message_bytes(&knocker->sealed), knocker->reply_key);
}

enum ic_err ic_give_link_keys(struct ic_conference *c, struct ic_bytes participants)
{
    enum ic_err err = IC_OK;
    for (const struct ic_knocker *k = c->knockers; k && err == IC_OK; k = k->next)
        for (size_t i = 0; k->invite && i < participants.len && err == IC_OK;
             i += IC_PARTICIPANT_LEN)
            if (memcmp(participants.at + i, k->participant, IC_PARTICIPANT_LEN) == 0)
                err = give_knocker_keys(c, k);
    return err;
}

static enum ic_err keep(struct ic_conference *c, const uint8_t *participant, struct ic_bytes sealed,
                        const struct ic_door_knock *knock, uint32_t invite)
{
    struct ic_knocker **at = place_of(c, participant);
    struct ic_knocker *made = calloc(1, sizeof *made);
    if (!made)
        return IC_ERR_SYSTEM;
    made->invite = invite;
    memcpy(made->participant, participant, sizeof made->participant);
    memcpy(made->reply_key, knock->reply_key.at, knock->reply_key.len);
    enum ic_err err = ic_mls_message_copy(&made->sealed, sealed);
    if (err == IC_OK)
        err = ic_mls_message_copy(&made->key_package, knock->key_package);
    if (err != IC_OK) {
        free_knocker(made);
        return err;
    }
    if (*at) {
        made->next = (*at)->next;
        free_knocker(*at);
    }
    *at = made;
    return IC_OK;
}

static bool was_member(const struct ic_conference *c, struct ic_bytes member, int64_t now)
{
    const struct ic_founding *f = &c->founding;
    for (unsigned i = 0; f->former && now < f->former_until && i < IC_MEMBERS_MAX; i++) {
        const struct ic_person *person = &f->former[i];
        if (person->here &&
            ic_bytes_equal(member, (struct ic_bytes){person->member, person->member_len}))
            return true;
    }
    return false;
}

static enum ic_err admit(struct ic_conference *c, const struct ic_knocker *knocker, bool unasked,
                         int64_t not_before, int64_t now)
{
    struct ic_wish wish = {.type = IC_WISH_ADD,
                           .value = knocker->invite,
                           .not_before = not_before,
                           .unasked = unasked};
    memcpy(wish.participant, knocker->participant, sizeof wish.participant);
    enum ic_err err =
        ic_mls_message_copy(&wish.key_package, ic_mls_message_bytes(&knocker->key_package));
    return err == IC_OK ? ic_wish(c, &wish, now) : err;
}

/* Nobody is asked about who proved that it has the link, where there is no waiting room, nor about
 * who has an invite by which nobody is inside, where the state lets those straight in. The commit
 * is judged as any other. */
bool ic_door_is_free(const struct ic_conference *c, uint32_t invite)
{
    struct ic_door_state state;

    if (ic_state_now(c, &state) != IC_OK || state.flags & IC_DOOR_LOCKED)
        return false;
    if (invite == 0)
        return !(state.flags & IC_DOOR_WAITING_ROOM);
    bool asks =
        (state.flags & IC_DOOR_WAITING_ROOM) && !(state.flags & IC_DOOR_INVITED_STRAIGHT_IN);
    return !asks && ic_invite_is_free(c, invite);
}

/* The one who is first by lot does it; the others come later, if it does not. */
static enum ic_err admit_free(struct ic_conference *c, const struct ic_knocker *knocker,
                              int64_t now)
{
    int64_t later = ic_own_rank(c, IC_DOOR_ADMIT) * 150 * IC_NS_PER_MS;
    return ic_door_is_free(c, knocker->invite) ? admit(c, knocker, true, now + later, now) : IC_OK;
}

/* A commit may come of each, and none of them takes one off the list. */
enum ic_err ic_knockers_admit_free(struct ic_conference *c, int64_t now)
{
    enum ic_err err = IC_OK;
    for (const struct ic_knocker *k = c->knockers; k && err == IC_OK; k = k->next)
        err = admit_free(c, k, now);
    return err;
}

static enum ic_err let_in(struct ic_conference *c, const struct ic_knocker *knocker, int64_t now)
{
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&knocker->key_package));
    struct ic_mls_key_package package;

    ic_mls_read_key_package(&r, &package);
    return was_member(c, package.leaf.signature_key, now)
               ? ic_conference_admit(c, knocker->participant, now)
               : admit_free(c, knocker, now);
}

static void show_knock(struct ic_conference *c, const uint8_t *participant, uint32_t invite,
                       unsigned before, struct ic_bytes name)
{
    struct ic_conference_event event = {
        .type = IC_EVENT_KNOCK, .epoch = invite, .number = before, .text = name};
    memcpy(event.participant, participant, sizeof event.participant);
    ic_out_event(&c->events, &event);
}

static enum ic_err knocked(struct ic_conference *c, const uint8_t *participant,
                           struct ic_bytes sealed, unsigned before, int64_t now)
{
    struct ic_door_knock knock;
    struct ic_door_profile profile;
    uint32_t invite = 0;

    if (count_knockers(c) >= IC_KNOCKS_MAX && !*place_of(c, participant))
        return IC_OK;
    enum ic_err err = open_knock(c, &knock, &invite, participant, sealed);
    if ((err == IC_ERR_FORGED || err == IC_ERR_NOT_FOUND) && speaks_for_all(c))
        return reply(c, participant, sealed, (struct ic_bytes){0}, IC_DOOR_REPLY_UNREADABLE,
                     (struct ic_bytes){0});
    if (err == IC_OK)
        err = read_package(c, &profile, knock.key_package, participant);
    if (err == IC_OK)
        err = keep(c, participant, sealed, &knock, invite);
    if (err != IC_OK)
        return err == IC_ERR_SYSTEM ? err : IC_OK; /* nobody whom we could let in */
    show_knock(c, participant, invite, before, profile.name);
    if (knock.answer.len > 0)
        ic_show_participant(c, IC_EVENT_KNOCK_ANSWER, participant, 0, knock.answer);
    return let_in(c, *place_of(c, participant), now);
}

static bool is_same_socket(const struct ic_conference *c, unsigned leaf, const uint8_t *participant)
{
    return memcmp(c->people[leaf].participant, participant, IC_PARTICIPANT_LEN) == 0;
}

/* It names the link's version that it knows. One before this is good only where nothing but the
 * passcode is another since. */
static enum ic_err open_returning(struct ic_conference *c, struct ic_door_returning *out,
                                  struct ic_door_knock_place *where, struct ic_bytes sealed)
{
    struct ic_door_profile profile;
    enum ic_err err = ic_door_returning_link_version(&where->link_version, sealed);
    const uint8_t *psk = err == IC_OK ? ic_link_psk_of(c, where->link_version) : NULL;

    if (!psk)
        return IC_ERR_FORGED;
    err = ic_door_returning_open(out, c->scratch->a, sealed, where, psk);
    return err == IC_OK ? read_package(c, &profile, out->key_package, where->participant) : err;
}

/* Without the new key it could not use the Welcome. It believes who may admit. */
static enum ic_err give_missed_keys(struct ic_conference *c,
                                    const struct ic_door_knock_place *where, struct ic_bytes sealed,
                                    const uint8_t *reply_key)
{
    if (where->link_version == c->link.version || !ic_may(c, ic_own_key(c), IC_DOOR_ADMIT))
        return IC_OK;
    return give_keys(c, where, sealed, reply_key);
}

/* The host's link is open on a second device. The others put that one in our place; where there is
 * nobody else we go, since nobody takes out himself. */
static enum ic_err opened_again(struct ic_conference *c)
{
    bool alone = ic_mls_group_member_count(c->group) == 1;

    ic_show(c, IC_EVENT_OPENED_AGAIN, alone);
    if (alone)
        ic_conference_end(c);
    return IC_OK;
}

/* A member comes back: anybody in the group may take it in again, the lowest rank first. */
static enum ic_err returned(struct ic_conference *c, const uint8_t *participant,
                            struct ic_bytes sealed, int64_t now)
{
    struct ic_door_returning returning;
    struct ic_door_knock_place where = place(c, participant);

    enum ic_err err = open_returning(c, &returning, &where, sealed);
    if (err != IC_OK)
        return err == IC_ERR_SYSTEM ? err : IC_OK;
    unsigned leaf = ic_leaf_of_key(c, returning.signature_key);
    if (leaf == IC_MEMBERS_MAX && !ic_may(c, returning.signature_key, IC_DOOR_ADMIT))
        return IC_OK;
    if (leaf < IC_MEMBERS_MAX && is_same_socket(c, leaf, participant) &&
        c->people[leaf].vouched_epoch > returning.epoch)
        return IC_OK; /* it has come back long ago, and this is an old request */
    if (leaf == ic_mls_group_own_leaf(c->group).n)
        return is_same_socket(c, leaf, participant) ? IC_OK : opened_again(c);
    struct ic_wish wish = {.type = IC_WISH_RETURN,
                           .member_len = returning.signature_key.len,
                           .not_before = now + ic_own_rank(c, 0) * 150 * IC_NS_PER_MS};
    memcpy(wish.participant, participant, sizeof wish.participant);
    memcpy(wish.member, returning.signature_key.at, returning.signature_key.len);
    err = give_missed_keys(c, &where, sealed, returning.reply_key.at);
    if (err == IC_OK)
        err = ic_mls_message_copy(&wish.key_package, returning.key_package);
    return err == IC_OK ? ic_wish(c, &wish, now) : err;
}

enum ic_err ic_conference_hear_knocked(struct ic_conference *c,
                                       const uint8_t participant[IC_PARTICIPANT_LEN],
                                       struct ic_bytes sealed, bool returning, unsigned before,
                                       int64_t now)
{
    if (c->stage != IC_CONFERENCE_IN)
        return IC_OK;
    if (returning)
        return returned(c, participant, sealed, now);
    if (!c->keys.can_admit || !ic_may(c, ic_own_key(c), IC_DOOR_ADMIT))
        return IC_OK;
    return knocked(c, participant, sealed, before, now);
}

enum ic_err ic_conference_hear_unknocked(struct ic_conference *c,
                                         const uint8_t participant[IC_PARTICIPANT_LEN], int64_t now)
{
    (void)now;
    ic_knocker_drop(c, participant);
    return IC_OK;
}

/* ---- Deciding ---- */

static enum ic_err find(struct ic_conference *c, const uint8_t *participant,
                        struct ic_knocker **out)
{
    if (c->stage != IC_CONFERENCE_IN || !ic_may(c, ic_own_key(c), IC_DOOR_ADMIT))
        return IC_ERR_FORBIDDEN;
    *out = *place_of(c, participant);
    return *out ? IC_OK : IC_ERR_NOT_FOUND;
}

enum ic_err ic_conference_admit(struct ic_conference *c,
                                const uint8_t participant[IC_PARTICIPANT_LEN], int64_t now)
{
    struct ic_knocker *knocker;
    enum ic_err err = find(c, participant, &knocker);
    if (err != IC_OK)
        return err;
    return admit(c, knocker, false, now, now);
}

static enum ic_err answer(struct ic_conference *c, const uint8_t *participant,
                          enum ic_door_reply_kind kind, struct ic_bytes text)
{
    struct ic_knocker *knocker;
    enum ic_err err = find(c, participant, &knocker);
    if (err != IC_OK)
        return err;
    struct ic_bytes key = {knocker->reply_key, ic_kem_lengths(IC_KEM_XWING).public_len};
    return reply(c, participant, ic_mls_message_bytes(&knocker->sealed), key, kind, text);
}

enum ic_err ic_conference_refuse(struct ic_conference *c,
                                 const uint8_t participant[IC_PARTICIPANT_LEN], int64_t now)
{
    (void)now;
    enum ic_err err = answer(c, participant, IC_DOOR_REPLY_REFUSED, (struct ic_bytes){0});
    if (err == IC_OK)
        ic_knocker_drop(c, participant);
    return err;
}

enum ic_err ic_conference_ask(struct ic_conference *c,
                              const uint8_t participant[IC_PARTICIPANT_LEN],
                              struct ic_bytes question, int64_t now)
{
    (void)now;
    if (!ic_door_is_text(question, IC_DOOR_QUESTION_MAX))
        return IC_ERR_FORBIDDEN;
    return answer(c, participant, IC_DOOR_REPLY_QUESTION, question);
}
