/* labeled.h - the labelled HKDF of RFC 9180 section 4, which keeps every use of a key apart. */
#pragma once

#include "crypto/hkdf.h"

/* The function, and the suite that its inputs are bound to: "KEM" or "HPKE" and the numbers. */
struct ic_labeled {
    enum ic_hash hash;
    uint8_t suite_id[10];
    size_t suite_id_len;
};

void ic_labeled_extract(uint8_t *prk, const struct ic_labeled *kdf, struct ic_bytes salt,
                        const char *label, struct ic_bytes secret);

/* `prk` has ic_hash_len(kdf->hash) bytes; the info comes in at most three parts, read as one. `len`
 * is at most ic_hkdf_max(kdf->hash). */
enum { IC_LABELED_PARTS = 3 };
void ic_labeled_expand(uint8_t *out, size_t len, const struct ic_labeled *kdf, const uint8_t *prk,
                       const char *label, const struct ic_bytes *info, size_t count);
