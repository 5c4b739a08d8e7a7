/* commit_make.c - a member's commit, as it was planned (RFC 9420 section 12.4.1). */
#include "crypto/secret.h"
#include "e2ee/mls/commit_work.h"
#include "e2ee/mls/own_leaf.h"
#include "e2ee/mls/proposal_draft.h"

/* The i-th proposal by value; false beyond the last. */
static bool planned(struct ic_mls_proposal *out, const struct ic_mls_commit_plan *plan, size_t i)
{
    *out = (struct ic_mls_proposal){0};
    if (i < plan->add_count) {
        out->type = IC_MLS_ADD;
        out->add.encoded = plan->adds[i];
        return true;
    }
    i -= plan->add_count;
    if (i < plan->remove_count) {
        out->type = IC_MLS_REMOVE;
        out->removed = plan->removes[i];
        return true;
    }
    i -= plan->remove_count;
    if (i < plan->psk_count) {
        out->type = IC_MLS_PSK;
        out->psk = plan->psks[i];
        return true;
    }
    i -= plan->psk_count;
    if (plan->extensions && i-- == 0) {
        out->type = IC_MLS_GROUP_CONTEXT_EXTENSIONS;
        out->extensions = *plan->extensions;
        return true;
    }
    if (plan->reinit && i == 0) {
        out->type = IC_MLS_REINIT;
        out->reinit = *plan->reinit;
        return true;
    }
    return false;
}

static bool is_named(const struct ic_mls_commit_plan *plan, struct ic_bytes ref)
{
    bool named = plan->all_pending;
    for (size_t i = 0; i < plan->ref_count && !named; i++)
        named = ic_bytes_equal(plan->refs[i], ref);
    return named;
}

static void measure(size_t *count, size_t *bytes, const struct ic_mls_group *group,
                    const struct ic_mls_commit_plan *plan)
{
    struct ic_mls_proposal proposal;

    for (*count = 0, *bytes = 0; *count <= IC_MLS_PROPOSALS_MAX; ++*count) {
        if (!planned(&proposal, plan, *count))
            break;
        *bytes += ic_mls_proposal_size(&proposal);
        if (*bytes > IC_MLS_OUTGOING_MAX)
            return; /* more than there is room for, and still far from wrapping */
    }
    for (size_t i = 0; i < ic_mls_group_pending_count(group); i++) {
        struct ic_mls_pending pending = ic_mls_group_pending(group, i);
        if (!is_named(plan, pending.ref))
            continue;
        ++*count;
        *bytes += pending.proposal.encoded.len;
    }
    /* Of very many pending ones as many as fit. */
    if (plan->all_pending && *count > IC_MLS_PROPOSALS_MAX)
        *count = IC_MLS_PROPOSALS_MAX;
}

static enum ic_err refer_all(struct ic_mls_commit_work *work, const struct ic_mls_group *group)
{
    for (size_t i = 0; i < group->pending.count; i++) {
        const struct ic_mls_pending_entry *entry = group->pending.at[i];
        struct ic_bytes ref = {entry->ref, ic_mls_secret_len(group->now.suite)};
        enum ic_err err = ic_mls_commit_work_refer(work, &entry->authenticated.content, ref);
        if (err == IC_ERR_SYSTEM)
            return err; /* the others: it does not fit with what is there already */
    }
    return IC_OK;
}

static enum ic_err refer_named(struct ic_mls_commit_work *work, const struct ic_mls_group *group,
                               const struct ic_mls_commit_plan *plan)
{
    enum ic_err err = IC_OK;

    for (size_t i = 0; i < plan->ref_count && err == IC_OK; i++) {
        const struct ic_mls_pending_entry *entry =
            ic_mls_pending_find(&group->pending, group->now.suite, plan->refs[i]);
        err = entry ? ic_mls_commit_work_refer(work, &entry->authenticated.content, plan->refs[i])
                    : IC_ERR_NOT_FOUND;
    }
    return err;
}

static enum ic_err gather(struct ic_mls_commit_work *work, const struct ic_mls_group *group,
                          const struct ic_mls_commit_plan *plan)
{
    struct ic_mls_proposal proposal;
    enum ic_err err = IC_OK;

    for (size_t i = 0; err == IC_OK && planned(&proposal, plan, i); i++)
        err = ic_mls_commit_work_propose(work, &proposal);
    if (err != IC_OK)
        return err;
    return plan->all_pending ? refer_all(work, group) : refer_named(work, group, plan);
}

static struct ic_mls_commit_style style_of(const struct ic_mls_group *group,
                                           const struct ic_mls_commit_plan *plan)
{
    const struct ic_mls_epoch_state *now = &group->now;
    const struct ic_mls_leaf_node *leaf = ic_mls_tree_leaf(now->tree, now->keys.leaf);

    return (struct ic_mls_commit_style){
        .sender = {IC_MLS_SENDER_MEMBER, now->keys.leaf.n},
        .signature_private = ic_mls_epoch_state_signer(now),
        .identity = plan->identity ? *plan->identity
                                   : ic_mls_identity_of(leaf, ic_mls_epoch_state_signer(now)),
        .protection = plan->protection,
        .force_path = plan->force_path || plan->identity,
        .tree_apart = plan->tree_apart,
        .want_info = plan->want_info,
        .info_extensions = plan->info_extensions,
    };
}

enum ic_err ic_mls_group_commit(struct ic_mls_staged **out, struct ic_mls_group *group,
                                const struct ic_mls_commit_plan *plan)
{
    struct ic_mls_commit_work work = {
        .next = {.from = &group->now,
                 .application = &group->application,
                 .group = group,
                 .committer = group->now.keys.leaf},
    };
    size_t count, bytes;

    if (group->is_over || group->reinit_bytes.at)
        return IC_ERR_FORBIDDEN;
    const struct ic_mls_commit_style style = style_of(group, plan);
    measure(&count, &bytes, group, plan);
    memcpy(work.next.init_secret, group->now.secrets.init, sizeof work.next.init_secret);
    enum ic_err err = ic_mls_commit_work_init(&work, &style, count, bytes);
    if (err == IC_OK)
        err = gather(&work, group, plan);
    if (err == IC_OK)
        err = ic_mls_commit_work_run(&work);
    if (err == IC_OK) {
        *out = work.next.staged;
        work.next.staged = NULL;
    }
    ic_mls_commit_work_clear(&work);
    return err;
}
