/* key_schedule.h - the secrets of one epoch (RFC 9420 section 8).
 *
 *     init secret of the epoch before -+
 *     commit secret -------------------+-> joiner secret -+
 *     PSK secret -----------------------------------------+-> welcome secret
 *     group context --------------------------------------+-> struct ic_mls_epoch
 *
 * A group context is passed as its encoding. All secrets have ic_mls_secret_len() bytes. */
#pragma once

#include "e2ee/mls/derive.h"

/* Secrets as RFC 9420 names them, erased one by one as they are used up. */
struct ic_mls_epoch {
    const struct ic_suite *suite;
    uint8_t sender_data[IC_HASH_MAX];
    uint8_t encryption[IC_HASH_MAX]; /* until the secret tree is made of it */
    uint8_t exporter[IC_HASH_MAX];   /* until ic_mls_epoch_end_exports() */
    uint8_t external[IC_HASH_MAX];
    uint8_t confirmation_key[IC_HASH_MAX];
    uint8_t membership_key[IC_HASH_MAX];
    uint8_t resumption_psk[IC_HASH_MAX];
    uint8_t authenticator[IC_HASH_MAX]; /* to be compared between members; not a secret of them */
    uint8_t init[IC_HASH_MAX];          /* for the epoch after */
    bool exports_ended;
};

/* `joiner` may be the memory of `init_secret`. */
void ic_mls_joiner_secret(uint8_t *joiner, const struct ic_suite *suite,
                          struct ic_bytes init_secret, struct ic_bytes commit_secret,
                          struct ic_bytes group_context);

/* Without PSKs `psk_secret` is all zero: see psk.h. */
void ic_mls_welcome_secret(uint8_t *welcome, const struct ic_suite *suite,
                           struct ic_bytes joiner_secret, struct ic_bytes psk_secret);

void ic_mls_epoch_init(struct ic_mls_epoch *epoch, const struct ic_suite *suite,
                       struct ic_bytes joiner_secret, struct ic_bytes psk_secret,
                       struct ic_bytes group_context);

/* The first epoch of a group, whose epoch secret is random rather than derived. */
void ic_mls_epoch_init_first(struct ic_mls_epoch *epoch, const struct ic_suite *suite,
                             struct ic_bytes epoch_secret);
void ic_mls_epoch_clear(struct ic_mls_epoch *epoch);

/* MLS-Exporter. IC_ERR_MALFORMED when `len` is more than the suite can derive; IC_ERR_EXHAUSTED
 * after ic_mls_epoch_end_exports(). */
enum ic_err ic_mls_epoch_export(uint8_t *out, size_t len, const struct ic_mls_epoch *epoch,
                                const char *label, struct ic_bytes context) IC_CHECKED;

/* Erases the exporter secret: whoever breaks in later cannot derive what was exported. */
void ic_mls_epoch_end_exports(struct ic_mls_epoch *epoch);
