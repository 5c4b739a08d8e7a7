/* signature.c - Edwards signatures by OpenSSL's raw keys, ECDSA by its named curves.
 *
 * Two clients must agree about every signature, or a crafted one splits a group. So Ed25519 keys
 * and nonce points of small order, which some libraries take and others refuse, are refused here.
 */
#include "crypto/signature.h"

#include "crypto/dh.h"
#include "crypto/random.h"
#include "crypto/secret.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

enum { ED25519_LEN = 32, ED448_LEN = 57 };

static const struct scheme {
    enum ic_signature scheme;
    size_t public_len, private_len, signature_max;
    int raw;           /* OpenSSL's id of a raw key; 0: ECDSA */
    enum ic_dh group;  /* ECDSA only, as what follows */
    const char *curve; /* in OpenSSL */
    const char *hash;
} SCHEMES[] = {
    {IC_SIGNATURE_ECDSA_P256, 65, 32, 72, 0, IC_DH_P256, "P-256", "SHA256"},
    {IC_SIGNATURE_ECDSA_P384, 97, 48, 104, 0, IC_DH_P384, "P-384", "SHA384"},
    {IC_SIGNATURE_ECDSA_P521, 133, 66, 139, 0, IC_DH_P521, "P-521", "SHA512"},
    {IC_SIGNATURE_ED25519, ED25519_LEN, ED25519_LEN, 64, EVP_PKEY_ED25519, 0, NULL, NULL},
    {IC_SIGNATURE_ED448, ED448_LEN, ED448_LEN, 114, EVP_PKEY_ED448, 0, NULL, NULL},
};

static const struct scheme *scheme_of(enum ic_signature scheme)
{
    for (size_t i = 0; i < IC_COUNT(SCHEMES); i++)
        if (SCHEMES[i].scheme == scheme)
            return &SCHEMES[i];
    return NULL;
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

/* `private_key` or `public_key`, whichever is not NULL. */
static EVP_PKEY *ecdsa_key(const struct scheme *s, const uint8_t *private_key,
                           const uint8_t *public_key)
{
    EVP_PKEY *key = NULL;
    BIGNUM *scalar = private_key ? BN_secure_new() : NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    bool done = build && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
                                                         s->curve, 0) == 1;
    if (done && private_key)
        done = scalar && BN_bin2bn(private_key, (int)s->private_len, scalar) &&
               OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1;
    if (done && public_key)
        done = OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, public_key,
                                                s->public_len) == 1;
    OSSL_PARAM *params = done ? OSSL_PARAM_BLD_to_param(build) : NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

    if (params && context && EVP_PKEY_fromdata_init(context) == 1)
        (void)EVP_PKEY_fromdata(context, &key, private_key ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                                params);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_clear_free(scalar);
    return key;
}

static EVP_PKEY *private_of(const struct scheme *s, const uint8_t *bytes)
{
    return s->raw != 0 ? EVP_PKEY_new_raw_private_key(s->raw, NULL, bytes, s->private_len)
                       : ecdsa_key(s, bytes, NULL);
}

static EVP_PKEY *public_of(const struct scheme *s, const uint8_t *bytes)
{
    return s->raw != 0 ? EVP_PKEY_new_raw_public_key(s->raw, NULL, bytes, s->public_len)
                       : ecdsa_key(s, NULL, bytes);
}

static enum ic_err raw_public(uint8_t *public_key, const struct scheme *s,
                              const uint8_t *private_key)
{
    size_t len = s->public_len;
    EVP_PKEY *key = private_of(s, private_key);
    bool done = key && EVP_PKEY_get_raw_public_key(key, public_key, &len) == 1;

    EVP_PKEY_free(key);
    return done ? IC_OK : IC_ERR_SYSTEM;
}

enum ic_err ic_signature_generate(uint8_t *private_key, uint8_t *public_key,
                                  enum ic_signature scheme)
{
    const struct scheme *s = scheme_of(scheme);

