/* framing.c - contents and their signatures (RFC 9420 sections 6 and 6.1). */
#include "e2ee/mls/framing.h"

#include "e2ee/mls/codec.h"

static bool has_index(enum ic_mls_sender_type type)
{
    return type == IC_MLS_SENDER_MEMBER || type == IC_MLS_SENDER_EXTERNAL;
}

static void read_sender(struct ic_reader *r, struct ic_mls_sender *out)
{
    uint64_t type = ic_read_uint(r, 1);

    if (type < IC_MLS_SENDER_MEMBER || type > IC_MLS_SENDER_NEW_MEMBER_COMMIT)
        *r = (struct ic_reader){.bad = true};
    *out = (struct ic_mls_sender){.type = (enum ic_mls_sender_type)type};
    if (has_index(out->type))
        out->index = (uint32_t)ic_read_uint(r, 4);
}

static void read_body(struct ic_reader *r, struct ic_mls_content *out)
{
    struct ic_reader start = *r;

    switch (out->type) {
    case IC_MLS_CONTENT_APPLICATION:
        out->application = ic_mls_read_vector(r);
        break;
    case IC_MLS_CONTENT_PROPOSAL:
        ic_mls_read_proposal(r, &out->proposal);
        break;
    case IC_MLS_CONTENT_COMMIT:
        ic_mls_read_commit(r, &out->commit);
        break;
    default:
        *r = (struct ic_reader){.bad = true};
    }
    out->body = ic_mls_since(start, r);
}

void ic_mls_read_content(struct ic_reader *r, struct ic_mls_content *out)
{
    struct ic_reader start = *r;

    *out = (struct ic_mls_content){0};
    out->group_id = ic_mls_read_vector(r);
    out->epoch = ic_read_uint(r, 8);
    read_sender(r, &out->sender);
    out->authenticated_data = ic_mls_read_vector(r);
    out->type = (enum ic_mls_content_type)ic_read_uint(r, 1);
    read_body(r, out);
    out->encoded = ic_mls_since(start, r);
}

static void read_auth(struct ic_reader *r, struct ic_mls_authenticated *out)
{
    struct ic_reader start = *r;

    out->signature = ic_mls_read_vector(r);
    out->confirmation_tag = (struct ic_bytes){0};
    if (out->content.type == IC_MLS_CONTENT_COMMIT)
        out->confirmation_tag = ic_mls_read_vector(r);
    out->auth = ic_mls_since(start, r);
}

void ic_mls_read_authenticated(struct ic_reader *r, struct ic_mls_authenticated *out)
{
    struct ic_reader start = *r;
    uint64_t format = ic_read_uint(r, 2);

    if (format != IC_MLS_PUBLIC_MESSAGE && format != IC_MLS_PRIVATE_MESSAGE)
        *r = (struct ic_reader){.bad = true};
    out->wire_format = (enum ic_mls_wire_format)format;
    ic_mls_read_content(r, &out->content);
    read_auth(r, out);
    out->encoded = ic_mls_since(start, r);
}

void ic_mls_write_content(struct ic_writer *w, const struct ic_mls_content *content)
{
    ic_mls_write_vector(w, content->group_id);
    ic_write_uint(w, content->epoch, 8);
    ic_write_uint(w, content->sender.type, 1);
    if (has_index(content->sender.type))
        ic_write_uint(w, content->sender.index, 4);
    ic_mls_write_vector(w, content->authenticated_data);
    ic_write_uint(w, content->type, 1);
    ic_write_bytes(w, content->body);
}

void ic_mls_write_auth(struct ic_writer *w, enum ic_mls_content_type type,
                       struct ic_bytes signature, struct ic_bytes confirmation_tag)
{
    ic_mls_write_vector(w, signature);
    if (type == IC_MLS_CONTENT_COMMIT)
        ic_mls_write_vector(w, confirmation_tag);
}

void ic_mls_tbs_init(struct ic_mls_tbs *tbs, enum ic_mls_wire_format format,
                     const struct ic_mls_content *content, struct ic_bytes group_context)
{
    struct ic_writer w = ic_writer_of(tbs->front, sizeof tbs->front);
    bool inside = content->sender.type == IC_MLS_SENDER_MEMBER ||
                  content->sender.type == IC_MLS_SENDER_NEW_MEMBER_COMMIT;

    ic_write_uint(&w, IC_MLS_VERSION, 2);
    ic_write_uint(&w, format, 2);
    tbs->parts[0] = ic_written(&w);
    tbs->parts[1] = content->encoded;
    tbs->parts[2] = inside ? group_context : (struct ic_bytes){0};
}

enum ic_err ic_mls_content_sign(uint8_t signature[IC_SIGNATURE_MAX], size_t *len,
                                const struct ic_suite *suite, struct ic_bytes private_key,
                                enum ic_mls_wire_format format,
                                const struct ic_mls_content *content, struct ic_bytes group_context)
{
    struct ic_mls_tbs tbs;
    ic_mls_tbs_init(&tbs, format, content, group_context);
    return ic_mls_sign(signature, len, suite, private_key, "FramedContentTBS", tbs.parts,
                       IC_MLS_TBS_PARTS);
}

enum ic_err ic_mls_content_verify(const struct ic_mls_authenticated *authenticated,
                                  const struct ic_suite *suite, struct ic_bytes public_key,
                                  struct ic_bytes group_context)
{
    struct ic_mls_tbs tbs;
    ic_mls_tbs_init(&tbs, authenticated->wire_format, &authenticated->content, group_context);
    return ic_mls_verify(suite, public_key, "FramedContentTBS", tbs.parts, IC_MLS_TBS_PARTS,
                         authenticated->signature);
}
