/* tree_edit.c - adding, replacing and removing leaves, and the encoding of a tree (RFC 9420
 * sections 7.7, 12.1 and 12.4.3.3). */
#include "e2ee/mls/tree_edit.h"

#include <stdlib.h>

#include "e2ee/mls/codec.h"

enum { NUMBER_LEN = 4, TYPE_LEAF = 1, TYPE_PARENT = 2 };

struct ic_leaf ic_mls_tree_next_place(const struct ic_mls_tree *tree)
{
    struct ic_leaf i = {0};
    while (i.n < tree->leaves && ic_mls_tree_leaf(tree, i))
        i.n++;
    return i;
}

/* Twice as wide: the old tree is the left half. */
static enum ic_err widen(struct ic_mls_tree *tree)
{
    uint32_t before = ic_tree_nodes(tree->leaves), after = ic_tree_nodes(2 * tree->leaves);
    size_t hash_len = ic_mls_secret_len(tree->suite);

    if (tree->leaves == IC_TREE_LEAVES_MAX)
        return IC_ERR_FULL;
    struct ic_mls_node *nodes = calloc(after, sizeof *nodes);
    uint8_t *hashes = calloc(after, hash_len);
    if (!nodes || !hashes) {
        free(nodes);
        free(hashes);
        return IC_ERR_SYSTEM;
    }
    memcpy(nodes, tree->nodes, before * sizeof *nodes);
    memcpy(hashes, tree->hashes, before * hash_len);
    free(tree->nodes);
    free(tree->hashes);
    tree->nodes = nodes;
    tree->hashes = hashes;
    tree->leaves *= 2;
    return IC_OK;
}

/* The list with one leaf more, still ascending. */
static enum ic_err add_unmerged(struct ic_mls_tree *tree, struct ic_mls_parent_node *parent,
                                struct ic_leaf leaf)
{
    struct ic_reader r = ic_reader_of(parent->unmerged);
    size_t len = parent->unmerged.len + NUMBER_LEN;
    uint8_t *room = ic_mls_tree_room(tree, len);
    bool written = false;

    if (!room)
        return IC_ERR_SYSTEM;
    struct ic_writer w = ic_writer_of(room, len);
    while (r.rest.len > 0) {
        uint32_t number = (uint32_t)ic_read_uint(&r, NUMBER_LEN);
        if (!written && number > leaf.n) {
            ic_write_uint(&w, leaf.n, NUMBER_LEN);
            written = true;
        }
        ic_write_uint(&w, number, NUMBER_LEN);
    }
    if (!written)
        ic_write_uint(&w, leaf.n, NUMBER_LEN);
    parent->unmerged = ic_written(&w);
    return IC_OK;
}

static void set_leaf(struct ic_mls_tree *tree, struct ic_leaf at,
                     const struct ic_mls_leaf_node *leaf)
{
    struct ic_mls_node *node = &tree->nodes[ic_node_of(at).n];
    *node = (struct ic_mls_node){.kind = IC_MLS_NODE_LEAF, .leaf = *leaf};
}

enum ic_err ic_mls_tree_add(struct ic_leaf *out, struct ic_mls_tree *tree,
                            const struct ic_mls_leaf_node *leaf)
{
    struct ic_leaf at = ic_mls_tree_next_place(tree);
    struct ic_node path[IC_TREE_DEPTH_MAX];
    enum ic_err err = at.n == tree->leaves ? widen(tree) : IC_OK;

    if (err != IC_OK)
        return err;
    set_leaf(tree, at, leaf);
    size_t len = ic_tree_direct_path(path, at, tree->leaves);
    for (size_t i = 0; i < len && err == IC_OK; i++)
        if (tree->nodes[path[i].n].kind == IC_MLS_NODE_PARENT)
            err = add_unmerged(tree, &tree->nodes[path[i].n].parent, at);
    if (err == IC_OK)
        *out = at;
    return err;
}

static void blank_path(struct ic_mls_tree *tree, struct ic_leaf at)
{
    struct ic_node path[IC_TREE_DEPTH_MAX];
    size_t len = ic_tree_direct_path(path, at, tree->leaves);
    for (size_t i = 0; i < len; i++)
        tree->nodes[path[i].n] = (struct ic_mls_node){.kind = IC_MLS_NODE_BLANK};
}

void ic_mls_tree_update(struct ic_mls_tree *tree, struct ic_leaf at,
                        const struct ic_mls_leaf_node *leaf)
{
    set_leaf(tree, at, leaf);
    blank_path(tree, at);
}

void ic_mls_tree_remove(struct ic_mls_tree *tree, struct ic_leaf at)
{
    tree->nodes[ic_node_of(at).n] = (struct ic_mls_node){.kind = IC_MLS_NODE_BLANK};
    blank_path(tree, at);
}

static bool right_half_is_blank(const struct ic_mls_tree *tree)
{
    for (struct ic_leaf i = {tree->leaves / 2}; i.n < tree->leaves; i.n++)
        if (ic_mls_tree_leaf(tree, i))
            return false;
    return true;
}

void ic_mls_tree_narrow(struct ic_mls_tree *tree)
{
    while (tree->leaves > 1 && right_half_is_blank(tree))
        tree->leaves /= 2;
}

static void write_node(struct ic_writer *w, const struct ic_mls_node *node)
{
    ic_mls_write_present(w, node->kind != IC_MLS_NODE_BLANK);
    if (node->kind == IC_MLS_NODE_LEAF) {
        ic_write_uint(w, TYPE_LEAF, 1);
        ic_write_bytes(w, node->leaf.encoded);
    } else if (node->kind == IC_MLS_NODE_PARENT) {
        ic_write_uint(w, TYPE_PARENT, 1);
        ic_write_bytes(w, node->parent.front);
        ic_mls_write_vector(w, node->parent.unmerged);
    }
}

/* Blank nodes at the right end are left out. */
static uint32_t count_written(const struct ic_mls_tree *tree)
{
    uint32_t count = ic_tree_nodes(tree->leaves);
    while (count > 0 && tree->nodes[count - 1].kind == IC_MLS_NODE_BLANK)
        count--;
    return count;
}

static size_t most_bytes(const struct ic_mls_tree *tree, uint32_t count)
{
    size_t size = IC_MLS_HEADER_MAX;
    for (uint32_t i = 0; i < count; i++) {
        const struct ic_mls_node *node = &tree->nodes[i];
        size += 2 + IC_MLS_HEADER_MAX;
        if (node->kind == IC_MLS_NODE_LEAF)
            size += node->leaf.encoded.len;
        else if (node->kind == IC_MLS_NODE_PARENT)
            size += node->parent.front.len + node->parent.unmerged.len;
    }
    return size;
}

enum ic_err ic_mls_tree_encode(struct ic_mls_message *out, const struct ic_mls_tree *tree)
{
    uint32_t count = count_written(tree);
    size_t size = most_bytes(tree, count);
    uint8_t *at = size <= IC_MLS_SIZE_MAX ? malloc(size) : NULL;

    if (!at)
        return IC_ERR_SYSTEM;
    struct ic_writer w = ic_writer_of(at, size);
    size_t list = ic_mls_list_begin(&w);
    for (uint32_t i = 0; i < count; i++)
        write_node(&w, &tree->nodes[i]);
    ic_mls_list_end(&w, list);
    *out = (struct ic_mls_message){at, w.len};
    return IC_OK;
}
