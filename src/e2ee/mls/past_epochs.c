/* past_epochs.c - past epochs, the newest first. */
#include "e2ee/mls/past_epochs.h"

#include "crypto/secret.h"

void ic_mls_past_epochs_push(struct ic_mls_group *group, struct ic_mls_epoch_state *ended)
{
    if (group->past_count == IC_MLS_PAST_EPOCHS_MAX)
        ic_mls_epoch_state_clear(&group->past[--group->past_count]);
    memmove(&group->past[1], &group->past[0], group->past_count * sizeof group->past[0]);
    ic_mls_epoch_state_retire(ended);
    group->past[0] = *ended;
    group->past_count++;
    ic_secret_wipe(ended, sizeof *ended);
}

struct ic_mls_epoch_state *ic_mls_past_epochs_find(struct ic_mls_group *group, uint64_t epoch)
{
    for (size_t i = 0; i < group->past_count; i++)
        if (group->past[i].context.epoch == epoch)
            return &group->past[i];
    return NULL;
}

size_t ic_mls_group_past_epochs(const struct ic_mls_group *group)
{
    return group->past_count;
}

void ic_mls_group_forget_before(struct ic_mls_group *group, uint64_t epoch)
{
    while (group->past_count > 0 && group->past[group->past_count - 1].context.epoch < epoch)
        ic_mls_epoch_state_clear(&group->past[--group->past_count]);
}

void ic_mls_past_epochs_resume(struct ic_mls_group *group)
{
    struct ic_mls_resumption *first = &group->resumptions[0];

    if (group->resumption_count == IC_MLS_RESUMPTIONS_MAX)
        group->resumption_count--;
    memmove(first + 1, first, group->resumption_count * sizeof *first);
    first->epoch = group->now.context.epoch;
    memcpy(first->secret, group->now.secrets.resumption_psk, sizeof first->secret);
    group->resumption_count++;
}

bool ic_mls_group_resumption_psk(const struct ic_mls_group *group, uint64_t epoch,
                                 struct ic_bytes *out)
{
    for (size_t i = 0; i < group->resumption_count; i++)
        if (group->resumptions[i].epoch == epoch) {
            *out = (struct ic_bytes){group->resumptions[i].secret,
                                     ic_mls_secret_len(group->now.suite)};
            return true;
        }
    return false;
}
