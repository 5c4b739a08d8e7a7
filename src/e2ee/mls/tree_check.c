/* tree_check.c - parent hashes and leaves of a tree that somebody else made (RFC 9420 sections 7.3
 * and 7.9). */
#include "e2ee/mls/tree_check.h"

#include <stdlib.h>

#include "e2ee/mls/capabilities.h"
#include "e2ee/mls/codec.h"

void ic_mls_parent_hash(uint8_t *out, const struct ic_mls_tree *tree, struct ic_node parent,
                        struct ic_node sibling)
{
    const struct ic_mls_parent_node *p = &tree->nodes[parent.n].parent;
    size_t len = ic_mls_secret_len(tree->suite);
    uint8_t original[IC_HASH_MAX], size[IC_MLS_HEADER_MAX];
    struct ic_writer w = ic_writer_of(size, sizeof size);

    ic_mls_tree_hash_without(original, tree, sibling, p->unmerged);
    ic_mls_write_size(&w, len);
    const struct ic_bytes parts[] = {p->front, ic_written(&w), {original, len}};
    ic_hash(out, tree->suite->hash, parts, IC_COUNT(parts));
}

static struct ic_bytes parent_hash_of(const struct ic_mls_node *node)
{
    if (node->kind == IC_MLS_NODE_PARENT)
        return node->parent.parent_hash;
    return node->leaf.source == IC_MLS_LEAF_COMMIT ? node->leaf.parent_hash : (struct ic_bytes){0};
}

static bool is_unmerged(const struct ic_mls_parent_node *p, struct ic_node x)
{
    return ic_node_is_leaf(x) && ic_mls_leaves_have(p->unmerged, ic_leaf_of(x));
}

/* Below `child`, which nodes name `parent` as the next on their path, and have nobody beside them
 * but leaves that were added later? `resolution` is room to work in. */
static size_t count_makers(const struct ic_mls_tree *tree, struct ic_node parent,
                           struct ic_node child, struct ic_node *resolution)
{
    const struct ic_mls_parent_node *p = &tree->nodes[parent.n].parent;
    size_t count = ic_mls_tree_resolution(resolution, tree, child), unmerged = 0, makers = 0;
    uint8_t hash[IC_HASH_MAX];

    for (size_t i = 0; i < count; i++)
        unmerged += is_unmerged(p, resolution[i]);
    if (unmerged + 1 != count || ic_mls_leaves_below(p->unmerged, child) != unmerged)
        return 0;
    ic_mls_parent_hash(hash, tree, parent, ic_node_sibling(child));
    struct ic_bytes want = {hash, ic_mls_secret_len(tree->suite)};
    for (size_t i = 0; i < count; i++)
        makers += !is_unmerged(p, resolution[i]) &&
                  ic_bytes_equal(parent_hash_of(&tree->nodes[resolution[i].n]), want);
    return makers;
}

/* From each unmerged leaf up to `x`: members, and known to all between. */
static bool unmerged_are_sound(const struct ic_mls_tree *tree, struct ic_node x)
{
    struct ic_reader r = ic_reader_of(tree->nodes[x.n].parent.unmerged);

    while (r.rest.len > 0) {
        struct ic_leaf leaf = {(uint32_t)ic_read_uint(&r, 4)};
        if (!ic_mls_tree_leaf(tree, leaf))
            return false;
        for (struct ic_node y = ic_node_parent(ic_node_of(leaf)); y.n != x.n; y = ic_node_parent(y))
            if (tree->nodes[y.n].kind == IC_MLS_NODE_PARENT &&
                !ic_mls_leaves_have(tree->nodes[y.n].parent.unmerged, leaf))
                return false;
    }
    return true;
}

enum ic_err ic_mls_tree_check_parents(const struct ic_mls_tree *tree)
{
    uint32_t count = ic_tree_nodes(tree->leaves);
    struct ic_node *room = calloc(count, sizeof *room);
    enum ic_err err = room ? IC_OK : IC_ERR_SYSTEM;

