/* transcript.h - the running hashes over all commits of a group (RFC 9420 section 8.2), and the tag
 * by which a commit proves that its sender reached the same epoch (section 6.1). */
#pragma once

#include "e2ee/mls/key_schedule.h"

/* `content` is the encoding of a FramedContent that holds a commit. `interim` is that of the epoch
 * before, empty before the first commit. Writes a digest; `confirmed` may be the memory of
 * `interim`. */
void ic_mls_confirmed_hash(uint8_t *confirmed, const struct ic_suite *suite,
                           struct ic_bytes interim, uint16_t wire_format, struct ic_bytes content,
                           struct ic_bytes signature);
void ic_mls_interim_hash(uint8_t *interim, const struct ic_suite *suite, struct ic_bytes confirmed,
                         struct ic_bytes confirmation_tag);

/* `epoch` is the one that the commit begins. */
void ic_mls_confirmation_tag(uint8_t *tag, const struct ic_mls_epoch *epoch,
                             struct ic_bytes confirmed);
/* IC_ERR_FORGED when the tag is another. */
enum ic_err ic_mls_confirmation_check(const struct ic_mls_epoch *epoch, struct ic_bytes confirmed,
                                      struct ic_bytes tag) IC_CHECKED;
