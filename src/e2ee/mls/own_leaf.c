/* own_leaf.c - our own leaf node (RFC 9420 section 7.2). */
#include "e2ee/mls/own_leaf.h"

#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/mls/codec.h"

struct ic_mls_identity ic_mls_identity_of(const struct ic_mls_leaf_node *leaf,
                                          struct ic_bytes signature_private)
{
    return (struct ic_mls_identity){
        .signature_private = signature_private,
        .credential = leaf->credential,
        .capabilities = leaf->capabilities,
        .extensions = leaf->extensions,
        .lifetime = leaf->lifetime,
    };
}

/* No fewer bytes than the leaf will have. */
static size_t most_bytes(const struct ic_mls_identity *identity,
                         const struct ic_mls_leaf_origin *origin)
{
    const struct ic_mls_capabilities *can = &identity->capabilities;
    enum { VECTORS = 12, NUMBERS = 32 };

    return VECTORS * IC_MLS_HEADER_MAX + NUMBERS + origin->encryption_key.len +
           origin->parent_hash.len + identity->credential.identity.len +
           identity->credential.certificates.len + can->versions.len + can->suites.len +
           can->extensions.len + can->proposals.len + can->credentials.len +
           identity->extensions.len + IC_SIGNATURE_PUBLIC_MAX + IC_SIGNATURE_MAX;
}

static enum ic_err write_leaf(struct ic_writer *w, const struct ic_suite *suite,
                              const struct ic_mls_identity *identity,
                              const struct ic_mls_leaf_origin *origin)
{
    uint8_t public_key[IC_SIGNATURE_PUBLIC_MAX];
    struct ic_mls_leaf_node leaf = {
        .encryption_key = origin->encryption_key,
        .signature_key = {public_key, ic_signature_lengths(suite->signature).public_len},
        .credential = identity->credential,
        .capabilities = identity->capabilities,
        .source = origin->source,
        .lifetime = identity->lifetime,
        .parent_hash = origin->parent_hash,
        .extensions = identity->extensions,
    };

    enum ic_err err =
        ic_signature_public(public_key, suite->signature, identity->signature_private);
    if (err == IC_OK)
        err = ic_mls_write_leaf_node(w, &leaf, suite, identity->signature_private, &origin->place);
    if (err != IC_OK)
        return err;
    struct ic_reader r = ic_reader_of(ic_written(w));
    ic_mls_read_leaf_node(&r, &leaf);
    return ic_mls_finish(&r);
}

enum ic_err ic_mls_own_leaf_encode(struct ic_mls_message *out, const struct ic_suite *suite,
                                   const struct ic_mls_identity *identity,
                                   const struct ic_mls_leaf_origin *origin)
{
    size_t size = most_bytes(identity, origin);
    uint8_t *at = malloc(size);
    if (!at)
        return IC_ERR_SYSTEM;
    struct ic_writer w = ic_writer_of(at, size);
    enum ic_err err = write_leaf(&w, suite, identity, origin);
    if (err == IC_OK)
        *out = (struct ic_mls_message){at, w.len};
    else
        free(at);
    return err == IC_ERR_FULL ? IC_ERR_MALFORMED : err;
}

enum ic_err ic_mls_own_leaf_update(struct ic_mls_message *out, uint8_t *private_key,
                                   const struct ic_suite *suite,
                                   const struct ic_mls_identity *identity,
                                   const struct ic_mls_leaf_place *place)
{
    uint8_t fresh[IC_KEM_PRIVATE_MAX], public_key[IC_KEM_PUBLIC_MAX];
    struct ic_kem_lengths lengths = ic_kem_lengths(suite->kem);
    const struct ic_mls_leaf_origin origin = {
        .source = IC_MLS_LEAF_UPDATE,
        .encryption_key = {public_key, lengths.public_len},
        .place = *place,
    };

    enum ic_err err = ic_kem_generate(fresh, public_key, suite->kem);
    if (err == IC_OK)
        err = ic_mls_own_leaf_encode(out, suite, identity, &origin);
    if (err == IC_OK)
        memcpy(private_key, fresh, lengths.private_len);
    ic_secret_wipe(fresh, sizeof fresh);
    return err;
}
