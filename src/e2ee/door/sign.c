/* sign.c - labelled signatures over a digest. */
#include "e2ee/door/sign.h"

#include "crypto/hash.h"
#include "e2ee/mls/codec.h"

enum { LABEL_MAX = 60, CONTENT_MAX = IC_MLS_HEADER_MAX + LABEL_MAX + IC_SHA256_LEN };

static bool scheme_of(enum ic_signature *scheme, struct ic_bytes public_key)
{
    static const enum ic_signature ALL[] = {
        IC_SIGNATURE_ED25519,    IC_SIGNATURE_ED448,      IC_SIGNATURE_ECDSA_P256,
        IC_SIGNATURE_ECDSA_P384, IC_SIGNATURE_ECDSA_P521,
    };
    for (size_t i = 0; i < IC_COUNT(ALL); i++)
        if (ic_signature_lengths(ALL[i]).public_len == public_key.len) {
            *scheme = ALL[i];
            return true;
        }
    return false;
}

bool ic_door_is_key(struct ic_bytes public_key)
{
    enum ic_signature scheme;
    return scheme_of(&scheme, public_key);
}

static struct ic_bytes labelled(uint8_t content[CONTENT_MAX], const char *label,
                                const struct ic_bytes *parts, size_t count)
{
    struct ic_writer w = ic_writer_of(content, CONTENT_MAX);
    uint8_t digest[IC_SHA256_LEN];

    ic_hash(digest, IC_HASH_SHA256, parts, count);
    ic_mls_write_vector(&w, ic_bytes_of_text(label));
    ic_write_bytes(&w, (struct ic_bytes){digest, sizeof digest});
    return ic_written(&w);
}

enum ic_err ic_door_sign(uint8_t signature[IC_SIGNATURE_MAX], size_t *len,
                         const struct ic_door_pair *key, const char *label,
                         const struct ic_bytes *parts, size_t count)
{
    uint8_t content[CONTENT_MAX];
    enum ic_signature scheme;

    if (!scheme_of(&scheme, key->public_key))
        return IC_ERR_MALFORMED;
    return ic_signature_sign(signature, len, scheme, key->private_key,
                             labelled(content, label, parts, count));
}

enum ic_err ic_door_verify(struct ic_bytes public_key, const char *label,
                           const struct ic_bytes *parts, size_t count, struct ic_bytes signature)
{
    uint8_t content[CONTENT_MAX];
    enum ic_signature scheme;

    if (!scheme_of(&scheme, public_key))
        return IC_ERR_MALFORMED;
    return ic_signature_verify(scheme, public_key, labelled(content, label, parts, count),
                               signature);
}
