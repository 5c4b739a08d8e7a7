/* Received trees against the published vectors: hashes, resolutions, checks, and damage. */
#include "e2ee/mls/tree_check.h"

#include "tests/e2ee/mls_vectors.h"

static void check_hashes(const json_t *row, const struct ic_mls_tree *tree)
{
    const json_t *v;
    size_t i;

    assert_int_equal(json_array_size(mls_member(row, "tree_hashes")), ic_tree_nodes(tree->leaves));
    json_array_foreach(mls_member(row, "tree_hashes"), i, v) assert_true(
        ic_bytes_equal(mls_text_hex(v), ic_mls_tree_hash(tree, (struct ic_node){(uint32_t)i})));
}

static void check_resolutions(const json_t *row, const struct ic_mls_tree *tree)
{
    static struct ic_node nodes[IC_TREE_NODES_MAX];
    const json_t *v;
    size_t i;

    json_array_foreach(mls_member(row, "resolutions"), i, v)
    {
        size_t count = ic_mls_tree_resolution(nodes, tree, (struct ic_node){(uint32_t)i});
        assert_int_equal(count, json_array_size(v));
        for (size_t j = 0; j < count; j++)
            assert_int_equal(nodes[j].n, json_integer_value(json_array_get(v, j)));
    }
}

TEST(mls_trees_are_those_of_the_published_vectors_and_sound)
{
    json_t *rows = mls_vectors("tree-validation.json"), *row;
    size_t i, compared = 0;

    json_array_foreach(rows, i, row)
    {
        const struct ic_suite *suite = mls_suite(row);
        struct ic_mls_tree *tree;
        if (!suite)
            continue;
        assert_int_equal(ic_mls_tree_new(&tree, suite, mls_hex(row, "tree")), IC_OK);
        check_hashes(row, tree);
        check_resolutions(row, tree);
        assert_int_equal(ic_mls_tree_check_parents(tree), IC_OK);
        assert_int_equal(
            ic_mls_tree_check_leaves(tree, mls_hex(row, "group_id"), (struct ic_bytes){0}), IC_OK);
        ic_mls_tree_free(tree);
        compared++;
    }
    assert_true(compared >= 28);
    json_decref(rows);
    mls_forget();
}

/* The vector of suite 1 with the most nodes of those with unmerged leaves. */
static const json_t *rich(const json_t *rows)
{
    const json_t *best = NULL, *row;
    size_t i, nodes = 0;

    json_array_foreach(rows, i, row)
    {
        size_t count = json_array_size(mls_member(row, "tree_hashes"));
        if (mls_number(row, "cipher_suite") == 1 && count > nodes && count <= 15) {
            best = row;
            nodes = count;
        }
    }
    assert_non_null(best);
    return best;
}

static enum ic_err whole_check(struct ic_bytes encoded, struct ic_bytes group_id)
{
    struct ic_mls_tree *tree;
    enum ic_err err = ic_mls_tree_new(&tree, ic_suite_find(1), encoded);
    if (err != IC_OK)
        return err;
    err = ic_mls_tree_check_parents(tree);
    if (err == IC_OK)
        err = ic_mls_tree_check_leaves(tree, group_id, (struct ic_bytes){0});
    ic_mls_tree_free(tree);
    return err;
}

TEST(mls_tree_cut_anywhere_is_refused)
{
    json_t *rows = mls_vectors("tree-validation.json");
    const json_t *row = rich(rows);
    struct ic_bytes whole = mls_hex(row, "tree"), group_id = mls_hex(row, "group_id");

    assert_int_equal(whole_check(whole, group_id), IC_OK);
    for (size_t len = 0; len < whole.len; len++)
        assert_int_equal(whole_check((struct ic_bytes){whole.at, len}, group_id), IC_ERR_MALFORMED);
    json_decref(rows);
    mls_forget();
}

