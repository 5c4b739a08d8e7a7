/* certificate.h - the self-signed ECDSA P-256 certificate of DTLS, made at each process start and
 * known by its fingerprint alone (RFC 8122 section 5); and what is wrong with the certificate that
 * a TLS server is given. Times are seconds since 1970 (UTC). */
#pragma once

#include "base/base.h"

enum { IC_CERTIFICATE_FINGERPRINT_LEN = 32 };

/* A private key and its certificate. Immutable, so any thread may read it. */
struct ic_certificate;

/* Valid from a day before `now_s` until 30 days after. IC_ERR_SYSTEM when the library refuses. */
enum ic_err ic_certificate_new(struct ic_certificate **out, int64_t now_s) IC_CHECKED;
void ic_certificate_free(struct ic_certificate *certificate);

/* SHA-256 of the DER form, as in a=fingerprint. */
void ic_certificate_fingerprint(uint8_t out[IC_CERTIFICATE_FINGERPRINT_LEN],
                                const struct ic_certificate *certificate);

struct ic_certificate_problem {
    char text[768]; /* one sentence that begins with the path */
};

/* May a TLS server use the files: is each readable and PEM, is the first certificate in date at
 * `now_s`, is the key its key? IC_ERR_MALFORMED: no, and `problem` says what is wrong. */
enum ic_err ic_certificate_check_files(const char *certificate, const char *key, int64_t now_s,
                                       struct ic_certificate_problem *problem) IC_CHECKED;
