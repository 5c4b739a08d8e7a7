/* group_keys.h - inside the core: frame keys that come from the epochs of a group (RFC 9605 section
 * 5.2). An epoch brings one base key; the key of a member's stream is made when it is first needed.
 *
 * Receiving and sending go apart: a new epoch opens frames at once, the ones before it for some
 * time more, and sealing moves to it when the caller says so. */
#pragma once

#include "e2ee/counter.h"
#include "e2ee/e2ee.h"
#include "e2ee/frame_key.h"

enum { IC_GROUP_EPOCHS = 16 }; /* alive at once; a burst of joins needs several */

struct ic_group_member_keys {
    struct ic_frame_key of[IC_STREAMS];
};

struct ic_group_epoch {
    bool installed;
    uint64_t number;
    int64_t expires; /* INT64_MAX: the newest */
    uint8_t base_key[IC_SFRAME_BASE_KEY_LEN];
    struct ic_group_member_keys **members; /* by leaf index; made when needed */
};

struct ic_group_keys {
    bool on;
    struct ic_group_epoch epochs[IC_GROUP_EPOCHS]; /* by number modulo their count */
    uint64_t newest;
    bool sealing; /* with the epoch `sending`, whose keys are `own` */
    uint64_t sending;
    uint64_t generation; /* leases of another are void */
    bool held;           /* nothing may be sealed */
    uint64_t *serials;
    struct ic_frame_key own[IC_STREAMS];
    struct ic_counter counters[IC_STREAMS];
};

/* `serials` numbers the installations of keys of the whole core. */
void ic_group_keys_init(struct ic_group_keys *keys, uint64_t *serials);
void ic_group_keys_clear(struct ic_group_keys *keys);

/* NULL: no such epoch is alive, or there is no memory. */
struct ic_frame_key *ic_group_find_key(struct ic_group_keys *keys, struct ic_key_id id,
                                       int64_t now);
struct ic_frame_key *ic_group_key_of_serial(struct ic_group_keys *keys, uint64_t serial);
void ic_group_expire(struct ic_group_keys *keys, int64_t now);
