/* knock.h - asking to be let in: a key package sealed to those who may admit.
 *
 * The pre-shared key of the link takes part, so only who has the link (and the passcode) can knock;
 * others who have it too cannot read a knock, because they have no admit key. An invite's is known
 * to every member, so who knocks with one signs with a key that only who was invited has. */
#pragma once

#include "e2ee/door/card.h"
#include "e2ee/door/invite.h"

enum {
    IC_DOOR_KNOCK_MAX = 16384,
    IC_DOOR_KNOCK_ID_LEN = 16,
    IC_DOOR_KNOCK_PADDING = 512,
    IC_DOOR_ANSWER_MAX = 200, /* characters */
};

/* Views over what was opened, or what the caller put there to be sealed. */
struct ic_door_knock {
    struct ic_bytes key_package; /* encoded; the profile is in its leaf. Not looked at here */
    struct ic_bytes reply_key;   /* X-Wing public, made for this knock */
    struct ic_bytes id;          /* IC_DOOR_KNOCK_ID_LEN random bytes */
    struct ic_bytes answer;      /* to a question of the right-holder, or empty */
};

/* What both ends know. */
struct ic_door_knock_place {
    const uint8_t *meeting;     /* IC_MEETING_LEN */
    const uint8_t *participant; /* IC_PARTICIPANT_LEN: the id that the server gave the knocker */
    uint32_t link_version;
};

/* A label and the place, which sealing binds to. */
enum { IC_DOOR_BOUND_MAX = 32 + IC_MEETING_LEN + IC_PARTICIPANT_LEN + 4 };
struct ic_bytes ic_door_bind(uint8_t bound[IC_DOOR_BOUND_MAX], const char *label,
                             const struct ic_door_knock_place *place);

/* The secret of the link or invite as the knock uses it. */
struct ic_door_knock_secret {
    uint8_t psk[IC_DOOR_PSK_LEN];
    uint8_t tag[IC_DOOR_TAG_LEN];
    bool invite; /* then the next two: both to seal, the public one to open */
    uint8_t signer_private[IC_DOOR_INVITE_SIGNER_LEN], signer_public[IC_DOOR_INVITE_SIGNER_LEN];
};

/* Seals to all `admit_keys` of a verified card. IC_ERR_FULL: longer than IC_DOOR_KNOCK_MAX, or no
 * room; else the errors of hpke.h. */
enum ic_err ic_door_knock_seal(struct ic_writer *w, const struct ic_door_knock *knock,
                               const struct ic_door_knock_place *place,
                               const struct ic_door_knock_secret *secret,
                               struct ic_bytes admit_keys) IC_CHECKED;

/* The tag that a knock names: look up its secret with it. */
enum ic_err ic_door_knock_tag(uint8_t tag[IC_DOOR_TAG_LEN], struct ic_bytes sealed) IC_CHECKED;

/* Opens with the private admit key into `buffer`, of IC_DOOR_KNOCK_MAX bytes, over which `out` then
 * is a view. IC_ERR_NOT_FOUND: made with another secret. IC_ERR_FORGED: not for this key, another
 * participant or link version, changed, not signed as its invite demands, or, most often, a wrong
 * passcode. IC_ERR_MALFORMED. */
enum ic_err ic_door_knock_open(struct ic_door_knock *out, uint8_t *buffer, struct ic_bytes sealed,
                               const struct ic_door_knock_place *place,
                               const struct ic_door_knock_secret *secret,
                               struct ic_bytes admit_private) IC_CHECKED;
