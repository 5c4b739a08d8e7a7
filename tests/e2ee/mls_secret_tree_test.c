/* Message keys against the published vectors; order, replay and erasure. */
#include "e2ee/mls/secret_tree.h"

#include "tests/e2ee/mls_vectors.h"

static const struct {
    enum ic_mls_ratchet ratchet;
    const char *key, *nonce;
} KINDS[] = {
    {IC_MLS_RATCHET_HANDSHAKE, "handshake_key", "handshake_nonce"},
    {IC_MLS_RATCHET_APPLICATION, "application_key", "application_nonce"},
};

static void check_leaf(struct ic_mls_secret_tree *tree, const struct ic_suite *suite,
                       const json_t *generations, struct ic_leaf leaf)
{
    const json_t *v;
    size_t i;

    json_array_foreach(generations, i, v)
    {
        uint32_t generation = (uint32_t)mls_number(v, "generation");
        for (size_t kind = 0; kind < IC_COUNT(KINDS); kind++) {
            enum ic_mls_ratchet ratchet = KINDS[kind].ratchet;
            struct ic_mls_message_key key;
            assert_int_equal(ic_mls_secret_tree_peek(&key, tree, leaf, ratchet, generation), IC_OK);
            mls_check(v, KINDS[kind].key, key.key, ic_cipher_key_len(suite->cipher));
            mls_check(v, KINDS[kind].nonce, key.nonce, sizeof key.nonce);
            assert_int_equal(ic_mls_secret_tree_spend(tree, leaf, ratchet, generation), IC_OK);
            assert_int_equal(ic_mls_secret_tree_peek(&key, tree, leaf, ratchet, generation),
                             IC_ERR_REPLAYED);
        }
    }
}

TEST(mls_message_keys_are_those_of_the_published_vectors)
{
    json_t *rows = mls_vectors("secret-tree.json"), *row;
    size_t i, compared = 0;

    json_array_foreach(rows, i, row)
    {
        const struct ic_suite *suite = mls_suite(row);
        if (!suite)
            continue;
        const json_t *leaves = mls_member(row, "leaves"), *v;
        uint32_t width = ic_tree_width((uint32_t)json_array_size(leaves));
        struct ic_mls_secret_tree *tree;
        size_t n;

        assert_int_equal(
            ic_mls_secret_tree_new(&tree, suite, mls_hex(row, "encryption_secret"), width), IC_OK);
        json_array_foreach(leaves, n, v) check_leaf(tree, suite, v, (struct ic_leaf){(uint32_t)n});
        ic_mls_secret_tree_free(tree);

        const json_t *data = mls_member(row, "sender_data");
        struct ic_mls_message_key key;
        ic_mls_sender_data_key(&key, suite, mls_hex(data, "sender_data_secret"),
                               mls_hex(data, "ciphertext"));
        mls_check(data, "key", key.key, ic_cipher_key_len(suite->cipher));
        mls_check(data, "nonce", key.nonce, sizeof key.nonce);
        compared++;
    }
    assert_true(compared >= 6);
    json_decref(rows);
    mls_forget();
}

enum { LEAVES = 8 };
static const struct ic_leaf ANN = {2}, BOB = {5};

static struct ic_mls_secret_tree *fresh(void)
{
    static const uint8_t SECRET[32] = {1, 2, 3};
    struct ic_mls_secret_tree *tree;
    assert_int_equal(ic_mls_secret_tree_new(&tree, ic_suite_find(IC_SUITE_X25519_AES128),
                                            (struct ic_bytes){SECRET, sizeof SECRET}, LEAVES),
                     IC_OK);
    return tree;
}

