/* validity.h - may this commit be? A pure function of the group before it and of its bytes: no
 * clock, no word of the server, no setting of ours, so honest members never disagree.
 *
 * MLS itself has checked the commit before (signatures, the tree, RFC 9420 section 12.2); here is
 * what this product adds. Every rule is one row of the table in validity.c. */
#pragma once

#include "e2ee/door/state.h"
#include "e2ee/mls/group.h"

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
    IC_DOOR_RULE_SETTINGS_RIGHT,
    IC_DOOR_RULE_LINK_RIGHT,
    IC_DOOR_RULE_LINK_STEP,
    IC_DOOR_RULE_LINK_ADD,
    IC_DOOR_RULE_GRANT_RIGHT,
    IC_DOOR_RULE_GRANT_TAKEN,
    IC_DOOR_RULE_GRANT_OLD,
    IC_DOOR_RULE_STATE_GRANTS,
    IC_DOOR_RULE_SIGNER_STAYS,
    IC_DOOR_RULE_LEAST_SUITE,
    IC_DOOR_RULES,
};

/* A sentence for the log and for people. */
const char *ic_door_rule_text(enum ic_door_rule rule);

/* `before` and `tree` are the group's as it is, `next` is the staged epoch (group.h). */
enum ic_door_rule ic_door_commit_check(const struct ic_mls_group_context *before,
                                       const struct ic_mls_tree *tree,
                                       const struct ic_mls_outlook *next) IC_CHECKED;
