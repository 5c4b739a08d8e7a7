/* outgoing.h - a content of ours on its way out: encoded, signed, then protected (RFC 9420 section
 * 6). Inside the library; group.h is for the others. */
#pragma once

#include "e2ee/mls/epoch_state.h"
#include "e2ee/mls/framing.h"

enum { IC_MLS_OUTGOING_MAX = 1 << 28 }; /* bytes of a content or of padding */

/* Points into itself: do not copy it. */
struct ic_mls_outgoing {
    struct ic_mls_authenticated authenticated;
    struct ic_mls_message encoded; /* the content */
    uint8_t signature[IC_SIGNATURE_MAX];
    uint8_t tag[IC_HASH_MAX];
};

/* Encodes `content`, of which `body` is looked at, and signs it. `group_context` is its encoding.
 * IC_ERR_FULL when it is too large; errors of ic_mls_sign(). To be cleared in any case. */
enum ic_err ic_mls_outgoing_init(struct ic_mls_outgoing *out, const struct ic_suite *suite,
                                 struct ic_bytes private_key, enum ic_mls_wire_format format,
                                 const struct ic_mls_content *content,
                                 struct ic_bytes group_context) IC_CHECKED;
void ic_mls_outgoing_clear(struct ic_mls_outgoing *outgoing);

/* Of a commit: its confirmation tag. */
void ic_mls_outgoing_set_tag(struct ic_mls_outgoing *outgoing, const uint8_t *tag, size_t len);

/* The MLSMessage, in the epoch that `state` holds; a private one uses a key of its tree up. `state`
 * is NULL when the sender is no member. */
enum ic_err ic_mls_outgoing_protect(struct ic_mls_message *out,
                                    const struct ic_mls_outgoing *outgoing,
                                    const struct ic_mls_epoch_state *state,
                                    size_t padding) IC_CHECKED;

/* The AuthenticatedContent, which gives a proposal its reference. */
enum ic_err ic_mls_outgoing_encode(struct ic_mls_message *out,
                                   const struct ic_mls_outgoing *outgoing) IC_CHECKED;
