/* Update paths that we make: every other member opens them, newcomers get only what is theirs. */
#include "e2ee/mls/update_path.h"

#include "e2ee/mls/own_leaf.h"
#include "e2ee/mls/tree_check.h"
#include "e2ee/mls/tree_edit.h"
#include "e2ee/mls/treekem.h"
#include "tests/e2ee/mls_path_keys.h"
#include "tests/e2ee/mls_people.h"
#include "tests/e2ee/mls_vectors.h"

static const struct ic_bytes GROUP_ID = {(const uint8_t *)"group", 5};
static const struct ic_bytes CONTEXT = {(const uint8_t *)"context", 7};

static void check_equal(const struct ic_mls_tree *a, const struct ic_mls_tree *b)
{
    assert_int_equal(a->leaves, b->leaves);
    assert_true(ic_bytes_equal(ic_mls_tree_hash(a, ic_tree_root(a->leaves)),
                               ic_mls_tree_hash(b, ic_tree_root(b->leaves))));
}

/* What the others make of a path. */
struct heard {
    struct ic_mls_message encoded;
    struct ic_mls_update_path path;
    struct ic_mls_tree *after;
};

static void hear(struct heard *h, const struct ic_mls_own_path *own,
                 const struct ic_mls_tree *before, struct ic_bytes added)
{
    assert_int_equal(ic_mls_own_path_seal(&h->encoded, own, added, CONTEXT), IC_OK);
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&h->encoded));
    ic_mls_read_update_path(&r, &h->path);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
    assert_int_equal(ic_mls_tree_apply(&h->after, before, own->keys.leaf, &h->path), IC_OK);
    check_equal(h->after, own->tree);
    assert_int_equal(ic_mls_tree_check_parents(h->after), IC_OK);
    const struct ic_mls_leaf_place place = {GROUP_ID, own->keys.leaf};
    assert_int_equal(ic_mls_leaf_node_verify(&h->path.leaf, before->suite, &place), IC_OK);
}

static void heard_clear(struct heard *h)
{
    ic_mls_message_clear(&h->encoded);
    ic_mls_tree_free(h->after);
}

static void open_as(struct ic_mls_private_tree *keys, const struct heard *h,
                    const struct ic_mls_own_path *own, const struct ic_mls_tree *before,
                    struct ic_bytes added)
{
    uint8_t path_secret[IC_HASH_MAX], commit_secret[IC_HASH_MAX];
    size_t len = ic_mls_secret_len(before->suite);

    assert_int_equal(ic_mls_path_open(keys, path_secret, commit_secret, before, h->after,
                                      own->keys.leaf, &h->path, added, CONTEXT),
                     IC_OK);
    assert_memory_equal(commit_secret, own->commit_secret, len);
    struct ic_bytes told = ic_mls_own_path_secret_for(own, keys->leaf);
    assert_true(ic_bytes_equal(told, (struct ic_bytes){path_secret, len}));
}

static struct ic_mls_own_path *path_of(const json_t *member, const struct ic_mls_tree *tree)
{
    struct ic_leaf leaf = {(uint32_t)mls_number(member, "index")};
    size_t len = ic_signature_lengths(tree->suite->signature).private_len;
    struct ic_mls_identity identity = ic_mls_identity_of(
        ic_mls_tree_leaf(tree, leaf), mls_private(member, "signature_priv", len));
    struct ic_mls_own_path *own;

    assert_int_equal(ic_mls_own_path_new(&own, tree, leaf, &identity, GROUP_ID), IC_OK);
    return own;
}

static bool is_sender(const json_t *member, const struct ic_mls_own_path *own)
{
    return mls_number(member, "index") == own->keys.leaf.n;
}

/* The sender's own view of the next epoch must do for the path after it, too. */
static void check_next(const struct ic_mls_own_path *own, const json_t *members)
{
    const json_t *other = json_array_get(members, 0);
    struct ic_mls_private_tree keys = own->keys;
    struct heard h;

    if (is_sender(other, own))
        other = json_array_get(members, 1);
    struct ic_mls_own_path *next = path_of(other, own->tree);
    hear(&h, next, own->tree, (struct ic_bytes){0});
    open_as(&keys, &h, next, own->tree, (struct ic_bytes){0});
    heard_clear(&h);
    ic_mls_own_path_free(next);
}

