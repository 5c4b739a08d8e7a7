/* tls_identity.h - the certificate and key that a TLS server shows, to be exchanged while it runs.
 *
 * The library of the server makes its own SSL_CTX; here is what each handshake of it shows. Loading
 * again changes the next handshake and no connection that is open. One thread. */
#pragma once

#include "crypto/certificate.h"

struct ic_tls_identity;

/* NULL: no memory. Lives as long as the process, as the contexts that use it do. */
struct ic_tls_identity *ic_tls_identity_new(void);

/* Reads and checks as ic_certificate_check_files(), with the chain. On error what was loaded before
 * stays in use, and `problem` says why. */
enum ic_err ic_tls_identity_load(struct ic_tls_identity *identity, const char *certificate,
                                 const char *key, int64_t now_s,
                                 struct ic_certificate_problem *problem) IC_CHECKED;

/* `ssl_ctx` is an SSL_CTX of OpenSSL. */
void ic_tls_identity_use(struct ic_tls_identity *identity, void *ssl_ctx);
