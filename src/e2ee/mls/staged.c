/* staged.c - the next epoch before it is entered, and entering it. */
#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/mls/past_epochs.h"

enum ic_err ic_mls_staged_new(struct ic_mls_staged **out, size_t changes, size_t bytes)
{
    struct ic_mls_staged *staged = calloc(1, sizeof *staged);
    if (!staged)
        return IC_ERR_SYSTEM;
    staged->changes = calloc(changes > 0 ? changes : 1, sizeof *staged->changes);
    staged->bytes = (struct ic_mls_message){calloc(bytes > 0 ? bytes : 1, 1), bytes};
    if (!staged->changes || !staged->bytes.at) {
        ic_mls_staged_free(staged);
        return IC_ERR_SYSTEM;
    }
    *out = staged;
    return IC_OK;
}

void ic_mls_staged_free(struct ic_mls_staged *staged)
{
    if (!staged)
        return;
    ic_mls_epoch_state_clear(&staged->next);
    free(staged->changes);
    if (!staged->bytes.at)
        staged->bytes.len = 0;
    ic_mls_message_clear(&staged->bytes);
    ic_mls_message_clear(&staged->reinit);
    ic_mls_message_clear(&staged->message);
    ic_mls_message_clear(&staged->welcome);
    ic_mls_message_clear(&staged->info);
    ic_secret_wipe(staged, sizeof *staged);
    free(staged);
}

struct ic_bytes ic_mls_staged_message(const struct ic_mls_staged *staged)
{
    return ic_mls_message_bytes(&staged->message);
}

struct ic_bytes ic_mls_staged_welcome(const struct ic_mls_staged *staged)
{
    return ic_mls_message_bytes(&staged->welcome);
}

struct ic_bytes ic_mls_staged_info(const struct ic_mls_staged *staged)
{
    return ic_mls_message_bytes(&staged->info);
}

const struct ic_mls_outlook *ic_mls_staged_outlook(const struct ic_mls_staged *staged)
{
    return &staged->outlook;
}

struct ic_bytes ic_mls_staged_epoch_authenticator(const struct ic_mls_staged *staged)
{
    if (staged->outlook.removes_us)
        return (struct ic_bytes){0};
    return (struct ic_bytes){staged->next.secrets.authenticator,
                             ic_mls_secret_len(staged->next.suite)};
}

/* The proposal moves with its bytes. */
static void close_group(struct ic_mls_group *group, struct ic_mls_staged *staged)
{
    if (!staged->reinit.at)
        return;
    group->reinit_bytes = staged->reinit;
    staged->reinit = (struct ic_mls_message){0};
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&group->reinit_bytes));
    ic_mls_read_proposal(&r, &group->reinit);
}

/* Removed: the tree and context of the last epoch stay to be looked at, the secrets go. */
static void end_membership(struct ic_mls_group *group)
{
    ic_mls_epoch_state_retire(&group->now);
    ic_secret_wipe(&group->now.secrets.sender_data, sizeof group->now.secrets.sender_data);
    ic_mls_secret_tree_free(group->now.messages);
    group->now.messages = NULL;
    ic_mls_group_forget_before(group, UINT64_MAX);
    ic_secret_wipe(group->resumptions, sizeof group->resumptions);
    group->resumption_count = 0;
    group->is_over = true;
}

enum ic_err ic_mls_group_enter(struct ic_mls_group *group, struct ic_mls_staged *staged)
{
    size_t len = ic_mls_secret_len(group->now.suite);

    if (group->is_over || memcmp(staged->follows, group->now.interim_hash, len) != 0)
        return IC_ERR_REPLAYED;
    ic_mls_pending_clear(&group->pending);
    close_group(group, staged);
    if (staged->outlook.removes_us) {
        end_membership(group);
    } else {
        ic_mls_past_epochs_push(group, &group->now);
        group->now = staged->next;
        ic_secret_wipe(&staged->next, sizeof staged->next);
        ic_mls_past_epochs_resume(group);
    }
    ic_mls_staged_free(staged);
    return IC_OK;
}
