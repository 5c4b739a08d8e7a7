/* outgoing.c - encoding, signing and protecting what we say (RFC 9420 section 6). */
#include "e2ee/mls/outgoing.h"

#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/mls/codec.h"
#include "e2ee/mls/private_message.h"
#include "e2ee/mls/public_message.h"

/* What is around the body: numbers, sizes, tags, the sealed sender. */
enum { AROUND_MAX = 128 + IC_SIGNATURE_MAX + 2 * IC_HASH_MAX };

static enum ic_err encode(struct ic_mls_message *out, const struct ic_mls_content *content)
{
    if (content->body.len > IC_MLS_OUTGOING_MAX ||
        content->authenticated_data.len > IC_MLS_OUTGOING_MAX)
        return IC_ERR_FULL;
    size_t size = content->group_id.len + content->authenticated_data.len + content->body.len + 32;
    uint8_t *at = malloc(size);
    if (!at)
        return IC_ERR_SYSTEM;
    struct ic_writer w = ic_writer_of(at, size);
    ic_mls_write_content(&w, content);
    *out = (struct ic_mls_message){at, w.len};
    return w.bad ? IC_ERR_FULL : IC_OK;
}

enum ic_err ic_mls_outgoing_init(struct ic_mls_outgoing *out, const struct ic_suite *suite,
                                 struct ic_bytes private_key, enum ic_mls_wire_format format,
                                 const struct ic_mls_content *content,
                                 struct ic_bytes group_context)
{
    size_t len = 0;

    *out = (struct ic_mls_outgoing){0};
    enum ic_err err = encode(&out->encoded, content);
    if (err != IC_OK)
        return err;
    out->authenticated.wire_format = format;
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&out->encoded));
    ic_mls_read_content(&r, &out->authenticated.content);
    if (ic_mls_finish(&r) != IC_OK)
        return IC_ERR_MALFORMED;
    err = ic_mls_content_sign(out->signature, &len, suite, private_key, format,
                              &out->authenticated.content, group_context);
    out->authenticated.signature = (struct ic_bytes){out->signature, len};
    return err;
}

void ic_mls_outgoing_clear(struct ic_mls_outgoing *outgoing)
{
    ic_mls_message_clear(&outgoing->encoded);
    ic_secret_wipe(outgoing, sizeof *outgoing);
}

void ic_mls_outgoing_set_tag(struct ic_mls_outgoing *outgoing, const uint8_t *tag, size_t len)
{
    memcpy(outgoing->tag, tag, len);
    outgoing->authenticated.confirmation_tag = (struct ic_bytes){outgoing->tag, len};
}

static enum ic_err write(struct ic_writer *w, const struct ic_mls_outgoing *outgoing,
                         const struct ic_mls_epoch_state *state, size_t padding)
{
    const struct ic_mls_authenticated *authenticated = &outgoing->authenticated;

    if (authenticated->wire_format == IC_MLS_PRIVATE_MESSAGE)
        return ic_mls_write_private(w, authenticated, &state->secrets, state->messages, padding);
    ic_mls_write_public(w, authenticated, state ? &state->secrets : NULL,
                        state ? ic_mls_message_bytes(&state->context_bytes) : (struct ic_bytes){0});
    return w->bad ? IC_ERR_FULL : IC_OK;
}

enum ic_err ic_mls_outgoing_protect(struct ic_mls_message *out,
                                    const struct ic_mls_outgoing *outgoing,
                                    const struct ic_mls_epoch_state *state, size_t padding)
{
    if (padding > IC_MLS_OUTGOING_MAX)
        return IC_ERR_FULL;
    size_t size = outgoing->encoded.len + padding + AROUND_MAX;
    uint8_t *at = malloc(size);
    if (!at)
        return IC_ERR_SYSTEM;
    struct ic_writer w = ic_writer_of(at, size);
    enum ic_err err = write(&w, outgoing, state, padding);
    struct ic_mls_message message = {at, w.len};
    if (err == IC_OK)
        *out = message;
    else
        ic_mls_message_clear(&message);
    return err;
}

enum ic_err ic_mls_outgoing_encode(struct ic_mls_message *out,
                                   const struct ic_mls_outgoing *outgoing)
{
    const struct ic_mls_authenticated *authenticated = &outgoing->authenticated;
    size_t size = outgoing->encoded.len + AROUND_MAX;
    uint8_t *at = malloc(size);
    if (!at)
        return IC_ERR_SYSTEM;
    struct ic_writer w = ic_writer_of(at, size);
    ic_write_uint(&w, authenticated->wire_format, 2);
    ic_write_bytes(&w, ic_mls_message_bytes(&outgoing->encoded));
    ic_mls_write_auth(&w, authenticated->content.type, authenticated->signature,
                      authenticated->confirmation_tag);
    *out = (struct ic_mls_message){at, w.len};
    return w.bad ? IC_ERR_FULL : IC_OK;
}
