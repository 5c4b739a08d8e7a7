/* knock.c - knocks, sealed once, with the key sealed to each right-holder (docs/door.md: knock). */
#include "e2ee/door/knock.h"

#include "crypto/hpke.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/xwing.h"
#include "e2ee/door/padding.h"
#include "e2ee/door/text.h"
#include "e2ee/mls/codec.h"

enum {
    FORMAT = 2,
    KEY_LEN = 16,
    ENC_LEN = IC_XWING_ENC_LEN,
    ENTRY_LEN = ENC_LEN + KEY_LEN + IC_CIPHER_TAG_LEN,
};
static const char LABEL[] = "incamera 2 knock", SIGNED_LABEL[] = "incamera 2 invited";
static const struct ic_hpke_suite SUITE = {IC_KEM_XWING, IC_HPKE_HKDF_SHA256,
                                           IC_CIPHER_AES_128_GCM};
/* The key of a body seals nothing else. */
static const uint8_t NONCE[IC_CIPHER_NONCE_LEN];

struct ic_bytes ic_door_bind(uint8_t bound[IC_DOOR_BOUND_MAX], const char *label,
                             const struct ic_door_knock_place *place)
{
    struct ic_writer w = ic_writer_of(bound, IC_DOOR_BOUND_MAX);

    ic_write_bytes(&w, ic_bytes_of_text(label));
    ic_write_bytes(&w, (struct ic_bytes){place->meeting, IC_MEETING_LEN});
    ic_write_bytes(&w, (struct ic_bytes){place->participant, IC_PARTICIPANT_LEN});
    ic_write_uint(&w, place->link_version, 4);
    return ic_written(&w);
}

static struct ic_hpke_proof proof_of(const struct ic_door_knock_secret *secret)
{
    return (struct ic_hpke_proof){.psk = {secret->psk, sizeof secret->psk},
                                  .psk_id = {secret->tag, sizeof secret->tag}};
}

/* Who has no invite proves itself by the pre-shared key alone. */
static enum ic_err write_signature(struct ic_writer *w, struct ic_bytes written,
                                   const struct ic_door_knock_secret *secret, struct ic_bytes bound)
{
    const struct ic_bytes parts[] = {bound, written};
    struct ic_door_pair pair = {{secret->signer_public, sizeof secret->signer_public},
                                {secret->signer_private, sizeof secret->signer_private}};
    uint8_t signature[IC_SIGNATURE_MAX];
    size_t len = 0;

    enum ic_err err =
        secret->invite ? ic_door_sign(signature, &len, &pair, SIGNED_LABEL, parts, IC_COUNT(parts))
                       : IC_OK;
    ic_mls_write_vector(w, (struct ic_bytes){signature, len});
    return err;
}

static enum ic_err check_signature(struct ic_bytes signature, struct ic_bytes read,
                                   const struct ic_door_knock_secret *secret, struct ic_bytes bound)
{
    const struct ic_bytes parts[] = {bound, read};
    if (!secret->invite)
        return signature.len == 0 ? IC_OK : IC_ERR_MALFORMED;
    struct ic_bytes signer = {secret->signer_public, sizeof secret->signer_public};
    return ic_door_verify(signer, SIGNED_LABEL, parts, IC_COUNT(parts), signature) == IC_OK
               ? IC_OK
               : IC_ERR_FORGED;
}

static enum ic_err write_body(struct ic_writer *w, const struct ic_door_knock *knock,
                              const struct ic_door_knock_secret *secret, struct ic_bytes bound)
{
    size_t start = w->len;

    ic_write_uint(w, FORMAT, 1);
    ic_mls_write_vector(w, knock->key_package);
    ic_mls_write_vector(w, knock->reply_key);
    ic_write_bytes(w, knock->id);
    ic_mls_write_vector(w, knock->answer);
    enum ic_err err =
        write_signature(w, (struct ic_bytes){w->at + start, w->len - start}, secret, bound);
    ic_door_pad(w, start, IC_DOOR_KNOCK_PADDING);
    return err;
}

static enum ic_err read_body(struct ic_door_knock *out, struct ic_bytes body,
                             const struct ic_door_knock_secret *secret, struct ic_bytes bound)
{
    struct ic_reader r = ic_reader_of(body);
    struct ic_door_knock knock;

    if (ic_read_uint(&r, 1) != FORMAT)
        r.bad = true;
    knock.key_package = ic_mls_read_vector(&r);
    knock.reply_key = ic_mls_read_vector(&r);
    knock.id = ic_read_bytes(&r, IC_DOOR_KNOCK_ID_LEN);
    knock.answer = ic_mls_read_vector(&r);
    struct ic_bytes read = ic_mls_since(ic_reader_of(body), &r);
    struct ic_bytes signature = ic_mls_read_vector(&r);
    ic_door_read_padding(&r);
    if (ic_mls_finish(&r) != IC_OK || knock.key_package.len == 0 ||
        knock.reply_key.len != ic_kem_lengths(IC_KEM_XWING).public_len ||
        (knock.answer.len > 0 && !ic_door_is_text(knock.answer, IC_DOOR_ANSWER_MAX)))
        return IC_ERR_MALFORMED;
    enum ic_err err = check_signature(signature, read, secret, bound);
    if (err == IC_OK)
        *out = knock;
    return err;
}

/* Room for each entry, since what they seal names the digest of the body behind them. */
static size_t count_of(struct ic_bytes admit_keys)
{
    struct ic_reader list = ic_reader_of(admit_keys);
    struct ic_door_admit_key key;
    size_t count = 0;

    while (ic_door_admit_key_next(&list, &key))
        count++;
    return count;
}

static enum ic_err seal_body(struct ic_writer *w, const struct ic_door_knock *knock,
                             const struct ic_door_knock_secret *secret, const uint8_t key[KEY_LEN],
                             struct ic_bytes bound)
{
    size_t start = w->len;