static void check_sender(const json_t *member, const json_t *members,
                         const struct ic_mls_tree *before)
{
    struct ic_mls_own_path *own = path_of(member, before);
    struct ic_mls_private_tree keys;
    const json_t *other;
    struct heard h;
    size_t i;

    hear(&h, own, before, (struct ic_bytes){0});
    json_array_foreach(members, i, other)
    {
        if (is_sender(other, own))
            continue;
        mls_keys_of(&keys, other, before);
        open_as(&keys, &h, own, before, (struct ic_bytes){0});
    }
    check_next(own, members);
    heard_clear(&h);
    ic_mls_own_path_free(own);
}

TEST(mls_every_member_of_the_published_trees_makes_a_path_that_all_others_open)
{
    json_t *rows = mls_vectors("treekem.json"), *row, *member;
    size_t i, j, made = 0;

    json_array_foreach(rows, i, row)
    {
        const struct ic_suite *suite = mls_suite(row);
        const json_t *members = mls_member(row, "leaves_private");
        struct ic_mls_tree *before;
        if (!suite)
            continue;
        assert_int_equal(ic_mls_tree_new(&before, suite, mls_hex(row, "ratchet_tree")), IC_OK);
        json_array_foreach(members, j, member)
        {
            check_sender(member, members, before);
            made++;
        }
        ic_mls_tree_free(before);
        mls_forget();
    }
    assert_true(made >= 100);
    json_decref(rows);
}

static void four_people(struct person *people, struct ic_mls_tree **tree,
                        const struct ic_suite *suite)
{
    struct ic_leaf at;
    for (size_t i = 0; i < 4; i++)
        person_init(&people[i], suite, "somebody");
    assert_int_equal(ic_mls_tree_of_one(tree, suite, person_leaf(&people[0])), IC_OK);
    for (size_t i = 1; i < 3; i++)
        assert_int_equal(ic_mls_tree_add(&at, *tree, person_leaf(&people[i])), IC_OK);
    ic_mls_tree_rehash(*tree);
}

static void people_clear(struct person *people)
{
    for (size_t i = 0; i < 4; i++)
        person_clear(&people[i]);
}

/* Three members, and a fourth added in the same commit. */
TEST(mls_newcomer_gets_nothing_in_the_path_and_its_secret_from_the_welcome)
{
    struct person people[4];
    struct ic_mls_tree *before, *with;
    struct ic_mls_own_path *own;
    struct ic_mls_private_tree keys;
    uint8_t secret[IC_HASH_MAX];
    struct ic_leaf at;
    struct heard h;

    four_people(people, &before, ic_suite_find(IC_SUITE_X25519_AES128));
    assert_int_equal(ic_mls_tree_copy(&with, before), IC_OK);
    assert_int_equal(ic_mls_tree_add(&at, with, person_leaf(&people[3])), IC_OK);
    const uint8_t number[] = {0, 0, 0, 3};
    struct ic_bytes added = {number, sizeof number};
    assert_int_equal(
        ic_mls_own_path_new(&own, with, (struct ic_leaf){0}, &people[0].identity, GROUP_ID), IC_OK);
    hear(&h, own, with, added);
    assert_int_equal(ic_mls_private_tree_init(&keys, with, at, person_leaf_private(&people[3])),
                     IC_OK);
    assert_int_equal(ic_mls_path_open(&keys, secret, secret, with, h.after, (struct ic_leaf){0},
                                      &h.path, added, CONTEXT),
                     IC_ERR_NOT_FOUND);
    struct ic_node common = ic_node_common(ic_node_of(at), ic_node_of((struct ic_leaf){0}));
    assert_int_equal(ic_mls_private_tree_learn(&keys, secret, h.after, common,
                                               ic_mls_own_path_secret_for(own, at)),
                     IC_OK);
    assert_memory_equal(secret, own->commit_secret, ic_mls_secret_len(with->suite));
    for (uint32_t n = 1; n < 3; n++) {
        assert_int_equal(ic_mls_private_tree_init(&keys, with, (struct ic_leaf){n},
                                                  person_leaf_private(&people[n])),
                         IC_OK);
        open_as(&keys, &h, own, with, added);
    }
    heard_clear(&h);
    ic_mls_own_path_free(own);
    ic_mls_tree_free(with);
    ic_mls_tree_free(before);
    people_clear(people);
}

