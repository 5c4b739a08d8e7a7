/* leaf_node.c - leaf nodes, read, signed and verified (RFC 9420 section 7.2). */
#include "e2ee/mls/leaf_node.h"

#include "e2ee/mls/codec.h"

static void read_capabilities(struct ic_reader *r, struct ic_mls_capabilities *out)
{
    out->versions = ic_mls_read_numbers(r);
    out->suites = ic_mls_read_numbers(r);
    out->extensions = ic_mls_read_numbers(r);
    out->proposals = ic_mls_read_numbers(r);
    out->credentials = ic_mls_read_numbers(r);
}

static void write_capabilities(struct ic_writer *w, const struct ic_mls_capabilities *capabilities)
{
    ic_mls_write_vector(w, capabilities->versions);
    ic_mls_write_vector(w, capabilities->suites);
    ic_mls_write_vector(w, capabilities->extensions);
    ic_mls_write_vector(w, capabilities->proposals);
    ic_mls_write_vector(w, capabilities->credentials);
}

static void read_source(struct ic_reader *r, struct ic_mls_leaf_node *leaf)
{
    uint64_t source = ic_read_uint(r, 1);

    leaf->source = (enum ic_mls_leaf_source)source;
    if (source == IC_MLS_LEAF_KEY_PACKAGE) {
        leaf->lifetime.not_before = ic_read_uint(r, 8);
        leaf->lifetime.not_after = ic_read_uint(r, 8);
    } else if (source == IC_MLS_LEAF_COMMIT) {
        leaf->parent_hash = ic_mls_read_vector(r);
    } else if (source != IC_MLS_LEAF_UPDATE) {
        r->bad = true;
    }
}

static void write_source(struct ic_writer *w, const struct ic_mls_leaf_node *leaf)
{
    ic_write_uint(w, leaf->source, 1);
    if (leaf->source == IC_MLS_LEAF_KEY_PACKAGE) {
        ic_write_uint(w, leaf->lifetime.not_before, 8);
        ic_write_uint(w, leaf->lifetime.not_after, 8);
    } else if (leaf->source == IC_MLS_LEAF_COMMIT) {
        ic_mls_write_vector(w, leaf->parent_hash);
    }
}

void ic_mls_read_leaf_node(struct ic_reader *r, struct ic_mls_leaf_node *out)
{
    struct ic_reader start = *r;

    *out = (struct ic_mls_leaf_node){0};
    out->encryption_key = ic_mls_read_vector(r);
    out->signature_key = ic_mls_read_vector(r);
    ic_mls_read_credential(r, &out->credential);
    read_capabilities(r, &out->capabilities);
    read_source(r, out);
    out->extensions = ic_mls_read_extensions(r);
    out->signed_part = ic_mls_since(start, r);
    out->signature = ic_mls_read_vector(r);
    out->encoded = ic_mls_since(start, r);
}

/* LeafNodeTBS: the signed part and, unless the leaf is of a key package, its place. */
struct signed_parts {
    uint8_t header[IC_MLS_HEADER_MAX], index[4];
    struct ic_bytes parts[4];
    size_t count;
};

static void gather(struct signed_parts *s, struct ic_bytes signed_part,
                   enum ic_mls_leaf_source source, const struct ic_mls_leaf_place *place)
{
    struct ic_writer header = ic_writer_of(s->header, sizeof s->header);
    struct ic_writer index = ic_writer_of(s->index, sizeof s->index);

    s->parts[0] = signed_part;
    s->count = 1;
    if (source == IC_MLS_LEAF_KEY_PACKAGE)
        return;
    ic_mls_write_size(&header, place->group_id.len);
    ic_write_uint(&index, place->leaf.n, 4);
    s->parts[1] = ic_written(&header);
    s->parts[2] = place->group_id;
    s->parts[3] = ic_written(&index);
    s->count = 4;
}

enum ic_err ic_mls_write_leaf_node(struct ic_writer *w, const struct ic_mls_leaf_node *leaf,
                                   const struct ic_suite *suite, struct ic_bytes private_key,
                                   const struct ic_mls_leaf_place *place)
{
    uint8_t signature[IC_SIGNATURE_MAX];
    size_t start = w->len, len;
    struct signed_parts s;

    ic_mls_write_vector(w, leaf->encryption_key);
    ic_mls_write_vector(w, leaf->signature_key);
    ic_mls_write_credential(w, &leaf->credential);
    write_capabilities(w, &leaf->capabilities);
    write_source(w, leaf);
    ic_mls_write_vector(w, leaf->extensions);
    if (w->bad)
        return IC_ERR_FULL;

    gather(&s, (struct ic_bytes){w->at + start, w->len - start}, leaf->source, place);
    enum ic_err err =
        ic_mls_sign(signature, &len, suite, private_key, "LeafNodeTBS", s.parts, s.count);
    if (err != IC_OK)
        return err;
    ic_mls_write_vector(w, (struct ic_bytes){signature, len});
    return w->bad ? IC_ERR_FULL : IC_OK;
}

enum ic_err ic_mls_leaf_node_verify(const struct ic_mls_leaf_node *leaf,
                                    const struct ic_suite *suite,
                                    const struct ic_mls_leaf_place *place)
{
    struct signed_parts s;

    if (leaf->source != IC_MLS_LEAF_KEY_PACKAGE && !place)
        return IC_ERR_FORBIDDEN;
    gather(&s, leaf->signed_part, leaf->source, place);
    return ic_mls_verify(suite, leaf->signature_key, "LeafNodeTBS", s.parts, s.count,
                         leaf->signature);
}
