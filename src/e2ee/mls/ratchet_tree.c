/* ratchet_tree.c - reading a tree, its hashes and resolutions (RFC 9420 sections 4.1.1 and 7.8). */
#include "e2ee/mls/ratchet_tree.h"

#include <assert.h>
#include <stdlib.h>

#include "e2ee/mls/codec.h"

enum { NUMBER_LEN = 4, TYPE_LEAF = 1, TYPE_PARENT = 2 };

/* Bytes with a count of the nodes that point into them. */
struct ic_mls_block {
    size_t users;
    uint8_t bytes[];
};

static struct ic_mls_block *new_block(size_t len)
{
    struct ic_mls_block *block = malloc(sizeof *block + len);
    if (block)
        block->users = 0;
    return block;
}

static void let_go(struct ic_mls_block *block)
{
    if (block && --block->users == 0)
        free(block);
}

static struct ic_leaf number_at(struct ic_bytes numbers, size_t i)
{
    struct ic_reader r = ic_reader_of((struct ic_bytes){numbers.at + NUMBER_LEN * i, NUMBER_LEN});
    return (struct ic_leaf){(uint32_t)ic_read_uint(&r, NUMBER_LEN)};
}

bool ic_mls_leaves_have(struct ic_bytes numbers, struct ic_leaf leaf)
{
    for (size_t i = 0; i < numbers.len / NUMBER_LEN; i++)
        if (number_at(numbers, i).n == leaf.n)
            return true;
    return false;
}

size_t ic_mls_leaves_below(struct ic_bytes numbers, struct ic_node top)
{
    size_t count = 0;
    for (size_t i = 0; i < numbers.len / NUMBER_LEN; i++)
        count += ic_node_is_below(ic_node_of(number_at(numbers, i)), top);
    return count;
}

/* Ascending, and all below the node: so no list is longer than the leaves there are. */
static bool are_below(struct ic_bytes numbers, struct ic_node top)
{
    if (numbers.len % NUMBER_LEN != 0)
        return false;
    for (size_t i = 0; i < numbers.len / NUMBER_LEN; i++) {
        struct ic_leaf leaf = number_at(numbers, i);
        if (leaf.n >= IC_TREE_LEAVES_MAX || !ic_node_is_below(ic_node_of(leaf), top) ||
            (i > 0 && leaf.n <= number_at(numbers, i - 1).n))
            return false;
    }
    return true;
}

static void read_parent(struct ic_reader *r, struct ic_mls_parent_node *out, struct ic_node x)
{
    struct ic_reader start = *r;
    out->encryption_key = ic_mls_read_vector(r);
    out->parent_hash = ic_mls_read_vector(r);
    out->front = ic_mls_since(start, r);
    out->unmerged = ic_mls_read_vector(r);
    if (!are_below(out->unmerged, x))
        *r = (struct ic_reader){.bad = true};
}

static void read_node(struct ic_reader *r, struct ic_mls_node *out, struct ic_node x)
{
    *out = (struct ic_mls_node){.kind = IC_MLS_NODE_BLANK};
    if (!ic_mls_read_present(r))
        return;
    uint64_t type = ic_read_uint(r, 1);
    if (type != (ic_node_is_leaf(x) ? TYPE_LEAF : TYPE_PARENT)) {
        *r = (struct ic_reader){.bad = true};
    } else if (type == TYPE_LEAF) {
        out->kind = IC_MLS_NODE_LEAF;
        ic_mls_read_leaf_node(r, &out->leaf);
    } else {
        out->kind = IC_MLS_NODE_PARENT;
        read_parent(r, &out->parent, x);
    }
}

/* How many nodes are written. The last is a leaf: a parent has members on both its sides. */
static enum ic_err count_nodes(uint32_t *count, struct ic_bytes list)
{
    struct ic_reader r = ic_reader_of(list);
    struct ic_mls_node node = {.kind = IC_MLS_NODE_BLANK};

    for (*count = 0; r.rest.len > 0; (*count)++) {
        if (*count == IC_TREE_NODES_MAX)
            return IC_ERR_FULL;
        read_node(&r, &node, (struct ic_node){*count});
    }
    return r.bad || node.kind != IC_MLS_NODE_LEAF ? IC_ERR_MALFORMED : IC_OK;
}

