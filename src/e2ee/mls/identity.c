/* identity.c - a key package of our own (RFC 9420 section 10). */
#include "e2ee/mls/identity.h"

#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/mls/codec.h"

/* The public keys, and room for the leaf. */
struct work {
    uint8_t init_key[IC_KEM_PUBLIC_MAX], leaf_key[IC_KEM_PUBLIC_MAX];
    uint8_t signature_key[IC_SIGNATURE_PUBLIC_MAX];
    uint8_t leaf[IC_MLS_PACKAGE_MAX], package[IC_MLS_PACKAGE_MAX];
};

static enum ic_err make_keys(struct work *w, struct ic_mls_own_package *out,
                             const struct ic_mls_identity *identity)
{
    const struct ic_suite *suite = out->suite;
    enum ic_err err = ic_kem_generate(out->init_private, w->init_key, suite->kem);

    if (err == IC_OK)
        err = ic_kem_generate(out->leaf_private, w->leaf_key, suite->kem);
    if (err == IC_OK)
        err = ic_signature_public(w->signature_key, suite->signature, identity->signature_private);
    if (err == IC_OK)
        memcpy(out->signature_private, identity->signature_private.at,
               identity->signature_private.len);
    return err;
}

static enum ic_err write_leaf(struct ic_bytes *out, struct work *w, const struct ic_suite *suite,
                              const struct ic_mls_identity *identity)
{
    const struct ic_mls_leaf_node leaf = {
        .encryption_key = {w->leaf_key, ic_kem_lengths(suite->kem).public_len},
        .signature_key = {w->signature_key, ic_signature_lengths(suite->signature).public_len},
        .credential = identity->credential,
        .capabilities = identity->capabilities,
        .source = IC_MLS_LEAF_KEY_PACKAGE,
        .lifetime = identity->lifetime,
        .extensions = identity->extensions,
    };
    struct ic_writer writer = ic_writer_of(w->leaf, sizeof w->leaf);
    enum ic_err err =
        ic_mls_write_leaf_node(&writer, &leaf, suite, identity->signature_private, NULL);
    *out = ic_written(&writer);
    return err;
}

static enum ic_err make(struct work *w, struct ic_mls_own_package *out,
                        const struct ic_mls_identity *identity, struct ic_bytes extensions)
{
    const struct ic_suite *suite = out->suite;
    struct ic_mls_key_package package = {.extensions = extensions};
    struct ic_writer writer = ic_writer_of(w->package, sizeof w->package);

    enum ic_err err = make_keys(w, out, identity);
    if (err == IC_OK)
        err = write_leaf(&package.leaf.encoded, w, suite, identity);
    if (err != IC_OK)
        return err;
    package.init_key = (struct ic_bytes){w->init_key, ic_kem_lengths(suite->kem).public_len};
    err = ic_mls_write_key_package(&writer, &package, suite, identity->signature_private);
    if (err != IC_OK)
        return err;
    struct ic_reader r = ic_reader_of(ic_written(&writer));
    ic_mls_read_key_package(&r, &package);
    if (ic_mls_finish(&r) != IC_OK)
        return IC_ERR_MALFORMED;
    return ic_mls_message_copy(&out->encoded, ic_written(&writer));
}

enum ic_err ic_mls_own_package_init(struct ic_mls_own_package *out, const struct ic_suite *suite,
                                    const struct ic_mls_identity *identity,
                                    struct ic_bytes extensions)
{
    struct ic_mls_own_package package = {.suite = suite};

    if (!ic_suite_available(suite))
        return IC_ERR_NOT_FOUND;
    struct work *w = calloc(1, sizeof *w);
    if (!w)
        return IC_ERR_SYSTEM;
    enum ic_err err = make(w, &package, identity, extensions);
    free(w);
    if (err == IC_OK)
        *out = package;
    else
        ic_mls_own_package_clear(&package);
    ic_secret_wipe(package.init_private, sizeof package.init_private);
    ic_secret_wipe(package.leaf_private, sizeof package.leaf_private);
    ic_secret_wipe(package.signature_private, sizeof package.signature_private);
    return err;
}

void ic_mls_own_package_clear(struct ic_mls_own_package *package)
{
    ic_mls_message_clear(&package->encoded);
    ic_secret_wipe(package, sizeof *package);
}
