/* propose.c - what we say in an epoch besides commits: text and proposals, from inside and from
 * outside (RFC 9420 sections 6, 12.1 and 15). */
#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/mls/group_state.h"
#include "e2ee/mls/outgoing.h"
#include "e2ee/mls/own_leaf.h"
#include "e2ee/mls/proposal_draft.h"
#include "e2ee/mls/proposal_list.h"

enum ic_err ic_mls_group_seal(struct ic_mls_message *out, struct ic_mls_group *group,
                              struct ic_bytes authenticated_data, struct ic_bytes text,
                              size_t padding)
{
    const struct ic_mls_epoch_state *now = &group->now;
    struct ic_mls_content content = {
        .group_id = now->context.group_id,
        .epoch = now->context.epoch,
        .sender = {IC_MLS_SENDER_MEMBER, now->keys.leaf.n},
        .authenticated_data = authenticated_data,
        .type = IC_MLS_CONTENT_APPLICATION,
    };
    struct ic_mls_outgoing outgoing = {0};
    struct ic_mls_message body = {0};

    if (group->is_over)
        return IC_ERR_FORBIDDEN;
    enum ic_err err = ic_mls_message_vector(&body, text);
    if (err == IC_OK) {
        content.body = ic_mls_message_bytes(&body);
        err = ic_mls_outgoing_init(&outgoing, now->suite, ic_mls_epoch_state_signer(now),
                                   IC_MLS_PRIVATE_MESSAGE, &content,
                                   ic_mls_message_bytes(&now->context_bytes));
    }
    if (err == IC_OK)
        err = ic_mls_outgoing_protect(out, &outgoing, now, padding);
    ic_mls_outgoing_clear(&outgoing);
    ic_mls_message_clear(&body);
    return err;
}

static enum ic_err draft(struct ic_mls_message *body, struct ic_mls_proposal *out,
                         const struct ic_suite *suite, const struct ic_mls_proposal *wanted)
{
    size_t size = ic_mls_proposal_size(wanted);
    uint8_t *at = size <= IC_MLS_OUTGOING_MAX ? malloc(size) : NULL;

    if (!at)
        return IC_ERR_SYSTEM;
    struct ic_writer w = ic_writer_of(at, size);
    enum ic_err err = ic_mls_proposal_draft(out, &w, suite, wanted);
    *body = (struct ic_mls_message){at, w.len};
    return err;
}

/* A proposal of ours on its way. */
struct proposing {
    struct ic_mls_message leaf; /* of an Update */
    struct ic_mls_own_update own;
    struct ic_mls_message body, authenticated;
    struct ic_mls_proposal proposal; /* over `body` */
    struct ic_mls_outgoing outgoing;
};

static void proposing_clear(struct proposing *p)
{
    ic_mls_message_clear(&p->leaf);
    ic_mls_message_clear(&p->body);
    ic_mls_message_clear(&p->authenticated);
    ic_mls_outgoing_clear(&p->outgoing);
    ic_secret_wipe(p, sizeof *p);
}

static enum ic_err make_leaf(struct proposing *p, const struct ic_mls_epoch_state *now,
                             const struct ic_mls_identity *identity)
{
    const struct ic_mls_leaf_place place = {now->context.group_id, now->keys.leaf};
    const struct ic_mls_identity same = ic_mls_identity_of(
        ic_mls_tree_leaf(now->tree, now->keys.leaf), ic_mls_epoch_state_signer(now));
    const struct ic_mls_identity *shown = identity ? identity : &same;

    enum ic_err err =
        ic_mls_own_leaf_update(&p->leaf, p->own.leaf_private, now->suite, shown, &place);
    if (err == IC_OK)
        memcpy(p->own.signature_private, shown->signature_private.at, shown->signature_private.len);
    return err;
}

static enum ic_err check(const struct proposing *p, const struct ic_mls_epoch_state *now)
{
    const struct ic_mls_change change = {.proposal = p->proposal,
                                         .proposer = {IC_MLS_SENDER_MEMBER, now->keys.leaf.n},
                                         .by_reference = true};
    const struct ic_mls_proposal_rules rules = {
        .tree = now->tree, .context = &now->context, .committer = {UINT32_MAX}};
    return ic_mls_proposal_check(&change, &rules);
}

