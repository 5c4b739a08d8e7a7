/* profile.c - leaf extension 0xF1C3. */
#include "e2ee/door/profile.h"

#include "e2ee/door/padding.h"
#include "e2ee/door/text.h"
#include "e2ee/mls/codec.h"

static size_t padded_len(size_t name_len)
{
    return name_len < IC_DOOR_NAME_SHORT ? IC_DOOR_NAME_SHORT : IC_DOOR_NAME_LONG;
}

/* A length in one byte, the name, zeros. */
static struct ic_bytes read_name(struct ic_bytes padded)
{
    struct ic_reader r = ic_reader_of(padded);
    struct ic_bytes name = ic_read_bytes(&r, (size_t)ic_read_uint(&r, 1));

    ic_door_read_padding(&r);
    return r.bad || padded.len != padded_len(name.len) ? (struct ic_bytes){0} : name;
}

static bool are_claims(struct ic_bytes claims)
{
    struct ic_reader r = ic_reader_of(claims);

    while (r.rest.len > 0) {
        ic_read_uint(&r, 2);
        ic_mls_read_vector(&r);
    }
    return !r.bad && claims.len <= IC_DOOR_CLAIMS_MAX;
}

static bool is_sound(const struct ic_door_profile *profile)
{
    return profile->participant.len == IC_PARTICIPANT_LEN &&
           ic_door_is_name(profile->name, IC_DOOR_NAME_MAX) && are_claims(profile->claims);
}

void ic_door_read_profile(struct ic_reader *r, struct ic_door_profile *out)
{
    struct ic_door_profile profile;

    profile.participant = ic_read_bytes(r, IC_PARTICIPANT_LEN);
    profile.name = read_name(ic_mls_read_vector(r));
    profile.claims = ic_mls_read_vector(r);
    if (!is_sound(&profile))
        r->bad = true;
    if (!r->bad)
        *out = profile;
}

void ic_door_write_profile(struct ic_writer *w, const struct ic_door_profile *profile)
{
    if (!is_sound(profile)) {
        w->bad = true;
        return;
    }
    ic_write_bytes(w, profile->participant);
    ic_mls_write_size(w, padded_len(profile->name.len));
    size_t start = w->len;
    ic_write_uint(w, profile->name.len, 1);
    ic_write_bytes(w, profile->name);
    ic_door_pad(w, start, padded_len(profile->name.len));
    ic_mls_write_vector(w, profile->claims);
}

enum ic_err ic_door_profile_of(struct ic_door_profile *out, struct ic_bytes extensions)
{
    struct ic_door_profile profile;
    struct ic_bytes data;

    if (!ic_mls_extension_find(extensions, IC_DOOR_PROFILE_EXTENSION, &data))
        return IC_ERR_NOT_FOUND;
    struct ic_reader r = ic_reader_of(data);
    ic_door_read_profile(&r, &profile);
    if (ic_mls_finish(&r) != IC_OK)
        return IC_ERR_MALFORMED;
    *out = profile;
    return IC_OK;
}
