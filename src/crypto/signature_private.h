/* signature_private.h - what signature.c asks of a library. Nobody else includes this but the files
 * that answer. Lengths are right already and points of Ed25519 sound. */
#pragma once

#include "crypto/signature.h"

/* Of the two Edwards schemes. */
enum ic_err ic_edwards_public(uint8_t *public_key, enum ic_signature scheme,
                              const uint8_t *private_key) IC_CHECKED;

/* `len` comes with the room there is and leaves with what was written. */
enum ic_err ic_signature_make(uint8_t *signature, size_t *len, enum ic_signature scheme,
                              const uint8_t *private_key, struct ic_bytes message) IC_CHECKED;

/* IC_ERR_FORGED: not good. For Ed25519 by the equation without the cofactor, for S below the order
 * alone. */
enum ic_err ic_signature_check(enum ic_signature scheme, const uint8_t *public_key,
                               struct ic_bytes message, struct ic_bytes signature) IC_CHECKED;
