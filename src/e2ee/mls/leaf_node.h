/* leaf_node.h - what a member shows of itself in the tree (RFC 9420 section 7.2). */
#pragma once

#include "e2ee/mls/extension.h"
#include "e2ee/mls/labels.h"
#include "e2ee/mls/tree_math.h"

enum ic_mls_leaf_source {
    IC_MLS_LEAF_KEY_PACKAGE = 1,
    IC_MLS_LEAF_UPDATE = 2,
    IC_MLS_LEAF_COMMIT = 3,
};

/* Lists of numbers: what the member can handle. */
struct ic_mls_capabilities {
    struct ic_bytes versions, suites, extensions, proposals, credentials;
};

/* Seconds since 1970; the application knows the time, MLS does not. */
struct ic_mls_lifetime {
    uint64_t not_before, not_after;
};

/* Views over what it was read from, or over what the caller put there to be written. */
struct ic_mls_leaf_node {
    struct ic_bytes encryption_key, signature_key;
    struct ic_mls_credential credential;
    struct ic_mls_capabilities capabilities;
    enum ic_mls_leaf_source source;
    struct ic_mls_lifetime lifetime; /* from a key package */
    struct ic_bytes parent_hash;     /* from a commit */
    struct ic_bytes extensions;
    struct ic_bytes signature;
    struct ic_bytes signed_part; /* all before the signature */
    struct ic_bytes encoded;     /* all of it */
};

/* Where in which group; no part of the signature of a leaf from a key package. */
struct ic_mls_leaf_place {
    struct ic_bytes group_id;
    struct ic_leaf leaf;
};

void ic_mls_read_leaf_node(struct ic_reader *r, struct ic_mls_leaf_node *out);

/* Signs and writes; `signature`, `signed_part` and `encoded` are not looked at. A `w` that is too
 * small goes bad (IC_ERR_FULL). `place` may be NULL for a leaf of a key package. Errors: those of
 * ic_mls_sign(). */
enum ic_err ic_mls_write_leaf_node(struct ic_writer *w, const struct ic_mls_leaf_node *leaf,
                                   const struct ic_suite *suite, struct ic_bytes private_key,
                                   const struct ic_mls_leaf_place *place) IC_CHECKED;

/* Is it signed by its own key? IC_ERR_FORGED when not. */
enum ic_err ic_mls_leaf_node_verify(const struct ic_mls_leaf_node *leaf,
                                    const struct ic_suite *suite,
                                    const struct ic_mls_leaf_place *place) IC_CHECKED;
