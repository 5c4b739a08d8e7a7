/* join_external.c - joining without an invitation: a commit from outside (RFC 9420 section
 * 12.4.3.2). */
#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/mls/capabilities.h"
#include "e2ee/mls/codec.h"
#include "e2ee/mls/commit_work.h"
#include "e2ee/mls/external_init.h"
#include "e2ee/mls/past_epochs.h"
#include "e2ee/mls/proposal_draft.h"
#include "e2ee/mls/public_message.h"
#include "e2ee/mls/transcript.h"

/* The epoch as it is described to us: public parts only. */
struct described {
    struct ic_mls_group_info info;
    struct ic_mls_epoch_state state;
    struct ic_bytes external_key;
};

static enum ic_err read_info(struct described *d, struct ic_bytes message)
{
    struct ic_reader r = ic_reader_of(message);

    if (ic_read_uint(&r, 2) != IC_MLS_VERSION || ic_read_uint(&r, 2) != IC_MLS_GROUP_INFO)
        return IC_ERR_MALFORMED;
    ic_mls_read_group_info(&r, &d->info);
    if (ic_mls_finish(&r) != IC_OK)
        return IC_ERR_MALFORMED;
    d->state.suite = ic_suite_find(d->info.context.suite);
    if (!d->state.suite || !ic_suite_available(d->state.suite))
        return IC_ERR_NOT_FOUND;
    return ic_mls_one_vector_find(&d->external_key, d->info.extensions, IC_MLS_EXT_EXTERNAL_PUB);
}

static enum ic_err read_tree(struct described *d, struct ic_bytes apart)
{
    struct ic_bytes encoded = apart;

    if (!ic_mls_extension_find(d->info.extensions, IC_MLS_EXT_RATCHET_TREE, &encoded) &&
        apart.len == 0)
        return IC_ERR_NOT_FOUND;
    return ic_mls_tree_new(&d->state.tree, d->state.suite, encoded);
}

static enum ic_err read_described(struct described *d, const struct ic_mls_join_external *join)
{
    enum ic_err err = read_info(d, join->group_info);

    if (err == IC_OK)
        err = read_tree(d, join->tree);
    if (err == IC_OK)
        err = ic_mls_described_check(&d->info, d->state.tree);
    if (err == IC_OK)
        err = ic_mls_judge_all(join->application, d->state.tree);
    if (err == IC_OK)
        err = ic_mls_epoch_state_set_context(&d->state, &d->info.context);
    if (err == IC_OK)
        ic_mls_interim_hash(d->state.interim_hash, d->state.suite,
                            d->info.context.confirmed_transcript_hash, d->info.confirmation_tag);
    return err;
}

/* A member's word that it leaves, as far as somebody outside can verify it. */
static enum ic_err read_leaving(struct ic_mls_public_message *out, const struct described *d,
                                struct ic_bytes bytes)
{
    const struct ic_mls_content *content = &out->authenticated.content;
    struct ic_reader r = ic_reader_of(bytes);

    ic_mls_read_public(&r, out);
    if (ic_mls_finish(&r) != IC_OK)
        return IC_ERR_MALFORMED;
    const struct ic_mls_leaf_node *leaf =
        ic_mls_tree_leaf(d->state.tree, (struct ic_leaf){content->sender.index});
    if (content->type != IC_MLS_CONTENT_PROPOSAL || content->proposal.type != IC_MLS_SELF_REMOVE ||
        content->sender.type != IC_MLS_SENDER_MEMBER || !leaf ||
        !ic_bytes_equal(content->group_id, d->info.context.group_id) ||
        content->epoch != d->info.context.epoch)
        return IC_ERR_FORBIDDEN;
    return ic_mls_content_verify(&out->authenticated, d->state.suite, leaf->signature_key,
                                 ic_mls_message_bytes(&d->state.context_bytes));
}

static enum ic_err refer_leaving(struct ic_mls_commit_work *work, const struct described *d,
                                 struct ic_bytes bytes)
{
    struct ic_mls_public_message message;
    uint8_t ref[IC_HASH_MAX];

    enum ic_err err = read_leaving(&message, d, bytes);
    if (err != IC_OK)
        return err;
    ic_mls_proposal_ref(ref, d->state.suite, message.authenticated.encoded);
    return ic_mls_commit_work_refer(work, &message.authenticated.content,
                                    (struct ic_bytes){ref, ic_mls_secret_len(d->state.suite)});
}

static enum ic_err propose_init(struct ic_mls_commit_work *work, const struct described *d)
{
    uint8_t kem_output[IC_KEM_ENC_MAX];
    struct ic_mls_proposal proposal = {.type = IC_MLS_EXTERNAL_INIT};

