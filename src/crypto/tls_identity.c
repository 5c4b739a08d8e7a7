/* tls_identity.c - the certificate is chosen anew in each handshake. Loading another one into the
 * SSL_CTX itself would leave the old one beside it when the kind of key differs. */
#include "crypto/tls_identity.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "crypto/certificate_private.h"

struct ic_tls_identity {
    struct ic_certificate_files shown;
};

struct ic_tls_identity *ic_tls_identity_new(void)
{
    return calloc(1, sizeof(struct ic_tls_identity));
}

enum ic_err ic_tls_identity_load(struct ic_tls_identity *identity, const char *certificate,
                                 const char *key, int64_t now_s,
                                 struct ic_certificate_problem *problem)
{
    struct ic_certificate_files read;

    enum ic_err err = ic_certificate_files_read(&read, certificate, key, now_s, problem);
    if (err != IC_OK)
        return err;
    ic_certificate_files_clear(&identity->shown);
    identity->shown = read;
    return IC_OK;
}

static int on_handshake(SSL *ssl, void *user)
{
    const struct ic_certificate_files *shown = &((struct ic_tls_identity *)user)->shown;

    SSL_certs_clear(ssl);
    return SSL_use_cert_and_key(ssl, shown->x509, shown->key, shown->chain, 1);
}

void ic_tls_identity_use(struct ic_tls_identity *identity, void *ssl_ctx)
{
    SSL_CTX_set_cert_cb(ssl_ctx, on_handshake, identity);
}
