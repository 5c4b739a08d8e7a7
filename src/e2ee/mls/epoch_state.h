/* epoch_state.h - all that a member holds of one epoch: the current one, the one that is staged,
 * one that is over. Inside the library; group.h is for the others. */
#pragma once

#include "e2ee/mls/group_context.h"
#include "e2ee/mls/key_schedule.h"
#include "e2ee/mls/message.h"
#include "e2ee/mls/private_tree.h"
#include "e2ee/mls/secret_tree.h"

struct ic_mls_epoch_state {
    const struct ic_suite *suite;
    struct ic_mls_group_context context; /* views over context_bytes */
    struct ic_mls_message context_bytes;
    struct ic_mls_tree *tree;
    struct ic_mls_private_tree keys;
    struct ic_mls_epoch secrets;
    struct ic_mls_secret_tree *messages;
    uint8_t interim_hash[IC_HASH_MAX];
    uint8_t confirmation_tag[IC_HASH_MAX];
    uint8_t signature_private[IC_SIGNATURE_PRIVATE_MAX];
};

/* Erases and frees; one that is all zero is fine. */
void ic_mls_epoch_state_clear(struct ic_mls_epoch_state *state);

/* Encodes `context` as the state's own. IC_ERR_SYSTEM. */
enum ic_err ic_mls_epoch_state_set_context(struct ic_mls_epoch_state *state,
                                           const struct ic_mls_group_context *context) IC_CHECKED;

/* The secret tree from the encryption secret, which is erased. IC_ERR_SYSTEM. */
enum ic_err ic_mls_epoch_state_start(struct ic_mls_epoch_state *state) IC_CHECKED;

/* Keeps what opens application messages, and erases the rest: the epoch is over. */
void ic_mls_epoch_state_retire(struct ic_mls_epoch_state *state);

/* The key that signs as our leaf. */
static inline struct ic_bytes ic_mls_epoch_state_signer(const struct ic_mls_epoch_state *state)
{
    return (struct ic_bytes){state->signature_private,
                             ic_signature_lengths(state->suite->signature).private_len};
}
