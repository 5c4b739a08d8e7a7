/* state_now.h - the group's signed state. */
#pragma once

#include "base/base.h"

struct ic_conference;
struct ic_door_state;
struct ic_mls_message;

enum ic_err ic_state_now(const struct ic_conference *c, struct ic_door_state *out) IC_CHECKED;
bool ic_may(const struct ic_conference *c, struct ic_bytes member, uint8_t right);
/* What a commit is to change in it. */
enum { IC_AT_ONCE_MAX = 64 }; /* people of one commit */
struct ic_state_change {
    bool set_lock, locked;
    bool set_waiting_room, waiting_room;
    bool set_straight_in, straight_in; /* who has an invite */
    bool set_everyone;                 /* and nobody is an exception any more */
    uint16_t everyone;
    bool set_title;
    struct ic_bytes title;
    bool set_title_shown, title_shown;
    struct ic_bytes allowed; /* a member, or empty */
    uint16_t allowed_to;
    bool new_link;
    bool set_passcode;            /* alone: then the link stays, and only its version is new */
    struct ic_bytes passcode_key; /* or empty */
    struct ic_bytes member;       /* whose rights: empty for nobody's */
    uint8_t rights;
    struct ic_bytes invite_salt;              /* of a new invite, or empty */
    uint32_t withdrawn;                       /* an invite, or 0 */
    struct ic_bytes expelled[IC_AT_ONCE_MAX]; /* members whose invites go with them */
    size_t expelled_count;
    struct ic_invite_use {
        uint32_t invite;
        struct ic_bytes member;
    } uses[IC_AT_ONCE_MAX]; /* who comes in by which */
    size_t use_count;
};
/* All extensions of the group's context after that, on the heap. */
enum ic_err ic_state_changed(struct ic_conference *c, struct ic_mls_message *extensions,
                             const struct ic_state_change *change) IC_CHECKED;