    for (struct ic_node x = {1}; x.n < count && err == IC_OK; x.n += 2)
        if (tree->nodes[x.n].kind == IC_MLS_NODE_PARENT && !unmerged_are_sound(tree, x))
            err = IC_ERR_MALFORMED;
    for (struct ic_node x = {1}; x.n < count && err == IC_OK; x.n += 2)
        if (tree->nodes[x.n].kind == IC_MLS_NODE_PARENT &&
            count_makers(tree, x, ic_node_left(x), room) +
                    count_makers(tree, x, ic_node_right(x), room) !=
                1)
            err = IC_ERR_FORGED;
    free(room);
    return err;
}

/* Can everybody read the credentials of everybody? */
static bool credentials_are_common(const struct ic_mls_tree *tree)
{
    bool used[IC_MLS_CREDENTIAL_X509 + 1] = {false};
    const struct ic_mls_leaf_node *leaf;

    for (struct ic_leaf i = {0}; i.n < tree->leaves; i.n++)
        if ((leaf = ic_mls_tree_leaf(tree, i)) != NULL)
            used[leaf->credential.type] = true;
    for (struct ic_leaf i = {0}; i.n < tree->leaves; i.n++)
        for (uint16_t type = 1; type < IC_COUNT(used); type++)
            if (used[type] && (leaf = ic_mls_tree_leaf(tree, i)) != NULL &&
                !ic_mls_numbers_have(leaf->capabilities.credentials, type))
                return false;
    return true;
}

static int compare_bytes(const void *a, const void *b)
{
    const struct ic_bytes *x = a, *y = b;
    if (x->len != y->len)
        return x->len < y->len ? -1 : 1;
    return x->len == 0 ? 0 : memcmp(x->at, y->at, x->len);
}

static bool all_differ(struct ic_bytes *keys, size_t count)
{
    qsort(keys, count, sizeof *keys, compare_bytes);
    for (size_t i = 1; i < count; i++)
        if (ic_bytes_equal(keys[i - 1], keys[i]))
            return false;
    return true;
}

static enum ic_err check_keys(const struct ic_mls_tree *tree)
{
    uint32_t nodes = ic_tree_nodes(tree->leaves);
    struct ic_bytes *keys = calloc(nodes, sizeof *keys);
    size_t count = 0;

    if (!keys)
        return IC_ERR_SYSTEM;
    for (uint32_t i = 0; i < nodes; i++)
        if (tree->nodes[i].kind != IC_MLS_NODE_BLANK)
            keys[count++] = tree->nodes[i].kind == IC_MLS_NODE_LEAF
                                ? tree->nodes[i].leaf.encryption_key
                                : tree->nodes[i].parent.encryption_key;
    bool differ = all_differ(keys, count);
    count = 0;
    for (uint32_t i = 0; i < nodes; i += 2)
        if (tree->nodes[i].kind == IC_MLS_NODE_LEAF)
            keys[count++] = tree->nodes[i].leaf.signature_key;
    differ = all_differ(keys, count) && differ;
    free(keys);
    return differ ? IC_OK : IC_ERR_FORBIDDEN;
}

static enum ic_err allowed(bool ok)
{
    return ok ? IC_OK : IC_ERR_FORBIDDEN;
}

enum ic_err ic_mls_tree_check_members(const struct ic_mls_tree *tree, struct ic_bytes extensions)
{
    struct ic_mls_required required;
    enum ic_err err = ic_mls_required_find(&required, extensions);

    for (struct ic_leaf i = {0}; i.n < tree->leaves && err == IC_OK; i.n++) {
        const struct ic_mls_leaf_node *leaf = ic_mls_tree_leaf(tree, i);
        if (leaf)
            err = allowed(ic_mls_leaf_is_able(leaf, tree->suite, extensions, &required));
    }
    if (err == IC_OK)
        err = allowed(credentials_are_common(tree));
    return err == IC_OK ? check_keys(tree) : err;
}

enum ic_err ic_mls_tree_check_leaves(const struct ic_mls_tree *tree, struct ic_bytes group_id,
                                     struct ic_bytes extensions)
{
    enum ic_err err = ic_mls_tree_check_members(tree, extensions);

    for (struct ic_leaf i = {0}; i.n < tree->leaves && err == IC_OK; i.n++) {
        const struct ic_mls_leaf_node *leaf = ic_mls_tree_leaf(tree, i);
        const struct ic_mls_leaf_place place = {group_id, i};
        if (leaf)
            err = ic_mls_leaf_node_verify(leaf, tree->suite, &place);
    }
    return err;
}
