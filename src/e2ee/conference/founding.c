/* founding.c - the host alone: a group of one, whose first state the host signs (ACC-05, ACC-12:
 * only who has the host root key can do this). */
#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/conference/entering.h"
#include "e2ee/conference/founding.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/knocking.h"
#include "e2ee/conference/link_now.h"
#include "e2ee/conference/members.h"
#include "e2ee/conference/open_door.h"
#include "e2ee/conference/own_keys.h"
#include "e2ee/conference/presence.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/door/card.h"
#include "e2ee/door/profile.h"

static const int64_t FORMER_NS = 120 * IC_NS_PER_SEC;

/* Honest members must agree on what is a member, so nothing here looks at a clock. */
static bool judge(void *user, const struct ic_mls_leaf_node *leaf,
                  const struct ic_mls_leaf_node *before)
{
    struct ic_door_profile profile;
    (void)user;
    (void)before;
    return leaf->credential.type == IC_MLS_CREDENTIAL_BASIC &&
           ic_door_profile_of(&profile, leaf->extensions) == IC_OK;
}

struct ic_mls_application ic_application(struct ic_conference *c)
{
    return (struct ic_mls_application){
        .find_psk = ic_link_find_psk, .judge = judge, .by_value_only = true, .user = c};
}

/* The root's word for the host's own leaf. */
static enum ic_err write_own_grant(struct ic_writer *w, const struct ic_conference *c)
{
    struct ic_door_grant grant = {.meeting = {c->options.meeting, IC_MEETING_LEN},
                                  .rights = IC_DOOR_ALL_RIGHTS,
                                  .link_version = 1,
                                  .member = ic_own_key(c)};
    struct ic_door_pair root = {{c->host.root_public, sizeof c->host.root_public},
                                {c->host.root_private, sizeof c->host.root_private}};
    return ic_door_write_grant(w, &grant, &root);
}

static bool read_former(struct ic_door_state *out, const struct ic_conference *c)
{
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&c->founding.state));
    ic_door_read_state(&r, out);
    return !r.bad;
}

/* The private defaults (UX section 2): waiting room on, no files, no recording, and only hosts
 * share their screens until they let others. */
static void first_settings(struct ic_door_state *state, const struct ic_conference *c,
                           const struct ic_suite *suite)
{
    *state = (struct ic_door_state){
        .flags = (uint8_t)(IC_DOOR_WAITING_ROOM | (c->founding.locked ? IC_DOOR_LOCKED : 0)),
        .least_strength_bits = (uint16_t)suite->strength_bits,
        .least_post_quantum = suite->post_quantum,
        .everyone = IC_DOOR_MAY_SPEAK | IC_DOOR_MAY_VIDEO | IC_DOOR_MAY_CHAT |
                    IC_DOOR_MAY_CHAT_TO_HOST | IC_DOOR_MAY_DRAW | IC_DOOR_MAY_POLL,
        .title = c->options.title,
    };
    if (c->founding.titled && state->title.len == 0)
        state->title = c->entering.card.title;
}

static bool has_root_grant(const struct ic_conference *c, const struct ic_door_state *state)
{
    struct ic_door_grant own;
    return ic_door_grant_find(state->grants, ic_own_key(c), &own) && own.giver.len == 0 &&
           own.rights == IC_DOOR_ALL_RIGHTS;
}

static bool is_named(const struct ic_door_state *state, struct ic_bytes member)
{
    struct ic_reader list = ic_reader_of(state->named);
    struct ic_door_named named;
    while (ic_door_named_next(&list, &named))
        if (ic_bytes_equal(named.member, member))
            return true;
    return false;
}

/* Who was in a locked meeting comes in again, since the state names him; as many as it can name. */
static void name_former(struct ic_writer *w, struct ic_door_state *state,
                        const struct ic_conference *c)
{
    struct ic_reader list = ic_reader_of(state->named);
    struct ic_door_named named;
    size_t count = 0;

    for (; ic_door_named_next(&list, &named); count++)
        ic_door_write_named(w, &named);
    for (unsigned i = 0; c->founding.former && i < IC_MEMBERS_MAX; i++) {
        const struct ic_person *person = &c->founding.former[i];
        struct ic_bytes member = {person->member, person->member_len};
        if (!person->here || is_named(state, member) || count >= IC_DOOR_NAMED_MAX)
            continue;
        ic_door_write_named(w, &(struct ic_door_named){member, state->everyone});
        count++;
    }
    state->named = ic_written(w);
}

