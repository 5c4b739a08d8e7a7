/* link.h - the part of an address after the '#', and what its secrets become.
 *
 *   guest   0x02 | link secret (32)   | SHA-256(host root public key) (32)
 *   host    0x03 | link secret (32)   | host root seed (32)
 *   invite  0x04 | invite secret (32) | SHA-256(host root public key) (32)
 *
 * in base64url, 87 characters. All of it is secret: never log it. The labels are in docs/door.md.
 * What these functions write is for the caller to wipe. */
#pragma once

#include "base/encode.h"
#include "crypto/kem.h"
#include "crypto/signature.h"
#include "e2ee/e2ee.h"

enum {
    IC_DOOR_FRAGMENT_LEN = 87, /* characters, without the terminating zero */
    IC_DOOR_PIN_LEN = 32,
    IC_DOOR_SEED_LEN = 32,
    IC_DOOR_ROOT_LEN = 32, /* an Ed25519 public key */
    IC_DOOR_PSK_LEN = 32,
    IC_DOOR_CARD_KEY_LEN = 16,
    IC_DOOR_INFO_KEY_LEN = 16,
    IC_DOOR_TAG_LEN = 8,
    IC_DOOR_HOST_PROOF_LEN = 32,
    IC_DOOR_LINK_PSK_ID_LEN = 13 + IC_MEETING_LEN + 4,
    IC_DOOR_PASSCODE_MAX = 128, /* characters */
    IC_DOOR_PASSCODE_ROUNDS = 600000,
};

/* The values are the first byte. */
enum ic_door_link_kind { IC_DOOR_LINK_GUEST = 2, IC_DOOR_LINK_HOST = 3, IC_DOOR_LINK_INVITE = 4 };

struct ic_door_link {
    enum ic_door_link_kind kind;
    uint8_t secret[IC_LINK_SECRET_LEN];
    uint8_t pin[IC_DOOR_PIN_LEN];        /* of a guest's link and an invite */
    uint8_t root_seed[IC_DOOR_SEED_LEN]; /* of the host's link */
};

/* What is wrong with a fragment. The page has a sentence for each. */
enum ic_door_link_fault {
    IC_DOOR_LINK_FINE,
    IC_DOOR_LINK_CUT,         /* incomplete, or changed on its way */
    IC_DOOR_LINK_FIRST_STAGE, /* version 1, of a meeting without a door: ask for a new link */
    IC_DOOR_LINK_UNKNOWN,     /* of a later version: reload the page */
};

/* `out` is untouched unless the answer is IC_DOOR_LINK_FINE. */
enum ic_door_link_fault ic_door_link_parse(struct ic_door_link *out, const char *text) IC_CHECKED;
/* The only spelling, and a zero. */
void ic_door_link_print(char text[IC_DOOR_FRAGMENT_LEN + 1], const struct ic_door_link *link);
void ic_door_link_clear(struct ic_door_link *link);

/* What the server asks for; it keeps the SHA-256 of it. Needs no meeting: the id is made later. */
void ic_door_admission_proof(uint8_t proof[IC_ADMISSION_PROOF_LEN],
                             const uint8_t secret[IC_LINK_SECRET_LEN]);

/* The passcode as a key, PBKDF2-HMAC-SHA-256 in IC_DOOR_PASSCODE_ROUNDS rounds: 0.1 s natively. Not
 * for a browser's module, which leaves for each round: there WebCrypto derives the same key, with
 * the salt of docs/door.md, and it is handed in. `passcode` is trimmed and in normalisation form C.
 * Who entered keeps this key, not the passcode: it is needed again after a replacement of the link.
 *
 * What it is worth: nothing on the wire lets who has the link try passcodes alone, since knocks
 * are sealed to keys that it has not, so each try is a knock that a right-holder sees. Who has both
 * the link and a right-holder's admit key can try recorded knocks. Then the rounds count: they make
 * a random passcode of eight letters and digits costly, and do not save four digits.
 *
 * IC_ERR_FORBIDDEN: blank (ACC-20). IC_ERR_MALFORMED: no UTF-8, not printable, or too long. */
enum ic_err ic_door_passcode_key(uint8_t key[IC_DOOR_PSK_LEN], struct ic_bytes passcode,
                                 const uint8_t meeting[IC_MEETING_LEN]) IC_CHECKED;

/* The pre-shared key of a link or an invite. `passcode_key` is empty when the meeting has none;
 * invites never have one. */
void ic_door_psk(uint8_t psk[IC_DOOR_PSK_LEN], const uint8_t secret[IC_LINK_SECRET_LEN],
                 const uint8_t meeting[IC_MEETING_LEN], struct ic_bytes passcode_key);

/* What opens the front card; the passcode is no part of it, because the card says that there is
 * one. */
void ic_door_card_key(uint8_t key[IC_DOOR_CARD_KEY_LEN], const uint8_t secret[IC_LINK_SECRET_LEN],
                      const uint8_t meeting[IC_MEETING_LEN]);

/* What opens the GroupInfo of an open door. */
void ic_door_info_key(uint8_t key[IC_DOOR_INFO_KEY_LEN], const uint8_t secret[IC_LINK_SECRET_LEN],
                      const uint8_t meeting[IC_MEETING_LEN]);

/* What tells in the clear which secret a knock was made with. Not secret. */
void ic_door_tag(uint8_t tag[IC_DOOR_TAG_LEN], const uint8_t secret[IC_LINK_SECRET_LEN],
                 const uint8_t meeting[IC_MEETING_LEN]);

/* The id of the link's pre-shared key in MLS. */
void ic_door_link_psk_id(uint8_t id[IC_DOOR_LINK_PSK_ID_LEN], const uint8_t meeting[IC_MEETING_LEN],
                         uint32_t link_version);

/* After a replacement the link secret is IC_LINK_SECRET_LEN bytes of the exporter of the epoch that
 * began with it, under this label, with the new link version in four bytes as context. */
#define IC_DOOR_LINK_EXPORTER "incamera link"

void ic_door_pin(uint8_t pin[IC_DOOR_PIN_LEN], const uint8_t root_public[IC_DOOR_ROOT_LEN]);

/* From the host's seed. */
struct ic_door_host_keys {
    uint8_t root_private[32]; /* Ed25519 */
    uint8_t root_public[IC_DOOR_ROOT_LEN];
    uint8_t pin[IC_DOOR_PIN_LEN];
    uint8_t proof[IC_DOOR_HOST_PROOF_LEN]; /* what the server takes for the host's */
};
enum ic_err ic_door_host_keys(struct ic_door_host_keys *out,
                              const uint8_t root_seed[IC_DOOR_SEED_LEN]) IC_CHECKED;

/* The host's pairs in a meeting, the same after a reload: its leaf's (Ed25519 or Ed448;
 * IC_ERR_NOT_FOUND for ECDSA) and its admit key (X-Wing). */
enum ic_err ic_door_host_leaf_key(uint8_t *private_key, uint8_t *public_key,
                                  enum ic_signature scheme,
                                  const uint8_t root_seed[IC_DOOR_SEED_LEN],
                                  const uint8_t meeting[IC_MEETING_LEN]) IC_CHECKED;
enum ic_err ic_door_host_admit_key(uint8_t *private_key, uint8_t *public_key,
                                   const uint8_t root_seed[IC_DOOR_SEED_LEN],
                                   const uint8_t meeting[IC_MEETING_LEN]) IC_CHECKED;
