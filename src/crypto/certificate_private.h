/* certificate_private.h - what dtls.c and tls_identity.c have to know of a certificate. Nobody else
 * includes this. */
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "crypto/certificate.h"

struct ic_certificate {
    EVP_PKEY *key;
    X509 *x509;
};

/* What a server was given as two files. */
struct ic_certificate_files {
    X509 *x509;
    STACK_OF(X509) * chain; /* of those that follow it in its file */
    EVP_PKEY *key;
};

/* ic_certificate_check_files() of what is then in `out`. */
enum ic_err ic_certificate_files_read(struct ic_certificate_files *out, const char *certificate,
                                      const char *key, int64_t now_s,
                                      struct ic_certificate_problem *problem) IC_CHECKED;
void ic_certificate_files_clear(struct ic_certificate_files *files);
