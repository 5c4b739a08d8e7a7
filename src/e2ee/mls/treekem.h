/* treekem.h - a member's fresh keys, as the others receive them: the tree after an update path, and
 * the secret that it hands to us (RFC 9420 sections 7.5, 7.6 and 7.9). */
#pragma once

#include "e2ee/mls/commit.h"
#include "e2ee/mls/private_tree.h"

/* The nodes of the sender's direct path that get keys: those with members below on the other side.
 * `copath[i]` is that side of `path[i]`. `room` is for ic_mls_tree_resolution(). Returns how
 * many. */
size_t ic_mls_filtered_path(struct ic_node path[IC_TREE_DEPTH_MAX],
                            struct ic_node copath[IC_TREE_DEPTH_MAX],
                            const struct ic_mls_tree *tree, struct ic_leaf sender,
                            struct ic_node *room);

/* Gives the nodes of a filtered path their new keys and parent hashes, from the top down, and the
 * leaf below the parent hash that it must carry: a digest, or nothing for an empty path. The copath
 * is hashed. Hashes of the path are those of before until ic_mls_tree_rehash(). IC_ERR_SYSTEM. */
enum ic_err ic_mls_tree_set_path(struct ic_mls_tree *tree, uint8_t *parent_hash,
                                 const struct ic_node *path, const struct ic_node *copath,
                                 const struct ic_bytes *keys, size_t count) IC_CHECKED;

/* The tree after `path` of `sender`, whose leaf is in the tree: of an external commit it was added
 * before. IC_ERR_MALFORMED when the path has another
 * length or leaf than it must; IC_ERR_FORGED when the leaf's parent hash is another; IC_ERR_SYSTEM.
 * The signature of the leaf is checked by ic_mls_tree_check_leaves(). */
enum ic_err ic_mls_tree_apply(struct ic_mls_tree **out, const struct ic_mls_tree *tree,
                              struct ic_leaf sender,
                              const struct ic_mls_update_path *path) IC_CHECKED;

/* Finds the secret of the lowest node above both sender and us, and with it our keys in `after`,
 * what ic_mls_tree_apply() gave for `before`. `added` are leaves, numbers of 4 bytes, that this
 * commit adds: they get nothing here. `context` is the encoded group context of the new epoch.
 * Writes `path_secret` and `commit_secret`; on error they and `keys` are untouched.
 * IC_ERR_MALFORMED when there are too many or too few ciphertexts; IC_ERR_FORGED when ours does not
 * open or fit; IC_ERR_NOT_FOUND when none is for us; IC_ERR_SYSTEM. */
enum ic_err ic_mls_path_open(struct ic_mls_private_tree *keys, uint8_t *path_secret,
                             uint8_t *commit_secret, const struct ic_mls_tree *before,
                             const struct ic_mls_tree *after, struct ic_leaf sender,
                             const struct ic_mls_update_path *path, struct ic_bytes added,
                             struct ic_bytes context) IC_CHECKED;