/* All of the group before that the host holds, or what a new meeting begins with. */
static enum ic_err write_first_state(struct ic_writer *w, const struct ic_conference *c,
                                     const struct ic_suite *suite)
{
    static const uint8_t no_hash[IC_DOOR_STATE_HASH_LEN];
    struct ic_writer grants = ic_writer_of(c->scratch->c, sizeof c->scratch->c);
    struct ic_writer named = ic_writer_of(c->scratch->d, sizeof c->scratch->d);
    struct ic_door_state state;

    enum ic_err err = write_own_grant(&grants, c);
    if (err != IC_OK)
        return err;
    if (!read_former(&state, c))
        first_settings(&state, c, suite);
    if (!has_root_grant(c, &state))
        state.grants = ic_written(&grants);
    if (state.flags & IC_DOOR_LOCKED)
        name_former(&named, &state, c);
    state.version = 1;
    state.previous = (struct ic_bytes){no_hash, sizeof no_hash};
    state.root_key = (struct ic_bytes){c->host.root_public, sizeof c->host.root_public};
    state.flags =
        (uint8_t)((state.flags & ~IC_DOOR_PASSCODE) | (c->link.passcode ? IC_DOOR_PASSCODE : 0));
    state.passcode_key =
        (struct ic_bytes){c->link.passcode_key, c->link.passcode ? IC_DOOR_PSK_LEN : 0};
    state.link_version = c->link.version;
    state.signer = ic_own_key(c);
    struct ic_door_pair pair = ic_own_pair(c);
    return ic_door_write_state(w, &state, (struct ic_bytes){c->options.meeting, IC_MEETING_LEN},
                               &pair);
}

static enum ic_err create(struct ic_conference *c, const struct ic_suite *suite, int64_t now)
{
    struct ic_writer state = ic_writer_of(c->scratch->a, sizeof c->scratch->a);
    struct ic_writer extensions = ic_writer_of(c->scratch->b, sizeof c->scratch->b);
    struct ic_mls_identity identity;
    struct ic_identity_buffer buffer;
    struct ic_mls_application application = ic_application(c);

    enum ic_err err = write_first_state(&state, c, suite);
    if (err == IC_OK)
        err = ic_own_identity(&identity, &buffer, c, suite, now);
    if (err != IC_OK)
        return err;
    ic_mls_write_extension(&extensions, IC_DOOR_STATE_EXTENSION, ic_written(&state));
    struct ic_mls_create plan = {.suite = suite,
                                 .group_id = {c->options.meeting, IC_MEETING_LEN},
                                 .identity = &identity,
                                 .extensions = ic_written(&extensions),
                                 .application = &application};
    return extensions.bad ? IC_ERR_FULL : ic_mls_group_create(&c->group, &plan);
}

/* Who was in it comes back by knocking: the host knows them by their keys. */
enum ic_err ic_remember_group(struct ic_conference *c)
{
    struct ic_founding *f = &c->founding;
    struct ic_door_state state;

    ic_founding_forget(f);
    f->former = calloc(IC_MEMBERS_MAX, sizeof *f->former);
    if (!f->former)
        return IC_ERR_SYSTEM;
    memcpy(f->former, c->people, IC_MEMBERS_MAX * sizeof *f->former);
    f->suite = ic_mls_group_suite(c->group)->id;
    enum ic_err err = ic_state_now(c, &state);
    return err == IC_OK ? ic_mls_message_copy(&f->state, state.encoded) : err;
}

void ic_founding_forget(struct ic_founding *founding)
{
    free(founding->former);
    ic_mls_message_clear(&founding->state);
    *founding = (struct ic_founding){0};
}

/* The link and its passcode as the group before had them, for the next. */
static void take_up_link(struct ic_conference *c)
{
    uint8_t secret[IC_LINK_SECRET_LEN];
    struct ic_door_state former;

    if (!read_former(&former, c))
        return;
    memcpy(secret, c->link.secret, sizeof secret);
    ic_link_passcode(c, former.passcode_key);
    ic_link_now_set(c, secret,
                    former.link_version > c->link.version ? former.link_version : c->link.version);
    ic_secret_wipe(secret, sizeof secret);
}

static unsigned what_shuts(const struct ic_door_card *card)
{
    return (card->flags & IC_DOOR_CARD_PASSCODE ? IC_CONFERENCE_PASSCODE : 0) |
           (card->flags & IC_DOOR_CARD_LOCKED ? IC_CONFERENCE_LOCKED : 0);
}

/* Of two cards of one version nobody knows which is the older: what shuts the door stays. */
void ic_last_door_is(struct ic_conference *c, const struct ic_door_card *card)
{
    struct ic_last_door *last = &c->options.last;
    if (card->link_version < last->link_version)
        return;
    last->flags = what_shuts(card) | (card->link_version == last->link_version ? last->flags : 0);
    last->link_version = card->link_version;
}

