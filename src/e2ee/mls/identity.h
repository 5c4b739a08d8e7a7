/* identity.h - who we are in a group, and the key package by which others add us (RFC 9420 sections
 * 7.2 and 10). */
#pragma once

#include "e2ee/mls/key_package.h"
#include "e2ee/mls/message.h"

/* What our leaf says and the key that signs it. Borrowed: every function that takes one copies what
 * it needs. */
struct ic_mls_identity {
    struct ic_bytes signature_private;       /* as long as the suite's scheme says */
    struct ic_mls_credential credential;     /* `encoded` is not looked at */
    struct ic_mls_capabilities capabilities; /* all of it, also the version and the suite */
    struct ic_bytes extensions;              /* of the leaf, one behind the other */
    struct ic_mls_lifetime lifetime;         /* of the leaf until it first commits or updates */
};

enum { IC_MLS_PACKAGE_MAX = 16384 };

/* A key package of ours and its private half. Serves once: clear it when the group was joined. */
struct ic_mls_own_package {
    const struct ic_suite *suite;
    struct ic_mls_message encoded; /* the KeyPackage, to be published */
    uint8_t init_private[IC_KEM_PRIVATE_MAX];
    uint8_t leaf_private[IC_KEM_PRIVATE_MAX];
    uint8_t signature_private[IC_SIGNATURE_PRIVATE_MAX];
};

/* `extensions` are those of the key package itself, one behind the other. IC_ERR_NOT_FOUND when the
 * suite is not in this build; IC_ERR_MALFORMED for a signature key of another length; IC_ERR_FULL
 * when it would have more than IC_MLS_PACKAGE_MAX bytes; IC_ERR_SYSTEM. */
enum ic_err ic_mls_own_package_init(struct ic_mls_own_package *out, const struct ic_suite *suite,
                                    const struct ic_mls_identity *identity,
                                    struct ic_bytes extensions) IC_CHECKED;
void ic_mls_own_package_clear(struct ic_mls_own_package *package);
