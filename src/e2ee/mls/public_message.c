/* public_message.c - PublicMessage (RFC 9420 section 6.2). */
#include "e2ee/mls/public_message.h"

#include "crypto/secret.h"
#include "e2ee/mls/codec.h"

void ic_mls_read_public(struct ic_reader *r, struct ic_mls_public_message *out)
{
    *out = (struct ic_mls_public_message){0};
    uint64_t version = ic_read_uint(r, 2);
    ic_mls_read_authenticated(r, &out->authenticated);
    if (version != IC_MLS_VERSION || out->authenticated.wire_format != IC_MLS_PUBLIC_MESSAGE ||
        out->authenticated.content.type == IC_MLS_CONTENT_APPLICATION)
        *r = (struct ic_reader){.bad = true};
    if (out->authenticated.content.sender.type == IC_MLS_SENDER_MEMBER)
        out->membership_tag = ic_mls_read_vector(r);
}

static void membership_tag(uint8_t *tag, const struct ic_mls_content *content, struct ic_bytes auth,
                           const struct ic_mls_epoch *epoch, struct ic_bytes group_context)
{
    struct ic_mls_tbs tbs;
    struct ic_bytes key = {epoch->membership_key, ic_mls_secret_len(epoch->suite)};

    ic_mls_tbs_init(&tbs, IC_MLS_PUBLIC_MESSAGE, content, group_context);
    const struct ic_bytes parts[] = {tbs.parts[0], tbs.parts[1], tbs.parts[2], auth};
    ic_mls_mac(tag, epoch->suite, key, parts, IC_COUNT(parts));
}

void ic_mls_write_public(struct ic_writer *w, const struct ic_mls_authenticated *authenticated,
                         const struct ic_mls_epoch *epoch, struct ic_bytes group_context)
{
    const struct ic_mls_content *content = &authenticated->content;
    uint8_t tag[IC_HASH_MAX];

    ic_write_uint(w, IC_MLS_VERSION, 2);
    ic_write_uint(w, IC_MLS_PUBLIC_MESSAGE, 2);
    ic_write_bytes(w, content->encoded);
    size_t auth_at = w->len;
    ic_mls_write_auth(w, content->type, authenticated->signature, authenticated->confirmation_tag);
    if (w->bad || content->sender.type != IC_MLS_SENDER_MEMBER)
        return;
    struct ic_bytes auth = {w->at + auth_at, w->len - auth_at};
    membership_tag(tag, content, auth, epoch, group_context);
    ic_mls_write_vector(w, (struct ic_bytes){tag, ic_mls_secret_len(epoch->suite)});
}

enum ic_err ic_mls_public_check(const struct ic_mls_public_message *message,
                                const struct ic_mls_epoch *epoch, struct ic_bytes group_context)
{
    const struct ic_mls_authenticated *authenticated = &message->authenticated;
    uint8_t tag[IC_HASH_MAX];

    if (authenticated->content.sender.type != IC_MLS_SENDER_MEMBER)
        return IC_OK;
    membership_tag(tag, &authenticated->content, authenticated->auth, epoch, group_context);
    bool same = message->membership_tag.len == ic_mls_secret_len(epoch->suite) &&
                ic_secret_equal(tag, message->membership_tag.at, message->membership_tag.len);
    return same ? IC_OK : IC_ERR_FORGED;
}
