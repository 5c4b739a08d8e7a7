/* key_package.h - what somebody publishes in order to be added to a group (RFC 9420 section 10). */
#pragma once

#include "e2ee/mls/derive.h"
#include "e2ee/mls/leaf_node.h"

enum { IC_MLS_VERSION = 1 };

struct ic_mls_key_package {
    uint16_t version, suite;
    struct ic_bytes init_key;
    struct ic_mls_leaf_node leaf;
    struct ic_bytes extensions;
    struct ic_bytes signature;
    struct ic_bytes signed_part;
    struct ic_bytes encoded;
};

void ic_mls_read_key_package(struct ic_reader *r, struct ic_mls_key_package *out);

/* Signs and writes one whose leaf is already encoded: `leaf.encoded`, `init_key` and `extensions`
 * are looked at. IC_ERR_FULL when `w` is too small; else the errors of ic_mls_sign(). */
enum ic_err ic_mls_write_key_package(struct ic_writer *w, const struct ic_mls_key_package *package,
                                     const struct ic_suite *suite,
                                     struct ic_bytes private_key) IC_CHECKED;

/* All of section 10.1 that needs no clock: version, suite, both signatures, the leaf's source, and
 * an init key unlike the leaf's key. IC_ERR_FORGED for a signature, IC_ERR_FORBIDDEN otherwise. */
enum ic_err ic_mls_key_package_verify(const struct ic_mls_key_package *package,
                                      const struct ic_suite *suite) IC_CHECKED;

/* The name under which a Welcome finds it; a digest. */
void ic_mls_key_package_ref(uint8_t *ref, const struct ic_suite *suite, struct ic_bytes encoded);
