/* mls_tree_fuzz.c - a received ratchet tree is refused or can be hashed, resolved and checked. */
#include "e2ee/mls/tree_check.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_mls_tree *tree;
    if (ic_mls_tree_new(&tree, ic_suite_find(1), (struct ic_bytes){data, size}) != IC_OK)
        return 0;
    struct ic_node *nodes = calloc(ic_tree_nodes(tree->leaves), sizeof *nodes);
    ic_mls_tree_resolution(nodes, tree, ic_tree_root(tree->leaves));
    free(nodes);
    if (ic_mls_tree_check_parents(tree) != IC_ERR_SYSTEM &&
        ic_mls_tree_check_leaves(tree, ic_bytes_of_text("group"), (struct ic_bytes){0}) == IC_OK)
        abort();
    ic_mls_tree_free(tree);
    return 0;
}
