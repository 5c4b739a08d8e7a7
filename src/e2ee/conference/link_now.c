/* link_now.c - what follows from the link as it is now: the key that every way in mixes in, what
 * the server asks for at the door, the front card. */
#include "e2ee/conference/link_now.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "e2ee/conference/admit_keys.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/door/card.h"

static struct ic_bytes passcode_key(const struct ic_link_now *link)
{
    return link->passcode ? (struct ic_bytes){link->passcode_key, sizeof link->passcode_key}
                          : (struct ic_bytes){0};
}

void ic_link_passcode(struct ic_conference *c, struct ic_bytes key)
{
    struct ic_link_now *link = &c->link;
    link->passcode = key.len > 0;
    if (link->passcode)
        memcpy(link->passcode_key, key.at, sizeof link->passcode_key);
    else
        ic_secret_wipe(link->passcode_key, sizeof link->passcode_key);
}

void ic_link_now_set(struct ic_conference *c, const uint8_t secret[IC_LINK_SECRET_LEN],
                     uint32_t version)
{
    struct ic_link_now *link = &c->link;
    memcpy(link->secret, secret, sizeof link->secret);
    link->secret_known = true;
    link->version = version;
    ic_door_psk(link->psk, link->secret, c->options.meeting, passcode_key(link));
}

void ic_link_keep_older(struct ic_conference *c)
{
    struct ic_link_now *link = &c->link;
    memmove(link->older + 1, link->older, sizeof link->older - sizeof link->older[0]);
    link->older[0].version = link->version;
    memcpy(link->older[0].psk, link->psk, sizeof link->psk);
}

void ic_link_forget_older(struct ic_conference *c)
{
    ic_secret_wipe(c->link.older, sizeof c->link.older);
}

const uint8_t *ic_link_psk_of(const struct ic_conference *c, uint32_t version)
{
    if (version == c->link.version)
        return c->link.psk;
    for (size_t i = 0; i < IC_OLDER_PSKS; i++)
        if (c->link.older[i].version == version)
            return version > 0 ? c->link.older[i].psk : NULL;
    return NULL;
}

struct ic_mls_psk_id ic_link_psk_id(const struct ic_conference *c,
                                    uint8_t buffer[IC_DOOR_LINK_PSK_ID_LEN])
{
    ic_door_link_psk_id(buffer, c->options.meeting, c->link.version);
    return (struct ic_mls_psk_id){.type = IC_MLS_PSK_EXTERNAL,
                                  .external_id = {buffer, IC_DOOR_LINK_PSK_ID_LEN}};
}

/* Remembers what it was asked for, so that a newcomer can tell whether its Welcome used the key. */
bool ic_link_find_psk(void *user, const struct ic_mls_psk_id *id, struct ic_bytes *secret)
{
    struct ic_conference *c = user;
    uint8_t buffer[IC_DOOR_LINK_PSK_ID_LEN];
    struct ic_mls_psk_id ours = ic_link_psk_id(c, buffer);

    if (id->type != IC_MLS_PSK_EXTERNAL || !ic_bytes_equal(id->external_id, ours.external_id))
        return false;
    c->psk_used = true;
    *secret = (struct ic_bytes){c->link.psk, sizeof c->link.psk};
    return true;
}

static uint8_t card_flags(const struct ic_door_state *state)
{
    return (uint8_t)((state->flags & IC_DOOR_PASSCODE ? IC_DOOR_CARD_PASSCODE : 0) |
                     (state->flags & IC_DOOR_WAITING_ROOM ? IC_DOOR_CARD_WAITING_ROOM : 0) |
                     (state->flags & IC_DOOR_LOCKED ? IC_DOOR_CARD_LOCKED : 0));
}

static enum ic_err write_card(struct ic_writer *w, const struct ic_conference *c,
                              const struct ic_door_state *state)
{
    struct ic_writer admit_keys = ic_writer_of(c->scratch->c, sizeof c->scratch->c);
    ic_write_admit_keys(&admit_keys, c);
    struct ic_door_card card = {.meeting = {c->options.meeting, IC_MEETING_LEN},
                                .root_key = state->root_key,
                                .link_version = state->link_version,
                                .suite = ic_mls_group_suite(c->group)->id,
                                .flags = card_flags(state),
                                .title = state->flags & IC_DOOR_TITLE_SHOWN ? state->title
                                                                            : (struct ic_bytes){0},
                                .admit_keys = ic_written(&admit_keys),
                                .grants = state->grants,
                                .signer = ic_own_key(c)};
    struct ic_door_pair pair = ic_own_pair(c);
    return admit_keys.bad ? IC_ERR_FULL : ic_door_write_card(w, &card, &pair);
}

