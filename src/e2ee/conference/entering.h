/* entering.h - on the way in, and into the group. */
#pragma once

#include "base/base.h"
#include "crypto/kem.h"
#include "e2ee/door/card.h"
#include "e2ee/door/knock.h"
#include "e2ee/mls/identity.h"
#include "e2ee/mls/message.h"

struct ic_conference;
struct ic_door_entered;
struct ic_identity_buffer;
struct ic_mls_group;

/* On the way in. */
struct ic_entering {
    uint8_t *card_buffer; /* IC_DOOR_CARD_SEALED_MAX bytes that `card` points into; NULL: no card */
    struct ic_door_card card;
    struct ic_mls_own_package package, older;
    bool packed, packed_before; /* there is a package; the one before, too */
    uint8_t reply_private[IC_KEM_PRIVATE_MAX], reply_public[IC_KEM_PUBLIC_MAX];
    struct ic_mls_message knock; /* as it was last sent; replies are bound to it */
    uint8_t answer[4 * IC_DOOR_ANSWER_MAX];
    size_t answer_len;
    bool returning; /* we ask to be taken in again, as the member that we are */
    unsigned asks;
    int64_t asked_at, lost_at;    /* when that was last, and first */
    struct ic_mls_message info;   /* sealed, what stands in the open door; nothing: it is shut */
    struct ic_mls_group *outside; /* made by a commit of our own, which is said */
    unsigned outside_tries;
    int64_t outside_at, outside_again_at; /* said; may be tried again, 0: no need */
    int64_t knock_again_at;               /* since the last one was refused; 0: it was not */
};

/* What ic_door_welcome_check() asks of `group`, in which we are the new leaf; entry, signer and
 * epoch before are left to the caller. It points into `buffer` and `group`. */
enum ic_err ic_describe_entry(struct ic_door_entered *out, struct ic_identity_buffer *buffer,
                              struct ic_conference *c, const struct ic_mls_group *group,
                              int64_t now) IC_CHECKED;
void ic_entering_clear(struct ic_entering *entering);
