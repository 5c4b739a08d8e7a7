/* dh_openssl.c - the NIST curves by OpenSSL's point arithmetic, X25519 and X448 by its raw keys.
 *
 * A product with one point alone takes OpenSSL's ladder, whose time does not depend on the
 * scalar. */
#include "crypto/dh.h"

#include "crypto/secret.h"

#include <openssl/ec.h>
#include <openssl/evp.h>

/* Of a curve, or of a kind of raw key. */
static const int IDS[] = {
    [IC_DH_P256] = NID_X9_62_prime256v1, [IC_DH_P384] = NID_secp384r1, [IC_DH_P521] = NID_secp521r1,
    [IC_DH_X25519] = EVP_PKEY_X25519,    [IC_DH_X448] = EVP_PKEY_X448,
};

enum { POINT_UNCOMPRESSED = 4 };

bool ic_dh_available(enum ic_dh group)
{
    return group >= IC_DH_P256 && group <= IC_DH_X448;
}

static bool is_raw(enum ic_dh group)
{
    return group == IC_DH_X25519 || group == IC_DH_X448;
}

/* What one computation on a NIST curve needs. */
struct curve {
    EC_GROUP *group;
    EC_POINT *in, *out;
    BIGNUM *scalar;
    BN_CTX *scratch;
};

static void curve_clear(struct curve *c)
{
    BN_CTX_free(c->scratch);
    BN_clear_free(c->scalar);
    EC_POINT_clear_free(c->out);
    EC_POINT_free(c->in);
    EC_GROUP_free(c->group);
}

static bool curve_init(struct curve *c, enum ic_dh group)
{
    *c = (struct curve){.group = EC_GROUP_new_by_curve_name(IDS[group])};
    if (c->group) {
        c->in = EC_POINT_new(c->group);
        c->out = EC_POINT_new(c->group);
    }
    c->scalar = BN_secure_new();
    c->scratch = BN_CTX_secure_new();
    if (c->in && c->out && c->scalar && c->scratch)
        return true;
    curve_clear(c);
    return false;
}

static enum ic_err curve_scalar(struct curve *c, enum ic_dh group, const uint8_t *private_key)
{
    BN_set_flags(c->scalar, BN_FLG_CONSTTIME);
    if (!BN_bin2bn(private_key, (int)ic_dh_private_len(group), c->scalar))
        return IC_ERR_SYSTEM;
    bool in_range = !BN_is_zero(c->scalar) && BN_cmp(c->scalar, EC_GROUP_get0_order(c->group)) < 0;
    return in_range ? IC_OK : IC_ERR_MALFORMED;
}

/* OpenSSL would also read compressed and mixed forms, which the formats here do not have. */
static enum ic_err curve_point(struct curve *c, enum ic_dh group, const uint8_t *public_key)
{
    size_t len = ic_dh_public_len(group);

    if (public_key[0] != POINT_UNCOMPRESSED ||
        EC_POINT_oct2point(c->group, c->in, public_key, len, c->scratch) != 1)
        return IC_ERR_MALFORMED;
    return IC_OK;
}

static enum ic_err curve_public(uint8_t *public_key, enum ic_dh group, const uint8_t *private_key)
{
    struct curve c;
    size_t len = ic_dh_public_len(group);

    if (!curve_init(&c, group))
        return IC_ERR_SYSTEM;
    enum ic_err err = curve_scalar(&c, group, private_key);
    if (err == IC_OK && (EC_POINT_mul(c.group, c.out, c.scalar, NULL, NULL, c.scratch) != 1 ||
                         EC_POINT_point2oct(c.group, c.out, POINT_CONVERSION_UNCOMPRESSED,
                                            public_key, len, c.scratch) != len))
        err = IC_ERR_SYSTEM;
    curve_clear(&c);
    return err;
}

