/* secret_tree.c - the secret tree and its ratchets (RFC 9420 sections 9.1, 9.2 and 6.3.2). */
#include "e2ee/mls/secret_tree.h"

#include <assert.h>
#include <stdlib.h>

#include "crypto/secret.h"

struct skipped {
    bool held;
    uint32_t generation;
    struct ic_mls_message_key key;
};

struct ratchet {
    uint8_t secret[IC_HASH_MAX]; /* of generation `next` */
    uint32_t next;
    struct skipped skipped[IC_MLS_SKIPPED_MAX]; /* generation g at place g modulo the size */
};

struct leaf_ratchets {
    struct ratchet of[IC_MLS_RATCHETS];
};

struct node_secret {
    bool held;
    uint8_t secret[IC_HASH_MAX];
};

struct ic_mls_secret_tree {
    const struct ic_suite *suite;
    uint32_t leaves;
    struct node_secret *nodes;      /* 2 * leaves - 1 */
    struct leaf_ratchets **started; /* of each leaf, NULL until its first message */
};

enum ic_err ic_mls_secret_tree_new(struct ic_mls_secret_tree **out, const struct ic_suite *suite,
                                   struct ic_bytes encryption_secret, uint32_t leaves)
{
    assert(encryption_secret.len == ic_mls_secret_len(suite));
    struct ic_mls_secret_tree *tree = calloc(1, sizeof *tree);
    if (!tree)
        return IC_ERR_SYSTEM;
    *tree = (struct ic_mls_secret_tree){.suite = suite, .leaves = leaves};
    tree->nodes = calloc(ic_tree_nodes(leaves), sizeof *tree->nodes);
    tree->started = calloc(leaves, sizeof *tree->started);
    if (!tree->nodes || !tree->started) {
        ic_mls_secret_tree_free(tree);
        return IC_ERR_SYSTEM;
    }
    struct node_secret *root = &tree->nodes[ic_tree_root(leaves).n];
    root->held = true;
    memcpy(root->secret, encryption_secret.at, encryption_secret.len);
    *out = tree;
    return IC_OK;
}

void ic_mls_secret_tree_free(struct ic_mls_secret_tree *tree)
{
    if (!tree)
        return;
    for (uint32_t i = 0; tree->started && i < tree->leaves; i++)
        if (tree->started[i]) {
            ic_secret_wipe(tree->started[i], sizeof *tree->started[i]);
            free(tree->started[i]);
        }
    if (tree->nodes)
        ic_secret_wipe(tree->nodes, ic_tree_nodes(tree->leaves) * sizeof *tree->nodes);
    free(tree->started);
    free(tree->nodes);
    free(tree);
}

static struct ic_bytes secret_of(const struct ic_suite *suite, const uint8_t *at)
{
    return (struct ic_bytes){at, ic_mls_secret_len(suite)};
}

/* Replaces `secret`, that of `top`, by that of its child towards `leaf`. */
static struct ic_node descend(uint8_t *secret, const struct ic_suite *suite, struct ic_node top,
                              struct ic_node leaf)
{
    bool left = leaf.n < top.n;
    ic_mls_expand(secret, ic_mls_secret_len(suite), suite, secret_of(suite, secret), "tree",
                  ic_bytes_of_text(left ? "left" : "right"));
    return left ? ic_node_left(top) : ic_node_right(top);
}

/* The lowest node above the leaf that still has its secret. There is one until the leaf itself was
 * started. */
static struct ic_node held_above(const struct ic_mls_secret_tree *tree, struct ic_node x)
{
    while (!tree->nodes[x.n].held)
        x = ic_node_parent(x);
    return x;
}

static void start_ratchets(struct leaf_ratchets *out, const struct ic_mls_secret_tree *tree,
                           struct ic_leaf leaf)
{
    static const char *const LABELS[] = {
        [IC_MLS_RATCHET_HANDSHAKE] = "handshake", [IC_MLS_RATCHET_APPLICATION] = "application"};
    struct ic_node target = ic_node_of(leaf), x = held_above(tree, target);
    uint8_t secret[IC_HASH_MAX];

    memcpy(secret, tree->nodes[x.n].secret, sizeof secret);
    while (x.n != target.n)
        x = descend(secret, tree->suite, x, target);
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < IC_MLS_RATCHETS; i++)
        ic_mls_derive(out->of[i].secret, tree->suite, secret_of(tree->suite, secret), LABELS[i]);
    ic_secret_wipe(secret, sizeof secret);
}

/* The way down to a leaf, with the secrets beside it kept and those on it erased. */
static void give_up_path(struct ic_mls_secret_tree *tree, struct ic_leaf leaf)
{
    struct ic_node target = ic_node_of(leaf), x = held_above(tree, target);

    while (x.n != target.n) {
        struct node_secret *top = &tree->nodes[x.n];
        struct ic_node children[] = {ic_node_left(x), ic_node_right(x)};
        for (size_t i = 0; i < IC_COUNT(children); i++) {
            struct node_secret *child = &tree->nodes[children[i].n];
            memcpy(child->secret, top->secret, sizeof child->secret);
            descend(child->secret, tree->suite, x, children[i]);
            child->held = true;
        }
        ic_secret_wipe(top, sizeof *top);
        x = ic_node_is_below(target, children[0]) ? children[0] : children[1];
    }
    ic_secret_wipe(&tree->nodes[target.n], sizeof tree->nodes[target.n]);
}

