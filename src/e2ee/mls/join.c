/* join.c - joining by a Welcome (RFC 9420 section 12.4.3.1). The new view is built aside and given
 * out only when all of it was checked. */
#include "e2ee/mls/join.h"

#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/mls/codec.h"
#include "e2ee/mls/framing.h"
#include "e2ee/mls/transcript.h"
#include "e2ee/mls/tree_check.h"

/* What is needed only until the end of the call. */
struct work {
    const struct ic_mls_join *join;
    struct ic_mls_key_package package;
    struct ic_mls_welcome welcome;
    struct ic_mls_group_secrets secrets;
    uint8_t *opened; /* what `secrets` points into */
    uint8_t psk_secret[IC_HASH_MAX];
};

static struct ic_bytes secret_of(const struct ic_suite *suite, const uint8_t *at)
{
    return (struct ic_bytes){at, ic_mls_secret_len(suite)};
}

static enum ic_err read_input(struct work *w, struct ic_mls_joined *joined)
{
    struct ic_reader r = ic_reader_of(w->join->welcome);
    struct ic_reader p = ic_reader_of(w->join->key_package);

    if (ic_read_uint(&r, 2) != IC_MLS_VERSION || ic_read_uint(&r, 2) != IC_MLS_WELCOME)
        return IC_ERR_MALFORMED;
    ic_mls_read_welcome(&r, &w->welcome);
    ic_mls_read_key_package(&p, &w->package);
    if (ic_mls_finish(&r) != IC_OK || ic_mls_finish(&p) != IC_OK)
        return IC_ERR_MALFORMED;
    joined->suite = ic_suite_find(w->package.suite);
    return joined->suite && ic_suite_available(joined->suite) ? IC_OK : IC_ERR_NOT_FOUND;
}

static enum ic_err allocate(struct work *w, struct ic_mls_joined *joined)
{
    w->opened = malloc(w->join->welcome.len);
    joined->buffer = malloc(w->join->welcome.len);
    return w->opened && joined->buffer ? IC_OK : IC_ERR_SYSTEM;
}

static enum ic_err open_secrets(struct work *w, const struct ic_suite *suite)
{
    uint8_t ref[IC_HASH_MAX];
    ic_mls_key_package_ref(ref, suite, w->join->key_package);
    return ic_mls_welcome_open_secrets(&w->secrets, w->opened, w->join->welcome.len, &w->welcome,
                                       suite, secret_of(suite, ref), w->join->init_private);
}

static enum ic_err fold_psks(struct work *w, const struct ic_suite *suite)
{
    struct ic_mls_psk psks[IC_MLS_PSKS_MAX];
    struct ic_reader list = ic_reader_of(w->secrets.psks);
    size_t origins = 0;

    for (size_t i = 0; i < w->secrets.psk_count; i++) {
        struct ic_mls_psk_id id;
        ic_mls_read_psk_id(&list, &id);
        if (id.nonce.len != ic_mls_secret_len(suite))
            return IC_ERR_MALFORMED;
        origins += id.type == IC_MLS_PSK_RESUMPTION && id.usage != IC_MLS_PSK_APPLICATION;
        if (origins > 1)
            return IC_ERR_FORBIDDEN; /* a group comes from one other at most */
        if (!w->join->find_psk || !w->join->find_psk(w->join->user, &id, &psks[i].secret))
            return IC_ERR_NOT_FOUND;
        psks[i].id = id.encoded;
    }
    ic_mls_psk_secret(w->psk_secret, suite, psks, w->secrets.psk_count);
    return IC_OK;
}

static enum ic_err open_info(struct work *w, struct ic_mls_joined *joined)
{
    const struct ic_suite *suite = joined->suite;
    uint8_t welcome_secret[IC_HASH_MAX];

    ic_mls_welcome_secret(welcome_secret, suite, w->secrets.joiner_secret,
                          secret_of(suite, w->psk_secret));
    enum ic_err err =
        ic_mls_welcome_open_info(&joined->info, joined->buffer, w->join->welcome.len, &w->welcome,
                                 suite, secret_of(suite, welcome_secret));
    ic_secret_wipe(welcome_secret, sizeof welcome_secret);
    return err;
}

/* The tree that the description carries, or the one that came beside it. */
static enum ic_err read_tree(const struct work *w, struct ic_mls_joined *joined)
{
    struct ic_bytes encoded;

