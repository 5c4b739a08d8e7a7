/* aead.c - AES-128-GCM on libipsec-mb where it can be had, else on OpenSSL.
 *
 * Both are keyed once. libipsec-mb is called through its direct, single-buffer functions: no job
 * queue, so a packet is sealed when the call returns. */
#include "crypto/aead.h"

#include "crypto/secret.h"

#include <limits.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#ifdef IC_HAVE_IPSEC_MB
#include <intel-ipsec-mb.h>
#endif

struct ic_aead {
#ifdef IC_HAVE_IPSEC_MB
    struct gcm_key_data expanded; /* IC_AEAD_IPSEC_MB; first, for its alignment of 64 */
#endif
    enum ic_aead_backend backend;
    EVP_CIPHER_CTX *cipher; /* IC_AEAD_OPENSSL */
};

/* Made once, read by all threads. A fetched cipher saves a look-up under a lock for each key. */
static pthread_once_t prepared = PTHREAD_ONCE_INIT;
static EVP_CIPHER *openssl_gcm;

#ifdef IC_HAVE_IPSEC_MB
static IMB_MGR *ipsec_mb;

static void prepare_ipsec_mb(void)
{
    const uint64_t needed = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;
    IMB_MGR *manager = alloc_mb_mgr(0);
    IMB_ARCH arch = IMB_ARCH_NONE;

    if (!manager)
        return;
    if ((manager->features & needed) == needed)
        init_mb_mgr_auto(manager, &arch);
    if (arch == IMB_ARCH_NONE || arch == IMB_ARCH_NOAESNI)
        free_mb_mgr(manager);
    else
        ipsec_mb = manager;
}

static enum ic_err ipsec_mb_seal(struct ic_aead *aead, const uint8_t *nonce, struct ic_bytes aad,
                                 uint8_t *text, size_t len)
{
    struct gcm_context_data state;

    IMB_AES128_GCM_ENC(ipsec_mb, &aead->expanded, &state, text, text, len, nonce, aad.at, aad.len,
                       text + len, IC_AEAD_TAG_LEN);
    return IC_OK;
}

static enum ic_err ipsec_mb_open(struct ic_aead *aead, const uint8_t *nonce, struct ic_bytes aad,
                                 uint8_t *text, size_t len)
{
    struct gcm_context_data state;
    uint8_t tag[IC_AEAD_TAG_LEN];

    IMB_AES128_GCM_DEC(ipsec_mb, &aead->expanded, &state, text, text, len, nonce, aad.at, aad.len,
                       tag, sizeof tag);
    return ic_secret_equal(tag, text + len, sizeof tag) ? IC_OK : IC_ERR_FORGED;
}
#endif

static void prepare(void)
{
    openssl_gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
#ifdef IC_HAVE_IPSEC_MB
    prepare_ipsec_mb();
#endif
}

static enum ic_err openssl_seal(struct ic_aead *aead, const uint8_t *nonce, struct ic_bytes aad,
                                uint8_t *text, size_t len)
{
    int written;

    if (len > INT_MAX || aad.len > INT_MAX ||
        EVP_CipherInit_ex(aead->cipher, NULL, NULL, NULL, nonce, 1) != 1 ||
        EVP_CipherUpdate(aead->cipher, NULL, &written, aad.at, (int)aad.len) != 1 ||
        EVP_CipherUpdate(aead->cipher, text, &written, text, (int)len) != 1 ||
        EVP_CipherFinal_ex(aead->cipher, text + len, &written) != 1 ||
        EVP_CIPHER_CTX_ctrl(aead->cipher, EVP_CTRL_AEAD_GET_TAG, IC_AEAD_TAG_LEN, text + len) != 1)
        return IC_ERR_SYSTEM;
    return IC_OK;
}

