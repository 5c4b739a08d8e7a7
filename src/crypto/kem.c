/* kem.c - DHKEM (RFC 9180 section 4.1), and which KEM does what. */
#include "crypto/kem.h"

#include "crypto/dh.h"
#include "crypto/labeled.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/xwing.h"

static const struct dhkem {
    enum ic_kem kem;
    enum ic_dh group;
    enum ic_hash hash;
    uint8_t top; /* mask of a candidate scalar's first byte; 0: any bytes are a private key */
} DHKEMS[] = {
    {IC_KEM_P256, IC_DH_P256, IC_HASH_SHA256, 0xff},
    {IC_KEM_P384, IC_DH_P384, IC_HASH_SHA384, 0xff},
    {IC_KEM_P521, IC_DH_P521, IC_HASH_SHA512, 0x01},
    {IC_KEM_X25519, IC_DH_X25519, IC_HASH_SHA256, 0},
    {IC_KEM_X448, IC_DH_X448, IC_HASH_SHA512, 0},
};

static const struct dhkem *dhkem_of(enum ic_kem kem)
{
    for (size_t i = 0; i < IC_COUNT(DHKEMS); i++)
        if (DHKEMS[i].kem == kem)
            return &DHKEMS[i];
    return NULL;
}

struct ic_kem_lengths ic_kem_lengths(enum ic_kem kem)
{
    const struct dhkem *d = dhkem_of(kem);

    if (kem == IC_KEM_XWING)
        return (struct ic_kem_lengths){IC_XWING_PUBLIC_LEN, IC_XWING_PRIVATE_LEN, IC_XWING_ENC_LEN,
                                       IC_XWING_SHARED_LEN, IC_XWING_RANDOM_LEN};
    if (!d)
        return (struct ic_kem_lengths){0};
    size_t public_len = ic_dh_public_len(d->group), private_len = ic_dh_private_len(d->group);
    return (struct ic_kem_lengths){public_len, private_len, public_len, ic_hash_len(d->hash),
                                   private_len};
}

bool ic_kem_available(enum ic_kem kem)
{
    const struct dhkem *d = dhkem_of(kem);

    return d ? ic_dh_available(d->group) : kem == IC_KEM_XWING && ic_xwing_available();
}

static struct ic_labeled kdf_of(const struct dhkem *d)
{
    return (struct ic_labeled){
        .hash = d->hash,
        .suite_id = {'K', 'E', 'M', (uint8_t)(d->kem >> 8), (uint8_t)d->kem},
        .suite_id_len = 5,
    };
}

/* Candidates from the counter, until one is below the order (RFC 9180 section 7.1.3). */
static enum ic_err derive_scalar(uint8_t *private_key, uint8_t *public_key, const struct dhkem *d,
                                 const struct ic_labeled *kdf, const uint8_t *prk)
{
    enum ic_err err = IC_ERR_MALFORMED;

    for (unsigned i = 0; i < 256 && err == IC_ERR_MALFORMED; i++) {
        uint8_t counter = (uint8_t)i;
        ic_labeled_expand(private_key, ic_dh_private_len(d->group), kdf, prk, "candidate",
                          &(struct ic_bytes){&counter, 1}, 1);
        private_key[0] &= d->top;
        err = ic_dh_public(public_key, d->group, private_key);
    }
    return err;
}

static enum ic_err dhkem_derive(uint8_t *private_key, uint8_t *public_key, const struct dhkem *d,
                                struct ic_bytes ikm)
{
    const struct ic_labeled kdf = kdf_of(d);
    uint8_t prk[IC_HASH_MAX];
    enum ic_err err;

    ic_labeled_extract(prk, &kdf, (struct ic_bytes){0}, "dkp_prk", ikm);
    if (d->top != 0) {
        err = derive_scalar(private_key, public_key, d, &kdf, prk);
    } else {
        ic_labeled_expand(private_key, ic_dh_private_len(d->group), &kdf, prk, "sk", NULL, 0);
        err = ic_dh_public(public_key, d->group, private_key);
    }
    ic_secret_wipe(prk, sizeof prk);
    if (err != IC_OK)
        ic_secret_wipe(private_key, ic_dh_private_len(d->group));
    return err;
}

