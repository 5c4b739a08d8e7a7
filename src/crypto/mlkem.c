/* mlkem.c - ML-KEM-768 on OpenSSL where it has it, else on PQClean's portable C.
 *
 * OpenSSL is asked at run time and by name, so the same program uses it after an upgrade. Neither
 * back end keeps a key between calls: a private key here is its seed. */
#include "crypto/mlkem.h"

#include "crypto/random.h"
#include "crypto/secret.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>

static const char NAME[] = "ML-KEM-768";

static pthread_once_t prepared = PTHREAD_ONCE_INIT;
static bool openssl_has_it;

static void prepare(void)
{
    EVP_KEM *kem = EVP_KEM_fetch(NULL, NAME, NULL);

    openssl_has_it = kem != NULL;
    EVP_KEM_free(kem);
}

static bool on_openssl(void)
{
    pthread_once(&prepared, prepare);
    return openssl_has_it;
}

/* One parameter, of a name that the headers of older versions do not have. */
static EVP_PKEY *openssl_key(int selection, const char *name, const uint8_t *bytes, size_t len)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, NAME, NULL);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)bytes, len),
                           OSSL_PARAM_construct_end()};

    if (context && EVP_PKEY_fromdata_init(context) == 1)
        (void)EVP_PKEY_fromdata(context, &key, selection, params);
    EVP_PKEY_CTX_free(context);
    return key;
}

static EVP_PKEY *openssl_private(const uint8_t *seed)
{
    return openssl_key(EVP_PKEY_KEYPAIR, "seed", seed, IC_MLKEM_SEED_LEN);
}

static enum ic_err openssl_public(uint8_t *public_key, const uint8_t *seed)
{
    EVP_PKEY *key = openssl_private(seed);
    size_t len = 0;
    bool done = key && EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, public_key,
                                                       IC_MLKEM_PUBLIC_LEN, &len) == 1;

    EVP_PKEY_free(key);
    return done && len == IC_MLKEM_PUBLIC_LEN ? IC_OK : IC_ERR_SYSTEM;
}

static enum ic_err openssl_encap(uint8_t *shared, uint8_t *ciphertext, const uint8_t *public_key,
                                 const uint8_t *randomness)
{
    size_t len = IC_MLKEM_CIPHERTEXT_LEN, shared_len = IC_MLKEM_SHARED_LEN;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string("ikme", (void *)(uintptr_t)randomness,
                                                             IC_MLKEM_RANDOM_LEN),
                           OSSL_PARAM_construct_end()};
    EVP_PKEY *key =
        openssl_key(EVP_PKEY_PUBLIC_KEY, OSSL_PKEY_PARAM_PUB_KEY, public_key, IC_MLKEM_PUBLIC_LEN);
    EVP_PKEY_CTX *context = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
    bool done = context && EVP_PKEY_encapsulate_init(context, params) == 1 &&
                EVP_PKEY_encapsulate(context, ciphertext, &len, shared, &shared_len) == 1;

    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    return done ? IC_OK : IC_ERR_SYSTEM;
}

static enum ic_err openssl_decap(uint8_t *shared, const uint8_t *ciphertext, const uint8_t *seed)
{
    size_t shared_len = IC_MLKEM_SHARED_LEN;
    EVP_PKEY *key = openssl_private(seed);
    EVP_PKEY_CTX *context = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
    bool done = context && EVP_PKEY_decapsulate_init(context, NULL) == 1 &&
                EVP_PKEY_decapsulate(context, shared, &shared_len, ciphertext,
                                     IC_MLKEM_CIPHERTEXT_LEN) == 1;

    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    return done ? IC_OK : IC_ERR_SYSTEM;
}

#ifdef IC_HAVE_PQCLEAN
/* The entry points of PQClean that take their randomness; its own header hides them among others.
 */
int PQCLEAN_MLKEM768_CLEAN_crypto_kem_keypair_derand(uint8_t *public_key, uint8_t *expanded,
                                                     const uint8_t *seed);
int PQCLEAN_MLKEM768_CLEAN_crypto_kem_enc_derand(uint8_t *ciphertext, uint8_t *shared,
                                                 const uint8_t *public_key,
                                                 const uint8_t *randomness);
int PQCLEAN_MLKEM768_CLEAN_crypto_kem_dec(uint8_t *shared, const uint8_t *ciphertext,
                                          const uint8_t *expanded);