    enum ic_err err = ic_mls_external_init_make(work->next.init_secret, kem_output, d->state.suite,
                                                d->external_key);
    if (err != IC_OK)
        return err;
    proposal.kem_output =
        (struct ic_bytes){kem_output, ic_kem_lengths(d->state.suite->kem).enc_len};
    return ic_mls_commit_work_propose(work, &proposal);
}

static enum ic_err gather(struct ic_mls_commit_work *work, const struct described *d,
                          const struct ic_mls_join_external *join)
{
    enum ic_err err = propose_init(work, d);

    if (err == IC_OK && join->replaces)
        err = ic_mls_commit_work_propose(
            work, &(struct ic_mls_proposal){.type = IC_MLS_REMOVE, .removed = *join->replaces});
    for (size_t i = 0; i < join->psk_count && err == IC_OK; i++)
        err = ic_mls_commit_work_propose(
            work, &(struct ic_mls_proposal){.type = IC_MLS_PSK, .psk = join->psks[i]});
    for (size_t i = 0; i < join->self_remove_count && err == IC_OK; i++)
        err = refer_leaving(work, d, join->self_removes[i]);
    return err;
}

static size_t measure(const struct ic_mls_join_external *join)
{
    size_t bytes = 2 * IC_KEM_ENC_MAX;

    for (size_t i = 0; i < join->psk_count && bytes <= IC_MLS_OUTGOING_MAX; i++)
        bytes += ic_mls_proposal_size(
            &(struct ic_mls_proposal){.type = IC_MLS_PSK, .psk = join->psks[i]});
    for (size_t i = 0; i < join->self_remove_count && bytes <= IC_MLS_OUTGOING_MAX; i++)
        bytes += join->self_removes[i].len;
    return bytes;
}

static enum ic_err make_commit(struct ic_mls_commit_work *work, const struct described *d,
                               const struct ic_mls_join_external *join)
{
    const struct ic_mls_commit_style style = {
        .sender = {IC_MLS_SENDER_NEW_MEMBER_COMMIT, 0},
        .signature_private = join->identity->signature_private,
        .identity = *join->identity,
        .protection = {.authenticated_data = join->authenticated_data},
        .force_path = true,
        .tree_apart = join->tree_apart,
        .want_info = join->want_info,
    };
    if (join->psk_count > IC_MLS_PSKS_MAX || join->self_remove_count > IC_MLS_PROPOSALS_MAX)
        return IC_ERR_FULL;
    size_t count = 2 + join->psk_count + join->self_remove_count;
    enum ic_err err = ic_mls_commit_work_init(work, &style, count, measure(join));
    if (err == IC_OK)
        err = gather(work, d, join);
    return err == IC_OK ? ic_mls_commit_work_run(work) : err;
}

/* The staged epoch becomes the group's first. */
static void settle(struct ic_mls_group *group, struct ic_mls_message *commit,
                   struct ic_mls_message *info, struct ic_mls_staged *staged)
{
    group->now = staged->next;
    ic_secret_wipe(&staged->next, sizeof staged->next);
    *commit = staged->message;
    staged->message = (struct ic_mls_message){0};
    if (info) {
        *info = staged->info;
        staged->info = (struct ic_mls_message){0};
    }
    ic_mls_past_epochs_resume(group);
}

static enum ic_err join_in(struct ic_mls_group *group, struct ic_mls_message *commit,
                           struct ic_mls_message *info, struct described *d,
                           const struct ic_mls_join_external *join)
{
    struct ic_mls_commit_work work = {
        .next = {.from = &d->state, .application = &group->application, .by_newcomer = true}};

    enum ic_err err = read_described(d, join);
    if (err == IC_OK)
        err = make_commit(&work, d, join);
    if (err == IC_OK)
        settle(group, commit, info, work.next.staged);
    ic_mls_commit_work_clear(&work);
    return err;
}

enum ic_err ic_mls_group_join_external(struct ic_mls_group **out, struct ic_mls_message *commit,
                                       struct ic_mls_message *info,
                                       const struct ic_mls_join_external *join)
{
    struct ic_mls_group *group = ic_mls_group_new(join->application);
    struct described d = {0};

    enum ic_err err = group ? join_in(group, commit, info, &d, join) : IC_ERR_SYSTEM;
    ic_mls_epoch_state_clear(&d.state);
    if (err == IC_OK)
        *out = group;
    else
        ic_mls_group_free(group);
    return err;
}
