/* labeled.c - labels around HKDF. */
#include "crypto/labeled.h"

#include <assert.h>

static const struct ic_bytes VERSION = {(const uint8_t *)"HPKE-v1", 7};

void ic_labeled_extract(uint8_t *prk, const struct ic_labeled *kdf, struct ic_bytes salt,
                        const char *label, struct ic_bytes secret)
{
    const struct ic_bytes parts[] = {
        VERSION, {kdf->suite_id, kdf->suite_id_len}, ic_bytes_of_text(label), secret};

    ic_hkdf_extract_with(prk, kdf->hash, salt, parts, IC_COUNT(parts));
}

void ic_labeled_expand(uint8_t *out, size_t len, const struct ic_labeled *kdf, const uint8_t *prk,
                       const char *label, const struct ic_bytes *info, size_t count)
{
    const uint8_t len_bytes[] = {(uint8_t)(len >> 8), (uint8_t)len};
    struct ic_bytes parts[4 + IC_LABELED_PARTS] = {{len_bytes, sizeof len_bytes},
                                                   VERSION,
                                                   {kdf->suite_id, kdf->suite_id_len},
                                                   ic_bytes_of_text(label)};

    assert(count <= IC_LABELED_PARTS);
    for (size_t i = 0; i < count; i++)
        parts[4 + i] = info[i];
    ic_hkdf_expand_with(out, len, kdf->hash, (struct ic_bytes){prk, ic_hash_len(kdf->hash)}, parts,
                        4 + count);
}
