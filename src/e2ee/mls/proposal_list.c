/* proposal_list.c - the rules of RFC 9420 sections 12.1 and 12.2, each a function or a row. */
#include "e2ee/mls/proposal_list.h"

#include "e2ee/mls/capabilities.h"
#include "e2ee/mls/codec.h"

enum {
    MEMBER = 1 << IC_MLS_SENDER_MEMBER,
    EXTERNAL = 1 << IC_MLS_SENDER_EXTERNAL,
    NEWCOMER = 1 << IC_MLS_SENDER_NEW_MEMBER_PROPOSAL,
    JOINER = 1 << IC_MLS_SENDER_NEW_MEMBER_COMMIT, /* in its own commit, by value */
};

/* What the rules want to know of a type. */
struct type_rule {
    enum ic_mls_proposal_type type;
    unsigned proposers;
    bool needs_path;
    bool is_default; /* need not be listed in capabilities */
};

static const struct type_rule RULES[] = {
    {IC_MLS_ADD, MEMBER | EXTERNAL | NEWCOMER, false, true},
    {IC_MLS_UPDATE, MEMBER, true, true},
    {IC_MLS_REMOVE, MEMBER | EXTERNAL | JOINER, true, true},
    {IC_MLS_PSK, MEMBER | EXTERNAL | JOINER, false, true},
    {IC_MLS_REINIT, MEMBER | EXTERNAL, false, true},
    {IC_MLS_EXTERNAL_INIT, JOINER, true, true},
    {IC_MLS_GROUP_CONTEXT_EXTENSIONS, MEMBER | EXTERNAL, true, true},
    {IC_MLS_SELF_REMOVE, MEMBER, true, false},
};

static const struct type_rule *rule_of(enum ic_mls_proposal_type type)
{
    for (size_t i = 0; i < IC_COUNT(RULES); i++)
        if (RULES[i].type == type)
            return &RULES[i];
    return NULL;
}

bool ic_mls_may_propose(enum ic_mls_sender_type sender, enum ic_mls_proposal_type type)
{
    const struct type_rule *rule = rule_of(type);
    return rule && (rule->proposers & 1U << sender) != 0;
}

/* An external commit has what its sender says by value; of others only that they leave. Nobody says
 * by value that it leaves: that would be the committer, which cannot be removed. */
static bool may_be_in(const struct ic_mls_change *change, const struct ic_mls_proposal_rules *rules)
{
    bool is_joiner = change->proposer.type == IC_MLS_SENDER_NEW_MEMBER_COMMIT;
    bool leaves = change->proposal.type == IC_MLS_SELF_REMOVE;

    if (!ic_mls_may_propose(change->proposer.type, change->proposal.type))
        return false;
    if (rules->by_newcomer)
        return leaves || (is_joiner && !change->by_reference);
    return !is_joiner;
}

static bool is_committer(struct ic_leaf leaf, const struct ic_mls_proposal_rules *rules)
{
    return !rules->by_newcomer && leaf.n == rules->committer.n;
}

static enum ic_err check_add(const struct ic_mls_change *change,
                             const struct ic_mls_proposal_rules *rules)
{
    const struct ic_mls_key_package *package = &change->proposal.add;
    const struct ic_suite *suite = rules->tree->suite;

    if (ic_kem_check_public(suite->kem, package->init_key) != IC_OK ||
        ic_kem_check_public(suite->kem, package->leaf.encryption_key) != IC_OK)
        return IC_ERR_FORBIDDEN;
    return ic_mls_key_package_verify(package, suite);
}

static enum ic_err check_update(const struct ic_mls_change *change,
                                const struct ic_mls_proposal_rules *rules)
{
    struct ic_leaf at = {change->proposer.index};
    const struct ic_mls_leaf_node *leaf = &change->proposal.update;
    const struct ic_mls_leaf_node *before = ic_mls_tree_leaf(rules->tree, at);
    const struct ic_mls_leaf_place place = {rules->context->group_id, at};

    if (!before || is_committer(at, rules) || leaf->source != IC_MLS_LEAF_UPDATE ||
        ic_bytes_equal(leaf->encryption_key, before->encryption_key) ||
        ic_kem_check_public(rules->tree->suite->kem, leaf->encryption_key) != IC_OK)
        return IC_ERR_FORBIDDEN;
    return ic_mls_leaf_node_verify(leaf, rules->tree->suite, &place);
}

static bool may_be_removed(struct ic_leaf leaf, const struct ic_mls_proposal_rules *rules)
{
    return ic_mls_tree_leaf(rules->tree, leaf) && !is_committer(leaf, rules);
}

/* Keys of a group that ended or branched belong to the first commit of the one that follows. */
static bool psk_is_sound(const struct ic_mls_psk_id *id, const struct ic_mls_proposal_rules *rules)
{
    bool is_ordinary = id->type == IC_MLS_PSK_EXTERNAL || id->usage == IC_MLS_PSK_APPLICATION;
    return id->nonce.len == ic_mls_secret_len(rules->tree->suite) &&
           (is_ordinary || rules->context->epoch == 0);
}

static enum ic_err allowed(bool ok)
{
    return ok ? IC_OK : IC_ERR_FORBIDDEN;
}

