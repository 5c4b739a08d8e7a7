/* frame_key.h - inside the core: the key of one stream of one member in one epoch. */
#pragma once

#include "crypto/aead.h"
#include "e2ee/key_id.h"
#include "e2ee/sframe.h"

struct ic_frame_key {
    struct ic_aead *aead; /* NULL: none */
    struct ic_key_id id;
    uint8_t salt[IC_SFRAME_NONCE_LEN];
    uint64_t serial; /* of this installation; ids come round again, serials do not */
    uint64_t next;   /* one more than the newest authentic counter, of all receivers */
    uint64_t floor;  /* everything before it is old for a receiver that does not know the key */
};

/* RFC 9605 section 4.4.2. IC_ERR_SYSTEM: the library refused. */
enum ic_err ic_frame_key_init(struct ic_frame_key *out,
                              const uint8_t base_key[IC_SFRAME_BASE_KEY_LEN], struct ic_key_id id,
                              uint64_t serial) IC_CHECKED;
void ic_frame_key_clear(struct ic_frame_key *key);
