/* What a used message key leaves behind in the secret tree: nothing. Looks inside, so it has the
 * file itself rather than its header. */
#include "e2ee/mls/secret_tree.c"

#include "tests/test.h"

enum { LEAVES = 8 };
static const uint8_t SECRET[32] = {1, 2, 3};
static const struct ic_leaf ANN = {2};

static bool is_zero(const void *at, size_t len)
{
    const uint8_t *bytes = at;
    uint8_t any = 0;
    for (size_t i = 0; i < len; i++)
        any |= bytes[i];
    return any == 0;
}

static struct ic_mls_secret_tree *fresh(void)
{
    struct ic_mls_secret_tree *tree;
    assert_int_equal(ic_mls_secret_tree_new(&tree, ic_suite_find(IC_SUITE_X25519_AES128),
                                            (struct ic_bytes){SECRET, sizeof SECRET}, LEAVES),
                     IC_OK);
    return tree;
}

TEST(mls_secrets_above_a_leaf_are_erased_when_it_speaks)
{
    struct ic_mls_secret_tree *tree = fresh();
    struct ic_node leaf = ic_node_of(ANN);

    assert_int_equal(ic_mls_secret_tree_spend(tree, ANN, IC_MLS_RATCHET_APPLICATION, 0), IC_OK);
    for (struct ic_node x = {0}; x.n < ic_tree_nodes(LEAVES); x.n++) {
        const struct node_secret *node = &tree->nodes[x.n];
        bool beside = !ic_node_is_below(leaf, x) && x.n != ic_tree_root(LEAVES).n &&
                      ic_node_is_below(leaf, ic_node_parent(x));
        assert_int_equal(node->held, beside);
        assert_int_equal(is_zero(node->secret, sizeof node->secret), !beside);
    }
    ic_mls_secret_tree_free(tree);
}

TEST(mls_key_and_ratchet_secret_are_erased_when_used)
{
    struct ic_mls_secret_tree *tree = fresh();
    struct ic_mls_message_key key;

    assert_int_equal(ic_mls_secret_tree_spend(tree, ANN, IC_MLS_RATCHET_APPLICATION, 3), IC_OK);
    struct ratchet *ratchet = &tree->started[ANN.n]->of[IC_MLS_RATCHET_APPLICATION];
    uint8_t before[IC_HASH_MAX];
    memcpy(before, ratchet->secret, sizeof before);
    assert_true(is_zero(&ratchet->skipped[3], sizeof ratchet->skipped[3]));
    assert_false(is_zero(&ratchet->skipped[2], sizeof ratchet->skipped[2]));

    assert_int_equal(ic_mls_secret_tree_spend(tree, ANN, IC_MLS_RATCHET_APPLICATION, 2), IC_OK);
    assert_true(is_zero(&ratchet->skipped[2], sizeof ratchet->skipped[2]));
    assert_memory_equal(before, ratchet->secret, sizeof before);
    assert_int_equal(ic_mls_secret_tree_peek(&key, tree, ANN, IC_MLS_RATCHET_APPLICATION, 4),
                     IC_OK);
    assert_memory_equal(before, ratchet->secret, sizeof before);
    assert_int_equal(ic_mls_secret_tree_spend(tree, ANN, IC_MLS_RATCHET_APPLICATION, 4), IC_OK);
    assert_memory_not_equal(before, ratchet->secret, 32);
    ic_mls_secret_tree_free(tree);
}

RUN_TESTS(cmocka_unit_test(mls_secrets_above_a_leaf_are_erased_when_it_speaks),
          cmocka_unit_test(mls_key_and_ratchet_secret_are_erased_when_used))
