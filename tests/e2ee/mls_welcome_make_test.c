/* Welcomes that we make: newcomers join by them and agree on the epoch. */
#include "e2ee/mls/welcome_make.h"

#include "crypto/random.h"
#include "e2ee/mls/external_init.h"
#include "e2ee/mls/framing.h"
#include "e2ee/mls/join.h"
#include "e2ee/mls/transcript.h"
#include "e2ee/mls/tree_edit.h"
#include "e2ee/mls/update_path.h"
#include "tests/e2ee/mls_people.h"

enum { NEWCOMERS = 5 };

static const struct ic_bytes GROUP_ID = {(const uint8_t *)"group", 5};
static const uint8_t PSK[] = "a secret that both have";

/* Ann alone, who adds all the others in one commit with a path. */
struct start {
    const struct ic_suite *suite;
    struct person ann, newcomers[NEWCOMERS];
    struct ic_mls_newcomer welcomed[NEWCOMERS];
    struct ic_mls_own_path *own;
    uint8_t context[512], confirmed[IC_HASH_MAX], tag[IC_HASH_MAX];
    struct ic_bytes context_bytes;
    uint8_t joiner[IC_HASH_MAX], psk_secret[IC_HASH_MAX], psk_id[128];
    struct ic_bytes psk_ids;
    struct ic_mls_epoch epoch;
    struct ic_mls_message info, welcome;
};

static struct ic_bytes secret_of(const struct start *s, const uint8_t *at)
{
    return (struct ic_bytes){at, ic_mls_secret_len(s->suite)};
}

static void make_path(struct start *s)
{
    struct ic_leaf at[NEWCOMERS];
    struct ic_mls_tree *tree;

    person_init(&s->ann, s->suite, "Ann");
    assert_int_equal(ic_mls_tree_of_one(&tree, s->suite, person_leaf(&s->ann)), IC_OK);
    for (size_t i = 0; i < NEWCOMERS; i++) {
        person_init(&s->newcomers[i], s->suite, "Newcomer");
        assert_int_equal(ic_mls_tree_add(&at[i], tree, person_leaf(&s->newcomers[i])), IC_OK);
    }
    assert_int_equal(
        ic_mls_own_path_new(&s->own, tree, (struct ic_leaf){0}, &s->ann.identity, GROUP_ID), IC_OK);
    for (size_t i = 0; i < NEWCOMERS; i++) {
        struct ic_bytes secret = ic_mls_own_path_secret_for(s->own, at[i]);
        s->welcomed[i] = (struct ic_mls_newcomer){s->newcomers[i].read, secret};
    }
    ic_mls_tree_free(tree);
}

static void make_psk(struct start *s)
{
    uint8_t nonce[IC_HASH_MAX] = {7};
    const struct ic_mls_psk_id id = {.type = IC_MLS_PSK_EXTERNAL,
                                     .external_id = ic_bytes_of_text("link"),
                                     .nonce = secret_of(s, nonce)};
    struct ic_writer w = ic_writer_of(s->psk_id, sizeof s->psk_id);
    ic_mls_write_psk_id(&w, &id);
    s->psk_ids = ic_written(&w);
    const struct ic_mls_psk psk = {s->psk_ids, {PSK, sizeof PSK}};
    ic_mls_psk_secret(s->psk_secret, s->suite, &psk, 1);
}

static void make_epoch_of_tree(struct start *s, struct ic_bytes tree_hash)
{
    size_t len = ic_mls_secret_len(s->suite);
    const struct ic_mls_group_context context = {
        .suite = s->suite->id,
        .group_id = GROUP_ID,
        .epoch = 1,
        .tree_hash = tree_hash,
        .confirmed_transcript_hash = secret_of(s, s->confirmed),
    };
    struct ic_writer w = ic_writer_of(s->context, sizeof s->context);

    ic_mls_write_group_context(&w, &context);
    s->context_bytes = ic_written(&w);
    ic_random_fill(s->joiner, len);
    ic_mls_joiner_secret(s->joiner, s->suite, secret_of(s, s->joiner),
                         (struct ic_bytes){s->own->commit_secret, len}, s->context_bytes);
    ic_mls_epoch_init(&s->epoch, s->suite, secret_of(s, s->joiner), secret_of(s, s->psk_secret),
                      s->context_bytes);
    ic_mls_confirmation_tag(s->tag, &s->epoch, secret_of(s, s->confirmed));
}

