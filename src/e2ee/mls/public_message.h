/* public_message.h - messages that are signed and not encrypted; members add a tag that only
 * members can make (RFC 9420 section 6.2). */
#pragma once

#include "e2ee/mls/framing.h"
#include "e2ee/mls/key_schedule.h"

struct ic_mls_public_message {
    struct ic_mls_authenticated authenticated;
    struct ic_bytes membership_tag; /* of a member */
};

/* Reads an MLSMessage from its version on; other wire formats are bad, and so is application data,
 * which is never sent in the clear. Nothing of it is verified yet. */
void ic_mls_read_public(struct ic_reader *r, struct ic_mls_public_message *out);

/* Writes an MLSMessage. `authenticated` needs its content's `sender`, `type` and `encoded`, the
 * signature and of a commit the confirmation tag; `epoch` is the one it is sent in. */
void ic_mls_write_public(struct ic_writer *w, const struct ic_mls_authenticated *authenticated,
                         const struct ic_mls_epoch *epoch, struct ic_bytes group_context);

/* Is the message of a member one of a member? IC_ERR_FORGED when not. Of other senders there is no
 * tag to check: IC_OK. The signature is another matter: ic_mls_content_verify(). */
enum ic_err ic_mls_public_check(const struct ic_mls_public_message *message,
                                const struct ic_mls_epoch *epoch,
                                struct ic_bytes group_context) IC_CHECKED;
