/* tree_math.c - the tree is an array (RFC 9420 appendix C).
 *
 * Leaves sit at even places and a parent between its children, so every relation is a matter of low
 * bits:
 *
 *          3            level 2
 *      1       5        level 1
 *    0   2   4   6      level 0: leaf 0, 1, 2, 3 */
#include "e2ee/mls/tree_math.h"

#include <assert.h>

uint32_t ic_tree_width(uint32_t members)
{
    uint32_t leaves = 1;
    if (members > IC_TREE_LEAVES_MAX)
        return 0;
    while (leaves < members)
        leaves *= 2;
    return leaves;
}

static void check_width(uint32_t leaves)
{
    assert(leaves > 0 && leaves <= IC_TREE_LEAVES_MAX && (leaves & (leaves - 1)) == 0);
    (void)leaves;
}

uint32_t ic_tree_nodes(uint32_t leaves)
{
    check_width(leaves);
    return 2 * leaves - 1;
}

bool ic_leaf_in_tree(struct ic_leaf leaf, uint32_t leaves)
{
    return leaf.n < leaves;
}

struct ic_node ic_node_of(struct ic_leaf leaf)
{
    assert(leaf.n < IC_TREE_LEAVES_MAX);
    return (struct ic_node){2 * leaf.n};
}

bool ic_node_is_leaf(struct ic_node x)
{
    return x.n % 2 == 0;
}

struct ic_leaf ic_leaf_of(struct ic_node x)
{
    assert(ic_node_is_leaf(x));
    return (struct ic_leaf){x.n / 2};
}

uint32_t ic_node_level(struct ic_node x)
{
    return (uint32_t)__builtin_ctz(~x.n);
}

struct ic_node ic_tree_root(uint32_t leaves)
{
    check_width(leaves);
    return (struct ic_node){leaves - 1};
}

struct ic_node ic_node_left(struct ic_node x)
{
    assert(!ic_node_is_leaf(x));
    return (struct ic_node){x.n ^ UINT32_C(1) << (ic_node_level(x) - 1)};
}

struct ic_node ic_node_right(struct ic_node x)
{
    assert(!ic_node_is_leaf(x));
    return (struct ic_node){x.n ^ UINT32_C(3) << (ic_node_level(x) - 1)};
}

struct ic_node ic_node_parent(struct ic_node x)
{
    uint32_t k = ic_node_level(x);
    uint32_t is_right_child = x.n >> (k + 1) & 1;
    return (struct ic_node){(x.n | UINT32_C(1) << k) ^ is_right_child << (k + 1)};
}

struct ic_node ic_node_sibling(struct ic_node x)
{
    struct ic_node parent = ic_node_parent(x);
    return x.n < parent.n ? ic_node_right(parent) : ic_node_left(parent);
}

bool ic_node_is_below(struct ic_node x, struct ic_node top)
{
    uint32_t above = ic_node_level(top) + 1;
    return ic_node_level(x) < above && x.n >> above == top.n >> above;
}

struct ic_node ic_node_common(struct ic_node a, struct ic_node b)
{
    while (!ic_node_is_below(b, a))
        a = ic_node_parent(a);
    return a;
}

size_t ic_tree_direct_path(struct ic_node path[IC_TREE_DEPTH_MAX], struct ic_leaf leaf,
                           uint32_t leaves)
{
    assert(ic_leaf_in_tree(leaf, leaves));
    struct ic_node x = ic_node_of(leaf), root = ic_tree_root(leaves);
    size_t len = 0;

    while (x.n != root.n) {
        x = ic_node_parent(x);
        path[len++] = x;
    }
    return len;
}

size_t ic_tree_copath(struct ic_node copath[IC_TREE_DEPTH_MAX], struct ic_leaf leaf,
                      uint32_t leaves)
{
    assert(ic_leaf_in_tree(leaf, leaves));
    struct ic_node x = ic_node_of(leaf), root = ic_tree_root(leaves);
    size_t len = 0;

    while (x.n != root.n) {
        copath[len++] = ic_node_sibling(x);
        x = ic_node_parent(x);
    }
    return len;
}