static void make_epoch(struct start *s)
{
    const struct ic_mls_tree *tree = s->own->tree;
    make_epoch_of_tree(s, ic_mls_tree_hash(tree, ic_tree_root(tree->leaves)));
}

static struct ic_mls_info_plan info_plan(const struct start *s)
{
    return (struct ic_mls_info_plan){
        .context = s->context_bytes,
        .confirmation_tag = secret_of(s, s->tag),
        .signer = s->own->keys.leaf,
        .signature_private = s->ann.identity.signature_private,
        .tree = s->own->tree,
    };
}

static struct ic_mls_welcome_plan welcome_plan(const struct start *s)
{
    return (struct ic_mls_welcome_plan){
        .joiner_secret = secret_of(s, s->joiner),
        .psk_secret = secret_of(s, s->psk_secret),
        .psks = s->psk_ids,
        .group_info = ic_mls_message_bytes(&s->info),
        .newcomers = s->welcomed,
        .newcomer_count = NEWCOMERS,
    };
}

static void start_init(struct start *s, const struct ic_suite *suite)
{
    *s = (struct start){.suite = suite};
    make_path(s);
    make_psk(s);
    make_epoch(s);
    struct ic_mls_info_plan info = info_plan(s);
    assert_int_equal(ic_mls_info_make(&s->info, suite, &info), IC_OK);
    struct ic_mls_welcome_plan plan = welcome_plan(s);
    assert_int_equal(ic_mls_welcome_make(&s->welcome, suite, &plan), IC_OK);
}

static void start_clear(struct start *s)
{
    person_clear(&s->ann);
    for (size_t i = 0; i < NEWCOMERS; i++)
        person_clear(&s->newcomers[i]);
    ic_mls_own_path_free(s->own);
    ic_mls_message_clear(&s->info);
    ic_mls_message_clear(&s->welcome);
}

static bool find_psk(void *user, const struct ic_mls_psk_id *id, struct ic_bytes *secret)
{
    (void)user;
    *secret = (struct ic_bytes){PSK, sizeof PSK};
    return id->type == IC_MLS_PSK_RESUMPTION ||
           ic_bytes_equal(id->external_id, ic_bytes_of_text("link"));
}

static enum ic_err join_as(struct ic_mls_joined **joined, const struct start *s,
                           const struct person *newcomer, struct ic_bytes welcome,
                           struct ic_bytes tree)
{
    size_t len = ic_kem_lengths(s->suite->kem).private_len;
    const struct ic_mls_join join = {
        .welcome = welcome,
        .key_package = ic_mls_message_bytes(&newcomer->package.encoded),
        .init_private = {newcomer->package.init_private, len},
        .leaf_private = {newcomer->package.leaf_private, len},
        .tree = tree,
        .find_psk = find_psk,
    };
    return ic_mls_join(joined, &join);
}

static void check_joined(const struct start *s, const struct ic_mls_joined *joined)
{
    size_t len = ic_mls_secret_len(s->suite);
    assert_memory_equal(joined->epoch.authenticator, s->epoch.authenticator, len);
    assert_memory_equal(joined->epoch.init, s->epoch.init, len);
    /* The path secret gave the keys up to the root. */
    assert_true(joined->keys.at[ic_node_level(ic_tree_root(joined->tree->leaves))].held);
}

TEST(mls_newcomers_of_a_welcome_of_ours_reach_the_epoch_in_every_suite)
{
    for (size_t i = 0; i < IC_SUITE_COUNT; i++) {
        struct start s;
        if (!ic_suite_available(&IC_SUITES[i])) {
            print_message("not compared: %s is not in this build\n", IC_SUITES[i].name);
            continue;
        }
        start_init(&s, &IC_SUITES[i]);
        for (size_t k = 0; k < NEWCOMERS; k++) {
            struct ic_mls_joined *joined;
            assert_int_equal(join_as(&joined, &s, &s.newcomers[k], ic_mls_message_bytes(&s.welcome),
                                     (struct ic_bytes){0}),
                             IC_OK);
            check_joined(&s, joined);
            ic_mls_joined_free(joined);
        }
        struct ic_mls_joined *joined = NULL;
        assert_int_equal(
            join_as(&joined, &s, &s.ann, ic_mls_message_bytes(&s.welcome), (struct ic_bytes){0}),
            IC_ERR_NOT_FOUND);
        start_clear(&s);
    }
}

