/* invite.h - links for one person each, which can be withdrawn alone: what the group's state says
 * of them, for everybody, and their secrets, which only who made them can make again.
 *
 * A knock made with an invite is signed with a key of its secret. So every right-holder can open it
 * and see that it is genuine by the state, and nobody but who was invited can make one. */
#pragma once

#include "crypto/hash.h"
#include "e2ee/door/link.h"
#include "e2ee/door/sign.h"

enum {
    IC_DOOR_INVITES_MAX = 60, /* a card has room for their keys, and for the link's */
    IC_DOOR_INVITE_SALT_LEN = 8,
    IC_DOOR_INVITE_MAKER_LEN = 32,
    IC_DOOR_INVITE_SIGNER_LEN = 32, /* Ed25519, either key of the pair */
};

/* Views over what it was read from. Nothing in it lets anybody in: who was removed knows it too. */
struct ic_door_invite {
    uint32_t number;        /* no other of this group ever has it */
    struct ic_bytes maker;  /* a leaf signature key: who can show its fragment again */
    struct ic_bytes user;   /* a leaf signature key: who came in by it last; or empty */
    struct ic_bytes salt;   /* IC_DOOR_INVITE_SALT_LEN, for the maker */
    struct ic_bytes key;    /* IC_LINK_SECRET_LEN: card key, tag and pre-shared key come from it */
    struct ic_bytes signer; /* IC_DOOR_INVITE_SIGNER_LEN: knocks made with it are signed by this */
    struct ic_bytes admission; /* SHA-256 of the proof */
    struct ic_bytes encoded;
};

/* The secret of the invite with this salt, from one that only its maker has: the host's root seed,
 * or random bytes of another right-holder. */
void ic_door_invite_secret(uint8_t secret[IC_LINK_SECRET_LEN],
                           const uint8_t maker[IC_DOOR_INVITE_MAKER_LEN],
                           const uint8_t meeting[IC_MEETING_LEN], struct ic_bytes salt);

/* What every member knows, and what only who was invited can make: of the same secret. */
void ic_door_invite_key(uint8_t key[IC_LINK_SECRET_LEN], const uint8_t secret[IC_LINK_SECRET_LEN],
                        const uint8_t meeting[IC_MEETING_LEN]);
enum ic_err ic_door_invite_pair(uint8_t private_key[IC_DOOR_INVITE_SIGNER_LEN],
                                uint8_t public_key[IC_DOOR_INVITE_SIGNER_LEN],
                                const uint8_t secret[IC_LINK_SECRET_LEN],
                                const uint8_t meeting[IC_MEETING_LEN]) IC_CHECKED;

/* What follows from the secret. `bytes` holds what `invite` then points to. */
struct ic_door_invite_bytes {
    uint8_t key[IC_LINK_SECRET_LEN], signer[IC_DOOR_INVITE_SIGNER_LEN], admission[IC_SHA256_LEN];
};
enum ic_err ic_door_invite_fill(struct ic_door_invite *invite, struct ic_door_invite_bytes *bytes,
                                const uint8_t secret[IC_LINK_SECRET_LEN],
                                const uint8_t meeting[IC_MEETING_LEN]) IC_CHECKED;

void ic_door_write_invite(struct ic_writer *w, const struct ic_door_invite *invite);

/* Invites one behind the other, checked: numbers rise, at most IC_DOOR_INVITES_MAX. */
struct ic_bytes ic_door_read_invites(struct ic_reader *r);

/* Takes the next from the front of a checked list; false at its end. */
bool ic_door_invite_next(struct ic_reader *list, struct ic_door_invite *out);
bool ic_door_invite_find(struct ic_bytes invites, uint32_t number, struct ic_door_invite *out);
bool ic_door_invite_of_tag(struct ic_bytes invites, const uint8_t tag[IC_DOOR_TAG_LEN],
                           const uint8_t meeting[IC_MEETING_LEN], struct ic_door_invite *out);
