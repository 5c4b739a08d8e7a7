/* key_package.c - key packages, read, signed and verified (RFC 9420 section 10). */
#include "e2ee/mls/key_package.h"

#include "e2ee/mls/codec.h"

void ic_mls_read_key_package(struct ic_reader *r, struct ic_mls_key_package *out)
{
    struct ic_reader start = *r;

    *out = (struct ic_mls_key_package){0};
    out->version = (uint16_t)ic_read_uint(r, 2);
    out->suite = (uint16_t)ic_read_uint(r, 2);
    out->init_key = ic_mls_read_vector(r);
    ic_mls_read_leaf_node(r, &out->leaf);
    out->extensions = ic_mls_read_extensions(r);
    out->signed_part = ic_mls_since(start, r);
    out->signature = ic_mls_read_vector(r);
    out->encoded = ic_mls_since(start, r);
}

enum ic_err ic_mls_write_key_package(struct ic_writer *w, const struct ic_mls_key_package *package,
                                     const struct ic_suite *suite, struct ic_bytes private_key)
{
    uint8_t signature[IC_SIGNATURE_MAX];
    size_t start = w->len, len;

    ic_write_uint(w, IC_MLS_VERSION, 2);
    ic_write_uint(w, suite->id, 2);
    ic_mls_write_vector(w, package->init_key);
    ic_write_bytes(w, package->leaf.encoded);
    ic_mls_write_vector(w, package->extensions);
    if (w->bad)
        return IC_ERR_FULL;

    struct ic_bytes part = {w->at + start, w->len - start};
    enum ic_err err = ic_mls_sign(signature, &len, suite, private_key, "KeyPackageTBS", &part, 1);
    if (err != IC_OK)
        return err;
    ic_mls_write_vector(w, (struct ic_bytes){signature, len});
    return w->bad ? IC_ERR_FULL : IC_OK;
}

enum ic_err ic_mls_key_package_verify(const struct ic_mls_key_package *package,
                                      const struct ic_suite *suite)
{
    const struct ic_mls_leaf_node *leaf = &package->leaf;

    if (package->version != IC_MLS_VERSION || package->suite != suite->id ||
        leaf->source != IC_MLS_LEAF_KEY_PACKAGE ||
        ic_bytes_equal(package->init_key, leaf->encryption_key))
        return IC_ERR_FORBIDDEN;
    enum ic_err err = ic_mls_leaf_node_verify(leaf, suite, NULL);
    if (err != IC_OK)
        return err;
    return ic_mls_verify(suite, leaf->signature_key, "KeyPackageTBS", &package->signed_part, 1,
                         package->signature);
}

void ic_mls_key_package_ref(uint8_t *ref, const struct ic_suite *suite, struct ic_bytes encoded)
{
    ic_mls_ref_hash(ref, suite, "MLS 1.0 KeyPackage Reference", encoded);
}
