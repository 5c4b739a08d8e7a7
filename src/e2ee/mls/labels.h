/* labels.h - signatures and encryption to a public key, bound to what they are for by a label (RFC
 * 9420 section 5.1).
 *
 * A label is text without the "MLS 1.0 " that goes in front. Contents to sign may come in parts
 * that are read as one. */
#pragma once

#include "crypto/suite.h"

/* The errors are those of signature.h, and IC_ERR_SYSTEM also when there is no memory for the
 * labelled contents. */
enum ic_err ic_mls_sign(uint8_t signature[IC_SIGNATURE_MAX], size_t *len,
                        const struct ic_suite *suite, struct ic_bytes private_key,
                        const char *label, const struct ic_bytes *parts, size_t count) IC_CHECKED;
enum ic_err ic_mls_verify(const struct ic_suite *suite, struct ic_bytes public_key,
                          const char *label, const struct ic_bytes *parts, size_t count,
                          struct ic_bytes signature) IC_CHECKED;

/* EncryptWithLabel: HPKE with the label and `context` as its info. `kem_output` gets
 * ic_kem_lengths().enc_len bytes and `ciphertext` plain.len + IC_CIPHER_TAG_LEN. The errors are
 * those of hpke.h, and IC_ERR_SYSTEM also when there is no memory. */
enum ic_err ic_mls_encrypt(uint8_t *ciphertext, uint8_t *kem_output, const struct ic_suite *suite,
                           struct ic_bytes public_key, const char *label, struct ic_bytes context,
                           struct ic_bytes plain) IC_CHECKED;
/* The same in two steps: to many, `context` is hashed once. */
struct ic_mls_encryption {
    uint8_t digest[IC_HASH_MAX]; /* of label and context */
};
enum ic_err ic_mls_encryption_of(struct ic_mls_encryption *out, const struct ic_suite *suite,
                                 const char *label, struct ic_bytes context) IC_CHECKED;
enum ic_err ic_mls_encrypt_to(uint8_t *ciphertext, uint8_t *kem_output,
                              const struct ic_suite *suite, const struct ic_mls_encryption *how,
                              struct ic_bytes public_key, struct ic_bytes plain) IC_CHECKED;
/* Writes ciphertext.len - IC_CIPHER_TAG_LEN bytes. IC_ERR_MALFORMED when shorter than a tag. */
enum ic_err ic_mls_decrypt(uint8_t *plain, const struct ic_suite *suite,
                           struct ic_bytes private_key, const char *label, struct ic_bytes context,
                           struct ic_bytes kem_output, struct ic_bytes ciphertext) IC_CHECKED;
