/* treekem.c - receiving an update path (RFC 9420 sections 7.5, 7.6 and 7.9). */
#include "e2ee/mls/treekem.h"

#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/mls/codec.h"
#include "e2ee/mls/tree_check.h"
#include "e2ee/mls/tree_edit.h"

size_t ic_mls_filtered_path(struct ic_node path[IC_TREE_DEPTH_MAX],
                            struct ic_node copath[IC_TREE_DEPTH_MAX],
                            const struct ic_mls_tree *tree, struct ic_leaf sender,
                            struct ic_node *room)
{
    size_t len = ic_tree_direct_path(path, sender, tree->leaves), kept = 0;
    ic_tree_copath(copath, sender, tree->leaves);
    for (size_t i = 0; i < len; i++)
        if (ic_mls_tree_resolution(room, tree, copath[i]) > 0) {
            path[kept] = path[i];
            copath[kept++] = copath[i];
        }
    return kept;
}

enum ic_err ic_mls_tree_set_path(struct ic_mls_tree *tree, uint8_t *parent_hash,
                                 const struct ic_node *path, const struct ic_node *copath,
                                 const struct ic_bytes *keys, size_t count)
{
    struct ic_bytes above = {0};

    for (size_t i = count; i-- > 0;) {
        const struct ic_mls_parent_node parent = {.encryption_key = keys[i], .parent_hash = above};
        enum ic_err err = ic_mls_tree_set_parent(tree, path[i], &parent);
        if (err != IC_OK)
            return err;
        ic_mls_parent_hash(parent_hash, tree, path[i], copath[i]);
        above = (struct ic_bytes){parent_hash, ic_mls_secret_len(tree->suite)};
    }
    return IC_OK;
}

static enum ic_err read_keys(struct ic_bytes *keys, const struct ic_suite *suite,
                             const struct ic_mls_update_path *update)
{
    struct ic_reader list = ic_reader_of(update->nodes);

    for (size_t i = 0; i < update->node_count; i++) {
        struct ic_mls_path_node node;
        ic_mls_read_path_node(&list, &node);
        keys[i] = node.encryption_key;
        if (ic_kem_check_public(suite->kem, keys[i]) != IC_OK)
            return IC_ERR_MALFORMED;
    }
    return IC_OK;
}

static enum ic_err apply(struct ic_mls_tree *next, struct ic_leaf sender,
                         const struct ic_mls_update_path *update, struct ic_node *room)
{
    struct ic_node path[IC_TREE_DEPTH_MAX], copath[IC_TREE_DEPTH_MAX];
    struct ic_bytes keys[IC_TREE_DEPTH_MAX];
    uint8_t hash[IC_HASH_MAX];

    if (!ic_mls_tree_leaf(next, sender) || update->leaf.source != IC_MLS_LEAF_COMMIT)
        return IC_ERR_MALFORMED;
    size_t count = ic_mls_filtered_path(path, copath, next, sender, room);
    if (count != update->node_count)
        return IC_ERR_MALFORMED;
    enum ic_err err = read_keys(keys, next->suite, update);
    if (err == IC_OK)
        err = ic_mls_tree_update(next, sender, update->leaf.encoded);
    ic_mls_tree_rehash(next);
    if (err == IC_OK)
        err = ic_mls_tree_set_path(next, hash, path, copath, keys, count);
    if (err != IC_OK)
        return err;
    struct ic_bytes want = {hash, count > 0 ? ic_mls_secret_len(next->suite) : 0};
    ic_mls_tree_rehash(next);
    return ic_bytes_equal(update->leaf.parent_hash, want) ? IC_OK : IC_ERR_FORGED;
}

enum ic_err ic_mls_tree_apply(struct ic_mls_tree **out, const struct ic_mls_tree *tree,
                              struct ic_leaf sender, const struct ic_mls_update_path *path)
{
    struct ic_node *room = calloc(ic_tree_nodes(tree->leaves), sizeof *room);
    struct ic_mls_tree *next = NULL;

    enum ic_err err = room ? ic_mls_tree_copy(&next, tree) : IC_ERR_SYSTEM;
    if (err == IC_OK && !ic_leaf_in_tree(sender, tree->leaves))
        err = IC_ERR_MALFORMED;
    if (err == IC_OK)
        err = apply(next, sender, path, room);
    free(room);
    if (err == IC_OK)
        *out = next;
    else
        ic_mls_tree_free(next);
    return err;
}

