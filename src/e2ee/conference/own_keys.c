/* own_keys.c - who we are in the meeting: a pseudonym and a key, the same after a reload only for
 * the host, whose private link holds their seed. */
#include "e2ee/conference/own_keys.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "e2ee/conference/inside.h"
#include "e2ee/door/profile.h"
#include "e2ee/door/text.h"
#include "e2ee/mls/codec.h"

/* Meetings use suites whose signature is Ed25519 (docs/door.md). */
static const enum ic_signature SCHEME = IC_SIGNATURE_ED25519;

static enum ic_err host_keys(struct ic_conference *c)
{
    struct ic_own_keys *keys = &c->keys;
    const uint8_t *seed = c->options.link.root_seed;
    enum ic_err err = ic_door_host_leaf_key(keys->signature_private, keys->signature_public, SCHEME,
                                            seed, c->options.meeting);
    if (err == IC_OK)
        err = ic_door_host_admit_key(keys->admit_private, keys->admit_public, seed,
                                     c->options.meeting);
    keys->can_admit = err == IC_OK;
    memcpy(keys->invite_maker, seed, sizeof keys->invite_maker);
    return err;
}

enum ic_err ic_own_keys_init(struct ic_conference *c)
{
    struct ic_own_keys *keys = &c->keys;
    keys->private_len = ic_signature_lengths(SCHEME).private_len;
    keys->public_len = ic_signature_lengths(SCHEME).public_len;
    ic_random_fill(keys->pseudonym, sizeof keys->pseudonym);
    ic_random_fill(keys->invite_maker, sizeof keys->invite_maker);
    if (c->options.link.kind == IC_DOOR_LINK_HOST)
        return host_keys(c);
    return ic_signature_generate(keys->signature_private, keys->signature_public, SCHEME);
}

static struct ic_bytes numbers(struct ic_writer *w, const uint16_t *list, size_t count)
{
    size_t start = w->len;
    for (size_t i = 0; i < count; i++)
        ic_write_uint(w, list[i], 2);
    return (struct ic_bytes){w->at + start, w->len - start};
}

static void write_capabilities(struct ic_mls_capabilities *out, struct ic_identity_buffer *buffer,
                               const struct ic_suite *suite)
{
    struct ic_writer w = ic_writer_of(buffer->lists, sizeof buffer->lists);
    out->versions = numbers(&w, (const uint16_t[]){IC_MLS_VERSION}, 1);
    out->suites = numbers(&w, &suite->id, 1);
    out->extensions =
        numbers(&w, (const uint16_t[]){IC_DOOR_STATE_EXTENSION, IC_DOOR_PROFILE_EXTENSION}, 2);
    out->proposals = (struct ic_bytes){0};
    out->credentials = numbers(&w, (const uint16_t[]){IC_MLS_CREDENTIAL_BASIC}, 1);
}

static const uint64_t DAY = 24 * 3600;

enum ic_err ic_own_identity(struct ic_mls_identity *out, struct ic_identity_buffer *buffer,
                            const struct ic_conference *c, const struct ic_suite *suite,
                            int64_t now)
{
    struct ic_door_profile profile = {.participant = {c->participant, sizeof c->participant},
                                      .name = c->options.name};
    struct ic_writer data = ic_writer_of(buffer->profile, sizeof buffer->profile);
    ic_door_write_profile(&data, &profile);
    struct ic_writer w = ic_writer_of(buffer->extensions, sizeof buffer->extensions);
    ic_mls_write_extension(&w, IC_DOOR_PROFILE_EXTENSION, ic_written(&data));
    if (data.bad || w.bad)
        return IC_ERR_FULL;
    buffer->profile_len = data.len;

    uint64_t seconds = ic_wall_ms(c, now) / 1000;
    *out = (struct ic_mls_identity){
        .signature_private = {c->keys.signature_private, c->keys.private_len},
        .credential = {.type = IC_MLS_CREDENTIAL_BASIC,
                       .identity = {c->keys.pseudonym, sizeof c->keys.pseudonym}},
        .extensions = ic_written(&w),
        .lifetime = {seconds > DAY ? seconds - DAY : 0, seconds + 7 * DAY},
    };
    write_capabilities(&out->capabilities, buffer, suite);
    return IC_OK;
}

/* The one before is kept: somebody may be letting us in with it at this moment. */
static void keep_package(struct ic_entering *entering, const struct ic_mls_own_package *made)
{
    if (entering->packed_before)
        ic_mls_own_package_clear(&entering->older);
    entering->older = entering->package;
    entering->packed_before = entering->packed;
    entering->package = *made;
    entering->packed = true;
}

enum ic_err ic_own_package(struct ic_conference *c, const struct ic_suite *suite, int64_t now)
{
    struct ic_mls_identity identity;
    struct ic_identity_buffer buffer;
    struct ic_mls_own_package made;

    enum ic_err err = ic_own_identity(&identity, &buffer, c, suite, now);
    if (err == IC_OK)
        err = ic_mls_own_package_init(&made, suite, &identity, (struct ic_bytes){0});
    if (err != IC_OK)
        return err;
    keep_package(&c->entering, &made);
    ic_secret_wipe(&made, sizeof made);
    return IC_OK;
}
