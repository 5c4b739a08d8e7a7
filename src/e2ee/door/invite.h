/* invite.h - links for one person each, which can be withdrawn alone: what the group's state says
 * of them, for everybody, and their secrets, which only who made them can make again. */
#pragma once

#include "crypto/hash.h"
#include "e2ee/door/link.h"
#include "e2ee/door/sign.h"

enum {
    IC_DOOR_INVITES_MAX = 60, /* a card has room for their keys, and for the link's */
    IC_DOOR_INVITE_SALT_LEN = 8,
    IC_DOOR_INVITE_MAKER_LEN = 32,
};

/* Views over what it was read from. Nothing in it lets anybody in: who was removed knows it too. */
struct ic_door_invite {
    uint32_t number;           /* no other of this group ever has it */
    struct ic_bytes maker;     /* a leaf signature key: who can open knocks made with it */
    struct ic_bytes user;      /* a leaf signature key: who came in by it last; or empty */
    struct ic_bytes salt;      /* IC_DOOR_INVITE_SALT_LEN, for the maker */
    struct ic_bytes tag;       /* IC_DOOR_TAG_LEN */
    struct ic_bytes card_key;  /* IC_DOOR_CARD_KEY_LEN */
    struct ic_bytes admission; /* SHA-256 of the proof */
    struct ic_bytes encoded;
};

/* The secret of the invite with this salt, from one that only its maker has: the host's root seed,
 * or random bytes of another right-holder. */
void ic_door_invite_secret(uint8_t secret[IC_LINK_SECRET_LEN],
                           const uint8_t maker[IC_DOOR_INVITE_MAKER_LEN],
                           const uint8_t meeting[IC_MEETING_LEN], struct ic_bytes salt);

/* What follows from the secret. `bytes` holds what `invite` then points to. */
struct ic_door_invite_bytes {
    uint8_t tag[IC_DOOR_TAG_LEN], card_key[IC_DOOR_CARD_KEY_LEN], admission[IC_SHA256_LEN];
};
void ic_door_invite_fill(struct ic_door_invite *invite, struct ic_door_invite_bytes *bytes,
                         const uint8_t secret[IC_LINK_SECRET_LEN],
                         const uint8_t meeting[IC_MEETING_LEN]);

void ic_door_write_invite(struct ic_writer *w, const struct ic_door_invite *invite);

/* Invites one behind the other, checked: numbers rise, at most IC_DOOR_INVITES_MAX. */
struct ic_bytes ic_door_read_invites(struct ic_reader *r);

/* Takes the next from the front of a checked list; false at its end. */
bool ic_door_invite_next(struct ic_reader *list, struct ic_door_invite *out);
bool ic_door_invite_find(struct ic_bytes invites, uint32_t number, struct ic_door_invite *out);
bool ic_door_invite_of_tag(struct ic_bytes invites, const uint8_t tag[IC_DOOR_TAG_LEN],
                           struct ic_door_invite *out);
