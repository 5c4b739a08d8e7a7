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

/* The list with one leaf more, still ascending. */
static enum ic_err add_unmerged(struct ic_mls_tree *tree, struct ic_node x, struct ic_leaf leaf)
{
    struct ic_mls_parent_node next = tree->nodes[x.n].parent;
    uint8_t numbers[NUMBER_LEN * IC_TREE_LEAVES_MAX];
    struct ic_writer w = ic_writer_of(numbers, sizeof numbers);
    struct ic_reader r = ic_reader_of(next.unmerged);
    bool written = false;

    while (r.rest.len > 0) {
        uint32_t number = (uint32_t)ic_read_uint(&r, NUMBER_LEN);
        if (!written && number >= leaf.n) {
            ic_write_uint(&w, leaf.n, NUMBER_LEN);
            written = true;
        }
        if (number != leaf.n)
            ic_write_uint(&w, number, NUMBER_LEN);
    }
    if (!written)
        ic_write_uint(&w, leaf.n, NUMBER_LEN);
    next.unmerged = ic_written(&w);
    return ic_mls_tree_set_parent(tree, x, &next);
}

enum ic_err ic_mls_tree_of_one(struct ic_mls_tree **out, const struct ic_suite *suite,
                               struct ic_bytes leaf)
{
    struct ic_mls_tree *tree;
    enum ic_err err = ic_mls_tree_new_blank(&tree, suite);
    if (err != IC_OK)
        return err;
    err = ic_mls_tree_set_leaf(tree, (struct ic_leaf){0}, leaf);
    if (err != IC_OK) {
        ic_mls_tree_free(tree);
        return err;
    }
    ic_mls_tree_rehash(tree);
    *out = tree;
    return IC_OK;
}

enum ic_err ic_mls_tree_add(struct ic_leaf *out, struct ic_mls_tree *tree, struct ic_bytes leaf)
{
    struct ic_leaf at = ic_mls_tree_next_place(tree);
    struct ic_node path[IC_TREE_DEPTH_MAX];

    enum ic_err err = at.n == tree->leaves ? ic_mls_tree_widen(tree) : IC_OK;
    if (err == IC_OK)
        err = ic_mls_tree_set_leaf(tree, at, leaf);
    if (err != IC_OK)
        return err;
    size_t len = ic_tree_direct_path(path, at, tree->leaves);
    for (size_t i = 0; i < len && err == IC_OK; i++)
        if (tree->nodes[path[i].n].kind == IC_MLS_NODE_PARENT)
            err = add_unmerged(tree, path[i], at);
    if (err == IC_OK)
        *out = at;
    return err;
}

static void blank_path(struct ic_mls_tree *tree, struct ic_leaf at)
{
    struct ic_node path[IC_TREE_DEPTH_MAX];
    size_t len = ic_tree_direct_path(path, at, tree->leaves);
    for (size_t i = 0; i < len; i++)
        ic_mls_tree_blank(tree, path[i]);
}

enum ic_err ic_mls_tree_update(struct ic_mls_tree *tree, struct ic_leaf at, struct ic_bytes leaf)
{
    enum ic_err err = ic_mls_tree_set_leaf(tree, at, leaf);
    if (err == IC_OK)
        blank_path(tree, at);
    return err;
}

void ic_mls_tree_remove(struct ic_mls_tree *tree, struct ic_leaf at)
{
    ic_mls_tree_blank(tree, ic_node_of(at));
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
    while (tree->leaves > 1 && right_half_is_blank(tree)) {
        uint32_t count = ic_tree_nodes(tree->leaves);
        for (struct ic_node x = ic_tree_root(tree->leaves); x.n < count; x.n++)
            ic_mls_tree_blank(tree, x);
        tree->leaves /= 2;
    }
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