enum ic_err ic_mls_proposal_check(const struct ic_mls_change *change,
                                  const struct ic_mls_proposal_rules *rules)
{
    const struct ic_mls_proposal *proposal = &change->proposal;

    if (!may_be_in(change, rules))
        return IC_ERR_FORBIDDEN;
    switch (proposal->type) {
    case IC_MLS_ADD:
        return check_add(change, rules);
    case IC_MLS_UPDATE:
        return check_update(change, rules);
    case IC_MLS_REMOVE:
        return allowed(may_be_removed(proposal->removed, rules));
    case IC_MLS_SELF_REMOVE:
        return allowed(may_be_removed((struct ic_leaf){change->proposer.index}, rules));
    case IC_MLS_PSK:
        return allowed(psk_is_sound(&proposal->psk, rules));
    case IC_MLS_REINIT:
        return allowed(proposal->reinit.version >= IC_MLS_VERSION);
    case IC_MLS_EXTERNAL_INIT:
        return allowed(proposal->kem_output.len == ic_kem_lengths(rules->tree->suite->kem).enc_len);
    case IC_MLS_GROUP_CONTEXT_EXTENSIONS:
        return allowed(ic_mls_context_extensions_are_sound(proposal->extensions));
    }
    return IC_ERR_FORBIDDEN;
}

/* Does it change or end what stands at a leaf? */
static bool has_target(const struct ic_mls_change *change)
{
    enum ic_mls_proposal_type type = change->proposal.type;
    return type == IC_MLS_UPDATE || type == IC_MLS_REMOVE || type == IC_MLS_SELF_REMOVE;
}

static void set_target(struct ic_mls_change *change)
{
    if (has_target(change))
        change->leaf = change->proposal.type == IC_MLS_REMOVE
                           ? change->proposal.removed
                           : (struct ic_leaf){change->proposer.index};
}

/* The tree is checked for the first two as well, once all is applied; for an init key nothing else
 * is. */
static bool are_same_client(const struct ic_mls_key_package *a, const struct ic_mls_key_package *b)
{
    return ic_bytes_equal(a->leaf.signature_key, b->leaf.signature_key) ||
           ic_bytes_equal(a->leaf.encryption_key, b->leaf.encryption_key) ||
           ic_bytes_equal(a->init_key, b->init_key);
}

/* What two proposals of one commit may not be to each other. */
static bool clash(const struct ic_mls_change *a, const struct ic_mls_change *b, bool by_newcomer)
{
    enum ic_mls_proposal_type type = a->proposal.type, other = b->proposal.type;

    if (type == IC_MLS_REINIT || other == IC_MLS_REINIT)
        return true;
    if (has_target(a) && has_target(b) && a->leaf.n == b->leaf.n)
        return true;
    if (type != other)
        return false;
    switch (type) {
    case IC_MLS_ADD:
        return are_same_client(&a->proposal.add, &b->proposal.add);
    case IC_MLS_PSK:
        return ic_bytes_equal(a->proposal.psk.encoded, b->proposal.psk.encoded);
    case IC_MLS_REMOVE:
        return by_newcomer;
    case IC_MLS_GROUP_CONTEXT_EXTENSIONS:
    case IC_MLS_EXTERNAL_INIT:
        return true;
    default:
        return false;
    }
}

/* Psk_secret folds no more than it has room for. */
static bool is_one_too_many(const struct ic_mls_proposal_list *list,
                            const struct ic_mls_change *change)
{
    size_t psks = 0;
    for (size_t i = 0; i < list->count; i++)
        psks += list->at[i].proposal.type == IC_MLS_PSK;
    return list->count == list->size ||
           (change->proposal.type == IC_MLS_PSK && psks == IC_MLS_PSKS_MAX);
}

enum ic_err ic_mls_proposal_list_admit(struct ic_mls_proposal_list *list,
                                       const struct ic_mls_change *change,
                                       const struct ic_mls_proposal_rules *rules)
{
    struct ic_mls_change next = *change;

    if (is_one_too_many(list, change))
        return IC_ERR_FULL;
    set_target(&next);
    for (size_t i = 0; i < list->count; i++)
        if (clash(&list->at[i], &next, rules->by_newcomer))
            return IC_ERR_FORBIDDEN;
    enum ic_err err = ic_mls_proposal_check(&next, rules);
    if (err == IC_OK)
        list->at[list->count++] = next;
    return err;
}

static bool is_leaving(const struct ic_mls_proposal_list *list, struct ic_leaf leaf)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->at[i].proposal.type != IC_MLS_UPDATE && has_target(&list->at[i]) &&
            list->at[i].leaf.n == leaf.n)
            return true;
    return false;
}

/* Those who are removed will not read it. */
static bool is_known_to_all(uint16_t type, const struct ic_mls_proposal_list *list,
                            const struct ic_mls_tree *tree)
{
    for (struct ic_leaf i = {0}; i.n < tree->leaves; i.n++) {
        const struct ic_mls_leaf_node *leaf = ic_mls_tree_leaf(tree, i);
        if (leaf && !ic_mls_numbers_have(leaf->capabilities.proposals, type) &&
            !is_leaving(list, i))
            return false;
    }
    return true;
}

enum ic_err ic_mls_proposal_list_check(const struct ic_mls_proposal_list *list,
                                       const struct ic_mls_proposal_rules *rules)
{
    if (rules->by_newcomer && !ic_mls_proposal_list_find(list, IC_MLS_EXTERNAL_INIT))
        return IC_ERR_FORBIDDEN;
    for (size_t i = 0; i < IC_COUNT(RULES); i++)
        if (!RULES[i].is_default && ic_mls_proposal_list_find(list, RULES[i].type) &&
            !is_known_to_all((uint16_t)RULES[i].type, list, rules->tree))
            return IC_ERR_FORBIDDEN;
    return IC_OK;
}

bool ic_mls_proposal_list_needs_path(const struct ic_mls_proposal_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (rule_of(list->at[i].proposal.type)->needs_path)
            return true;
    return list->count == 0;
}

const struct ic_mls_change *ic_mls_proposal_list_find(const struct ic_mls_proposal_list *list,
                                                      enum ic_mls_proposal_type type)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->at[i].proposal.type == type)
            return &list->at[i];
    return NULL;
}
