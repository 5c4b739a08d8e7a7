/* validity_rules.h - what the rules of validity.c look at, and those about the state itself, which
 * are in validity_state.c. */
#pragma once

#include "e2ee/door/validity.h"

/* The commit, with what every rule would else look up again. */
struct ic_door_view {
    const struct ic_mls_group_context *before;
    const struct ic_mls_tree *tree;
    const struct ic_mls_outlook *next;
    bool readable, new_readable; /* the state before, the one after */
    struct ic_door_state old, new;
    bool changes_context;
    const struct ic_mls_leaf_node *committer; /* before; a newcomer's after */
    uint8_t rights;                           /* of the committer, by the state before */
};

/* Is the committer's right among these? */
static inline bool ic_door_view_may(const struct ic_door_view *v, uint8_t rights)
{
    return (v->rights & rights) != 0;
}

/* Does somebody come in by it, coming back included? */
bool ic_door_view_brings(const struct ic_door_view *v);
/* Does a member let this key in by it? */
bool ic_door_view_adds(const struct ic_door_view *v, struct ic_bytes member);

/* Of a commit that changes the state: does the rule hold? */
bool ic_door_holds_context_other(const struct ic_door_view *v);
bool ic_door_holds_new_state_readable(const struct ic_door_view *v);
bool ic_door_holds_state_order(const struct ic_door_view *v);
bool ic_door_holds_state_root(const struct ic_door_view *v);
bool ic_door_holds_state_signer(const struct ic_door_view *v);
bool ic_door_holds_state_signature(const struct ic_door_view *v);
bool ic_door_holds_settings_right(const struct ic_door_view *v);
bool ic_door_holds_link_right(const struct ic_door_view *v);
bool ic_door_holds_link_step(const struct ic_door_view *v);
bool ic_door_holds_link_add(const struct ic_door_view *v);
bool ic_door_holds_grant_right(const struct ic_door_view *v);
bool ic_door_holds_grant_taken(const struct ic_door_view *v);
bool ic_door_holds_grant_old(const struct ic_door_view *v);
bool ic_door_holds_state_grants(const struct ic_door_view *v);
bool ic_door_holds_signer_stays(const struct ic_door_view *v);
bool ic_door_holds_least_suite(const struct ic_door_view *v);
