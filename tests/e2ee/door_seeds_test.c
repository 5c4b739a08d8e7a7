/* The seeds of the fuzzers of the door are in the format of now: made here, and compared with the
 * files. `make seeds` writes them. Those of door_card, door_reply and door_info are not among them:
 * their formats hold random bytes. */
#include <stdio.h>

#include "e2ee/door/returning.h"
#include "tests/e2ee/door_full_state.h"
#include "tests/e2ee/door_scene.h"

static uint8_t made[16384], on_disk[16384];

static void check(const char *name, struct ic_bytes seed)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", SEEDS, name);
    FILE *file = fopen(path, getenv("WRITE_SEEDS") ? "wb" : "rb");
    if (!file)
        fail_msg("no seed %s: run make seeds", name);
    if (getenv("WRITE_SEEDS")) {
        assert_int_equal(fwrite(seed.at, 1, seed.len, file), seed.len);
        assert_int_equal(fclose(file), 0);
        return;
    }
    size_t len = fread(on_disk, 1, sizeof on_disk, file);
    fclose(file);
    if (!ic_bytes_equal(seed, (struct ic_bytes){on_disk, len}))
        fail_msg("seed %s is of another format: run make seeds", name);
}

/* ---- States ---- */

/* In memory of the scene's. */
static struct ic_bytes signed_by(const struct ic_door_state *state, int who)
{
    struct ic_door_state whole;
    uint8_t *room = signed_state(&whole, state, who);
    struct ic_writer w = ic_writer_of(scene_keep(whole.encoded.len), whole.encoded.len);
    ic_write_bytes(&w, whole.encoded);
    free(room);
    return ic_written(&w);
}

TEST(seeds_of_states_are_of_the_format_of_now)
{
    struct ic_door_state first = usual_state(), full = full_state();
    check("door_state/first", signed_by(&first, HOST));
    check("door_state/full", signed_by(&full, HOST));
    static const uint8_t HASH[IC_DOOR_STATE_HASH_LEN] = {1};
    full.signer = key_of(COHOST);
    full.version = 2;
    full.previous = (struct ic_bytes){HASH, sizeof HASH};
    check("door_state/of_cohost", signed_by(&full, COHOST));
    scene_forget();
}

/* ---- Commits ---- */

/* As the fuzzer reads it: the newcomer's leaf stands beside the host's. */
struct commit {
    struct ic_writer w;
    struct ic_door_state before;
    size_t changes;
};

static void put_leaf(struct ic_writer *w, int who, uint8_t participant, const char *name)
{
    static const uint8_t HPKE_KEY[32] = {1};
    const struct ic_suite *suite = ic_suite_find(IC_SUITE_X25519_AES128);
    struct ic_mls_leaf_node leaf = scene_leaf(who, participant, name);

    leaf.encryption_key = (struct ic_bytes){HPKE_KEY, sizeof HPKE_KEY};
    leaf.source = IC_MLS_LEAF_KEY_PACKAGE;
    leaf.lifetime = (struct ic_mls_lifetime){0, UINT64_MAX};
    assert_int_equal(ic_mls_write_leaf_node(w, &leaf, suite, pair_of(who).private_key, NULL),
                     IC_OK);
}

static void begin(struct commit *c, uint8_t choice, const struct ic_door_state *before,
                  struct ic_bytes encoded_before, struct ic_bytes encoded_after)
{
    c->w = ic_writer_of(made, sizeof made);
    c->before = *before;
    c->changes = 0;
    ic_write_uint(&c->w, choice, 1);
    ic_mls_write_vector(&c->w, scene_state_extension(encoded_before));
    ic_mls_write_vector(&c->w, scene_state_extension(encoded_after));
    put_leaf(&c->w, HOST, HOST, SCENE_NAMES[HOST]);
    if (choice & 2)
        put_leaf(&c->w, NEWCOMER, NEWCOMER, "Sofia");
}

static void put_change(struct commit *c, enum ic_mls_proposal_type type,
                       enum ic_mls_sender_type sender, uint32_t leaf)
{
    c->changes++;
    ic_write_uint(&c->w, (uint8_t)type | (uint8_t)(sender - 1) << 4, 1);
    ic_write_uint(&c->w, leaf, 2);
}

static void put_psk(struct commit *c, enum ic_mls_sender_type sender)
{
    uint8_t id[IC_DOOR_LINK_PSK_ID_LEN];
    const struct ic_mls_psk_id psk = {.type = IC_MLS_PSK_EXTERNAL, .external_id = {id, sizeof id}};
    ic_door_link_psk_id(id, MEETING, c->before.link_version);
    put_change(c, IC_MLS_PSK, sender, 0);
    ic_mls_write_psk_id(&c->w, &psk);
}

static void put_add(struct commit *c, int who, uint8_t participant, const char *name)
{
    put_change(c, IC_MLS_ADD, IC_MLS_SENDER_MEMBER, 1);
    ic_write_uint(&c->w, IC_SUITE_X25519_AES128, 2);
    put_leaf(&c->w, who, participant, name);
}

/* The fuzzer wants four changes. */
static void end(struct commit *c, const char *name, enum ic_mls_sender_type sender)
{
    while (c->changes < 4)
        put_psk(c, sender);
    assert_false(c->w.bad);
    check(name, ic_written(&c->w));
    scene_forget();
}

static struct ic_door_state next(const struct ic_door_state *state, struct ic_bytes encoded)
{
    struct ic_door_state after = *state;
    uint8_t *hash = scene_keep(IC_DOOR_STATE_HASH_LEN);
    ic_door_state_hash(hash, encoded);
    after.version++;
    after.previous = (struct ic_bytes){hash, IC_DOOR_STATE_HASH_LEN};
    return after;
}

