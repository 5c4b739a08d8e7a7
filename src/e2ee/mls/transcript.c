/* transcript.c - transcript hashes and confirmation tags (RFC 9420 sections 6.1 and 8.2). */
#include "e2ee/mls/transcript.h"

#include "crypto/secret.h"
#include "e2ee/mls/codec.h"

void ic_mls_confirmed_hash(uint8_t *confirmed, const struct ic_suite *suite,
                           struct ic_bytes interim, uint16_t wire_format, struct ic_bytes content,
                           struct ic_bytes signature)
{
    uint8_t format[2], header[IC_MLS_HEADER_MAX];
    struct ic_writer f = ic_writer_of(format, sizeof format);
    struct ic_writer h = ic_writer_of(header, sizeof header);

    ic_write_uint(&f, wire_format, 2);
    ic_mls_write_size(&h, signature.len);
    const struct ic_bytes parts[] = {interim, ic_written(&f), content, ic_written(&h), signature};
    ic_hash(confirmed, suite->hash, parts, IC_COUNT(parts));
}

void ic_mls_interim_hash(uint8_t *interim, const struct ic_suite *suite, struct ic_bytes confirmed,
                         struct ic_bytes confirmation_tag)
{
    uint8_t header[IC_MLS_HEADER_MAX];
    struct ic_writer h = ic_writer_of(header, sizeof header);

    ic_mls_write_size(&h, confirmation_tag.len);
    const struct ic_bytes parts[] = {confirmed, ic_written(&h), confirmation_tag};
    ic_hash(interim, suite->hash, parts, IC_COUNT(parts));
}

void ic_mls_confirmation_tag(uint8_t *tag, const struct ic_mls_epoch *epoch,
                             struct ic_bytes confirmed)
{
    struct ic_bytes key = {epoch->confirmation_key, ic_mls_secret_len(epoch->suite)};
    ic_mls_mac(tag, epoch->suite, key, &confirmed, 1);
}

enum ic_err ic_mls_confirmation_check(const struct ic_mls_epoch *epoch, struct ic_bytes confirmed,
                                      struct ic_bytes tag)
{
    uint8_t want[IC_HASH_MAX];
    ic_mls_confirmation_tag(want, epoch, confirmed);
    bool same =
        tag.len == ic_mls_secret_len(epoch->suite) && ic_secret_equal(want, tag.at, tag.len);
    return same ? IC_OK : IC_ERR_FORGED;
}
