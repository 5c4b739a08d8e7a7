/* update_path.c - making an update path (RFC 9420 sections 7.4 to 7.6 and 7.9). */
#include "e2ee/mls/update_path.h"

#include <assert.h>
#include <stdlib.h>

#include "crypto/random.h"
#include "crypto/secret.h"
#include "e2ee/mls/codec.h"
#include "e2ee/mls/own_leaf.h"
#include "e2ee/mls/tree_edit.h"
#include "e2ee/mls/treekem.h"

/* Public keys, which the new tree copies. */
struct fresh_keys {
    uint8_t leaf[IC_KEM_PUBLIC_MAX];
    uint8_t nodes[IC_TREE_DEPTH_MAX][IC_KEM_PUBLIC_MAX];
};

static struct ic_bytes secret_of(const struct ic_suite *suite, const uint8_t *at)
{
    return (struct ic_bytes){at, ic_mls_secret_len(suite)};
}

/* The place is a member's, or what an external commit takes. */
static enum ic_err make_room_for(struct ic_mls_tree *tree, struct ic_leaf leaf)
{
    struct ic_leaf next = ic_mls_tree_next_place(tree);
    if (ic_mls_tree_leaf(tree, leaf))
        return IC_OK;
    assert(leaf.n == next.n);
    return leaf.n == tree->leaves ? ic_mls_tree_widen(tree) : IC_OK;
}

static enum ic_err find_path(struct ic_mls_own_path *own)
{
    struct ic_node *room = calloc(ic_tree_nodes(own->tree->leaves), sizeof *room);
    if (!room)
        return IC_ERR_SYSTEM;
    own->count = ic_mls_filtered_path(own->path, own->copath, own->tree, own->keys.leaf, room);
    free(room);
    return IC_OK;
}

static enum ic_err derive_key(struct ic_mls_private_key *out, uint8_t *public_key,
                              const struct ic_suite *suite, struct ic_bytes path_secret)
{
    uint8_t node_secret[IC_HASH_MAX];

    ic_mls_derive(node_secret, suite, path_secret, "node");
    enum ic_err err =
        ic_kem_derive(out->key, public_key, suite->kem, secret_of(suite, node_secret));
    ic_secret_wipe(node_secret, sizeof node_secret);
    out->held = err == IC_OK;
    return err;
}

/* A secret for each node of the path, each from the one below; the last gives the commit secret. */
static enum ic_err make_secrets(struct ic_mls_own_path *own, struct fresh_keys *fresh)
{
    const struct ic_suite *suite = own->tree->suite;
    uint8_t *secret = own->count > 0 ? own->secrets[0] : own->commit_secret;

    enum ic_err err = IC_OK;
    ic_random_fill(secret, ic_mls_secret_len(suite));
    for (size_t i = 0; i < own->count && err == IC_OK; i++) {
        struct ic_mls_private_key *key = &own->keys.at[ic_node_level(own->path[i])];
        err = derive_key(key, fresh->nodes[i], suite, secret_of(suite, own->secrets[i]));
        secret = i + 1 < own->count ? own->secrets[i + 1] : own->commit_secret;
        ic_mls_derive(secret, suite, secret_of(suite, own->secrets[i]), "path");
    }
    if (err == IC_OK)
        err = ic_kem_generate(own->keys.at[0].key, fresh->leaf, suite->kem);
    own->keys.at[0].held = err == IC_OK;
    return err;
}

