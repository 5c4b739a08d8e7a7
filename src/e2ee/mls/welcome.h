/* welcome.h - the message that brings somebody into a group: secrets for each newcomer, and the
 * group's description for all of them (RFC 9420 section 12.4.3.1). */
#pragma once

#include "e2ee/mls/commit.h"
#include "e2ee/mls/group_info.h"
#include "e2ee/mls/key_schedule.h"

enum { IC_MLS_WELCOMED_MAX = IC_MLS_PROPOSALS_MAX }; /* newcomers of one Welcome */

struct ic_mls_welcome {
    uint16_t suite;
    struct ic_bytes secrets; /* checked: a reference and a ciphertext, one pair behind the other */
    struct ic_bytes encrypted_group_info;
};

/* GroupSecrets; views over what was decrypted. */
struct ic_mls_group_secrets {
    struct ic_bytes joiner_secret;
    bool has_path_secret;
    struct ic_bytes path_secret; /* of the lowest node above both newcomer and sender */
    struct ic_bytes psks;        /* checked: struct ic_mls_psk_id one behind the other */
    size_t psk_count;            /* at most IC_MLS_PSKS_MAX */
};

/* Reads a Welcome, which an MLSMessage holds behind version and wire format. */
void ic_mls_read_welcome(struct ic_reader *r, struct ic_mls_welcome *out);
void ic_mls_read_group_secrets(struct ic_reader *r, struct ic_mls_group_secrets *out);

/* What the Welcome has for the key package of that reference, opened with its init key. `buffer`
 * is at least as large as the Welcome; the caller erases it when done. IC_ERR_NOT_FOUND: it has
 * nothing for us; IC_ERR_FORGED: not for this key, or changed; IC_ERR_MALFORMED. */
enum ic_err ic_mls_welcome_open_secrets(struct ic_mls_group_secrets *out, uint8_t *buffer,
                                        size_t size, const struct ic_mls_welcome *welcome,
                                        const struct ic_suite *suite, struct ic_bytes ref,
                                        struct ic_bytes init_private) IC_CHECKED;

/* The group's description, opened with the welcome secret. Not verified: that needs the tree. */
enum ic_err ic_mls_welcome_open_info(struct ic_mls_group_info *out, uint8_t *buffer, size_t size,
                                     const struct ic_mls_welcome *welcome,
                                     const struct ic_suite *suite,
                                     struct ic_bytes welcome_secret) IC_CHECKED;

/* Seals a description for `encrypted_group_info`: plain.len + IC_CIPHER_TAG_LEN bytes. */
enum ic_err ic_mls_welcome_seal_info(uint8_t *out, const struct ic_suite *suite,
                                     struct ic_bytes welcome_secret,
                                     struct ic_bytes plain) IC_CHECKED;
