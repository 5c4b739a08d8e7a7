/* group_info.c - GroupInfo, read, signed and verified (RFC 9420 section 12.4.3). */
#include "e2ee/mls/group_info.h"

#include "e2ee/mls/codec.h"

void ic_mls_read_group_info(struct ic_reader *r, struct ic_mls_group_info *out)
{
    struct ic_reader start = *r;

    *out = (struct ic_mls_group_info){0};
    ic_mls_read_group_context(r, &out->context);
    out->extensions = ic_mls_read_extensions(r);
    out->confirmation_tag = ic_mls_read_vector(r);
    out->signer.n = (uint32_t)ic_read_uint(r, 4);
    out->signed_part = ic_mls_since(start, r);
    out->signature = ic_mls_read_vector(r);
}

enum ic_err ic_mls_write_group_info(struct ic_writer *w, const struct ic_mls_group_info *info,
                                    const struct ic_suite *suite, struct ic_bytes private_key)
{
    uint8_t signature[IC_SIGNATURE_MAX];
    size_t start = w->len, len;

    ic_write_bytes(w, info->context.encoded);
    ic_mls_write_vector(w, info->extensions);
    ic_mls_write_vector(w, info->confirmation_tag);
    ic_write_uint(w, info->signer.n, 4);
    if (w->bad)
        return IC_ERR_FULL;
    struct ic_bytes part = {w->at + start, w->len - start};
    enum ic_err err = ic_mls_sign(signature, &len, suite, private_key, "GroupInfoTBS", &part, 1);
    if (err != IC_OK)
        return err;
    ic_mls_write_vector(w, (struct ic_bytes){signature, len});
    return w->bad ? IC_ERR_FULL : IC_OK;
}

enum ic_err ic_mls_group_info_verify(const struct ic_mls_group_info *info,
                                     const struct ic_suite *suite, struct ic_bytes public_key)
{
    return ic_mls_verify(suite, public_key, "GroupInfoTBS", &info->signed_part, 1, info->signature);
}
