/* group.c - getting into a group by creating it or by a Welcome, and what can be asked of it (RFC
 * 9420 sections 11 and 12.4.3.1). */
#include "e2ee/mls/group.h"

#include <stdlib.h>

#include "crypto/random.h"
#include "crypto/secret.h"
#include "e2ee/mls/codec.h"
#include "e2ee/mls/past_epochs.h"
#include "e2ee/mls/transcript.h"
#include "e2ee/mls/tree_check.h"
#include "e2ee/mls/tree_edit.h"

void ic_mls_group_free(struct ic_mls_group *group)
{
    if (!group)
        return;
    for (size_t i = 0; i < group->past_count; i++)
        ic_mls_epoch_state_clear(&group->past[i]);
    ic_mls_epoch_state_clear(&group->now);
    ic_mls_pending_clear(&group->pending);
    ic_mls_message_clear(&group->reinit_bytes);
    ic_secret_wipe(group, sizeof *group);
    free(group);
}

struct ic_mls_group *ic_mls_group_new(const struct ic_mls_application *application)
{
    struct ic_mls_group *group = calloc(1, sizeof *group);
    if (group && application)
        group->application = *application;
    return group;
}

enum ic_err ic_mls_judge_all(const struct ic_mls_application *application,
                             const struct ic_mls_tree *tree)
{
    if (!application || !application->judge)
        return IC_OK;
    for (struct ic_leaf i = {0}; i.n < tree->leaves; i.n++) {
        const struct ic_mls_leaf_node *leaf = ic_mls_tree_leaf(tree, i);
        if (leaf && !application->judge(application->user, leaf, NULL))
            return IC_ERR_FORBIDDEN;
    }
    return IC_OK;
}

/* ---- Creating ---- */

/* A tree of one leaf, that of a key package. */
static enum ic_err plant(struct ic_mls_epoch_state *state, const struct ic_mls_own_package *package)
{
    struct ic_mls_key_package read;
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&package->encoded));

    ic_mls_read_key_package(&r, &read);
    enum ic_err err = ic_mls_tree_of_one(&state->tree, state->suite, read.leaf.encoded);
    if (err != IC_OK)
        return err;
    size_t len = ic_kem_lengths(state->suite->kem).private_len;
    memcpy(state->signature_private, package->signature_private, sizeof state->signature_private);
    return ic_mls_private_tree_init(&state->keys, state->tree, (struct ic_leaf){0},
                                    (struct ic_bytes){package->leaf_private, len});
}

static enum ic_err begin_first_epoch(struct ic_mls_epoch_state *state,
                                     const struct ic_mls_create *create)
{
    const struct ic_suite *suite = state->suite;
    const struct ic_mls_group_context context = {
        .suite = suite->id,
        .group_id = create->group_id,
        .tree_hash = ic_mls_tree_hash(state->tree, ic_tree_root(state->tree->leaves)),
        .extensions = create->extensions,
    };
    uint8_t secret[IC_HASH_MAX];
    size_t len = ic_mls_secret_len(suite);

    enum ic_err err = ic_mls_epoch_state_set_context(state, &context);
    if (err != IC_OK)
        return err;
    ic_random_fill(secret, len);
    ic_mls_epoch_init_first(&state->secrets, suite, (struct ic_bytes){secret, len});
    ic_secret_wipe(secret, sizeof secret);
    ic_mls_confirmation_tag(state->confirmation_tag, &state->secrets, (struct ic_bytes){0});
    ic_mls_interim_hash(state->interim_hash, suite, (struct ic_bytes){0},
                        (struct ic_bytes){state->confirmation_tag, len});
    return ic_mls_epoch_state_start(state);
}

static enum ic_err create_in(struct ic_mls_group *group, const struct ic_mls_create *create)
{
    struct ic_mls_epoch_state *state = &group->now;
    struct ic_mls_own_package package;

    state->suite = create->suite;
    enum ic_err err =
        ic_mls_own_package_init(&package, create->suite, create->identity, (struct ic_bytes){0});
    if (err != IC_OK)
        return err;
    err = plant(state, &package);
    ic_mls_own_package_clear(&package);
    if (err == IC_OK)
        err = ic_mls_tree_check_members(state->tree, create->extensions);
    if (err == IC_OK)
        err = begin_first_epoch(state, create);
    if (err == IC_OK)
        ic_mls_past_epochs_resume(group);
    return err;
}

enum ic_err ic_mls_group_create(struct ic_mls_group **out, const struct ic_mls_create *create)
{
    struct ic_mls_group *group = ic_mls_group_new(create->application);
    enum ic_err err = group ? create_in(group, create) : IC_ERR_SYSTEM;

    if (err == IC_OK)
        *out = group;
    else
        ic_mls_group_free(group);
    return err;
}

/* ---- Joining ---- */

