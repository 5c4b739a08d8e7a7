/* The relations of the tree against the published vectors, and against their definition. */
#include "e2ee/mls/tree_math.h"

#include "tests/e2ee/mls_vectors.h"

/* Does the vector say `got`, or null where we have none? */
static void check_relation(const json_t *row, const char *key, struct ic_node x, bool is,
                           struct ic_node got)
{
    const json_t *want = json_array_get(mls_member(row, key), x.n);
    assert_non_null(want);
    assert_int_equal(json_is_integer(want), is);
    if (is)
        assert_int_equal(got.n, json_integer_value(want));
}

TEST(tree_relations_are_those_of_the_published_vectors)
{
    json_t *rows = mls_vectors("tree-math.json"), *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        uint32_t leaves = (uint32_t)mls_number(row, "n_leaves");
        struct ic_node root = ic_tree_root(leaves), none = {0};
        assert_int_equal(root.n, mls_number(row, "root"));
        assert_int_equal(ic_tree_nodes(leaves), mls_number(row, "n_nodes"));
        for (struct ic_node x = {0}; x.n < ic_tree_nodes(leaves); x.n++) {
            bool inner = !ic_node_is_leaf(x), below = x.n != root.n;
            check_relation(row, "left", x, inner, inner ? ic_node_left(x) : none);
            check_relation(row, "right", x, inner, inner ? ic_node_right(x) : none);
            check_relation(row, "parent", x, below, below ? ic_node_parent(x) : none);
            check_relation(row, "sibling", x, below, below ? ic_node_sibling(x) : none);
        }
    }
    assert_true(json_array_size(rows) >= 10);
    json_decref(rows);
}

TEST(tree_paths_climb_to_the_root_and_the_copath_hangs_beside)
{
    for (uint32_t leaves = 1; leaves <= 64; leaves *= 2)
        for (struct ic_leaf leaf = {0}; leaf.n < leaves; leaf.n++) {
            struct ic_node path[IC_TREE_DEPTH_MAX], copath[IC_TREE_DEPTH_MAX];
            struct ic_node x = ic_node_of(leaf);
            size_t len = ic_tree_direct_path(path, leaf, leaves);
            assert_int_equal(ic_tree_copath(copath, leaf, leaves), len);
            for (size_t i = 0; i < len; i++) {
                assert_int_equal(ic_node_level(path[i]), i + 1);
                assert_true(ic_node_is_below(x, path[i]));
                assert_true(ic_node_is_below(copath[i], path[i]));
                assert_false(ic_node_is_below(x, copath[i]));
                x = path[i];
            }
            assert_int_equal(x.n, ic_tree_root(leaves).n);
        }
}

TEST(tree_common_ancestor_is_the_lowest_above_both)
{
    enum { NODES = 31 };
    for (struct ic_node a = {0}; a.n < NODES; a.n++)
        for (struct ic_node b = {0}; b.n < NODES; b.n++) {
            struct ic_node top = ic_node_common(a, b);
            assert_true(ic_node_is_below(a, top) && ic_node_is_below(b, top));
            for (struct ic_node x = {0}; x.n < NODES; x.n++)
                if (ic_node_is_below(a, x) && ic_node_is_below(b, x))
                    assert_true(ic_node_is_below(top, x));
        }
}

TEST(tree_widths_are_powers_of_two_up_to_the_limit)
{
    assert_int_equal(ic_tree_width(1), 1);
    assert_int_equal(ic_tree_width(2), 2);
    assert_int_equal(ic_tree_width(3), 4);
    assert_int_equal(ic_tree_width(1000), 1024);
    assert_int_equal(ic_tree_width(IC_TREE_LEAVES_MAX), IC_TREE_LEAVES_MAX);
    assert_int_equal(ic_tree_width(IC_TREE_LEAVES_MAX + 1), 0);
}

RUN_TESTS(cmocka_unit_test(tree_relations_are_those_of_the_published_vectors),
          cmocka_unit_test(tree_paths_climb_to_the_root_and_the_copath_hangs_beside),
          cmocka_unit_test(tree_common_ancestor_is_the_lowest_above_both),
          cmocka_unit_test(tree_widths_are_powers_of_two_up_to_the_limit))
