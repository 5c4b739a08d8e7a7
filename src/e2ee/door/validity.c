/* validity.c - the table of rules that a commit must keep, and those about who comes and goes. */
#include "e2ee/door/profile.h"
#include "e2ee/door/validity_rules.h"

enum { INDEX_MAX = 1023 /* what fits into a key id of a frame */, PSEUDONYM_LEN = 16 };

static const struct ic_mls_change *change_of(const struct ic_door_view *v, size_t i)
{
    return &v->next->changes[i];
}

static bool is_kind(const struct ic_mls_change *change, enum ic_mls_proposal_type type)
{
    return change->proposal.type == type;
}

static bool has_kind(const struct ic_door_view *v, enum ic_mls_proposal_type type)
{
    for (size_t i = 0; i < v->next->change_count; i++)
        if (is_kind(change_of(v, i), type))
            return true;
    return false;
}

bool ic_door_view_brings(const struct ic_door_view *v)
{
    return v->next->is_newcomer || has_kind(v, IC_MLS_ADD);
}

bool ic_door_view_adds(const struct ic_door_view *v, struct ic_bytes member)
{
    for (size_t i = 0; i < v->next->change_count; i++)
        if (is_kind(change_of(v, i), IC_MLS_ADD) &&
            ic_bytes_equal(change_of(v, i)->proposal.add.leaf.signature_key, member))
            return true;
    return false;
}

/* Somebody's leaf, by another or by itself? */
static bool takes_out(const struct ic_mls_change *change)
{
    return is_kind(change, IC_MLS_REMOVE) || is_kind(change, IC_MLS_SELF_REMOVE);
}

static bool is_removed(const struct ic_door_view *v, struct ic_leaf leaf)
{
    for (size_t i = 0; i < v->next->change_count; i++)
        if (takes_out(change_of(v, i)) && change_of(v, i)->leaf.n == leaf.n)
            return true;
    return false;
}

/* The leaf that this commit removes and that had this key: its owner comes back. */
static const struct ic_mls_leaf_node *old_self(const struct ic_door_view *v, struct ic_bytes key)
{
    for (size_t i = 0; i < v->next->change_count; i++) {
        const struct ic_mls_leaf_node *leaf = is_kind(change_of(v, i), IC_MLS_REMOVE)
                                                  ? ic_mls_tree_leaf(v->tree, change_of(v, i)->leaf)
                                                  : NULL;
        if (leaf && ic_bytes_equal(leaf->signature_key, key))
            return leaf;
    }
    return NULL;
}

/* Neither somebody who comes back in this very commit, nor a right-holder of the state, who may
 * always come back: else one member could lock the host out by removing it (ACC-19). */
static bool is_stranger(const struct ic_door_view *v, const struct ic_mls_change *change)
{
    if (!is_kind(change, IC_MLS_ADD))
        return false;
    struct ic_bytes key = change->proposal.add.leaf.signature_key;
    return !old_self(v, key) && !(ic_door_rights_of(v->old.grants, key) & IC_DOOR_ADMIT);
}

static bool has_stranger(const struct ic_door_view *v)
{
    for (size_t i = 0; i < v->next->change_count; i++)
        if (is_stranger(v, change_of(v, i)))
            return true;
    return false;
}

/* Whom the state names was in before. */
static bool is_named(const struct ic_door_view *v, struct ic_bytes member)
{
    struct ic_reader list = ic_reader_of(v->old.named);
    struct ic_door_named named;

    while (ic_door_named_next(&list, &named))
        if (ic_bytes_equal(named.member, member))
            return true;
    return false;
}

static bool has_unnamed_stranger(const struct ic_door_view *v)
{
    for (size_t i = 0; i < v->next->change_count; i++)
        if (is_stranger(v, change_of(v, i)) &&
            !is_named(v, change_of(v, i)->proposal.add.leaf.signature_key))
            return true;
    return false;
}