    if (!s)
        return IC_ERR_NOT_FOUND;
    if (s->raw == 0)
        return ic_dh_generate(private_key, public_key, s->group);
    ic_random_fill(private_key, s->private_len);
    return raw_public(public_key, s, private_key);
}

enum ic_err ic_signature_public(uint8_t *public_key, enum ic_signature scheme,
                                struct ic_bytes private_key)
{
    const struct scheme *s = scheme_of(scheme);

    if (!s)
        return IC_ERR_NOT_FOUND;
    if (private_key.len != s->private_len)
        return IC_ERR_MALFORMED;
    return s->raw != 0 ? raw_public(public_key, s, private_key.at)
                       : ic_dh_public(public_key, s->group, private_key.at);
}

enum ic_err ic_signature_check_public(enum ic_signature scheme, struct ic_bytes public_key)
{
    const struct scheme *s = scheme_of(scheme);

    if (!s)
        return IC_ERR_NOT_FOUND;
    if (public_key.len != s->public_len)
        return IC_ERR_MALFORMED;
    if (scheme == IC_SIGNATURE_ED25519)
        return ed25519_sound(public_key.at) ? IC_OK : IC_ERR_MALFORMED;
    return s->raw != 0 ? IC_OK : ic_dh_check_public(s->group, public_key.at);
}

static EVP_MD_CTX *started(const struct scheme *s, EVP_PKEY *key, bool signing)
{
    EVP_MD_CTX *context = key ? EVP_MD_CTX_new() : NULL;

    if (context &&
        (signing ? EVP_DigestSignInit_ex(context, NULL, s->hash, NULL, NULL, key, NULL)
                 : EVP_DigestVerifyInit_ex(context, NULL, s->hash, NULL, NULL, key, NULL)) == 1)
        return context;
    EVP_MD_CTX_free(context);
    return NULL;
}

/* A scalar out of range would sign what nobody can verify, or worse. */
static enum ic_err check_private(const struct scheme *s, struct ic_bytes private_key)
{
    if (!s)
        return IC_ERR_NOT_FOUND;
    if (private_key.len != s->private_len)
        return IC_ERR_MALFORMED;
    return s->raw != 0 ? IC_OK : ic_dh_check_private(s->group, private_key.at);
}

enum ic_err ic_signature_sign(uint8_t *signature, size_t *len, enum ic_signature scheme,
                              struct ic_bytes private_key, struct ic_bytes message)
{
    const struct scheme *s = scheme_of(scheme);
    enum ic_err err = check_private(s, private_key);

    if (err != IC_OK)
        return err;
    EVP_PKEY *key = private_of(s, private_key.at);
    EVP_MD_CTX *context = started(s, key, true);
    size_t written = s->signature_max;
    bool done =
        context && EVP_DigestSign(context, signature, &written, message.at, message.len) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    if (!done)
        return IC_ERR_SYSTEM;
    *len = written;
    return IC_OK;
}

enum ic_err ic_signature_verify(enum ic_signature scheme, struct ic_bytes public_key,
                                struct ic_bytes message, struct ic_bytes signature)
{
    const struct scheme *s = scheme_of(scheme);
    enum ic_err err = ic_signature_check_public(scheme, public_key);

    if (err != IC_OK)
        return err;
    if (signature.len > s->signature_max || (s->raw != 0 && signature.len != s->signature_max) ||
        (scheme == IC_SIGNATURE_ED25519 && !ed25519_sound(signature.at)))
        return IC_ERR_FORGED;
    EVP_PKEY *key = public_of(s, public_key.at);
    EVP_MD_CTX *context = started(s, key, false);

    err = IC_ERR_SYSTEM;
    if (context)
        err = EVP_DigestVerify(context, signature.at, signature.len, message.at, message.len) == 1
                  ? IC_OK
                  : IC_ERR_FORGED;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return err;
}
