/* reply.c - answers to a knock (docs/door.md: reply). */
#include "e2ee/door/reply.h"

#include "crypto/hpke.h"
#include "crypto/secret.h"
#include "crypto/xwing.h"
#include "e2ee/door/padding.h"
#include "e2ee/door/text.h"
#include "e2ee/mls/codec.h"

enum { FORM_SEALED = 1, FORM_OPEN = 2, ENC_LEN = IC_XWING_ENC_LEN };
static const char LABEL[] = "incamera 2 reply";
static const struct ic_hpke_suite SUITE = {IC_KEM_XWING, IC_HPKE_HKDF_SHA256,
                                           IC_CIPHER_AES_128_GCM};

/* Where and to which knock: what the seal and the signature are bound to. */
struct binding {
    uint8_t place[IC_DOOR_BOUND_MAX], knock[IC_SHA256_LEN];
    struct ic_bytes parts[3]; /* the third is for the content */
};

static void bind(struct binding *b, const struct ic_door_knock_place *place,
                 struct ic_bytes sealed_knock)
{
    ic_sha256(b->knock, sealed_knock);
    b->parts[0] = ic_door_bind(b->place, LABEL, place);
    b->parts[1] = (struct ic_bytes){b->knock, sizeof b->knock};
}

static bool is_sound(const struct ic_door_reply *reply)
{
    bool keys = reply->kind == IC_DOOR_REPLY_KEYS, question = reply->kind == IC_DOOR_REPLY_QUESTION;

    return reply->kind >= IC_DOOR_REPLY_SOON && reply->kind <= IC_DOOR_REPLY_UNREADABLE &&
           (question ? ic_door_is_text(reply->text, IC_DOOR_QUESTION_MAX) : reply->text.len == 0) &&
           reply->link_secret.len == (keys ? IC_LINK_SECRET_LEN : 0) &&
           (reply->passcode_key.len == 0 || (keys && reply->passcode_key.len == IC_DOOR_PSK_LEN)) &&
           (keys == (reply->link_version > 0)) && ic_door_is_key(reply->signer);
}

static enum ic_err write_content(struct ic_writer *w, const struct ic_door_reply *reply,
                                 struct binding *b, const struct ic_door_pair *key)
{
    uint8_t signature[IC_SIGNATURE_MAX];
    size_t start = w->len, len;

    ic_write_uint(w, reply->kind, 1);
    ic_mls_write_vector(w, reply->text);
    ic_write_uint(w, reply->link_version, 4);
    ic_mls_write_vector(w, reply->link_secret);
    ic_mls_write_vector(w, reply->passcode_key);
    ic_mls_write_vector(w, reply->signer);
    if (w->bad)
        return IC_ERR_FULL;
    b->parts[2] = (struct ic_bytes){w->at + start, w->len - start};
    enum ic_err err = ic_door_sign(signature, &len, key, LABEL, b->parts, IC_COUNT(b->parts));
    if (err != IC_OK)
        return err;
    ic_mls_write_vector(w, (struct ic_bytes){signature, len});
    ic_door_pad(w, start, IC_DOOR_REPLY_PADDING);
    return w->bad ? IC_ERR_FULL : IC_OK;
}

static enum ic_err seal(struct ic_writer *w, const struct ic_door_reply *reply, struct binding *b,
                        struct ic_bytes reply_key, const struct ic_door_pair *key)
{
    uint8_t *enc = ic_write_room(w, ENC_LEN);
    size_t start = w->len;

    enum ic_err err = write_content(w, reply, b, key);
    size_t len = w->len - start;
    if (err == IC_OK && !ic_write_room(w, IC_CIPHER_TAG_LEN))
        err = IC_ERR_FULL;
    if (err == IC_OK)
        err = ic_hpke_seal(w->at + start, enc, SUITE, reply_key, b->parts[0], NULL, b->parts[1],
                           (struct ic_bytes){w->at + start, len});
    if (err != IC_OK) /* what could not be sealed must not be sent */
        ic_secret_wipe(w->at + start, len);
    return err;
}