/* ---- The rules, in the order of the enum ---- */

static bool holds_state_readable(const struct ic_door_view *v)
{
    return v->readable;
}

static bool holds_committer_known(const struct ic_door_view *v)
{
    return v->committer != NULL;
}

static bool holds_from_outside(const struct ic_door_view *v)
{
    for (size_t i = 0; i < v->next->change_count; i++) {
        enum ic_mls_sender_type type = change_of(v, i)->proposer.type;
        if (type != IC_MLS_SENDER_MEMBER &&
            !(type == IC_MLS_SENDER_NEW_MEMBER_COMMIT && v->next->is_newcomer))
            return false;
    }
    return true;
}

static bool may_occur(enum ic_mls_proposal_type type, bool is_newcomer)
{
    switch (type) {
    case IC_MLS_REMOVE:
    case IC_MLS_SELF_REMOVE:
    case IC_MLS_PSK:
        return true;
    case IC_MLS_ADD:
    case IC_MLS_UPDATE:
    case IC_MLS_GROUP_CONTEXT_EXTENSIONS:
        return !is_newcomer;
    case IC_MLS_EXTERNAL_INIT:
        return is_newcomer;
    default:
        return false;
    }
}

static bool holds_kind(const struct ic_door_view *v)
{
    for (size_t i = 0; i < v->next->change_count; i++)
        if (!may_occur(change_of(v, i)->proposal.type, v->next->is_newcomer))
            return false;
    return true;
}

static bool holds_waiting_room(const struct ic_door_view *v)
{
    return !v->next->is_newcomer || !(v->old.flags & IC_DOOR_WAITING_ROOM);
}

static bool holds_external_locked(const struct ic_door_view *v)
{
    return !v->next->is_newcomer || !(v->old.flags & IC_DOOR_LOCKED);
}

static bool holds_external_removes(const struct ic_door_view *v)
{
    for (size_t i = 0; v->next->is_newcomer && i < v->next->change_count; i++) {
        if (!is_kind(change_of(v, i), IC_MLS_REMOVE))
            continue;
        const struct ic_mls_leaf_node *leaf = ic_mls_tree_leaf(v->tree, change_of(v, i)->leaf);
        if (!leaf || !ic_bytes_equal(leaf->signature_key, v->committer->signature_key))
            return false;
    }
    return true;
}

static bool holds_add_right(const struct ic_door_view *v)
{
    return ic_door_view_may(v, IC_DOOR_ADMIT) || !has_stranger(v);
}

static bool holds_add_locked(const struct ic_door_view *v)
{
    return !(v->old.flags & IC_DOOR_LOCKED) || !has_unnamed_stranger(v);
}

static bool holds_suite(const struct ic_door_view *v)
{
    for (size_t i = 0; i < v->next->change_count; i++)
        if (is_kind(change_of(v, i), IC_MLS_ADD) &&
            change_of(v, i)->proposal.add.suite != v->tree->suite->id)
            return false;
    return true;
}

/* A leaf that the commit brings, and the one in whose place it stands; NULL for a stranger's. */
struct arrival {
    const struct ic_mls_leaf_node *leaf, *before;
    bool is_newcomer; /* also who comes back */
};

/* Is it one, and which? Place `change_count` stands for the committer's own path. */
static bool arrival_of(struct arrival *out, const struct ic_door_view *v, size_t i)
{
    const struct ic_mls_outlook *next = v->next;
    *out = (struct arrival){0};

    if (i == next->change_count) {
        out->leaf = next->has_path || next->is_newcomer
                        ? ic_mls_tree_leaf(next->tree, next->committer)
                        : NULL;
        out->is_newcomer = next->is_newcomer;
        out->before = v->committer;
    } else if (is_kind(change_of(v, i), IC_MLS_ADD)) {
        out->leaf = &change_of(v, i)->proposal.add.leaf;
        out->is_newcomer = true;
    } else if (is_kind(change_of(v, i), IC_MLS_UPDATE)) {
        out->leaf = &change_of(v, i)->proposal.update;
        out->before = ic_mls_tree_leaf(v->tree, change_of(v, i)->leaf);
    }
    if (out->is_newcomer && out->leaf)
        out->before = old_self(v, out->leaf->signature_key);
    return out->leaf != NULL;
}

