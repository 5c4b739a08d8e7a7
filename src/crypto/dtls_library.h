/* dtls_library.h - OpenSSL with no more than a DTLS handshake needs. */
#pragma once

#include <openssl/types.h>

/* One for the process, made at the first call. NULL where it cannot be made, which to OpenSSL is
 * its own default context: the same handshakes, only slower. */
OSSL_LIB_CTX *ic_dtls_library(void);
