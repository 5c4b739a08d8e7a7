/* hear.c - a message of the group, opened, verified and sorted (RFC 9420 sections 6.2, 6.3 and
 * 12.4). */
#include "crypto/secret.h"
#include "e2ee/mls/capabilities.h"
#include "e2ee/mls/codec.h"
#include "e2ee/mls/past_epochs.h"
#include "e2ee/mls/private_message.h"
#include "e2ee/mls/proposal_list.h"
#include "e2ee/mls/public_message.h"

#include <stdlib.h>

static enum ic_err epoch_is_now(const struct ic_mls_group *group, struct ic_bytes group_id,
                                uint64_t epoch)
{
    const struct ic_mls_group_context *context = &group->now.context;

    if (!ic_bytes_equal(group_id, context->group_id) || epoch > context->epoch)
        return IC_ERR_NOT_FOUND;
    return epoch < context->epoch ? IC_ERR_REPLAYED : IC_OK;
}

/* The key that must have signed, and whether such a sender may say this. */
static enum ic_err find_signer(struct ic_bytes *key, const struct ic_mls_epoch_state *state,
                               const struct ic_mls_content *content)
{
    struct ic_bytes extensions = state->context.extensions;
    struct ic_mls_external_sender external;
    const struct ic_mls_leaf_node *leaf;
    bool is_proposal = content->type == IC_MLS_CONTENT_PROPOSAL;

    switch (content->sender.type) {
    case IC_MLS_SENDER_MEMBER:
        leaf = ic_mls_tree_leaf(state->tree, (struct ic_leaf){content->sender.index});
        if (!leaf)
            return IC_ERR_FORBIDDEN;
        *key = leaf->signature_key;
        return IC_OK;
    case IC_MLS_SENDER_EXTERNAL:
        if (!is_proposal ||
            ic_mls_external_sender_find(&external, extensions, content->sender.index) != IC_OK)
            return IC_ERR_FORBIDDEN;
        *key = external.signature_key;
        return IC_OK;
    case IC_MLS_SENDER_NEW_MEMBER_PROPOSAL:
        if (!is_proposal || content->proposal.type != IC_MLS_ADD)
            return IC_ERR_FORBIDDEN;
        *key = content->proposal.add.leaf.signature_key;
        return IC_OK;
    case IC_MLS_SENDER_NEW_MEMBER_COMMIT:
        if (content->type != IC_MLS_CONTENT_COMMIT || !content->commit.has_path)
            return IC_ERR_FORBIDDEN;
        *key = content->commit.path.leaf.signature_key;
        return IC_OK;
    }
    return IC_ERR_FORBIDDEN;
}

static enum ic_err verify(const struct ic_mls_epoch_state *state,
                          const struct ic_mls_authenticated *authenticated)
{
    struct ic_bytes key;
    enum ic_err err = find_signer(&key, state, &authenticated->content);

    if (err == IC_OK)
        err = ic_mls_content_verify(authenticated, state->suite, key,
                                    ic_mls_message_bytes(&state->context_bytes));
    /* A key that cannot be one has signed nothing. */
    return err == IC_ERR_MALFORMED ? IC_ERR_FORGED : err;
}

static bool is_ours(const struct ic_mls_group *group, const struct ic_mls_content *content)
{
    return content->sender.type == IC_MLS_SENDER_MEMBER &&
           content->sender.index == group->now.keys.leaf.n;
}

/* By what the epoch knows already: one that can never be committed is not kept. */
static enum ic_err check_proposal(const struct ic_mls_group *group,
                                  const struct ic_mls_content *content)
{
    const struct ic_mls_change change = {
        .proposal = content->proposal, .proposer = content->sender, .by_reference = true};
    /* By whom it will be committed is not known: by nobody that there is. */
    const struct ic_mls_proposal_rules rules = {
        .tree = group->now.tree, .context = &group->now.context, .committer = {UINT32_MAX}};
    return ic_mls_proposal_check(&change, &rules);
}

static enum ic_err hear_proposal(struct ic_mls_heard *out, struct ic_mls_group *group,
                                 const struct ic_mls_authenticated *authenticated)
{
    if (group->application.by_value_only)
        return IC_ERR_FORBIDDEN;
    /* A newcomer must be able to read that somebody leaves. */
    if (authenticated->content.proposal.type == IC_MLS_SELF_REMOVE &&
        authenticated->wire_format != IC_MLS_PUBLIC_MESSAGE)
        return IC_ERR_FORBIDDEN;
    enum ic_err err = check_proposal(group, &authenticated->content);
    if (err == IC_OK)
        err = ic_mls_pending_keep(&group->pending, group->now.suite, authenticated->encoded, NULL);
    if (err != IC_OK)
        return err;
    const struct ic_mls_pending_entry *entry = group->pending.at[group->pending.count - 1];
    out->kind = IC_MLS_HEARD_PROPOSAL;
    out->proposal.ref = (struct ic_bytes){entry->ref, ic_mls_secret_len(group->now.suite)};
    out->proposal.sender = authenticated->content.sender;
    out->proposal.proposal = authenticated->content.proposal;
    return IC_OK;
}

