/* derive.h - secrets from secrets, references and tags, where each use has a label of its own (RFC
 * 9420 sections 5.2, 8 and 9).
 *
 * A label is text without the "MLS 1.0 " that goes in front. A secret has as many bytes as the
 * suite's hash gives, unless said otherwise. */
#pragma once

#include "crypto/suite.h"

/* RFC 9420 calls it Nh. */
size_t ic_mls_secret_len(const struct ic_suite *suite);

/* ExpandWithLabel. `len` is at most ic_hkdf_max() and 65,535; `secret` may have any length. `out`
 * may be the memory of `secret`. */
void ic_mls_expand(uint8_t *out, size_t len, const struct ic_suite *suite, struct ic_bytes secret,
                   const char *label, struct ic_bytes context);

/* The same with the context in two parts. */
void ic_mls_expand_two(uint8_t *out, size_t len, const struct ic_suite *suite,
                       struct ic_bytes secret, const char *label, struct ic_bytes first,
                       struct ic_bytes second);

/* DeriveSecret: a secret from a secret. */
void ic_mls_derive(uint8_t *out, const struct ic_suite *suite, struct ic_bytes secret,
                   const char *label);

/* DeriveTreeSecret. */
void ic_mls_derive_tree(uint8_t *out, size_t len, const struct ic_suite *suite,
                        struct ic_bytes secret, const char *label, uint32_t generation);

/* KDF.Extract. `out` may be the memory of either. */
void ic_mls_extract(uint8_t *out, const struct ic_suite *suite, struct ic_bytes salt,
                    struct ic_bytes secret);

/* RefHash: the name by which others refer to a KeyPackage or Proposal. Here the label is whole. */
void ic_mls_ref_hash(uint8_t *out, const struct ic_suite *suite, const char *label,
                     struct ic_bytes value);

/* A MAC of the suite's hash over the parts joined. */
void ic_mls_mac(uint8_t *tag, const struct ic_suite *suite, struct ic_bytes key,
                const struct ic_bytes *parts, size_t count);