static enum ic_err curve_secret(uint8_t *secret, enum ic_dh group, const uint8_t *private_key,
                                const uint8_t *public_key)
{
    struct curve c;
    uint8_t point[IC_DH_PUBLIC_MAX];
    size_t len = ic_dh_public_len(group);

    if (!curve_init(&c, group))
        return IC_ERR_SYSTEM;
    enum ic_err err = curve_scalar(&c, group, private_key);
    if (err == IC_OK)
        err = curve_point(&c, group, public_key);
    if (err == IC_OK && (EC_POINT_mul(c.group, c.out, NULL, c.in, c.scalar, c.scratch) != 1 ||
                         EC_POINT_point2oct(c.group, c.out, POINT_CONVERSION_UNCOMPRESSED, point,
                                            len, c.scratch) != len))
        err = IC_ERR_SYSTEM;
    if (err == IC_OK)
        memcpy(secret, point + 1, ic_dh_secret_len(group));
    ic_secret_wipe(point, sizeof point);
    curve_clear(&c);
    return err;
}

static enum ic_err curve_check(enum ic_dh group, const uint8_t *public_key)
{
    struct curve c;

    if (!curve_init(&c, group))
        return IC_ERR_SYSTEM;
    enum ic_err err = curve_point(&c, group, public_key);
    curve_clear(&c);
    return err;
}

static enum ic_err raw_public(uint8_t *public_key, enum ic_dh group, const uint8_t *private_key)
{
    size_t len = ic_dh_public_len(group);
    EVP_PKEY *key =
        EVP_PKEY_new_raw_private_key(IDS[group], NULL, private_key, ic_dh_private_len(group));
    bool done = key && EVP_PKEY_get_raw_public_key(key, public_key, &len) == 1;

    EVP_PKEY_free(key);
    return done ? IC_OK : IC_ERR_SYSTEM;
}

/* OpenSSL refuses the points that give a zero secret (RFC 9180 section 7.1.4). */
static enum ic_err raw_secret(uint8_t *secret, enum ic_dh group, const uint8_t *private_key,
                              const uint8_t *public_key)
{
    uint8_t found[IC_DH_SECRET_MAX];
    size_t len = ic_dh_secret_len(group);
    enum ic_err err = IC_ERR_SYSTEM;
    EVP_PKEY *own =
        EVP_PKEY_new_raw_private_key(IDS[group], NULL, private_key, ic_dh_private_len(group));
    EVP_PKEY *peer =
        EVP_PKEY_new_raw_public_key(IDS[group], NULL, public_key, ic_dh_public_len(group));
    EVP_PKEY_CTX *context = own ? EVP_PKEY_CTX_new(own, NULL) : NULL;

    if (peer && context && EVP_PKEY_derive_init(context) == 1 &&
        EVP_PKEY_derive_set_peer(context, peer) == 1)
        err = EVP_PKEY_derive(context, found, &len) == 1 ? IC_OK : IC_ERR_MALFORMED;
    if (err == IC_OK)
        memcpy(secret, found, len);
    ic_secret_wipe(found, sizeof found);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(own);
    return err;
}

enum ic_err ic_dh_public(uint8_t *public_key, enum ic_dh group, const uint8_t *private_key)
{
    return is_raw(group) ? raw_public(public_key, group, private_key)
                         : curve_public(public_key, group, private_key);
}

enum ic_err ic_dh_secret(uint8_t *secret, enum ic_dh group, const uint8_t *private_key,
                         const uint8_t *public_key)
{
    return is_raw(group) ? raw_secret(secret, group, private_key, public_key)
                         : curve_secret(secret, group, private_key, public_key);
}

enum ic_err ic_dh_check_private(enum ic_dh group, const uint8_t *private_key)
{
    struct curve c;

    if (is_raw(group))
        return IC_OK;
    if (!curve_init(&c, group))
        return IC_ERR_SYSTEM;
    enum ic_err err = curve_scalar(&c, group, private_key);
    curve_clear(&c);
    return err;
}

/* Every scalar of X25519 and X448 is a multiple of the cofactor, so any one of them finds the
 * points that give zero. */
enum ic_err ic_dh_check_public(enum ic_dh group, const uint8_t *public_key)
{
    static const uint8_t ANY_SCALAR[IC_DH_PRIVATE_MAX] = {1};
    uint8_t unused[IC_DH_SECRET_MAX];

    return is_raw(group) ? raw_secret(unused, group, ANY_SCALAR, public_key)
                         : curve_check(group, public_key);
}
