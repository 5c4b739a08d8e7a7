/* link_now.h - what follows from the link of the moment. */
#pragma once

#include "base/base.h"
#include "e2ee/door/link.h"
#include "e2ee/e2ee.h"
#include "e2ee/mls/psk.h"

struct ic_conference;

enum { IC_OLDER_PSKS = 4 };

/* The link as it is now; a replacement changes it. */
struct ic_link_now {
    bool secret_known; /* not by who came with an invite and saw no replacement yet */
    uint8_t secret[IC_LINK_SECRET_LEN];
    uint32_t version;
    bool passcode; /* the meeting has one, and this is its key: */
    uint8_t passcode_key[IC_DOOR_PSK_LEN];
    uint8_t psk[IC_DOOR_PSK_LEN];
    bool followed; /* we were in a group that had this version */
    /* The same link with the passcodes before, the newest first: for members who missed a change.
       Whoever was removed, was so with a link that is replaced, and then these are forgotten. */
    struct ic_older_psk {
        uint32_t version; /* 0: none */
        uint8_t psk[IC_DOOR_PSK_LEN];
    } older[IC_OLDER_PSKS];
};

void ic_link_now_set(struct ic_conference *c, const uint8_t secret[IC_LINK_SECRET_LEN],
                     uint32_t version);
/* Another passcode comes, or another link. */
void ic_link_keep_older(struct ic_conference *c);
void ic_link_forget_older(struct ic_conference *c);
/* The pre-shared key of this version, as long as the link is the same; or NULL. */
const uint8_t *ic_link_psk_of(const struct ic_conference *c, uint32_t version);
/* The key of a passcode, or empty for none; to be followed by ic_link_now_set(). */
void ic_link_passcode(struct ic_conference *c, struct ic_bytes key);
bool ic_link_find_psk(void *user, const struct ic_mls_psk_id *id, struct ic_bytes *secret);
struct ic_mls_psk_id ic_link_psk_id(const struct ic_conference *c,
                                    uint8_t buffer[IC_DOOR_LINK_PSK_ID_LEN]);
/* The card of the state as it is, and all admissions that are good by it: to be said by who changed
 * them. */
enum ic_err ic_conference_say_card(struct ic_conference *c) IC_CHECKED;
enum ic_err ic_conference_say_admissions(struct ic_conference *c) IC_CHECKED;
void ic_show_link(struct ic_conference *c);