/* The door was not like that when this device saw it last. */
static bool is_contradicted(const struct ic_conference *c, const struct ic_door_card *card)
{
    const unsigned shuts = IC_CONFERENCE_PASSCODE | IC_CONFERENCE_LOCKED;
    const struct ic_last_door *last = &c->options.last;
    return card->link_version == last->link_version && (what_shuts(card) ^ last->flags) & shuts;
}

/* What a host is to be told that founds by this card, `read` or not. */
static enum ic_settings_lost lost_with(const struct ic_conference *c, struct ic_bytes card,
                                       enum ic_err read)
{
    uint32_t last = c->options.last.link_version;
    if (card.len == 0)
        return last > 0 ? IC_LOST_HIDDEN : IC_LOST_UNKNOWN;
    if (read != IC_OK)
        return IC_LOST_ALL;
    return c->entering.card.link_version < last ? IC_LOST_HIDDEN : IC_LOST_BUT_THE_DOOR;
}

/* A host that holds no state: what the card says is kept where it shuts the door, since the server
 * may show an old one, and its title for those who are let in, if nothing is known to be later;
 * where it says nothing that can be believed, the door is shut and the link, which somebody may
 * have been removed with, is replaced. A passcode that this device or the card knows of is asked
 * for. */
static enum ic_err look_at_card(struct ic_conference *c, struct ic_bytes card, int64_t now)
{
    struct ic_founding *f = &c->founding;
    unsigned last = c->options.last.flags;
    enum ic_err err = ic_read_old_card(c, card, now);
    if (err == IC_ERR_SYSTEM)
        return err;
    unsigned flags = err == IC_OK ? c->entering.card.flags : 0;
    f->lost = lost_with(c, card, err);
    f->anew = f->lost != IC_LOST_UNKNOWN || !c->options.made_here;
    f->shut = f->lost == IC_LOST_ALL || f->lost == IC_LOST_HIDDEN;
    f->titled = f->lost == IC_LOST_BUT_THE_DOOR && !is_contradicted(c, &c->entering.card);
    f->locked = f->shut || flags & IC_DOOR_CARD_LOCKED || last & IC_CONFERENCE_LOCKED;
    f->asks = !c->link.passcode &&
              (flags & IC_DOOR_CARD_PASSCODE || (f->shut && last & IC_CONFERENCE_PASSCODE));
    return IC_OK;
}

static enum ic_err tell_what_is_lost(struct ic_conference *c, int64_t now)
{
    bool anew = c->founding.anew;
    c->founding.anew = false;
    if (!anew)
        return IC_OK;
    ic_show(c, IC_EVENT_SETTINGS_LOST, c->founding.lost);
    return c->founding.shut ? ic_conference_replace_link(c, now) : ic_conference_say_admissions(c);
}

static enum ic_err found(struct ic_conference *c, int64_t now)
{
    struct ic_founding *f = &c->founding;
    const struct ic_suite *suite = ic_suite_find(f->state.at ? f->suite : c->options.suite);
    enum ic_err err = suite ? IC_OK : IC_ERR_FORBIDDEN;

    ic_conference_group_over(c);
    take_up_link(c);
    if (err == IC_OK)
        err = create(c, suite, now);
    if (err != IC_OK)
        return err;
    ic_mls_message_clear(&f->state);
    f->former_until = now + FORMER_NS;
    ic_entering_clear(&c->entering);
    c->stage = IC_CONFERENCE_IN;
    c->link.followed = true;
    c->door_due = ic_door_stands_open(c);
    err = ic_conference_say_card(c);
    if (err == IC_OK)
        err = ic_members_changed(c, true, false);
    if (err == IC_OK)
        err = ic_presence_epoch(c, true, false, false, now);
    ic_show_link(c);
    return err == IC_OK ? tell_what_is_lost(c, now) : err;
}

enum ic_err ic_found(struct ic_conference *c, struct ic_bytes card, int64_t now)
{
    enum ic_err err = IC_OK;
    if (c->options.link.kind != IC_DOOR_LINK_HOST)
        return IC_ERR_FORBIDDEN;
    if (c->group)
        err = ic_remember_group(c);
    else if (!c->founding.state.at)
        err = look_at_card(c, card, now);
    if (err != IC_OK)
        return err;
    if (!c->founding.asks)
        return found(c, now);
    ic_show(c, IC_EVENT_PASSCODE, c->founding.shut ? IC_PASSCODE_HIDDEN : IC_PASSCODE_NEEDED);
    return IC_OK;
}

enum ic_err ic_found_with_passcode(struct ic_conference *c, int64_t now)
{
    c->founding.asks = false;
    return found(c, now);
}
