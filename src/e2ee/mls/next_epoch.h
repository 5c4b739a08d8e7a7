/* next_epoch.h - from a list of proposals to the next epoch, step by step, whoever commits them
 * (RFC 9420 sections 8, 12.3 and 12.4). Inside the library; group.h is for the others.
 *
 *     proposals -> apply() -> tree, `added` -> [path] -> set_tree() -> fold_psks() -> schedule() */
#pragma once

#include "e2ee/mls/group_state.h"
#include "e2ee/mls/proposal_list.h"

struct ic_mls_next_epoch {
    const struct ic_mls_epoch_state *from; /* the epoch that ends */
    const struct ic_mls_application *application;
    const struct ic_mls_group *group; /* whose resumption PSKs are used; NULL at a newcomer */
    struct ic_mls_staged *staged;     /* what comes out */
    struct ic_mls_proposal_list list; /* over staged->changes */
    bool by_newcomer;
    struct ic_leaf committer;                   /* of a newcomer: known after apply() */
    const struct ic_mls_leaf_node *new_leaf;    /* of a newcomer that was heard: apply() adds it */
    const struct ic_mls_own_update *own_update; /* when an Update of ours is in the list */

    struct ic_mls_tree *tree;   /* after the proposals, then after the path; until set_tree() */
    struct ic_mls_tree *before; /* the former of the two when there is a path */
    bool removes_us;
    struct ic_mls_private_tree keys;         /* ours in that tree, unless it removes us */
    uint8_t added[4 * IC_MLS_PROPOSALS_MAX]; /* leaf numbers, as treekem.h takes them */
    size_t added_len;

    uint8_t init_secret[IC_HASH_MAX], commit_secret[IC_HASH_MAX], psk_secret[IC_HASH_MAX];
    uint8_t joiner_secret[IC_HASH_MAX];
};

/* Erases and frees all but `staged`. */
void ic_mls_next_epoch_clear(struct ic_mls_next_epoch *next);

struct ic_mls_proposal_rules ic_mls_next_epoch_rules(const struct ic_mls_next_epoch *next);

/* Checks the list as a whole, asks the application about each leaf and changes the tree: the list's
 * Adds know their place then. IC_ERR_FORBIDDEN, IC_ERR_FULL, IC_ERR_SYSTEM. */
enum ic_err ic_mls_next_epoch_apply(struct ic_mls_next_epoch *next) IC_CHECKED;

/* After a path, whose leaf the application is asked about: `after` is taken, also on failure. */
enum ic_err ic_mls_next_epoch_take_path(struct ic_mls_next_epoch *next, struct ic_mls_tree *after,
                                        const struct ic_mls_leaf_node *leaf) IC_CHECKED;

/* Gives the staged epoch `tree`, checked as a whole, and the group context as the secrets
 * of a path are sealed with it: with the transcript hash of before. */
enum ic_err ic_mls_next_epoch_set_tree(struct ic_mls_next_epoch *next) IC_CHECKED;

/* IC_ERR_NOT_FOUND when a pre-shared key is missing. */
enum ic_err ic_mls_next_epoch_fold_psks(struct ic_mls_next_epoch *next) IC_CHECKED;

/* The secrets of the staged epoch, with the transcript that this commit continues. */
enum ic_err ic_mls_next_epoch_schedule(struct ic_mls_next_epoch *next, uint16_t wire_format,
                                       struct ic_bytes content,
                                       struct ic_bytes signature) IC_CHECKED;

/* When its confirmation tag is known: makes the staged epoch complete. */
enum ic_err ic_mls_next_epoch_finish(struct ic_mls_next_epoch *next,
                                     struct ic_bytes tag) IC_CHECKED;

/* Says in the outlook what the rest of this found; keeps a ReInit. IC_ERR_SYSTEM. */
enum ic_err ic_mls_next_epoch_describe(struct ic_mls_next_epoch *next) IC_CHECKED;
