/* Trees as proposals change them: against the published vectors, and against the same tree read
 * anew from its own encoding. */
#include "e2ee/mls/tree_edit.h"

#include "e2ee/mls/proposal.h"
#include "tests/e2ee/mls_people.h"
#include "tests/e2ee/mls_vectors.h"

static struct ic_node root_of(const struct ic_mls_tree *tree)
{
    return ic_tree_root(tree->leaves);
}

/* Is every hash that of the tree that a newcomer would read? */
static void check_reread(const struct ic_mls_tree *tree)
{
    struct ic_mls_message encoded, again;
    struct ic_mls_tree *other;

    assert_int_equal(ic_mls_tree_encode(&encoded, tree), IC_OK);
    assert_int_equal(ic_mls_tree_new(&other, tree->suite, ic_mls_message_bytes(&encoded)), IC_OK);
    assert_int_equal(other->leaves, tree->leaves);
    for (struct ic_node x = {0}; x.n < ic_tree_nodes(tree->leaves); x.n++)
        assert_true(ic_bytes_equal(ic_mls_tree_hash(tree, x), ic_mls_tree_hash(other, x)));
    assert_int_equal(ic_mls_tree_encode(&again, other), IC_OK);
    assert_true(ic_bytes_equal(ic_mls_message_bytes(&encoded), ic_mls_message_bytes(&again)));
    ic_mls_message_clear(&encoded);
    ic_mls_message_clear(&again);
    ic_mls_tree_free(other);
}

static void apply(struct ic_mls_tree *tree, const struct ic_mls_proposal *proposal,
                  struct ic_leaf sender)
{
    struct ic_leaf at;

    switch (proposal->type) {
    case IC_MLS_ADD:
        assert_int_equal(ic_mls_tree_add(&at, tree, proposal->add.leaf.encoded), IC_OK);
        break;
    case IC_MLS_UPDATE:
        assert_int_equal(ic_mls_tree_update(tree, sender, proposal->update.encoded), IC_OK);
        break;
    case IC_MLS_REMOVE:
        ic_mls_tree_remove(tree, proposal->removed);
        ic_mls_tree_narrow(tree);
        break;
    default:
        fail_msg("a proposal that changes no tree");
    }
    ic_mls_tree_rehash(tree);
}

TEST(mls_proposals_give_the_trees_of_the_published_vectors)
{
    json_t *rows = mls_vectors("tree-operations.json"), *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        const struct ic_suite *suite = mls_suite(row);
        struct ic_mls_proposal proposal;
        struct ic_mls_message after;
        struct ic_mls_tree *tree;
        if (!suite)
            continue;
        assert_int_equal(ic_mls_tree_new(&tree, suite, mls_hex(row, "tree_before")), IC_OK);
        struct ic_bytes hash = ic_mls_tree_hash(tree, root_of(tree));
        mls_check(row, "tree_hash_before", hash.at, hash.len);
        struct ic_reader r = ic_reader_of(mls_hex(row, "proposal"));
        ic_mls_read_proposal(&r, &proposal);
        assert_int_equal(ic_mls_finish(&r), IC_OK);
        apply(tree, &proposal, (struct ic_leaf){(uint32_t)mls_number(row, "proposal_sender")});
        hash = ic_mls_tree_hash(tree, root_of(tree));
        mls_check(row, "tree_hash_after", hash.at, hash.len);
        assert_int_equal(ic_mls_tree_encode(&after, tree), IC_OK);
        mls_check(row, "tree_after", after.at, after.len);
        ic_mls_message_clear(&after);
        ic_mls_tree_free(tree);
        mls_forget();
    }
    json_decref(rows);
}

TEST(mls_tree_grows_to_the_right_and_shrinks_again)
{
    static const uint32_t WIDTHS[] = {1, 2, 4, 4, 8, 8, 8, 8, 16};
    struct ic_mls_tree *tree;
    struct ic_leaf at;
    struct person ann;

    person_init(&ann, ic_suite_find(IC_SUITE_X25519_AES128), "Ann");
    assert_int_equal(ic_mls_tree_of_one(&tree, ann.suite, person_leaf(&ann)), IC_OK);
    for (uint32_t n = 1; n < IC_COUNT(WIDTHS); n++) {
        check_reread(tree);
        assert_int_equal(ic_mls_tree_add(&at, tree, person_leaf(&ann)), IC_OK);
        ic_mls_tree_rehash(tree);
        assert_int_equal(at.n, n);
        assert_int_equal(tree->leaves, WIDTHS[n]);
    }
    for (uint32_t n = IC_COUNT(WIDTHS) - 1; n > 0; n--) {
        ic_mls_tree_remove(tree, (struct ic_leaf){n});
        ic_mls_tree_narrow(tree);
        ic_mls_tree_rehash(tree);
        assert_int_equal(tree->leaves, WIDTHS[n - 1]);
        check_reread(tree);
    }
    ic_mls_tree_free(tree);
    person_clear(&ann);
}