/* What the entry points that we do not call would draw from. */
int PQCLEAN_randombytes(uint8_t *out, size_t len);
int PQCLEAN_randombytes(uint8_t *out, size_t len)
{
    ic_random_fill(out, len);
    return 0;
}

enum { EXPANDED_LEN = 2400, STACK_USED = 32 * 1024 };

/* PQClean leaves its intermediate values where its frames were; this frame lies over them. */
static __attribute__((noinline)) void wipe_stack(void)
{
    uint8_t frame[STACK_USED];

    ic_secret_wipe(frame, sizeof frame);
}

static enum ic_err pqclean_public(uint8_t *public_key, const uint8_t *seed)
{
    uint8_t expanded[EXPANDED_LEN];
    int result = PQCLEAN_MLKEM768_CLEAN_crypto_kem_keypair_derand(public_key, expanded, seed);

    ic_secret_wipe(expanded, sizeof expanded);
    wipe_stack();
    return result == 0 ? IC_OK : IC_ERR_SYSTEM;
}

static enum ic_err pqclean_encap(uint8_t *shared, uint8_t *ciphertext, const uint8_t *public_key,
                                 const uint8_t *randomness)
{
    int result =
        PQCLEAN_MLKEM768_CLEAN_crypto_kem_enc_derand(ciphertext, shared, public_key, randomness);

    wipe_stack();
    return result == 0 ? IC_OK : IC_ERR_SYSTEM;
}

static enum ic_err pqclean_decap(uint8_t *shared, const uint8_t *ciphertext, const uint8_t *seed)
{
    uint8_t expanded[EXPANDED_LEN], public_key[IC_MLKEM_PUBLIC_LEN];
    int result = PQCLEAN_MLKEM768_CLEAN_crypto_kem_keypair_derand(public_key, expanded, seed);

    if (result == 0)
        result = PQCLEAN_MLKEM768_CLEAN_crypto_kem_dec(shared, ciphertext, expanded);
    ic_secret_wipe(expanded, sizeof expanded);
    wipe_stack();
    return result == 0 ? IC_OK : IC_ERR_SYSTEM;
}

static bool on_pqclean(void)
{
    return true;
}
#else
static bool on_pqclean(void)
{
    return false;
}

static enum ic_err pqclean_public(uint8_t *public_key, const uint8_t *seed)
{
    (void)public_key, (void)seed;
    return IC_ERR_NOT_FOUND;
}

static enum ic_err pqclean_encap(uint8_t *shared, uint8_t *ciphertext, const uint8_t *public_key,
                                 const uint8_t *randomness)
{
    (void)shared, (void)ciphertext, (void)public_key, (void)randomness;
    return IC_ERR_NOT_FOUND;
}

static enum ic_err pqclean_decap(uint8_t *shared, const uint8_t *ciphertext, const uint8_t *seed)
{
    (void)shared, (void)ciphertext, (void)seed;
    return IC_ERR_NOT_FOUND;
}
#endif

bool ic_mlkem_available(void)
{
    return on_openssl() || on_pqclean();
}

const char *ic_mlkem_backend_name(void)
{
    if (on_openssl())
        return "OpenSSL";
    return on_pqclean() ? "PQClean" : "none";
}

enum ic_err ic_mlkem_public(uint8_t public_key[IC_MLKEM_PUBLIC_LEN],
                            const uint8_t seed[IC_MLKEM_SEED_LEN])
{
    return on_openssl() ? openssl_public(public_key, seed) : pqclean_public(public_key, seed);
}

enum ic_err ic_mlkem_encap(uint8_t shared[IC_MLKEM_SHARED_LEN],
                           uint8_t ciphertext[IC_MLKEM_CIPHERTEXT_LEN],
                           const uint8_t public_key[IC_MLKEM_PUBLIC_LEN],
                           const uint8_t randomness[IC_MLKEM_RANDOM_LEN])
{
    enum ic_err err = ic_mlkem_check_public(public_key);

    if (err != IC_OK)
        return err;
    return on_openssl() ? openssl_encap(shared, ciphertext, public_key, randomness)
                        : pqclean_encap(shared, ciphertext, public_key, randomness);
}

enum ic_err ic_mlkem_decap(uint8_t shared[IC_MLKEM_SHARED_LEN],
                           const uint8_t ciphertext[IC_MLKEM_CIPHERTEXT_LEN],
                           const uint8_t seed[IC_MLKEM_SEED_LEN])
{
    return on_openssl() ? openssl_decap(shared, ciphertext, seed)
                        : pqclean_decap(shared, ciphertext, seed);
}
