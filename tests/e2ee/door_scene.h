/* door_scene.h - a group of host, co-host, guest and another, and a commit that somebody made in
 * it, for the tests of validity and of the newcomer's demands. */
#pragma once

#include "e2ee/door/profile.h"
#include "e2ee/door/validity.h"
#include "e2ee/mls/codec.h"
#include "tests/e2ee/door_rig.h"

enum { SCENE_LEAVES = 8, SCENE_NODES = 2 * SCENE_LEAVES - 1, SCENE_CHANGES = 8 };

struct scene {
    struct ic_mls_node nodes[SCENE_NODES], nodes_after[SCENE_NODES];
    struct ic_mls_tree tree, tree_after;
    struct ic_mls_group_context before, after;
    struct ic_mls_change changes[SCENE_CHANGES];
    struct ic_mls_outlook next;
    struct ic_door_state state; /* before */
};

/* What a scene is made of lives until scene_forget(). */
static void *scene_kept[256];
static size_t scene_kept_count;

static inline uint8_t *scene_keep(size_t size)
{
    assert_true(scene_kept_count < IC_COUNT(scene_kept));
    return scene_kept[scene_kept_count++] = calloc(1, size);
}

static inline void scene_forget(void)
{
    while (scene_kept_count > 0)
        free(scene_kept[--scene_kept_count]);
}

static inline struct ic_bytes scene_profile(uint8_t participant, const char *name)
{
    const uint8_t id[IC_PARTICIPANT_LEN] = {participant};
    const struct ic_door_profile profile = {{id, sizeof id}, ic_bytes_of_text(name), {0}};
    struct ic_writer w = ic_writer_of(scene_keep(IC_DOOR_PROFILE_MAX), IC_DOOR_PROFILE_MAX);
    ic_door_write_profile(&w, &profile);
    assert_false(w.bad);
    return ic_written(&w);
}

static inline struct ic_bytes scene_extension(uint16_t type, struct ic_bytes data)
{
    struct ic_writer w = ic_writer_of(scene_keep(data.len + 8), data.len + 8);
    ic_mls_write_extension(&w, type, data);
    return ic_written(&w);
}

static inline struct ic_bytes scene_joined(struct ic_bytes a, struct ic_bytes b)
{
    struct ic_writer w = ic_writer_of(scene_keep(a.len + b.len), a.len + b.len);
    ic_write_bytes(&w, a);
    ic_write_bytes(&w, b);
    return ic_written(&w);
}

static inline void scene_credential(struct ic_mls_credential *out, uint8_t first, size_t len)
{
    uint8_t identity[32] = {first};
    const struct ic_mls_credential credential = {.type = IC_MLS_CREDENTIAL_BASIC,
                                                 .identity = {identity, len}};
    struct ic_writer w = ic_writer_of(scene_keep(64), 64);
    ic_mls_write_credential(&w, &credential);
    struct ic_reader r = ic_reader_of(ic_written(&w));
    ic_mls_read_credential(&r, out);
    assert_false(r.bad);
}

/* Participant number and name as given; the pseudonym is the person's number. */
static inline struct ic_mls_leaf_node scene_leaf(int who, uint8_t participant, const char *name)
{
    struct ic_mls_leaf_node leaf = {
        .signature_key = key_of(who),
        .extensions = scene_extension(IC_DOOR_PROFILE_EXTENSION, scene_profile(participant, name))};
    scene_credential(&leaf.credential, (uint8_t)who, 16);
    return leaf;
}

static const char *const SCENE_NAMES[PEOPLE] = {"",      "Layla Rahman", "Jonas",
                                                "Amina", "Wei",          "Sofia"};

/* Everybody's leaf is one before its number in the list of people. */
static inline struct ic_leaf scene_place(int who)
{
    return (struct ic_leaf){(uint32_t)(who - HOST)};
}

static inline void scene_put(struct ic_mls_node *nodes, int who, struct ic_mls_leaf_node leaf)
{
    nodes[2 * scene_place(who).n] = (struct ic_mls_node){.kind = IC_MLS_NODE_LEAF, .leaf = leaf};
}

static inline struct ic_bytes scene_state_extension(struct ic_bytes encoded)
{
    static const uint8_t REQUIRED[] = {0, 0, 0};
    return scene_joined(scene_extension(IC_MLS_EXT_REQUIRED_CAPABILITIES,
                                        (struct ic_bytes){REQUIRED, sizeof REQUIRED}),
                        scene_extension(IC_DOOR_STATE_EXTENSION, encoded));
}

