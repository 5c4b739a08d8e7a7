/* private_tree.c - path secrets and the keys derived from them (RFC 9420 section 7.4). */
#include "e2ee/mls/private_tree.h"

#include <assert.h>

#include "crypto/secret.h"

void ic_mls_private_tree_clear(struct ic_mls_private_tree *keys)
{
    ic_secret_wipe(keys, sizeof *keys);
}

enum ic_err ic_mls_private_tree_init(struct ic_mls_private_tree *keys,
                                     const struct ic_mls_tree *tree, struct ic_leaf leaf,
                                     struct ic_bytes private_key)
{
    const struct ic_mls_leaf_node *node = ic_mls_tree_leaf(tree, leaf);
    uint8_t public_key[IC_KEM_PUBLIC_MAX];

    enum ic_err err = ic_kem_public(public_key, tree->suite->kem, private_key);
    if (err != IC_OK)
        return err;
    struct ic_bytes shown = {public_key, ic_kem_lengths(tree->suite->kem).public_len};
    if (!node || !ic_bytes_equal(node->encryption_key, shown))
        return IC_ERR_FORBIDDEN;
    *keys = (struct ic_mls_private_tree){.suite = tree->suite, .leaf = leaf};
    keys->at[0].held = true;
    memcpy(keys->at[0].key, private_key.at, private_key.len);
    return IC_OK;
}

/* The private key that a path secret gives, if its public key is the node's. */
static enum ic_err derive_node(struct ic_mls_private_key *out, const struct ic_mls_tree *tree,
                               struct ic_node x, struct ic_bytes path_secret)
{
    uint8_t node_secret[IC_HASH_MAX], public_key[IC_KEM_PUBLIC_MAX];
    struct ic_bytes ikm = {node_secret, ic_mls_secret_len(tree->suite)};

    ic_mls_derive(node_secret, tree->suite, path_secret, "node");
    enum ic_err err = ic_kem_derive(out->key, public_key, tree->suite->kem, ikm);
    ic_secret_wipe(node_secret, sizeof node_secret);
    struct ic_bytes shown = {public_key, ic_kem_lengths(tree->suite->kem).public_len};
    if (err == IC_OK && !ic_bytes_equal(tree->nodes[x.n].parent.encryption_key, shown))
        err = IC_ERR_FORGED;
    out->held = err == IC_OK;
    return err;
}

enum ic_err ic_mls_private_tree_set(struct ic_mls_private_tree *keys,
                                    const struct ic_mls_tree *tree, struct ic_node x,
                                    struct ic_bytes path_secret)
{
    assert(!ic_node_is_leaf(x) && ic_node_is_below(ic_node_of(keys->leaf), x));
    struct ic_mls_private_key key = {0};
    enum ic_err err = tree->nodes[x.n].kind == IC_MLS_NODE_PARENT
                          ? derive_node(&key, tree, x, path_secret)
                          : IC_ERR_FORGED;
    if (err == IC_OK)
        keys->at[ic_node_level(x)] = key;
    ic_secret_wipe(&key, sizeof key);
    return err;
}

static enum ic_err learn(struct ic_mls_private_tree *keys, uint8_t *secret,
                         const struct ic_mls_tree *tree, struct ic_node x)
{
    struct ic_bytes path_secret = {secret, ic_mls_secret_len(tree->suite)};
    struct ic_node root = ic_tree_root(tree->leaves);
    enum ic_err err = tree->nodes[x.n].kind == IC_MLS_NODE_PARENT ? IC_OK : IC_ERR_FORGED;

    while (err == IC_OK) {
        struct ic_mls_private_key *place = &keys->at[ic_node_level(x)];
        *place = (struct ic_mls_private_key){0};
        /* Blank nodes are not on the path: no secret was made for them. */
        if (tree->nodes[x.n].kind == IC_MLS_NODE_PARENT) {
            err = derive_node(place, tree, x, path_secret);
            ic_mls_derive(secret, tree->suite, path_secret, "path");
        }
        if (x.n == root.n)
            break;
        x = ic_node_parent(x);
    }
    return err;
}

enum ic_err ic_mls_private_tree_learn(struct ic_mls_private_tree *keys, uint8_t *commit_secret,
                                      const struct ic_mls_tree *tree, struct ic_node x,
                                      struct ic_bytes path_secret)
{
    assert(!ic_node_is_leaf(x) && ic_node_is_below(ic_node_of(keys->leaf), x));
    struct ic_mls_private_tree next = *keys;
    uint8_t secret[IC_HASH_MAX];

    if (path_secret.len != ic_mls_secret_len(tree->suite))
        return IC_ERR_MALFORMED;
    memcpy(secret, path_secret.at, path_secret.len);
    enum ic_err err = learn(&next, secret, tree, x);
    if (err == IC_OK) {
        *keys = next;
        if (commit_secret)
            memcpy(commit_secret, secret, path_secret.len);
    }
    ic_secret_wipe(&next, sizeof next);
    ic_secret_wipe(secret, sizeof secret);
    return err;
}