static enum ic_err hear_content(struct ic_mls_heard *out, struct ic_mls_group *group,
                                const struct ic_mls_authenticated *authenticated)
{
    const struct ic_mls_content *content = &authenticated->content;

    if (group->reinit_bytes.at && content->type != IC_MLS_CONTENT_APPLICATION)
        return IC_ERR_FORBIDDEN;
    out->sender = content->sender;
    out->epoch = content->epoch;
    out->authenticated_data = content->authenticated_data;
    switch (content->type) {
    case IC_MLS_CONTENT_APPLICATION:
        out->kind = IC_MLS_HEARD_TEXT;
        out->text = content->application;
        return IC_OK;
    case IC_MLS_CONTENT_PROPOSAL:
        return hear_proposal(out, group, authenticated);
    case IC_MLS_CONTENT_COMMIT:
        out->kind = IC_MLS_HEARD_COMMIT;
        return ic_mls_commit_hear(&out->staged, group, authenticated);
    }
    return IC_ERR_MALFORMED;
}

static enum ic_err hear_public(struct ic_mls_heard *out, struct ic_mls_group *group,
                               struct ic_bytes bytes)
{
    struct ic_mls_public_message message;
    const struct ic_mls_epoch_state *now = &group->now;
    struct ic_bytes context = ic_mls_message_bytes(&now->context_bytes);

    enum ic_err err = ic_mls_message_copy(&out->buffer, bytes);
    if (err != IC_OK)
        return err;
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&out->buffer));
    ic_mls_read_public(&r, &message);
    if (ic_mls_finish(&r) != IC_OK)
        return IC_ERR_MALFORMED;
    const struct ic_mls_content *content = &message.authenticated.content;
    err = epoch_is_now(group, content->group_id, content->epoch);
    if (err == IC_OK)
        err = ic_mls_public_check(&message, &now->secrets, context);
    if (err == IC_OK && is_ours(group, content))
        err = IC_ERR_REPLAYED;
    if (err == IC_OK)
        err = verify(now, &message.authenticated);
    return err == IC_OK ? hear_content(out, group, &message.authenticated) : err;
}

/* Of the current epoch anything, of past ones what the application said. */
static enum ic_err find_epoch(struct ic_mls_epoch_state **out, struct ic_mls_group *group,
                              const struct ic_mls_private_message *message)
{
    enum ic_err err = epoch_is_now(group, message->group_id, message->epoch);

    *out = &group->now;
    if (err != IC_ERR_REPLAYED || message->type != IC_MLS_CONTENT_APPLICATION)
        return err;
    *out = ic_mls_past_epochs_find(group, message->epoch);
    return *out ? IC_OK : IC_ERR_REPLAYED;
}

/* A commit's key stays until the epoch ends: the commit may be thrown away and come again. */
static enum ic_err spend(struct ic_mls_epoch_state *state, const struct ic_mls_opened *opened)
{
    const struct ic_mls_content *content = &opened->authenticated.content;

    if (content->type == IC_MLS_CONTENT_COMMIT)
        return IC_OK;
    return ic_mls_secret_tree_spend(state->messages, (struct ic_leaf){content->sender.index},
                                    opened->ratchet, opened->generation);
}

static enum ic_err open_private(struct ic_mls_heard *out, struct ic_mls_group *group,
                                struct ic_mls_epoch_state *state,
                                const struct ic_mls_private_message *message)
{
    struct ic_mls_opened opened;
    enum ic_err err = ic_mls_private_open(&opened, out->buffer.at, out->buffer.len, message,
                                          &state->secrets, state->messages);
    if (err != IC_OK)
        return err;
    if (is_ours(group, &opened.authenticated.content))
        return IC_ERR_REPLAYED;
    err = verify(state, &opened.authenticated);
    if (err == IC_OK)
        err = hear_content(out, group, &opened.authenticated);
    if (err != IC_OK)
        return err;
    err = spend(state, &opened);
    if (err != IC_OK && out->kind == IC_MLS_HEARD_PROPOSAL)
        ic_mls_pending_drop_last(&group->pending);
    return err;
}

static enum ic_err hear_private(struct ic_mls_heard *out, struct ic_mls_group *group,
                                struct ic_bytes bytes)
{
    struct ic_mls_private_message message;
    struct ic_mls_epoch_state *state;
    struct ic_reader r = ic_reader_of(bytes);

    ic_mls_read_private(&r, &message);
    if (ic_mls_finish(&r) != IC_OK)
        return IC_ERR_MALFORMED;
    enum ic_err err = find_epoch(&state, group, &message);
    if (err == IC_OK)
        err = ic_mls_message_copy(&out->buffer, bytes);
    return err == IC_OK ? open_private(out, group, state, &message) : err;
}

enum ic_err ic_mls_group_hear(struct ic_mls_heard *out, struct ic_mls_group *group,
                              struct ic_bytes message)
{
    struct ic_mls_heard heard = {0};
    struct ic_reader r = ic_reader_of(message);
    enum ic_err err = IC_ERR_MALFORMED;

    if (group->is_over)
        return IC_ERR_FORBIDDEN;
    ic_read_uint(&r, 2);
    uint64_t format = ic_read_uint(&r, 2);
    if (format == IC_MLS_PUBLIC_MESSAGE)
        err = hear_public(&heard, group, message);
    else if (format == IC_MLS_PRIVATE_MESSAGE)
        err = hear_private(&heard, group, message);
    if (err == IC_OK)
        *out = heard;
    else
        ic_mls_heard_clear(&heard);
    return err;
}

void ic_mls_heard_clear(struct ic_mls_heard *heard)
{
    ic_mls_staged_free(heard->staged);
    ic_mls_message_clear(&heard->buffer);
    ic_secret_wipe(heard, sizeof *heard);
}