static void hash_leaf(uint8_t *out, const struct ic_mls_tree *tree, struct ic_node x, bool blank)
{
    uint8_t front[1 + NUMBER_LEN + 1];
    struct ic_writer w = ic_writer_of(front, sizeof front);

    ic_write_uint(&w, TYPE_LEAF, 1);
    ic_write_uint(&w, ic_leaf_of(x).n, NUMBER_LEN);
    ic_mls_write_present(&w, !blank);
    const struct ic_bytes parts[] = {ic_written(&w),
                                     blank ? (struct ic_bytes){0} : tree->nodes[x.n].leaf.encoded};
    ic_hash(out, tree->suite->hash, parts, IC_COUNT(parts));
}

/* `unmerged` is NULL for a blank node. */
static void hash_parent(uint8_t *out, const struct ic_mls_tree *tree, struct ic_node x,
                        const struct ic_bytes *unmerged, const uint8_t *left, const uint8_t *right)
{
    size_t len = ic_mls_secret_len(tree->suite);
    uint8_t front[2], middle[IC_MLS_HEADER_MAX], size[1 + IC_MLS_HEADER_MAX];
    struct ic_writer f = ic_writer_of(front, sizeof front);
    struct ic_writer m = ic_writer_of(middle, sizeof middle);
    struct ic_writer s = ic_writer_of(size, sizeof size);
    struct ic_bytes none = {0};

    ic_write_uint(&f, TYPE_PARENT, 1);
    ic_mls_write_present(&f, unmerged != NULL);
    if (unmerged)
        ic_mls_write_size(&m, unmerged->len);
    ic_mls_write_size(&s, len);
    const struct ic_bytes parts[] = {
        ic_written(&f), unmerged ? tree->nodes[x.n].parent.front : none,
        ic_written(&m), unmerged ? *unmerged : none,
        ic_written(&s), {left, len},
        ic_written(&s), {right, len},
    };
    ic_hash(out, tree->suite->hash, parts, IC_COUNT(parts));
}

static uint8_t *hash_at(const struct ic_mls_tree *tree, struct ic_node x)
{
    return tree->hashes + ic_mls_secret_len(tree->suite) * x.n;
}

static void rehash_below(struct ic_mls_tree *tree, struct ic_node x)
{
    struct ic_mls_node *node = &tree->nodes[x.n];

    if (!node->is_stale)
        return;
    if (ic_node_is_leaf(x)) {
        hash_leaf(hash_at(tree, x), tree, x, node->kind == IC_MLS_NODE_BLANK);
    } else {
        struct ic_node left = ic_node_left(x), right = ic_node_right(x);
        rehash_below(tree, left);
        rehash_below(tree, right);
        hash_parent(hash_at(tree, x), tree, x,
                    node->kind == IC_MLS_NODE_PARENT ? &node->parent.unmerged : NULL,
                    hash_at(tree, left), hash_at(tree, right));
    }
    node->is_stale = false;
}

void ic_mls_tree_rehash(struct ic_mls_tree *tree)
{
    rehash_below(tree, ic_tree_root(tree->leaves));
}

static enum ic_err allocate_nodes(struct ic_mls_node **nodes, uint8_t **hashes,
                                  const struct ic_suite *suite, uint32_t count)
{
    *nodes = calloc(count, sizeof **nodes);
    *hashes = calloc(count, ic_mls_secret_len(suite));
    if (*nodes && *hashes)
        return IC_OK;
    free(*nodes);
    free(*hashes);
    return IC_ERR_SYSTEM;
}

static enum ic_err allocate(struct ic_mls_tree **out, const struct ic_suite *suite, uint32_t leaves)
{
    struct ic_mls_tree *tree = calloc(1, sizeof *tree);
    if (!tree)
        return IC_ERR_SYSTEM;
    *tree = (struct ic_mls_tree){.suite = suite, .leaves = leaves};
    if (allocate_nodes(&tree->nodes, &tree->hashes, suite, ic_tree_nodes(leaves)) != IC_OK) {
        free(tree);
        return IC_ERR_SYSTEM;
    }
    *out = tree;
    return IC_OK;
}

static void read_nodes(struct ic_mls_tree *tree, struct ic_bytes list, struct ic_mls_block *block)
{
    struct ic_reader r = ic_reader_of(list);
    uint32_t count = ic_tree_nodes(tree->leaves);

    for (struct ic_node x = {0}; x.n < count; x.n++) {
        struct ic_mls_node *node = &tree->nodes[x.n];
        if (r.rest.len > 0)
            read_node(&r, node, x);
        node->is_stale = true;
        if (node->kind != IC_MLS_NODE_BLANK) {
            node->block = block;
            block->users++;
        }
    }
}

enum ic_err ic_mls_tree_new(struct ic_mls_tree **out, const struct ic_suite *suite,
                            struct ic_bytes encoded)
{
    struct ic_reader r = ic_reader_of(encoded);
    struct ic_bytes list = ic_mls_read_vector(&r);
    struct ic_mls_tree *tree;
    uint32_t count;

