/* Groups of real members in every flow: created, joined, changed, left; what they say is heard. */
#include "e2ee/mls/group.h"

#include "tests/e2ee/mls_party.h"

static const uint16_t SUITES[] = {IC_SUITE_X25519_AES128, IC_SUITE_P256_AES128,
                                  IC_SUITE_X25519_CHACHA20, IC_SUITE_HYBRID};

/* A flow, once for each suite that this build has. */
static void with_suites(void (*flow)(const struct ic_suite *suite))
{
    size_t run = 0;

    for (size_t i = 0; i < IC_COUNT(SUITES); i++) {
        const struct ic_suite *suite = ic_suite_find(SUITES[i]);
        if (!ic_suite_available(suite)) {
            print_message("not run: %s is not in this build\n", suite->name);
            continue;
        }
        flow(suite);
        run++;
    }
    assert_true(run >= 3);
}

static void create_and_add(const struct ic_suite *suite)
{
    struct party all[5];

    party_gather(all, 2, suite);
    party_check_talk(all, 2);
    for (unsigned i = 2; i < 5; i++)
        party_init(&all[i], suite, i);
    party_add(all, 5, &all[1], &all[2], 3);
    assert_int_equal(ic_mls_group_member_count(all[4].group), 5);
    struct ic_leaf by;
    assert_true(ic_mls_group_welcomed_by(all[4].group, &by));
    assert_int_equal(by.n, party_leaf(&all[1]).n);
    assert_false(ic_mls_group_welcomed_by(all[0].group, &by));
    party_check_talk(all, 5);
    party_end(all, 5);
}

TEST(mls_group_of_two_takes_in_three_at_once)
{
    with_suites(create_and_add);
}

/* Everyone refreshes its keys, by PublicMessage and by PrivateMessage. */
static void refresh(const struct ic_suite *suite)
{
    struct party all[5];

    party_gather(all, 5, suite);
    for (size_t i = 0; i < 10; i++) {
        const struct ic_mls_commit_plan plan = {
            .force_path = true, .protection = {.private_message = i % 2 == 1, .padding = 100}};
        party_commit(all, 5, &all[i % 5], &plan, NULL, 0);
    }
    party_check_talk(all, 5);
    party_end(all, 5);
}

TEST(mls_members_refresh_their_keys_in_turn)
{
    with_suites(refresh);
}

static void update_and_remove(const struct ic_suite *suite)
{
    struct party all[6];
    const struct ic_mls_proposal update = {.type = IC_MLS_UPDATE};

    party_gather(all, 6, suite);
    party_propose(all, 6, &all[4], &update, true);
    party_propose(all, 6, &all[1], &update, false);
    const struct ic_mls_proposal remove = {.type = IC_MLS_REMOVE, .removed = party_leaf(&all[3])};
    party_propose(all, 6, &all[2], &remove, true);
    assert_int_equal(ic_mls_group_pending_count(all[0].group), 3);
    const struct ic_mls_commit_plan plan = {.all_pending = true};
    party_commit(all, 6, &all[0], &plan, NULL, 0);
    assert_null(all[3].group);
    assert_int_equal(ic_mls_group_member_count(all[0].group), 5);
    assert_int_equal(ic_mls_group_pending_count(all[0].group), 0);
    const struct ic_mls_commit_plan fresh = {.force_path = true};
    party_commit(all, 6, &all[4], &fresh, NULL, 0);
    party_commit(all, 6, &all[1], &fresh, NULL, 0);
    party_check_talk(all, 6);
    party_end(all, 6);
}

TEST(mls_updates_and_removes_are_committed_by_reference)
{
    with_suites(update_and_remove);
}

static void join_from_outside(const struct ic_suite *suite)
{
    struct party all[4];
    struct ic_mls_message info, commit, next_info;
    const struct ic_mls_psk_id link = party_link();

    party_gather(all, 3, suite);
    party_init(&all[3], suite, 3);
    assert_int_equal(ic_mls_group_info(&info, all[1].group, false, (struct ic_bytes){0}), IC_OK);
    struct ic_mls_join_external join = {.group_info = ic_mls_message_bytes(&info),
                                        .identity = &all[3].identity,
                                        .application = &all[3].application,
                                        .psks = &link,
                                        .psk_count = 1,
                                        .want_info = true};
    assert_int_equal(ic_mls_group_join_external(&all[3].group, &commit, &next_info, &join), IC_OK);
    party_tell(all, 3, NULL, ic_mls_message_bytes(&commit));
    for (size_t i = 0; i < 3; i++)
        party_check_agree(&all[i], &all[3]);
    party_check_talk(all, 4);
    ic_mls_message_clear(&commit);
    ic_mls_message_clear(&info);

    /* It lost its state and comes back in its own place. */
    struct ic_leaf old = party_leaf(&all[3]);
    party_leave(&all[3]);
    join.group_info = ic_mls_message_bytes(&next_info);
    join.replaces = &old;
    join.want_info = false;
    assert_int_equal(ic_mls_group_join_external(&all[3].group, &commit, NULL, &join), IC_OK);
    party_tell(all, 3, NULL, ic_mls_message_bytes(&commit));
    for (size_t i = 0; i < 3; i++)
        party_check_agree(&all[i], &all[3]);
    assert_int_equal(ic_mls_group_member_count(all[0].group), 4);
    party_check_talk(all, 4);
    ic_mls_message_clear(&commit);
    ic_mls_message_clear(&next_info);
    party_end(all, 4);
}