static bool same(const struct ic_mls_message_key *a, const struct ic_mls_message_key *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static struct ic_mls_message_key send(struct ic_mls_secret_tree *tree, struct ic_leaf leaf)
{
    struct ic_mls_message_key key;
    uint32_t generation;
    assert_int_equal(
        ic_mls_secret_tree_next(&key, &generation, tree, leaf, IC_MLS_RATCHET_APPLICATION), IC_OK);
    return key;
}

static enum ic_err peek(struct ic_mls_message_key *key, const struct ic_mls_secret_tree *tree,
                        uint32_t generation)
{
    return ic_mls_secret_tree_peek(key, tree, ANN, IC_MLS_RATCHET_APPLICATION, generation);
}

static enum ic_err spend(struct ic_mls_secret_tree *tree, uint32_t generation)
{
    return ic_mls_secret_tree_spend(tree, ANN, IC_MLS_RATCHET_APPLICATION, generation);
}

TEST(mls_messages_may_overtake_each_other_within_the_window)
{
    struct ic_mls_secret_tree *sender = fresh(), *receiver = fresh();
    struct ic_mls_message_key sent[IC_MLS_SKIPPED_MAX], key;

    for (uint32_t i = 0; i < IC_MLS_SKIPPED_MAX; i++)
        sent[i] = send(sender, ANN);
    for (uint32_t i = IC_MLS_SKIPPED_MAX; i-- > 0;) {
        assert_int_equal(peek(&key, receiver, i), IC_OK);
        assert_true(same(&key, &sent[i]));
        assert_int_equal(spend(receiver, i), IC_OK);
    }
    for (uint32_t i = 0; i < IC_MLS_SKIPPED_MAX; i++) {
        assert_int_equal(peek(&key, receiver, i), IC_ERR_REPLAYED);
        assert_int_equal(spend(receiver, i), IC_ERR_REPLAYED);
    }
    ic_mls_secret_tree_free(sender);
    ic_mls_secret_tree_free(receiver);
}

TEST(mls_keys_older_than_the_window_are_gone_and_far_ones_refused)
{
    struct ic_mls_secret_tree *tree = fresh();
    struct ic_mls_message_key key;

    assert_int_equal(spend(tree, IC_MLS_AHEAD_MAX + 1), IC_ERR_FULL);
    assert_int_equal(peek(&key, tree, UINT32_MAX - 1), IC_ERR_FULL);
    assert_int_equal(spend(tree, IC_MLS_SKIPPED_MAX), IC_OK);
    assert_int_equal(peek(&key, tree, 0), IC_ERR_REPLAYED);
    assert_int_equal(peek(&key, tree, 1), IC_OK);

    /* In its place is the key of a later one, which nobody took yet. */
    assert_int_equal(spend(tree, IC_MLS_SKIPPED_MAX + 2), IC_OK);
    assert_int_equal(peek(&key, tree, IC_MLS_SKIPPED_MAX + 1), IC_OK);
    assert_int_equal(peek(&key, tree, 1), IC_ERR_REPLAYED);
    assert_int_equal(spend(tree, 1), IC_ERR_REPLAYED);
    ic_mls_secret_tree_free(tree);
}

TEST(mls_last_generation_is_never_used_and_nobody_outside_the_tree_has_a_key)
{
    const struct ic_leaf beyond = {LEAVES};
    struct ic_mls_secret_tree *tree = fresh();
    struct ic_mls_message_key key;
    uint32_t generation;

    assert_int_equal(peek(&key, tree, UINT32_MAX), IC_ERR_EXHAUSTED); /* one more is none */
    assert_int_equal(spend(tree, UINT32_MAX), IC_ERR_EXHAUSTED);
    assert_int_equal(ic_mls_secret_tree_spend(tree, beyond, IC_MLS_RATCHET_APPLICATION, 0),
                     IC_ERR_NOT_FOUND);
    assert_int_equal(
        ic_mls_secret_tree_next(&key, &generation, tree, beyond, IC_MLS_RATCHET_APPLICATION),
        IC_ERR_NOT_FOUND);
    ic_mls_secret_tree_free(tree);
}

TEST(mls_forged_generation_costs_no_key)
{
    struct ic_mls_secret_tree *sender = fresh(), *receiver = fresh();
    struct ic_mls_message_key sent = send(sender, ANN), key;

    assert_int_equal(peek(&key, receiver, IC_MLS_AHEAD_MAX), IC_OK);
    assert_int_equal(peek(&key, receiver, 0), IC_OK);
    assert_true(same(&key, &sent));
    ic_mls_secret_tree_free(sender);
    ic_mls_secret_tree_free(receiver);
}

TEST(mls_members_and_ratchets_do_not_share_keys)
{
    struct ic_mls_secret_tree *tree = fresh();
    struct ic_mls_message_key ann = send(tree, ANN), bob = send(tree, BOB), handshake;
    uint32_t generation;

    assert_int_equal(
        ic_mls_secret_tree_next(&handshake, &generation, tree, ANN, IC_MLS_RATCHET_HANDSHAKE),
        IC_OK);
    assert_int_equal(generation, 0);
    assert_false(same(&ann, &bob) || same(&ann, &handshake));
    struct ic_mls_message_key next = send(tree, ANN);
    assert_false(same(&ann, &next));
    assert_int_equal(ic_mls_secret_tree_peek(&bob, tree, (struct ic_leaf){LEAVES},
                                             IC_MLS_RATCHET_APPLICATION, 0),
                     IC_ERR_NOT_FOUND);
    ic_mls_secret_tree_free(tree);
}

RUN_TESTS(cmocka_unit_test(mls_message_keys_are_those_of_the_published_vectors),
          cmocka_unit_test(mls_messages_may_overtake_each_other_within_the_window),
          cmocka_unit_test(mls_keys_older_than_the_window_are_gone_and_far_ones_refused),
          cmocka_unit_test(mls_last_generation_is_never_used_and_nobody_outside_the_tree_has_a_key),
          cmocka_unit_test(mls_forged_generation_costs_no_key),
          cmocka_unit_test(mls_members_and_ratchets_do_not_share_keys))
