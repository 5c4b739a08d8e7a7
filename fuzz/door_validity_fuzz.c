/* door_validity_fuzz.c - a commit with the stranger's state, leaf and pre-shared key: judged the
 * same when asked again and when the proposals stand in another order. */
#include "e2ee/door/validity.h"

#include <stdlib.h>

#include "e2ee/mls/codec.h"

enum { CHANGES = 4, LEAVES = 2 };

static void read_change(struct ic_reader *r, struct ic_mls_change *change)
{
    struct ic_mls_proposal *proposal = &change->proposal;
    uint8_t choice = (uint8_t)ic_read_uint(r, 1);

    proposal->type = (enum ic_mls_proposal_type)(choice & 15);
    change->proposer.type = (enum ic_mls_sender_type)(1 + (choice >> 4 & 3));
    change->leaf.n = (uint32_t)ic_read_uint(r, 2);
    if (proposal->type == IC_MLS_ADD) {
        proposal->add.suite = (uint16_t)ic_read_uint(r, 2);
        ic_mls_read_leaf_node(r, &proposal->add.leaf);
    } else if (proposal->type == IC_MLS_UPDATE) {
        ic_mls_read_leaf_node(r, &proposal->update);
    } else if (proposal->type == IC_MLS_PSK) {
        ic_mls_read_psk_id(r, &proposal->psk);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t GROUP[IC_MEETING_LEN] = {7, 7, 7};
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    struct ic_mls_group_context before = {.group_id = {GROUP, sizeof GROUP}}, after = before;
    struct ic_mls_node nodes[2 * LEAVES - 1], nodes_after[2 * LEAVES - 1];
    struct ic_mls_change changes[CHANGES], reversed[CHANGES];
    uint8_t choice = (uint8_t)ic_read_uint(&r, 1);

    memset(nodes, 0, sizeof nodes);
    memset(changes, 0, sizeof changes);
    before.extensions = ic_mls_read_extensions(&r);
    after.extensions = ic_mls_read_extensions(&r);
    nodes[0].kind = IC_MLS_NODE_LEAF;
    ic_mls_read_leaf_node(&r, &nodes[0].leaf);
    memcpy(nodes_after, nodes, sizeof nodes);
    if (choice & 2) {
        nodes_after[2].kind = IC_MLS_NODE_LEAF;
        ic_mls_read_leaf_node(&r, &nodes_after[2].leaf);
    }
    for (size_t i = 0; i < CHANGES; i++)
        read_change(&r, &changes[i]);
    if (r.bad)
        return 0;
    for (size_t i = 0; i < CHANGES; i++)
        reversed[i] = changes[CHANGES - 1 - i];

    const struct ic_suite *suite = ic_suite_find(IC_SUITE_X25519_AES128);
    struct ic_mls_tree tree = {.suite = suite, .leaves = LEAVES, .nodes = nodes};
    struct ic_mls_tree tree_after = {.suite = suite, .leaves = LEAVES, .nodes = nodes_after};
    struct ic_mls_outlook next = {.committer = {choice >> 1 & 1},
                                  .is_newcomer = choice & 2,
                                  .has_path = choice & 4,
                                  .changes = changes,
                                  .change_count = CHANGES,
                                  .tree = &tree_after,
                                  .context = &after};
    enum ic_door_rule rule = ic_door_commit_check(&before, &tree, &next);
    if (ic_door_commit_check(&before, &tree, &next) != rule)
        abort();
    next.changes = reversed;
    if (ic_door_commit_check(&before, &tree, &next) != rule)
        abort();
    return 0;
}