/* The card key of the link, and those of all invites. */
static size_t openers(uint8_t (*keys)[IC_DOOR_CARD_KEY_LEN], const struct ic_conference *c,
                      const struct ic_door_state *state)
{
    struct ic_reader list = ic_reader_of(state->invites);
    struct ic_door_invite invite;
    size_t count = 1;

    ic_door_card_key(keys[0], c->link.secret, c->options.meeting);
    while (count < IC_DOOR_CARD_OPENERS_MAX && ic_door_invite_next(&list, &invite))
        ic_door_card_key(keys[count++], invite.key.at, c->options.meeting);
    return count;
}

static enum ic_err seal_card(struct ic_conference *c, const struct ic_door_state *state,
                             struct ic_bytes written)
{
    uint8_t keys[IC_DOOR_CARD_OPENERS_MAX][IC_DOOR_CARD_KEY_LEN];
    struct ic_writer out = ic_writer_of(c->scratch->b, IC_DOOR_CARD_SEALED_MAX);
    size_t count = openers(keys, c, state);

    enum ic_err err = ic_door_card_seal(&out, written, c->options.meeting,
                                        (const uint8_t(*)[IC_DOOR_CARD_KEY_LEN])keys, count);
    ic_secret_wipe(keys, sizeof keys);
    if (err == IC_OK)
        ic_out_say(&c->says, &(struct ic_say){.type = IC_SAY_CARD, .sealed = ic_written(&out)});
    return err;
}

/* Only who may change settings and can be knocked at has something to say here. */
enum ic_err ic_conference_say_card(struct ic_conference *c)
{
    struct ic_door_state state;

    if (!c->keys.can_admit || !c->link.secret_known || !ic_may(c, ic_own_key(c), IC_DOOR_SETTINGS))
        return IC_OK;
    enum ic_err err = ic_state_now(c, &state);
    struct ic_writer w = ic_writer_of(c->scratch->a, IC_DOOR_CARD_SEALED_MAX);
    if (err == IC_OK)
        err = write_card(&w, c, &state);
    if (err != IC_OK)
        return err;
    return seal_card(c, &state, ic_written(&w));
}

static void write_link_admission(struct ic_writer *w, const struct ic_conference *c)
{
    uint8_t proof[IC_ADMISSION_PROOF_LEN], hash[IC_SHA256_LEN];
    ic_door_admission_proof(proof, c->link.secret);
    ic_sha256(hash, (struct ic_bytes){proof, sizeof proof});
    ic_secret_wipe(proof, sizeof proof);
    ic_write_bytes(w, (struct ic_bytes){hash, sizeof hash});
}

enum ic_err ic_conference_say_admissions(struct ic_conference *c)
{
    struct ic_writer w = ic_writer_of(c->scratch->a, sizeof c->scratch->a);
    struct ic_door_state state;
    struct ic_door_invite invite;

    enum ic_err err = ic_state_now(c, &state);
    if (err != IC_OK || !c->link.secret_known)
        return err;
    write_link_admission(&w, c);
    for (struct ic_reader list = ic_reader_of(state.invites); ic_door_invite_next(&list, &invite);)
        ic_write_bytes(&w, invite.admission);
    ic_out_say(&c->says, &(struct ic_say){.type = IC_SAY_ADMISSIONS, .sealed = ic_written(&w)});
    return IC_OK;
}

/* The fragment that guests get now. */
void ic_show_link(struct ic_conference *c)
{
    char text[IC_DOOR_FRAGMENT_LEN + 1];
    struct ic_door_link link = {.kind = IC_DOOR_LINK_GUEST};
    memcpy(link.secret, c->link.secret, sizeof link.secret);
    memcpy(link.pin, c->pin, sizeof link.pin);
    ic_door_link_print(text, &link);
    struct ic_conference_event event = {.type = IC_EVENT_LINK,
                                        .epoch = c->link.version,
                                        .text = {(uint8_t *)text, IC_DOOR_FRAGMENT_LEN}};
    ic_out_event(&c->events, &event);
    ic_secret_wipe(text, sizeof text);
    ic_door_link_clear(&link);
}
