/* Joining groups by the published Welcomes, with trees beside them and pre-shared keys; refusals.
 */
#include "e2ee/mls/join.h"

#include "tests/e2ee/mls_vectors.h"

static bool find_psk(void *user, const struct ic_mls_psk_id *id, struct ic_bytes *secret)
{
    const json_t *psks = user, *v;
    size_t i;

    json_array_foreach(psks, i, v) if (id->type == IC_MLS_PSK_EXTERNAL &&
                                       ic_bytes_equal(id->external_id, mls_hex(v, "psk_id")))
    {
        *secret = mls_hex(v, "psk");
        return true;
    }
    return false;
}

static struct ic_mls_join join_of(const json_t *row, const struct ic_suite *suite)
{
    struct ic_bytes message = mls_hex(row, "key_package");
    size_t private_len = ic_kem_lengths(suite->kem).private_len;
    const json_t *tree = mls_member(row, "ratchet_tree");
    struct ic_mls_join join = {
        .welcome = mls_hex(row, "welcome"),
        /* Behind the version and wire format of an MLSMessage. */
        .key_package = {message.at + 4, message.len - 4},
        .init_private = mls_private(row, "init_priv", private_len),
        .leaf_private = mls_private(row, "encryption_priv", private_len),
        .find_psk = find_psk,
        .user = (void *)mls_member(row, "external_psks"),
    };
    if (!json_is_null(tree))
        join.tree = mls_text_hex(tree);
    return join;
}

TEST(mls_joins_every_published_group_and_agrees_on_its_epoch)
{
    json_t *rows = mls_vectors("passive-client-welcome.json"), *row;
    size_t i, joined_count = 0;

    json_array_foreach(rows, i, row)
    {
        const struct ic_suite *suite = mls_suite(row);
        struct ic_mls_joined *joined;
        if (!suite)
            continue;
        struct ic_mls_join join = join_of(row, suite);
        assert_int_equal(ic_mls_join(&joined, &join), IC_OK);
        mls_check(row, "initial_epoch_authenticator", joined->epoch.authenticator,
                  ic_mls_secret_len(suite));
        ic_mls_joined_free(joined);
        joined_count++;
    }
    assert_true(joined_count >= 16);
    json_decref(rows);
    mls_forget();
}

/* The first row of suite 1 that has, or has not, a tree and a key beside it. */
static const json_t *row_with(const json_t *rows, bool tree, bool psk)
{
    const json_t *row;
    size_t i;

    json_array_foreach(rows, i, row) if (mls_number(row, "cipher_suite") == 1 &&
                                         json_is_null(mls_member(row, "ratchet_tree")) != tree &&
                                         (json_array_size(mls_member(row, "external_psks")) > 0) ==
                                             psk) return row;
    fail_msg("no such row");
    return NULL;
}

TEST(mls_join_is_refused_when_something_is_missing_or_another_s)
{
    json_t *rows = mls_vectors("passive-client-welcome.json");
    const struct ic_suite *suite = ic_suite_find(1);
    struct ic_mls_joined *joined = NULL;
    struct ic_mls_join join = join_of(row_with(rows, true, true), suite), other;

    other = join, other.tree = (struct ic_bytes){0};
    assert_int_equal(ic_mls_join(&joined, &other), IC_ERR_NOT_FOUND);
    other = join, other.find_psk = NULL;
    assert_int_equal(ic_mls_join(&joined, &other), IC_ERR_NOT_FOUND);
    other = join, other.init_private = join.leaf_private;
    assert_int_equal(ic_mls_join(&joined, &other), IC_ERR_FORGED);
    other = join, other.leaf_private = join.init_private;
    assert_int_equal(ic_mls_join(&joined, &other), IC_ERR_FORBIDDEN);
    other = join, other.key_package = join_of(row_with(rows, false, false), suite).key_package;
    assert_int_equal(ic_mls_join(&joined, &other), IC_ERR_NOT_FOUND);
    assert_null(joined);
    assert_int_equal(ic_mls_join(&joined, &join), IC_OK);
    ic_mls_joined_free(joined);
    json_decref(rows);
    mls_forget();
}

TEST(mls_join_is_refused_with_another_tree_or_a_changed_welcome)
{
    json_t *rows = mls_vectors("passive-client-welcome.json");
    const struct ic_suite *suite = ic_suite_find(1);
    struct ic_mls_joined *joined = NULL;
    struct ic_mls_join join = join_of(row_with(rows, true, false), suite), other = join;

    uint8_t *tree = mls_room(join.tree.len), *welcome = mls_room(join.welcome.len);
    other.tree.at = tree;
    for (size_t at = 0; at < join.tree.len; at += 13) {
        memcpy(tree, join.tree.at, join.tree.len);
        tree[at] ^= 0x04;
        assert_int_not_equal(ic_mls_join(&joined, &other), IC_OK);
    }
    other = join, other.welcome.at = welcome;
    for (size_t at = 0; at < join.welcome.len; at += 5) {
        memcpy(welcome, join.welcome.at, join.welcome.len);
        welcome[at] ^= 0x04;
        assert_int_not_equal(ic_mls_join(&joined, &other), IC_OK);
    }
    other.welcome.at = join.welcome.at;
    for (size_t len = 0; len < join.welcome.len; len += 3) {
        other.welcome.len = len;
        assert_int_not_equal(ic_mls_join(&joined, &other), IC_OK);
    }
    assert_null(joined);
    json_decref(rows);
    mls_forget();
}

TEST(mls_path_secret_that_does_not_fit_the_tree_changes_no_key)
{
    json_t *rows = mls_vectors("passive-client-welcome.json");
    const struct ic_suite *suite = ic_suite_find(1);
    static const uint8_t WRONG[32] = {1};
    struct ic_mls_joined *joined;
    struct ic_mls_join join = join_of(row_with(rows, false, false), suite);

    assert_int_equal(ic_mls_join(&joined, &join), IC_OK);
    struct ic_mls_private_tree before = joined->keys;
    struct ic_node top = ic_node_parent(ic_node_of(joined->keys.leaf));
    assert_int_equal(ic_mls_private_tree_learn(&joined->keys, NULL, joined->tree, top,
                                               (struct ic_bytes){WRONG, sizeof WRONG}),
                     IC_ERR_FORGED);
    assert_memory_equal(&before, &joined->keys, sizeof before);
    ic_mls_joined_free(joined);
    json_decref(rows);
    mls_forget();
}

RUN_TESTS(cmocka_unit_test(mls_joins_every_published_group_and_agrees_on_its_epoch),
          cmocka_unit_test(mls_join_is_refused_when_something_is_missing_or_another_s),
          cmocka_unit_test(mls_join_is_refused_with_another_tree_or_a_changed_welcome),
          cmocka_unit_test(mls_path_secret_that_does_not_fit_the_tree_changes_no_key))
