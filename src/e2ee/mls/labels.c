/* labels.c - labelled signatures and encryption (RFC 9420 section 5.1). */
#include "e2ee/mls/labels.h"

#include <assert.h>
#include <stdlib.h>

#include "e2ee/mls/codec.h"

static const char PREFIX[] = "MLS 1.0 ";
enum { PREFIX_LEN = sizeof PREFIX - 1 };

/* SignContent and EncryptContext alike: the labelled label and the contents, each a vector. To be
 * freed; NULL in `at` when there is no memory. */
static struct ic_bytes labelled(const char *label, const struct ic_bytes *parts, size_t count)
{
    struct ic_bytes text = ic_bytes_of_text(label);
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    if (len > IC_MLS_SIZE_MAX)
        return (struct ic_bytes){0};

    size_t size = 2 * IC_MLS_HEADER_MAX + PREFIX_LEN + text.len + len;
    uint8_t *buffer = malloc(size);
    if (!buffer)
        return (struct ic_bytes){0};
    struct ic_writer w = ic_writer_of(buffer, size);
    ic_mls_write_size(&w, PREFIX_LEN + text.len);
    ic_write_bytes(&w, (struct ic_bytes){(const uint8_t *)PREFIX, PREFIX_LEN});
    ic_write_bytes(&w, text);
    ic_mls_write_size(&w, len);
    for (size_t i = 0; i < count; i++)
        ic_write_bytes(&w, parts[i]);
    assert(!w.bad);
    return ic_written(&w);
}

enum ic_err ic_mls_sign(uint8_t signature[IC_SIGNATURE_MAX], size_t *len,
                        const struct ic_suite *suite, struct ic_bytes private_key,
                        const char *label, const struct ic_bytes *parts, size_t count)
{
    struct ic_bytes content = labelled(label, parts, count);
    if (!content.at)
        return IC_ERR_SYSTEM;
    enum ic_err err = ic_signature_sign(signature, len, suite->signature, private_key, content);
    free((uint8_t *)content.at);
    return err;
}

enum ic_err ic_mls_verify(const struct ic_suite *suite, struct ic_bytes public_key,
                          const char *label, const struct ic_bytes *parts, size_t count,
                          struct ic_bytes signature)
{
    struct ic_bytes content = labelled(label, parts, count);
    if (!content.at)
        return IC_ERR_SYSTEM;
    enum ic_err err = ic_signature_verify(suite->signature, public_key, content, signature);
    free((uint8_t *)content.at);
    return err;
}

enum ic_err ic_mls_encryption_of(struct ic_mls_encryption *out, const struct ic_suite *suite,
                                 const char *label, struct ic_bytes context)
{
    struct ic_bytes info = labelled(label, &context, 1);
    if (!info.at)
        return IC_ERR_SYSTEM;
    enum ic_err err = ic_hpke_digest_info(out->digest, ic_suite_hpke(suite), info);
    free((uint8_t *)info.at);
    return err;
}

enum ic_err ic_mls_encrypt_to(uint8_t *ciphertext, uint8_t *kem_output,
                              const struct ic_suite *suite, const struct ic_mls_encryption *how,
                              struct ic_bytes public_key, struct ic_bytes plain)
{
    return ic_hpke_seal_digested(ciphertext, kem_output, ic_suite_hpke(suite), public_key,
                                 how->digest, plain);
}

enum ic_err ic_mls_encrypt(uint8_t *ciphertext, uint8_t *kem_output, const struct ic_suite *suite,
                           struct ic_bytes public_key, const char *label, struct ic_bytes context,
                           struct ic_bytes plain)
{
    struct ic_mls_encryption how;
    enum ic_err err = ic_mls_encryption_of(&how, suite, label, context);

    return err == IC_OK ? ic_mls_encrypt_to(ciphertext, kem_output, suite, &how, public_key, plain)
                        : err;
}

enum ic_err ic_mls_decrypt(uint8_t *plain, const struct ic_suite *suite,
                           struct ic_bytes private_key, const char *label, struct ic_bytes context,
                           struct ic_bytes kem_output, struct ic_bytes ciphertext)
{
    if (ciphertext.len < IC_CIPHER_TAG_LEN)
        return IC_ERR_MALFORMED;
    struct ic_bytes info = labelled(label, &context, 1);
    if (!info.at)
        return IC_ERR_SYSTEM;
    enum ic_err err = ic_hpke_open(plain, ic_suite_hpke(suite), kem_output, private_key, info, NULL,
                                   (struct ic_bytes){0}, ciphertext);
    free((uint8_t *)info.at);
    return err;
}