    enum ic_err err = ic_mls_finish(&r);
    if (err == IC_OK)
        err = count_nodes(&count, list);
    if (err == IC_OK)
        err = allocate(&tree, suite, ic_tree_width(count / 2 + 1));
    if (err != IC_OK)
        return err;
    struct ic_mls_block *block = new_block(list.len);
    if (!block) {
        ic_mls_tree_free(tree);
        return IC_ERR_SYSTEM;
    }
    memcpy(block->bytes, list.at, list.len);
    read_nodes(tree, (struct ic_bytes){block->bytes, list.len}, block);
    ic_mls_tree_rehash(tree);
    *out = tree;
    return IC_OK;
}

enum ic_err ic_mls_tree_new_blank(struct ic_mls_tree **out, const struct ic_suite *suite)
{
    enum ic_err err = allocate(out, suite, 1);
    if (err == IC_OK)
        (*out)->nodes[0].is_stale = true;
    return err;
}

void ic_mls_tree_free(struct ic_mls_tree *tree)
{
    if (!tree)
        return;
    uint32_t count = ic_tree_nodes(tree->leaves);
    for (uint32_t i = 0; i < count; i++)
        let_go(tree->nodes[i].block);
    free(tree->nodes);
    free(tree->hashes);
    free(tree);
}

enum ic_err ic_mls_tree_copy(struct ic_mls_tree **out, const struct ic_mls_tree *tree)
{
    uint32_t count = ic_tree_nodes(tree->leaves);
    struct ic_mls_tree *copy;
    enum ic_err err = allocate(&copy, tree->suite, tree->leaves);
    if (err != IC_OK)
        return err;
    memcpy(copy->nodes, tree->nodes, count * sizeof *copy->nodes);
    memcpy(copy->hashes, tree->hashes, count * ic_mls_secret_len(tree->suite));
    for (uint32_t i = 0; i < count; i++)
        if (copy->nodes[i].block)
            copy->nodes[i].block->users++;
    *out = copy;
    return IC_OK;
}

enum ic_err ic_mls_tree_widen(struct ic_mls_tree *tree)
{
    struct ic_mls_node *nodes;
    uint8_t *hashes;

    if (tree->leaves == IC_TREE_LEAVES_MAX)
        return IC_ERR_FULL;
    uint32_t before = ic_tree_nodes(tree->leaves), after = ic_tree_nodes(2 * tree->leaves);
    enum ic_err err = allocate_nodes(&nodes, &hashes, tree->suite, after);
    if (err != IC_OK)
        return err;
    memcpy(nodes, tree->nodes, before * sizeof *nodes);
    memcpy(hashes, tree->hashes, before * ic_mls_secret_len(tree->suite));
    for (uint32_t i = before; i < after; i++)
        nodes[i].is_stale = true;
    free(tree->nodes);
    free(tree->hashes);
    tree->nodes = nodes;
    tree->hashes = hashes;
    tree->leaves *= 2;
    return IC_OK;
}

/* A stale node has only stale nodes above it: so the way up ends early. */
static void mark_stale(struct ic_mls_tree *tree, struct ic_node x)
{
    struct ic_node root = ic_tree_root(tree->leaves);

    while (!tree->nodes[x.n].is_stale) {
        tree->nodes[x.n].is_stale = true;
        if (x.n == root.n)
            break;
        x = ic_node_parent(x);
    }
}

/* Takes the place of what the node was, which is let go last: the new one may be a part of it. */
static void put_node(struct ic_mls_tree *tree, struct ic_node x, struct ic_mls_node next)
{
    struct ic_mls_node *node = &tree->nodes[x.n];
    struct ic_mls_block *before = node->block;

    mark_stale(tree, x);
    next.is_stale = true;
    if (next.block)
        next.block->users++;
    *node = next;
    let_go(before);
}

void ic_mls_tree_blank(struct ic_mls_tree *tree, struct ic_node x)
{
    put_node(tree, x, (struct ic_mls_node){.kind = IC_MLS_NODE_BLANK});
}

enum ic_err ic_mls_tree_set_leaf(struct ic_mls_tree *tree, struct ic_leaf at,
                                 struct ic_bytes encoded)
{
    struct ic_mls_node next = {.kind = IC_MLS_NODE_LEAF, .block = new_block(encoded.len)};