TEST(mls_added_leaf_takes_the_leftmost_blank_place)
{
    struct ic_mls_tree *tree;
    struct ic_leaf at;
    struct person ann;

    person_init(&ann, ic_suite_find(IC_SUITE_X25519_AES128), "Ann");
    assert_int_equal(ic_mls_tree_of_one(&tree, ann.suite, person_leaf(&ann)), IC_OK);
    for (int i = 0; i < 7; i++)
        assert_int_equal(ic_mls_tree_add(&at, tree, person_leaf(&ann)), IC_OK);
    ic_mls_tree_remove(tree, (struct ic_leaf){5});
    ic_mls_tree_remove(tree, (struct ic_leaf){2});
    ic_mls_tree_narrow(tree);
    for (uint32_t place = 2; place <= 8; place += 3) {
        assert_int_equal(ic_mls_tree_next_place(tree).n, place);
        assert_int_equal(ic_mls_tree_add(&at, tree, person_leaf(&ann)), IC_OK);
        assert_int_equal(at.n, place);
    }
    ic_mls_tree_free(tree);
    person_clear(&ann);
}

TEST(mls_tree_of_all_places_takes_no_more)
{
    struct ic_mls_tree *tree;
    struct ic_leaf at;
    struct person ann;

    person_init(&ann, ic_suite_find(IC_SUITE_X25519_AES128), "Ann");
    assert_int_equal(ic_mls_tree_of_one(&tree, ann.suite, person_leaf(&ann)), IC_OK);
    for (uint32_t n = 1; n < IC_TREE_LEAVES_MAX; n++)
        assert_int_equal(ic_mls_tree_add(&at, tree, person_leaf(&ann)), IC_OK);
    assert_int_equal(ic_mls_tree_add(&at, tree, person_leaf(&ann)), IC_ERR_FULL);
    ic_mls_tree_free(tree);
    person_clear(&ann);
}

TEST(mls_tree_refuses_what_is_no_leaf)
{
    struct ic_mls_tree *tree = NULL;
    struct ic_leaf at;
    struct person ann;

    person_init(&ann, ic_suite_find(IC_SUITE_X25519_AES128), "Ann");
    struct ic_bytes leaf = person_leaf(&ann), cut = {leaf.at, leaf.len - 1};
    assert_int_equal(ic_mls_tree_of_one(&tree, ann.suite, cut), IC_ERR_MALFORMED);
    assert_null(tree);
    assert_int_equal(ic_mls_tree_of_one(&tree, ann.suite, leaf), IC_OK);
    assert_int_equal(ic_mls_tree_update(tree, (struct ic_leaf){0}, cut), IC_ERR_MALFORMED);
    assert_int_equal(ic_mls_tree_update(tree, (struct ic_leaf){0}, (struct ic_bytes){0}),
                     IC_ERR_MALFORMED);
    assert_true(ic_bytes_equal(ic_mls_tree_leaf(tree, (struct ic_leaf){0})->encoded, leaf));
    assert_int_equal(ic_mls_tree_add(&at, tree, cut), IC_ERR_MALFORMED);
    ic_mls_tree_free(tree);
    person_clear(&ann);
}

/* A tree of the vectors that has parents and a blank leaf below one. */
static struct ic_mls_tree *tree_with_parents(struct ic_leaf *blank)
{
    json_t *rows = mls_vectors("tree-validation.json"), *row;
    struct ic_mls_tree *tree = NULL;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        if (mls_number(row, "cipher_suite") != 1)
            continue;
        assert_int_equal(ic_mls_tree_new(&tree, ic_suite_find(1), mls_hex(row, "tree")), IC_OK);
        mls_forget();
        *blank = ic_mls_tree_next_place(tree);
        if (blank->n < tree->leaves && tree->nodes[root_of(tree).n].kind == IC_MLS_NODE_PARENT)
            break;
        ic_mls_tree_free(tree);
        tree = NULL;
    }
    json_decref(rows);
    assert_non_null(tree);
    return tree;
}