static enum ic_err sign(struct proposing *p, const struct ic_mls_epoch_state *now,
                        const struct ic_mls_protection *how)
{
    const struct ic_mls_content content = {
        .group_id = now->context.group_id,
        .epoch = now->context.epoch,
        .sender = {IC_MLS_SENDER_MEMBER, now->keys.leaf.n},
        .authenticated_data = how->authenticated_data,
        .type = IC_MLS_CONTENT_PROPOSAL,
        .body = ic_mls_message_bytes(&p->body),
    };
    bool is_private = how->private_message && p->proposal.type != IC_MLS_SELF_REMOVE;
    enum ic_err err =
        ic_mls_outgoing_init(&p->outgoing, now->suite, ic_mls_epoch_state_signer(now),
                             is_private ? IC_MLS_PRIVATE_MESSAGE : IC_MLS_PUBLIC_MESSAGE, &content,
                             ic_mls_message_bytes(&now->context_bytes));
    return err == IC_OK ? ic_mls_outgoing_encode(&p->authenticated, &p->outgoing) : err;
}

static enum ic_err propose(struct proposing *p, struct ic_mls_message *out,
                           struct ic_mls_group *group, const struct ic_mls_proposal *wanted,
                           const struct ic_mls_identity *identity,
                           const struct ic_mls_protection *how)
{
    const struct ic_mls_epoch_state *now = &group->now;
    bool is_update = wanted->type == IC_MLS_UPDATE;
    struct ic_mls_proposal whole = *wanted;
    enum ic_err err = is_update ? make_leaf(p, now, identity) : IC_OK;

    if (is_update)
        whole.update.encoded = ic_mls_message_bytes(&p->leaf);
    if (err == IC_OK)
        err = draft(&p->body, &p->proposal, now->suite, &whole);
    if (err == IC_OK)
        err = check(p, now);
    if (err == IC_OK)
        err = sign(p, now, how);
    if (err == IC_OK)
        err = ic_mls_pending_keep(&group->pending, now->suite,
                                  ic_mls_message_bytes(&p->authenticated),
                                  is_update ? &p->own : NULL);
    if (err != IC_OK)
        return err;
    err = ic_mls_outgoing_protect(out, &p->outgoing, now, how->padding);
    if (err != IC_OK)
        ic_mls_pending_drop_last(&group->pending);
    return err;
}

enum ic_err ic_mls_group_propose(struct ic_mls_message *out, uint8_t *ref,
                                 struct ic_mls_group *group, const struct ic_mls_proposal *proposal,
                                 const struct ic_mls_identity *identity,
                                 const struct ic_mls_protection *how)
{
    struct proposing p = {0};

    if (group->is_over || group->reinit_bytes.at)
        return IC_ERR_FORBIDDEN;
    enum ic_err err = propose(&p, out, group, proposal, identity, how);
    if (err == IC_OK && ref)
        memcpy(ref, group->pending.at[group->pending.count - 1]->ref,
               ic_mls_secret_len(group->now.suite));
    proposing_clear(&p);
    return err;
}

enum ic_err ic_mls_propose_from_outside(struct ic_mls_message *out,
                                        const struct ic_mls_outside *outside,
                                        const struct ic_mls_proposal *wanted)
{
    enum ic_mls_sender_type type =
        outside->is_newcomer ? IC_MLS_SENDER_NEW_MEMBER_PROPOSAL : IC_MLS_SENDER_EXTERNAL;
    struct ic_mls_content content = {
        .group_id = outside->group_id,
        .epoch = outside->epoch,
        .sender = {type, outside->index},
        .type = IC_MLS_CONTENT_PROPOSAL,
    };
    struct ic_mls_outgoing outgoing = {0};
    struct ic_mls_message body = {0};
    struct ic_mls_proposal proposal;

    if (!ic_mls_may_propose(type, wanted->type))
        return IC_ERR_FORBIDDEN;
    enum ic_err err = draft(&body, &proposal, outside->suite, wanted);
    content.body = ic_mls_message_bytes(&body);
    if (err == IC_OK)
        err = ic_mls_outgoing_init(&outgoing, outside->suite, outside->signature_private,
                                   IC_MLS_PUBLIC_MESSAGE, &content, (struct ic_bytes){0});
    if (err == IC_OK)
        err = ic_mls_outgoing_protect(out, &outgoing, NULL, 0);
    ic_mls_outgoing_clear(&outgoing);
    ic_mls_message_clear(&body);
    return err;
}
