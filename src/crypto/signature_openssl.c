/* signature_openssl.c - Edwards signatures by OpenSSL's raw keys, ECDSA by its named curves. */
#include "crypto/signature_private.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

static const struct scheme {
    enum ic_signature scheme;
    size_t public_len, private_len;
    int raw;           /* OpenSSL's id of a raw key; 0: ECDSA */
    const char *curve; /* ECDSA only, as what follows */
    const char *hash;
} SCHEMES[] = {
    {IC_SIGNATURE_ECDSA_P256, 65, 32, 0, "P-256", "SHA256"},
    {IC_SIGNATURE_ECDSA_P384, 97, 48, 0, "P-384", "SHA384"},
    {IC_SIGNATURE_ECDSA_P521, 133, 66, 0, "P-521", "SHA512"},
    {IC_SIGNATURE_ED25519, 32, 32, EVP_PKEY_ED25519, NULL, NULL},
    {IC_SIGNATURE_ED448, 57, 57, EVP_PKEY_ED448, NULL, NULL},
};

static const struct scheme *scheme_of(enum ic_signature scheme)
{
    for (size_t i = 0; i < IC_COUNT(SCHEMES); i++)
        if (SCHEMES[i].scheme == scheme)
            return &SCHEMES[i];
    return NULL;
}

bool ic_signature_available(enum ic_signature scheme)
{
    return scheme_of(scheme) != NULL;
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

enum ic_err ic_edwards_public(uint8_t *public_key, enum ic_signature scheme,
                              const uint8_t *private_key)
{
    const struct scheme *s = scheme_of(scheme);
    size_t len = s->public_len;
    EVP_PKEY *key = private_of(s, private_key);
    bool done = key && EVP_PKEY_get_raw_public_key(key, public_key, &len) == 1;

    EVP_PKEY_free(key);
    return done ? IC_OK : IC_ERR_SYSTEM;
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

enum ic_err ic_signature_make(uint8_t *signature, size_t *len, enum ic_signature scheme,
                              const uint8_t *private_key, struct ic_bytes message)
{
    const struct scheme *s = scheme_of(scheme);
    EVP_PKEY *key = private_of(s, private_key);
    EVP_MD_CTX *context = started(s, key, true);
    bool done = context && EVP_DigestSign(context, signature, len, message.at, message.len) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return done ? IC_OK : IC_ERR_SYSTEM;
}

enum ic_err ic_signature_check(enum ic_signature scheme, const uint8_t *public_key,
                               struct ic_bytes message, struct ic_bytes signature)
{
    const struct scheme *s = scheme_of(scheme);
    EVP_PKEY *key = public_of(s, public_key);
    EVP_MD_CTX *context = started(s, key, false);
    enum ic_err err = IC_ERR_SYSTEM;

    if (context)
        err = EVP_DigestVerify(context, signature.at, signature.len, message.at, message.len) == 1
                  ? IC_OK
                  : IC_ERR_FORGED;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return err;
}
