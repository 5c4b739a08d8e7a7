/* mls_people.h - people for tests of MLS: who they are, and the key packages by which others add
 * them. */
#pragma once

#include "e2ee/mls/capabilities.h"
#include "e2ee/mls/codec.h"
#include "e2ee/mls/identity.h"
#include "tests/test.h"

struct person {
    const struct ic_suite *suite;
    struct ic_mls_own_capabilities can;
    uint8_t signature_private[IC_SIGNATURE_PRIVATE_MAX];
    struct ic_mls_identity identity; /* points into this: do not copy */
    struct ic_mls_own_package package;
    struct ic_mls_key_package read; /* views over the package */
};

static inline void person_init(struct person *p, const struct ic_suite *suite, const char *name)
{
    uint8_t public_key[IC_SIGNATURE_PUBLIC_MAX];

    p->suite = suite;
    assert_int_equal(ic_mls_own_capabilities_init(&p->can, NULL, 0, NULL, 0), IC_OK);
    assert_int_equal(ic_signature_generate(p->signature_private, public_key, suite->signature),
                     IC_OK);
    p->identity = (struct ic_mls_identity){
        .signature_private = {p->signature_private,
                              ic_signature_lengths(suite->signature).private_len},
        .credential = {.type = IC_MLS_CREDENTIAL_BASIC, .identity = ic_bytes_of_text(name)},
        .capabilities = p->can.lists,
        .lifetime = {0, UINT64_MAX},
    };
    assert_int_equal(
        ic_mls_own_package_init(&p->package, suite, &p->identity, (struct ic_bytes){0}), IC_OK);
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&p->package.encoded));
    ic_mls_read_key_package(&r, &p->read);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
}

static inline void person_clear(struct person *p)
{
    ic_mls_own_package_clear(&p->package);
}

/* The encoded leaf of the key package. */
static inline struct ic_bytes person_leaf(const struct person *p)
{
    return p->read.leaf.encoded;
}

static inline struct ic_bytes person_leaf_private(const struct person *p)
{
    return (struct ic_bytes){p->package.leaf_private, ic_kem_lengths(p->suite->kem).private_len};
}