/* As an external commit does: from a blank place, and from one beyond the width. */
TEST(mls_outsider_makes_a_path_from_the_next_place)
{
    struct person people[4];
    struct ic_mls_tree *tree;
    struct ic_mls_private_tree keys;

    four_people(people, &tree, ic_suite_find(IC_SUITE_X25519_AES128));
    for (int round = 0; round < 2; round++) {
        struct ic_leaf place = ic_mls_tree_next_place(tree), at;
        struct ic_mls_own_path *own;
        struct ic_mls_tree *with;
        struct heard h;

        assert_int_equal(place.n, round == 0 ? 3 : 4);
        assert_int_equal(ic_mls_own_path_new(&own, tree, place, &people[3].identity, GROUP_ID),
                         IC_OK);
        assert_int_equal(ic_mls_tree_copy(&with, tree), IC_OK);
        assert_int_equal(ic_mls_tree_add(&at, with, ic_mls_tree_leaf(own->tree, place)->encoded),
                         IC_OK);
        hear(&h, own, with, (struct ic_bytes){0});
        assert_int_equal(ic_mls_private_tree_init(&keys, with, (struct ic_leaf){1},
                                                  person_leaf_private(&people[1])),
                         IC_OK);
        open_as(&keys, &h, own, with, (struct ic_bytes){0});
        heard_clear(&h);
        ic_mls_own_path_free(own);
        ic_mls_tree_free(tree);
        tree = with;
        if (round == 0) {
            ic_mls_tree_rehash(tree);
        }
    }
    ic_mls_tree_free(tree);
    people_clear(people);
}

TEST(mls_path_of_a_group_of_one_is_a_leaf_and_nothing_else)
{
    struct ic_mls_own_path *own;
    struct ic_mls_tree *tree;
    struct person ann;
    struct heard h;
    static const uint8_t ZERO[IC_HASH_MAX];

    person_init(&ann, ic_suite_find(IC_SUITE_X25519_AES128), "Ann");
    assert_int_equal(ic_mls_tree_of_one(&tree, ann.suite, person_leaf(&ann)), IC_OK);
    assert_int_equal(ic_mls_own_path_new(&own, tree, (struct ic_leaf){0}, &ann.identity, GROUP_ID),
                     IC_OK);
    assert_int_equal(own->count, 0);
    assert_memory_not_equal(own->commit_secret, ZERO, ic_mls_secret_len(ann.suite));
    hear(&h, own, tree, (struct ic_bytes){0});
    assert_int_equal(h.path.node_count, 0);
    assert_int_equal(h.path.leaf.parent_hash.len, 0);
    heard_clear(&h);
    ic_mls_own_path_free(own);
    ic_mls_tree_free(tree);
    person_clear(&ann);
}

