/* core.h - inside the core: the keys that are installed, and who owns them. */
#pragma once

#include "crypto/aead.h"
#include "e2ee/counter.h"
#include "e2ee/e2ee.h"
#include "e2ee/group_keys.h"
#include "e2ee/key_id.h"
#include "e2ee/link_keys.h"

enum { IC_RETIRED_NONCES = 256 };

struct ic_member_epoch {
    bool installed;
    struct ic_epoch epoch;
    int64_t expires; /* of an epoch that was followed by another */
    struct ic_frame_key keys[IC_STREAMS];
};

struct ic_member {
    struct ic_member_epoch current, previous;
};

struct ic_own_epoch {
    uint64_t generation; /* 0: none has begun; leases of another generation are void */
    unsigned index;
    struct ic_member_epoch keys;
    struct ic_counter counters[IC_STREAMS];
};

struct ic_e2ee {
    struct ic_link_keys source;
    struct ic_aead *announcements;
    struct ic_own_epoch own;
    struct ic_member *members[IC_MEMBERS_MAX];
    uint64_t serials;
    uint8_t retired[IC_RETIRED_NONCES][IC_EPOCH_NONCE_LEN]; /* a ring */
    uint64_t retired_count;
    struct ic_group_keys
        group; /* of a core made by ic_e2ee_new_for_group(): then the link's are none */
};

/* The installed key with this id, or NULL. Never more than one; nothing is tried. */
struct ic_frame_key *ic_core_find_key(struct ic_e2ee *core, struct ic_key_id id, int64_t now);

/* The same by the serial number of its installation. */
struct ic_frame_key *ic_core_key_of_serial(struct ic_e2ee *core, uint64_t serial);

/* Rises when sealing moves to other keys; 0: there are none yet. */
uint64_t ic_core_generation(const struct ic_e2ee *core);

/* A block of counters of the own epoch and the key they are for, which lives until the next epoch
 * begins. IC_ERR_NOT_FOUND: none has begun. IC_ERR_EXHAUSTED. */
enum ic_err ic_core_lease(struct ic_e2ee *core, enum ic_stream stream,
                          struct ic_counter_lease *lease,
                          const struct ic_frame_key **key) IC_CHECKED;
