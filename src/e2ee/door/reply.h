/* reply.h - what a right-holder answers to a knock: sealed to the key in it, and signed. */
#pragma once

#include "e2ee/door/knock.h"

enum { IC_DOOR_REPLY_MAX = 4096, IC_DOOR_REPLY_PADDING = 512, IC_DOOR_QUESTION_MAX = 200 };

enum ic_door_reply_kind {
    IC_DOOR_REPLY_SOON = 1,       /* seen; you will be let in */
    IC_DOOR_REPLY_REFUSED = 2,    /* final */
    IC_DOOR_REPLY_QUESTION = 3,   /* answer with another knock */
    IC_DOOR_REPLY_KEYS = 4,       /* to an invite, and to who comes back and missed a change of
                                     the passcode: the keys of the link; the Welcome follows */
    IC_DOOR_REPLY_UNREADABLE = 5, /* wrong passcode or an old link. Signed, and readable by the
                                     server: there is no key to seal it to */
};

/* Views over what was opened, or what the caller put there to be sealed. */
struct ic_door_reply {
    enum ic_door_reply_kind kind;
    struct ic_bytes text;         /* of a question */
    uint32_t link_version;        /* of keys, and what follows */
    struct ic_bytes link_secret;  /* IC_LINK_SECRET_LEN */
    struct ic_bytes passcode_key; /* IC_DOOR_PSK_LEN, or empty: there is no passcode */
    struct ic_bytes signer;       /* a leaf signature key */
};

/* Seals to the key in the knock, and signs for {meeting, participant, the knock as it was sent}.
 * `reply_key` is empty for IC_DOOR_REPLY_UNREADABLE, else from the knock. */
enum ic_err ic_door_reply_seal(struct ic_writer *w, const struct ic_door_reply *reply,
                               const struct ic_door_knock_place *place,
                               struct ic_bytes sealed_knock, struct ic_bytes reply_key,
                               const struct ic_door_pair *key) IC_CHECKED;

/* Opens into `buffer`, of IC_DOOR_REPLY_MAX bytes, and verifies: the signer holds IC_DOOR_ADMIT in
 * `grants`, those of a verified card. IC_ERR_FORGED: for another knock or key, or changed;
 * IC_ERR_FORBIDDEN: of somebody without the right; IC_ERR_MALFORMED. Wipe the buffer. */
enum ic_err ic_door_reply_open(struct ic_door_reply *out, uint8_t *buffer, struct ic_bytes sealed,
                               const struct ic_door_knock_place *place,
                               struct ic_bytes sealed_knock, struct ic_bytes reply_private,
                               struct ic_bytes grants) IC_CHECKED;
