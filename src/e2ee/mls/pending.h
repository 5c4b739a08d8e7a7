/* pending.h - proposals that wait for the commit that names them (RFC 9420 section 12.4). Inside
 * the library; group.h is for the others. */
#pragma once

#include "e2ee/mls/framing.h"
#include "e2ee/mls/group.h"

/* The private keys of an Update of ours, for the epoch that takes it. */
struct ic_mls_own_update {
    uint8_t leaf_private[IC_KEM_PRIVATE_MAX];
    uint8_t signature_private[IC_SIGNATURE_PRIVATE_MAX];
};

struct ic_mls_pending_entry {
    struct ic_mls_message bytes; /* the AuthenticatedContent, what `authenticated` points into */
    struct ic_mls_authenticated authenticated;
    uint8_t ref[IC_HASH_MAX];
    struct ic_mls_own_update own;
};

struct ic_mls_pending_list {
    struct ic_mls_pending_entry *at[IC_MLS_PENDING_MAX];
    size_t count;
};

/* Keeps a copy of a proposal, an AuthenticatedContent that was verified or signed. `own` has the
 * private keys of our own Update, else NULL. IC_ERR_REPLAYED when it is there already; IC_ERR_FULL;
 * IC_ERR_SYSTEM. */
enum ic_err ic_mls_pending_keep(struct ic_mls_pending_list *list, const struct ic_suite *suite,
                                struct ic_bytes authenticated,
                                const struct ic_mls_own_update *own) IC_CHECKED;

/* NULL when it is not there. */
const struct ic_mls_pending_entry *ic_mls_pending_find(const struct ic_mls_pending_list *list,
                                                       const struct ic_suite *suite,
                                                       struct ic_bytes ref);
/* The one kept last is not to be kept after all. */
void ic_mls_pending_drop_last(struct ic_mls_pending_list *list);

/* Erases and frees all. */
void ic_mls_pending_clear(struct ic_mls_pending_list *list);
