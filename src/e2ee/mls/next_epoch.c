/* next_epoch.c - applying proposals, and the key schedule of the epoch after (RFC 9420 sections 8,
 * 12.3 and 12.4). */
#include "e2ee/mls/next_epoch.h"

#include "crypto/secret.h"
#include "e2ee/mls/past_epochs.h"
#include "e2ee/mls/transcript.h"
#include "e2ee/mls/tree_check.h"
#include "e2ee/mls/tree_edit.h"

void ic_mls_next_epoch_clear(struct ic_mls_next_epoch *next)
{
    ic_mls_tree_free(next->tree);
    ic_mls_tree_free(next->before);
    ic_secret_wipe(next, sizeof *next);
}

struct ic_mls_proposal_rules ic_mls_next_epoch_rules(const struct ic_mls_next_epoch *next)
{
    return (struct ic_mls_proposal_rules){.tree = next->from->tree,
                                          .context = &next->from->context,
                                          .by_newcomer = next->by_newcomer,
                                          .committer = next->committer};
}

/* Of the group context from then on. */
static struct ic_bytes extensions_after(const struct ic_mls_next_epoch *next)
{
    const struct ic_mls_change *change =
        ic_mls_proposal_list_find(&next->list, IC_MLS_GROUP_CONTEXT_EXTENSIONS);
    return change ? change->proposal.extensions : next->from->context.extensions;
}

static bool judge(const struct ic_mls_next_epoch *next, const struct ic_mls_leaf_node *leaf,
                  const struct ic_mls_leaf_node *before)
{
    const struct ic_mls_application *application = next->application;
    return !application->judge || application->judge(application->user, leaf, before);
}

static enum ic_err apply_updates(struct ic_mls_next_epoch *next)
{
    enum ic_err err = IC_OK;

    for (size_t i = 0; i < next->list.count && err == IC_OK; i++) {
        const struct ic_mls_change *change = &next->list.at[i];
        const struct ic_mls_leaf_node *leaf = &change->proposal.update;
        if (change->proposal.type != IC_MLS_UPDATE)
            continue;
        if (!judge(next, leaf, ic_mls_tree_leaf(next->from->tree, change->leaf)))
            return IC_ERR_FORBIDDEN;
        err = ic_mls_tree_update(next->tree, change->leaf, leaf->encoded);
    }
    return err;
}

static void apply_removes(struct ic_mls_next_epoch *next)
{
    for (size_t i = 0; i < next->list.count; i++) {
        const struct ic_mls_change *change = &next->list.at[i];
        if (change->proposal.type != IC_MLS_REMOVE && change->proposal.type != IC_MLS_SELF_REMOVE)
            continue;
        ic_mls_tree_remove(next->tree, change->leaf);
        if (next->group && change->leaf.n == next->keys.leaf.n)
            next->removes_us = true;
    }
    ic_mls_tree_narrow(next->tree);
}

static enum ic_err apply_adds(struct ic_mls_next_epoch *next)
{
    struct ic_writer added = ic_writer_of(next->added, sizeof next->added);

    for (size_t i = 0; i < next->list.count; i++) {
        struct ic_mls_change *change = &next->list.at[i];
        const struct ic_mls_leaf_node *leaf = &change->proposal.add.leaf;
        if (change->proposal.type != IC_MLS_ADD)
            continue;
        if (!judge(next, leaf, NULL))
            return IC_ERR_FORBIDDEN;
        enum ic_err err = ic_mls_tree_add(&change->leaf, next->tree, leaf->encoded);
        if (err != IC_OK)
            return err;
        ic_write_uint(&added, change->leaf.n, 4);
    }
    next->added_len = added.len;
    return IC_OK;
}

/* Judged as what takes the place of its old self, when it removes that. */
static enum ic_err apply_newcomer(struct ic_mls_next_epoch *next)
{
    if (!next->new_leaf) {
        next->committer = ic_mls_tree_next_place(next->tree);
        return IC_OK;
    }
    const struct ic_mls_change *old = ic_mls_proposal_list_find(&next->list, IC_MLS_REMOVE);
    const struct ic_mls_leaf_node *before =
        old ? ic_mls_tree_leaf(next->from->tree, old->leaf) : NULL;

    if (!judge(next, next->new_leaf, before))
        return IC_ERR_FORBIDDEN;
    return ic_mls_tree_add(&next->committer, next->tree, next->new_leaf->encoded);
}

/* What is left of our keys: those of nodes that are still there, and that of our Update. */
static void keep_keys(struct ic_mls_next_epoch *next)
{
    struct ic_mls_private_tree *keys = &next->keys;
    struct ic_node x = ic_node_of(keys->leaf), root = ic_tree_root(next->tree->leaves);
    uint32_t levels = ic_node_level(root);

    if (next->own_update)
        memcpy(keys->at[0].key, next->own_update->leaf_private, sizeof keys->at[0].key);
    for (uint32_t level = 1; level < IC_COUNT(keys->at); level++) {
        if (level <= levels)
            x = ic_node_parent(x);
        if (level > levels || next->tree->nodes[x.n].kind == IC_MLS_NODE_BLANK)
            ic_secret_wipe(&keys->at[level], sizeof keys->at[level]);
    }
}

enum ic_err ic_mls_next_epoch_apply(struct ic_mls_next_epoch *next)
{
    const struct ic_mls_proposal_rules rules = ic_mls_next_epoch_rules(next);

    enum ic_err err = ic_mls_proposal_list_check(&next->list, &rules);
    if (err == IC_OK)
        err = ic_mls_tree_copy(&next->tree, next->from->tree);
    if (err != IC_OK)
        return err;
    next->keys = next->from->keys;
    err = apply_updates(next);
    if (err != IC_OK)
        return err;
    apply_removes(next);
    err = next->by_newcomer ? apply_newcomer(next) : apply_adds(next);
    if (err == IC_OK && next->group && !next->removes_us)
        keep_keys(next);
    return err;
}

