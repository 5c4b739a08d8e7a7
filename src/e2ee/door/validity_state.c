/* validity_state.c - the rules about a change of the state, one function each. They are asked in
 * the order of enum ic_door_rule, so each may rely on those before it. */
#include "e2ee/door/validity_rules.h"

static bool has(struct ic_bytes extensions, const struct ic_mls_extension *wanted)
{
    struct ic_bytes data;
    return wanted->type == IC_DOOR_STATE_EXTENSION ||
           (ic_mls_extension_find(extensions, wanted->type, &data) &&
            ic_bytes_equal(data, wanted->data));
}

static bool has_all(struct ic_bytes extensions, struct ic_bytes wanted)
{
    struct ic_reader list = ic_reader_of(wanted);
    struct ic_mls_extension extension;

    while (ic_mls_extension_next(&list, &extension))
        if (!has(extensions, &extension))
            return false;
    return !list.bad;
}

bool ic_door_holds_context_other(const struct ic_door_view *v)
{
    struct ic_bytes before = v->before->extensions, after = v->next->context->extensions;
    return has_all(before, after) && has_all(after, before);
}

bool ic_door_holds_new_state_readable(const struct ic_door_view *v)
{
    return v->new_readable;
}

bool ic_door_holds_state_order(const struct ic_door_view *v)
{
    uint8_t hash[IC_DOOR_STATE_HASH_LEN];

    ic_door_state_hash(hash, v->old.encoded);
    return v->old.version < UINT64_MAX && v->new.version == v->old.version + 1 &&
           ic_bytes_equal(v->new.previous, (struct ic_bytes){hash, sizeof hash});
}

bool ic_door_holds_state_root(const struct ic_door_view *v)
{
    return ic_bytes_equal(v->new.root_key, v->old.root_key);
}

bool ic_door_holds_state_signer(const struct ic_door_view *v)
{
    return ic_door_view_may(v, IC_DOOR_ALL_RIGHTS) &&
           ic_bytes_equal(v->new.signer, v->committer->signature_key);
}

bool ic_door_holds_state_signature(const struct ic_door_view *v)
{
    return ic_door_state_verify_signature(&v->new, v->before->group_id) == IC_OK;
}

/* The same invite, and if it has another user, then one who comes in by this commit. */
static bool same_invite(const struct ic_door_view *v, const struct ic_door_invite *invite)
{
    struct ic_door_invite old;
    return ic_door_invite_find(v->old.invites, invite->number, &old) &&
           ic_bytes_equal(old.maker, invite->maker) && ic_bytes_equal(old.salt, invite->salt) &&
           ic_bytes_equal(old.key, invite->key) && ic_bytes_equal(old.signer, invite->signer) &&
           ic_bytes_equal(old.admission, invite->admission) &&
           (ic_bytes_equal(old.user, invite->user) ||
            (ic_door_view_may(v, IC_DOOR_ADMIT) && ic_door_view_adds(v, invite->user)));
}

/* Who may remove somebody takes its invite away, too; who lets somebody in by one says so in it. */
static bool only_used(const struct ic_door_view *v)
{
    struct ic_reader list = ic_reader_of(v->new.invites);
    struct ic_door_invite invite;

    while (ic_door_invite_next(&list, &invite))
        if (!same_invite(v, &invite))
            return false;
    return ic_door_view_may(v, IC_DOOR_REMOVE | IC_DOOR_ADMIT);
}

bool ic_door_holds_settings_right(const struct ic_door_view *v)
{
    const struct ic_door_state *a = &v->old, *b = &v->new;

    return ic_door_view_may(v, IC_DOOR_SETTINGS) ||
           (a->flags == b->flags && a->least_strength_bits == b->least_strength_bits &&
            a->least_post_quantum == b->least_post_quantum && a->preset == b->preset &&
            ic_bytes_equal(a->lines, b->lines) && a->everyone == b->everyone &&
            ic_bytes_equal(a->named, b->named) && ic_bytes_equal(a->recorder, b->recorder) &&
            ic_bytes_equal(a->passcode_key, b->passcode_key) &&
            ic_bytes_equal(a->title, b->title) &&
            (ic_bytes_equal(a->invites, b->invites) || only_used(v)));
}

bool ic_door_holds_link_right(const struct ic_door_view *v)
{
    return v->new.link_version == v->old.link_version ||
           ic_door_view_may(v, IC_DOOR_REMOVE | IC_DOOR_SETTINGS);
}

/* The pre-shared key follows from the passcode too, and is named by the link's version alone. */
bool ic_door_holds_link_step(const struct ic_door_view *v)
{
    return (v->new.link_version ==
            v->old.link_version &&ic_bytes_equal(v->new.passcode_key, v->old.passcode_key)) ||
           (v->old.link_version < UINT32_MAX && v->new.link_version == v->old.link_version + 1);
}

/* The new link's secret comes from the epoch after, so nobody can come in with it already. */
bool ic_door_holds_link_add(const struct ic_door_view *v)
{
    return v->new.link_version == v->old.link_version || !ic_door_view_brings(v);
}

static bool same_grants(const struct ic_door_view *v)
{
    return ic_bytes_equal(v->old.grants, v->new.grants);
}

bool ic_door_holds_grant_right(const struct ic_door_view *v)
{
    return same_grants(v) || ic_door_view_may(v, IC_DOOR_GRANT);
}

static bool has_grant(struct ic_bytes grants, const struct ic_door_grant *wanted)
{
    struct ic_door_grant found;
    return ic_door_grant_find(grants, wanted->member, &found) &&
           ic_bytes_equal(found.encoded, wanted->encoded);
}

/* To whom the root gave may take every grant away, others only what came from them. */
bool ic_door_holds_grant_taken(const struct ic_door_view *v)
{
    struct ic_bytes committer = v->committer->signature_key;
    struct ic_reader list = ic_reader_of(v->old.grants);
    struct ic_door_grant own, grant;

    if (same_grants(v) ||
        (ic_door_grant_find(v->old.grants, committer, &own) && own.giver.len == 0))
        return true;
    while (ic_door_grant_next(&list, &grant))
        if (!has_grant(v->new.grants, &grant) &&
            !ic_door_grant_descends(v->old.grants, grant.member, committer))
            return false;
    return true;
}

/* Nobody's old grant comes back after a replacement of the link, which follows every removal. */
bool ic_door_holds_grant_old(const struct ic_door_view *v)
{
    struct ic_reader list = ic_reader_of(v->new.grants);
    struct ic_door_grant grant;

    while (ic_door_grant_next(&list, &grant))
        if (!has_grant(v->old.grants, &grant) && grant.link_version < v->old.link_version)
            return false;
    return true;
}

/* Grants that were in the state before were verified with it. */
bool ic_door_holds_state_grants(const struct ic_door_view *v)
{
    return same_grants(v) || ic_door_grants_verify(v->new.grants, v->before->group_id,
                                                   v->new.root_key, v->new.link_version) == IC_OK;
}

/* Newcomers take a state only from somebody who is a right-holder in it. */
bool ic_door_holds_signer_stays(const struct ic_door_view *v)
{
    return (ic_door_rights_of(v->new.grants, v->new.signer) & IC_DOOR_ALL_RIGHTS) != 0;
}

bool ic_door_holds_least_suite(const struct ic_door_view *v)
{
    const struct ic_suite *suite = v->tree->suite;
    return suite->strength_bits >= v->new.least_strength_bits &&
           (suite->post_quantum || !v->new.least_post_quantum);
}