TEST(mls_newcomer_joins_by_an_external_commit_and_comes_back_by_another)
{
    with_suites(join_from_outside);
}

static void leave(const struct ic_suite *suite)
{
    struct party all[6];
    const struct ic_mls_proposal self_remove = {.type = IC_MLS_SELF_REMOVE};
    const struct ic_mls_protection how = {0};
    const struct ic_mls_commit_plan all_pending = {.all_pending = true};
    struct ic_mls_message left, info, commit;

    party_gather(all, 5, suite);
    party_init(&all[5], suite, 5);
    party_propose(all, 5, &all[1], &self_remove, true);
    party_commit(all, 5, &all[4], &all_pending, NULL, 0);
    assert_null(all[1].group);
    party_check_talk(all, 5);

    /* A newcomer takes along that somebody leaves. */
    assert_int_equal(ic_mls_group_propose(&left, NULL, all[2].group, &self_remove, NULL, &how),
                     IC_OK);
    struct ic_bytes leaving = ic_mls_message_bytes(&left);
    for (size_t i = 0; i < 5; i++)
        if (all[i].group && i != 2)
            assert_int_equal(party_hear(&all[i], leaving), IC_OK);
    assert_int_equal(ic_mls_group_info(&info, all[0].group, false, (struct ic_bytes){0}), IC_OK);
    const struct ic_mls_join_external join = {.group_info = ic_mls_message_bytes(&info),
                                              .identity = &all[5].identity,
                                              .application = &all[5].application,
                                              .self_removes = &leaving,
                                              .self_remove_count = 1};
    assert_int_equal(ic_mls_group_join_external(&all[5].group, &commit, NULL, &join), IC_OK);
    party_tell(all, 5, NULL, ic_mls_message_bytes(&commit));
    assert_true(ic_mls_group_is_over(all[2].group));
    party_leave(&all[2]);
    party_check_agree(&all[0], &all[5]);
    assert_int_equal(ic_mls_group_member_count(all[5].group), 4);
    party_check_talk(all, 6);
    ic_mls_message_clear(&left);
    ic_mls_message_clear(&info);
    ic_mls_message_clear(&commit);
    party_end(all, 6);
}

TEST(mls_member_removes_itself_and_a_newcomer_can_commit_that)
{
    with_suites(leave);
}

static void fifty(const struct ic_suite *suite)
{
    static struct party all[50];

    for (unsigned i = 0; i < 50; i++)
        party_init(&all[i], suite, i);
    party_create(&all[0], "fifty");
    party_add(all, 50, &all[0], &all[1], 20);
    party_add(all, 50, &all[7], &all[21], 29);
    assert_int_equal(ic_mls_group_member_count(all[49].group), 50);
    const struct ic_mls_commit_plan fresh = {.force_path = true};
    party_commit(all, 50, &all[49], &fresh, NULL, 0);
    party_commit(all, 50, &all[13], &fresh, NULL, 0);
    struct ic_leaf gone[30];
    for (size_t i = 0; i < 30; i++)
        gone[i] = party_leaf(&all[20 + i]);
    const struct ic_mls_commit_plan remove = {.removes = gone, .remove_count = 30};
    party_commit(all, 50, &all[3], &remove, NULL, 0);
    assert_int_equal(ic_mls_group_member_count(all[0].group), 20);
    assert_int_equal(ic_mls_group_tree(all[0].group)->leaves, 32);
    party_add(all, 50, &all[19], &all[20], 2);
    party_check_talk(all, 50);
    party_end(all, 50);
}

TEST(mls_group_of_fifty_shrinks_to_twenty_and_grows_again)
{
    with_suites(fifty);
}

TEST(mls_context_extensions_are_replaced_and_agreed_on)
{
    struct party all[3];
    uint8_t room[64];
    struct ic_writer w = ic_writer_of(room, sizeof room);
    struct ic_bytes list;

    party_gather(all, 3, ic_suite_find(1));
    ic_write_uint(&w, PARTY_CONTEXT_EXTENSION, 2);
    ic_write_uint(&w, 3, 1);
    ic_write_bytes(&w, ic_bytes_of_text("abc"));
    list = ic_written(&w);
    const struct ic_mls_commit_plan plan = {.extensions = &list};
    party_commit(all, 3, &all[1], &plan, NULL, 0);
    struct ic_bytes data;
    assert_true(ic_mls_extension_find(ic_mls_group_context(all[2].group)->extensions,
                                      PARTY_CONTEXT_EXTENSION, &data));
    assert_true(ic_bytes_equal(data, ic_bytes_of_text("abc")));
    party_end(all, 3);
}

