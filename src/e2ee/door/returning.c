/* returning.c - the request to come back (docs/door.md: returning). */
#include "e2ee/door/returning.h"

#include "crypto/cipher.h"
#include "crypto/hkdf.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "e2ee/door/padding.h"
#include "e2ee/mls/codec.h"

enum { FORMAT = 2, KEY_LEN = 16 };
static const char LABEL[] = "incamera 2 returning";

/* `bound` also holds the label and the meeting. */
static void derive_key(uint8_t key[KEY_LEN], const uint8_t psk[IC_DOOR_PSK_LEN],
                       struct ic_bytes bound)
{
    uint8_t prk[IC_HKDF_PRK_LEN];

    ic_hkdf_extract(prk, (struct ic_bytes){0}, (struct ic_bytes){psk, IC_DOOR_PSK_LEN});
    ic_hkdf_expand(key, KEY_LEN, (struct ic_bytes){prk, sizeof prk}, bound);
    ic_secret_wipe(prk, sizeof prk);
}

static enum ic_err write_content(struct ic_writer *w, const struct ic_door_returning *returning,
                                 struct ic_bytes bound, const struct ic_door_pair *key)
{
    uint8_t signature[IC_SIGNATURE_MAX];
    size_t start = w->len, len;

    ic_write_uint(w, FORMAT, 1);
    ic_write_uint(w, returning->epoch, 8);
    ic_mls_write_vector(w, returning->signature_key);
    ic_mls_write_vector(w, returning->key_package);
    ic_mls_write_vector(w, returning->reply_key);
    if (w->bad)
        return IC_ERR_FULL;
    const struct ic_bytes parts[] = {bound, {w->at + start, w->len - start}};
    enum ic_err err = ic_door_sign(signature, &len, key, LABEL, parts, IC_COUNT(parts));
    if (err != IC_OK)
        return err;
    ic_mls_write_vector(w, (struct ic_bytes){signature, len});
    ic_door_pad(w, start, IC_DOOR_RETURNING_PADDING);
    return w->bad ? IC_ERR_FULL : IC_OK;
}

enum ic_err ic_door_returning_seal(struct ic_writer *w, const struct ic_door_returning *returning,
                                   const struct ic_door_knock_place *place,
                                   const uint8_t psk[IC_DOOR_PSK_LEN],
                                   const struct ic_door_pair *key)
{
    uint8_t nonce[IC_CIPHER_NONCE_LEN], seal_key[KEY_LEN], bound_room[IC_DOOR_BOUND_MAX];
    struct ic_bytes bound = ic_door_bind(bound_room, LABEL, place);
    size_t begin = w->len;

    ic_random_fill(nonce, sizeof nonce);
    ic_write_uint(w, place->link_version, 4);
    ic_write_bytes(w, (struct ic_bytes){nonce, sizeof nonce});
    size_t start = w->len;
    enum ic_err err = write_content(w, returning, bound, key);
    size_t len = w->len - start;
    if (err == IC_OK &&
        (!ic_write_room(w, IC_CIPHER_TAG_LEN) || w->len - begin > IC_DOOR_RETURNING_MAX))
        err = IC_ERR_FULL;
    if (err != IC_OK)
        return err;
    derive_key(seal_key, psk, bound);
    err = ic_cipher_seal(w->at + start, IC_CIPHER_AES_128_GCM, seal_key, nonce, bound,
                         (struct ic_bytes){w->at + start, len});
    ic_secret_wipe(seal_key, sizeof seal_key);
    return err;
}

enum ic_err ic_door_returning_link_version(uint32_t *link_version, struct ic_bytes sealed)
{
    struct ic_reader r = ic_reader_of(sealed);
    uint32_t version = (uint32_t)ic_read_uint(&r, 4);

    if (r.bad || version == 0)
        return IC_ERR_MALFORMED;
    *link_version = version;
    return IC_OK;
}

static enum ic_err read_content(struct ic_door_returning *out, struct ic_bytes content,
                                struct ic_bytes bound)
{
    struct ic_reader start = ic_reader_of(content), r = start;
    struct ic_door_returning returning;

    if (ic_read_uint(&r, 1) != FORMAT)
        r.bad = true;
    returning.epoch = ic_read_uint(&r, 8);
    returning.signature_key = ic_mls_read_vector(&r);
    returning.key_package = ic_mls_read_vector(&r);
    returning.reply_key = ic_mls_read_vector(&r);
    const struct ic_bytes parts[] = {bound, ic_mls_since(start, &r)};
    struct ic_bytes signature = ic_mls_read_vector(&r);
    ic_door_read_padding(&r);
    if (ic_mls_finish(&r) != IC_OK || !ic_door_is_key(returning.signature_key) ||
        returning.key_package.len == 0 ||
        returning.reply_key.len != ic_kem_lengths(IC_KEM_XWING).public_len)
        return IC_ERR_MALFORMED;
    if (ic_door_verify(returning.signature_key, LABEL, parts, IC_COUNT(parts), signature) != IC_OK)
        return IC_ERR_FORGED;
    *out = returning;
    return IC_OK;
}

enum ic_err ic_door_returning_open(struct ic_door_returning *out, uint8_t *buffer,
                                   struct ic_bytes sealed, const struct ic_door_knock_place *place,
                                   const uint8_t psk[IC_DOOR_PSK_LEN])
{
    uint8_t seal_key[KEY_LEN], bound_room[IC_DOOR_BOUND_MAX];
    struct ic_bytes bound = ic_door_bind(bound_room, LABEL, place);
    struct ic_reader r = ic_reader_of(sealed);
    uint64_t version = ic_read_uint(&r, 4);
    struct ic_bytes nonce = ic_read_bytes(&r, IC_CIPHER_NONCE_LEN);

    if (r.bad || r.rest.len < IC_CIPHER_TAG_LEN || sealed.len > IC_DOOR_RETURNING_MAX)
        return IC_ERR_MALFORMED;
    if (version != place->link_version)
        return IC_ERR_FORGED;
    derive_key(seal_key, psk, bound);
    enum ic_err err =
        ic_cipher_open(buffer, IC_CIPHER_AES_128_GCM, seal_key, nonce.at, bound, r.rest);
    ic_secret_wipe(seal_key, sizeof seal_key);
    if (err != IC_OK)
        return err;
    return read_content(out, (struct ic_bytes){buffer, r.rest.len - IC_CIPHER_TAG_LEN}, bound);
}
