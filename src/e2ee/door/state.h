/* state.h - the rules of this meeting, which every member holds: GroupContext extension 0xF1C2.
 *
 * Only a right-holder's commit changes it (validity.h). Each state names the hash of the one
 * before, so two changes at once cannot both hold; who lost wishes again on the winner's. */
#pragma once

#include "e2ee/door/grant.h"
#include "e2ee/door/invite.h"
#include "e2ee/door/link.h"
#include "e2ee/mls/extension.h"

enum {
    IC_DOOR_STATE_EXTENSION = 0xf1c2,
    IC_DOOR_STATE_MAX = 65536, /* bytes */
    IC_DOOR_STATE_HASH_LEN = 32,
    IC_DOOR_LINES_MAX = 64, /* changes to the preset */
    IC_DOOR_NAMED_MAX = 64, /* members with capabilities of their own */
};

enum ic_door_state_flag {
    IC_DOOR_WAITING_ROOM = 1,
    IC_DOOR_LOCKED = 2,
    IC_DOOR_PASSCODE = 4,
    IC_DOOR_WORDS_BEFORE_TALK = 8,
    IC_DOOR_TITLE_SHOWN = 16,         /* to who waits, by the front card */
    IC_DOOR_INVITED_STRAIGHT_IN = 32, /* also with the waiting room on */
    IC_DOOR_STATE_FLAGS = 63,
};

/* ACC-13. Receivers enforce them. */
enum ic_door_capability {
    IC_DOOR_MAY_SPEAK = 1 << 0,
    IC_DOOR_MAY_VIDEO = 1 << 1,
    IC_DOOR_MAY_SHARE = 1 << 2,
    IC_DOOR_MAY_CHAT = 1 << 3,
    IC_DOOR_MAY_CHAT_TO_HOST = 1 << 4,
    IC_DOOR_MAY_SEND_FILES = 1 << 5,
    IC_DOOR_MAY_DRAW = 1 << 6,
    IC_DOOR_MAY_POLL = 1 << 7,
    IC_DOOR_MAY_RECORD = 1 << 8,
    IC_DOOR_MAY_LINK = 1 << 9, /* an address in the chat may be pressed */
    IC_DOOR_CAPABILITIES = (1 << 10) - 1,
};

/* Views over what it was read from, or over what the caller put there to be written. */
struct ic_door_state {
    uint64_t version;         /* 1, then one more with each change */
    struct ic_bytes previous; /* IC_DOOR_STATE_HASH_LEN; zeros in version 1 */
    struct ic_bytes root_key; /* IC_DOOR_ROOT_LEN */
    uint8_t flags;            /* enum ic_door_state_flag */
    uint32_t link_version;    /* 1, then one more with each replacement */
    uint16_t least_strength_bits;
    bool least_post_quantum;
    uint16_t preset;
    struct ic_bytes lines;        /* checked: a key in two bytes and a value in four, keys rising */
    uint16_t everyone;            /* enum ic_door_capability */
    struct ic_bytes named;        /* checked: struct ic_door_named one behind the other */
    struct ic_bytes grants;       /* checked */
    struct ic_bytes recorder;     /* a leaf signature key, or empty */
    struct ic_bytes passcode_key; /* IC_DOOR_PSK_LEN exactly with the flag, or empty. Who enters
                                     learns it by its Welcome, who waits does not */
    struct ic_bytes invites;      /* checked: struct ic_door_invite one behind the other */
    struct ic_bytes title;        /* checked; empty: none */
    struct ic_bytes signer;       /* a leaf signature key */
    struct ic_bytes signature;
    struct ic_bytes signed_part;
    struct ic_bytes encoded;
};

/* What one member may do instead of what everyone may. */
struct ic_door_named {
    struct ic_bytes member; /* a leaf signature key, none twice */
    uint16_t capabilities;
};
bool ic_door_named_next(struct ic_reader *list, struct ic_door_named *out);
void ic_door_write_named(struct ic_writer *w, const struct ic_door_named *named);

/* The extension's data. */
void ic_door_read_state(struct ic_reader *r, struct ic_door_state *out);

/* Signs and writes. `key` is the pair of `state->signer`; a group's id is the meeting's.
 * IC_ERR_MALFORMED: not a state that could be read. IC_ERR_FULL when `w` is too small; else the
 * errors of ic_door_sign(). */
enum ic_err ic_door_write_state(struct ic_writer *w, const struct ic_door_state *state,
                                struct ic_bytes group_id,
                                const struct ic_door_pair *key) IC_CHECKED;

/* The state in a GroupContext's extensions. IC_ERR_NOT_FOUND, IC_ERR_MALFORMED. */
enum ic_err ic_door_state_of(struct ic_door_state *out, struct ic_bytes extensions) IC_CHECKED;

void ic_door_state_hash(uint8_t hash[IC_DOOR_STATE_HASH_LEN], struct ic_bytes encoded);

/* Is it signed for this group by the key that it names? IC_ERR_FORGED. */
enum ic_err ic_door_state_verify_signature(const struct ic_door_state *state,
                                           struct ic_bytes group_id) IC_CHECKED;

/* Is it signed for this group by the key that it names, a right-holder in its own grants, and do
 * these lead to its root key? Whether that is the right root is for the caller. IC_ERR_FORGED for
 * signatures, IC_ERR_FORBIDDEN for rights. */
enum ic_err ic_door_state_verify(const struct ic_door_state *state,
                                 struct ic_bytes group_id) IC_CHECKED;

/* What this member may do: all that there is, if it may change that. */
uint16_t ic_door_capabilities_of(const struct ic_door_state *state, struct ic_bytes member);
