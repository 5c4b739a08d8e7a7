/* epoch_state.c - what one epoch holds, and how it is erased. */
#include "e2ee/mls/epoch_state.h"

#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/mls/codec.h"

void ic_mls_epoch_state_clear(struct ic_mls_epoch_state *state)
{
    ic_mls_tree_free(state->tree);
    ic_mls_secret_tree_free(state->messages);
    ic_mls_message_clear(&state->context_bytes);
    ic_secret_wipe(state, sizeof *state);
}

enum ic_err ic_mls_epoch_state_set_context(struct ic_mls_epoch_state *state,
                                           const struct ic_mls_group_context *context)
{
    size_t size = 2 + 2 + 8 + 4 * IC_MLS_HEADER_MAX + context->group_id.len +
                  context->tree_hash.len + context->confirmed_transcript_hash.len +
                  context->extensions.len;
    uint8_t *at = malloc(size);
    if (!at)
        return IC_ERR_SYSTEM;
    struct ic_writer w = ic_writer_of(at, size);
    ic_mls_write_group_context(&w, context);
    ic_mls_message_clear(&state->context_bytes);
    state->context_bytes = (struct ic_mls_message){at, w.len};
    struct ic_reader r = ic_reader_of(ic_written(&w));
    ic_mls_read_group_context(&r, &state->context);
    return ic_mls_finish(&r);
}

enum ic_err ic_mls_epoch_state_start(struct ic_mls_epoch_state *state)
{
    size_t len = ic_mls_secret_len(state->suite);
    struct ic_bytes secret = {state->secrets.encryption, len};
    enum ic_err err =
        ic_mls_secret_tree_new(&state->messages, state->suite, secret, state->tree->leaves);
    ic_secret_wipe(state->secrets.encryption, sizeof state->secrets.encryption);
    return err;
}

void ic_mls_epoch_state_retire(struct ic_mls_epoch_state *state)
{
    struct ic_mls_epoch kept = {.suite = state->suite, .exports_ended = true};

    memcpy(kept.sender_data, state->secrets.sender_data, sizeof kept.sender_data);
    ic_mls_epoch_clear(&state->secrets);
    state->secrets = kept;
    ic_mls_private_tree_clear(&state->keys);
    ic_secret_wipe(state->signature_private, sizeof state->signature_private);
    ic_secret_wipe(&kept, sizeof kept);
}
