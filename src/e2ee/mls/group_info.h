/* group_info.h - a group as one of its members describes it to a newcomer (RFC 9420 section
 * 12.4.3). */
#pragma once

#include "e2ee/mls/group_context.h"
#include "e2ee/mls/labels.h"
#include "e2ee/mls/tree_math.h"

struct ic_mls_group_info {
    struct ic_mls_group_context context;
    struct ic_bytes extensions;
    struct ic_bytes confirmation_tag;
    struct ic_leaf signer;
    struct ic_bytes signature;
    struct ic_bytes signed_part;
};

void ic_mls_read_group_info(struct ic_reader *r, struct ic_mls_group_info *out);

/* Signs and writes: of the context `encoded`, then the fields before the signature. IC_ERR_FULL
 * when `w` is too small; else the errors of ic_mls_sign(). */
enum ic_err ic_mls_write_group_info(struct ic_writer *w, const struct ic_mls_group_info *info,
                                    const struct ic_suite *suite,
                                    struct ic_bytes private_key) IC_CHECKED;

/* IC_ERR_FORGED when it is not signed by that key, which is to be the signer's in the tree. */
enum ic_err ic_mls_group_info_verify(const struct ic_mls_group_info *info,
                                     const struct ic_suite *suite,
                                     struct ic_bytes public_key) IC_CHECKED;
