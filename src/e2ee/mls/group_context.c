/* group_context.c - the group context, read and written (RFC 9420 section 8.1). */
#include "e2ee/mls/group_context.h"

#include "e2ee/mls/codec.h"
#include "e2ee/mls/key_package.h"

void ic_mls_read_group_context(struct ic_reader *r, struct ic_mls_group_context *out)
{
    struct ic_reader start = *r;

    *out = (struct ic_mls_group_context){0};
    if (ic_read_uint(r, 2) != IC_MLS_VERSION)
        *r = (struct ic_reader){.bad = true};
    out->suite = (uint16_t)ic_read_uint(r, 2);
    out->group_id = ic_mls_read_vector(r);
    out->epoch = ic_read_uint(r, 8);
    out->tree_hash = ic_mls_read_vector(r);
    out->confirmed_transcript_hash = ic_mls_read_vector(r);
    out->extensions = ic_mls_read_extensions(r);
    out->encoded = ic_mls_since(start, r);
}

void ic_mls_write_group_context(struct ic_writer *w, const struct ic_mls_group_context *context)
{
    ic_write_uint(w, IC_MLS_VERSION, 2);
    ic_write_uint(w, context->suite, 2);
    ic_mls_write_vector(w, context->group_id);
    ic_write_uint(w, context->epoch, 8);
    ic_mls_write_vector(w, context->tree_hash);
    ic_mls_write_vector(w, context->confirmed_transcript_hash);
    ic_mls_write_vector(w, context->extensions);
}