    if (!next.block)
        return IC_ERR_SYSTEM;
    if (encoded.len > 0)
        memcpy(next.block->bytes, encoded.at, encoded.len);
    struct ic_reader r = ic_reader_of((struct ic_bytes){next.block->bytes, encoded.len});
    ic_mls_read_leaf_node(&r, &next.leaf);
    if (ic_mls_finish(&r) != IC_OK) {
        free(next.block);
        return IC_ERR_MALFORMED;
    }
    put_node(tree, ic_node_of(at), next);
    return IC_OK;
}

/* The fields behind one another, as read_parent() finds them. */
enum ic_err ic_mls_tree_set_parent(struct ic_mls_tree *tree, struct ic_node x,
                                   const struct ic_mls_parent_node *parent)
{
    size_t size = 3 * IC_MLS_HEADER_MAX + parent->encryption_key.len + parent->parent_hash.len +
                  parent->unmerged.len;
    struct ic_mls_node next = {.kind = IC_MLS_NODE_PARENT, .block = new_block(size)};

    if (!next.block)
        return IC_ERR_SYSTEM;
    struct ic_writer w = ic_writer_of(next.block->bytes, size);
    ic_mls_write_vector(&w, parent->encryption_key);
    ic_mls_write_vector(&w, parent->parent_hash);
    ic_mls_write_vector(&w, parent->unmerged);
    struct ic_reader r = ic_reader_of(ic_written(&w));
    read_parent(&r, &next.parent, x);
    assert(!w.bad && ic_mls_finish(&r) == IC_OK);
    put_node(tree, x, next);
    return IC_OK;
}

const struct ic_mls_leaf_node *ic_mls_tree_leaf(const struct ic_mls_tree *tree, struct ic_leaf leaf)
{
    if (!ic_leaf_in_tree(leaf, tree->leaves))
        return NULL;
    const struct ic_mls_node *node = &tree->nodes[ic_node_of(leaf).n];
    return node->kind == IC_MLS_NODE_LEAF ? &node->leaf : NULL;
}

struct ic_bytes ic_mls_tree_hash(const struct ic_mls_tree *tree, struct ic_node x)
{
    assert(!tree->nodes[x.n].is_stale);
    return (struct ic_bytes){hash_at(tree, x), ic_mls_secret_len(tree->suite)};
}

static void hash_parent_without(uint8_t *out, const struct ic_mls_tree *tree, struct ic_node x,
                                struct ic_bytes without, const uint8_t *left, const uint8_t *right)
{
    const struct ic_mls_node *node = &tree->nodes[x.n];
    uint8_t kept[NUMBER_LEN * IC_TREE_LEAVES_MAX];
    struct ic_writer w = ic_writer_of(kept, sizeof kept);

    if (node->kind == IC_MLS_NODE_BLANK) {
        hash_parent(out, tree, x, NULL, left, right);
        return;
    }
    struct ic_bytes unmerged = node->parent.unmerged;
    for (size_t i = 0; i < unmerged.len / NUMBER_LEN; i++)
        if (!ic_mls_leaves_have(without, number_at(unmerged, i)))
            ic_write_uint(&w, number_at(unmerged, i).n, NUMBER_LEN);
    unmerged = ic_written(&w);
    hash_parent(out, tree, x, &unmerged, left, right);
}

void ic_mls_tree_hash_without(uint8_t *out, const struct ic_mls_tree *tree, struct ic_node x,
                              struct ic_bytes without)
{
    uint8_t left[IC_HASH_MAX], right[IC_HASH_MAX];

    if (ic_mls_leaves_below(without, x) == 0) {
        struct ic_bytes hash = ic_mls_tree_hash(tree, x);
        memcpy(out, hash.at, hash.len);
    } else if (ic_node_is_leaf(x)) {
        hash_leaf(out, tree, x, true);
    } else {
        ic_mls_tree_hash_without(left, tree, ic_node_left(x), without);
        ic_mls_tree_hash_without(right, tree, ic_node_right(x), without);
        hash_parent_without(out, tree, x, without, left, right);
    }
}

size_t ic_mls_tree_resolution(struct ic_node *out, const struct ic_mls_tree *tree, struct ic_node x)
{
    const struct ic_mls_node *node = &tree->nodes[x.n];
    size_t count = 0;

    if (node->kind == IC_MLS_NODE_BLANK) {
        if (ic_node_is_leaf(x))
            return 0;
        count = ic_mls_tree_resolution(out, tree, ic_node_left(x));
        return count + ic_mls_tree_resolution(out + count, tree, ic_node_right(x));
    }
    out[count++] = x;
    if (node->kind == IC_MLS_NODE_PARENT)
        for (size_t i = 0; i < node->parent.unmerged.len / NUMBER_LEN; i++)
            out[count++] = ic_node_of(number_at(node->parent.unmerged, i));
    return count;
}
