/* own_leaf.h - our own leaf node, written and signed for each of its three sources (RFC 9420
 * section 7.2). */
#pragma once

#include "e2ee/mls/identity.h"
#include "e2ee/mls/message.h"

/* The identity that a leaf shows: how it says the same again with a fresh key. Views over both. */
struct ic_mls_identity ic_mls_identity_of(const struct ic_mls_leaf_node *leaf,
                                          struct ic_bytes signature_private);

/* What the sources have of their own. */
struct ic_mls_leaf_origin {
    enum ic_mls_leaf_source source;
    struct ic_bytes encryption_key;
    struct ic_bytes parent_hash;    /* of a commit */
    struct ic_mls_leaf_place place; /* of an update and a commit */
};

/* An encoded LeafNode. IC_ERR_MALFORMED for a signature key of another length, or contents that
 * ic_mls_read_leaf_node() would refuse; IC_ERR_SYSTEM. */
enum ic_err ic_mls_own_leaf_encode(struct ic_mls_message *out, const struct ic_suite *suite,
                                   const struct ic_mls_identity *identity,
                                   const struct ic_mls_leaf_origin *origin) IC_CHECKED;

/* The leaf of an Update proposal with a fresh key, whose private half goes to `private_key`:
 * IC_KEM_PRIVATE_MAX bytes of room. Errors as above. */
enum ic_err ic_mls_own_leaf_update(struct ic_mls_message *out, uint8_t *private_key,
                                   const struct ic_suite *suite,
                                   const struct ic_mls_identity *identity,
                                   const struct ic_mls_leaf_place *place) IC_CHECKED;