static bool is_presentable(const struct ic_mls_leaf_node *leaf)
{
    struct ic_door_profile profile;

    return leaf->credential.type == IC_MLS_CREDENTIAL_BASIC &&
           leaf->credential.identity.len == PSEUDONYM_LEN &&
           ic_door_profile_of(&profile, leaf->extensions) == IC_OK;
}

static bool holds_profile(const struct ic_door_view *v)
{
    struct arrival arrival;

    for (size_t i = 0; i <= v->next->change_count; i++)
        if (arrival_of(&arrival, v, i) && !is_presentable(arrival.leaf))
            return false;
    return true;
}

/* Who stays keeps everything; who comes back may have another id of the server's and another
 * pseudonym, since a reload loses both. */
static bool is_same_person(const struct arrival *arrival)
{
    const struct ic_mls_leaf_node *leaf = arrival->leaf, *before = arrival->before;
    struct ic_door_profile now, then;

    if (ic_door_profile_of(&now, leaf->extensions) != IC_OK ||
        ic_door_profile_of(&then, before->extensions) != IC_OK ||
        !ic_bytes_equal(now.name, then.name) || !ic_bytes_equal(now.claims, then.claims))
        return false;
    return arrival->is_newcomer ||
           (ic_bytes_equal(leaf->signature_key, before->signature_key) &&
            ic_bytes_equal(leaf->credential.encoded, before->credential.encoded) &&
            ic_bytes_equal(now.participant, then.participant));
}

static bool holds_identity(const struct ic_door_view *v)
{
    struct arrival arrival;

    for (size_t i = 0; i <= v->next->change_count; i++)
        if (arrival_of(&arrival, v, i) && arrival.before && !is_same_person(&arrival))
            return false;
    return true;
}

/* Could the two be taken for one another by the server's id or the key? */
static bool collide(const struct ic_mls_leaf_node *a, const struct ic_mls_leaf_node *b)
{
    struct ic_door_profile mine, theirs;

    return ic_bytes_equal(a->signature_key, b->signature_key) ||
           (ic_door_profile_of(&mine, a->extensions) == IC_OK &&
            ic_door_profile_of(&theirs, b->extensions) == IC_OK &&
            ic_bytes_equal(mine.participant, theirs.participant));
}

static bool collides_with_member(const struct ic_door_view *v, const struct ic_mls_leaf_node *leaf)
{
    for (struct ic_leaf l = {0}; l.n < v->tree->leaves; l.n++) {
        const struct ic_mls_leaf_node *member = ic_mls_tree_leaf(v->tree, l);
        if (member && !is_removed(v, l) && collide(leaf, member))
            return true;
    }
    return false;
}

static bool collides_with_newcomer(const struct ic_door_view *v, size_t of,
                                   const struct ic_mls_leaf_node *leaf)
{
    struct arrival other;

    for (size_t i = 0; i < of; i++)
        if (arrival_of(&other, v, i) && other.is_newcomer && collide(leaf, other.leaf))
            return true;
    return false;
}

static bool holds_twice(const struct ic_door_view *v)
{
    struct arrival arrival;

    for (size_t i = 0; i <= v->next->change_count; i++)
        if (arrival_of(&arrival, v, i) && arrival.is_newcomer &&
            (collides_with_member(v, arrival.leaf) || collides_with_newcomer(v, i, arrival.leaf)))
            return false;
    return true;
}