static void step(struct ratchet *ratchet, const struct ic_suite *suite,
                 struct ic_mls_message_key *key)
{
    struct ic_bytes secret = secret_of(suite, ratchet->secret);
    uint32_t generation = ratchet->next++;

    *key = (struct ic_mls_message_key){0};
    ic_mls_derive_tree(key->key, ic_cipher_key_len(suite->cipher), suite, secret, "key",
                       generation);
    ic_mls_derive_tree(key->nonce, sizeof key->nonce, suite, secret, "nonce", generation);
    ic_mls_derive_tree(ratchet->secret, secret.len, suite, secret, "secret", generation);
}

/* Moves on until `generation` is the newest skipped key. */
static enum ic_err catch_up(struct ratchet *ratchet, const struct ic_suite *suite,
                            uint32_t generation)
{
    if (generation == UINT32_MAX)
        return IC_ERR_EXHAUSTED;
    if (generation >= ratchet->next && generation - ratchet->next > IC_MLS_AHEAD_MAX)
        return IC_ERR_FULL;
    while (ratchet->next <= generation) {
        struct skipped *place = &ratchet->skipped[ratchet->next % IC_MLS_SKIPPED_MAX];
        place->held = true;
        place->generation = ratchet->next;
        step(ratchet, suite, &place->key);
    }
    return IC_OK;
}

static enum ic_err take(struct ic_mls_message_key *out, struct ratchet *ratchet,
                        const struct ic_suite *suite, uint32_t generation)
{
    enum ic_err err = catch_up(ratchet, suite, generation);
    if (err != IC_OK)
        return err;
    struct skipped *place = &ratchet->skipped[generation % IC_MLS_SKIPPED_MAX];
    if (!place->held || place->generation != generation)
        return IC_ERR_REPLAYED;
    *out = place->key;
    ic_secret_wipe(place, sizeof *place);
    return IC_OK;
}

enum ic_err ic_mls_secret_tree_peek(struct ic_mls_message_key *out,
                                    const struct ic_mls_secret_tree *tree, struct ic_leaf leaf,
                                    enum ic_mls_ratchet ratchet, uint32_t generation)
{
    struct leaf_ratchets copy;

    if (!ic_leaf_in_tree(leaf, tree->leaves))
        return IC_ERR_NOT_FOUND;
    if (tree->started[leaf.n])
        copy = *tree->started[leaf.n];
    else
        start_ratchets(&copy, tree, leaf);
    enum ic_err err = take(out, &copy.of[ratchet], tree->suite, generation);
    ic_secret_wipe(&copy, sizeof copy);
    return err;
}

/* The ratchets of a leaf, started if they were not. */
static struct leaf_ratchets *ratchets_of(struct ic_mls_secret_tree *tree, struct ic_leaf leaf)
{
    if (!tree->started[leaf.n]) {
        struct leaf_ratchets *fresh = malloc(sizeof *fresh);
        if (!fresh)
            return NULL;
        start_ratchets(fresh, tree, leaf);
        give_up_path(tree, leaf);
        tree->started[leaf.n] = fresh;
    }
    return tree->started[leaf.n];
}

enum ic_err ic_mls_secret_tree_spend(struct ic_mls_secret_tree *tree, struct ic_leaf leaf,
                                     enum ic_mls_ratchet ratchet, uint32_t generation)
{
    struct ic_mls_message_key key;

    if (!ic_leaf_in_tree(leaf, tree->leaves))
        return IC_ERR_NOT_FOUND;
    struct leaf_ratchets *ratchets = ratchets_of(tree, leaf);
    if (!ratchets)
        return IC_ERR_SYSTEM;
    enum ic_err err = take(&key, &ratchets->of[ratchet], tree->suite, generation);
    ic_secret_wipe(&key, sizeof key);
    return err;
}

enum ic_err ic_mls_secret_tree_next(struct ic_mls_message_key *out, uint32_t *generation,
                                    struct ic_mls_secret_tree *tree, struct ic_leaf leaf,
                                    enum ic_mls_ratchet ratchet)
{
    if (!ic_leaf_in_tree(leaf, tree->leaves))
        return IC_ERR_NOT_FOUND;
    struct leaf_ratchets *ratchets = ratchets_of(tree, leaf);
    if (!ratchets)
        return IC_ERR_SYSTEM;
    struct ratchet *r = &ratchets->of[ratchet];
    if (r->next == UINT32_MAX)
        return IC_ERR_EXHAUSTED;
    *generation = r->next;
    step(r, tree->suite, out);
    return IC_OK;
}

void ic_mls_sender_data_key(struct ic_mls_message_key *out, const struct ic_suite *suite,
                            struct ic_bytes sender_data_secret, struct ic_bytes ciphertext)
{
    size_t sample = ic_mls_secret_len(suite);
    struct ic_bytes front = {ciphertext.at, ciphertext.len < sample ? ciphertext.len : sample};

    *out = (struct ic_mls_message_key){0};
    ic_mls_expand(out->key, ic_cipher_key_len(suite->cipher), suite, sender_data_secret, "key",
                  front);
    ic_mls_expand(out->nonce, sizeof out->nonce, suite, sender_data_secret, "nonce", front);
}
