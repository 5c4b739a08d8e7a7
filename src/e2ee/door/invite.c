/* invite.c - personal invites (docs/door.md: invites). */
#include "e2ee/door/invite.h"

#include "crypto/hkdf.h"
#include "crypto/secret.h"
#include "e2ee/mls/codec.h"

/* 32 bytes of 32. */
static void derive(uint8_t out[32], const uint8_t from[32], struct ic_bytes salt, const char *label,
                   const uint8_t meeting[IC_MEETING_LEN])
{
    const struct ic_bytes input = {from, 32};
    const struct ic_bytes info[] = {ic_bytes_of_text(label), {meeting, IC_MEETING_LEN}};
    uint8_t prk[IC_HKDF_PRK_LEN];

    ic_hkdf_extract_with(prk, IC_HASH_SHA256, salt, &input, 1);
    ic_hkdf_expand_with(out, 32, IC_HASH_SHA256, (struct ic_bytes){prk, sizeof prk}, info,
                        IC_COUNT(info));
    ic_secret_wipe(prk, sizeof prk);
}

void ic_door_invite_secret(uint8_t secret[IC_LINK_SECRET_LEN],
                           const uint8_t maker[IC_DOOR_INVITE_MAKER_LEN],
                           const uint8_t meeting[IC_MEETING_LEN], struct ic_bytes salt)
{
    derive(secret, maker, salt, "incamera 2 invite", meeting);
}

void ic_door_invite_key(uint8_t key[IC_LINK_SECRET_LEN], const uint8_t secret[IC_LINK_SECRET_LEN],
                        const uint8_t meeting[IC_MEETING_LEN])
{
    derive(key, secret, (struct ic_bytes){0}, "incamera 2 invite key", meeting);
}

enum ic_err ic_door_invite_pair(uint8_t private_key[IC_DOOR_INVITE_SIGNER_LEN],
                                uint8_t public_key[IC_DOOR_INVITE_SIGNER_LEN],
                                const uint8_t secret[IC_LINK_SECRET_LEN],
                                const uint8_t meeting[IC_MEETING_LEN])
{
    derive(private_key, secret, (struct ic_bytes){0}, "incamera 2 invite signer", meeting);
    return ic_signature_public(public_key, IC_SIGNATURE_ED25519,
                               (struct ic_bytes){private_key, IC_DOOR_INVITE_SIGNER_LEN});
}

enum ic_err ic_door_invite_fill(struct ic_door_invite *invite, struct ic_door_invite_bytes *bytes,
                                const uint8_t secret[IC_LINK_SECRET_LEN],
                                const uint8_t meeting[IC_MEETING_LEN])
{
    uint8_t proof[IC_ADMISSION_PROOF_LEN], private_key[IC_DOOR_INVITE_SIGNER_LEN];

    enum ic_err err = ic_door_invite_pair(private_key, bytes->signer, secret, meeting);
    ic_secret_wipe(private_key, sizeof private_key);
    if (err != IC_OK)
        return err;
    ic_door_invite_key(bytes->key, secret, meeting);
    ic_door_admission_proof(proof, secret);
    ic_sha256(bytes->admission, (struct ic_bytes){proof, sizeof proof});
    ic_secret_wipe(proof, sizeof proof);
    invite->key = (struct ic_bytes){bytes->key, sizeof bytes->key};
    invite->signer = (struct ic_bytes){bytes->signer, sizeof bytes->signer};
    invite->admission = (struct ic_bytes){bytes->admission, sizeof bytes->admission};
    return IC_OK;
}

void ic_door_write_invite(struct ic_writer *w, const struct ic_door_invite *invite)
{
    ic_write_uint(w, invite->number, 4);
    ic_mls_write_vector(w, invite->maker);
    ic_mls_write_vector(w, invite->user);
    ic_write_bytes(w, invite->salt);
    ic_write_bytes(w, invite->key);
    ic_write_bytes(w, invite->signer);
    ic_write_bytes(w, invite->admission);
}

bool ic_door_invite_next(struct ic_reader *list, struct ic_door_invite *out)
{
    struct ic_reader start = *list;

    if (list->bad || list->rest.len == 0)
        return false;
    out->number = (uint32_t)ic_read_uint(list, 4);
    out->maker = ic_mls_read_vector(list);
    out->user = ic_mls_read_vector(list);
    out->salt = ic_read_bytes(list, IC_DOOR_INVITE_SALT_LEN);
    out->key = ic_read_bytes(list, IC_LINK_SECRET_LEN);
    out->signer = ic_read_bytes(list, IC_DOOR_INVITE_SIGNER_LEN);
    out->admission = ic_read_bytes(list, IC_SHA256_LEN);
    out->encoded = ic_mls_since(start, list);
    return !list->bad;
}

static bool is_sound(const struct ic_door_invite *invite, uint64_t least)
{
    return invite->number >= least && ic_door_is_key(invite->maker) &&
           (invite->user.len == 0 || ic_door_is_key(invite->user));
}

struct ic_bytes ic_door_read_invites(struct ic_reader *r)
{
    struct ic_bytes list = ic_mls_read_vector(r);
    struct ic_reader invites = ic_reader_of(list);
    struct ic_door_invite invite;
    uint64_t least = 1;
    size_t count = 0;

    while (ic_door_invite_next(&invites, &invite)) {
        if (!is_sound(&invite, least) || ++count > IC_DOOR_INVITES_MAX) {
            invites.bad = true;
            break;
        }
        least = (uint64_t)invite.number + 1;
    }
    if (invites.bad)
        *r = (struct ic_reader){.bad = true};
    return r->bad ? (struct ic_bytes){0} : list;
}

bool ic_door_invite_find(struct ic_bytes invites, uint32_t number, struct ic_door_invite *out)
{
    struct ic_reader list = ic_reader_of(invites);

    while (ic_door_invite_next(&list, out))
        if (out->number == number)
            return true;
    return false;
}

bool ic_door_invite_of_tag(struct ic_bytes invites, const uint8_t tag[IC_DOOR_TAG_LEN],
                           const uint8_t meeting[IC_MEETING_LEN], struct ic_door_invite *out)
{
    struct ic_reader list = ic_reader_of(invites);
    uint8_t its[IC_DOOR_TAG_LEN];

    while (ic_door_invite_next(&list, out)) {
        ic_door_tag(its, out->key.at, meeting);
        if (memcmp(its, tag, sizeof its) == 0)
            return true;
    }
    return false;
}
