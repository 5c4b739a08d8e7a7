/* pending.c - the list of proposals of an epoch (RFC 9420 section 12.4). */
#include "e2ee/mls/pending.h"

#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/mls/codec.h"

static void entry_free(struct ic_mls_pending_entry *entry)
{
    ic_mls_message_clear(&entry->bytes);
    ic_secret_wipe(entry, sizeof *entry);
    free(entry);
}

static enum ic_err fill(struct ic_mls_pending_entry *entry, const struct ic_suite *suite,
                        struct ic_bytes authenticated)
{
    enum ic_err err = ic_mls_message_copy(&entry->bytes, authenticated);
    if (err != IC_OK)
        return err;
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&entry->bytes));
    ic_mls_read_authenticated(&r, &entry->authenticated);
    if (ic_mls_finish(&r) != IC_OK || entry->authenticated.content.type != IC_MLS_CONTENT_PROPOSAL)
        return IC_ERR_MALFORMED;
    ic_mls_proposal_ref(entry->ref, suite, authenticated);
    return IC_OK;
}

const struct ic_mls_pending_entry *ic_mls_pending_find(const struct ic_mls_pending_list *list,
                                                       const struct ic_suite *suite,
                                                       struct ic_bytes ref)
{
    size_t len = ic_mls_secret_len(suite);
    for (size_t i = 0; i < list->count; i++)
        if (ic_bytes_equal(ref, (struct ic_bytes){list->at[i]->ref, len}))
            return list->at[i];
    return NULL;
}

enum ic_err ic_mls_pending_keep(struct ic_mls_pending_list *list, const struct ic_suite *suite,
                                struct ic_bytes authenticated, const struct ic_mls_own_update *own)
{
    if (list->count == IC_MLS_PENDING_MAX)
        return IC_ERR_FULL;
    struct ic_mls_pending_entry *entry = calloc(1, sizeof *entry);
    if (!entry)
        return IC_ERR_SYSTEM;
    enum ic_err err = fill(entry, suite, authenticated);
    struct ic_bytes ref = {entry->ref, ic_mls_secret_len(suite)};
    if (err == IC_OK && ic_mls_pending_find(list, suite, ref))
        err = IC_ERR_REPLAYED;
    if (err != IC_OK) {
        entry_free(entry);
        return err;
    }
    if (own)
        entry->own = *own;
    list->at[list->count++] = entry;
    return IC_OK;
}

void ic_mls_pending_drop_last(struct ic_mls_pending_list *list)
{
    entry_free(list->at[--list->count]);
}

void ic_mls_pending_clear(struct ic_mls_pending_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        entry_free(list->at[i]);
    *list = (struct ic_mls_pending_list){0};
}
