/* mls_path_keys.h - a member's keys in the tree, as the published vectors give them. */
#pragma once

#include "e2ee/mls/private_tree.h"
#include "tests/e2ee/mls_vectors.h"

/* Each node's from its own path secret. */
static inline void mls_keys_of(struct ic_mls_private_tree *keys, const json_t *member,
                               const struct ic_mls_tree *tree)
{
    const json_t *v;
    size_t i;
    struct ic_leaf leaf = {(uint32_t)mls_number(member, "index")};
    struct ic_bytes key =
        mls_private(member, "encryption_priv", ic_kem_lengths(tree->suite->kem).private_len);

    assert_int_equal(ic_mls_private_tree_init(keys, tree, leaf, key), IC_OK);
    json_array_foreach(mls_member(member, "path_secrets"), i, v) assert_int_equal(
        ic_mls_private_tree_set(keys, tree, (struct ic_node){(uint32_t)mls_number(v, "node")},
                                mls_hex(v, "path_secret")),
        IC_OK);
}
