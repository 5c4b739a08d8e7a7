/* wishes.h - what this person wants of the group, until a commit makes it true. */
#pragma once

#include "base/base.h"
#include "crypto/signature.h"
#include "e2ee/door/invite.h"
#include "e2ee/door/link.h"
#include "e2ee/e2ee.h"
#include "e2ee/mls/message.h"

struct ic_conference;
struct ic_ordering;

enum { IC_WISHES_MAX = 256 };

enum ic_wish_type {
    IC_WISH_REMOVE,       /* a right-holder takes somebody out */
    IC_WISH_LINK,         /* a new link */
    IC_WISH_LOCK,         /* value */
    IC_WISH_WAITING_ROOM, /* value */
    IC_WISH_STRAIGHT_IN,  /* value */
    IC_WISH_PASSCODE,     /* value: there is to be one; `passcode_key` */
    IC_WISH_INVITE,       /* the first bytes of `participant` are its salt */
    IC_WISH_WITHDRAW,     /* value: its number */
    IC_WISH_EVERYONE,     /* value: enum ic_door_capability, of all who have no say in it */
    IC_WISH_ALLOW,        /* value: the same, of one member */
    IC_WISH_TITLE,        /* in place of a key package */
    IC_WISH_SHOW_TITLE,   /* value */
    IC_WISH_GRANT,        /* value: rights */
    IC_WISH_SEND_BACK,    /* a right-holder has somebody wait again */
    IC_WISH_VANISHED,     /* somebody is gone */
    IC_WISH_RETURN,       /* somebody comes back, with `key_package`; value: from which epoch */
    IC_WISH_ADD,          /* somebody is let in, with `key_package`; value: number of its invite */
    IC_WISH_REKEY,
    IC_WISHES,
};
struct ic_wish {
    struct ic_wish *next;
    enum ic_wish_type type;
    unsigned value;
    uint8_t participant[IC_PARTICIPANT_LEN]; /* whom it is about */
    uint8_t member[IC_SIGNATURE_PUBLIC_MAX]; /* his leaf's signature key: leaves are used again */
    size_t member_len;
    uint8_t passcode_key[IC_DOOR_PSK_LEN];
    struct ic_mls_message key_package; /* or the title */
    int64_t not_before;
    bool unasked; /* nobody decided it: only while the door is free for whom it lets in */
};
static inline struct ic_bytes ic_wish_member(const struct ic_wish *wish)
{
    return (struct ic_bytes){wish->member, wish->member_len};
}
static inline struct ic_bytes ic_wish_passcode(const struct ic_wish *wish)
{
    return (struct ic_bytes){wish->passcode_key, wish->value ? sizeof wish->passcode_key : 0};
}
static inline struct ic_bytes ic_wish_salt(const struct ic_wish *wish)
{
    return (struct ic_bytes){wish->participant, IC_DOOR_INVITE_SALT_LEN};
}

enum ic_err ic_wish(struct ic_conference *c, const struct ic_wish *wish, int64_t now) IC_CHECKED;
/* Without doing anything about it yet: another comes, and both go together. Takes the key package,
 * also when it fails. */
enum ic_err ic_wish_keep(struct ic_conference *c, const struct ic_wish *wish) IC_CHECKED;
/* From when on it may be in a commit. */
int64_t ic_wish_due(const struct ic_ordering *o, const struct ic_wish *wish);
/* Wipes its keys. */
void ic_wish_free(struct ic_wish *wish);
/* Drops the wishes that came true or cannot any more. */
void ic_wishes_prune(struct ic_conference *c);
/* All of a type. */
void ic_wishes_drop(struct ic_conference *c, enum ic_wish_type type);
/* Somebody is not there any more: whoever comes first takes it out. */
enum ic_err ic_vanished(struct ic_conference *c, unsigned leaf, int64_t now) IC_CHECKED;