static enum ic_err openssl_open(struct ic_aead *aead, const uint8_t *nonce, struct ic_bytes aad,
                                uint8_t *text, size_t len)
{
    int written;

    if (len > INT_MAX || aad.len > INT_MAX ||
        EVP_CipherInit_ex(aead->cipher, NULL, NULL, NULL, nonce, 0) != 1 ||
        EVP_CipherUpdate(aead->cipher, NULL, &written, aad.at, (int)aad.len) != 1 ||
        EVP_CipherUpdate(aead->cipher, text, &written, text, (int)len) != 1 ||
        EVP_CIPHER_CTX_ctrl(aead->cipher, EVP_CTRL_AEAD_SET_TAG, IC_AEAD_TAG_LEN, text + len) != 1)
        return IC_ERR_SYSTEM;
    return EVP_CipherFinal_ex(aead->cipher, text + len, &written) == 1 ? IC_OK : IC_ERR_FORGED;
}

bool ic_aead_has(enum ic_aead_backend backend)
{
    pthread_once(&prepared, prepare);
#ifdef IC_HAVE_IPSEC_MB
    if (backend == IC_AEAD_IPSEC_MB)
        return ipsec_mb != NULL;
#endif
    return backend == IC_AEAD_OPENSSL && openssl_gcm != NULL;
}

enum ic_aead_backend ic_aead_best(void)
{
    return ic_aead_has(IC_AEAD_IPSEC_MB) ? IC_AEAD_IPSEC_MB : IC_AEAD_OPENSSL;
}

const char *ic_aead_backend_name(enum ic_aead_backend backend)
{
    return backend == IC_AEAD_IPSEC_MB ? "libipsec-mb" : "OpenSSL";
}

static bool set_key(struct ic_aead *aead, const uint8_t key[IC_AEAD_KEY_LEN])
{
#ifdef IC_HAVE_IPSEC_MB
    if (aead->backend == IC_AEAD_IPSEC_MB) {
        IMB_AES128_GCM_PRE(ipsec_mb, key, &aead->expanded);
        return true;
    }
#endif
    aead->cipher = EVP_CIPHER_CTX_new();
    return aead->cipher && EVP_CipherInit_ex(aead->cipher, openssl_gcm, NULL, key, NULL, 1) == 1;
}

enum ic_err ic_aead_new_on(struct ic_aead **out, enum ic_aead_backend backend,
                           const uint8_t key[IC_AEAD_KEY_LEN])
{
    if (!ic_aead_has(backend))
        return IC_ERR_SYSTEM;
    size_t size = (sizeof(struct ic_aead) + 63) / 64 * 64;
    struct ic_aead *aead = aligned_alloc(64, size);
    if (!aead)
        return IC_ERR_SYSTEM;
    memset(aead, 0, size);
    aead->backend = backend;
    if (!set_key(aead, key)) {
        ic_aead_free(aead);
        return IC_ERR_SYSTEM;
    }
    *out = aead;
    return IC_OK;
}

enum ic_err ic_aead_new(struct ic_aead **out, const uint8_t key[IC_AEAD_KEY_LEN])
{
    return ic_aead_new_on(out, ic_aead_best(), key);
}

void ic_aead_free(struct ic_aead *aead)
{
    if (!aead)
        return;
    EVP_CIPHER_CTX_free(aead->cipher);
    ic_secret_wipe(aead, sizeof *aead);
    free(aead);
}

enum ic_err ic_aead_seal(struct ic_aead *aead, const uint8_t nonce[IC_AEAD_NONCE_LEN],
                         struct ic_bytes aad, uint8_t *text, size_t len)
{
#ifdef IC_HAVE_IPSEC_MB
    if (aead->backend == IC_AEAD_IPSEC_MB)
        return ipsec_mb_seal(aead, nonce, aad, text, len);
#endif
    return openssl_seal(aead, nonce, aad, text, len);
}

enum ic_err ic_aead_open(struct ic_aead *aead, const uint8_t nonce[IC_AEAD_NONCE_LEN],
                         struct ic_bytes aad, uint8_t *text, size_t len)
{
    if (len < IC_AEAD_TAG_LEN)
        return IC_ERR_MALFORMED;
    len -= IC_AEAD_TAG_LEN;
#ifdef IC_HAVE_IPSEC_MB
    if (aead->backend == IC_AEAD_IPSEC_MB)
        return ipsec_mb_open(aead, nonce, aad, text, len);
#endif
    return openssl_open(aead, nonce, aad, text, len);
}
