/* ratchet_tree.h - the public half of the ratchet tree: who is in the group and the keys of every
 * node (RFC 9420 sections 7.1, 7.8 and 12.4.3.3).
 *
 * A tree owns all that it shows: what it is made of is copied, and copies of a tree share their
 * bytes until the last of them is freed. Trees that share belong to one thread at a time. What a
 * tree says is checked by tree_check.h; reading checks only its form. tree_edit.h changes it. */
#pragma once

#include "e2ee/mls/derive.h"
#include "e2ee/mls/leaf_node.h"

struct ic_mls_parent_node {
    struct ic_bytes encryption_key, parent_hash;
    struct ic_bytes unmerged; /* leaf numbers of 4 bytes, ascending */
    struct ic_bytes front;    /* the encoding before `unmerged` */
};

enum ic_mls_node_kind { IC_MLS_NODE_BLANK, IC_MLS_NODE_LEAF, IC_MLS_NODE_PARENT };

struct ic_mls_node {
    enum ic_mls_node_kind kind;
    bool is_stale;              /* it changed since it was hashed, or one below did */
    struct ic_mls_block *block; /* what it points into; NULL of a blank one */
    union {
        struct ic_mls_leaf_node leaf;
        struct ic_mls_parent_node parent;
    };
};

struct ic_mls_tree {
    const struct ic_suite *suite;
    uint32_t leaves;           /* the width: a power of two */
    struct ic_mls_node *nodes; /* 2 * leaves - 1 */
    uint8_t *hashes;           /* of each node, ic_mls_secret_len() bytes apart */
};

/* `encoded` is the data of the extension. IC_ERR_MALFORMED also when leaves and parents are not
 * where they belong, the last node is no leaf, or unmerged leaves do not ascend or are not below
 * their node; IC_ERR_FULL when it is wider than IC_TREE_LEAVES_MAX; IC_ERR_SYSTEM when there is no
 * memory. */
enum ic_err ic_mls_tree_new(struct ic_mls_tree **out, const struct ic_suite *suite,
                            struct ic_bytes encoded) IC_CHECKED;
/* One blank leaf, not hashed yet: where a tree begins. */
enum ic_err ic_mls_tree_new_blank(struct ic_mls_tree **out,
                                  const struct ic_suite *suite) IC_CHECKED;
void ic_mls_tree_free(struct ic_mls_tree *tree);

/* Cheap: bytes and hashes are not made anew. IC_ERR_SYSTEM. */
enum ic_err ic_mls_tree_copy(struct ic_mls_tree **out, const struct ic_mls_tree *tree) IC_CHECKED;

/* One node, for tree_edit.h and treekem.h. What is put in is copied. Hashes of it and of the nodes
 * above are those of before until ic_mls_tree_rehash(). IC_ERR_MALFORMED when a leaf's `encoded` is
 * none; IC_ERR_SYSTEM; then the node is as it was. */
void ic_mls_tree_blank(struct ic_mls_tree *tree, struct ic_node x);
enum ic_err ic_mls_tree_set_leaf(struct ic_mls_tree *tree, struct ic_leaf at,
                                 struct ic_bytes encoded) IC_CHECKED;
/* `parent` needs all but `front`, and may be what the node has. */
enum ic_err ic_mls_tree_set_parent(struct ic_mls_tree *tree, struct ic_node x,
                                   const struct ic_mls_parent_node *parent) IC_CHECKED;
/* Twice as wide: the old tree is the left half. IC_ERR_FULL at IC_TREE_LEAVES_MAX; IC_ERR_SYSTEM;
 * then it is as it was. */
enum ic_err ic_mls_tree_widen(struct ic_mls_tree *tree) IC_CHECKED;

/* Hashes what changed and the nodes above it, no more. */
void ic_mls_tree_rehash(struct ic_mls_tree *tree);

/* NULL when the leaf is blank or not in the tree. */
const struct ic_mls_leaf_node *ic_mls_tree_leaf(const struct ic_mls_tree *tree,
                                                struct ic_leaf leaf);

/* The tree hash of a node, a digest. Not before what was changed is rehashed. */
struct ic_bytes ic_mls_tree_hash(const struct ic_mls_tree *tree, struct ic_node x);

/* The tree hash that the node had before `without`, leaf numbers as in `unmerged`, were added.
 * Writes a digest. */
void ic_mls_tree_hash_without(uint8_t *out, const struct ic_mls_tree *tree, struct ic_node x,
                              struct ic_bytes without);

/* The nodes that together hold all members below `x`, in the order of a commit's ciphertexts.
 * `out` has room for IC_TREE_NODES_MAX or 2 * leaves - 1; returns how many. */
size_t ic_mls_tree_resolution(struct ic_node *out, const struct ic_mls_tree *tree,
                              struct ic_node x);

/* Leaf numbers of 4 bytes: is this one among them, and how many are below a node? */
bool ic_mls_leaves_have(struct ic_bytes numbers, struct ic_leaf leaf);
size_t ic_mls_leaves_below(struct ic_bytes numbers, struct ic_node top);
