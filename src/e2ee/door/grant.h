/* grant.h - who may do what at the door: statements signed by the host root key, or by somebody to
 * whom such a statement gave the right to give. */
#pragma once

#include "e2ee/door/sign.h"
#include "e2ee/e2ee.h"

enum ic_door_right {
    IC_DOOR_ADMIT = 1,
    IC_DOOR_REMOVE = 2,
    IC_DOOR_SETTINGS = 4,
    IC_DOOR_GRANT = 8,
    IC_DOOR_ALL_RIGHTS = 15,
};

enum { IC_DOOR_GRANTS_MAX = 64 }; /* in one list */

/* Views over what it was read from. */
struct ic_door_grant {
    struct ic_bytes meeting; /* IC_MEETING_LEN */
    uint8_t rights;          /* enum ic_door_right, at least one */
    uint64_t expiry_ms;      /* since 1970; 0: never */
    uint32_t link_version;   /* that was valid when it was given */
    struct ic_bytes member;  /* a leaf's signature key */
    struct ic_bytes giver;   /* empty: the host root key */
    struct ic_bytes signature;
    struct ic_bytes signed_part;
    struct ic_bytes encoded;
};

/* Signs and writes. `key` is the giver's pair: the root's when `grant->giver` is empty. IC_ERR_FULL
 * when `w` is too small; else the errors of ic_door_sign(). */
enum ic_err ic_door_write_grant(struct ic_writer *w, const struct ic_door_grant *grant,
                                const struct ic_door_pair *key) IC_CHECKED;

/* Grants one behind the other, checked: well formed, no member twice, at most IC_DOOR_GRANTS_MAX.
 * In the list's order, which has no meaning. */
struct ic_bytes ic_door_read_grants(struct ic_reader *r);

/* Takes the next from the front of a checked list; false at its end. */
bool ic_door_grant_next(struct ic_reader *list, struct ic_door_grant *out);
bool ic_door_grant_find(struct ic_bytes grants, struct ic_bytes member, struct ic_door_grant *out);

/* 0 for who has none. Says nothing about signatures: ask of a verified list. */
uint8_t ic_door_rights_of(struct ic_bytes grants, struct ic_bytes member);

/* Does `elder` stand in the chain from `member` up to the root? Of a verified list. */
bool ic_door_grant_descends(struct ic_bytes grants, struct ic_bytes member, struct ic_bytes elder);

/* Does every grant of a checked list lead to the root? For this meeting, signed by the root key or
 * by a member of the same list that has IC_DOOR_GRANT and all the rights it gives, without circles,
 * of no later link version than `link_version`. IC_ERR_FORGED for a signature, IC_ERR_MALFORMED for
 * what is no list of grants, IC_ERR_FORBIDDEN for the rest. Looks at no clock. */
enum ic_err ic_door_grants_verify(struct ic_bytes grants, struct ic_bytes meeting,
                                  struct ic_bytes root_key, uint32_t link_version) IC_CHECKED;

/* Has the grant of `member`, or one above it, run out? A member without one counts as such. For
 * newcomers, and for who puts a grant in; members never ask, since their clocks differ. */
bool ic_door_grant_expired(struct ic_bytes grants, struct ic_bytes member, uint64_t now_ms);
