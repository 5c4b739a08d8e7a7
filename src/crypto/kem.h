/* kem.h - key encapsulation: a public key becomes a shared secret and the bytes that let the owner
 * of the private key find the same secret.
 *
 * DHKEM of RFC 9180 section 4.1 over five curves, and the hybrid X-Wing (ML-KEM-768 with X25519,
 * draft-connolly-cfrg-xwing-kem), which stays secret as long as either half does. Keys and
 * encapsulations are in the serialisation of RFC 9180 section 7.1; a private key of X-Wing is its
 * seed. Lengths of what comes in are checked, so peer bytes may be passed as they are. */
#pragma once

#include "base/base.h"

/* The values are those of the KEM registry of RFC 9180 section 7.1. */
enum ic_kem {
    IC_KEM_P256 = 0x0010,
    IC_KEM_P384 = 0x0011,
    IC_KEM_P521 = 0x0012,
    IC_KEM_X25519 = 0x0020,
    IC_KEM_X448 = 0x0021,
    IC_KEM_XWING = 0x647a,
};
enum {
    IC_KEM_PUBLIC_MAX = 1216, /* X-Wing */
    IC_KEM_PRIVATE_MAX = 66,  /* P-521 */
    IC_KEM_ENC_MAX = 1120,    /* X-Wing */
    IC_KEM_SHARED_MAX = 64,
    IC_KEM_RANDOM_MAX = 66,
};

struct ic_kem_lengths {
    size_t public_len, private_len;
    size_t enc_len;    /* an encapsulation */
    size_t shared_len; /* a shared secret */
    size_t random_len; /* what ic_kem_encap_from() takes, and the least that derivation takes */
};

/* All zero for a value that is not in the list. */
struct ic_kem_lengths ic_kem_lengths(enum ic_kem kem);

/* Can this build do it, here and now? Without it the functions below answer IC_ERR_NOT_FOUND. */
bool ic_kem_available(enum ic_kem kem);

/* All write exactly the lengths above. Errors of all: IC_ERR_NOT_FOUND as said; IC_ERR_MALFORMED
 * for a key or an encapsulation of another length, off the curve, or that gives a zero secret;
 * IC_ERR_SYSTEM when the library refuses. On error the outputs are zeroed or untouched. */

enum ic_err ic_kem_generate(uint8_t *private_key, uint8_t *public_key, enum ic_kem kem) IC_CHECKED;

/* The same `ikm` gives the same pair (RFC 9180 section 7.1.3). It must be secret, and at least
 * random_len bytes of entropy; its length is not checked, except that it is not empty. */
enum ic_err ic_kem_derive(uint8_t *private_key, uint8_t *public_key, enum ic_kem kem,
                          struct ic_bytes ikm) IC_CHECKED;

/* The public key that belongs to a private one. */
enum ic_err ic_kem_public(uint8_t *public_key, enum ic_kem kem,
                          struct ic_bytes private_key) IC_CHECKED;

/* Is this a public key that an encapsulation would take? */
enum ic_err ic_kem_check_public(enum ic_kem kem, struct ic_bytes public_key) IC_CHECKED;

enum ic_err ic_kem_encap(uint8_t *shared, uint8_t *enc, enum ic_kem kem,
                         struct ic_bytes public_key) IC_CHECKED;
enum ic_err ic_kem_decap(uint8_t *shared, enum ic_kem kem, struct ic_bytes enc,
                         struct ic_bytes private_key) IC_CHECKED;

/* As above, with the randomness given: random_len bytes. For published vectors; two encapsulations
 * from the same randomness are linkable. */
enum ic_err ic_kem_encap_from(uint8_t *shared, uint8_t *enc, enum ic_kem kem,
                              struct ic_bytes public_key, struct ic_bytes randomness) IC_CHECKED;

/* With the sender's key mixed in, so that the receiver knows who encapsulated. Not for X-Wing:
 * IC_ERR_NOT_FOUND. `randomness` empty: fresh from the system. */
enum ic_err ic_kem_auth_encap(uint8_t *shared, uint8_t *enc, enum ic_kem kem,
                              struct ic_bytes public_key, struct ic_bytes sender_private_key,
                              struct ic_bytes randomness) IC_CHECKED;
enum ic_err ic_kem_auth_decap(uint8_t *shared, enum ic_kem kem, struct ic_bytes enc,
                              struct ic_bytes private_key,
                              struct ic_bytes sender_public_key) IC_CHECKED;
