/* proposal_draft.h - proposals as the caller asks for them, made into bytes. Inside the library;
 * group.h is for the others. */
#pragma once

#include "e2ee/mls/proposal.h"

/* No encoding of it is longer. */
size_t ic_mls_proposal_size(const struct ic_mls_proposal *proposal);

/* Writes it, a PSK with a fresh nonce, and reads it back as views over what was written.
 * IC_ERR_MALFORMED when that cannot be; IC_ERR_FULL. */
enum ic_err ic_mls_proposal_draft(struct ic_mls_proposal *out, struct ic_writer *w,
                                  const struct ic_suite *suite,
                                  const struct ic_mls_proposal *wanted) IC_CHECKED;
