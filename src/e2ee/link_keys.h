/* link_keys.h - the source of all keys in this stage: the link secret, through HKDF-SHA-256.
 *
 * Whoever has the link can derive every key here, also later and from recorded traffic. MLS will
 * replace this file and nothing else: a base key will then be exported from a group's epoch. */
#pragma once

#include "e2ee/e2ee.h"
#include "e2ee/key_id.h"
#include "e2ee/sframe.h"

enum { IC_ANNOUNCEMENT_KEY_LEN = 16 };

struct ic_link_keys {
    uint8_t secret[IC_LINK_SECRET_LEN];
    uint8_t meeting[IC_MEETING_LEN];
};

void ic_link_keys_init(struct ic_link_keys *keys, const uint8_t secret[IC_LINK_SECRET_LEN],
                       const uint8_t meeting[IC_MEETING_LEN]);
void ic_link_keys_clear(struct ic_link_keys *keys);

/* The caller wipes what these write. */
void ic_link_announcement_key(const struct ic_link_keys *keys,
                              uint8_t out[IC_ANNOUNCEMENT_KEY_LEN]);
void ic_link_base_key(const struct ic_link_keys *keys, uint8_t out[IC_SFRAME_BASE_KEY_LEN],
                      const uint8_t nonce[IC_EPOCH_NONCE_LEN], struct ic_key_id id);
