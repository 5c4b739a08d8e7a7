/* credential.c - basic and X.509 credentials (RFC 9420 section 5.3). */
#include "e2ee/mls/credential.h"

#include "e2ee/mls/codec.h"

static bool are_certificates(struct ic_bytes list)
{
    struct ic_reader r = ic_reader_of(list);
    size_t count = 0;
    while (r.rest.len > 0 && !r.bad && count <= IC_MLS_CERTIFICATES_MAX) {
        ic_mls_read_vector(&r);
        count++;
    }
    return !r.bad && count > 0 && count <= IC_MLS_CERTIFICATES_MAX;
}

void ic_mls_read_credential(struct ic_reader *r, struct ic_mls_credential *out)
{
    struct ic_reader start = *r;
    uint64_t type = ic_read_uint(r, 2);
    struct ic_bytes body = ic_mls_read_vector(r);

    *out = (struct ic_mls_credential){.type = (enum ic_mls_credential_type)type};
    if (type == IC_MLS_CREDENTIAL_BASIC)
        out->identity = body;
    else if (type == IC_MLS_CREDENTIAL_X509 && are_certificates(body))
        out->certificates = body;
    else
        *r = (struct ic_reader){.bad = true};
    out->encoded = ic_mls_since(start, r);
}

void ic_mls_write_credential(struct ic_writer *w, const struct ic_mls_credential *credential)
{
    ic_write_uint(w, credential->type, 2);
    ic_mls_write_vector(w, credential->type == IC_MLS_CREDENTIAL_BASIC ? credential->identity
                                                                       : credential->certificates);
}