TEST(seeds_of_commits_are_of_the_format_of_now)
{
    struct commit c;
    struct ic_door_state now = usual_state();
    struct ic_bytes before = signed_by(&now, HOST);

    begin(&c, 0, &now, before, before);
    put_add(&c, NEWCOMER, NEWCOMER, "Sofia");
    end(&c, "door_validity/newcomer", IC_MLS_SENDER_MEMBER);

    now = full_state();
    now.flags &= (uint8_t)~IC_DOOR_LOCKED;
    before = signed_by(&now, HOST);
    struct ic_door_state after = next(&now, before);
    after.invites = full_invites(scene_keep(512), 512, NEWCOMER);
    begin(&c, 0, &now, before, signed_by(&after, HOST));
    put_add(&c, NEWCOMER, NEWCOMER, "Sofia");
    put_change(&c, IC_MLS_GROUP_CONTEXT_EXTENSIONS, IC_MLS_SENDER_MEMBER, 0);
    end(&c, "door_validity/invited", IC_MLS_SENDER_MEMBER);

    now = full_state();
    before = signed_by(&now, HOST);
    after = next(&now, before);
    after.link_version++;
    after.invites = (struct ic_bytes){0};
    begin(&c, 4, &now, before, signed_by(&after, HOST));
    put_change(&c, IC_MLS_GROUP_CONTEXT_EXTENSIONS, IC_MLS_SENDER_MEMBER, 0);
    put_change(&c, IC_MLS_REMOVE, IC_MLS_SENDER_MEMBER, 1);
    end(&c, "door_validity/removal", IC_MLS_SENDER_MEMBER);

    now = full_state(); /* locked */
    before = signed_by(&now, HOST);
    begin(&c, 0, &now, before, before);
    put_change(&c, IC_MLS_REMOVE, IC_MLS_SENDER_MEMBER, 0);
    put_add(&c, HOST, 77, SCENE_NAMES[HOST]);
    end(&c, "door_validity/back", IC_MLS_SENDER_MEMBER);

    now = usual_state();
    now.flags = 0;
    before = signed_by(&now, HOST);
    begin(&c, 2, &now, before, before);
    put_change(&c, IC_MLS_EXTERNAL_INIT, IC_MLS_SENDER_NEW_MEMBER_COMMIT, 0);
    end(&c, "door_validity/external", IC_MLS_SENDER_NEW_MEMBER_COMMIT);
}

/* ---- What comes to the door ---- */

static void put_knock(const char *name, const char *answer, const char *signature)
{
    static const uint8_t PACKAGE[300] = {1, 2, 3}, REPLY_KEY[1216] = {4}, ID[16] = {5};
    struct ic_writer w = ic_writer_of(made, sizeof made);

    ic_write_uint(&w, 2, 1);
    ic_mls_write_vector(&w, (struct ic_bytes){PACKAGE, sizeof PACKAGE});
    ic_mls_write_vector(&w, (struct ic_bytes){REPLY_KEY, sizeof REPLY_KEY});
    ic_write_bytes(&w, (struct ic_bytes){ID, sizeof ID});
    ic_mls_write_vector(&w, ic_bytes_of_text(answer));
    ic_mls_write_vector(&w, ic_bytes_of_text(signature));
    assert_false(w.bad);
    check(name, ic_written(&w));
}

/* Signed for the place of the fuzzer, so that it goes through all of the reader. */
static void put_returning(const char *name)
{
    static const uint8_t PACKAGE[300] = {1, 2, 3}, REPLY_KEY[1216] = {4};
    static const uint8_t NINE[IC_PARTICIPANT_LEN] = {9};
    const struct ic_door_knock_place place = {MEETING, NINE, 1};
    struct ic_writer w = ic_writer_of(made, sizeof made);
    struct ic_door_pair pair = pair_of(GUEST);
    uint8_t bound_room[IC_DOOR_BOUND_MAX], signature[IC_SIGNATURE_MAX];
    size_t len;

    ic_write_uint(&w, 2, 1);
    ic_write_uint(&w, 12, 8);
    ic_mls_write_vector(&w, key_of(GUEST));
    ic_mls_write_vector(&w, (struct ic_bytes){PACKAGE, sizeof PACKAGE});
    ic_mls_write_vector(&w, (struct ic_bytes){REPLY_KEY, sizeof REPLY_KEY});
    const struct ic_bytes parts[] = {ic_door_bind(bound_room, "incamera 2 returning", &place),
                                     ic_written(&w)};
    assert_int_equal(
        ic_door_sign(signature, &len, &pair, "incamera 2 returning", parts, IC_COUNT(parts)),
        IC_OK);
    ic_mls_write_vector(&w, (struct ic_bytes){signature, len});
    assert_false(w.bad);
    check(name, ic_written(&w));
}

TEST(seeds_of_knocks_are_of_the_format_of_now)
{
    put_knock("door_knock/body", "", "");
    put_knock("door_knock/body_answer", "I am the new one", "");
    put_knock("door_knock/body_signed", "",
              "of 64 bytes, but it is none that this place's invite would take!");
    put_returning("door_returning/content");
}

RUN_TESTS(cmocka_unit_test(seeds_of_states_are_of_the_format_of_now),
          cmocka_unit_test(seeds_of_commits_are_of_the_format_of_now),
          cmocka_unit_test(seeds_of_knocks_are_of_the_format_of_now))
