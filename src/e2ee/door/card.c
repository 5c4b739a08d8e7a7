/* card.c - the front card: content, signature, seal (docs/door.md: card). */
#include "e2ee/door/card.h"

#include "crypto/cipher.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "e2ee/door/padding.h"
#include "e2ee/door/text.h"
#include "e2ee/mls/codec.h"

enum {
    FORMAT = 1,
    KEY_LEN = IC_DOOR_CARD_KEY_LEN,
    WRAP_LEN = KEY_LEN + IC_CIPHER_TAG_LEN,
    WRAP_STEP = 16, /* so that the number of invites does not show */
    AAD_MAX = 64,
};
static const char LABEL[] = "incamera 2 card";

void ic_door_write_admit_key(struct ic_writer *w, const struct ic_door_admit_key *key)
{
    ic_mls_write_vector(w, key->owner);
    ic_mls_write_vector(w, key->key);
}

bool ic_door_admit_key_next(struct ic_reader *list, struct ic_door_admit_key *out)
{
    if (list->bad || list->rest.len == 0)
        return false;
    out->owner = ic_mls_read_vector(list);
    out->key = ic_mls_read_vector(list);
    return !list->bad;
}

static struct ic_bytes read_admit_keys(struct ic_reader *r)
{
    struct ic_bytes keys = ic_mls_read_vector(r);
    struct ic_reader list = ic_reader_of(keys);
    struct ic_door_admit_key key;
    size_t count = 0;

    while (ic_door_admit_key_next(&list, &key))
        if (++count > IC_DOOR_ADMIT_KEYS_MAX || !ic_door_is_key(key.owner) ||
            key.key.len != ic_kem_lengths(IC_KEM_XWING).public_len)
            list.bad = true;
    if (list.bad)
        *r = (struct ic_reader){.bad = true};
    return r->bad ? (struct ic_bytes){0} : keys;
}

static bool is_sound(const struct ic_door_card *card)
{
    return card->flags <= IC_DOOR_CARD_FLAGS && card->link_version > 0 &&
           (card->title.len == 0 || ic_door_is_name(card->title, IC_DOOR_TITLE_MAX)) &&
           (card->signer.len == 0 || ic_door_is_key(card->signer)) &&
           card->signature.len <= IC_SIGNATURE_MAX;
}

void ic_door_read_card(struct ic_reader *r, struct ic_door_card *out)
{
    struct ic_reader start = *r;

    *out = (struct ic_door_card){0};
    if (ic_read_uint(r, 1) != FORMAT)
        r->bad = true;
    out->meeting = ic_read_bytes(r, IC_MEETING_LEN);
    out->root_key = ic_read_bytes(r, IC_DOOR_ROOT_LEN);
    out->link_version = (uint32_t)ic_read_uint(r, 4);
    out->suite = (uint16_t)ic_read_uint(r, 2);
    out->flags = (uint8_t)ic_read_uint(r, 1);
    out->title = ic_mls_read_vector(r);
    out->admit_keys = read_admit_keys(r);
    out->grants = ic_door_read_grants(r);
    out->signer = ic_mls_read_vector(r);
    out->signed_part = ic_mls_since(start, r);
    out->signature = ic_mls_read_vector(r);
    if (r->bad || !is_sound(out))
        *r = (struct ic_reader){.bad = true};
}

enum ic_err ic_door_write_card(struct ic_writer *w, const struct ic_door_card *card,
                               const struct ic_door_pair *key)
{
    uint8_t signature[IC_SIGNATURE_MAX];
    size_t start = w->len, len;

    ic_write_uint(w, FORMAT, 1);
    ic_write_bytes(w, card->meeting);
    ic_write_bytes(w, card->root_key);
    ic_write_uint(w, card->link_version, 4);
    ic_write_uint(w, card->suite, 2);
    ic_write_uint(w, card->flags, 1);
    ic_mls_write_vector(w, card->title);
    ic_mls_write_vector(w, card->admit_keys);
    ic_mls_write_vector(w, card->grants);
    ic_mls_write_vector(w, card->signer);
    if (w->bad)
        return IC_ERR_FULL;
    struct ic_bytes part = {w->at + start, w->len - start};
    enum ic_err err = ic_door_sign(signature, &len, key, LABEL, &part, 1);
    if (err != IC_OK)
        return err;
    ic_mls_write_vector(w, (struct ic_bytes){signature, len});
    return w->bad ? IC_ERR_FULL : IC_OK;
}

