/* invite.c - personal invites (docs/door.md: invites). */
#include "e2ee/door/invite.h"

#include "crypto/hkdf.h"
#include "crypto/secret.h"
#include "e2ee/mls/codec.h"

void ic_door_invite_secret(uint8_t secret[IC_LINK_SECRET_LEN],
                           const uint8_t maker[IC_DOOR_INVITE_MAKER_LEN],
                           const uint8_t meeting[IC_MEETING_LEN], struct ic_bytes salt)
{
    static const char LABEL[] = "incamera 2 invite";
    const struct ic_bytes input = {maker, IC_DOOR_INVITE_MAKER_LEN};
    const struct ic_bytes info[] = {ic_bytes_of_text(LABEL), {meeting, IC_MEETING_LEN}};
    uint8_t prk[IC_HKDF_PRK_LEN];

    ic_hkdf_extract_with(prk, IC_HASH_SHA256, salt, &input, 1);
    ic_hkdf_expand_with(secret, IC_LINK_SECRET_LEN, IC_HASH_SHA256,
                        (struct ic_bytes){prk, sizeof prk}, info, IC_COUNT(info));
    ic_secret_wipe(prk, sizeof prk);
}

void ic_door_invite_fill(struct ic_door_invite *invite, struct ic_door_invite_bytes *bytes,
                         const uint8_t secret[IC_LINK_SECRET_LEN],
                         const uint8_t meeting[IC_MEETING_LEN])
{
    uint8_t proof[IC_ADMISSION_PROOF_LEN];

    ic_door_tag(bytes->tag, secret, meeting);
    ic_door_card_key(bytes->card_key, secret, meeting);
    ic_door_admission_proof(proof, secret);
    ic_sha256(bytes->admission, (struct ic_bytes){proof, sizeof proof});
    ic_secret_wipe(proof, sizeof proof);
    invite->tag = (struct ic_bytes){bytes->tag, sizeof bytes->tag};
    invite->card_key = (struct ic_bytes){bytes->card_key, sizeof bytes->card_key};
    invite->admission = (struct ic_bytes){bytes->admission, sizeof bytes->admission};
}

void ic_door_write_invite(struct ic_writer *w, const struct ic_door_invite *invite)
{
    ic_write_uint(w, invite->number, 4);
    ic_mls_write_vector(w, invite->maker);
    ic_mls_write_vector(w, invite->user);
    ic_write_bytes(w, invite->salt);
    ic_write_bytes(w, invite->tag);
    ic_write_bytes(w, invite->card_key);
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
    out->tag = ic_read_bytes(list, IC_DOOR_TAG_LEN);
    out->card_key = ic_read_bytes(list, IC_DOOR_CARD_KEY_LEN);
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
                           struct ic_door_invite *out)
{
    struct ic_reader list = ic_reader_of(invites);

    while (ic_door_invite_next(&list, out))
        if (ic_bytes_equal(out->tag, (struct ic_bytes){tag, IC_DOOR_TAG_LEN}))
            return true;
    return false;
}
