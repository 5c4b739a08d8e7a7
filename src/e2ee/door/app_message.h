/* app_message.h - what members tell each other inside the group: the contents of MLS application
 * messages, which are sealed and signed by the sender's leaf.
 *
 * One byte for the type, then its fields. Whether the sender may is for state.h to say. */
#pragma once

#include "base/stream.h"
#include "crypto/hash.h"
#include "e2ee/door/link.h"

enum {
    IC_DOOR_CHAT_MAX = 2000, /* characters */
    IC_DOOR_APP_MAX = 1 + 4 + 4 * IC_DOOR_CHAT_MAX,
};

enum ic_door_app_type {
    IC_DOOR_APP_ANNOUNCEMENT = 1,
    IC_DOOR_APP_HEARTBEAT = 2,
    IC_DOOR_APP_CHAT = 3,
    IC_DOOR_APP_ADMIT_KEY = 4,
    IC_DOOR_APP_REJECT = 5,
    IC_DOOR_APP_MUTE_REQUEST = 6,
    IC_DOOR_APP_HAND = 7,
    IC_DOOR_APP_COMPARE = 8,
    IC_DOOR_APP_SEND_BACK = 9,
};

enum ic_door_announced {
    IC_DOOR_HAND_UP = 1,
    IC_DOOR_MUTED = 2,
    IC_DOOR_AWAY = 4,
    IC_DOOR_ASKS_TO_SHARE = 8,
    IC_DOOR_ANNOUNCED = 15,
};

enum ic_door_comparison { IC_DOOR_COMPARE_ASKED, IC_DOOR_COMPARE_SAME, IC_DOOR_COMPARE_DIFFERENT };

/* Views over what it was read from. The type says which of the union is meant. */
struct ic_door_app_message {
    enum ic_door_app_type type;
    union {
        struct {
            uint32_t number; /* the sender's; a lower one than the last is old */
            uint8_t streams; /* live ones, a bit for each enum ic_stream */
            uint8_t flags;   /* enum ic_door_announced */
        } announcement;
        struct {
            uint64_t epoch;
            struct ic_bytes authenticator; /* of the epoch; at most IC_HASH_MAX */
        } heartbeat;
        struct ic_bytes chat; /* checked: ic_door_is_text() */
        struct {
            uint64_t epoch;         /* that the commit would have ended */
            uint8_t rule;           /* enum ic_door_rule */
            struct ic_bytes commit; /* SHA-256 of the message that is refused */
        } reject;
        struct {
            struct ic_bytes participant; /* IC_PARTICIPANT_LEN */
            uint8_t streams;
        } mute;
        struct {
            struct ic_bytes participant; /* oneself, or whose hand a right-holder takes down */
            bool up;
        } hand;
        struct ic_bytes admit_key; /* X-Wing public, of the sender */
        struct {
            uint64_t epoch; /* whose words */
            uint8_t said;   /* enum ic_door_comparison */
        } compare;
        struct ic_bytes sent_back; /* IC_PARTICIPANT_LEN: who is to wait again */
    };
};

/* All of `bytes` or IC_ERR_MALFORMED. IC_ERR_NOT_FOUND: a type of a later version; ignore it. */
enum ic_err ic_door_app_read(struct ic_door_app_message *out, struct ic_bytes bytes) IC_CHECKED;
/* A `w` goes bad when it is too small or the message is not one that could be read. */
void ic_door_app_write(struct ic_writer *w, const struct ic_door_app_message *message);
