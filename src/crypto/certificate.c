/* certificate.c - the self-signed certificate of DTLS, made with OpenSSL (RFC 8827 section 6.5). */
#include "crypto/certificate.h"

#include "crypto/certificate_private.h"
#include "crypto/hash.h"
#include "crypto/random.h"

#include <openssl/ec.h>
#include <stdlib.h>

enum { DAYS = 30 };

/* Nobody looks it up by its name. */
static bool fill(X509 *x509, EVP_PKEY *key, int64_t now_s)
{
    time_t now = (time_t)now_s;
    uint64_t serial;
    X509_NAME *name = X509_get_subject_name(x509);

    ic_random_fill(&serial, sizeof serial);
    return X509_set_version(x509, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial >> 1 | 1) == 1 &&
           X509_time_adj_ex(X509_getm_notBefore(x509), -1, 0, &now) &&
           X509_time_adj_ex(X509_getm_notAfter(x509), DAYS, 0, &now) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"incamera", -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(x509, name) == 1 && X509_set_pubkey(x509, key) == 1 &&
           X509_sign(x509, key, EVP_sha256()) > 0;
}

enum ic_err ic_certificate_new(struct ic_certificate **out, int64_t now_s)
{
    struct ic_certificate *made = calloc(1, sizeof *made);
    if (!made)
        return IC_ERR_SYSTEM;
    made->key = EVP_EC_gen("P-256");
    made->x509 = X509_new();
    if (!made->key || !made->x509 || !fill(made->x509, made->key, now_s)) {
        ic_certificate_free(made);
        return IC_ERR_SYSTEM;
    }
    *out = made;
    return IC_OK;
}

void ic_certificate_free(struct ic_certificate *certificate)
{
    if (!certificate)
        return;
    EVP_PKEY_free(certificate->key);
    X509_free(certificate->x509);
    free(certificate);
}

void ic_certificate_fingerprint(uint8_t out[IC_CERTIFICATE_FINGERPRINT_LEN],
                                const struct ic_certificate *certificate)
{
    unsigned len = IC_CERTIFICATE_FINGERPRINT_LEN;

    /* Fails only for a digest longer than the room, so never for this one. */
    if (X509_digest(certificate->x509, EVP_sha256(), out, &len) != 1)
        abort();
}
