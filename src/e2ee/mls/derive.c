/* derive.c - labelled derivation (RFC 9420 sections 5.2 and 8). */
#include "e2ee/mls/derive.h"

#include <assert.h>

#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "e2ee/mls/codec.h"

static const char PREFIX[] = "MLS 1.0 ";
enum { PREFIX_LEN = sizeof PREFIX - 1 };

size_t ic_mls_secret_len(const struct ic_suite *suite)
{
    return ic_hash_len(suite->hash);
}

static struct ic_bytes prefix(void)
{
    return (struct ic_bytes){(const uint8_t *)PREFIX, PREFIX_LEN};
}

/* KDFLabel is the length wanted, the labelled label as a vector, and the context as one. */
void ic_mls_expand_two(uint8_t *out, size_t len, const struct ic_suite *suite,
                       struct ic_bytes secret, const char *label, struct ic_bytes first,
                       struct ic_bytes second)
{
    assert(len <= UINT16_MAX && len <= ic_hkdf_max(suite->hash));
    uint8_t front[2 + IC_MLS_HEADER_MAX], middle[IC_MLS_HEADER_MAX];
    struct ic_writer f = ic_writer_of(front, sizeof front);
    struct ic_writer m = ic_writer_of(middle, sizeof middle);
    struct ic_bytes text = ic_bytes_of_text(label);

    ic_write_uint(&f, len, 2);
    ic_mls_write_size(&f, PREFIX_LEN + text.len);
    ic_mls_write_size(&m, first.len + second.len);
    const struct ic_bytes info[IC_HKDF_PARTS] = {ic_written(&f), prefix(), text,
                                                 ic_written(&m), first,    second};
    ic_hkdf_expand_with(out, len, suite->hash, secret, info, IC_COUNT(info));
}

void ic_mls_expand(uint8_t *out, size_t len, const struct ic_suite *suite, struct ic_bytes secret,
                   const char *label, struct ic_bytes context)
{
    ic_mls_expand_two(out, len, suite, secret, label, context, (struct ic_bytes){0});
}

void ic_mls_derive(uint8_t *out, const struct ic_suite *suite, struct ic_bytes secret,
                   const char *label)
{
    ic_mls_expand(out, ic_mls_secret_len(suite), suite, secret, label, (struct ic_bytes){0});
}

void ic_mls_derive_tree(uint8_t *out, size_t len, const struct ic_suite *suite,
                        struct ic_bytes secret, const char *label, uint32_t generation)
{
    uint8_t context[4];
    struct ic_writer w = ic_writer_of(context, sizeof context);
    ic_write_uint(&w, generation, 4);
    ic_mls_expand(out, len, suite, secret, label, ic_written(&w));
}

void ic_mls_extract(uint8_t *out, const struct ic_suite *suite, struct ic_bytes salt,
                    struct ic_bytes secret)
{
    ic_hkdf_extract_with(out, suite->hash, salt, &secret, 1);
}

void ic_mls_ref_hash(uint8_t *out, const struct ic_suite *suite, const char *label,
                     struct ic_bytes value)
{
    uint8_t front[IC_MLS_HEADER_MAX], middle[IC_MLS_HEADER_MAX];
    struct ic_writer f = ic_writer_of(front, sizeof front);
    struct ic_writer m = ic_writer_of(middle, sizeof middle);
    struct ic_bytes text = ic_bytes_of_text(label);

    ic_mls_write_size(&f, text.len);
    ic_mls_write_size(&m, value.len);
    const struct ic_bytes parts[] = {ic_written(&f), text, ic_written(&m), value};
    ic_hash(out, suite->hash, parts, IC_COUNT(parts));
}

void ic_mls_mac(uint8_t *tag, const struct ic_suite *suite, struct ic_bytes key,
                const struct ic_bytes *parts, size_t count)
{
    static const enum ic_hmac_hash HASHES[] = {
        [IC_HASH_SHA256] = IC_HMAC_SHA256,
        [IC_HASH_SHA384] = IC_HMAC_SHA384,
        [IC_HASH_SHA512] = IC_HMAC_SHA512,
    };
    struct ic_hmac_key keyed;
    ic_hmac_key_init(&keyed, HASHES[suite->hash], key);
    ic_hmac(tag, &keyed, parts, count);
    ic_hmac_key_clear(&keyed);
}