TEST(mls_path_with_a_byte_changed_is_refused_by_somebody)
{
    struct person people[4];
    struct ic_mls_private_tree keys;
    struct ic_mls_own_path *own;
    struct ic_mls_tree *tree;
    struct ic_leaf sender = {0}, reader = {1};
    uint8_t secret[IC_HASH_MAX], commit_secret[IC_HASH_MAX];
    struct ic_mls_message encoded;
    size_t refused = 0;

    four_people(people, &tree, ic_suite_find(IC_SUITE_X25519_AES128));
    assert_int_equal(ic_mls_own_path_new(&own, tree, sender, &people[0].identity, GROUP_ID), IC_OK);
    assert_int_equal(ic_mls_own_path_seal(&encoded, own, (struct ic_bytes){0}, CONTEXT), IC_OK);
    size_t leaf_len = ic_mls_tree_leaf(own->tree, sender)->encoded.len;
    for (size_t at = leaf_len; at < encoded.len; at++) {
        struct ic_mls_update_path path;
        struct ic_mls_tree *after = NULL;
        encoded.at[at] ^= 1;
        struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&encoded));
        ic_mls_read_update_path(&r, &path);
        enum ic_err err = ic_mls_finish(&r);
        if (err == IC_OK)
            err = ic_mls_tree_apply(&after, tree, sender, &path);
        for (reader.n = 1; reader.n < 3 && err == IC_OK; reader.n++) {
            assert_int_equal(ic_mls_private_tree_init(&keys, tree, reader,
                                                      person_leaf_private(&people[reader.n])),
                             IC_OK);
            err = ic_mls_path_open(&keys, secret, commit_secret, tree, after, sender, &path,
                                   (struct ic_bytes){0}, CONTEXT);
        }
        refused += err != IC_OK;
        encoded.at[at] ^= 1;
        ic_mls_tree_free(after);
    }
    assert_int_equal(refused, encoded.len - leaf_len);
    ic_mls_message_clear(&encoded);
    ic_mls_own_path_free(own);
    ic_mls_tree_free(tree);
    people_clear(people);
}

TEST(mls_leaf_of_an_update_says_the_same_with_a_fresh_key)
{
    uint8_t private_key[IC_KEM_PRIVATE_MAX], public_key[IC_KEM_PUBLIC_MAX];
    struct ic_mls_message encoded = {0};
    struct ic_mls_leaf_node leaf;
    struct person ann;

    person_init(&ann, ic_suite_find(IC_SUITE_X25519_AES128), "Ann");
    struct ic_mls_identity same =
        ic_mls_identity_of(&ann.read.leaf, ann.identity.signature_private);
    const struct ic_mls_leaf_place place = {GROUP_ID, {5}}, other = {GROUP_ID, {6}};
    assert_int_equal(ic_mls_own_leaf_update(&encoded, private_key, ann.suite, &same, &place),
                     IC_OK);
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&encoded));
    ic_mls_read_leaf_node(&r, &leaf);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
    assert_int_equal(leaf.source, IC_MLS_LEAF_UPDATE);
    assert_int_equal(ic_mls_leaf_node_verify(&leaf, ann.suite, &place), IC_OK);
    assert_int_equal(ic_mls_leaf_node_verify(&leaf, ann.suite, &other), IC_ERR_FORGED);
    assert_true(ic_bytes_equal(leaf.credential.identity, ann.read.leaf.credential.identity));
    assert_true(ic_bytes_equal(leaf.signature_key, ann.read.leaf.signature_key));
    assert_false(ic_bytes_equal(leaf.encryption_key, ann.read.leaf.encryption_key));
    struct ic_bytes key = {private_key, ic_kem_lengths(ann.suite->kem).private_len};
    assert_int_equal(ic_kem_public(public_key, ann.suite->kem, key), IC_OK);
    assert_memory_equal(public_key, leaf.encryption_key.at, leaf.encryption_key.len);
    ic_mls_message_clear(&encoded);

    same.signature_private.len--;
    assert_int_equal(ic_mls_own_leaf_update(&encoded, private_key, ann.suite, &same, &place),
                     IC_ERR_MALFORMED);
    same.signature_private.len++;
    same.extensions = ic_bytes_of_text("no list");
    assert_int_equal(ic_mls_own_leaf_update(&encoded, private_key, ann.suite, &same, &place),
                     IC_ERR_MALFORMED);
    assert_null(encoded.at);
    person_clear(&ann);
}

RUN_TESTS(
    cmocka_unit_test(mls_every_member_of_the_published_trees_makes_a_path_that_all_others_open),
    cmocka_unit_test(mls_newcomer_gets_nothing_in_the_path_and_its_secret_from_the_welcome),
    cmocka_unit_test(mls_outsider_makes_a_path_from_the_next_place),
    cmocka_unit_test(mls_path_of_a_group_of_one_is_a_leaf_and_nothing_else),
    cmocka_unit_test(mls_path_with_a_byte_changed_is_refused_by_somebody),
    cmocka_unit_test(mls_leaf_of_an_update_says_the_same_with_a_fresh_key))
