/* founding.c - the host alone: a group of one, whose first state the host signs (ACC-05, ACC-12:
 * only who has the host root key can do this). */
#include <stdlib.h>

#include "e2ee/conference/inside.h"

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
    return (struct ic_mls_application){.find_psk = ic_link_find_psk, .judge = judge, .user = c};
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

/* Of a group that the server lost: whether people are asked about, and the invites that are out. */
static void carry_over(struct ic_door_state *state, const struct ic_conference *c)
{
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&c->former_state));
    struct ic_door_state former;

    ic_door_read_state(&r, &former);
    if (r.bad)
        return;
    state->flags =
        (uint8_t)((state->flags & ~IC_DOOR_WAITING_ROOM) | (former.flags & IC_DOOR_WAITING_ROOM));
    state->invites = former.invites;
}

/* The private defaults (UX section 2): waiting room on, no files, no recording, and only hosts
 * share their screens until they let others. */
static enum ic_err write_first_state(struct ic_writer *w, const struct ic_conference *c,
                                     const struct ic_suite *suite)
{
    static const uint8_t no_hash[IC_DOOR_STATE_HASH_LEN];
    uint8_t bytes[512];
    struct ic_writer grants = ic_writer_of(bytes, sizeof bytes);

    enum ic_err err = write_own_grant(&grants, c);
    if (err != IC_OK)
        return err;
    struct ic_door_state state = {
        .version = 1,
        .previous = {no_hash, sizeof no_hash},
        .root_key = {c->host.root_public, sizeof c->host.root_public},
        .flags = (uint8_t)(IC_DOOR_WAITING_ROOM | (c->link.passcode ? IC_DOOR_PASSCODE : 0)),
        .passcode_key = {c->link.passcode_key, c->link.passcode ? IC_DOOR_PSK_LEN : 0},
        .link_version = c->link.version,
        .least_strength_bits = (uint16_t)suite->strength_bits,
        .least_post_quantum = suite->post_quantum,
        .everyone = IC_DOOR_MAY_SPEAK | IC_DOOR_MAY_VIDEO | IC_DOOR_MAY_CHAT |
                    IC_DOOR_MAY_CHAT_TO_HOST | IC_DOOR_MAY_DRAW | IC_DOOR_MAY_POLL,
        .grants = ic_written(&grants),
        .signer = ic_own_key(c),
    };
    carry_over(&state, c);
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

/* The server has lost the group, and who was in it comes back by knocking: the host knows them by
 * their keys. */
static enum ic_err remember_former(struct ic_conference *c, int64_t now)
{
    if (!c->former)
        c->former = calloc(IC_MEMBERS_MAX, sizeof *c->former);
    if (!c->former)
        return IC_ERR_SYSTEM;
    memcpy(c->former, c->people, IC_MEMBERS_MAX * sizeof *c->former);
    c->former_until = now + FORMER_NS;
    struct ic_door_state state;
    enum ic_err err = ic_state_now(c, &state);
    ic_mls_message_clear(&c->former_state);
    return err == IC_OK ? ic_mls_message_copy(&c->former_state, state.encoded) : err;
}

enum ic_err ic_found(struct ic_conference *c, int64_t now)
{
    const struct ic_suite *suite = ic_suite_find(c->options.suite);
    if (!suite || c->options.link.kind != IC_DOOR_LINK_HOST)
        return IC_ERR_FORBIDDEN;
    enum ic_err err = c->group ? remember_former(c, now) : IC_OK;
    ic_conference_group_over(c);
    if (err == IC_OK)
        err = create(c, suite, now);
    if (err != IC_OK)
        return err;
    c->stage = IC_CONFERENCE_IN;
    c->door_due = ic_door_stands_open(c);
    err = ic_conference_say_card(c);
    if (err == IC_OK)
        err = ic_members_changed(c, true, false);
    if (err == IC_OK)
        err = ic_presence_epoch(c, true, false, false, now);
    ic_show_link(c);
    return err;
}
