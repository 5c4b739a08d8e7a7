/* dtls_library.c - a library context whose one provider is OpenSSL's default one, of which it has
 * what dtls.c negotiates.
 *
 * To read the public key of a certificate OpenSSL 3.0 sorts through all types of keys and all their
 * decoders, and for that copies its list of all algorithms of all kinds, whatever they are for, and
 * walks through all their names: a third of a handshake with all that there are. */
#include "crypto/dtls_library.h"

#include "base/base.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <string.h>

enum { CHOSEN_MAX = 6 };

/* What there is of one kind. A decoder is for how a key stands in a certificate
 * (SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7). */
static struct kind {
    int operation;
    const char *names[CHOSEN_MAX + 1];
    OSSL_ALGORITHM chosen[CHOSEN_MAX + 1]; /* ends with an empty one */
} kinds[] = {
    {OSSL_OP_DIGEST, {"SHA1", "SHA2-256", "SHA2-384", "SHA2-512"}, {{0}}},
    {OSSL_OP_CIPHER, {"AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305", "AES-256-CTR"}, {{0}}},
    {OSSL_OP_MAC, {"HMAC"}, {{0}}},
    {OSSL_OP_KDF, {"TLS1-PRF"}, {{0}}},
    {OSSL_OP_RAND, {"CTR-DRBG", "SEED-SRC"}, {{0}}}, /* the former on AES-256-CTR */
    {OSSL_OP_KEYMGMT, {"EC", "RSA", "X25519"}, {{0}}},
    {OSSL_OP_KEYEXCH, {"ECDH", "X25519"}, {{0}}},
    {OSSL_OP_SIGNATURE, {"ECDSA", "RSA"}, {{0}}},
    {OSSL_OP_DECODER, {"EC", "RSA"}, {{0}}},
};

static pthread_once_t prepared = PTHREAD_ONCE_INIT;
static OSSL_LIB_CTX *library;
static OSSL_PROVIDER *whole; /* in OpenSSL's default context */

/* Further names may follow behind a colon. */
static bool is_called(const OSSL_ALGORITHM *a, const char *name)
{
    size_t len = strcspn(a->algorithm_names, ":");
    return len == strlen(name) && memcmp(a->algorithm_names, name, len) == 0;
}

static bool is_chosen(const struct kind *kind, const OSSL_ALGORITHM *a)
{
    if (kind->operation == OSSL_OP_DECODER &&
        !(strstr(a->property_definition, "input=der") &&
          strstr(a->property_definition, "structure=SubjectPublicKeyInfo")))
        return false;
    for (size_t i = 0; kind->names[i]; i++)
        if (is_called(a, kind->names[i]))
            return true;
    return false;
}

/* False if the provider has not got all of them. */
static bool choose(struct kind *kind)
{
    int no_cache;
    size_t count = 0, wanted = 0;
    const OSSL_ALGORITHM *a = OSSL_PROVIDER_query_operation(whole, kind->operation, &no_cache);

    while (kind->names[wanted])
        wanted++;
    for (; a && a->algorithm_names && count < CHOSEN_MAX; a++)
        if (is_chosen(kind, a))
            kind->chosen[count++] = *a;
    return count == wanted;
}

static const OSSL_ALGORITHM *query(void *context, int operation, int *no_cache)
{
    (void)context;
    *no_cache = 0;
    for (size_t i = 0; i < IC_COUNT(kinds); i++)
        if (kinds[i].operation == operation)
            return kinds[i].chosen;
    return NULL;
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

static bool choose_all(void)
{
    for (size_t i = 0; i < IC_COUNT(kinds); i++)
        if (!choose(&kinds[i]))
            return false;
    return true;
}

static void prepare(void)
{
    whole = OSSL_PROVIDER_load(NULL, "default");
    OSSL_LIB_CTX *made = whole ? OSSL_LIB_CTX_new() : NULL;

    if (!made)
        return;
    if (choose_all() && OSSL_PROVIDER_add_builtin(made, "incamera-dtls", start) == 1 &&
        OSSL_PROVIDER_load(made, "incamera-dtls"))
        library = made;
    else
        OSSL_LIB_CTX_free(made);
}

OSSL_LIB_CTX *ic_dtls_library(void)
{
    return pthread_once(&prepared, prepare) == 0 ? library : NULL;
}
