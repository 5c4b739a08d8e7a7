/* successor.c - is a group the one that follows or branches from another (RFC 9420 sections 11.2
 * and 11.3)? */
#include "e2ee/mls/group.h"

static bool is_young(const struct ic_mls_group *group)
{
    return ic_mls_group_context(group)->epoch <= 1;
}

enum ic_err ic_mls_group_check_successor(const struct ic_mls_group *next,
                                         const struct ic_mls_group *old)
{
    const struct ic_mls_reinit *agreed = ic_mls_group_reinit(old);
    const struct ic_mls_group_context *context = ic_mls_group_context(next);

    return agreed && is_young(next) && context->suite == agreed->suite &&
                   agreed->version == IC_MLS_VERSION &&
                   ic_bytes_equal(context->group_id, agreed->group_id) &&
                   ic_bytes_equal(context->extensions, agreed->extensions)
               ? IC_OK
               : IC_ERR_FORBIDDEN;
}

static bool has_signer(const struct ic_mls_tree *tree, struct ic_bytes signature_key)
{
    for (struct ic_leaf i = {0}; i.n < tree->leaves; i.n++) {
        const struct ic_mls_leaf_node *leaf = ic_mls_tree_leaf(tree, i);
        if (leaf && ic_bytes_equal(leaf->signature_key, signature_key))
            return true;
    }
    return false;
}

enum ic_err ic_mls_group_check_branch(const struct ic_mls_group *next,
                                      const struct ic_mls_group *old)
{
    const struct ic_mls_tree *tree = ic_mls_group_tree(next);

    if (!is_young(next) || ic_mls_group_suite(next) != ic_mls_group_suite(old))
        return IC_ERR_FORBIDDEN;
    for (struct ic_leaf i = {0}; i.n < tree->leaves; i.n++) {
        const struct ic_mls_leaf_node *leaf = ic_mls_tree_leaf(tree, i);
        if (leaf && !has_signer(ic_mls_group_tree(old), leaf->signature_key))
            return IC_ERR_FORBIDDEN;
    }
    return IC_OK;
}