/* The state before, as the host signed it. */
static inline void scene_begin_with(struct scene *s, const struct ic_door_state *state)
{
    struct ic_door_state whole;
    uint8_t *room = signed_state(&whole, state, HOST);

    s->before.extensions = s->after.extensions = scene_state_extension(whole.encoded);
    assert_int_equal(ic_door_state_of(&s->state, s->before.extensions), IC_OK);
    free(room);
}

static inline void scene_begin(struct scene *s, int committer)
{
    const struct ic_suite *suite = ic_suite_find(IC_SUITE_X25519_AES128);
    struct ic_door_state state = usual_state();

    *s = (struct scene){0};
    for (int who = HOST; who < NEWCOMER; who++) {
        struct ic_mls_leaf_node leaf = scene_leaf(who, (uint8_t)who, SCENE_NAMES[who]);
        scene_put(s->nodes, who, leaf);
        scene_put(s->nodes_after, who, leaf);
    }
    s->tree = (struct ic_mls_tree){.suite = suite, .leaves = SCENE_LEAVES, .nodes = s->nodes};
    s->tree_after =
        (struct ic_mls_tree){.suite = suite, .leaves = SCENE_LEAVES, .nodes = s->nodes_after};
    s->before = (struct ic_mls_group_context){.suite = suite->id, .group_id = GROUP, .epoch = 5};
    s->after = (struct ic_mls_group_context){.suite = suite->id, .group_id = GROUP, .epoch = 6};
    scene_begin_with(s, &state);
    s->next = (struct ic_mls_outlook){.committer = scene_place(committer),
                                      .changes = s->changes,
                                      .tree = &s->tree_after,
                                      .context = &s->after};
}

static inline struct ic_mls_change *scene_add_change(struct scene *s,
                                                     enum ic_mls_proposal_type type)
{
    struct ic_mls_change *change = &s->changes[s->next.change_count++];
    assert_true(s->next.change_count <= SCENE_CHANGES);
    *change = (struct ic_mls_change){
        .proposal = {.type = type},
        .proposer = {s->next.is_newcomer ? IC_MLS_SENDER_NEW_MEMBER_COMMIT : IC_MLS_SENDER_MEMBER,
                     s->next.committer.n}};
    return change;
}

static inline struct ic_mls_change *scene_add(struct scene *s, struct ic_mls_leaf_node leaf)
{
    struct ic_mls_change *change = scene_add_change(s, IC_MLS_ADD);
    change->proposal.add = (struct ic_mls_key_package){.suite = s->tree.suite->id, .leaf = leaf};
    change->leaf = scene_place(NEWCOMER);
    return change;
}

static inline void scene_psk(struct scene *s, uint32_t link_version)
{
    uint8_t *id = scene_keep(IC_DOOR_LINK_PSK_ID_LEN);
    ic_door_link_psk_id(id, MEETING, link_version);
    scene_add_change(s, IC_MLS_PSK)->proposal.psk = (struct ic_mls_psk_id){
        .type = IC_MLS_PSK_EXTERNAL, .external_id = {id, IC_DOOR_LINK_PSK_ID_LEN}};
}

static inline void scene_remove(struct scene *s, int who)
{
    struct ic_mls_change *change = scene_add_change(s, IC_MLS_REMOVE);
    change->leaf = change->proposal.removed = scene_place(who);
}

static inline void scene_set_extensions(struct scene *s, struct ic_bytes extensions)
{
    scene_add_change(s, IC_MLS_GROUP_CONTEXT_EXTENSIONS)->proposal.extensions = extensions;
    s->after.extensions = extensions;
}

/* What follows the state before, for somebody to change and sign. */
static inline struct ic_door_state scene_next_state(const struct scene *s, int signer)
{
    struct ic_door_state state = s->state;
    uint8_t *hash = scene_keep(IC_DOOR_STATE_HASH_LEN);

    ic_door_state_hash(hash, s->state.encoded);
    state.previous = (struct ic_bytes){hash, IC_DOOR_STATE_HASH_LEN};
    state.version++;
    state.signer = key_of(signer);
    return state;
}

static inline void scene_state(struct scene *s, const struct ic_door_state *state, int signer)
{
    struct ic_door_state whole;
    uint8_t *room = signed_state(&whole, state, signer);
    scene_set_extensions(s, scene_state_extension(whole.encoded));
    free(room);
}

/* An external commit of the newcomer. */
static inline void scene_enter(struct scene *s, uint8_t participant)
{
    s->next.is_newcomer = s->next.has_path = true;
    s->next.committer = scene_place(NEWCOMER);
    scene_put(s->nodes_after, NEWCOMER, scene_leaf(NEWCOMER, participant, "Sofia"));
    scene_add_change(s, IC_MLS_EXTERNAL_INIT);
    scene_psk(s, s->state.link_version);
}
