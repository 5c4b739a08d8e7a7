/* commit_hear.c - somebody's commit, up to the epoch that it begins (RFC 9420 section 12.4.2). */
#include "crypto/secret.h"
#include "e2ee/mls/codec.h"
#include "e2ee/mls/external_init.h"
#include "e2ee/mls/next_epoch.h"
#include "e2ee/mls/transcript.h"
#include "e2ee/mls/treekem.h"

/* How many bytes the proposals have that the commit names. IC_ERR_NOT_FOUND when one is not here,
 * IC_ERR_FORBIDDEN when none may be named. */
static enum ic_err measure_named(size_t *out, const struct ic_mls_group *group,
                                 const struct ic_mls_commit *commit)
{
    struct ic_reader list = ic_reader_of(commit->proposals);
    struct ic_mls_proposal_or_ref element;

    *out = 0;
    for (size_t i = 0; i < commit->proposal_count; i++) {
        ic_mls_read_proposal_or_ref(&list, &element);
        if (!element.is_ref)
            continue;
        if (group->application.by_value_only)
            return IC_ERR_FORBIDDEN;
        const struct ic_mls_pending_entry *entry =
            ic_mls_pending_find(&group->pending, group->now.suite, element.ref);
        if (!entry)
            return IC_ERR_NOT_FOUND;
        *out += entry->authenticated.content.proposal.encoded.len;
    }
    return IC_OK;
}

/* A copy of it behind the commit's, so that the staged epoch outlives the pending proposals. */
static enum ic_err copy_named(struct ic_mls_change *out, struct ic_mls_next_epoch *next,
                              struct ic_writer *w, struct ic_bytes ref)
{
    const struct ic_mls_pending_entry *entry =
        ic_mls_pending_find(&next->group->pending, next->from->suite, ref);
    if (!entry)
        return IC_ERR_NOT_FOUND;
    const struct ic_mls_content *content = &entry->authenticated.content;
    size_t start = w->len;

    ic_write_bytes(w, content->proposal.encoded);
    struct ic_reader r = ic_reader_of((struct ic_bytes){w->at + start, w->len - start});
    ic_mls_read_proposal(&r, &out->proposal);
    out->by_reference = true;
    out->proposer = content->sender;
    if (content->proposal.type == IC_MLS_UPDATE && content->sender.index == next->from->keys.leaf.n)
        next->own_update = &entry->own;
    return ic_mls_finish(&r);
}

static enum ic_err gather(struct ic_mls_next_epoch *next, const struct ic_mls_content *content,
                          struct ic_writer *w)
{
    const struct ic_mls_proposal_rules rules = ic_mls_next_epoch_rules(next);
    struct ic_reader list = ic_reader_of(content->commit.proposals);
    struct ic_mls_proposal_or_ref element;
    enum ic_err err = IC_OK;

    for (size_t i = 0; i < content->commit.proposal_count && err == IC_OK; i++) {
        struct ic_mls_change change = {.proposer = content->sender};
        ic_mls_read_proposal_or_ref(&list, &element);
        if (element.is_ref)
            err = copy_named(&change, next, w, element.ref);
        else
            change.proposal = element.proposal;
        if (err == IC_OK)
            err = ic_mls_proposal_list_admit(&next->list, &change, &rules);
    }
    return err == IC_ERR_FULL ? IC_ERR_FORBIDDEN : err;
}

/* No key of the path may have been in the tree before. That none is in the tree after it twice is
 * seen with all other keys there (tree_check.h). */
static bool keys_are_fresh(const struct ic_mls_tree *tree, const struct ic_mls_update_path *path)
{
    struct ic_reader list = ic_reader_of(path->nodes);
    struct ic_bytes keys[IC_TREE_DEPTH_MAX + 1] = {path->leaf.encryption_key};
    size_t count = 1;

    for (size_t i = 0; i < path->node_count; i++) {
        struct ic_mls_path_node node;
        ic_mls_read_path_node(&list, &node);
        keys[count++] = node.encryption_key;
    }
    for (uint32_t x = 0; x < ic_tree_nodes(tree->leaves); x++) {
        const struct ic_mls_node *node = &tree->nodes[x];
        if (node->kind == IC_MLS_NODE_BLANK)
            continue;
        struct ic_bytes key = node->kind == IC_MLS_NODE_LEAF ? node->leaf.encryption_key
                                                             : node->parent.encryption_key;
        for (size_t i = 0; i < count; i++)
            if (ic_bytes_equal(keys[i], key))
                return false;
    }
    return true;
}

static enum ic_err take_path(struct ic_mls_next_epoch *next, const struct ic_mls_update_path *path)
{
    const struct ic_mls_leaf_place place = {next->from->context.group_id, next->committer};
    const struct ic_suite *suite = next->from->suite;
    struct ic_mls_tree *after;

    if (!keys_are_fresh(next->from->tree, path) ||
        ic_kem_check_public(suite->kem, path->leaf.encryption_key) != IC_OK)
        return IC_ERR_FORBIDDEN;
    enum ic_err err = ic_mls_leaf_node_verify(&path->leaf, suite, &place);
    if (err == IC_OK)
        err = ic_mls_tree_apply(&after, next->tree, next->committer, path);
    return err == IC_OK ? ic_mls_next_epoch_take_path(next, after, &path->leaf) : err;
}

