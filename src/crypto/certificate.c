/* certificate.c - making self-signed certificates with OpenSSL (RFC 5280; RFC 8827 section 6.5). */
#include "crypto/certificate.h"

#include "crypto/certificate_private.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/secret.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

enum { DTLS_DAYS = 30, TLS_DAYS = 365, HOST_MAX = 253 };

static bool add_extension(X509 *x509, int nid, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool added = extension && X509_add_ext(x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

/* `alt_name` in OpenSSL's notation ("DNS:name"), or NULL for a certificate that nobody looks up. */
static bool fill(X509 *x509, EVP_PKEY *key, int64_t now_s, int days, const char *alt_name)
{
    time_t now = (time_t)now_s;
    uint64_t serial;
    X509_NAME *name = X509_get_subject_name(x509);

    ic_random_fill(&serial, sizeof serial);
    return X509_set_version(x509, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial >> 1 | 1) == 1 &&
           X509_time_adj_ex(X509_getm_notBefore(x509), -1, 0, &now) &&
           X509_time_adj_ex(X509_getm_notAfter(x509), days, 0, &now) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"incamera", -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(x509, name) == 1 && X509_set_pubkey(x509, key) == 1 &&
           (!alt_name || (add_extension(x509, NID_subject_alt_name, alt_name) &&
                          add_extension(x509, NID_basic_constraints, "critical,CA:FALSE") &&
                          add_extension(x509, NID_ext_key_usage, "serverAuth"))) &&
           X509_sign(x509, key, EVP_sha256()) > 0;
}

static enum ic_err make(struct ic_certificate **out, int64_t now_s, int days, const char *alt_name)
{
    struct ic_certificate *made = calloc(1, sizeof *made);
    if (!made)
        return IC_ERR_SYSTEM;
    made->key = EVP_EC_gen("P-256");
    made->x509 = X509_new();
    if (!made->key || !made->x509 || !fill(made->x509, made->key, now_s, days, alt_name)) {
        ic_certificate_free(made);
        return IC_ERR_SYSTEM;
    }
    *out = made;
    return IC_OK;
}

enum ic_err ic_certificate_new(struct ic_certificate **out, int64_t now_s)
{
    return make(out, now_s, DTLS_DAYS, NULL);
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

/* Letters, digits, hyphens and dots. It becomes part of OpenSSL's notation, where a comma or a
 * colon would begin another name. */
static bool is_dns_name(const char *host)
{
    size_t len = strlen(host);

    if (len == 0 || len > HOST_MAX || host[0] == '.' || host[0] == '-')
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)host[i]) && host[i] != '-' && host[i] != '.')
            return false;
    }
    return true;
}

static bool is_ip_address(const char *host)
{
    uint8_t ip[16];
    return inet_pton(AF_INET, host, ip) == 1 || inet_pton(AF_INET6, host, ip) == 1;
}

/* Copies what a memory BIO holds as text. */
static bool take_text(char *out, size_t size, BIO *from)
{
    char *data;
    long len = BIO_get_mem_data(from, &data);

    if (len <= 0 || (size_t)len >= size)
        return false;
    memcpy(out, data, (size_t)len);
    out[len] = 0;
    return true;
}

static bool to_pem(struct ic_certificate_pem *out, const struct ic_certificate *certificate)
{
    BIO *x509 = BIO_new(BIO_s_mem());
    BIO *key = BIO_new(BIO_s_secmem());
    bool done = x509 && key && PEM_write_bio_X509(x509, certificate->x509) == 1 &&
                PEM_write_bio_PrivateKey(key, certificate->key, NULL, NULL, 0, NULL, NULL) == 1 &&
                take_text(out->certificate, sizeof out->certificate, x509) &&
                take_text(out->key, sizeof out->key, key);
    BIO_free(x509);
    BIO_free(key);
    return done;
}

enum ic_err ic_certificate_make_pem(struct ic_certificate_pem *out, const char *host, int64_t now_s)
{
    char alt_name[HOST_MAX + sizeof "DNS:"];
    struct ic_certificate_pem pem;
    struct ic_certificate *made;

    bool is_ip = is_ip_address(host);
    if (!is_ip && !is_dns_name(host))
        return IC_ERR_MALFORMED;
    snprintf(alt_name, sizeof alt_name, "%s:%s", is_ip ? "IP" : "DNS", host);
    enum ic_err err = make(&made, now_s, TLS_DAYS, alt_name);
    if (err != IC_OK)
        return err;
    if (to_pem(&pem, made))
        *out = pem;
    else
        err = IC_ERR_SYSTEM;
    ic_secret_wipe(&pem, sizeof pem);
    ic_certificate_free(made);
    return err;
}