static bool holds_too_many(const struct ic_door_view *v)
{
    for (size_t i = 0; i < v->next->change_count; i++)
        if (is_kind(change_of(v, i), IC_MLS_ADD) && change_of(v, i)->leaf.n > INDEX_MAX)
            return false;
    return !v->next->is_newcomer || v->next->committer.n <= INDEX_MAX;
}

static bool is_link_psk(const struct ic_door_view *v, const struct ic_mls_psk_id *psk)
{
    uint8_t id[IC_DOOR_LINK_PSK_ID_LEN];

    if (v->before->group_id.len != IC_MEETING_LEN || psk->type != IC_MLS_PSK_EXTERNAL)
        return false;
    ic_door_link_psk_id(id, v->before->group_id.at, v->old.link_version);
    return ic_bytes_equal(psk->external_id, (struct ic_bytes){id, sizeof id});
}

static bool holds_other_psk(const struct ic_door_view *v)
{
    for (size_t i = 0; i < v->next->change_count; i++)
        if (is_kind(change_of(v, i), IC_MLS_PSK) && !is_link_psk(v, &change_of(v, i)->proposal.psk))
            return false;
    return true;
}

/* Any that is there is the link's, by the rule before. */
static bool holds_link_psk(const struct ic_door_view *v)
{
    return !ic_door_view_brings(v) || has_kind(v, IC_MLS_PSK);
}

static const struct {
    bool (*holds)(const struct ic_door_view *v);
    bool of_state; /* asked only of a commit that changes the context's extensions */
    const char *text;
} RULES[IC_DOOR_RULES] = {
    [IC_DOOR_VALID] = {NULL, false, "The commit keeps every rule."},
    [IC_DOOR_RULE_STATE_UNREADABLE] = {holds_state_readable, false,
                                       "The group has no state that can be read."},
    [IC_DOOR_RULE_COMMITTER_UNKNOWN] = {holds_committer_known, false,
                                        "The committer is not in the group."},
    [IC_DOOR_RULE_FROM_OUTSIDE] = {holds_from_outside, false,
                                   "Only members may propose something."},
    [IC_DOOR_RULE_KIND] = {holds_kind, false, "This kind of proposal is never allowed here."},
    [IC_DOOR_RULE_WAITING_ROOM] = {holds_waiting_room, false,
                                   "With a waiting room nobody enters by an own commit."},
    [IC_DOOR_RULE_EXTERNAL_LOCKED] = {holds_external_locked, false,
                                      "The meeting is locked; nobody enters by an own commit."},
    [IC_DOOR_RULE_EXTERNAL_REMOVES] = {holds_external_removes, false,
                                       "A newcomer may remove only its own old leaf."},
    [IC_DOOR_RULE_ADD_RIGHT] = {holds_add_right, false, "The committer may not admit anybody."},
    [IC_DOOR_RULE_ADD_LOCKED] = {holds_add_locked, false,
                                 "The meeting is locked; only who was in may come back."},
    [IC_DOOR_RULE_SUITE] = {holds_suite, false, "A newcomer uses another cipher suite."},
    [IC_DOOR_RULE_PROFILE] = {holds_profile, false,
                              "A leaf has no well-formed pseudonym and profile."},
    [IC_DOOR_RULE_IDENTITY] = {holds_identity, false,
                               "A member changed its key, its name or its id."},
    [IC_DOOR_RULE_TWICE] = {holds_twice, false,
                            "A newcomer has the id or the key of somebody else."},
    [IC_DOOR_RULE_TOO_MANY] = {holds_too_many, false,
                               "There is no place left with an index below 1024."},
    [IC_DOOR_RULE_OTHER_PSK] = {holds_other_psk, false,
                                "Only the current link's pre-shared key may be used."},
    [IC_DOOR_RULE_LINK_PSK] = {holds_link_psk, false,
                               "Somebody comes in without the link's pre-shared key."},
    [IC_DOOR_RULE_CONTEXT_OTHER] = {ic_door_holds_context_other, true,
                                    "Another extension than the state was changed."},
    [IC_DOOR_RULE_NEW_STATE_UNREADABLE] = {ic_door_holds_new_state_readable, true,
                                           "The new state cannot be read."},
    [IC_DOOR_RULE_STATE_ORDER] = {ic_door_holds_state_order, true,
                                  "The new state does not follow the one before."},
    [IC_DOOR_RULE_STATE_ROOT] = {ic_door_holds_state_root, true,
                                 "The host root key may not be changed."},
    [IC_DOOR_RULE_STATE_SIGNER] = {ic_door_holds_state_signer, true,
                                   "The state was not signed by its committer, a right-holder."},
    [IC_DOOR_RULE_STATE_SIGNATURE] = {ic_door_holds_state_signature, true,
                                      "The signature of the state is wrong."},
    [IC_DOOR_RULE_SETTINGS_RIGHT] = {ic_door_holds_settings_right, true,
                                     "The committer may not change settings."},
    [IC_DOOR_RULE_LINK_RIGHT] = {ic_door_holds_link_right, true,
                                 "The committer may not replace the link."},
    [IC_DOOR_RULE_LINK_STEP] = {ic_door_holds_link_step, true,
                                "A new link or passcode has the next link version."},
    [IC_DOOR_RULE_LINK_ADD] = {ic_door_holds_link_add, true,
                               "Nobody comes in while the link is replaced."},
    [IC_DOOR_RULE_GRANT_RIGHT] = {ic_door_holds_grant_right, true,
                                  "The committer may not change grants."},
    [IC_DOOR_RULE_GRANT_TAKEN] = {ic_door_holds_grant_taken, true,
                                  "The committer took a grant that did not come from it."},
    [IC_DOOR_RULE_GRANT_OLD] = {ic_door_holds_grant_old, true,
                                "A new grant is of an earlier link."},
    [IC_DOOR_RULE_STATE_GRANTS] = {ic_door_holds_state_grants, true,
                                   "A grant does not lead to the host root key."},
    [IC_DOOR_RULE_SIGNER_STAYS] = {ic_door_holds_signer_stays, true,
                                   "Who signs a state must be a right-holder in it."},
    [IC_DOOR_RULE_LEAST_SUITE] = {ic_door_holds_least_suite, true,
                                  "The state asks for more than the group's cipher suite."},
};

