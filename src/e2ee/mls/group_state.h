/* group_state.h - what a group and a staged epoch are made of. Inside the library; group.h is for
 * the others. */
#pragma once

#include "e2ee/mls/epoch_state.h"
#include "e2ee/mls/group.h"
#include "e2ee/mls/pending.h"

struct ic_mls_resumption {
    uint64_t epoch;
    uint8_t secret[IC_HASH_MAX];
};

struct ic_mls_group {
    struct ic_mls_application application;
    struct ic_mls_epoch_state now;
    struct ic_mls_epoch_state past[IC_MLS_PAST_EPOCHS_MAX]; /* the newest first */
    size_t past_count;
    struct ic_mls_resumption resumptions[IC_MLS_RESUMPTIONS_MAX]; /* the newest first */
    size_t resumption_count;
    struct ic_mls_pending_list pending;
    bool is_over;
    struct ic_mls_message reinit_bytes; /* what closed it; empty when nothing did */
    struct ic_mls_proposal reinit;
    bool was_welcomed;
    struct ic_leaf welcomed_by;
};

struct ic_mls_staged {
    struct ic_mls_outlook outlook;
    uint8_t follows[IC_HASH_MAX]; /* interim transcript hash of the epoch that it ends */
    struct ic_mls_epoch_state next;
    struct ic_mls_change *changes;
    struct ic_mls_message bytes;                  /* what the changes point into */
    struct ic_mls_message reinit;                 /* the proposal, when it closes the group */
    struct ic_mls_message message, welcome, info; /* of a commit that we made */
};

/* With room for so many changes and bytes. IC_ERR_SYSTEM. */
enum ic_err ic_mls_staged_new(struct ic_mls_staged **out, size_t changes, size_t bytes) IC_CHECKED;

/* What a commit that was heard says, verified but for what follows from it. */
enum ic_err ic_mls_commit_hear(struct ic_mls_staged **out, const struct ic_mls_group *group,
                               const struct ic_mls_authenticated *authenticated) IC_CHECKED;

/* With a copy of `application`, which may be NULL; or NULL when there is no memory. */
struct ic_mls_group *ic_mls_group_new(const struct ic_mls_application *application);

/* Asks the application about every leaf. IC_ERR_FORBIDDEN. */
enum ic_err ic_mls_judge_all(const struct ic_mls_application *application,
                             const struct ic_mls_tree *tree) IC_CHECKED;
