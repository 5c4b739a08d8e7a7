/* credential.h - who a member says it is (RFC 9420 section 5.3). MLS carries it; whether it is true
 * is for the application to find out. */
#pragma once

#include "base/base.h"

enum ic_mls_credential_type { IC_MLS_CREDENTIAL_BASIC = 1, IC_MLS_CREDENTIAL_X509 = 2 };
enum { IC_MLS_CERTIFICATES_MAX = 10 };

struct ic_mls_credential {
    enum ic_mls_credential_type type;
    struct ic_bytes identity;     /* of a basic one */
    struct ic_bytes certificates; /* of an X.509 one: opaque DER vectors, the member's own first */
    struct ic_bytes encoded;
};

/* Other types are bad: their bytes cannot be told from what follows them. */
void ic_mls_read_credential(struct ic_reader *r, struct ic_mls_credential *out);
/* `encoded` is not looked at. */
void ic_mls_write_credential(struct ic_writer *w, const struct ic_mls_credential *credential);