/* The secret of both products, bound to all keys in play. `sender_public` is empty without one. */
static void dhkem_finish(uint8_t *shared, const struct dhkem *d, struct ic_bytes products,
                         const uint8_t *enc, const uint8_t *public_key,
                         struct ic_bytes sender_public)
{
    const struct ic_labeled kdf = kdf_of(d);
    const size_t len = ic_dh_public_len(d->group);
    const struct ic_bytes context[] = {{enc, len}, {public_key, len}, sender_public};
    uint8_t prk[IC_HASH_MAX];

    ic_labeled_extract(prk, &kdf, (struct ic_bytes){0}, "eae_prk", products);
    ic_labeled_expand(shared, ic_hash_len(d->hash), &kdf, prk, "shared_secret", context,
                      IC_COUNT(context));
    ic_secret_wipe(prk, sizeof prk);
}

static enum ic_err dhkem_encap(uint8_t *shared, uint8_t *enc, const struct dhkem *d,
                               const uint8_t *public_key, struct ic_bytes sender,
                               struct ic_bytes randomness)
{
    uint8_t own[IC_DH_PRIVATE_MAX], products[2 * IC_DH_SECRET_MAX];
    uint8_t own_public[IC_DH_PUBLIC_MAX], sender_public[IC_DH_PUBLIC_MAX];
    const size_t len = ic_dh_secret_len(d->group);
    const size_t sender_len = sender.len > 0 ? ic_dh_public_len(d->group) : 0;

    enum ic_err err = randomness.len > 0 ? dhkem_derive(own, own_public, d, randomness)
                                         : ic_dh_generate(own, own_public, d->group);
    if (err == IC_OK)
        err = ic_dh_secret(products, d->group, own, public_key);
    if (err == IC_OK && sender.len > 0)
        err = ic_dh_secret(products + len, d->group, sender.at, public_key);
    if (err == IC_OK && sender.len > 0)
        err = ic_dh_public(sender_public, d->group, sender.at);
    if (err == IC_OK) {
        dhkem_finish(shared, d, (struct ic_bytes){products, sender.len > 0 ? 2 * len : len},
                     own_public, public_key, (struct ic_bytes){sender_public, sender_len});
        memcpy(enc, own_public, ic_dh_public_len(d->group));
    }
    ic_secret_wipe(own, sizeof own);
    ic_secret_wipe(products, sizeof products);
    return err;
}

static enum ic_err dhkem_decap(uint8_t *shared, const struct dhkem *d, const uint8_t *enc,
                               const uint8_t *private_key, struct ic_bytes sender_public)
{
    uint8_t own_public[IC_DH_PUBLIC_MAX], products[2 * IC_DH_SECRET_MAX];
    const size_t len = ic_dh_secret_len(d->group);

    enum ic_err err = ic_dh_secret(products, d->group, private_key, enc);
    if (err == IC_OK && sender_public.len > 0)
        err = ic_dh_secret(products + len, d->group, private_key, sender_public.at);
    if (err == IC_OK)
        err = ic_dh_public(own_public, d->group, private_key);
    if (err == IC_OK)
        dhkem_finish(shared, d, (struct ic_bytes){products, sender_public.len > 0 ? 2 * len : len},
                     enc, own_public, sender_public);
    ic_secret_wipe(products, sizeof products);
    return err;
}

enum ic_err ic_kem_generate(uint8_t *private_key, uint8_t *public_key, enum ic_kem kem)
{
    const struct dhkem *d = dhkem_of(kem);

    if (!ic_kem_available(kem))
        return IC_ERR_NOT_FOUND;
    if (d)
        return ic_dh_generate(private_key, public_key, d->group);
    ic_random_fill(private_key, IC_XWING_PRIVATE_LEN);
    return ic_xwing_public(public_key, private_key);
}

enum ic_err ic_kem_derive(uint8_t *private_key, uint8_t *public_key, enum ic_kem kem,
                          struct ic_bytes ikm)
{
    const struct dhkem *d = dhkem_of(kem);

    if (!ic_kem_available(kem))
        return IC_ERR_NOT_FOUND;
    if (ikm.len == 0)
        return IC_ERR_MALFORMED;
    return d ? dhkem_derive(private_key, public_key, d, ikm)
             : ic_xwing_derive(private_key, public_key, ikm);
}

enum ic_err ic_kem_public(uint8_t *public_key, enum ic_kem kem, struct ic_bytes private_key)
{
    const struct dhkem *d = dhkem_of(kem);