/* Our leaf is signed last, over the parent hash of the nodes above it. */
static enum ic_err set_keys(struct ic_mls_own_path *own, const struct fresh_keys *fresh,
                            const struct ic_mls_identity *identity, struct ic_bytes group_id)
{
    const struct ic_suite *suite = own->tree->suite;
    size_t public_len = ic_kem_lengths(suite->kem).public_len;
    struct ic_bytes keys[IC_TREE_DEPTH_MAX];
    uint8_t parent_hash[IC_HASH_MAX];
    struct ic_mls_message leaf;

    for (size_t i = 0; i < own->count; i++)
        keys[i] = (struct ic_bytes){fresh->nodes[i], public_len};
    ic_mls_tree_remove(own->tree, own->keys.leaf);
    ic_mls_tree_rehash(own->tree);
    enum ic_err err =
        ic_mls_tree_set_path(own->tree, parent_hash, own->path, own->copath, keys, own->count);
    if (err != IC_OK)
        return err;
    const struct ic_mls_leaf_origin origin = {
        .source = IC_MLS_LEAF_COMMIT,
        .encryption_key = {fresh->leaf, public_len},
        .parent_hash = {parent_hash, own->count > 0 ? ic_mls_secret_len(suite) : 0},
        .place = {group_id, own->keys.leaf},
    };
    err = ic_mls_own_leaf_encode(&leaf, suite, identity, &origin);
    if (err != IC_OK)
        return err;
    err = ic_mls_tree_set_leaf(own->tree, own->keys.leaf, ic_mls_message_bytes(&leaf));
    ic_mls_message_clear(&leaf);
    ic_mls_tree_rehash(own->tree);
    return err;
}

static enum ic_err make(struct ic_mls_own_path *own, const struct ic_mls_tree *tree,
                        const struct ic_mls_identity *identity, struct ic_bytes group_id)
{
    struct fresh_keys *fresh = calloc(1, sizeof *fresh);

    enum ic_err err = fresh ? ic_mls_tree_copy(&own->tree, tree) : IC_ERR_SYSTEM;
    if (err == IC_OK)
        err = make_room_for(own->tree, own->keys.leaf);
    if (err == IC_OK)
        err = find_path(own);
    if (err == IC_OK)
        err = make_secrets(own, fresh);
    if (err == IC_OK)
        err = set_keys(own, fresh, identity, group_id);
    free(fresh);
    return err;
}

enum ic_err ic_mls_own_path_new(struct ic_mls_own_path **out, const struct ic_mls_tree *tree,
                                struct ic_leaf leaf, const struct ic_mls_identity *identity,
                                struct ic_bytes group_id)
{
    struct ic_mls_own_path *own = calloc(1, sizeof *own);
    if (!own)
        return IC_ERR_SYSTEM;
    own->keys = (struct ic_mls_private_tree){.suite = tree->suite, .leaf = leaf};
    enum ic_err err = make(own, tree, identity, group_id);
    if (err == IC_OK)
        *out = own;
    else
        ic_mls_own_path_free(own);
    return err;
}

void ic_mls_own_path_free(struct ic_mls_own_path *path)
{
    if (!path)
        return;
    ic_mls_tree_free(path->tree);
    ic_secret_wipe(path, sizeof *path);
    free(path);
}

struct ic_bytes ic_mls_own_path_secret_for(const struct ic_mls_own_path *path,
                                           struct ic_leaf newcomer)
{
    struct ic_node own = ic_node_of(path->keys.leaf), x = ic_node_of(newcomer);

    for (size_t i = 0; i < path->count; i++)
        if (ic_node_common(own, x).n == path->path[i].n)
            return secret_of(path->tree->suite, path->secrets[i]);
    return (struct ic_bytes){0};
}

static struct ic_bytes key_of(const struct ic_mls_node *node)
{
    return node->kind == IC_MLS_NODE_LEAF ? node->leaf.encryption_key : node->parent.encryption_key;
}

static enum ic_err seal_secret(struct ic_writer *w, const struct ic_suite *suite,
                               struct ic_bytes public_key, struct ic_bytes secret,
                               struct ic_bytes context)
{
    uint8_t kem_output[IC_KEM_ENC_MAX], ciphertext[IC_HASH_MAX + IC_CIPHER_TAG_LEN];
    const struct ic_mls_ciphertext sealed = {
        .kem_output = {kem_output, ic_kem_lengths(suite->kem).enc_len},
        .ciphertext = {ciphertext, secret.len + IC_CIPHER_TAG_LEN},
    };