enum ic_err ic_mls_next_epoch_take_path(struct ic_mls_next_epoch *next, struct ic_mls_tree *after,
                                        const struct ic_mls_leaf_node *leaf)
{
    const struct ic_mls_leaf_node *old = ic_mls_tree_leaf(next->from->tree, next->committer);

    next->before = next->tree;
    next->tree = after;
    if (!next->by_newcomer && !judge(next, leaf, old))
        return IC_ERR_FORBIDDEN;
    return IC_OK;
}

static enum ic_err set_context(struct ic_mls_next_epoch *next, struct ic_bytes confirmed)
{
    const struct ic_mls_tree *tree = next->staged->next.tree;
    struct ic_mls_group_context context = next->from->context;

    context.epoch++;
    context.tree_hash = ic_mls_tree_hash(tree, ic_tree_root(tree->leaves));
    context.confirmed_transcript_hash = confirmed;
    context.extensions = extensions_after(next);
    return ic_mls_epoch_state_set_context(&next->staged->next, &context);
}

enum ic_err ic_mls_next_epoch_set_tree(struct ic_mls_next_epoch *next)
{
    struct ic_mls_epoch_state *state = &next->staged->next;

    if (next->from->context.epoch == UINT64_MAX)
        return IC_ERR_EXHAUSTED;
    state->suite = next->from->suite;
    enum ic_err err = ic_mls_tree_check_members(next->tree, extensions_after(next));
    if (err != IC_OK)
        return err;
    ic_mls_tree_rehash(next->tree);
    state->tree = next->tree;
    next->tree = NULL;
    return set_context(next, next->from->context.confirmed_transcript_hash);
}

static bool find_psk(const struct ic_mls_next_epoch *next, const struct ic_mls_psk_id *id,
                     struct ic_bytes *secret)
{
    const struct ic_mls_application *application = next->application;

    if (next->group && id->type == IC_MLS_PSK_RESUMPTION &&
        ic_bytes_equal(id->group_id, next->from->context.group_id) &&
        ic_mls_group_resumption_psk(next->group, id->epoch, secret))
        return true;
    return application->find_psk && application->find_psk(application->user, id, secret);
}

enum ic_err ic_mls_next_epoch_fold_psks(struct ic_mls_next_epoch *next)
{
    struct ic_mls_psk psks[IC_MLS_PSKS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < next->list.count; i++) {
        const struct ic_mls_proposal *proposal = &next->list.at[i].proposal;
        if (proposal->type != IC_MLS_PSK)
            continue;
        psks[count].id = proposal->psk.encoded;
        if (!find_psk(next, &proposal->psk, &psks[count].secret))
            return IC_ERR_NOT_FOUND;
        count++;
    }
    ic_mls_psk_secret(next->psk_secret, next->from->suite, psks, count);
    return IC_OK;
}

static struct ic_bytes secret_of(const struct ic_mls_next_epoch *next, const uint8_t *at)
{
    return (struct ic_bytes){at, ic_mls_secret_len(next->from->suite)};
}

enum ic_err ic_mls_next_epoch_schedule(struct ic_mls_next_epoch *next, uint16_t wire_format,
                                       struct ic_bytes content, struct ic_bytes signature)
{
    const struct ic_suite *suite = next->from->suite;
    struct ic_mls_epoch_state *state = &next->staged->next;
    uint8_t confirmed[IC_HASH_MAX];

    ic_mls_confirmed_hash(confirmed, suite, secret_of(next, next->from->interim_hash), wire_format,
                          content, signature);
    enum ic_err err = set_context(next, secret_of(next, confirmed));
    if (err != IC_OK || next->removes_us)
        return err;
    struct ic_bytes context = ic_mls_message_bytes(&state->context_bytes);
    ic_mls_joiner_secret(next->joiner_secret, suite, secret_of(next, next->init_secret),
                         secret_of(next, next->commit_secret), context);
    ic_mls_epoch_init(&state->secrets, suite, secret_of(next, next->joiner_secret),
                      secret_of(next, next->psk_secret), context);
    return IC_OK;
}

enum ic_err ic_mls_next_epoch_finish(struct ic_mls_next_epoch *next, struct ic_bytes tag)
{
    struct ic_mls_epoch_state *state = &next->staged->next;

    ic_mls_interim_hash(state->interim_hash, state->suite, state->context.confirmed_transcript_hash,
                        tag);
    if (next->removes_us)
        return IC_OK;
    memcpy(state->confirmation_tag, tag.at, tag.len);
    state->keys = next->keys;
    return ic_mls_epoch_state_start(state);
}

enum ic_err ic_mls_next_epoch_describe(struct ic_mls_next_epoch *next)
{
    struct ic_mls_staged *staged = next->staged;
    struct ic_mls_outlook *outlook = &staged->outlook;
    const struct ic_mls_change *reinit = ic_mls_proposal_list_find(&next->list, IC_MLS_REINIT);

    outlook->committer = next->committer;
    outlook->is_newcomer = next->by_newcomer;
    outlook->removes_us = next->removes_us;
    outlook->changes = staged->changes;
    outlook->change_count = next->list.count;
    outlook->tree = staged->next.tree;
    outlook->context = &staged->next.context;
    memcpy(staged->follows, next->from->interim_hash, sizeof staged->follows);
    memcpy(staged->next.signature_private,
           next->own_update ? next->own_update->signature_private : next->from->signature_private,
           sizeof staged->next.signature_private);
    return reinit ? ic_mls_message_copy(&staged->reinit, reinit->proposal.encoded) : IC_OK;
}