const char *ic_door_rule_text(enum ic_door_rule rule)
{
    return rule < IC_DOOR_RULES ? RULES[rule].text : "An unknown rule.";
}

static void look(struct ic_door_view *v)
{
    const struct ic_mls_outlook *next = v->next;

    v->readable = ic_door_state_of(&v->old, v->before->extensions) == IC_OK;
    v->new_readable = ic_door_state_of(&v->new, next->context->extensions) == IC_OK;
    v->changes_context = has_kind(v, IC_MLS_GROUP_CONTEXT_EXTENSIONS) ||
                         !ic_bytes_equal(v->before->extensions, next->context->extensions);
    v->committer = ic_mls_tree_leaf(next->is_newcomer ? next->tree : v->tree, next->committer);
    if (v->readable && v->committer && !next->is_newcomer)
        v->rights = ic_door_rights_of(v->old.grants, v->committer->signature_key);
}

enum ic_door_rule ic_door_commit_check(const struct ic_mls_group_context *before,
                                       const struct ic_mls_tree *tree,
                                       const struct ic_mls_outlook *next)
{
    struct ic_door_view v = {.before = before, .tree = tree, .next = next};

    look(&v);
    for (int rule = IC_DOOR_VALID + 1; rule < IC_DOOR_RULES; rule++)
        if ((v.changes_context || !RULES[rule].of_state) && !RULES[rule].holds(&v))
            return (enum ic_door_rule)rule;
    return IC_DOOR_VALID;
}
