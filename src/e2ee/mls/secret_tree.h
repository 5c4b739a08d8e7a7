/* secret_tree.h - a key of its own for each message of each member (RFC 9420 section 9).
 *
 * One secret at the root; each node's secret gives its children theirs and is erased; a leaf's
 * secret starts two ratchets, which move forward a step a message. What was used is gone: whoever
 * breaks in later cannot read what was said before.
 *
 * Messages may overtake each other: keys that were skipped are kept, the newest
 * IC_MLS_SKIPPED_MAX of a ratchet, and a message may be at most IC_MLS_AHEAD_MAX ahead. */
#pragma once

#include "e2ee/mls/derive.h"
#include "e2ee/mls/tree_math.h"

enum { IC_MLS_SKIPPED_MAX = 32, IC_MLS_AHEAD_MAX = 1024 };

enum ic_mls_ratchet { IC_MLS_RATCHET_HANDSHAKE, IC_MLS_RATCHET_APPLICATION, IC_MLS_RATCHETS };

struct ic_mls_message_key {
    uint8_t key[IC_CIPHER_KEY_MAX];
    uint8_t nonce[IC_CIPHER_NONCE_LEN];
};

struct ic_mls_secret_tree;

/* `leaves` is the width of the tree. The caller erases its copy of the encryption secret.
 * IC_ERR_SYSTEM when there is no memory; then `out` is untouched. */
enum ic_err ic_mls_secret_tree_new(struct ic_mls_secret_tree **out, const struct ic_suite *suite,
                                   struct ic_bytes encryption_secret, uint32_t leaves) IC_CHECKED;
/* Erases all of it. */
void ic_mls_secret_tree_free(struct ic_mls_secret_tree *tree);

/* The key of the next message of our own leaf, used up by this. Erase it after sealing.
 * IC_ERR_NOT_FOUND when there is no such leaf; IC_ERR_EXHAUSTED after 2^32 - 1 messages;
 * IC_ERR_SYSTEM when there is no memory. */
enum ic_err ic_mls_secret_tree_next(struct ic_mls_message_key *out, uint32_t *generation,
                                    struct ic_mls_secret_tree *tree, struct ic_leaf leaf,
                                    enum ic_mls_ratchet ratchet) IC_CHECKED;

/* The key of another's message, which changes nothing: a forged message must not cost a key.
 * IC_ERR_NOT_FOUND when there is no such leaf; IC_ERR_REPLAYED when the key was used or given up;
 * IC_ERR_FULL when it is too far ahead. */
enum ic_err ic_mls_secret_tree_peek(struct ic_mls_message_key *out,
                                    const struct ic_mls_secret_tree *tree, struct ic_leaf leaf,
                                    enum ic_mls_ratchet ratchet, uint32_t generation) IC_CHECKED;

/* Uses that key up, after the message proved to be genuine. The errors are those of peek(), and
 * IC_ERR_SYSTEM when there is no memory; then nothing has changed. */
enum ic_err ic_mls_secret_tree_spend(struct ic_mls_secret_tree *tree, struct ic_leaf leaf,
                                     enum ic_mls_ratchet ratchet, uint32_t generation) IC_CHECKED;

/* SenderData's key, from the first bytes of the ciphertext that it goes with (section 6.3.2). */
void ic_mls_sender_data_key(struct ic_mls_message_key *out, const struct ic_suite *suite,
                            struct ic_bytes sender_data_secret, struct ic_bytes ciphertext);