static struct ic_bytes aad_of(uint8_t aad[AAD_MAX], const uint8_t meeting[IC_MEETING_LEN])
{
    struct ic_writer w = ic_writer_of(aad, AAD_MAX);
    ic_write_bytes(&w, ic_bytes_of_text(LABEL));
    ic_write_bytes(&w, (struct ic_bytes){meeting, IC_MEETING_LEN});
    return ic_written(&w);
}

/* The content's key under each card key, then noise up to the step. All under one nonce: each key
 * seals one message with it. */
static enum ic_err write_wraps(struct ic_writer *w, size_t wraps, const uint8_t *nonce,
                               struct ic_bytes aad, const uint8_t content_key[KEY_LEN],
                               const uint8_t (*card_keys)[IC_DOOR_CARD_KEY_LEN], size_t count)
{
    const struct ic_bytes plain = {content_key, KEY_LEN};
    enum ic_err err = IC_OK;

    for (size_t i = 0; i < wraps && err == IC_OK; i++) {
        uint8_t *room = ic_write_room(w, WRAP_LEN);
        if (!room)
            err = IC_ERR_FULL;
        else if (i < count)
            err = ic_cipher_seal(room, IC_CIPHER_AES_128_GCM, card_keys[i], nonce, aad, plain);
        else
            ic_random_fill(room, WRAP_LEN);
    }
    return err;
}

static enum ic_err seal_content(struct ic_writer *w, size_t start, const uint8_t *nonce,
                                struct ic_bytes aad, const uint8_t content_key[KEY_LEN],
                                struct ic_bytes written)
{
    size_t body = w->len;

    ic_write_bytes(w, written);
    size_t tag = w->len;
    ic_write_room(w, IC_CIPHER_TAG_LEN);
    ic_door_pad(w, start, IC_DOOR_CARD_PADDING);
    if (w->bad || w->len - start > IC_DOOR_CARD_SEALED_MAX)
        return IC_ERR_FULL;
    size_t plain_len = w->len - body - IC_CIPHER_TAG_LEN;
    memset(w->at + tag, 0, w->len - tag);
    return ic_cipher_seal(w->at + body, IC_CIPHER_AES_128_GCM, content_key, nonce, aad,
                          (struct ic_bytes){w->at + body, plain_len});
}

enum ic_err ic_door_card_seal(struct ic_writer *w, struct ic_bytes written,
                              const uint8_t meeting[IC_MEETING_LEN],
                              const uint8_t (*card_keys)[IC_DOOR_CARD_KEY_LEN], size_t count)
{
    uint8_t content_key[KEY_LEN], nonce[IC_CIPHER_NONCE_LEN], aad_room[AAD_MAX];
    size_t start = w->len, wraps = (count + WRAP_STEP - 1) / WRAP_STEP * WRAP_STEP;
    struct ic_bytes aad = aad_of(aad_room, meeting);

    if (count == 0 || count > IC_DOOR_CARD_OPENERS_MAX)
        return IC_ERR_FULL;
    ic_random_fill(content_key, sizeof content_key);
    ic_random_fill(nonce, sizeof nonce);
    ic_write_uint(w, wraps, 1);
    ic_write_bytes(w, (struct ic_bytes){nonce, sizeof nonce});
    enum ic_err err = write_wraps(w, wraps, nonce, aad, content_key, card_keys, count);
    if (err == IC_OK)
        err = seal_content(w, start, nonce, aad, content_key, written);
    ic_secret_wipe(content_key, sizeof content_key);
    return err;
}

static enum ic_err unwrap(uint8_t content_key[KEY_LEN], struct ic_bytes wraps, const uint8_t *nonce,
                          struct ic_bytes aad, const uint8_t *card_key)
{
    struct ic_reader r = ic_reader_of(wraps);

