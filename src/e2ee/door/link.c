/* link.c - fragments, and keys from their secrets by HKDF-SHA-256 (docs/door.md: links). */
#include "e2ee/door/link.h"

#include <assert.h>

#include "crypto/hkdf.h"
#include "crypto/pbkdf2.h"
#include "crypto/secret.h"
#include "e2ee/door/text.h"

enum { FRAGMENT_SIZE = 1 + IC_LINK_SECRET_LEN + IC_DOOR_PIN_LEN, FIRST_STAGE = 1 };

_Static_assert(IC_BASE64URL_LEN(FRAGMENT_SIZE) == IC_DOOR_FRAGMENT_LEN, "fragment");
_Static_assert(IC_DOOR_PIN_LEN == IC_DOOR_SEED_LEN, "the second half is one or the other");

/* The first byte of what `text` encodes. Two characters hold it; the rest of the second belongs to
 * the next byte. */
static bool read_version(uint8_t *version, const char *text)
{
    char front[5] = {0};
    uint8_t bytes[3];

    if (strlen(text) < 2)
        return false;
    memcpy(front, text, 2);
    memset(front + 2, 'A', 2);
    if (ic_base64url_decode(bytes, sizeof bytes, front) != IC_OK)
        return false;
    *version = bytes[0];
    return true;
}

enum ic_door_link_fault ic_door_link_parse(struct ic_door_link *out, const char *text)
{
    struct ic_door_link link = {0};
    uint8_t bytes[FRAGMENT_SIZE], version;

    if (!read_version(&version, text))
        return IC_DOOR_LINK_CUT;
    if (version == FIRST_STAGE)
        return IC_DOOR_LINK_FIRST_STAGE;
    if (version < IC_DOOR_LINK_GUEST || version > IC_DOOR_LINK_INVITE)
        return IC_DOOR_LINK_UNKNOWN;
    if (ic_base64url_decode(bytes, sizeof bytes, text) != IC_OK)
        return IC_DOOR_LINK_CUT;

    link.kind = (enum ic_door_link_kind)version;
    memcpy(link.secret, bytes + 1, sizeof link.secret);
    memcpy(version == IC_DOOR_LINK_HOST ? link.root_seed : link.pin, bytes + 1 + IC_LINK_SECRET_LEN,
           IC_DOOR_PIN_LEN);
    *out = link;
    ic_secret_wipe(bytes, sizeof bytes);
    ic_door_link_clear(&link);
    return IC_DOOR_LINK_FINE;
}

void ic_door_link_print(char text[IC_DOOR_FRAGMENT_LEN + 1], const struct ic_door_link *link)
{
    uint8_t bytes[FRAGMENT_SIZE];

    bytes[0] = (uint8_t)link->kind;
    memcpy(bytes + 1, link->secret, sizeof link->secret);
    memcpy(bytes + 1 + IC_LINK_SECRET_LEN,
           link->kind == IC_DOOR_LINK_HOST ? link->root_seed : link->pin, IC_DOOR_PIN_LEN);
    ic_base64url_encode(text, (struct ic_bytes){bytes, sizeof bytes});
    ic_secret_wipe(bytes, sizeof bytes);
}

void ic_door_link_clear(struct ic_door_link *link)
{
    ic_secret_wipe(link, sizeof *link);
}

/* `meeting` may be NULL: what is needed before the meeting has an id. */
static void derive(uint8_t *out, size_t len, const uint8_t secret[32], struct ic_bytes salt,
                   const char *label, const uint8_t *meeting)
{
    const struct ic_bytes info[] = {ic_bytes_of_text(label),
                                    {meeting, meeting ? IC_MEETING_LEN : 0}};
    const struct ic_bytes input = {secret, 32};
    uint8_t prk[IC_HKDF_PRK_LEN];

    ic_hkdf_extract_with(prk, IC_HASH_SHA256, salt, &input, 1);
    ic_hkdf_expand_with(out, len, IC_HASH_SHA256, (struct ic_bytes){prk, sizeof prk}, info,
                        IC_COUNT(info));
    ic_secret_wipe(prk, sizeof prk);
}

static const struct ic_bytes NO_SALT;

void ic_door_admission_proof(uint8_t proof[IC_ADMISSION_PROOF_LEN],
                             const uint8_t secret[IC_LINK_SECRET_LEN])
{
    derive(proof, IC_ADMISSION_PROOF_LEN, secret, NO_SALT, "incamera 2 admission", NULL);
}

enum ic_err ic_door_passcode_key(uint8_t key[IC_DOOR_PSK_LEN], struct ic_bytes passcode,
                                 const uint8_t meeting[IC_MEETING_LEN])
{
    uint8_t salt[64];
    struct ic_writer w = ic_writer_of(salt, sizeof salt);

    if (ic_door_is_blank(passcode))
        return IC_ERR_FORBIDDEN;
    if (!ic_door_is_name(passcode, IC_DOOR_PASSCODE_MAX))
        return IC_ERR_MALFORMED;
    ic_write_bytes(&w, ic_bytes_of_text("incamera 2 passcode"));
    ic_write_bytes(&w, (struct ic_bytes){meeting, IC_MEETING_LEN});
    ic_pbkdf2(key, passcode, ic_written(&w), IC_DOOR_PASSCODE_ROUNDS);
    return IC_OK;
}

