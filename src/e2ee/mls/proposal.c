/* proposal.c - proposals, read and written (RFC 9420 section 12.1). */
#include "e2ee/mls/proposal.h"

#include "e2ee/mls/codec.h"

static void read_reinit(struct ic_reader *r, struct ic_mls_reinit *out)
{
    out->group_id = ic_mls_read_vector(r);
    out->version = (uint16_t)ic_read_uint(r, 2);
    out->suite = (uint16_t)ic_read_uint(r, 2);
    out->extensions = ic_mls_read_extensions(r);
}

static void read_body(struct ic_reader *r, struct ic_mls_proposal *out, uint64_t type)
{
    switch (type) {
    case IC_MLS_ADD:
        ic_mls_read_key_package(r, &out->add);
        break;
    case IC_MLS_UPDATE:
        ic_mls_read_leaf_node(r, &out->update);
        break;
    case IC_MLS_REMOVE:
        out->removed.n = (uint32_t)ic_read_uint(r, 4);
        break;
    case IC_MLS_PSK:
        ic_mls_read_psk_id(r, &out->psk);
        break;
    case IC_MLS_REINIT:
        read_reinit(r, &out->reinit);
        break;
    case IC_MLS_EXTERNAL_INIT:
        out->kem_output = ic_mls_read_vector(r);
        break;
    case IC_MLS_GROUP_CONTEXT_EXTENSIONS:
        out->extensions = ic_mls_read_extensions(r);
        break;
    case IC_MLS_SELF_REMOVE:
        break;
    default:
        *r = (struct ic_reader){.bad = true};
    }
}

void ic_mls_read_proposal(struct ic_reader *r, struct ic_mls_proposal *out)
{
    struct ic_reader start = *r;
    uint64_t type = ic_read_uint(r, 2);

    *out = (struct ic_mls_proposal){.type = (enum ic_mls_proposal_type)type};
    read_body(r, out, type);
    out->encoded = ic_mls_since(start, r);
}

void ic_mls_write_proposal(struct ic_writer *w, const struct ic_mls_proposal *proposal)
{
    ic_write_uint(w, proposal->type, 2);
    switch (proposal->type) {
    case IC_MLS_ADD:
        ic_write_bytes(w, proposal->add.encoded);
        break;
    case IC_MLS_UPDATE:
        ic_write_bytes(w, proposal->update.encoded);
        break;
    case IC_MLS_REMOVE:
        ic_write_uint(w, proposal->removed.n, 4);
        break;
    case IC_MLS_PSK:
        ic_mls_write_psk_id(w, &proposal->psk);
        break;
    case IC_MLS_REINIT:
        ic_mls_write_vector(w, proposal->reinit.group_id);
        ic_write_uint(w, proposal->reinit.version, 2);
        ic_write_uint(w, proposal->reinit.suite, 2);
        ic_mls_write_vector(w, proposal->reinit.extensions);
        break;
    case IC_MLS_EXTERNAL_INIT:
        ic_mls_write_vector(w, proposal->kem_output);
        break;
    case IC_MLS_GROUP_CONTEXT_EXTENSIONS:
        ic_mls_write_vector(w, proposal->extensions);
        break;
    case IC_MLS_SELF_REMOVE:
        break;
    }
}

void ic_mls_proposal_ref(uint8_t *ref, const struct ic_suite *suite, struct ic_bytes authenticated)
{
    ic_mls_ref_hash(ref, suite, "MLS 1.0 Proposal Reference", authenticated);
}
