/* sign.h - signatures of the door, each bound to what it is for by a label.
 *
 * What is signed is label<V> and the SHA-256 of the content. The framing is that of RFC 9420
 * section 5.1.2 with labels that do not begin with "MLS 1.0 ", so that one key may sign for both.
 * A public key's length tells its scheme: 32 bytes Ed25519, 57 Ed448, 65, 97 and 133 ECDSA. */
#pragma once

#include "crypto/signature.h"

/* A pair, borrowed. */
struct ic_door_pair {
    struct ic_bytes public_key, private_key;
};

/* Could this be a public key at all? Says nothing about the point. */
bool ic_door_is_key(struct ic_bytes public_key);

/* The content may come in parts that are read as one, at most IC_DOOR_SIGNED_PARTS. Errors: those
 * of signature.h. */
enum { IC_DOOR_SIGNED_PARTS = 8 };
enum ic_err ic_door_sign(uint8_t signature[IC_SIGNATURE_MAX], size_t *len,
                         const struct ic_door_pair *key, const char *label,
                         const struct ic_bytes *parts, size_t count) IC_CHECKED;
enum ic_err ic_door_verify(struct ic_bytes public_key, const char *label,
                           const struct ic_bytes *parts, size_t count,
                           struct ic_bytes signature) IC_CHECKED;
