/* tree_edit.h - the tree as proposals change it, and how it is written (RFC 9420 sections 7.7, 12.1
 * and 12.4.3.3).
 *
 * What is put in is an encoded LeafNode, and copied. Hashes are those of before until
 * ic_mls_tree_rehash(). */
#pragma once

#include "e2ee/mls/message.h"
#include "e2ee/mls/ratchet_tree.h"

/* A tree of one leaf, hashed: the group of whoever creates it. IC_ERR_MALFORMED when that is no
 * LeafNode; IC_ERR_SYSTEM. */
enum ic_err ic_mls_tree_of_one(struct ic_mls_tree **out, const struct ic_suite *suite,
                               struct ic_bytes leaf) IC_CHECKED;

/* The place that the next Add gets: the leftmost blank one. May be just beyond the width. */
struct ic_leaf ic_mls_tree_next_place(const struct ic_mls_tree *tree);

/* Puts a leaf there, widens the tree if it must, and makes it unmerged in the nodes above.
 * IC_ERR_FULL at IC_TREE_LEAVES_MAX, IC_ERR_MALFORMED, IC_ERR_SYSTEM: then the tree is only good to
 * be freed. */
enum ic_err ic_mls_tree_add(struct ic_leaf *out, struct ic_mls_tree *tree,
                            struct ic_bytes leaf) IC_CHECKED;

/* Replaces a leaf and blanks the nodes above it. IC_ERR_MALFORMED, IC_ERR_SYSTEM: then nothing has
 * changed. */
enum ic_err ic_mls_tree_update(struct ic_mls_tree *tree, struct ic_leaf at,
                               struct ic_bytes leaf) IC_CHECKED;

/* Blanks a leaf and the nodes above it. Narrow the tree when all are removed. */
void ic_mls_tree_remove(struct ic_mls_tree *tree, struct ic_leaf at);
/* Halves the width as long as the right half has no member. */
void ic_mls_tree_narrow(struct ic_mls_tree *tree);

/* The data of a ratchet_tree extension. IC_ERR_SYSTEM. */
enum ic_err ic_mls_tree_encode(struct ic_mls_message *out,
                               const struct ic_mls_tree *tree) IC_CHECKED;
