/* commit_welcome.c - Welcome and GroupInfo of a commit (RFC 9420 section 12.4.3). */
#include "e2ee/mls/commit_welcome.h"

#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/mls/welcome_make.h"

static struct ic_mls_info_plan describe(const struct ic_mls_epoch_state *state, bool tree_apart,
                                        bool is_for_externals, struct ic_bytes extensions)
{
    return (struct ic_mls_info_plan){
        .context = ic_mls_message_bytes(&state->context_bytes),
        .confirmation_tag = {state->confirmation_tag, ic_mls_secret_len(state->suite)},
        .signer = state->keys.leaf,
        .signature_private = ic_mls_epoch_state_signer(state),
        .tree = tree_apart ? NULL : state->tree,
        .epoch = is_for_externals ? &state->secrets : NULL,
        .extensions = extensions,
    };
}

static enum ic_err gather_psks(struct ic_mls_message *out, const struct ic_mls_proposal_list *list)
{
    size_t size = 1;
    for (size_t i = 0; i < list->count; i++)
        if (list->at[i].proposal.type == IC_MLS_PSK)
            size += list->at[i].proposal.psk.encoded.len;
    uint8_t *at = malloc(size);
    if (!at)
        return IC_ERR_SYSTEM;
    struct ic_writer w = ic_writer_of(at, size);
    for (size_t i = 0; i < list->count; i++)
        if (list->at[i].proposal.type == IC_MLS_PSK)
            ic_write_bytes(&w, list->at[i].proposal.psk.encoded);
    *out = (struct ic_mls_message){at, w.len};
    return IC_OK;
}

/* Those whom the list adds; `newcomers` has room for all of the list. */
static size_t gather_newcomers(struct ic_mls_newcomer *newcomers,
                               const struct ic_mls_commit_work *work)
{
    const struct ic_mls_proposal_list *list = &work->next.list;
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++) {
        const struct ic_mls_change *change = &list->at[i];
        if (change->proposal.type != IC_MLS_ADD)
            continue;
        newcomers[count].package = change->proposal.add;
        if (work->path)
            newcomers[count].path_secret = ic_mls_own_path_secret_for(work->path, change->leaf);
        count++;
    }
    return count;
}

static enum ic_err make(struct ic_mls_commit_work *work, struct ic_mls_newcomer *newcomers,
                        struct ic_mls_message *psks, struct ic_mls_message *info)
{
    const struct ic_suite *suite = work->next.from->suite;
    size_t len = ic_mls_secret_len(suite), count = gather_newcomers(newcomers, work);
    struct ic_mls_staged *staged = work->next.staged;
    const struct ic_mls_info_plan plan =
        describe(&staged->next, work->style.tree_apart, false, work->style.info_extensions);

    enum ic_err err = gather_psks(psks, &work->next.list);
    if (err == IC_OK)
        err = ic_mls_info_make(info, suite, &plan);
    if (err != IC_OK)
        return err;
    const struct ic_mls_welcome_plan welcome = {
        .joiner_secret = {work->next.joiner_secret, len},
        .psk_secret = {work->next.psk_secret, len},
        .psks = ic_mls_message_bytes(psks),
        .group_info = ic_mls_message_bytes(info),
        .newcomers = newcomers,
        .newcomer_count = count,
    };
    return ic_mls_welcome_make(&staged->welcome, suite, &welcome);
}

enum ic_err ic_mls_commit_welcome(struct ic_mls_commit_work *work)
{
    struct ic_mls_message psks = {0}, info = {0};

    if (!ic_mls_proposal_list_find(&work->next.list, IC_MLS_ADD))
        return IC_OK;
    struct ic_mls_newcomer *newcomers = calloc(work->next.list.count, sizeof *newcomers);
    enum ic_err err = newcomers ? make(work, newcomers, &psks, &info) : IC_ERR_SYSTEM;
    free(newcomers);
    ic_mls_message_clear(&psks);
    ic_mls_message_clear(&info);
    return err;
}

enum ic_err ic_mls_commit_info(struct ic_mls_commit_work *work)
{
    struct ic_mls_staged *staged = work->next.staged;
    const struct ic_mls_info_plan plan =
        describe(&staged->next, work->style.tree_apart, true, work->style.info_extensions);

    if (!work->style.want_info)
        return IC_OK;
    return ic_mls_info_make_message(&staged->info, staged->next.suite, &plan);
}

enum ic_err ic_mls_group_info(struct ic_mls_message *out, const struct ic_mls_group *group,
                              bool tree_apart, struct ic_bytes extensions)
{
    const struct ic_mls_info_plan plan = describe(&group->now, tree_apart, true, extensions);

    if (group->is_over || group->reinit_bytes.at)
        return IC_ERR_FORBIDDEN;
    return ic_mls_info_make_message(out, group->now.suite, &plan);
}
