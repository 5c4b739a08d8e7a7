/* external_init.h - how a newcomer without an invitation reaches the key schedule: it encrypts an
 * init secret to the key pair of the epoch (RFC 9420 section 8.3). */
#pragma once

#include "e2ee/mls/key_schedule.h"

/* The pair to which a newcomer encrypts who joins by an external commit; IC_KEM_PRIVATE_MAX and
 * IC_KEM_PUBLIC_MAX bytes of room. Errors: those of kem.h. */
enum ic_err ic_mls_epoch_external_pair(uint8_t *private_key, uint8_t *public_key,
                                       const struct ic_mls_epoch *epoch) IC_CHECKED;

/* The init secret of an external commit: made by the newcomer, found by the members (section 8.3).
 * Errors: those of hpke.h. */
enum ic_err ic_mls_external_init_make(uint8_t *init_secret, uint8_t *kem_output,
                                      const struct ic_suite *suite,
                                      struct ic_bytes external_public) IC_CHECKED;
enum ic_err ic_mls_external_init_find(uint8_t *init_secret, const struct ic_mls_epoch *epoch,
                                      struct ic_bytes kem_output) IC_CHECKED;
