/* private_message.h - messages that only members can read; who sent one is hidden too (RFC 9420
 * section 6.3). */
#pragma once

#include "e2ee/mls/framing.h"
#include "e2ee/mls/key_schedule.h"
#include "e2ee/mls/secret_tree.h"

struct ic_mls_private_message {
    struct ic_bytes group_id;
    uint64_t epoch;
    enum ic_mls_content_type type;
    struct ic_bytes authenticated_data;
    struct ic_bytes encrypted_sender_data, ciphertext;
    struct ic_bytes sender_data_aad, content_aad;
};

/* Reads an MLSMessage from its version on; other wire formats are bad. */
void ic_mls_read_private(struct ic_reader *r, struct ic_mls_private_message *out);

/* A message of our own leaf, `authenticated.content.sender.index`, with `padding` zeros inside.
 * `authenticated` needs its content's fields with `body`, the signature and of a commit the
 * confirmation tag. Uses a key of the tree up. IC_ERR_FULL when `w` is too small, then no key is
 * used; else the errors of cipher.h and ic_mls_secret_tree_next(). */
enum ic_err ic_mls_write_private(struct ic_writer *w,
                                 const struct ic_mls_authenticated *authenticated,
                                 const struct ic_mls_epoch *epoch, struct ic_mls_secret_tree *tree,
                                 size_t padding) IC_CHECKED;

/* What came out of a private message, and the key that it used. */
struct ic_mls_opened {
    struct ic_mls_authenticated authenticated; /* views over the caller's buffer */
    enum ic_mls_ratchet ratchet;
    uint32_t generation;
};

/* Writes at most as many bytes to `buffer` as the message had. Changes nothing: when the signature
 * is good too (ic_mls_content_verify()), use the key up with ic_mls_secret_tree_spend().
 * IC_ERR_FORGED when it was not made by a member, or changed; IC_ERR_MALFORMED for contents or
 * padding that break the format; IC_ERR_FULL when the buffer is too small; else the errors of
 * ic_mls_secret_tree_peek(). On error `out` is untouched. */
enum ic_err ic_mls_private_open(struct ic_mls_opened *out, uint8_t *buffer, size_t size,
                                const struct ic_mls_private_message *message,
                                const struct ic_mls_epoch *epoch,
                                const struct ic_mls_secret_tree *tree) IC_CHECKED;
