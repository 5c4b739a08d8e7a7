/* commit_work.c - making a commit (RFC 9420 section 12.4.1). */
#include "e2ee/mls/commit_work.h"

#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/mls/codec.h"
#include "e2ee/mls/commit_welcome.h"
#include "e2ee/mls/proposal_draft.h"
#include "e2ee/mls/transcript.h"

enum { BY_VALUE = 1, BY_REFERENCE = 2 };

enum ic_err ic_mls_commit_work_init(struct ic_mls_commit_work *work,
                                    const struct ic_mls_commit_style *style, size_t count,
                                    size_t bytes)
{
    size_t aad = style->protection.authenticated_data.len;

    if (count > IC_MLS_PROPOSALS_MAX || bytes > IC_MLS_OUTGOING_MAX || aad > IC_MLS_OUTGOING_MAX)
        return IC_ERR_FULL;
    work->style = *style;
    enum ic_err err = ic_mls_staged_new(&work->next.staged, count, bytes + aad);
    if (err != IC_OK)
        return err;
    struct ic_mls_staged *staged = work->next.staged;
    size_t size = bytes + count * (2 + IC_HASH_MAX) + IC_MLS_HEADER_MAX;
    work->element_bytes = (struct ic_mls_message){malloc(size), size};
    if (!work->element_bytes.at) {
        work->element_bytes.len = 0;
        return IC_ERR_SYSTEM;
    }
    work->elements = ic_writer_of(work->element_bytes.at, size);
    work->proposals = ic_writer_of(staged->bytes.at, staged->bytes.len);
    work->next.list = (struct ic_mls_proposal_list){.at = staged->changes, .size = count};
    size_t start = work->proposals.len;
    ic_write_bytes(&work->proposals, style->protection.authenticated_data);
    staged->outlook.authenticated_data = (struct ic_bytes){staged->bytes.at + start, aad};
    return IC_OK;
}

void ic_mls_commit_work_clear(struct ic_mls_commit_work *work)
{
    ic_mls_staged_free(work->next.staged);
    if (work->path)
        work->path->tree = NULL; /* it is next.tree */
    ic_mls_own_path_free(work->path);
    ic_mls_next_epoch_clear(&work->next);
    ic_mls_message_clear(&work->element_bytes);
    ic_mls_message_clear(&work->sealed_path);
    ic_mls_message_clear(&work->body);
    ic_mls_outgoing_clear(&work->outgoing);
    ic_secret_wipe(work, sizeof *work);
}

enum ic_err ic_mls_commit_work_propose(struct ic_mls_commit_work *work,
                                       const struct ic_mls_proposal *proposal)
{
    const struct ic_mls_proposal_rules rules = ic_mls_next_epoch_rules(&work->next);
    struct ic_mls_change change = {.proposer = work->style.sender};

    enum ic_err err =
        ic_mls_proposal_draft(&change.proposal, &work->proposals, work->next.from->suite, proposal);
    if (err == IC_OK)
        err = ic_mls_proposal_list_admit(&work->next.list, &change, &rules);
    if (err != IC_OK)
        return err;
    ic_write_uint(&work->elements, BY_VALUE, 1);
    ic_write_bytes(&work->elements, change.proposal.encoded);
    return IC_OK;
}

enum ic_err ic_mls_commit_work_refer(struct ic_mls_commit_work *work,
                                     const struct ic_mls_content *content, struct ic_bytes ref)
{
    const struct ic_mls_proposal_rules rules = ic_mls_next_epoch_rules(&work->next);
    struct ic_mls_change change = {.proposer = content->sender, .by_reference = true};
    struct ic_writer before = work->proposals;

    ic_write_bytes(&work->proposals, content->proposal.encoded);
    if (work->proposals.bad)
        return IC_ERR_FULL;
    struct ic_reader r =
        ic_reader_of((struct ic_bytes){before.at + before.len, work->proposals.len - before.len});
    ic_mls_read_proposal(&r, &change.proposal);
    enum ic_err err = ic_mls_proposal_list_admit(&work->next.list, &change, &rules);
    if (err != IC_OK) {
        work->proposals = before;
        return err;
    }
    ic_write_uint(&work->elements, BY_REFERENCE, 1);
    ic_mls_write_vector(&work->elements, ref);
    return IC_OK;
}

static enum ic_err make_path(struct ic_mls_commit_work *work)
{
    struct ic_mls_next_epoch *next = &work->next;

