/* invites.c - personal invites: the list in the group's state, the secrets of those that we made,
 * and who may come in by one. */
#include "e2ee/conference/invites.h"
#include "crypto/secret.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/members.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/door/knock.h"

static bool is_own(const struct ic_conference *c, const struct ic_door_invite *invite)
{
    return ic_bytes_equal(invite->maker, ic_own_key(c));
}

static void own_secret(uint8_t secret[IC_LINK_SECRET_LEN], const struct ic_conference *c,
                       const struct ic_door_invite *invite)
{
    ic_door_invite_secret(secret, c->keys.invite_maker, c->options.meeting, invite->salt);
}

static void knock_secret_of(struct ic_door_knock_secret *out, const struct ic_conference *c,
                            const uint8_t key[IC_LINK_SECRET_LEN])
{
    out->invite = true;
    ic_door_psk(out->psk, key, c->options.meeting, (struct ic_bytes){0});
    ic_door_tag(out->tag, key, c->options.meeting);
}

void ic_invite_to_open(struct ic_door_knock_secret *out, const struct ic_conference *c,
                       const struct ic_door_invite *invite)
{
    knock_secret_of(out, c, invite->key.at);
    memcpy(out->signer_public, invite->signer.at, sizeof out->signer_public);
}

enum ic_err ic_invite_to_knock(struct ic_door_knock_secret *out, const struct ic_conference *c)
{
    const uint8_t *secret = c->options.link.secret;
    uint8_t key[IC_LINK_SECRET_LEN];

    ic_door_invite_key(key, secret, c->options.meeting);
    knock_secret_of(out, c, key);
    ic_secret_wipe(key, sizeof key);
    return ic_door_invite_pair(out->signer_private, out->signer_public, secret, c->options.meeting);
}

bool ic_invite_is_free(const struct ic_conference *c, uint32_t number)
{
    struct ic_door_state state;
    struct ic_door_invite invite;
    return ic_state_now(c, &state) == IC_OK &&
           ic_door_invite_find(state.invites, number, &invite) &&
           (invite.user.len == 0 || ic_leaf_of_key(c, invite.user) == IC_MEMBERS_MAX);
}

/* ---- Showing ---- */

static void show(struct ic_conference *c, uint32_t number, bool good, struct ic_bytes fragment)
{
    struct ic_conference_event event = {
        .type = IC_EVENT_INVITE, .epoch = number, .number = good, .text = fragment};
    ic_out_event(&c->events, &event);
}

static void show_new(struct ic_conference *c, const struct ic_door_invite *invite)
{
    char text[IC_DOOR_FRAGMENT_LEN + 1];
    struct ic_door_link link = {.kind = IC_DOOR_LINK_INVITE};

    if (!is_own(c, invite)) {
        show(c, invite->number, true, (struct ic_bytes){0});
        return;
    }
    own_secret(link.secret, c, invite);
    memcpy(link.pin, c->pin, sizeof link.pin);
    ic_door_link_print(text, &link);
    show(c, invite->number, true, (struct ic_bytes){(uint8_t *)text, IC_DOOR_FRAGMENT_LEN});
    ic_secret_wipe(text, sizeof text);
    ic_door_link_clear(&link);
}

static bool was_shown(const struct ic_conference *c, uint32_t number)
{
    for (size_t i = 0; i < c->invite_count; i++)
        if (c->invites_shown[i] == number)
            return true;
    return false;
}

/* To who has lost the right to change settings, the list is empty. */
void ic_show_invites(struct ic_conference *c, const struct ic_door_state *state)
{
    bool may = (ic_door_rights_of(state->grants, ic_own_key(c)) & IC_DOOR_SETTINGS) != 0;
    struct ic_bytes invites = may ? state->invites : (struct ic_bytes){0};
    struct ic_door_invite invite;

    for (size_t i = 0; i < c->invite_count; i++)
        if (!ic_door_invite_find(invites, c->invites_shown[i], &invite))
            show(c, c->invites_shown[i], false, (struct ic_bytes){0});
    for (struct ic_reader list = ic_reader_of(invites); ic_door_invite_next(&list, &invite);)
        if (!was_shown(c, invite.number))
            show_new(c, &invite);
    c->invite_count = 0;
    for (struct ic_reader list = ic_reader_of(invites); ic_door_invite_next(&list, &invite);)
        c->invites_shown[c->invite_count++] = invite.number;
}

/* ---- Changing ---- */

static bool is_among(const struct ic_state_change *change, struct ic_bytes member)
{
    for (size_t i = 0; i < change->expelled_count; i++)
        if (ic_bytes_equal(change->expelled[i], member))
            return true;
    return false;
}

/* An invite goes with who came in by it, when he is taken out, and with who made it, when he loses
 * his rights: he knows its secret. */
static bool is_withdrawn(const struct ic_state_change *change, const struct ic_door_invite *invite)
{
    bool demoted = change->member.len > 0 && ic_bytes_equal(change->member, invite->maker) &&
                   !(change->rights & IC_DOOR_SETTINGS && change->rights & IC_DOOR_ADMIT);
    return invite->number == change->withdrawn || demoted || is_among(change, invite->maker) ||
           (invite->user.len > 0 && is_among(change, invite->user));
}

static void note_use(struct ic_door_invite *invite, const struct ic_state_change *change)
{
    for (size_t i = 0; i < change->use_count; i++)
        if (change->uses[i].invite == invite->number)
            invite->user = change->uses[i].member;
}

/* One that this group never had. */
static uint32_t next_number(const struct ic_door_state *state)
{
    struct ic_reader list = ic_reader_of(state->invites);
    struct ic_door_invite invite = {0};
    while (ic_door_invite_next(&list, &invite))
        continue;
    uint32_t version = (uint32_t)state->version;
    return 1 + (invite.number > version ? invite.number : version);
}

static enum ic_err write_new(struct ic_writer *w, const struct ic_conference *c,
                             const struct ic_door_state *state, struct ic_bytes salt)
{
    struct ic_door_invite invite = {
        .number = next_number(state), .maker = ic_own_key(c), .salt = salt};
    struct ic_door_invite_bytes bytes;
    uint8_t secret[IC_LINK_SECRET_LEN];

    own_secret(secret, c, &invite);
    enum ic_err err = ic_door_invite_fill(&invite, &bytes, secret, c->options.meeting);
    ic_secret_wipe(secret, sizeof secret);
    if (err == IC_OK)
        ic_door_write_invite(w, &invite);
    return err;
}

enum ic_err ic_change_invites(struct ic_writer *w, const struct ic_conference *c,
                              const struct ic_door_state *state,
                              const struct ic_state_change *change)
{
    struct ic_reader list = ic_reader_of(state->invites);
    struct ic_door_invite invite;

    while (ic_door_invite_next(&list, &invite)) {
        if (is_withdrawn(change, &invite))
            continue;
        note_use(&invite, change);
        ic_door_write_invite(w, &invite);
    }
    enum ic_err err =
        change->invite_salt.len > 0 ? write_new(w, c, state, change->invite_salt) : IC_OK;
    return err == IC_OK && w->bad ? IC_ERR_FULL : err;
}