TEST(mls_identity_changes_with_a_commit_and_with_an_update)
{
    struct party all[3], renewed[2];
    const struct ic_mls_protection how = {0};
    const struct ic_mls_proposal update = {.type = IC_MLS_UPDATE};
    struct ic_mls_message message;

    party_gather(all, 3, ic_suite_find(1));
    party_init(&renewed[0], ic_suite_find(1), 100);
    party_init(&renewed[1], ic_suite_find(1), 101);
    const struct ic_mls_commit_plan plan = {.identity = &renewed[0].identity};
    party_commit(all, 3, &all[1], &plan, NULL, 0);
    party_check_talk(all, 3);

    assert_int_equal(
        ic_mls_group_propose(&message, NULL, all[2].group, &update, &renewed[1].identity, &how),
        IC_OK);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(party_hear(&all[i], ic_mls_message_bytes(&message)), IC_OK);
    const struct ic_mls_commit_plan pending = {.all_pending = true};
    party_commit(all, 3, &all[1], &pending, NULL, 0);
    party_check_talk(all, 3);
    const struct ic_mls_leaf_node *leaf =
        ic_mls_tree_leaf(ic_mls_group_tree(all[0].group), party_leaf(&all[2]));
    assert_memory_equal(leaf->credential.identity.at, renewed[1].name, PARTY_NAME_LEN);
    const struct ic_mls_commit_plan fresh = {.force_path = true};
    party_commit(all, 3, &all[2], &fresh, NULL, 0);
    ic_mls_message_clear(&message);
    party_end(all, 3);
}

TEST(mls_tree_may_come_apart_from_welcome_and_group_info)
{
    struct party all[3];
    struct ic_mls_staged *staged;
    struct ic_mls_message tree, info, commit;

    party_gather(all, 1, ic_suite_find(1));
    party_init(&all[1], ic_suite_find(1), 1);
    party_init(&all[2], ic_suite_find(1), 2);
    struct ic_bytes package = party_package(&all[1]);
    const struct ic_mls_commit_plan plan = {.adds = &package, .add_count = 1, .tree_apart = true};
    assert_int_equal(ic_mls_group_commit(&staged, all[0].group, &plan), IC_OK);
    struct ic_mls_message welcome;
    assert_int_equal(ic_mls_message_copy(&welcome, ic_mls_staged_welcome(staged)), IC_OK);
    assert_int_equal(ic_mls_group_enter(all[0].group, staged), IC_OK);
    assert_int_equal(ic_mls_group_encode_tree(&tree, all[0].group), IC_OK);
    struct ic_mls_group_join join = {.welcome = ic_mls_message_bytes(&welcome),
                                     .package = &all[1].package,
                                     .application = &all[1].application};
    assert_int_equal(ic_mls_group_join(&all[1].group, &join), IC_ERR_NOT_FOUND);
    join.tree = ic_mls_message_bytes(&tree);
    assert_int_equal(ic_mls_group_join(&all[1].group, &join), IC_OK);
    party_check_agree(&all[0], &all[1]);

    assert_int_equal(ic_mls_group_info(&info, all[0].group, true, (struct ic_bytes){0}), IC_OK);
    struct ic_mls_join_external external = {.group_info = ic_mls_message_bytes(&info),
                                            .identity = &all[2].identity};
    assert_int_equal(ic_mls_group_join_external(&all[2].group, &commit, NULL, &external),
                     IC_ERR_NOT_FOUND);
    external.tree = ic_mls_message_bytes(&tree);
    assert_int_equal(ic_mls_group_join_external(&all[2].group, &commit, NULL, &external), IC_OK);
    party_tell(all, 2, NULL, ic_mls_message_bytes(&commit));
    party_check_agree(&all[1], &all[2]);
    ic_mls_message_clear(&welcome);
    ic_mls_message_clear(&tree);
    ic_mls_message_clear(&info);
    ic_mls_message_clear(&commit);
    party_end(all, 3);
}

RUN_TESTS(cmocka_unit_test(mls_group_of_two_takes_in_three_at_once),
          cmocka_unit_test(mls_members_refresh_their_keys_in_turn),
          cmocka_unit_test(mls_updates_and_removes_are_committed_by_reference),
          cmocka_unit_test(mls_newcomer_joins_by_an_external_commit_and_comes_back_by_another),
          cmocka_unit_test(mls_member_removes_itself_and_a_newcomer_can_commit_that),
          cmocka_unit_test(mls_group_of_fifty_shrinks_to_twenty_and_grows_again),
          cmocka_unit_test(mls_context_extensions_are_replaced_and_agreed_on),
          cmocka_unit_test(mls_identity_changes_with_a_commit_and_with_an_update),
          cmocka_unit_test(mls_tree_may_come_apart_from_welcome_and_group_info))
