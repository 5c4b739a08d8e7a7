/* tree_math.h - index arithmetic of the ratchet tree (RFC 9420 section 4.1 and appendix C).
 *
 * Leaf and node indices are different types; passing one for the other is the mistake this subject
 * invites, and the compiler refuses it. `leaves` is the width of the tree: a power of two, at most
 * IC_TREE_LEAVES_MAX. An index that came from a peer is checked with ic_leaf_in_tree() before it
 * gets here; the assertions are for the caller's own mistakes. */
#pragma once

#include "base/base.h"

struct ic_leaf {
    uint32_t n;
};
struct ic_node {
    uint32_t n;
};

enum {
    IC_TREE_DEPTH_MAX = 12, /* parents above a leaf */
    IC_TREE_LEAVES_MAX = 1 << IC_TREE_DEPTH_MAX,
    IC_TREE_NODES_MAX = 2 * IC_TREE_LEAVES_MAX - 1,
};

/* The narrowest tree for so many members: a power of two. 0 when even the widest is too narrow. */
uint32_t ic_tree_width(uint32_t members);
uint32_t ic_tree_nodes(uint32_t leaves);
bool ic_leaf_in_tree(struct ic_leaf leaf, uint32_t leaves);

struct ic_node ic_node_of(struct ic_leaf leaf);
bool ic_node_is_leaf(struct ic_node x);
/* Of a node that is a leaf. */
struct ic_leaf ic_leaf_of(struct ic_node x);
/* 0 for a leaf. */
uint32_t ic_node_level(struct ic_node x);

struct ic_node ic_tree_root(uint32_t leaves);
/* Not of a leaf. */
struct ic_node ic_node_left(struct ic_node x);
struct ic_node ic_node_right(struct ic_node x);
/* Not of the root. */
struct ic_node ic_node_parent(struct ic_node x);
struct ic_node ic_node_sibling(struct ic_node x);

/* Is `x` the node `top` itself or one of those below it? */
bool ic_node_is_below(struct ic_node x, struct ic_node top);
/* The lowest node above both, which may be one of them. */
struct ic_node ic_node_common(struct ic_node a, struct ic_node b);

/* Writes the nodes above `leaf`, lowest first and the root last; returns how many. */
size_t ic_tree_direct_path(struct ic_node path[IC_TREE_DEPTH_MAX], struct ic_leaf leaf,
                           uint32_t leaves);
/* Writes the sibling of the leaf and those of its direct path but the root; as many as above, and
 * copath[i] hangs below path[i]. */
size_t ic_tree_copath(struct ic_node copath[IC_TREE_DEPTH_MAX], struct ic_leaf leaf,
                      uint32_t leaves);
