/* signature.h - the signatures of RFC 9420 section 5.1: Ed25519, Ed448 and ECDSA on three curves.
 *
 * Public keys are raw: RFC 8032 for the Edwards curves, an uncompressed point for ECDSA. Private
 * keys are the seed of RFC 8032 or the scalar, of fixed length. ECDSA signatures are DER, so their
 * length varies. */
#pragma once

#include "base/base.h"

/* The values are those of the TLS SignatureScheme registry (RFC 8446 section 4.2.3). */
enum ic_signature {
    IC_SIGNATURE_ECDSA_P256 = 0x0403, /* with SHA-256 */
    IC_SIGNATURE_ECDSA_P384 = 0x0503, /* with SHA-384 */
    IC_SIGNATURE_ECDSA_P521 = 0x0603, /* with SHA-512 */
    IC_SIGNATURE_ED25519 = 0x0807,
    IC_SIGNATURE_ED448 = 0x0808,
};
enum { IC_SIGNATURE_PUBLIC_MAX = 133, IC_SIGNATURE_PRIVATE_MAX = 66, IC_SIGNATURE_MAX = 139 };

struct ic_signature_lengths {
    size_t public_len, private_len;
    size_t signature_max; /* exact for the Edwards curves */
};

/* All zero for a value that is not in the list. */
struct ic_signature_lengths ic_signature_lengths(enum ic_signature scheme);

/* Can this build do it? */
bool ic_signature_available(enum ic_signature scheme);

/* Errors of all: IC_ERR_NOT_FOUND for a scheme that is not in the list or not available;
 * IC_ERR_MALFORMED for a key of another length or off the curve; IC_ERR_SYSTEM. On error outputs
 * are zeroed or untouched. */

enum ic_err ic_signature_generate(uint8_t *private_key, uint8_t *public_key,
                                  enum ic_signature scheme) IC_CHECKED;

/* The public key that belongs to a private one: how a pair is made again from its seed. */
enum ic_err ic_signature_public(uint8_t *public_key, enum ic_signature scheme,
                                struct ic_bytes private_key) IC_CHECKED;

/* Is this a public key that could have signed? */
enum ic_err ic_signature_check_public(enum ic_signature scheme,
                                      struct ic_bytes public_key) IC_CHECKED;

/* `signature` has room for signature_max bytes; `len` gets what was written. */
enum ic_err ic_signature_sign(uint8_t *signature, size_t *len, enum ic_signature scheme,
                              struct ic_bytes private_key, struct ic_bytes message) IC_CHECKED;

/* IC_ERR_FORGED when the signature is not that of the key over the message. */
enum ic_err ic_signature_verify(enum ic_signature scheme, struct ic_bytes public_key,
                                struct ic_bytes message, struct ic_bytes signature) IC_CHECKED;