/* The vectors' bytes are freed by then: the tree has its own. */
TEST(mls_tree_copies_share_their_bytes_and_change_alone)
{
    struct ic_mls_message before, after;
    struct ic_leaf blank, at;
    struct ic_mls_tree *tree = tree_with_parents(&blank), *copy;
    struct person ann;

    person_init(&ann, ic_suite_find(IC_SUITE_X25519_AES128), "Ann");
    assert_int_equal(ic_mls_tree_encode(&before, tree), IC_OK);
    assert_int_equal(ic_mls_tree_copy(&copy, tree), IC_OK);
    assert_ptr_equal(copy->nodes[0].block, tree->nodes[0].block);
    assert_int_equal(ic_mls_tree_add(&at, copy, person_leaf(&ann)), IC_OK);
    ic_mls_tree_remove(copy, (struct ic_leaf){0});
    ic_mls_tree_rehash(copy);
    check_reread(tree);
    check_reread(copy);
    assert_int_equal(ic_mls_tree_encode(&after, tree), IC_OK);
    assert_true(ic_bytes_equal(ic_mls_message_bytes(&before), ic_mls_message_bytes(&after)));
    ic_mls_tree_free(tree);
    check_reread(copy);
    ic_mls_tree_free(copy);
    ic_mls_message_clear(&before);
    ic_mls_message_clear(&after);
    person_clear(&ann);
}

TEST(mls_added_leaf_is_unmerged_above_and_an_update_blanks_its_path)
{
    struct ic_leaf blank, at;
    struct ic_mls_tree *tree = tree_with_parents(&blank);
    struct ic_node path[IC_TREE_DEPTH_MAX];
    struct person ann;

    person_init(&ann, ic_suite_find(IC_SUITE_X25519_AES128), "Ann");
    assert_int_equal(ic_mls_tree_add(&at, tree, person_leaf(&ann)), IC_OK);
    assert_int_equal(at.n, blank.n);
    ic_mls_tree_rehash(tree);
    check_reread(tree);
    size_t len = ic_tree_direct_path(path, at, tree->leaves), parents = 0;
    for (size_t i = 0; i < len; i++)
        if (tree->nodes[path[i].n].kind == IC_MLS_NODE_PARENT) {
            assert_true(ic_mls_leaves_have(tree->nodes[path[i].n].parent.unmerged, at));
            parents++;
        }
    assert_true(parents > 0);
    assert_int_equal(ic_mls_tree_update(tree, at, person_leaf(&ann)), IC_OK);
    ic_mls_tree_rehash(tree);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(tree->nodes[path[i].n].kind, IC_MLS_NODE_BLANK);
    check_reread(tree);
    ic_mls_tree_free(tree);
    person_clear(&ann);
}

/* No history of commits makes such a tree, but a Welcome can bring it. */
TEST(mls_unmerged_leaves_stay_ascending_in_a_tree_of_any_history)
{
    const uint8_t given[] = {0, 0, 0, 2, 0, 0, 0, 6},
                  wanted[] = {0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 6};
    struct ic_mls_tree *tree;
    struct ic_leaf at;
    struct person ann;

    person_init(&ann, ic_suite_find(IC_SUITE_X25519_AES128), "Ann");
    assert_int_equal(ic_mls_tree_of_one(&tree, ann.suite, person_leaf(&ann)), IC_OK);
    for (int i = 0; i < 7; i++)
        assert_int_equal(ic_mls_tree_add(&at, tree, person_leaf(&ann)), IC_OK);
    ic_mls_tree_remove(tree, (struct ic_leaf){1});
    ic_mls_tree_remove(tree, (struct ic_leaf){2});
    const struct ic_mls_parent_node parent = {.encryption_key = ann.read.init_key,
                                              .unmerged = {given, sizeof given}};
    assert_int_equal(ic_mls_tree_set_parent(tree, root_of(tree), &parent), IC_OK);
    assert_int_equal(ic_mls_tree_add(&at, tree, person_leaf(&ann)), IC_OK);
    assert_int_equal(at.n, 1);
    assert_int_equal(ic_mls_tree_add(&at, tree, person_leaf(&ann)), IC_OK);
    assert_int_equal(at.n, 2);
    ic_mls_tree_rehash(tree);
    assert_true(ic_bytes_equal(tree->nodes[root_of(tree).n].parent.unmerged,
                               (struct ic_bytes){wanted, sizeof wanted}));
    check_reread(tree);
    ic_mls_tree_free(tree);
    person_clear(&ann);
}

RUN_TESTS(cmocka_unit_test(mls_proposals_give_the_trees_of_the_published_vectors),
          cmocka_unit_test(mls_tree_grows_to_the_right_and_shrinks_again),
          cmocka_unit_test(mls_added_leaf_takes_the_leftmost_blank_place),
          cmocka_unit_test(mls_tree_of_all_places_takes_no_more),
          cmocka_unit_test(mls_tree_refuses_what_is_no_leaf),
          cmocka_unit_test(mls_tree_copies_share_their_bytes_and_change_alone),
          cmocka_unit_test(mls_added_leaf_is_unmerged_above_and_an_update_blanks_its_path),
          cmocka_unit_test(mls_unmerged_leaves_stay_ascending_in_a_tree_of_any_history))
