/* commit.h - the message that begins an epoch: proposals, and fresh keys along the sender's path
 * (RFC 9420 sections 7.6 and 12.4). */
#pragma once

#include "e2ee/mls/proposal.h"

enum { IC_MLS_PROPOSALS_MAX = 256 }; /* of one commit */

/* HPKECiphertext */
struct ic_mls_ciphertext {
    struct ic_bytes kem_output, ciphertext;
};
void ic_mls_read_ciphertext(struct ic_reader *r, struct ic_mls_ciphertext *out);
void ic_mls_write_ciphertext(struct ic_writer *w, const struct ic_mls_ciphertext *ciphertext);

/* One parent of the filtered direct path, and its path secret for each node of the resolution of
 * the copath child, in that order. */
struct ic_mls_path_node {
    struct ic_bytes encryption_key;
    struct ic_bytes ciphertexts; /* checked: struct ic_mls_ciphertext one behind the other */
    size_t ciphertext_count;
};

struct ic_mls_update_path {
    struct ic_mls_leaf_node leaf;
    struct ic_bytes nodes; /* checked: struct ic_mls_path_node from the leaf to the root */
    size_t node_count;     /* at most IC_TREE_DEPTH_MAX */
    struct ic_bytes encoded;
};
void ic_mls_read_update_path(struct ic_reader *r, struct ic_mls_update_path *out);
void ic_mls_read_path_node(struct ic_reader *r, struct ic_mls_path_node *out);

struct ic_mls_proposal_or_ref {
    bool is_ref;
    struct ic_bytes ref;
    struct ic_mls_proposal proposal;
};
void ic_mls_read_proposal_or_ref(struct ic_reader *r, struct ic_mls_proposal_or_ref *out);

struct ic_mls_commit {
    struct ic_bytes proposals; /* checked: struct ic_mls_proposal_or_ref one behind the other */
    size_t proposal_count;     /* at most IC_MLS_PROPOSALS_MAX */
    bool has_path;
    struct ic_mls_update_path path;
    struct ic_bytes encoded;
};
void ic_mls_read_commit(struct ic_reader *r, struct ic_mls_commit *out);
