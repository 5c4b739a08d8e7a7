/* mls_tree_edit_fuzz.c - a tree that proposals and update paths changed is, hash for hash, the tree
 * that a newcomer reads from its encoding; copies of it stay as they were. Each byte is a change.
 */
#include "e2ee/mls/tree_edit.h"

#include <stdlib.h>

#include "e2ee/mls/identity.h"
#include "e2ee/mls/tree_check.h"
#include "e2ee/mls/update_path.h"
#include "tests/lots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHANGES_MAX = 24, KEPT = 4 };
static const struct ic_bytes GROUP_ID = {(const uint8_t *)"group", 5};

static struct ic_mls_identity identity;
static struct ic_mls_own_package package;
static struct ic_bytes leaf;

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void prepare(void)
{
    static uint8_t key[32] = {1};
    static const uint8_t VERSION[] = {0, 1}, SUITE[] = {0, 1}, BASIC[] = {0, 1};
    struct ic_mls_key_package read;

    identity = (struct ic_mls_identity){
        .signature_private = {key, sizeof key},
        .credential = {.type = IC_MLS_CREDENTIAL_BASIC},
        .capabilities = {.versions = {VERSION, 2}, .suites = {SUITE, 2}, .credentials = {BASIC, 2}},
    };
    must(ic_mls_own_package_init(&package, ic_suite_find(1), &identity, (struct ic_bytes){0}) ==
         IC_OK);
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&package.encoded));
    ic_mls_read_key_package(&r, &read);
    leaf = read.leaf.encoded;
}

/* The leaf that the number leads to: the first member from there on. */
static struct ic_leaf member_near(const struct ic_mls_tree *tree, uint32_t n)
{
    struct ic_leaf at = {n % tree->leaves};
    while (!ic_mls_tree_leaf(tree, at))
        at.n = (at.n + 1) % tree->leaves;
    return at;
}

static uint32_t member_count(const struct ic_mls_tree *tree)
{
    uint32_t count = 0;
    for (struct ic_leaf i = {0}; i.n < tree->leaves; i.n++)
        count += ic_mls_tree_leaf(tree, i) != NULL;
    return count;
}

static void commit(struct ic_mls_tree **tree, struct ic_leaf at)
{
    struct ic_mls_own_path *own;

    ic_mls_tree_rehash(*tree);
    must(ic_mls_own_path_new(&own, *tree, at, &identity, GROUP_ID) == IC_OK);
    ic_mls_tree_free(*tree);
    *tree = own->tree;
    own->tree = NULL;
    ic_mls_own_path_free(own);
}

static void change(struct ic_mls_tree **tree, uint8_t what)
{
    struct ic_leaf at = member_near(*tree, what >> 2);

    switch (what & 3) {
    case 0:
        must(ic_mls_tree_add(&at, *tree, leaf) == IC_OK);
        break;
    case 1:
        must(ic_mls_tree_update(*tree, at, leaf) == IC_OK);
        break;
    case 2:
        if (member_count(*tree) > 1)
            ic_mls_tree_remove(*tree, at);
        ic_mls_tree_narrow(*tree);
        break;
    default:
        commit(tree, at);
    }
}

static void check_reread(const struct ic_mls_tree *tree)
{
    struct ic_mls_message encoded;
    struct ic_mls_tree *read;

    must(ic_mls_tree_encode(&encoded, tree) == IC_OK);
    must(ic_mls_tree_new(&read, tree->suite, ic_mls_message_bytes(&encoded)) == IC_OK);
    must(read->leaves == tree->leaves);
    for (struct ic_node x = {0}; x.n < ic_tree_nodes(tree->leaves); x.n++)
        must(ic_bytes_equal(ic_mls_tree_hash(tree, x), ic_mls_tree_hash(read, x)));
    must(ic_mls_tree_check_parents(read) == IC_OK);
    ic_mls_message_clear(&encoded);
    ic_mls_tree_free(read);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_mls_tree *tree, *kept[KEPT] = {NULL};

    if (!leaf.at)
        prepare();
    lots = 1; /* the keys of the first commit are the same in every run, and so on */
    must(ic_mls_tree_of_one(&tree, ic_suite_find(1), leaf) == IC_OK);
    for (size_t i = 0; i < size && i < CHANGES_MAX; i++) {
        change(&tree, data[i]);
        ic_mls_tree_rehash(tree);
        if (data[i] % 5 == 0) {
            ic_mls_tree_free(kept[i % KEPT]);
            must(ic_mls_tree_copy(&kept[i % KEPT], tree) == IC_OK);
        }
    }
    check_reread(tree);
    ic_mls_tree_free(tree);
    for (size_t i = 0; i < KEPT; i++) {
        if (kept[i])
            check_reread(kept[i]);
        ic_mls_tree_free(kept[i]);
    }
    return 0;
}
