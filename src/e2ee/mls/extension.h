/* extension.h - lists of extensions, and the ones that RFC 9420 itself defines (section 17.3). */
#pragma once

#include "e2ee/mls/credential.h"

enum {
    IC_MLS_EXT_APPLICATION_ID = 1,
    IC_MLS_EXT_RATCHET_TREE = 2,
    IC_MLS_EXT_REQUIRED_CAPABILITIES = 3,
    IC_MLS_EXT_EXTERNAL_PUB = 4,
    IC_MLS_EXT_EXTERNAL_SENDERS = 5,
    IC_MLS_EXT_LAST_DEFAULT = 5, /* need not be listed in capabilities (section 7.2) */
};
enum { IC_MLS_EXTENSIONS_MAX = 32 }; /* in one list */

struct ic_mls_extension {
    uint16_t type;
    struct ic_bytes data;
};

/* Extension x<V>, checked: well formed, no type twice, at most IC_MLS_EXTENSIONS_MAX. */
struct ic_bytes ic_mls_read_extensions(struct ic_reader *r);
void ic_mls_write_extension(struct ic_writer *w, uint16_t type, struct ic_bytes data);

/* Takes the next from the front of a checked list; false at its end. */
bool ic_mls_extension_next(struct ic_reader *list, struct ic_mls_extension *out);
bool ic_mls_extension_find(struct ic_bytes extensions, uint16_t type, struct ic_bytes *data);

/* RequiredCapabilities (section 11.1): lists of numbers. */
struct ic_mls_required {
    struct ic_bytes extensions, proposals, credentials;
};
void ic_mls_read_required(struct ic_reader *r, struct ic_mls_required *out);

/* An element of ExternalSenders (section 12.1.8.1). */
struct ic_mls_external_sender {
    struct ic_bytes signature_key;
    struct ic_mls_credential credential;
};
void ic_mls_read_external_sender(struct ic_reader *r, struct ic_mls_external_sender *out);
