/* knockers.h - those who wait, as a right-holder keeps them. */
#pragma once

#include "base/base.h"
#include "crypto/kem.h"
#include "e2ee/e2ee.h"
#include "e2ee/mls/message.h"

struct ic_conference;
struct ic_door_knock;

/* How many wait at once: the places of a server that is not told otherwise. */
enum { IC_KNOCKS_MAX = 200 };

/* Somebody who waits, seen by a right-holder. */
struct ic_knocker {
    struct ic_knocker *next;
    uint8_t participant[IC_PARTICIPANT_LEN];
    struct ic_mls_message sealed, key_package;
    uint8_t reply_key[IC_KEM_PUBLIC_MAX];
    uint32_t invite; /* its number; 0: knocked with the link */
};

void ic_knockers_clear(struct ic_conference *c);
bool ic_knockers_full(const struct ic_conference *c);
/* NULL when it does not wait. */
struct ic_knocker *ic_knocker_of(struct ic_conference *c,
                                 const uint8_t participant[IC_PARTICIPANT_LEN]);
/* Who knocks again is kept once. */
enum ic_err ic_knocker_keep(struct ic_conference *c, const uint8_t participant[IC_PARTICIPANT_LEN],
                            struct ic_bytes sealed, const struct ic_door_knock *knock,
                            uint32_t invite) IC_CHECKED;
void ic_knocker_drop(struct ic_conference *c, const uint8_t participant[IC_PARTICIPANT_LEN]);
/* With another link version all have to knock again. */
void ic_knockers_expire(struct ic_conference *c);