/* Keys of groups before this one, of a usage. */
static void make_origins(struct start *s, enum ic_mls_psk_usage usage, size_t count)
{
    static uint8_t room[2048];
    uint8_t nonce[IC_HASH_MAX] = {7};
    struct ic_writer w = ic_writer_of(room, sizeof room);
    struct ic_mls_psk psks[IC_MLS_PSKS_MAX + 1];

    for (size_t i = 0; i < count; i++) {
        const struct ic_mls_psk_id id = {.type = IC_MLS_PSK_RESUMPTION,
                                         .usage = usage,
                                         .group_id = GROUP_ID,
                                         .epoch = i,
                                         .nonce = secret_of(s, nonce)};
        size_t begin = w.len;
        ic_mls_write_psk_id(&w, &id);
        psks[i] = (struct ic_mls_psk){{room + begin, w.len - begin}, {PSK, sizeof PSK}};
    }
    s->psk_ids = ic_written(&w);
    ic_mls_psk_secret(s->psk_secret, s->suite, psks,
                      count < IC_MLS_PSKS_MAX ? count : IC_MLS_PSKS_MAX);
    make_epoch(s);
}

static void make_short_nonce(struct start *s)
{
    uint8_t nonce[IC_HASH_MAX] = {7};
    const struct ic_mls_psk_id id = {.type = IC_MLS_PSK_EXTERNAL,
                                     .external_id = ic_bytes_of_text("link"),
                                     .nonce = {nonce, ic_mls_secret_len(s->suite) - 1}};
    struct ic_writer w = ic_writer_of(s->psk_id, sizeof s->psk_id);
    ic_mls_write_psk_id(&w, &id);
    s->psk_ids = ic_written(&w);
    const struct ic_mls_psk psk = {s->psk_ids, {PSK, sizeof PSK}};
    ic_mls_psk_secret(s->psk_secret, s->suite, &psk, 1);
    make_epoch(s);
}

/* What the first newcomer makes of a Welcome with that description. */
static enum ic_err verdict(struct start *s, const struct ic_mls_info_plan *info)
{
    struct ic_mls_welcome_plan plan = welcome_plan(s);
    struct ic_mls_joined *joined = NULL;
    struct ic_mls_message made, welcome;

    assert_int_equal(ic_mls_info_make(&made, s->suite, info), IC_OK);
    plan.group_info = ic_mls_message_bytes(&made);
    assert_int_equal(ic_mls_welcome_make(&welcome, s->suite, &plan), IC_OK);
    enum ic_err err =
        join_as(&joined, s, &s->newcomers[0], ic_mls_message_bytes(&welcome), (struct ic_bytes){0});
    ic_mls_joined_free(joined);
    ic_mls_message_clear(&made);
    ic_mls_message_clear(&welcome);
    return err;
}

TEST(mls_welcome_whose_description_nobody_there_signed_is_refused)
{
    struct start s;

    start_init(&s, ic_suite_find(IC_SUITE_X25519_AES128));
    struct ic_mls_info_plan info = info_plan(&s);
    assert_int_equal(verdict(&s, &info), IC_OK);
    info.signature_private = s.newcomers[1].identity.signature_private;
    assert_int_equal(verdict(&s, &info), IC_ERR_FORGED);
    info = info_plan(&s);
    info.signer.n = NEWCOMERS + 1; /* a place without a member */
    assert_int_equal(verdict(&s, &info), IC_ERR_MALFORMED);
    info.signer.n = 4000000000; /* and none at all */
    assert_int_equal(verdict(&s, &info), IC_ERR_MALFORMED);
    info.signer.n = 1; /* the newcomer itself, who has a path secret of another */
    info.signature_private = s.newcomers[0].identity.signature_private;
    assert_int_equal(verdict(&s, &info), IC_ERR_MALFORMED);
    info = info_plan(&s);
    uint8_t tag[IC_HASH_MAX] = {1};
    info.confirmation_tag = secret_of(&s, tag);
    assert_int_equal(verdict(&s, &info), IC_ERR_FORGED);
    start_clear(&s);
}

