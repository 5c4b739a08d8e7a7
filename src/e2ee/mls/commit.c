/* commit.c - commits and update paths, read (RFC 9420 sections 7.6 and 12.4). */
#include "e2ee/mls/commit.h"

#include "e2ee/mls/codec.h"

void ic_mls_read_ciphertext(struct ic_reader *r, struct ic_mls_ciphertext *out)
{
    out->kem_output = ic_mls_read_vector(r);
    out->ciphertext = ic_mls_read_vector(r);
}

void ic_mls_write_ciphertext(struct ic_writer *w, const struct ic_mls_ciphertext *ciphertext)
{
    ic_mls_write_vector(w, ciphertext->kem_output);
    ic_mls_write_vector(w, ciphertext->ciphertext);
}

void ic_mls_read_path_node(struct ic_reader *r, struct ic_mls_path_node *out)
{
    struct ic_mls_ciphertext ciphertext;

    *out = (struct ic_mls_path_node){.encryption_key = ic_mls_read_vector(r)};
    out->ciphertexts = ic_mls_read_vector(r);
    struct ic_reader list = ic_reader_of(out->ciphertexts);
    for (; list.rest.len > 0 && out->ciphertext_count <= IC_TREE_LEAVES_MAX;
         out->ciphertext_count++)
        ic_mls_read_ciphertext(&list, &ciphertext);
    if (list.bad || out->ciphertext_count > IC_TREE_LEAVES_MAX)
        *r = (struct ic_reader){.bad = true};
}

void ic_mls_read_update_path(struct ic_reader *r, struct ic_mls_update_path *out)
{
    struct ic_reader start = *r;
    struct ic_mls_path_node node;

    *out = (struct ic_mls_update_path){0};
    ic_mls_read_leaf_node(r, &out->leaf);
    out->nodes = ic_mls_read_vector(r);
    struct ic_reader list = ic_reader_of(out->nodes);
    for (; list.rest.len > 0 && out->node_count <= IC_TREE_DEPTH_MAX; out->node_count++)
        ic_mls_read_path_node(&list, &node);
    if (list.bad || out->node_count > IC_TREE_DEPTH_MAX)
        *r = (struct ic_reader){.bad = true};
    out->encoded = ic_mls_since(start, r);
}

enum { BY_VALUE = 1, BY_REFERENCE = 2 };

void ic_mls_read_proposal_or_ref(struct ic_reader *r, struct ic_mls_proposal_or_ref *out)
{
    uint64_t kind = ic_read_uint(r, 1);

    *out = (struct ic_mls_proposal_or_ref){.is_ref = kind == BY_REFERENCE};
    if (kind == BY_VALUE)
        ic_mls_read_proposal(r, &out->proposal);
    else if (kind == BY_REFERENCE)
        out->ref = ic_mls_read_vector(r);
    else
        *r = (struct ic_reader){.bad = true};
}

void ic_mls_read_commit(struct ic_reader *r, struct ic_mls_commit *out)
{
    struct ic_reader start = *r;
    struct ic_mls_proposal_or_ref element;

    *out = (struct ic_mls_commit){.proposals = ic_mls_read_vector(r)};
    struct ic_reader list = ic_reader_of(out->proposals);
    for (; list.rest.len > 0 && out->proposal_count <= IC_MLS_PROPOSALS_MAX; out->proposal_count++)
        ic_mls_read_proposal_or_ref(&list, &element);
    if (list.bad || out->proposal_count > IC_MLS_PROPOSALS_MAX)
        *r = (struct ic_reader){.bad = true};
    out->has_path = ic_mls_read_present(r);
    if (out->has_path)
        ic_mls_read_update_path(r, &out->path);
    out->encoded = ic_mls_since(start, r);
}
