/* core.h - inside the core: the epochs that are alive and the keys made from them (RFC 9605 section
 * 5.2). An epoch brings one base key; the key of a member's stream is made when it is first needed.
 *
 * Receiving and sending go apart: a new epoch opens frames at once, the ones before it for some
 * time more, and sealing moves to it when the caller says so. */
#pragma once

#include "e2ee/counter.h"
#include "e2ee/e2ee.h"
#include "e2ee/frame_key.h"
#include "e2ee/replay.h"

enum { IC_EPOCHS_ALIVE = 16 }; /* at most; a burst of joins needs several */

struct ic_member_keys {
    struct ic_frame_key of[IC_STREAMS];
};

struct ic_epoch {
    bool installed;
    uint64_t number;
    int64_t expires; /* INT64_MAX: the newest */
    uint8_t base_key[IC_BASE_KEY_LEN];
    struct ic_member_keys **members;    /* by leaf index; made when needed */
    uint64_t left[IC_MEMBERS_MAX / 64]; /* a bit each: no key is made any more */
};

struct ic_e2ee {
    struct ic_epoch epochs[IC_EPOCHS_ALIVE]; /* by number modulo their count */
    uint64_t newest;
    bool sealing; /* with the epoch `sending`, whose keys are `own` */
    uint64_t sending;
    uint64_t generation; /* leases of another are void */
    bool held;           /* nothing may be sealed */
    uint64_t serials;    /* installations of keys so far */
    struct ic_frame_key own[IC_STREAMS];
    struct ic_counter counters[IC_STREAMS];
    struct ic_replay sounds; /* of all slots: a voice that is in two is heard once */
};

/* The key with this id, or NULL: no such epoch is alive, or there is no memory. Never more than
 * one; nothing is tried. */
struct ic_frame_key *ic_core_find_key(struct ic_e2ee *core, struct ic_key_id id, int64_t now);

/* The same by the serial number of its installation. */
struct ic_frame_key *ic_core_key_of_serial(struct ic_e2ee *core, uint64_t serial);

/* A block of counters of the epoch that seals and the key they are for, which lives until sealing
 * moves to another. IC_ERR_NOT_FOUND: none seals yet. IC_ERR_EXHAUSTED. */
enum ic_err ic_core_lease(struct ic_e2ee *core, enum ic_stream stream,
                          struct ic_counter_lease *lease,
                          const struct ic_frame_key **key) IC_CHECKED;
