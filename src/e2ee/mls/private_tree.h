/* private_tree.h - the secret half of the ratchet tree that one member holds: the private keys of
 * its leaf and of nodes above it (RFC 9420 section 7.4). */
#pragma once

#include "e2ee/mls/ratchet_tree.h"

struct ic_mls_private_key {
    bool held;
    uint8_t key[IC_KEM_PRIVATE_MAX];
};

struct ic_mls_private_tree {
    const struct ic_suite *suite;
    struct ic_leaf leaf;
    struct ic_mls_private_key at[IC_TREE_DEPTH_MAX + 1]; /* by level; 0 is the leaf itself */
};

/* IC_ERR_FORBIDDEN when the key is not that of the leaf in the tree. Clear it when done. */
enum ic_err ic_mls_private_tree_init(struct ic_mls_private_tree *keys,
                                     const struct ic_mls_tree *tree, struct ic_leaf leaf,
                                     struct ic_bytes private_key) IC_CHECKED;
void ic_mls_private_tree_clear(struct ic_mls_private_tree *keys);

/* Learns the key of `x` alone, a node above the leaf, from its path secret. Errors as below. */
enum ic_err ic_mls_private_tree_set(struct ic_mls_private_tree *keys,
                                    const struct ic_mls_tree *tree, struct ic_node x,
                                    struct ic_bytes path_secret) IC_CHECKED;

/* Learns the keys of `x`, which is above the leaf, and of the nodes above it from the path secret
 * of `x`. Writes the commit secret that ends the path, unless NULL. IC_ERR_FORGED when they are not
 * the keys that the tree shows; then nothing has changed. Else the errors of ic_kem_derive(). */
enum ic_err ic_mls_private_tree_learn(struct ic_mls_private_tree *keys, uint8_t *commit_secret,
                                      const struct ic_mls_tree *tree, struct ic_node x,
                                      struct ic_bytes path_secret) IC_CHECKED;
