/* proposal_draft.c - from what is wanted to an encoded proposal (RFC 9420 section 12.1). */
#include "e2ee/mls/proposal_draft.h"

#include "crypto/random.h"
#include "e2ee/mls/codec.h"

size_t ic_mls_proposal_size(const struct ic_mls_proposal *proposal)
{
    enum { AROUND = 64 + IC_HASH_MAX };

    switch (proposal->type) {
    case IC_MLS_ADD:
        return AROUND + proposal->add.encoded.len;
    case IC_MLS_UPDATE:
        return AROUND + proposal->update.encoded.len;
    case IC_MLS_PSK:
        return AROUND + proposal->psk.external_id.len + proposal->psk.group_id.len;
    case IC_MLS_REINIT:
        return AROUND + proposal->reinit.group_id.len + proposal->reinit.extensions.len;
    case IC_MLS_EXTERNAL_INIT:
        return AROUND + proposal->kem_output.len;
    case IC_MLS_GROUP_CONTEXT_EXTENSIONS:
        return AROUND + proposal->extensions.len;
    default:
        return AROUND;
    }
}

enum ic_err ic_mls_proposal_draft(struct ic_mls_proposal *out, struct ic_writer *w,
                                  const struct ic_suite *suite,
                                  const struct ic_mls_proposal *wanted)
{
    struct ic_mls_proposal proposal = *wanted;
    uint8_t nonce[IC_HASH_MAX];
    size_t start = w->len;

    if (proposal.type == IC_MLS_PSK) {
        proposal.psk.nonce = (struct ic_bytes){nonce, ic_mls_secret_len(suite)};
        ic_random_fill(nonce, proposal.psk.nonce.len);
    }
    ic_mls_write_proposal(w, &proposal);
    if (w->bad)
        return IC_ERR_FULL;
    struct ic_reader r = ic_reader_of((struct ic_bytes){w->at + start, w->len - start});
    ic_mls_read_proposal(&r, out);
    return ic_mls_finish(&r);
}
