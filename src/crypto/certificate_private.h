/* certificate_private.h - what dtls.c has to know of a certificate. Nobody else includes this. */
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

struct ic_certificate {
    EVP_PKEY *key;
    X509 *x509;
};
