/* dh.h - Diffie-Hellman on five curves, in the raw key formats of RFC 9180 section 7.1.
 *
 * The ground of kem.h and of the ECDSA keys in signature.h. Callers pass bytes of exactly the
 * lengths given here. */
#pragma once

#include "base/base.h"

enum ic_dh { IC_DH_P256, IC_DH_P384, IC_DH_P521, IC_DH_X25519, IC_DH_X448 };
enum { IC_DH_PUBLIC_MAX = 133, IC_DH_PRIVATE_MAX = 66, IC_DH_SECRET_MAX = 66 };

/* Can this build do it? Without it the functions that compute answer IC_ERR_NOT_FOUND. */
bool ic_dh_available(enum ic_dh group);

size_t ic_dh_private_len(enum ic_dh group);
size_t ic_dh_public_len(enum ic_dh group);
size_t ic_dh_secret_len(enum ic_dh group);

/* IC_ERR_MALFORMED: a scalar that is zero or not below the order of its curve. */
enum ic_err ic_dh_public(uint8_t *public_key, enum ic_dh group,
                         const uint8_t *private_key) IC_CHECKED;
enum ic_err ic_dh_check_private(enum ic_dh group, const uint8_t *private_key) IC_CHECKED;
enum ic_err ic_dh_generate(uint8_t *private_key, uint8_t *public_key, enum ic_dh group) IC_CHECKED;

/* IC_ERR_MALFORMED: not an uncompressed point on the curve, or one that gives a zero secret. */
enum ic_err ic_dh_secret(uint8_t *secret, enum ic_dh group, const uint8_t *private_key,
                         const uint8_t *public_key) IC_CHECKED;
enum ic_err ic_dh_check_public(enum ic_dh group, const uint8_t *public_key) IC_CHECKED;
