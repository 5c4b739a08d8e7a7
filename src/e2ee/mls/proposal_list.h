/* proposal_list.h - the proposals of one commit: may they be in it, alone and together (RFC 9420
 * sections 12.1 and 12.2, draft-ietf-mls-extensions section 4.6 for SelfRemove)? Inside the
 * library; group.h is for the others. */
#pragma once

#include "e2ee/mls/group.h"

/* The group that they are to change, and who commits. */
struct ic_mls_proposal_rules {
    const struct ic_mls_tree *tree;
    const struct ic_mls_group_context *context;
    bool by_newcomer;         /* an external commit */
    struct ic_leaf committer; /* of a member */
};

struct ic_mls_proposal_list {
    struct ic_mls_change *at; /* room for `size` */
    size_t count, size;
};

/* May somebody of this kind propose this at all, in a message of its own? */
bool ic_mls_may_propose(enum ic_mls_sender_type sender, enum ic_mls_proposal_type type);

/* Everything that can be said of a proposal without the others: IC_ERR_FORBIDDEN, IC_ERR_FORGED for
 * a signature in it. `change` needs `proposal`, `proposer` and `by_reference`. */
enum ic_err ic_mls_proposal_check(const struct ic_mls_change *change,
                                  const struct ic_mls_proposal_rules *rules) IC_CHECKED;

/* Checks it, alone and beside those that are there, and appends it with `leaf` set, of an Add left
 * open. IC_ERR_FULL when there is no room. */
enum ic_err ic_mls_proposal_list_admit(struct ic_mls_proposal_list *list,
                                       const struct ic_mls_change *change,
                                       const struct ic_mls_proposal_rules *rules) IC_CHECKED;

/* Is the whole of it one that may be committed? IC_ERR_FORBIDDEN when something lacks, or when a
 * member that will read the commit does not know a type of it. */
enum ic_err ic_mls_proposal_list_check(const struct ic_mls_proposal_list *list,
                                       const struct ic_mls_proposal_rules *rules) IC_CHECKED;

/* Must the commit have a path (section 12.4)? */
bool ic_mls_proposal_list_needs_path(const struct ic_mls_proposal_list *list);

/* The first of that type, or NULL. */
const struct ic_mls_change *ic_mls_proposal_list_find(const struct ic_mls_proposal_list *list,
                                                      enum ic_mls_proposal_type type);