    enum ic_err err = ic_mls_own_path_new(&work->path, next->tree, next->committer,
                                          &work->style.identity, next->from->context.group_id);
    if (err != IC_OK)
        return err;
    next->keys = work->path->keys;
    memcpy(next->commit_secret, work->path->commit_secret, sizeof next->commit_secret);
    const struct ic_mls_leaf_node *leaf = ic_mls_tree_leaf(work->path->tree, next->committer);
    return ic_mls_next_epoch_take_path(next, work->path->tree, leaf);
}

static enum ic_err seal_path(struct ic_mls_commit_work *work)
{
    const struct ic_mls_next_epoch *next = &work->next;
    struct ic_bytes added = {next->added, next->added_len};

    return ic_mls_own_path_seal(&work->sealed_path, work->path, added,
                                ic_mls_message_bytes(&next->staged->next.context_bytes));
}

static enum ic_err change_tree(struct ic_mls_commit_work *work)
{
    bool has_path = work->style.force_path || ic_mls_proposal_list_needs_path(&work->next.list);

    enum ic_err err = ic_mls_next_epoch_apply(&work->next);
    if (err == IC_OK && has_path)
        err = make_path(work);
    if (err == IC_OK)
        err = ic_mls_next_epoch_set_tree(&work->next);
    if (err == IC_OK && has_path)
        err = seal_path(work);
    work->next.staged->outlook.has_path = has_path;
    return err;
}

static enum ic_err write_commit(struct ic_mls_commit_work *work)
{
    size_t size = work->elements.len + IC_MLS_HEADER_MAX + 1 + work->sealed_path.len;
    uint8_t *at = malloc(size);

    if (!at)
        return IC_ERR_SYSTEM;
    struct ic_writer w = ic_writer_of(at, size);
    ic_mls_write_vector(&w, ic_written(&work->elements));
    ic_mls_write_present(&w, work->path != NULL);
    ic_write_bytes(&w, ic_mls_message_bytes(&work->sealed_path));
    work->body = (struct ic_mls_message){at, w.len};
    return work->elements.bad || w.bad ? IC_ERR_FULL : IC_OK;
}

static enum ic_err sign(struct ic_mls_commit_work *work)
{
    const struct ic_mls_epoch_state *from = work->next.from;
    const struct ic_mls_content content = {
        .group_id = from->context.group_id,
        .epoch = from->context.epoch,
        .sender = work->style.sender,
        .authenticated_data = work->style.protection.authenticated_data,
        .type = IC_MLS_CONTENT_COMMIT,
        .body = ic_mls_message_bytes(&work->body),
    };
    return ic_mls_outgoing_init(&work->outgoing, from->suite, work->style.signature_private,
                                work->style.protection.private_message ? IC_MLS_PRIVATE_MESSAGE
                                                                       : IC_MLS_PUBLIC_MESSAGE,
                                &content, ic_mls_message_bytes(&from->context_bytes));
}

static enum ic_err reach(struct ic_mls_commit_work *work)
{
    const struct ic_mls_authenticated *authenticated = &work->outgoing.authenticated;
    struct ic_mls_epoch_state *state = &work->next.staged->next;
    uint8_t tag[IC_HASH_MAX];
    size_t len = ic_mls_secret_len(work->next.from->suite);

    enum ic_err err = ic_mls_next_epoch_fold_psks(&work->next);
    if (err == IC_OK)
        err = ic_mls_next_epoch_schedule(&work->next, (uint16_t)authenticated->wire_format,
                                         authenticated->content.encoded, authenticated->signature);
    if (err != IC_OK)
        return err;
    ic_mls_confirmation_tag(tag, &state->secrets, state->context.confirmed_transcript_hash);
    ic_mls_outgoing_set_tag(&work->outgoing, tag, len);
    err = ic_mls_next_epoch_finish(&work->next, (struct ic_bytes){tag, len});
    if (err == IC_OK)
        err = ic_mls_next_epoch_describe(&work->next);
    if (err == IC_OK && work->path)
        memcpy(state->signature_private, work->style.identity.signature_private.at,
               work->style.identity.signature_private.len);
    return err;
}

static enum ic_err protect(struct ic_mls_commit_work *work)
{
    struct ic_mls_staged *staged = work->next.staged;

    staged->outlook.is_ours = true;
    return ic_mls_outgoing_protect(&staged->message, &work->outgoing, work->next.from,
                                   work->style.protection.padding);
}

enum ic_err ic_mls_commit_work_run(struct ic_mls_commit_work *work)
{
    enum ic_err err = change_tree(work);

    if (err == IC_OK)
        err = write_commit(work);
    if (err == IC_OK)
        err = sign(work);
    if (err == IC_OK)
        err = reach(work);
    if (err == IC_OK)
        err = ic_mls_commit_welcome(work);
    if (err == IC_OK)
        err = ic_mls_commit_info(work);
    return err == IC_OK ? protect(work) : err;
}