    enum ic_err err = write_body(w, knock, secret, bound);
    size_t len = w->len - start;
    if (err != IC_OK)
        return err;
    if (!ic_write_room(w, IC_CIPHER_TAG_LEN))
        return IC_ERR_FULL;
    return ic_cipher_seal(w->at + start, IC_CIPHER_AES_128_GCM, key, NONCE, bound,
                          (struct ic_bytes){w->at + start, len});
}

static enum ic_err seal_entries(uint8_t *entries, struct ic_bytes admit_keys,
                                const uint8_t key[KEY_LEN], struct ic_bytes bound,
                                const struct ic_hpke_proof *proof, struct ic_bytes body)
{
    struct ic_reader list = ic_reader_of(admit_keys);
    struct ic_door_admit_key admit;
    uint8_t digest[IC_SHA256_LEN];
    enum ic_err err = IC_OK;

    ic_sha256(digest, body);
    for (; err == IC_OK && ic_door_admit_key_next(&list, &admit); entries += ENTRY_LEN)
        err =
            ic_hpke_seal(entries + ENC_LEN, entries, SUITE, admit.key, bound, proof,
                         (struct ic_bytes){digest, sizeof digest}, (struct ic_bytes){key, KEY_LEN});
    return err;
}

enum ic_err ic_door_knock_seal(struct ic_writer *w, const struct ic_door_knock *knock,
                               const struct ic_door_knock_place *place,
                               const struct ic_door_knock_secret *secret,
                               struct ic_bytes admit_keys)
{
    uint8_t key[KEY_LEN], bound_room[IC_DOOR_BOUND_MAX];
    struct ic_bytes bound = ic_door_bind(bound_room, LABEL, place);
    struct ic_hpke_proof proof = proof_of(secret);
    size_t start = w->len, count = count_of(admit_keys);

    if (count == 0 || count > IC_DOOR_ADMIT_KEYS_MAX)
        return IC_ERR_MALFORMED;
    ic_write_bytes(w, (struct ic_bytes){secret->tag, sizeof secret->tag});
    ic_write_uint(w, count, 1);
    uint8_t *entries = ic_write_room(w, count * ENTRY_LEN);
    size_t body = w->len;
    if (!entries)
        return IC_ERR_FULL;
    ic_random_fill(key, sizeof key);
    enum ic_err err = seal_body(w, knock, secret, key, bound);
    if (err == IC_OK)
        err = w->len - start > IC_DOOR_KNOCK_MAX
                  ? IC_ERR_FULL
                  : seal_entries(entries, admit_keys, key, bound, &proof,
                                 (struct ic_bytes){w->at + body, w->len - body});
    ic_secret_wipe(key, sizeof key);
    return err;
}

enum ic_err ic_door_knock_tag(uint8_t tag[IC_DOOR_TAG_LEN], struct ic_bytes sealed)
{
    if (sealed.len < IC_DOOR_TAG_LEN)
        return IC_ERR_MALFORMED;
    memcpy(tag, sealed.at, IC_DOOR_TAG_LEN);
    return IC_OK;
}

/* Nothing says which entry is ours. */
static enum ic_err open_key(uint8_t key[KEY_LEN], struct ic_bytes entries, struct ic_bytes bound,
                            const struct ic_hpke_proof *proof, struct ic_bytes body,
                            struct ic_bytes admit_private)
{
    struct ic_reader r = ic_reader_of(entries);
    uint8_t digest[IC_SHA256_LEN];

    ic_sha256(digest, body);
    while (r.rest.len > 0) {
        struct ic_bytes enc = ic_read_bytes(&r, ENC_LEN);
        struct ic_bytes wrapped = ic_read_bytes(&r, ENTRY_LEN - ENC_LEN);
        if (ic_hpke_open(key, SUITE, enc, admit_private, bound, proof,
                         (struct ic_bytes){digest, sizeof digest}, wrapped) == IC_OK)
            return IC_OK;
    }
    return IC_ERR_FORGED;
}

enum ic_err ic_door_knock_open(struct ic_door_knock *out, uint8_t *buffer, struct ic_bytes sealed,
                               const struct ic_door_knock_place *place,
                               const struct ic_door_knock_secret *secret,
                               struct ic_bytes admit_private)
{
    uint8_t key[KEY_LEN] = {0}, bound_room[IC_DOOR_BOUND_MAX];
    struct ic_bytes bound = ic_door_bind(bound_room, LABEL, place);
    struct ic_hpke_proof proof = proof_of(secret);
    struct ic_reader r = ic_reader_of(sealed);
    struct ic_bytes tag = ic_read_bytes(&r, IC_DOOR_TAG_LEN);
    size_t count = (size_t)ic_read_uint(&r, 1);
    struct ic_bytes entries = ic_read_bytes(&r, count * ENTRY_LEN);

    if (r.bad || count == 0 || count > IC_DOOR_ADMIT_KEYS_MAX || sealed.len > IC_DOOR_KNOCK_MAX ||
        r.rest.len < IC_CIPHER_TAG_LEN)
        return IC_ERR_MALFORMED;
    if (!ic_bytes_equal(tag, proof.psk_id))
        return IC_ERR_NOT_FOUND;
    enum ic_err err = open_key(key, entries, bound, &proof, r.rest, admit_private);
    if (err == IC_OK)
        err = ic_cipher_open(buffer, IC_CIPHER_AES_128_GCM, key, NONCE, bound, r.rest);
    ic_secret_wipe(key, sizeof key);
    if (err != IC_OK)
        return err;
    return read_body(out, (struct ic_bytes){buffer, r.rest.len - IC_CIPHER_TAG_LEN}, secret, bound);
}