void ic_door_psk(uint8_t psk[IC_DOOR_PSK_LEN], const uint8_t secret[IC_LINK_SECRET_LEN],
                 const uint8_t meeting[IC_MEETING_LEN], struct ic_bytes passcode_key)
{
    assert(passcode_key.len == 0 || passcode_key.len == IC_DOOR_PSK_LEN);
    derive(psk, IC_DOOR_PSK_LEN, secret, passcode_key, "incamera 2 psk", meeting);
}

void ic_door_card_key(uint8_t key[IC_DOOR_CARD_KEY_LEN], const uint8_t secret[IC_LINK_SECRET_LEN],
                      const uint8_t meeting[IC_MEETING_LEN])
{
    derive(key, IC_DOOR_CARD_KEY_LEN, secret, NO_SALT, "incamera 2 card", meeting);
}

void ic_door_info_key(uint8_t key[IC_DOOR_INFO_KEY_LEN], const uint8_t secret[IC_LINK_SECRET_LEN],
                      const uint8_t meeting[IC_MEETING_LEN])
{
    derive(key, IC_DOOR_INFO_KEY_LEN, secret, NO_SALT, "incamera 2 info", meeting);
}

void ic_door_tag(uint8_t tag[IC_DOOR_TAG_LEN], const uint8_t secret[IC_LINK_SECRET_LEN],
                 const uint8_t meeting[IC_MEETING_LEN])
{
    derive(tag, IC_DOOR_TAG_LEN, secret, NO_SALT, "incamera 2 tag", meeting);
}

void ic_door_link_psk_id(uint8_t id[IC_DOOR_LINK_PSK_ID_LEN], const uint8_t meeting[IC_MEETING_LEN],
                         uint32_t link_version)
{
    struct ic_writer w = ic_writer_of(id, IC_DOOR_LINK_PSK_ID_LEN);

    ic_write_bytes(&w, ic_bytes_of_text("incamera link"));
    ic_write_bytes(&w, (struct ic_bytes){meeting, IC_MEETING_LEN});
    ic_write_uint(&w, link_version, 4);
    assert(!w.bad && w.len == IC_DOOR_LINK_PSK_ID_LEN);
}

void ic_door_pin(uint8_t pin[IC_DOOR_PIN_LEN], const uint8_t root_public[IC_DOOR_ROOT_LEN])
{
    ic_sha256(pin, (struct ic_bytes){root_public, IC_DOOR_ROOT_LEN});
}

enum ic_err ic_door_host_keys(struct ic_door_host_keys *out,
                              const uint8_t root_seed[IC_DOOR_SEED_LEN])
{
    struct ic_door_host_keys keys;

    derive(keys.root_private, sizeof keys.root_private, root_seed, NO_SALT, "incamera 2 root",
           NULL);
    derive(keys.proof, sizeof keys.proof, root_seed, NO_SALT, "incamera 2 host", NULL);
    enum ic_err err =
        ic_signature_public(keys.root_public, IC_SIGNATURE_ED25519,
                            (struct ic_bytes){keys.root_private, sizeof keys.root_private});
    if (err == IC_OK) {
        ic_door_pin(keys.pin, keys.root_public);
        *out = keys;
    }
    ic_secret_wipe(&keys, sizeof keys);
    return err;
}

enum ic_err ic_door_host_leaf_key(uint8_t *private_key, uint8_t *public_key,
                                  enum ic_signature scheme,
                                  const uint8_t root_seed[IC_DOOR_SEED_LEN],
                                  const uint8_t meeting[IC_MEETING_LEN])
{
    size_t len = ic_signature_lengths(scheme).private_len;
    uint8_t key[IC_SIGNATURE_PRIVATE_MAX];

    /* Any bytes are a key of these two; a scalar of ECDSA has a range. */
    if (scheme != IC_SIGNATURE_ED25519 && scheme != IC_SIGNATURE_ED448)
        return IC_ERR_NOT_FOUND;
    derive(key, len, root_seed, NO_SALT, "incamera 2 leaf", meeting);
    enum ic_err err = ic_signature_public(public_key, scheme, (struct ic_bytes){key, len});
    if (err == IC_OK)
        memcpy(private_key, key, len);
    ic_secret_wipe(key, sizeof key);
    return err;
}

enum ic_err ic_door_host_admit_key(uint8_t *private_key, uint8_t *public_key,
                                   const uint8_t root_seed[IC_DOOR_SEED_LEN],
                                   const uint8_t meeting[IC_MEETING_LEN])
{
    uint8_t ikm[64];

    derive(ikm, sizeof ikm, root_seed, NO_SALT, "incamera 2 admit", meeting);
    enum ic_err err =
        ic_kem_derive(private_key, public_key, IC_KEM_XWING, (struct ic_bytes){ikm, sizeof ikm});
    ic_secret_wipe(ikm, sizeof ikm);
    return err;
}