    if (!ic_mls_extension_find(joined->info.extensions, IC_MLS_EXT_RATCHET_TREE, &encoded)) {
        if (w->join->tree.len == 0)
            return IC_ERR_NOT_FOUND;
        encoded = w->join->tree;
    }
    return ic_mls_tree_new(&joined->tree, joined->suite, encoded);
}

enum ic_err ic_mls_described_check(const struct ic_mls_group_info *info,
                                   const struct ic_mls_tree *tree)
{
    const struct ic_mls_leaf_node *signer = ic_mls_tree_leaf(tree, info->signer);

    if (!signer)
        return IC_ERR_MALFORMED;
    if (!ic_bytes_equal(info->context.tree_hash,
                        ic_mls_tree_hash(tree, ic_tree_root(tree->leaves))))
        return IC_ERR_FORGED;
    enum ic_err err = ic_mls_group_info_verify(info, tree->suite, signer->signature_key);
    if (err == IC_OK)
        err = ic_mls_tree_check_parents(tree);
    if (err == IC_OK)
        err = ic_mls_tree_check_leaves(tree, info->context.group_id, info->context.extensions);
    return err;
}

static enum ic_err find_ourselves(struct ic_leaf *out, const struct work *w,
                                  const struct ic_mls_tree *tree)
{
    for (struct ic_leaf i = {0}; i.n < tree->leaves; i.n++) {
        const struct ic_mls_leaf_node *leaf = ic_mls_tree_leaf(tree, i);
        if (leaf && ic_bytes_equal(leaf->encoded, w->package.leaf.encoded)) {
            *out = i;
            return IC_OK;
        }
    }
    return IC_ERR_FORBIDDEN;
}

static enum ic_err take_keys(const struct work *w, struct ic_mls_joined *joined)
{
    struct ic_leaf own, signer = joined->info.signer;
    enum ic_err err = find_ourselves(&own, w, joined->tree);

    if (err == IC_OK)
        err = ic_mls_private_tree_init(&joined->keys, joined->tree, own, w->join->leaf_private);
    if (err != IC_OK || !w->secrets.has_path_secret)
        return err;
    if (own.n == signer.n)
        return IC_ERR_MALFORMED;
    struct ic_node x = ic_node_common(ic_node_of(own), ic_node_of(signer));
    return ic_mls_private_tree_learn(&joined->keys, NULL, joined->tree, x, w->secrets.path_secret);
}

static enum ic_err enter(const struct work *w, struct ic_mls_joined *joined)
{
    const struct ic_suite *suite = joined->suite;
    const struct ic_mls_group_context *context = &joined->info.context;

    ic_mls_epoch_init(&joined->epoch, suite, w->secrets.joiner_secret,
                      secret_of(suite, w->psk_secret), context->encoded);
    ic_mls_interim_hash(joined->interim_hash, suite, context->confirmed_transcript_hash,
                        joined->info.confirmation_tag);
    return ic_mls_confirmation_check(&joined->epoch, context->confirmed_transcript_hash,
                                     joined->info.confirmation_tag);
}

static enum ic_err join_in(struct work *w, struct ic_mls_joined *joined)
{
    enum ic_err err = read_input(w, joined);
    if (err == IC_OK)
        err = allocate(w, joined);
    if (err == IC_OK)
        err = open_secrets(w, joined->suite);
    if (err == IC_OK)
        err = fold_psks(w, joined->suite);
    if (err == IC_OK)
        err = open_info(w, joined);
    if (err == IC_OK)
        err = read_tree(w, joined);
    if (err == IC_OK)
        err = ic_mls_described_check(&joined->info, joined->tree);
    if (err == IC_OK)
        err = take_keys(w, joined);
    return err == IC_OK ? enter(w, joined) : err;
}

enum ic_err ic_mls_join(struct ic_mls_joined **out, const struct ic_mls_join *join)
{
    struct work w = {.join = join};
    struct ic_mls_joined *joined = calloc(1, sizeof *joined);
    enum ic_err err = joined ? join_in(&w, joined) : IC_ERR_SYSTEM;

    if (w.opened)
        ic_secret_wipe(w.opened, join->welcome.len);
    free(w.opened);
    ic_secret_wipe(&w, sizeof w);
    if (err == IC_OK)
        *out = joined;
    else
        ic_mls_joined_free(joined);
    return err;
}

void ic_mls_joined_free(struct ic_mls_joined *joined)
{
    if (!joined)
        return;
    ic_mls_tree_free(joined->tree);
    free(joined->buffer);
    ic_secret_wipe(joined, sizeof *joined);
    free(joined);
}
