/* Joining and making when memory runs out at any one allocation: refused, nothing leaked, nothing
 * given out. Linked with --wrap, so that the allocations of the library come here first. */
#include "e2ee/mls/join.h"
#include "e2ee/mls/own_leaf.h"
#include "e2ee/mls/tree_edit.h"
#include "e2ee/mls/treekem.h"
#include "e2ee/mls/update_path.h"
#include "e2ee/mls/welcome_make.h"

#include "tests/e2ee/failing_heap.h"
#include "tests/e2ee/mls_people.h"
#include "tests/e2ee/mls_vectors.h"

static const json_t *row_without_psk(const json_t *rows)
{
    const json_t *row;
    size_t i;

    json_array_foreach(rows, i,
                       row) if (mls_number(row, "cipher_suite") == 1 &&
                                json_is_null(mls_member(row, "ratchet_tree")) &&
                                json_array_size(mls_member(row, "external_psks")) == 0) return row;
    fail_msg("no such row");
    return NULL;
}

TEST(mls_join_survives_each_allocation_that_fails)
{
    json_t *rows = mls_vectors("passive-client-welcome.json");
    const json_t *row = row_without_psk(rows);
    struct ic_bytes message = mls_hex(row, "key_package");
    const struct ic_mls_join join = {.welcome = mls_hex(row, "welcome"),
                                     .key_package = {message.at + 4, message.len - 4},
                                     .init_private = mls_hex(row, "init_priv"),
                                     .leaf_private = mls_hex(row, "encryption_priv")};
    struct ic_mls_joined *joined = NULL;
    enum ic_err err = IC_ERR_SYSTEM;
    long failed = 0;

    for (; err != IC_OK && failed < 1000; failed++) {
        until_failure = failed;
        err = ic_mls_join(&joined, &join);
        until_failure = -1;
        assert_true(err == IC_OK || err == IC_ERR_SYSTEM);
        assert_int_equal(joined != NULL, err == IC_OK);
    }
    assert_int_equal(err, IC_OK);
    assert_true(failed > 6);
    ic_mls_joined_free(joined);
    json_decref(rows);
    mls_forget();
}

static const struct ic_bytes GROUP_ID = {(const uint8_t *)"group", 5};

/* Three people in a tree, the last of them added by the first with a path. */
static enum ic_err make_tree(struct ic_mls_tree **out, const struct person *people)
{
    struct ic_mls_tree *tree;
    struct ic_leaf at;

    enum ic_err err = ic_mls_tree_of_one(&tree, people[0].suite, person_leaf(&people[0]));
    if (err != IC_OK)
        return err;
    for (size_t i = 1; i < 3 && err == IC_OK; i++)
        err = ic_mls_tree_add(&at, tree, person_leaf(&people[i]));
    if (err == IC_OK)
        err = ic_mls_tree_update(tree, (struct ic_leaf){1}, person_leaf(&people[1]));
    ic_mls_tree_rehash(tree);
    if (err == IC_OK)
        *out = tree;
    else
        ic_mls_tree_free(tree);
    return err;
}

/* A path that is sealed, and heard by the others. */
static enum ic_err make_path(struct ic_mls_own_path **out, const struct ic_mls_tree *tree,
                             const struct person *ann)
{
    struct ic_mls_message sealed = {0};
    struct ic_mls_update_path path;
    struct ic_mls_tree *after = NULL;
    struct ic_mls_own_path *own;
    struct ic_bytes none = {0};

    enum ic_err err =
        ic_mls_own_path_new(&own, tree, (struct ic_leaf){0}, &ann->identity, GROUP_ID);
    if (err != IC_OK)
        return err;
    err = ic_mls_own_path_seal(&sealed, own, none, GROUP_ID);
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&sealed));
    ic_mls_read_update_path(&r, &path);
    if (err == IC_OK)
        err = ic_mls_tree_apply(&after, tree, (struct ic_leaf){0}, &path);
    ic_mls_message_clear(&sealed);
    ic_mls_tree_free(after);
    if (err == IC_OK)
        *out = own;
    else
        ic_mls_own_path_free(own);
    return err;
}

static enum ic_err make_welcome(struct ic_mls_message *out, const struct ic_mls_own_path *own,
                                const struct person *people)
{
    static const uint8_t ZERO[32];
    const struct ic_suite *suite = people[0].suite;
    const struct ic_mls_newcomer newcomer = {people[2].read, {ZERO, sizeof ZERO}};
    const struct ic_mls_epoch epoch = {.suite = suite};
    const struct ic_mls_info_plan info = {
        .context = GROUP_ID,
        .confirmation_tag = GROUP_ID,
        .signature_private = people[0].identity.signature_private,
        .tree = own->tree,
        .epoch = &epoch,
    };
    struct ic_mls_message described;

    enum ic_err err = ic_mls_info_make(&described, suite, &info);
    if (err != IC_OK)
        return err;
    const struct ic_mls_welcome_plan plan = {
        .joiner_secret = {ZERO, sizeof ZERO},
        .psk_secret = {ZERO, sizeof ZERO},
        .group_info = ic_mls_message_bytes(&described),
        .newcomers = &newcomer,
        .newcomer_count = 1,
    };
    err = ic_mls_welcome_make(out, suite, &plan);
    ic_mls_message_clear(&described);
    return err;
}

static enum ic_err make_all(struct ic_mls_message *welcome, const struct person *people)
{
    uint8_t private_key[IC_KEM_PRIVATE_MAX];
    const struct ic_mls_leaf_place place = {GROUP_ID, {1}};
    struct ic_mls_own_path *own = NULL;
    struct ic_mls_message leaf = {0};
    struct ic_mls_tree *tree = NULL;

    enum ic_err err = make_tree(&tree, people);
    if (err == IC_OK)
        err = make_path(&own, tree, &people[0]);
    if (err == IC_OK)
        err = ic_mls_own_leaf_update(&leaf, private_key, people[1].suite, &people[1].identity,
                                     &place);
    if (err == IC_OK)
        err = make_welcome(welcome, own, people);
    ic_mls_message_clear(&leaf);
    ic_mls_own_path_free(own);
    ic_mls_tree_free(tree);
    return err;
}

TEST(mls_trees_paths_and_welcomes_survive_each_allocation_that_fails)
{
    struct person people[3];
    struct ic_mls_message welcome = {0};
    enum ic_err err = IC_ERR_SYSTEM;
    long failed = 0;

    for (size_t i = 0; i < 3; i++)
        person_init(&people[i], ic_suite_find(1), "somebody");
    for (; err != IC_OK && failed < 1000; failed++) {
        until_failure = failed;
        err = make_all(&welcome, people);
        until_failure = -1;
        assert_true(err == IC_OK || err == IC_ERR_SYSTEM);
        assert_int_equal(welcome.at != NULL, err == IC_OK);
    }
    assert_int_equal(err, IC_OK);
    assert_true(failed > 30);
    ic_mls_message_clear(&welcome);
    for (size_t i = 0; i < 3; i++)
        person_clear(&people[i]);
}

RUN_TESTS(cmocka_unit_test(mls_join_survives_each_allocation_that_fails),
          cmocka_unit_test(mls_trees_paths_and_welcomes_survive_each_allocation_that_fails))