    while (r.rest.len > 0)
        if (ic_cipher_open(content_key, IC_CIPHER_AES_128_GCM, card_key, nonce, aad,
                           ic_read_bytes(&r, WRAP_LEN)) == IC_OK)
            return IC_OK;
    return IC_ERR_FORGED;
}

static enum ic_err read_content(struct ic_door_card *out, struct ic_bytes content)
{
    struct ic_reader r = ic_reader_of(content);
    struct ic_door_card card;

    ic_door_read_card(&r, &card);
    ic_door_read_padding(&r);
    if (ic_mls_finish(&r) != IC_OK)
        return IC_ERR_MALFORMED;
    *out = card;
    return IC_OK;
}

enum ic_err ic_door_card_open(struct ic_door_card *out, uint8_t *buffer, struct ic_bytes sealed,
                              const uint8_t meeting[IC_MEETING_LEN],
                              const uint8_t card_key[IC_DOOR_CARD_KEY_LEN])
{
    uint8_t content_key[KEY_LEN] = {0}, aad_room[AAD_MAX];
    struct ic_bytes aad = aad_of(aad_room, meeting);
    struct ic_reader r = ic_reader_of(sealed);
    size_t count = (size_t)ic_read_uint(&r, 1);
    struct ic_bytes nonce = ic_read_bytes(&r, IC_CIPHER_NONCE_LEN);
    struct ic_bytes wraps = ic_read_bytes(&r, count * WRAP_LEN);

    if (r.bad || count > IC_DOOR_CARD_OPENERS_MAX || sealed.len > IC_DOOR_CARD_SEALED_MAX ||
        r.rest.len < IC_CIPHER_TAG_LEN)
        return IC_ERR_MALFORMED;
    enum ic_err err = unwrap(content_key, wraps, nonce.at, aad, card_key);
    if (err == IC_OK)
        err = ic_cipher_open(buffer, IC_CIPHER_AES_128_GCM, content_key, nonce.at, aad, r.rest);
    ic_secret_wipe(content_key, sizeof content_key);
    if (err != IC_OK)
        return err;
    return read_content(out, (struct ic_bytes){buffer, r.rest.len - IC_CIPHER_TAG_LEN});
}

static bool holds(const struct ic_door_card *card, struct ic_bytes member, uint8_t right,
                  uint64_t now_ms)
{
    return (ic_door_rights_of(card->grants, member) & right) &&
           !ic_door_grant_expired(card->grants, member, now_ms);
}

static bool are_entitled(const struct ic_door_card *card, uint64_t now_ms)
{
    struct ic_reader list = ic_reader_of(card->admit_keys);
    struct ic_door_admit_key key;

    if (card->signer.len > 0 && !holds(card, card->signer, IC_DOOR_SETTINGS, now_ms))
        return false;
    while (ic_door_admit_key_next(&list, &key))
        if (!holds(card, key.owner, IC_DOOR_ADMIT, now_ms))
            return false;
    return true;
}

enum ic_err ic_door_card_verify(const struct ic_door_card *card,
                                const uint8_t meeting[IC_MEETING_LEN],
                                const uint8_t pin[IC_DOOR_PIN_LEN], uint64_t now_ms)
{
    uint8_t found[IC_DOOR_PIN_LEN];

    ic_door_pin(found, card->root_key.at);
    if (!ic_secret_equal(found, pin, sizeof found))
        return IC_ERR_FORGED;
    if (!ic_bytes_equal(card->meeting, (struct ic_bytes){meeting, IC_MEETING_LEN}))
        return IC_ERR_FORBIDDEN;
    enum ic_err err =
        ic_door_grants_verify(card->grants, card->meeting, card->root_key, card->link_version);
    if (err != IC_OK)
        return err;
    struct ic_bytes signer = card->signer.len > 0 ? card->signer : card->root_key;
    if (ic_door_verify(signer, LABEL, &card->signed_part, 1, card->signature) != IC_OK)
        return IC_ERR_FORGED;
    return are_entitled(card, now_ms) ? IC_OK : IC_ERR_FORBIDDEN;
}
