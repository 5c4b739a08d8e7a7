/* card.h - the front card: what somebody with a link learns before entering, and to whose keys it
 * knocks. Signed, padded, and sealed so that the server cannot read it.
 *
 * One card serves the link and all invites: its content has a key of its own, which is sealed under
 * the card key of each. */
#pragma once

#include "e2ee/door/grant.h"
#include "e2ee/door/link.h"

enum {
    IC_DOOR_ADMIT_KEYS_MAX = 8,
    IC_DOOR_CARD_OPENERS_MAX = 64, /* card keys: of the link and of invites */
    IC_DOOR_CARD_SEALED_MAX = 16384,
    IC_DOOR_CARD_PADDING = 4096, /* a sealed card is a multiple of this long */
};

enum ic_door_card_flag {
    IC_DOOR_CARD_PASSCODE = 1,
    IC_DOOR_CARD_WAITING_ROOM = 2,
    IC_DOOR_CARD_LOCKED = 4,
    IC_DOOR_CARD_FLAGS = 7,
};

/* Views over what it was read from. */
struct ic_door_card {
    struct ic_bytes meeting, root_key;
    uint32_t link_version;
    uint16_t suite;             /* of the group */
    uint8_t flags;              /* enum ic_door_card_flag */
    struct ic_bytes title;      /* checked; empty: not shown */
    struct ic_bytes admit_keys; /* checked: struct ic_door_admit_key one behind the other */
    struct ic_bytes grants;     /* checked */
    struct ic_bytes signer;     /* empty: the host root key */
    struct ic_bytes signature;
    struct ic_bytes signed_part;
};

/* An X-Wing public key, and the leaf signature key of its owner. */
struct ic_door_admit_key {
    struct ic_bytes owner, key;
};
void ic_door_write_admit_key(struct ic_writer *w, const struct ic_door_admit_key *key);
bool ic_door_admit_key_next(struct ic_reader *list, struct ic_door_admit_key *out);

void ic_door_read_card(struct ic_reader *r, struct ic_door_card *out);

/* Signs and writes, with the pair of `card->signer` or of the root. IC_ERR_FULL when `w` is too
 * small; else the errors of ic_door_sign(). */
enum ic_err ic_door_write_card(struct ic_writer *w, const struct ic_door_card *card,
                               const struct ic_door_pair *key) IC_CHECKED;

/* Seals a written card to who has one of `count` card keys, 1 to IC_DOOR_CARD_OPENERS_MAX. A `w`
 * with IC_DOOR_CARD_SEALED_MAX bytes of room is enough, or IC_ERR_FULL. */
enum ic_err ic_door_card_seal(struct ic_writer *w, struct ic_bytes written,
                              const uint8_t meeting[IC_MEETING_LEN],
                              const uint8_t (*card_keys)[IC_DOOR_CARD_KEY_LEN],
                              size_t count) IC_CHECKED;

/* Opens into `buffer`, of IC_DOOR_CARD_SEALED_MAX bytes, over which `out` then is a view. Not yet
 * verified. IC_ERR_FORGED: another key, or changed; IC_ERR_MALFORMED. */
enum ic_err ic_door_card_open(struct ic_door_card *out, uint8_t *buffer, struct ic_bytes sealed,
                              const uint8_t meeting[IC_MEETING_LEN],
                              const uint8_t card_key[IC_DOOR_CARD_KEY_LEN]) IC_CHECKED;

/* Is it of the host that the link pins? Its root key has the pin, the grants lead to that key, who
 * signed is the root or holds IC_DOOR_SETTINGS, every admit key's owner holds IC_DOOR_ADMIT, and
 * none of them has run out at `now_ms`. IC_ERR_FORGED for pin and signatures, IC_ERR_FORBIDDEN for
 * rights. The server may have kept back a newer card of the same link. */
enum ic_err ic_door_card_verify(const struct ic_door_card *card,
                                const uint8_t meeting[IC_MEETING_LEN],
                                const uint8_t pin[IC_DOOR_PIN_LEN], uint64_t now_ms) IC_CHECKED;