    if (!ic_kem_available(kem))
        return IC_ERR_NOT_FOUND;
    if (private_key.len != ic_kem_lengths(kem).private_len)
        return IC_ERR_MALFORMED;
    return d ? ic_dh_public(public_key, d->group, private_key.at)
             : ic_xwing_public(public_key, private_key.at);
}

enum ic_err ic_kem_check_public(enum ic_kem kem, struct ic_bytes public_key)
{
    const struct dhkem *d = dhkem_of(kem);

    if (!ic_kem_available(kem))
        return IC_ERR_NOT_FOUND;
    if (public_key.len != ic_kem_lengths(kem).public_len)
        return IC_ERR_MALFORMED;
    return d ? ic_dh_check_public(d->group, public_key.at) : ic_xwing_check_public(public_key.at);
}

enum ic_err ic_kem_encap(uint8_t *shared, uint8_t *enc, enum ic_kem kem, struct ic_bytes public_key)
{
    uint8_t randomness[IC_KEM_RANDOM_MAX];
    struct ic_bytes fresh = {randomness, ic_kem_lengths(kem).random_len};

    ic_random_fill(randomness, fresh.len);
    enum ic_err err = ic_kem_encap_from(shared, enc, kem, public_key, fresh);
    ic_secret_wipe(randomness, sizeof randomness);
    return err;
}

enum ic_err ic_kem_encap_from(uint8_t *shared, uint8_t *enc, enum ic_kem kem,
                              struct ic_bytes public_key, struct ic_bytes randomness)
{
    const struct dhkem *d = dhkem_of(kem);
    const struct ic_kem_lengths lengths = ic_kem_lengths(kem);

    if (!ic_kem_available(kem))
        return IC_ERR_NOT_FOUND;
    if (public_key.len != lengths.public_len || randomness.len != lengths.random_len)
        return IC_ERR_MALFORMED;
    return d ? dhkem_encap(shared, enc, d, public_key.at, (struct ic_bytes){0}, randomness)
             : ic_xwing_encap(shared, enc, public_key.at, randomness.at);
}

enum ic_err ic_kem_decap(uint8_t *shared, enum ic_kem kem, struct ic_bytes enc,
                         struct ic_bytes private_key)
{
    const struct dhkem *d = dhkem_of(kem);
    const struct ic_kem_lengths lengths = ic_kem_lengths(kem);

    if (!ic_kem_available(kem))
        return IC_ERR_NOT_FOUND;
    if (enc.len != lengths.enc_len || private_key.len != lengths.private_len)
        return IC_ERR_MALFORMED;
    return d ? dhkem_decap(shared, d, enc.at, private_key.at, (struct ic_bytes){0})
             : ic_xwing_decap(shared, enc.at, private_key.at);
}

enum ic_err ic_kem_auth_encap(uint8_t *shared, uint8_t *enc, enum ic_kem kem,
                              struct ic_bytes public_key, struct ic_bytes sender_private_key,
                              struct ic_bytes randomness)
{
    const struct dhkem *d = dhkem_of(kem);
    const struct ic_kem_lengths lengths = ic_kem_lengths(kem);

    if (!d || !ic_dh_available(d->group))
        return IC_ERR_NOT_FOUND;
    if (public_key.len != lengths.public_len || sender_private_key.len != lengths.private_len ||
        (randomness.len != 0 && randomness.len != lengths.random_len))
        return IC_ERR_MALFORMED;
    return dhkem_encap(shared, enc, d, public_key.at, sender_private_key, randomness);
}

enum ic_err ic_kem_auth_decap(uint8_t *shared, enum ic_kem kem, struct ic_bytes enc,
                              struct ic_bytes private_key, struct ic_bytes sender_public_key)
{
    const struct dhkem *d = dhkem_of(kem);
    const struct ic_kem_lengths lengths = ic_kem_lengths(kem);

    if (!d || !ic_dh_available(d->group))
        return IC_ERR_NOT_FOUND;
    if (enc.len != lengths.enc_len || private_key.len != lengths.private_len ||
        sender_public_key.len != lengths.public_len)
        return IC_ERR_MALFORMED;
    return dhkem_decap(shared, d, enc.at, private_key.at, sender_public_key);
}
