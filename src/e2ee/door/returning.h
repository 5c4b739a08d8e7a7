/* returning.h - coming back after a loss: a fresh key package, with the word of the old leaf's key.
 *
 * Any member may act on it. It is sealed under a key of the link, so the server cannot read it;
 * somebody else with the same link could, if the server gave it to them. */
#pragma once

#include "e2ee/door/knock.h"

enum { IC_DOOR_RETURNING_MAX = 8192, IC_DOOR_RETURNING_PADDING = 512 };

/* Views over what was opened, or what the caller put there to be sealed. */
struct ic_door_returning {
    uint64_t epoch;                /* the last one that it was in; 0 after a reload */
    struct ic_bytes key_package;   /* encoded */
    struct ic_bytes signature_key; /* of the old leaf, which is also the key package's */
    struct ic_bytes reply_key; /* X-Wing public, made for this: who missed a change of the passcode
                                  is told the new key */
};

enum ic_err ic_door_returning_seal(struct ic_writer *w, const struct ic_door_returning *returning,
                                   const struct ic_door_knock_place *place,
                                   const uint8_t psk[IC_DOOR_PSK_LEN],
                                   const struct ic_door_pair *key) IC_CHECKED;

/* The link version that it names: open it with that version's key. */
enum ic_err ic_door_returning_link_version(uint32_t *link_version,
                                           struct ic_bytes sealed) IC_CHECKED;

/* Opens into `buffer`, of IC_DOOR_RETURNING_MAX bytes, and verifies the signature. That the key is
 * one of the tree's, and the key package's own, is for the caller to find (and for validity.h to
 * insist on). IC_ERR_FORGED, IC_ERR_MALFORMED. */
enum ic_err ic_door_returning_open(struct ic_door_returning *out, uint8_t *buffer,
                                   struct ic_bytes sealed, const struct ic_door_knock_place *place,
                                   const uint8_t psk[IC_DOOR_PSK_LEN]) IC_CHECKED;
