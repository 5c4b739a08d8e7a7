/* psk.h - pre-shared keys: what names one, and how many become one secret (RFC 9420 section 8.4).
 */
#pragma once

#include "e2ee/mls/derive.h"

enum ic_mls_psk_type { IC_MLS_PSK_EXTERNAL = 1, IC_MLS_PSK_RESUMPTION = 2 };
enum ic_mls_psk_usage {
    IC_MLS_PSK_APPLICATION = 1,
    IC_MLS_PSK_REINIT = 2,
    IC_MLS_PSK_BRANCH = 3,
};

enum { IC_MLS_PSKS_MAX = 16 }; /* of one commit */

/* PreSharedKeyID; views over what it was read from. */
struct ic_mls_psk_id {
    enum ic_mls_psk_type type;
    struct ic_bytes external_id; /* of an external one */
    enum ic_mls_psk_usage usage; /* of a resumption one, with group and epoch */
    struct ic_bytes group_id;
    uint64_t epoch;
    struct ic_bytes nonce; /* fresh in each use, as long as a secret */
    struct ic_bytes encoded;
};

/* A key and the encoding of its id. */
struct ic_mls_psk {
    struct ic_bytes id, secret;
};

void ic_mls_read_psk_id(struct ic_reader *r, struct ic_mls_psk_id *out);
/* `encoded` is not looked at. */
void ic_mls_write_psk_id(struct ic_writer *w, const struct ic_mls_psk_id *id);

/* All zero when there is none. `count` is at most IC_MLS_PSKS_MAX. */
void ic_mls_psk_secret(uint8_t *out, const struct ic_suite *suite, const struct ic_mls_psk *psks,
                       size_t count);