static enum ic_err open_path(struct ic_mls_next_epoch *next, const struct ic_mls_update_path *path)
{
    uint8_t path_secret[IC_HASH_MAX];
    struct ic_bytes added = {next->added, next->added_len};

    enum ic_err err = ic_mls_path_open(&next->keys, path_secret, next->commit_secret, next->before,
                                       next->staged->next.tree, next->committer, path, added,
                                       ic_mls_message_bytes(&next->staged->next.context_bytes));
    ic_secret_wipe(path_secret, sizeof path_secret);
    /* What is wrong with the secret that is for us, others cannot see: to them the commit is good.
     */
    return err == IC_OK || err == IC_ERR_SYSTEM ? err : IC_ERR_NOT_FOUND;
}

static enum ic_err find_init_secret(struct ic_mls_next_epoch *next)
{
    const struct ic_mls_change *init = ic_mls_proposal_list_find(&next->list, IC_MLS_EXTERNAL_INIT);

    if (init)
        return ic_mls_external_init_find(next->init_secret, &next->from->secrets,
                                         init->proposal.kem_output);
    memcpy(next->init_secret, next->from->secrets.init, sizeof next->init_secret);
    return IC_OK;
}

static enum ic_err change_tree(struct ic_mls_next_epoch *next, const struct ic_mls_commit *commit)
{
    if (!commit->has_path && ic_mls_proposal_list_needs_path(&next->list))
        return IC_ERR_FORBIDDEN;
    enum ic_err err = ic_mls_next_epoch_apply(next);
    if (err == IC_OK && commit->has_path)
        err = take_path(next, &commit->path);
    if (err == IC_OK)
        err = ic_mls_next_epoch_set_tree(next);
    if (err == IC_OK && commit->has_path && !next->removes_us)
        err = open_path(next, &commit->path);
    return err;
}

static enum ic_err reach(struct ic_mls_next_epoch *next, const struct ic_mls_authenticated *commit)
{
    const struct ic_mls_epoch_state *state = &next->staged->next;
    enum ic_err err = IC_OK;

    if (commit->confirmation_tag.len != ic_mls_secret_len(next->from->suite))
        return IC_ERR_FORGED;
    if (!next->removes_us) {
        err = find_init_secret(next);
        if (err == IC_OK)
            err = ic_mls_next_epoch_fold_psks(next);
    }
    if (err == IC_OK)
        err = ic_mls_next_epoch_schedule(next, (uint16_t)commit->wire_format,
                                         commit->content.encoded, commit->signature);
    if (err == IC_OK && !next->removes_us)
        err = ic_mls_confirmation_check(&state->secrets, state->context.confirmed_transcript_hash,
                                        commit->confirmation_tag);
    return err == IC_OK ? ic_mls_next_epoch_finish(next, commit->confirmation_tag) : err;
}

static enum ic_err process(struct ic_mls_next_epoch *next,
                           const struct ic_mls_authenticated *authenticated)
{
    struct ic_writer w = ic_writer_of(next->staged->bytes.at, next->staged->bytes.len);
    struct ic_mls_authenticated commit;

    ic_write_bytes(&w, authenticated->encoded);
    struct ic_reader r = ic_reader_of(ic_written(&w));
    ic_mls_read_authenticated(&r, &commit);
    if (ic_mls_finish(&r) != IC_OK)
        return IC_ERR_MALFORMED;
    if (next->by_newcomer)
        next->new_leaf = &commit.content.commit.path.leaf;
    if (next->by_newcomer && !commit.content.commit.has_path)
        return IC_ERR_FORBIDDEN;
    enum ic_err err = gather(next, &commit.content, &w);
    if (err == IC_OK)
        err = change_tree(next, &commit.content.commit);
    if (err == IC_OK)
        err = reach(next, &commit);
    next->staged->outlook.authenticated_data = commit.content.authenticated_data;
    next->staged->outlook.has_path = commit.content.commit.has_path;
    return err == IC_OK ? ic_mls_next_epoch_describe(next) : err;
}

enum ic_err ic_mls_commit_hear(struct ic_mls_staged **out, const struct ic_mls_group *group,
                               const struct ic_mls_authenticated *authenticated)
{
    const struct ic_mls_content *content = &authenticated->content;
    struct ic_mls_staged *staged = NULL;
    size_t named;

    enum ic_err err = measure_named(&named, group, &content->commit);
    if (err == IC_OK)
        err = ic_mls_staged_new(&staged, content->commit.proposal_count,
                                authenticated->encoded.len + named);
    if (err != IC_OK)
        return err;
    struct ic_mls_next_epoch next = {
        .from = &group->now,
        .application = &group->application,
        .group = group,
        .staged = staged,
        .list = {staged->changes, 0, content->commit.proposal_count},
        .by_newcomer = content->sender.type == IC_MLS_SENDER_NEW_MEMBER_COMMIT,
        .committer = {content->sender.index},
    };
    err = process(&next, authenticated);
    ic_mls_next_epoch_clear(&next);
    if (err == IC_OK)
        *out = staged;
    else
        ic_mls_staged_free(staged);
    return err;
}
