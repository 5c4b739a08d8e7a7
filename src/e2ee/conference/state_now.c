/* state_now.c - the group's signed state: what it is, and what it becomes by a change of ours. */
#include "e2ee/conference/state_now.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/invites.h"

#include "crypto/secret.h"

enum ic_err ic_state_now(const struct ic_conference *c, struct ic_door_state *out)
{
    return ic_door_state_of(out, ic_mls_group_context(c->group)->extensions);
}

/* Of the verified state: every change of it was checked before it was entered. */
bool ic_may(const struct ic_conference *c, struct ic_bytes member, uint8_t right)
{
    struct ic_door_state state;
    return c->group && ic_state_now(c, &state) == IC_OK &&
           (ic_door_rights_of(state.grants, member) & right) == right;
}

/* A grant by us. The host's own key could sign as the root; a leaf's grant is enough for all. */
static enum ic_err write_grant(struct ic_writer *w, struct ic_conference *c,
                               const struct ic_door_state *state, struct ic_bytes member,
                               uint8_t rights)
{
    struct ic_door_grant grant = {.meeting = {c->options.meeting, IC_MEETING_LEN},
                                  .rights = rights,
                                  .link_version = state->link_version,
                                  .member = member,
                                  .giver = ic_own_key(c)};
    struct ic_door_pair pair = ic_own_pair(c);
    return ic_door_write_grant(w, &grant, &pair);
}

/* All grants but that of `member` and those that hang on it, then his new one. */
static enum ic_err change_grants(struct ic_writer *w, struct ic_conference *c,
                                 const struct ic_door_state *state,
                                 const struct ic_state_change *change)
{
    struct ic_reader list = ic_reader_of(state->grants);
    struct ic_door_grant grant;

    while (ic_door_grant_next(&list, &grant)) {
        bool his = ic_bytes_equal(grant.member, change->member) ||
                   ic_door_grant_descends(state->grants, grant.member, change->member);
        if (!his)
            ic_write_bytes(w, grant.encoded);
    }
    if (change->rights == 0)
        return w->bad ? IC_ERR_FULL : IC_OK;
    return write_grant(w, c, state, change->member, change->rights);
}

static void change_flag(struct ic_door_state *state, uint8_t flag, bool set, bool on)
{
    if (set)
        state->flags = (uint8_t)(on ? state->flags | flag : state->flags & ~flag);
}

/* Everybody's but `allowed`, then that, if it is another than what all may. */
static enum ic_err change_named(struct ic_writer *w, struct ic_door_state *state,
                                const struct ic_state_change *change)
{
    struct ic_reader list = ic_reader_of(state->named);
    struct ic_door_named named;
    uint16_t everyone = change->set_everyone ? change->everyone : state->everyone;
    size_t count = 0;

    while (!change->set_everyone && ic_door_named_next(&list, &named)) {
        if (ic_bytes_equal(named.member, change->allowed))
            continue;
        ic_door_write_named(w, &named);
        count++;
    }
    if (change->allowed.len > 0 && change->allowed_to != everyone) {
        ic_door_write_named(w, &(struct ic_door_named){change->allowed, change->allowed_to});
        count++;
    }
    state->named = ic_written(w);
    return w->bad || count > IC_DOOR_NAMED_MAX ? IC_ERR_FULL : IC_OK;
}

static void change_settings(struct ic_door_state *state, const struct ic_state_change *change)
{
    change_flag(state, IC_DOOR_LOCKED, change->set_lock, change->locked);
    change_flag(state, IC_DOOR_WAITING_ROOM, change->set_waiting_room, change->waiting_room);
    change_flag(state, IC_DOOR_INVITED_STRAIGHT_IN, change->set_straight_in, change->straight_in);
    change_flag(state, IC_DOOR_PASSCODE, change->set_passcode, change->passcode_key.len > 0);
    if (change->set_everyone)
        state->everyone = change->everyone;
    change_flag(state, IC_DOOR_TITLE_SHOWN, change->set_title_shown, change->title_shown);
    if (change->set_title)
        state->title = change->title;
    if (change->set_passcode)
        state->passcode_key = change->passcode_key;
    state->link_version += change->new_link || change->set_passcode ? 1 : 0;
}

static enum ic_err write_changed(struct ic_writer *w, struct ic_conference *c,
                                 const struct ic_state_change *change, struct ic_writer *grants,
                                 struct ic_writer *invites, struct ic_writer *named)
{
    struct ic_door_state state;
    uint8_t hash[IC_DOOR_STATE_HASH_LEN];

    enum ic_err err = ic_state_now(c, &state);
    if (err == IC_OK)
        err = ic_change_invites(invites, c, &state, change);
    bool regrants = change->member.len > 0 && ic_may(c, ic_own_key(c), IC_DOOR_GRANT) &&
                    (change->rights != 0 || ic_door_rights_of(state.grants, change->member) != 0);
    if (err == IC_OK && regrants)
        err = change_grants(grants, c, &state, change);
    if (err == IC_OK && (change->set_everyone || change->allowed.len > 0))
        err = change_named(named, &state, change);
    if (err != IC_OK)
        return err;
    ic_door_state_hash(hash, state.encoded);
    if (regrants)
        state.grants = ic_written(grants);
    state.invites = ic_written(invites);
    change_settings(&state, change);
    state.version++;
    state.previous = (struct ic_bytes){hash, sizeof hash};
    state.signer = ic_own_key(c);
    struct ic_door_pair pair = ic_own_pair(c);
    return ic_door_write_state(w, &state, ic_mls_group_context(c->group)->group_id, &pair);
}

/* Every other extension stays as it is. */
static void write_extensions(struct ic_writer *w, struct ic_bytes before, struct ic_bytes state)
{
    struct ic_reader list = ic_reader_of(before);
    struct ic_mls_extension extension;

    while (ic_mls_extension_next(&list, &extension))
        ic_mls_write_extension(w, extension.type,
                               extension.type == IC_DOOR_STATE_EXTENSION ? state : extension.data);
}

enum ic_err ic_state_changed(struct ic_conference *c, struct ic_mls_message *extensions,
                             const struct ic_state_change *change)
{
    struct ic_scratch *scratch = c->scratch;
    struct ic_writer w = ic_writer_of(scratch->a, sizeof scratch->a);
    struct ic_writer out = ic_writer_of(scratch->b, sizeof scratch->b);
    struct ic_writer grant_list = ic_writer_of(scratch->c, sizeof scratch->c);
    struct ic_writer invites = ic_writer_of(scratch->d, sizeof scratch->d);

    struct ic_writer named = ic_writer_of(scratch->b, sizeof scratch->b); /* before `out` */

    enum ic_err err = write_changed(&w, c, change, &grant_list, &invites, &named);
    if (err != IC_OK)
        return err;
    write_extensions(&out, ic_mls_group_context(c->group)->extensions, ic_written(&w));
    return out.bad ? IC_ERR_FULL : ic_mls_message_copy(extensions, ic_written(&out));
}
