/* validity.h - may this commit be? A pure function of the group before it and of its bytes: no
 * clock, no word of the server, no setting of ours, so honest members never disagree.
 *
 * MLS itself has checked the commit before (signatures, the tree, RFC 9420 section 12.2); here is
 * what this product adds. Every rule is one row of the table in validity.c. */
#pragma once

#include "e2ee/door/state.h"
#include "e2ee/mls/proposal.h"

/* In the order in which they are looked at: of several broken ones the first is named, so that the
 * answer does not depend on the order of the proposals. */
enum ic_door_rule {
    IC_DOOR_VALID,
    IC_DOOR_RULE_STATE_UNREADABLE,
    IC_DOOR_RULE_COMMITTER_UNKNOWN,
    IC_DOOR_RULE_FROM_OUTSIDE,
    IC_DOOR_RULE_KIND,
    IC_DOOR_RULE_WAITING_ROOM,
    IC_DOOR_RULE_EXTERNAL_LOCKED,
    IC_DOOR_RULE_EXTERNAL_REMOVES,
    IC_DOOR_RULE_ADD_RIGHT,
    IC_DOOR_RULE_ADD_LOCKED,
    IC_DOOR_RULE_SUITE,
    IC_DOOR_RULE_PROFILE,
    IC_DOOR_RULE_IDENTITY,
    IC_DOOR_RULE_TWICE,
    IC_DOOR_RULE_TOO_MANY,
    IC_DOOR_RULE_OTHER_PSK,
    IC_DOOR_RULE_LINK_PSK,
    IC_DOOR_RULE_CONTEXT_OTHER,
    IC_DOOR_RULE_NEW_STATE_UNREADABLE,
    IC_DOOR_RULE_STATE_ORDER,
    IC_DOOR_RULE_STATE_ROOT,
    IC_DOOR_RULE_STATE_SIGNER,
    IC_DOOR_RULE_STATE_SIGNATURE,
    IC_DOOR_RULE_STATE_GRANTS,
    IC_DOOR_RULE_SETTINGS_RIGHT,
    IC_DOOR_RULE_LINK_RIGHT,
    IC_DOOR_RULE_LINK_STEP,
    IC_DOOR_RULE_LINK_ADD,
    IC_DOOR_RULE_GRANT_RIGHT,
    IC_DOOR_RULE_GRANT_TAKEN,
    IC_DOOR_RULE_GRANT_OLD,
    IC_DOOR_RULE_LEAST_SUITE,
    IC_DOOR_RULES,
};

/* A sentence for the log and for people. */
const char *ic_door_rule_text(enum ic_door_rule rule);

/* A member of the old tree. */
struct ic_door_member {
    uint32_t index;
    const struct ic_mls_leaf_node *leaf;
};

/* A proposal of the commit, by value or by reference. */
struct ic_door_proposal {
    const struct ic_mls_proposal *proposal;
    bool from_member;    /* false: of an external sender, or of a newcomer by itself */
    uint32_t from_index; /* the member that proposed it */
};

/* All borrowed. */
struct ic_door_commit {
    const struct ic_suite *suite;
    struct ic_bytes group_id;
    struct ic_bytes extensions; /* of the GroupContext before */
    const struct ic_door_member *members;
    size_t member_count;
    const struct ic_door_proposal *proposals;
    size_t proposal_count;
    bool external;                            /* an external commit: */
    uint32_t committer;                       /* then this is not looked at */
    const struct ic_mls_leaf_node *path_leaf; /* of the update path; NULL: it has none */
};

/* Time grows with members times proposals. */
enum ic_door_rule ic_door_commit_check(const struct ic_door_commit *commit) IC_CHECKED;