static enum ic_err take_joined(struct ic_mls_group *group, struct ic_mls_joined *joined,
                               const struct ic_mls_own_package *package)
{
    struct ic_mls_epoch_state *state = &group->now;
    struct ic_bytes tag = joined->info.confirmation_tag;

    state->suite = joined->suite;
    enum ic_err err = ic_mls_judge_all(&group->application, joined->tree);
    if (err == IC_OK)
        err = ic_mls_epoch_state_set_context(state, &joined->info.context);
    if (err != IC_OK)
        return err;
    state->tree = joined->tree;
    joined->tree = NULL;
    state->keys = joined->keys;
    state->secrets = joined->epoch;
    memcpy(state->interim_hash, joined->interim_hash, sizeof state->interim_hash);
    memcpy(state->confirmation_tag, tag.at, tag.len);
    memcpy(state->signature_private, package->signature_private, sizeof state->signature_private);
    group->was_welcomed = true;
    group->welcomed_by = joined->info.signer;
    err = ic_mls_epoch_state_start(state);
    if (err == IC_OK)
        ic_mls_past_epochs_resume(group);
    return err;
}

static enum ic_err join_in(struct ic_mls_group *group, const struct ic_mls_group_join *join)
{
    const struct ic_mls_own_package *package = join->package;
    size_t len = ic_kem_lengths(package->suite->kem).private_len;
    struct ic_mls_joined *joined;
    const struct ic_mls_join how = {
        .welcome = join->welcome,
        .tree = join->tree,
        .key_package = ic_mls_message_bytes(&package->encoded),
        .init_private = {package->init_private, len},
        .leaf_private = {package->leaf_private, len},
        .find_psk = group->application.find_psk,
        .user = group->application.user,
    };
    enum ic_err err = ic_mls_join(&joined, &how);
    if (err != IC_OK)
        return err;
    err = take_joined(group, joined, package);
    ic_mls_joined_free(joined);
    return err;
}

enum ic_err ic_mls_group_join(struct ic_mls_group **out, const struct ic_mls_group_join *join)
{
    struct ic_mls_group *group = ic_mls_group_new(join->application);
    enum ic_err err = group ? join_in(group, join) : IC_ERR_SYSTEM;

    if (err == IC_OK)
        *out = group;
    else
        ic_mls_group_free(group);
    return err;
}

/* ---- Questions ---- */

const struct ic_suite *ic_mls_group_suite(const struct ic_mls_group *group)
{
    return group->now.suite;
}

const struct ic_mls_group_context *ic_mls_group_context(const struct ic_mls_group *group)
{
    return &group->now.context;
}

const struct ic_mls_tree *ic_mls_group_tree(const struct ic_mls_group *group)
{
    return group->now.tree;
}

uint32_t ic_mls_group_member_count(const struct ic_mls_group *group)
{
    uint32_t count = 0;
    for (struct ic_leaf i = {0}; i.n < group->now.tree->leaves; i.n++)
        count += ic_mls_tree_leaf(group->now.tree, i) != NULL;
    return count;
}

struct ic_leaf ic_mls_group_own_leaf(const struct ic_mls_group *group)
{
    return group->now.keys.leaf;
}

bool ic_mls_group_welcomed_by(const struct ic_mls_group *group, struct ic_leaf *out)
{
    if (group->was_welcomed)
        *out = group->welcomed_by;
    return group->was_welcomed;
}

bool ic_mls_group_is_over(const struct ic_mls_group *group)
{
    return group->is_over;
}

const struct ic_mls_reinit *ic_mls_group_reinit(const struct ic_mls_group *group)
{
    return group->reinit_bytes.at ? &group->reinit.reinit : NULL;
}

enum ic_err ic_mls_group_export(uint8_t *out, size_t len, const struct ic_mls_group *group,
                                const char *label, struct ic_bytes context)
{
    if (group->is_over)
        return IC_ERR_FORBIDDEN;
    return ic_mls_epoch_export(out, len, &group->now.secrets, label, context);
}

void ic_mls_group_end_exports(struct ic_mls_group *group)
{
    ic_mls_epoch_end_exports(&group->now.secrets);
}

struct ic_bytes ic_mls_group_epoch_authenticator(const struct ic_mls_group *group)
{
    return (struct ic_bytes){group->now.secrets.authenticator, ic_mls_secret_len(group->now.suite)};
}

enum ic_err ic_mls_group_encode_tree(struct ic_mls_message *out, const struct ic_mls_group *group)
{
    return ic_mls_tree_encode(out, group->now.tree);
}

size_t ic_mls_group_pending_count(const struct ic_mls_group *group)
{
    return group->pending.count;
}

struct ic_mls_pending ic_mls_group_pending(const struct ic_mls_group *group, size_t i)
{
    const struct ic_mls_pending_entry *entry = group->pending.at[i];
    return (struct ic_mls_pending){
        .ref = {entry->ref, ic_mls_secret_len(group->now.suite)},
        .sender = entry->authenticated.content.sender,
        .proposal = entry->authenticated.content.proposal,
    };
}
