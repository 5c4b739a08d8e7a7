/* certificate.h - self-signed ECDSA P-256 certificates.
 *
 * For DTLS one is made at each process start and known by its fingerprint alone (RFC 8122 section
 * 5); for `make run HOST=name` one is written to files. Times are seconds since 1970 (UTC). */
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

/* Zero-terminated texts. `key` is secret: wipe it after use. */
struct ic_certificate_pem {
    char certificate[2048];
    char key[512];
};

/* For a TLS server named `host` (a DNS name or an IP address), valid for a year. IC_ERR_MALFORMED
 * when `host` is neither. */
enum ic_err ic_certificate_make_pem(struct ic_certificate_pem *out, const char *host,
                                    int64_t now_s) IC_CHECKED;

struct ic_certificate_problem {
    char text[768]; /* one sentence that begins with the path */
};

/* May a TLS server use the files: is each readable and PEM, is the first certificate in date at
 * `now_s`, is the key its key? IC_ERR_MALFORMED: no, and `problem` says what is wrong. */
enum ic_err ic_certificate_check_files(const char *certificate, const char *key, int64_t now_s,
                                       struct ic_certificate_problem *problem) IC_CHECKED;