/* All else fits: the signature, the secrets and the tag are of the group with that hash. */
TEST(mls_welcome_to_a_group_of_another_tree_is_refused)
{
    uint8_t hash[IC_HASH_MAX] = {1};
    struct start s;

    start_init(&s, ic_suite_find(IC_SUITE_X25519_AES128));
    make_epoch_of_tree(&s, secret_of(&s, hash));
    struct ic_mls_info_plan info = info_plan(&s);
    assert_int_equal(verdict(&s, &info), IC_ERR_FORGED);
    start_clear(&s);
}

TEST(mls_welcome_with_a_short_nonce_too_many_keys_or_from_two_groups_is_refused)
{
    struct start s;

    start_init(&s, ic_suite_find(IC_SUITE_X25519_AES128));
    make_short_nonce(&s);
    struct ic_mls_info_plan info = info_plan(&s);
    assert_int_equal(verdict(&s, &info), IC_ERR_MALFORMED);
    make_origins(&s, IC_MLS_PSK_BRANCH, 1);
    info = info_plan(&s);
    assert_int_equal(verdict(&s, &info), IC_OK);
    make_origins(&s, IC_MLS_PSK_BRANCH, 2);
    info = info_plan(&s);
    assert_int_equal(verdict(&s, &info), IC_ERR_FORBIDDEN);
    make_origins(&s, IC_MLS_PSK_APPLICATION, IC_MLS_PSKS_MAX);
    info = info_plan(&s);
    assert_int_equal(verdict(&s, &info), IC_OK);
    make_origins(&s, IC_MLS_PSK_APPLICATION, IC_MLS_PSKS_MAX + 1);
    info = info_plan(&s);
    assert_int_equal(verdict(&s, &info), IC_ERR_MALFORMED);
    start_clear(&s);
}

TEST(mls_welcome_may_leave_the_tree_to_be_sent_apart)
{
    struct ic_mls_message welcome, tree;
    struct ic_mls_joined *joined;
    struct start s;

    start_init(&s, ic_suite_find(IC_SUITE_X25519_AES128));
    struct ic_mls_info_plan info = info_plan(&s);
    info.tree = NULL;
    ic_mls_message_clear(&s.info);
    assert_int_equal(ic_mls_info_make(&s.info, s.suite, &info), IC_OK);
    struct ic_mls_welcome_plan plan = welcome_plan(&s);
    assert_int_equal(ic_mls_welcome_make(&welcome, s.suite, &plan), IC_OK);
    assert_int_equal(ic_mls_tree_encode(&tree, s.own->tree), IC_OK);
    assert_int_equal(
        join_as(&joined, &s, &s.newcomers[1], ic_mls_message_bytes(&welcome), (struct ic_bytes){0}),
        IC_ERR_NOT_FOUND);
    assert_int_equal(join_as(&joined, &s, &s.newcomers[1], ic_mls_message_bytes(&welcome),
                             ic_mls_message_bytes(&tree)),
                     IC_OK);
    check_joined(&s, joined);
    ic_mls_joined_free(joined);
    ic_mls_message_clear(&welcome);
    ic_mls_message_clear(&tree);
    start_clear(&s);
}

