/* doorkeeping.c - at the door from inside: who knocks, and what a right-holder does about it. */
#include "e2ee/conference/doorkeeping.h"
#include "crypto/secret.h"
#include "e2ee/conference/door_replies.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/invites.h"
#include "e2ee/conference/knockers.h"
#include "e2ee/conference/members.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/conference/taking_back.h"
#include "e2ee/conference/wishes.h"
#include "e2ee/door/knock.h"
#include "e2ee/door/profile.h"
#include "e2ee/door/reply.h"
#include "e2ee/door/text.h"

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
    struct ic_door_knock_place where = ic_knocker_place(c, participant);
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
    for (unsigned leaf = 0; leaf < ic_own_leaf(c); leaf++)
        if (c->people[leaf].here && !c->people[leaf].gone && c->people[leaf].rights & IC_DOOR_ADMIT)
            return false;
    return true;
}

enum ic_err ic_knocker_package(const struct ic_conference *c, struct ic_door_profile *profile,
                               struct ic_bytes encoded,
                               const uint8_t participant[IC_PARTICIPANT_LEN])
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

    if (ic_knockers_full(c) && !ic_knocker_of(c, participant))
        return IC_OK;
    enum ic_err err = open_knock(c, &knock, &invite, participant, sealed);
    if ((err == IC_ERR_FORGED || err == IC_ERR_NOT_FOUND) && speaks_for_all(c))
        return ic_reply(c, participant, sealed, (struct ic_bytes){0}, IC_DOOR_REPLY_UNREADABLE,
                        (struct ic_bytes){0});
    if (err == IC_OK)
        err = ic_knocker_package(c, &profile, knock.key_package, participant);
    if (err == IC_OK)
        err = ic_knocker_keep(c, participant, sealed, &knock, invite);
    if (err != IC_OK)
        return err == IC_ERR_SYSTEM ? err : IC_OK; /* nobody whom we could let in */
    show_knock(c, participant, invite, before, profile.name);
    if (knock.answer.len > 0)
        ic_show_participant(c, IC_EVENT_KNOCK_ANSWER, participant, 0, knock.answer);
    return let_in(c, ic_knocker_of(c, participant), now);
}

enum ic_err ic_conference_hear_knocked(struct ic_conference *c,
                                       const uint8_t participant[IC_PARTICIPANT_LEN],
                                       struct ic_bytes sealed, bool returning, unsigned before,
                                       int64_t now)
{
    bool behind = c->stage == IC_CONFERENCE_BEHIND;
    if (c->stage != IC_CONFERENCE_IN && !(returning && behind))
        return IC_OK;
    if (returning)
        return ic_take_back(c, participant, sealed, now);
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

static enum ic_err find(struct ic_conference *c, const uint8_t *participant,
                        struct ic_knocker **out)
{
    if (c->stage != IC_CONFERENCE_IN || !ic_may(c, ic_own_key(c), IC_DOOR_ADMIT))
        return IC_ERR_FORBIDDEN;
    *out = ic_knocker_of(c, participant);
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
    return ic_reply(c, participant, ic_mls_message_bytes(&knocker->sealed), key, kind, text);
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