enum ic_err ic_door_reply_seal(struct ic_writer *w, const struct ic_door_reply *reply,
                               const struct ic_door_knock_place *place,
                               struct ic_bytes sealed_knock, struct ic_bytes reply_key,
                               const struct ic_door_pair *key)
{
    bool open = reply->kind == IC_DOOR_REPLY_UNREADABLE;
    struct binding b;

    if (!is_sound(reply) || open != (reply_key.len == 0))
        return IC_ERR_MALFORMED;
    bind(&b, place, sealed_knock);
    ic_write_uint(w, open ? FORM_OPEN : FORM_SEALED, 1);
    return open ? write_content(w, reply, &b, key) : seal(w, reply, &b, reply_key, key);
}

static enum ic_err read_content(struct ic_door_reply *out, struct ic_bytes content,
                                struct binding *b, struct ic_bytes grants)
{
    struct ic_reader start = ic_reader_of(content), r = start;
    struct ic_door_reply reply;

    reply.kind = (enum ic_door_reply_kind)ic_read_uint(&r, 1);
    reply.text = ic_mls_read_vector(&r);
    reply.link_version = (uint32_t)ic_read_uint(&r, 4);
    reply.link_secret = ic_mls_read_vector(&r);
    reply.passcode_key = ic_mls_read_vector(&r);
    reply.signer = ic_mls_read_vector(&r);
    b->parts[2] = ic_mls_since(start, &r);
    struct ic_bytes signature = ic_mls_read_vector(&r);
    ic_door_read_padding(&r);
    if (ic_mls_finish(&r) != IC_OK || !is_sound(&reply))
        return IC_ERR_MALFORMED;
    if (!(ic_door_rights_of(grants, reply.signer) & IC_DOOR_ADMIT))
        return IC_ERR_FORBIDDEN;
    if (ic_door_verify(reply.signer, LABEL, b->parts, IC_COUNT(b->parts), signature) != IC_OK)
        return IC_ERR_FORGED;
    *out = reply;
    return IC_OK;
}

static enum ic_err unseal(uint8_t *buffer, struct ic_bytes *content, struct ic_reader *r,
                          const struct binding *b, struct ic_bytes reply_private)
{
    struct ic_bytes enc = ic_read_bytes(r, ENC_LEN);

    if (r->bad || r->rest.len < IC_CIPHER_TAG_LEN)
        return IC_ERR_MALFORMED;
    *content = (struct ic_bytes){buffer, r->rest.len - IC_CIPHER_TAG_LEN};
    return ic_hpke_open(buffer, SUITE, enc, reply_private, b->parts[0], NULL, b->parts[1], r->rest);
}

enum ic_err ic_door_reply_open(struct ic_door_reply *out, uint8_t *buffer, struct ic_bytes sealed,
                               const struct ic_door_knock_place *place,
                               struct ic_bytes sealed_knock, struct ic_bytes reply_private,
                               struct ic_bytes grants)
{
    struct ic_reader r = ic_reader_of(sealed);
    uint64_t form = ic_read_uint(&r, 1);
    struct ic_bytes content = {buffer, r.rest.len};
    struct ic_door_reply reply;
    struct binding b;

    if (r.bad || sealed.len > IC_DOOR_REPLY_MAX || (form != FORM_SEALED && form != FORM_OPEN))
        return IC_ERR_MALFORMED;
    bind(&b, place, sealed_knock);
    enum ic_err err = IC_OK;
    if (form == FORM_SEALED)
        err = unseal(buffer, &content, &r, &b, reply_private);
    else if (r.rest.len > 0)
        memcpy(buffer, r.rest.at, r.rest.len);
    if (err == IC_OK)
        err = read_content(&reply, content, &b, grants);
    if (err != IC_OK)
        return err;
    if ((reply.kind == IC_DOOR_REPLY_UNREADABLE) != (form == FORM_OPEN))
        return IC_ERR_MALFORMED;
    *out = reply;
    return IC_OK;
}