/* The ciphertext for a key of ours. `resolution` has the nodes below the copath node. */
static enum ic_err
find_ciphertext(struct ic_mls_ciphertext *out, const struct ic_mls_private_key **key,
                const struct ic_mls_private_tree *keys, const struct ic_mls_path_node *node,
                const struct ic_node *resolution, size_t count, struct ic_bytes added)
{
    struct ic_reader list = ic_reader_of(node->ciphertexts);
    struct ic_mls_ciphertext ciphertext;
    size_t given = 0;

    *key = NULL;
    for (size_t i = 0; i < count; i++) {
        struct ic_node x = resolution[i];
        const struct ic_mls_private_key *mine = &keys->at[ic_node_level(x)];
        if (ic_node_is_leaf(x) && ic_mls_leaves_have(added, ic_leaf_of(x)))
            continue;
        given++;
        ic_mls_read_ciphertext(&list, &ciphertext);
        if (!*key && mine->held && ic_node_is_below(ic_node_of(keys->leaf), x)) {
            *key = mine;
            *out = ciphertext;
        }
    }
    if (given != node->ciphertext_count)
        return IC_ERR_MALFORMED;
    return *key ? IC_OK : IC_ERR_NOT_FOUND;
}

/* The node of the path that is `x`, and its copath node. */
static enum ic_err find_node(struct ic_mls_path_node *out, struct ic_node *beside,
                             const struct ic_mls_tree *before, struct ic_leaf sender,
                             const struct ic_mls_update_path *path, struct ic_node x,
                             struct ic_node *room)
{
    struct ic_node nodes[IC_TREE_DEPTH_MAX], copath[IC_TREE_DEPTH_MAX];
    struct ic_reader list = ic_reader_of(path->nodes);
    size_t len = ic_mls_filtered_path(nodes, copath, before, sender, room);

    if (len != path->node_count)
        return IC_ERR_MALFORMED;
    for (size_t i = 0; i < len; i++) {
        ic_mls_read_path_node(&list, out);
        *beside = copath[i];
        if (nodes[i].n == x.n)
            return IC_OK;
    }
    return IC_ERR_NOT_FOUND;
}

static enum ic_err open_secret(uint8_t *secret, const struct ic_mls_private_tree *keys,
                               const struct ic_mls_tree *before, struct ic_leaf sender,
                               const struct ic_mls_update_path *path, struct ic_bytes added,
                               struct ic_bytes context, struct ic_node *room)
{
    const struct ic_suite *suite = before->suite;
    struct ic_node beside, x = ic_node_common(ic_node_of(keys->leaf), ic_node_of(sender));
    const struct ic_mls_private_key *key;
    struct ic_mls_ciphertext sealed;
    struct ic_mls_path_node node;

    enum ic_err err = find_node(&node, &beside, before, sender, path, x, room);
    if (err != IC_OK)
        return err;
    size_t count = ic_mls_tree_resolution(room, before, beside);
    err = find_ciphertext(&sealed, &key, keys, &node, room, count, added);
    if (err != IC_OK)
        return err;
    if (sealed.ciphertext.len != ic_mls_secret_len(suite) + IC_CIPHER_TAG_LEN)
        return IC_ERR_MALFORMED;
    struct ic_bytes private_key = {key->key, ic_kem_lengths(suite->kem).private_len};
    return ic_mls_decrypt(secret, suite, private_key, "UpdatePathNode", context, sealed.kem_output,
                          sealed.ciphertext);
}

enum ic_err ic_mls_path_open(struct ic_mls_private_tree *keys, uint8_t *path_secret,
                             uint8_t *commit_secret, const struct ic_mls_tree *before,
                             const struct ic_mls_tree *after, struct ic_leaf sender,
                             const struct ic_mls_update_path *path, struct ic_bytes added,
                             struct ic_bytes context)
{
    size_t len = ic_mls_secret_len(before->suite);
    uint8_t secret[IC_HASH_MAX];

    if (sender.n == keys->leaf.n || !ic_leaf_in_tree(sender, before->leaves))
        return IC_ERR_NOT_FOUND;
    struct ic_node *room = calloc(ic_tree_nodes(before->leaves), sizeof *room);
    if (!room)
        return IC_ERR_SYSTEM;
    struct ic_node x = ic_node_common(ic_node_of(keys->leaf), ic_node_of(sender));
    enum ic_err err = open_secret(secret, keys, before, sender, path, added, context, room);
    free(room);
    if (err == IC_OK)
        err = ic_mls_private_tree_learn(keys, commit_secret, after, x,
                                        (struct ic_bytes){secret, len});
    if (err == IC_OK)
        memcpy(path_secret, secret, len);
    ic_secret_wipe(secret, sizeof secret);
    return err;
}
