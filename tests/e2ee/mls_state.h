/* mls_state.h - all that a group holds, as one digest: has anything changed? */
#pragma once

#include "crypto/hash.h"
#include "e2ee/mls/group_state.h"
#include "e2ee/mls/tree_edit.h"
#include "tests/test.h"

struct mls_state {
    uint8_t digest[IC_SHA256_LEN];
};

static inline void mls_state_mix(struct mls_state *state, struct ic_bytes bytes)
{
    uint8_t len[8];
    struct ic_writer w = ic_writer_of(len, sizeof len);
    ic_write_uint(&w, bytes.len, 8);
    const struct ic_bytes parts[] = {
        {state->digest, sizeof state->digest}, {len, sizeof len}, bytes};
    ic_hash(state->digest, IC_HASH_SHA256, parts, IC_COUNT(parts));
}

/* The first keys of each ratchet: which are there, and what they are. */
static inline void mls_state_mix_keys(struct mls_state *state,
                                      const struct ic_mls_secret_tree *tree, uint32_t leaves)
{
    for (struct ic_leaf leaf = {0}; leaf.n < leaves; leaf.n++)
        for (int ratchet = 0; ratchet < IC_MLS_RATCHETS; ratchet++)
            for (uint32_t generation = 0; generation < 4; generation++) {
                struct ic_mls_message_key key = {0};
                enum ic_err err = ic_mls_secret_tree_peek(&key, tree, leaf,
                                                          (enum ic_mls_ratchet)ratchet, generation);
                uint8_t code = (uint8_t)err;
                mls_state_mix(state, (struct ic_bytes){&code, 1});
                mls_state_mix(state, (struct ic_bytes){key.key, sizeof key.key});
                mls_state_mix(state, (struct ic_bytes){key.nonce, sizeof key.nonce});
            }
}

static inline void mls_state_mix_epoch(struct mls_state *state,
                                       const struct ic_mls_epoch_state *epoch)
{
    struct ic_mls_message tree;
    assert_int_equal(ic_mls_tree_encode(&tree, epoch->tree), IC_OK);
    mls_state_mix(state, ic_mls_message_bytes(&tree));
    ic_mls_message_clear(&tree);
    mls_state_mix(state, ic_mls_tree_hash(epoch->tree, ic_tree_root(epoch->tree->leaves)));
    mls_state_mix(state, epoch->context.encoded);
    mls_state_mix(state, (struct ic_bytes){(const uint8_t *)&epoch->keys, sizeof epoch->keys});
    mls_state_mix(state,
                  (struct ic_bytes){(const uint8_t *)&epoch->secrets, sizeof epoch->secrets});
    mls_state_mix(state, (struct ic_bytes){epoch->interim_hash, sizeof epoch->interim_hash});
    mls_state_mix(state,
                  (struct ic_bytes){epoch->confirmation_tag, sizeof epoch->confirmation_tag});
    mls_state_mix(state,
                  (struct ic_bytes){epoch->signature_private, sizeof epoch->signature_private});
    mls_state_mix_keys(state, epoch->messages, epoch->tree->leaves);
}

static inline struct mls_state mls_state_of(const struct ic_mls_group *group)
{
    struct mls_state state = {0};

    mls_state_mix_epoch(&state, &group->now);
    for (size_t i = 0; i < group->past_count; i++)
        mls_state_mix_epoch(&state, &group->past[i]);
    mls_state_mix(
        &state, (struct ic_bytes){(const uint8_t *)group->resumptions, sizeof group->resumptions});
    for (size_t i = 0; i < group->pending.count; i++) {
        const struct ic_mls_pending_entry *entry = group->pending.at[i];
        mls_state_mix(&state, ic_mls_message_bytes(&entry->bytes));
        mls_state_mix(&state, (struct ic_bytes){(const uint8_t *)&entry->own, sizeof entry->own});
    }
    mls_state_mix(&state, ic_mls_message_bytes(&group->reinit_bytes));
    return state;
}

static inline bool mls_state_equal(const struct mls_state *a, const struct mls_state *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}