TEST(mls_group_info_carries_the_external_key_and_what_else_is_wanted)
{
    static const uint8_t MORE[] = {0xf1, 0x00, 0x02, 'h', 'i'};
    uint8_t made[IC_HASH_MAX], found[IC_HASH_MAX], kem_output[IC_KEM_ENC_MAX];
    struct ic_mls_message message;
    struct ic_mls_group_info read;
    struct ic_bytes external, more;
    struct start s;

    start_init(&s, ic_suite_find(IC_SUITE_X25519_CHACHA20));
    struct ic_mls_info_plan plan = info_plan(&s);
    plan.epoch = &s.epoch;
    plan.extensions = (struct ic_bytes){MORE, sizeof MORE};
    assert_int_equal(ic_mls_info_make_message(&message, s.suite, &plan), IC_OK);
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&message));
    assert_int_equal(ic_read_uint(&r, 2), IC_MLS_VERSION);
    assert_int_equal(ic_read_uint(&r, 2), IC_MLS_GROUP_INFO);
    ic_mls_read_group_info(&r, &read);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
    assert_int_equal(ic_mls_group_info_verify(&read, s.suite, s.ann.read.leaf.signature_key),
                     IC_OK);
    assert_true(ic_mls_extension_find(read.extensions, 0xf100, &more));
    assert_int_equal(more.len, 2);
    assert_int_equal(ic_mls_one_vector_find(&external, read.extensions, IC_MLS_EXT_EXTERNAL_PUB),
                     IC_OK);
    assert_int_equal(ic_mls_external_init_make(made, kem_output, s.suite, external), IC_OK);
    struct ic_bytes sent = {kem_output, ic_kem_lengths(s.suite->kem).enc_len};
    assert_int_equal(ic_mls_external_init_find(found, &s.epoch, sent), IC_OK);
    assert_memory_equal(made, found, ic_mls_secret_len(s.suite));
    ic_mls_message_clear(&message);
    start_clear(&s);
}

TEST(mls_group_info_and_welcome_refuse_what_breaks_their_rules)
{
    static const uint8_t TREE_TWICE[] = {0x00, 0x02, 0x00}, NO_LIST[] = {0xf1, 0x00, 0x02, 'h'};
    struct ic_mls_message message = {0};
    struct start s;

    start_init(&s, ic_suite_find(IC_SUITE_X25519_AES128));
    struct ic_mls_info_plan info = info_plan(&s);
    info.extensions = (struct ic_bytes){TREE_TWICE, sizeof TREE_TWICE};
    assert_int_equal(ic_mls_info_make(&message, s.suite, &info), IC_ERR_MALFORMED);
    info.extensions = (struct ic_bytes){NO_LIST, sizeof NO_LIST};
    assert_int_equal(ic_mls_info_make(&message, s.suite, &info), IC_ERR_MALFORMED);

    struct ic_mls_welcome_plan plan = welcome_plan(&s);
    plan.newcomer_count = IC_MLS_WELCOMED_MAX + 1;
    assert_int_equal(ic_mls_welcome_make(&message, s.suite, &plan), IC_ERR_FULL);
    plan.newcomer_count = NEWCOMERS;
    s.welcomed[2].package.init_key.len--;
    assert_int_equal(ic_mls_welcome_make(&message, s.suite, &plan), IC_ERR_MALFORMED);
    assert_null(message.at);
    start_clear(&s);
}

TEST(mls_welcome_of_ours_with_a_byte_changed_lets_nobody_in)
{
    struct start s;

    start_init(&s, ic_suite_find(IC_SUITE_X25519_AES128));
    for (size_t at = 0; at < s.welcome.len; at += 3) {
        size_t joined_count = 0;
        s.welcome.at[at] ^= 4;
        for (size_t k = 0; k < 2; k++) {
            struct ic_mls_joined *joined;
            if (join_as(&joined, &s, &s.newcomers[k], ic_mls_message_bytes(&s.welcome),
                        (struct ic_bytes){0}) != IC_OK)
                continue;
            joined_count++;
            ic_mls_joined_free(joined);
        }
        /* A part that is another's alone hurts that one only. */
        assert_true(joined_count < 2 || at < s.welcome.len - s.info.len);
        s.welcome.at[at] ^= 4;
    }
    start_clear(&s);
}

RUN_TESTS(
    cmocka_unit_test(mls_newcomers_of_a_welcome_of_ours_reach_the_epoch_in_every_suite),
    cmocka_unit_test(mls_welcome_whose_description_nobody_there_signed_is_refused),
    cmocka_unit_test(mls_welcome_to_a_group_of_another_tree_is_refused),
    cmocka_unit_test(mls_welcome_with_a_short_nonce_too_many_keys_or_from_two_groups_is_refused),
    cmocka_unit_test(mls_welcome_may_leave_the_tree_to_be_sent_apart),
    cmocka_unit_test(mls_group_info_carries_the_external_key_and_what_else_is_wanted),
    cmocka_unit_test(mls_group_info_and_welcome_refuse_what_breaks_their_rules),
    cmocka_unit_test(mls_welcome_of_ours_with_a_byte_changed_lets_nobody_in))
