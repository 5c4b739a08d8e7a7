/* tree_check.h - may this tree be believed? What a newcomer checks of the tree it is given (RFC
 * 9420 sections 7.3, 7.9.2 and 12.4.3.1), all that needs neither a clock nor an opinion on names.
 */
#pragma once

#include "e2ee/mls/ratchet_tree.h"

/* ParentHash of `parent` with the child `sibling` beside the path (section 7.9); a digest. */
void ic_mls_parent_hash(uint8_t *out, const struct ic_mls_tree *tree, struct ic_node parent,
                        struct ic_node sibling);

/* Each unmerged leaf is a member below its node, known to every node between; every parent was set
 * by exactly one member's commit. IC_ERR_FORGED when a parent hash says otherwise, IC_ERR_MALFORMED
 * for the rest, IC_ERR_SYSTEM when there is no memory. */
enum ic_err ic_mls_tree_check_parents(const struct ic_mls_tree *tree) IC_CHECKED;

/* Each leaf can do what it uses itself, what all members use, and what the group requires by
 * `extensions`, those of the group context; no key is there twice. All that a commit can break
 * besides the signatures of the leaves it brings. IC_ERR_FORBIDDEN; IC_ERR_SYSTEM. */
enum ic_err ic_mls_tree_check_members(const struct ic_mls_tree *tree,
                                      struct ic_bytes extensions) IC_CHECKED;

/* That, and each leaf is signed, in its place: what a newcomer checks. Also IC_ERR_FORGED. */
enum ic_err ic_mls_tree_check_leaves(const struct ic_mls_tree *tree, struct ic_bytes group_id,
                                     struct ic_bytes extensions) IC_CHECKED;
