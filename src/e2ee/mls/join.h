/* join.h - from a Welcome to the first epoch of a new member, with every check of RFC 9420 section
 * 12.4.3.1 that needs neither a clock nor an opinion on names. */
#pragma once

#include "e2ee/mls/private_tree.h"
#include "e2ee/mls/welcome.h"

/* Gives the secret of a pre-shared key, good until ic_mls_join() returns; false when there is none,
 * or when it may not be used here: the id of a resumption key says what for. */
typedef bool ic_mls_find_psk(void *user, const struct ic_mls_psk_id *id, struct ic_bytes *secret);

struct ic_mls_join {
    struct ic_bytes welcome;      /* an MLSMessage */
    struct ic_bytes key_package;  /* ours, a KeyPackage */
    struct ic_bytes init_private; /* the key of its init key */
    struct ic_bytes leaf_private; /* and of its leaf */
    struct ic_bytes tree;         /* when the group info does not carry it; else empty */
    ic_mls_find_psk *find_psk;    /* NULL: there are none */
    void *user;
};

/* Is this the tree of the group that `info` describes, and was it described by one of its members?
 * All signatures, hashes and rules of the tree. IC_ERR_MALFORMED, IC_ERR_FORGED, IC_ERR_FORBIDDEN;
 * IC_ERR_SYSTEM. */
enum ic_err ic_mls_described_check(const struct ic_mls_group_info *info,
                                   const struct ic_mls_tree *tree) IC_CHECKED;

/* A member's view of the epoch that it joined. */
struct ic_mls_joined {
    const struct ic_suite *suite;
    struct ic_mls_group_info info; /* whose context is the group's */
    struct ic_mls_tree *tree;
    struct ic_mls_private_tree keys;
    struct ic_mls_epoch epoch;
    uint8_t interim_hash[IC_HASH_MAX];
    uint8_t *buffer; /* what info points into */
};

/* The caller erases its init key afterwards: it must serve once only. The result is to be freed.
 * IC_ERR_NOT_FOUND: the Welcome is for others, the suite cannot be had, or a pre-shared key or the
 * tree is missing; IC_ERR_FORGED, IC_ERR_FORBIDDEN, IC_ERR_MALFORMED: what it says does not hold;
 * IC_ERR_SYSTEM. */
enum ic_err ic_mls_join(struct ic_mls_joined **out, const struct ic_mls_join *join) IC_CHECKED;
/* Erases the secrets. */
void ic_mls_joined_free(struct ic_mls_joined *joined);
