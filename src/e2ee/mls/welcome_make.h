/* welcome_make.h - bringing somebody in: the group's description, and the Welcome that seals it and
 * each newcomer's secrets (RFC 9420 sections 12.4.3 and 12.4.3.1; welcome.h is the other end). */
#pragma once

#include "e2ee/mls/message.h"
#include "e2ee/mls/ratchet_tree.h"
#include "e2ee/mls/welcome.h"

struct ic_mls_info_plan {
    struct ic_bytes context; /* encoded, of the epoch described */
    struct ic_bytes confirmation_tag;
    struct ic_leaf signer;
    struct ic_bytes signature_private;
    const struct ic_mls_tree *tree;   /* for the ratchet_tree extension; NULL when it goes apart */
    const struct ic_mls_epoch *epoch; /* for the external_pub extension; NULL for none */
    struct ic_bytes extensions;       /* further ones, one behind the other */
};

/* A signed GroupInfo. IC_ERR_MALFORMED when `extensions` break the rules of a list, also when one
 * of the two above is among them; IC_ERR_SYSTEM. */
enum ic_err ic_mls_info_make(struct ic_mls_message *out, const struct ic_suite *suite,
                             const struct ic_mls_info_plan *plan) IC_CHECKED;
/* The same as an MLSMessage, for joiners by an external commit. */
enum ic_err ic_mls_info_make_message(struct ic_mls_message *out, const struct ic_suite *suite,
                                     const struct ic_mls_info_plan *plan) IC_CHECKED;

struct ic_mls_newcomer {
    struct ic_mls_key_package package; /* as read; `encoded` and `init_key` are looked at */
    struct ic_bytes path_secret;       /* ic_mls_own_path_secret_for(); empty without a path */
};

struct ic_mls_welcome_plan {
    struct ic_bytes joiner_secret, psk_secret;
    struct ic_bytes psks; /* encoded PreSharedKeyIDs, one behind the other, in the commit's order */
    struct ic_bytes group_info; /* what ic_mls_info_make() gave */
    const struct ic_mls_newcomer *newcomers;
    size_t newcomer_count; /* at most IC_MLS_WELCOMED_MAX */
};

/* A Welcome as an MLSMessage. IC_ERR_FULL for too many newcomers; IC_ERR_MALFORMED for an init key
 * that is none; IC_ERR_SYSTEM. */
enum ic_err ic_mls_welcome_make(struct ic_mls_message *out, const struct ic_suite *suite,
                                const struct ic_mls_welcome_plan *plan) IC_CHECKED;
