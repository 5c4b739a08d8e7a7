/* What a used message key leaves behind in the secret tree, and what making paths and Welcomes
 * leaves in memory that was freed: nothing. Looks inside, so it has the file itself rather than its
 * header; linked with --wrap, so that what the library frees is looked at first. */
#include "e2ee/mls/secret_tree.c"

#include <malloc.h>

#include "e2ee/mls/tree_edit.h"
#include "e2ee/mls/update_path.h"
#include "e2ee/mls/welcome_make.h"
#include "tests/e2ee/mls_people.h"

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

void __real_free(void *at);
void __wrap_free(void *at);

enum { SECRET_LEN = 32, WATCHED_MAX = 8 };
static const uint8_t *watched[WATCHED_MAX]; /* kept by the test, so that they stay known */
static size_t watched_count, seen_in_freed;

void __wrap_free(void *at)
{
    size_t len = at ? malloc_usable_size(at) : 0;
    for (size_t i = 0; i < watched_count; i++)
        seen_in_freed += len > 0 && memmem(at, len, watched[i], SECRET_LEN) != NULL;
    __real_free(at);
}

TEST(mls_erasure_is_noticed_when_it_is_forgotten)
{
    struct ic_mls_message copy;
    assert_int_equal(ic_mls_message_copy(&copy, (struct ic_bytes){SECRET, SECRET_LEN}), IC_OK);
    watched[0] = SECRET;
    watched_count = 1;
    free(copy.at);
    assert_int_equal(seen_in_freed, 1);
    watched_count = seen_in_freed = 0;
}

static struct ic_mls_own_path *path_to_newcomers(struct person *ann, struct person *bob)
{
    struct ic_mls_own_path *own;
    struct ic_mls_tree *tree;
    struct ic_leaf at;

    person_init(ann, ic_suite_find(IC_SUITE_X25519_AES128), "Ann");
    person_init(bob, ic_suite_find(IC_SUITE_X25519_AES128), "Bob");
    assert_int_equal(ic_mls_tree_of_one(&tree, ann->suite, person_leaf(ann)), IC_OK);
    assert_int_equal(ic_mls_tree_add(&at, tree, person_leaf(bob)), IC_OK);
    assert_int_equal(ic_mls_own_path_new(&own, tree, (struct ic_leaf){0}, &ann->identity,
                                         ic_bytes_of_text("group")),
                     IC_OK);
    ic_mls_tree_free(tree);
    return own;
}

TEST(mls_paths_and_welcomes_leave_no_secret_in_freed_memory)
{
    static uint8_t kept[4][SECRET_LEN];
    struct ic_mls_message sealed, welcome;
    struct person ann, bob;
    struct ic_mls_own_path *own = path_to_newcomers(&ann, &bob);
    const uint8_t *secrets[] = {own->secrets[0], own->commit_secret, own->keys.at[0].key,
                                own->keys.at[1].key};

    for (size_t i = 0; i < IC_COUNT(secrets); i++) {
        memcpy(kept[i], secrets[i], SECRET_LEN);
        assert_false(is_zero(kept[i], SECRET_LEN));
        watched[i] = kept[i];
    }
    watched[4] = SECRET;
    watched_count = 5;
    const struct ic_mls_newcomer newcomer = {bob.read, {own->secrets[0], SECRET_LEN}};
    const struct ic_mls_welcome_plan plan = {
        .joiner_secret = {SECRET, SECRET_LEN},
        .psk_secret = {SECRET, SECRET_LEN},
        .group_info = ic_bytes_of_text("described"),
        .newcomers = &newcomer,
        .newcomer_count = 1,
    };
    assert_int_equal(ic_mls_own_path_seal(&sealed, own, (struct ic_bytes){0}, plan.group_info),
                     IC_OK);
    assert_int_equal(ic_mls_welcome_make(&welcome, ann.suite, &plan), IC_OK);
    ic_mls_message_clear(&sealed);
    ic_mls_message_clear(&welcome);
    ic_mls_own_path_free(own);
    watched_count = 0;
    assert_int_equal(seen_in_freed, 0);
    person_clear(&ann);
    person_clear(&bob);
}

RUN_TESTS(cmocka_unit_test(mls_secrets_above_a_leaf_are_erased_when_it_speaks),
          cmocka_unit_test(mls_key_and_ratchet_secret_are_erased_when_used),
          cmocka_unit_test(mls_erasure_is_noticed_when_it_is_forgotten),
          cmocka_unit_test(mls_paths_and_welcomes_leave_no_secret_in_freed_memory))
