/* proposal.h - what may be changed in a group (RFC 9420 section 12.1). */
#pragma once

#include "e2ee/mls/key_package.h"
#include "e2ee/mls/psk.h"

enum ic_mls_proposal_type {
    IC_MLS_ADD = 1,
    IC_MLS_UPDATE = 2,
    IC_MLS_REMOVE = 3,
    IC_MLS_PSK = 4,
    IC_MLS_REINIT = 5,
    IC_MLS_EXTERNAL_INIT = 6,
    IC_MLS_GROUP_CONTEXT_EXTENSIONS = 7,
    /* draft-ietf-mls-extensions: its sender leaves. In a PublicMessage of a member; in a commit by
     * reference only, with a path; applied after Updates and before Removes. */
    IC_MLS_SELF_REMOVE = 10,
};

struct ic_mls_reinit {
    struct ic_bytes group_id;
    uint16_t version, suite;
    struct ic_bytes extensions;
};

/* Views over what it was read from. The type says which of the union is meant. */
struct ic_mls_proposal {
    enum ic_mls_proposal_type type;
    union {
        struct ic_mls_key_package add;
        struct ic_mls_leaf_node update;
        struct ic_leaf removed;
        struct ic_mls_psk_id psk;
        struct ic_mls_reinit reinit;
        struct ic_bytes kem_output; /* external init */
        struct ic_bytes extensions; /* of the group context */
    };
    struct ic_bytes encoded;
};

/* Other types are bad. */
void ic_mls_read_proposal(struct ic_reader *r, struct ic_mls_proposal *out);

/* The encoding from the parts; of an Add or Update `add.encoded` or `update.encoded` is written. */
void ic_mls_write_proposal(struct ic_writer *w, const struct ic_mls_proposal *proposal);

/* The name under which a commit refers to it: a digest over the AuthenticatedContent that brought
 * it. */
void ic_mls_proposal_ref(uint8_t *ref, const struct ic_suite *suite, struct ic_bytes authenticated);
