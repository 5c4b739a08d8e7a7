/* dtls_library.c - a library context whose one provider is OpenSSL's default one, of which it has
 * less.
 *
 * To read the public key of a certificate OpenSSL 3.0 sorts through all types of keys and all their
 * decoders, which is a third of a handshake. Here it finds the three that dtls.c accepts, and how
 * EC and RSA keys stand in a certificate (SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7). All else
 * is handed through. */
#include "crypto/dtls_library.h"

#include "base/base.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <string.h>

enum { CHOSEN_MAX = 4 };

static pthread_once_t prepared = PTHREAD_ONCE_INIT;
static OSSL_LIB_CTX *library;
static OSSL_PROVIDER *whole; /* in OpenSSL's default context */
/* Each ends with an empty one. */
static OSSL_ALGORITHM decoders[CHOSEN_MAX + 1], keys[CHOSEN_MAX + 1];

/* Further names may follow behind a colon. */
static bool is_called(const OSSL_ALGORITHM *a, const char *name)
{
    size_t len = strcspn(a->algorithm_names, ":");
    return len == strlen(name) && memcmp(a->algorithm_names, name, len) == 0;
}

static bool is_key(const OSSL_ALGORITHM *a)
{
    return is_called(a, "EC") || is_called(a, "RSA") || is_called(a, "X25519");
}

static bool is_decoder(const OSSL_ALGORITHM *a)
{
    return (is_called(a, "EC") || is_called(a, "RSA")) &&
           strstr(a->property_definition, "input=der") &&
           strstr(a->property_definition, "structure=SubjectPublicKeyInfo");
}

static void choose(OSSL_ALGORITHM chosen[CHOSEN_MAX + 1], int operation,
                   bool is_needed(const OSSL_ALGORITHM *))
{
    int no_cache;
    size_t count = 0;
    const OSSL_ALGORITHM *a = OSSL_PROVIDER_query_operation(whole, operation, &no_cache);

    for (; a && a->algorithm_names && count < CHOSEN_MAX; a++)
        if (is_needed(a))
            chosen[count++] = *a;
}

static const OSSL_ALGORITHM *query(void *context, int operation, int *no_cache)
{
    (void)context;
    *no_cache = 0;
    switch (operation) {
    case OSSL_OP_DECODER:
        return decoders;
    case OSSL_OP_KEYMGMT:
        return keys;
    default:
        return OSSL_PROVIDER_query_operation(whole, operation, no_cache);
    }
}

/* The groups of TLS, among others. */
static int tell_capabilities(void *context, const char *capability, OSSL_CALLBACK *tell, void *arg)
{
    (void)context;
    return OSSL_PROVIDER_get_capabilities(whole, capability, tell, arg);
}

static int start(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out,
                 void **context)
{
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
        {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))tell_capabilities},
        {0, NULL},
    };

    (void)handle, (void)in;
    *out = functions;
    *context = OSSL_PROVIDER_get0_provider_ctx(whole); /* what its algorithms expect */
    return 1;
}

static void prepare(void)
{
    whole = OSSL_PROVIDER_load(NULL, "default");
    OSSL_LIB_CTX *made = whole ? OSSL_LIB_CTX_new() : NULL;

    if (!made)
        return;
    choose(decoders, OSSL_OP_DECODER, is_decoder);
    choose(keys, OSSL_OP_KEYMGMT, is_key);
    if (decoders[0].algorithm_names && keys[0].algorithm_names &&
        OSSL_PROVIDER_add_builtin(made, "incamera-dtls", start) == 1 &&
        OSSL_PROVIDER_load(made, "incamera-dtls"))
        library = made;
    else
        OSSL_LIB_CTX_free(made);
}

OSSL_LIB_CTX *ic_dtls_library(void)
{
    return pthread_once(&prepared, prepare) == 0 ? library : NULL;
}
