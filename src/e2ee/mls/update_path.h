/* update_path.h - fresh keys of our own, as we hand them to the others (RFC 9420 sections 7.4 to
 * 7.6 and 7.9; treekem.h is the other end).
 *
 *     proposals applied to the tree -> ic_mls_own_path_new(): new keys, the tree of the next epoch
 *     its tree hash goes into the provisional group context
 *     ic_mls_own_path_seal(): the UpdatePath, its secrets sealed under that context */
#pragma once

#include "e2ee/mls/identity.h"
#include "e2ee/mls/message.h"
#include "e2ee/mls/private_tree.h"

struct ic_mls_own_path {
    struct ic_mls_tree *tree;        /* with the new keys, hashed */
    struct ic_mls_private_tree keys; /* ours in it */
    uint8_t commit_secret[IC_HASH_MAX];
    /* What seal() and secret_for() need: the filtered direct path, lowest first. */
    size_t count;
    struct ic_node path[IC_TREE_DEPTH_MAX], copath[IC_TREE_DEPTH_MAX];
    uint8_t secrets[IC_TREE_DEPTH_MAX][IC_HASH_MAX];
};

/* `tree` has the proposals of the commit applied; it is not changed, and may be freed afterwards.
 * `leaf` is our place in it; of an external commit the place that ic_mls_tree_next_place() gives,
 * which is blank or just beyond the width. `identity` is what our new leaf says; its lifetime is
 * not looked at. IC_ERR_FULL when the tree cannot grow; IC_ERR_MALFORMED for an identity that
 * cannot be encoded; IC_ERR_SYSTEM. */
enum ic_err ic_mls_own_path_new(struct ic_mls_own_path **out, const struct ic_mls_tree *tree,
                                struct ic_leaf leaf, const struct ic_mls_identity *identity,
                                struct ic_bytes group_id) IC_CHECKED;
/* Erases what was not taken out; NULL is fine. Set `tree` NULL to keep it. */
void ic_mls_own_path_free(struct ic_mls_own_path *path);

/* An encoded UpdatePath. `added` are the leaves that this commit adds, numbers of 4 bytes: nothing
 * is sealed to them. `context` is the encoded group context of the new epoch, with the transcript
 * hash of the epoch before (section 12.4.1). IC_ERR_SYSTEM. */
enum ic_err ic_mls_own_path_seal(struct ic_mls_message *out, const struct ic_mls_own_path *path,
                                 struct ic_bytes added, struct ic_bytes context) IC_CHECKED;

/* What the Welcome tells a newcomer at that leaf: the path secret of the lowest node above both it
 * and us. */
struct ic_bytes ic_mls_own_path_secret_for(const struct ic_mls_own_path *path,
                                           struct ic_leaf newcomer);