    enum ic_err err = ic_mls_encrypt(ciphertext, kem_output, suite, public_key, "UpdatePathNode",
                                     context, secret);
    if (err == IC_OK)
        ic_mls_write_ciphertext(w, &sealed);
    return err;
}

struct sealing {
    const struct ic_mls_own_path *own;
    struct ic_bytes added, context;
    struct ic_node *room; /* for resolutions */
};

static bool is_added(const struct sealing *s, struct ic_node x)
{
    return ic_node_is_leaf(x) && ic_mls_leaves_have(s->added, ic_leaf_of(x));
}

/* UpdatePathNode: the public key, and the secret for everybody on the other side. */
static enum ic_err write_node(struct ic_writer *w, const struct sealing *s, size_t i)
{
    const struct ic_mls_tree *tree = s->own->tree;
    struct ic_bytes secret = secret_of(tree->suite, s->own->secrets[i]);

    ic_mls_write_vector(w, tree->nodes[s->own->path[i].n].parent.encryption_key);
    size_t list = ic_mls_list_begin(w);
    size_t count = ic_mls_tree_resolution(s->room, tree, s->own->copath[i]);
    for (size_t k = 0; k < count; k++) {
        struct ic_node x = s->room[k];
        if (is_added(s, x))
            continue;
        enum ic_err err =
            seal_secret(w, tree->suite, key_of(&tree->nodes[x.n]), secret, s->context);
        if (err != IC_OK)
            return err;
    }
    ic_mls_list_end(w, list);
    return IC_OK;
}

static const struct ic_mls_leaf_node *own_leaf(const struct ic_mls_own_path *own)
{
    return &own->tree->nodes[ic_node_of(own->keys.leaf).n].leaf;
}

static size_t most_bytes(const struct sealing *s)
{
    const struct ic_mls_own_path *own = s->own;
    struct ic_kem_lengths lengths = ic_kem_lengths(own->tree->suite->kem);
    size_t secret_len = ic_mls_secret_len(own->tree->suite) + IC_CIPHER_TAG_LEN;
    size_t sealed = 2 * IC_MLS_HEADER_MAX + lengths.enc_len + secret_len;
    size_t size = own_leaf(own)->encoded.len + IC_MLS_HEADER_MAX;

    for (size_t i = 0; i < own->count; i++)
        size += lengths.public_len + 2 * IC_MLS_HEADER_MAX +
                sealed * ic_mls_tree_resolution(s->room, own->tree, own->copath[i]);
    return size;
}

static enum ic_err write_path(struct ic_writer *w, const struct sealing *s)
{
    enum ic_err err = IC_OK;

    ic_write_bytes(w, own_leaf(s->own)->encoded);
    size_t list = ic_mls_list_begin(w);
    for (size_t i = 0; i < s->own->count && err == IC_OK; i++)
        err = write_node(w, s, i);
    ic_mls_list_end(w, list);
    return err == IC_OK && w->bad ? IC_ERR_SYSTEM : err;
}

enum ic_err ic_mls_own_path_seal(struct ic_mls_message *out, const struct ic_mls_own_path *path,
                                 struct ic_bytes added, struct ic_bytes context)
{
    struct ic_node *room = calloc(ic_tree_nodes(path->tree->leaves), sizeof *room);
    if (!room)
        return IC_ERR_SYSTEM;
    const struct sealing s = {path, added, context, room};
    size_t size = most_bytes(&s);
    uint8_t *at = malloc(size);
    struct ic_writer w = ic_writer_of(at, size);
    enum ic_err err = at ? write_path(&w, &s) : IC_ERR_SYSTEM;

    free(room);
    if (err == IC_OK)
        *out = (struct ic_mls_message){at, w.len};
    else
        free(at);
    return err;
}