TEST(mls_tree_with_a_byte_changed_is_refused)
{
    json_t *rows = mls_vectors("tree-validation.json");
    const json_t *row = rich(rows);
    struct ic_bytes whole = mls_hex(row, "tree"), group_id = mls_hex(row, "group_id");
    struct ic_mls_tree *tree, *other;

    assert_int_equal(ic_mls_tree_new(&tree, ic_suite_find(1), whole), IC_OK);
    struct ic_bytes hash = ic_mls_tree_hash(tree, ic_tree_root(tree->leaves));
    for (size_t at = 0; at < whole.len; at += 7) {
        uint8_t *bytes = mls_room(whole.len);
        memcpy(bytes, whole.at, whole.len);
        bytes[at] ^= 0x20;
        struct ic_bytes changed = {bytes, whole.len};
        /* What no check covers, the tree hash does: a newcomer compares it. */
        if (whole_check(changed, group_id) != IC_OK)
            continue;
        assert_int_equal(ic_mls_tree_new(&other, ic_suite_find(1), changed), IC_OK);
        assert_false(ic_bytes_equal(hash, ic_mls_tree_hash(other, ic_tree_root(other->leaves))));
        ic_mls_tree_free(other);
    }
    ic_mls_tree_free(tree);
    json_decref(rows);
    mls_forget();
}

TEST(mls_tree_of_another_group_or_with_a_forged_node_is_refused)
{
    json_t *rows = mls_vectors("tree-validation.json");
    const json_t *row = rich(rows);
    struct ic_bytes group_id = mls_hex(row, "group_id"), encoded = mls_hex(row, "tree");
    const struct ic_suite *suite = ic_suite_find(1);
    uint8_t wrong_hash[32] = {0};
    struct ic_mls_tree *tree;
    struct ic_bytes none = {0};

    assert_int_equal(ic_mls_tree_new(&tree, suite, encoded), IC_OK);
    struct ic_mls_leaf_node *leaf = &tree->nodes[0].leaf, kept = *leaf;
    assert_int_equal(tree->nodes[0].kind, IC_MLS_NODE_LEAF);

    const uint8_t extension[] = {0xff, 0x01, 0x00},
                  required[] = {0x00, 0x03, 0x05, 0x02, 0xff, 0x02, 0x00, 0x00};
    assert_int_equal(
        ic_mls_tree_check_leaves(tree, group_id, (struct ic_bytes){extension, sizeof extension}),
        IC_ERR_FORBIDDEN);
    assert_int_equal(
        ic_mls_tree_check_leaves(tree, group_id, (struct ic_bytes){required, sizeof required}),
        IC_ERR_FORBIDDEN);
    leaf->capabilities.credentials = none;
    assert_int_equal(ic_mls_tree_check_leaves(tree, group_id, none), IC_ERR_FORBIDDEN);
    *leaf = kept;
    leaf->encryption_key = tree->nodes[2].leaf.encryption_key;
    assert_int_equal(ic_mls_tree_check_leaves(tree, group_id, none), IC_ERR_FORBIDDEN);
    *leaf = kept;
    leaf->signature = (struct ic_bytes){leaf->signature.at, leaf->signature.len - 1};
    assert_int_equal(ic_mls_tree_check_leaves(tree, group_id, none), IC_ERR_FORGED);
    *leaf = kept;

    size_t forged = 0;
    for (uint32_t i = 1; i < ic_tree_nodes(tree->leaves); i += 2)
        if (tree->nodes[i].kind == IC_MLS_NODE_PARENT) {
            struct ic_mls_parent_node before = tree->nodes[i].parent;
            tree->nodes[i].parent.front = (struct ic_bytes){wrong_hash, sizeof wrong_hash};
            assert_int_equal(ic_mls_tree_check_parents(tree), IC_ERR_FORGED);
            tree->nodes[i].parent = before;
            forged++;
        }
    assert_true(forged > 0);
    assert_int_equal(ic_mls_tree_check_parents(tree), IC_OK);
    ic_mls_tree_free(tree);
    json_decref(rows);
    mls_forget();
}

RUN_TESTS(cmocka_unit_test(mls_trees_are_those_of_the_published_vectors_and_sound),
          cmocka_unit_test(mls_tree_cut_anywhere_is_refused),
          cmocka_unit_test(mls_tree_with_a_byte_changed_is_refused),
          cmocka_unit_test(mls_tree_of_another_group_or_with_a_forged_node_is_refused))
