/* signature.c - which signatures there are, and what is refused before a library sees it
 * (signature_private.h).
 *
 * Two clients must agree about every signature, or a crafted one splits a group. So Ed25519 keys
 * and nonce points of small order, which some libraries take and others refuse, are refused here.
 */
#include "crypto/signature.h"

#include "crypto/dh.h"
#include "crypto/random.h"
#include "crypto/signature_private.h"

enum { ED25519_LEN = 32, ED448_LEN = 57 };

static const struct scheme {
    enum ic_signature scheme;
    size_t public_len, private_len, signature_max;
    bool ecdsa;
    enum ic_dh group; /* ECDSA only */
} SCHEMES[] = {
    {IC_SIGNATURE_ECDSA_P256, 65, 32, 72, true, IC_DH_P256},
    {IC_SIGNATURE_ECDSA_P384, 97, 48, 104, true, IC_DH_P384},
    {IC_SIGNATURE_ECDSA_P521, 133, 66, 139, true, IC_DH_P521},
    {IC_SIGNATURE_ED25519, ED25519_LEN, ED25519_LEN, 64, false, 0},
    {IC_SIGNATURE_ED448, ED448_LEN, ED448_LEN, 114, false, 0},
};

static const struct scheme *scheme_of(enum ic_signature scheme)
{
    for (size_t i = 0; i < IC_COUNT(SCHEMES); i++)
        if (SCHEMES[i].scheme == scheme)
            return &SCHEMES[i];
    return NULL;
}

/* NULL also for one that this build cannot do. */
static const struct scheme *usable(enum ic_signature scheme)
{
    return ic_signature_available(scheme) ? scheme_of(scheme) : NULL;
}

struct ic_signature_lengths ic_signature_lengths(enum ic_signature scheme)
{
    const struct scheme *s = scheme_of(scheme);

    if (!s)
        return (struct ic_signature_lengths){0};
    return (struct ic_signature_lengths){s->public_len, s->private_len, s->signature_max};
}

/* The y coordinates of all points of order 1, 2, 4 and 8; their x has either sign. */
static bool ed25519_small_order(const uint8_t point[ED25519_LEN])
{
    static const uint8_t ROWS[][ED25519_LEN] = {
        {0},
        {1},
        {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
         0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
         0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
        {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
         0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
         0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
        {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    };
    uint8_t y[ED25519_LEN];

    memcpy(y, point, sizeof y);
    y[ED25519_LEN - 1] &= 0x7f;
    for (size_t i = 0; i < IC_COUNT(ROWS); i++)
        if (memcmp(y, ROWS[i], sizeof y) == 0)
            return true;
    return false;
}

/* A coordinate of 2^255 - 19 or more is a second spelling of a smaller one. */
static bool ed25519_reduced(const uint8_t point[ED25519_LEN])
{
    if ((point[ED25519_LEN - 1] & 0x7f) != 0x7f)
        return true;
    for (size_t i = 1; i < ED25519_LEN - 1; i++)
        if (point[i] != 0xff)
            return true;
    return point[0] < 0xed;
}

static bool ed25519_sound(const uint8_t point[ED25519_LEN])
{
    return ed25519_reduced(point) && !ed25519_small_order(point);
}

enum ic_err ic_signature_generate(uint8_t *private_key, uint8_t *public_key,
                                  enum ic_signature scheme)
{
    const struct scheme *s = usable(scheme);

    if (!s)
        return IC_ERR_NOT_FOUND;
    if (s->ecdsa)
        return ic_dh_generate(private_key, public_key, s->group);
    ic_random_fill(private_key, s->private_len);
    return ic_edwards_public(public_key, scheme, private_key);
}

enum ic_err ic_signature_public(uint8_t *public_key, enum ic_signature scheme,
                                struct ic_bytes private_key)
{
    const struct scheme *s = usable(scheme);

    if (!s)
        return IC_ERR_NOT_FOUND;
    if (private_key.len != s->private_len)
        return IC_ERR_MALFORMED;
    return s->ecdsa ? ic_dh_public(public_key, s->group, private_key.at)
                    : ic_edwards_public(public_key, scheme, private_key.at);
}

enum ic_err ic_signature_check_public(enum ic_signature scheme, struct ic_bytes public_key)
{
    const struct scheme *s = usable(scheme);

    if (!s)
        return IC_ERR_NOT_FOUND;
    if (public_key.len != s->public_len)
        return IC_ERR_MALFORMED;
    if (scheme == IC_SIGNATURE_ED25519)
        return ed25519_sound(public_key.at) ? IC_OK : IC_ERR_MALFORMED;
    return s->ecdsa ? ic_dh_check_public(s->group, public_key.at) : IC_OK;
}

/* A scalar out of range would sign what nobody can verify, or worse. */
static enum ic_err check_private(const struct scheme *s, struct ic_bytes private_key)
{
    if (!s)
        return IC_ERR_NOT_FOUND;
    if (private_key.len != s->private_len)
        return IC_ERR_MALFORMED;
    return s->ecdsa ? ic_dh_check_private(s->group, private_key.at) : IC_OK;
}

enum ic_err ic_signature_sign(uint8_t *signature, size_t *len, enum ic_signature scheme,
                              struct ic_bytes private_key, struct ic_bytes message)
{
    const struct scheme *s = usable(scheme);
    enum ic_err err = check_private(s, private_key);

    if (err != IC_OK)
        return err;
    size_t written = s->signature_max;
    err = ic_signature_make(signature, &written, scheme, private_key.at, message);
    if (err == IC_OK)
        *len = written;
    return err;
}

enum ic_err ic_signature_verify(enum ic_signature scheme, struct ic_bytes public_key,
                                struct ic_bytes message, struct ic_bytes signature)
{
    const struct scheme *s = usable(scheme);
    enum ic_err err = ic_signature_check_public(scheme, public_key);

    if (err != IC_OK)
        return err;
    if (signature.len > s->signature_max || (!s->ecdsa && signature.len != s->signature_max) ||
        (scheme == IC_SIGNATURE_ED25519 && !ed25519_sound(signature.at)))
        return IC_ERR_FORGED;
    return ic_signature_check(scheme, public_key.at, message, signature);
}
