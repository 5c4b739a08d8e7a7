/* A commit is looked at before it is entered, and can be thrown away: what is refused or dropped
 * changes nothing, past epochs can be heard for a time, an end is an end. */
#include "e2ee/mls/capabilities.h"
#include "e2ee/mls/group.h"
#include "e2ee/mls/group_state.h"

#include "tests/e2ee/mls_party.h"
#include "tests/e2ee/mls_state.h"

static const struct ic_mls_commit_plan FRESH = {.force_path = true};
static const struct ic_mls_commit_plan FRESH_PRIVATE = {.force_path = true,
                                                        .protection = {.private_message = true}};

static struct ic_mls_staged *commit(struct party *p, const struct ic_mls_commit_plan *plan)
{
    struct ic_mls_staged *staged;
    assert_int_equal(ic_mls_group_commit(&staged, p->group, plan), IC_OK);
    return staged;
}

TEST(mls_of_two_competing_commits_one_is_thrown_away)
{
    struct party all[4];

    party_gather(all, 3, ic_suite_find(1));
    party_init(&all[3], ic_suite_find(1), 3);
    struct mls_state before = mls_state_of(all[1].group);
    struct ic_mls_staged *first = commit(&all[0], &FRESH), *second = commit(&all[1], &FRESH);
    party_hear_commit(&all[2], ic_mls_staged_message(first));
    struct mls_state after = mls_state_of(all[1].group);
    assert_true(mls_state_equal(&before, &after));
    party_hear_commit(&all[1], ic_mls_staged_message(first));
    assert_int_equal(ic_mls_group_enter(all[1].group, second), IC_ERR_REPLAYED);
    assert_int_equal(party_hear(&all[0], ic_mls_staged_message(second)), IC_OK);
    ic_mls_staged_free(second);
    assert_int_equal(ic_mls_group_enter(all[0].group, first), IC_OK);
    party_check_agree(&all[0], &all[1]);
    party_check_agree(&all[0], &all[2]);
    party_add(all, 4, &all[1], &all[3], 1);
    party_check_talk(all, 4);
    party_end(all, 4);
}

TEST(mls_dropped_commit_changes_nothing_and_can_be_heard_again)
{
    struct party all[3];
    const struct ic_mls_commit_plan *plans[] = {&FRESH, &FRESH_PRIVATE};

    party_gather(all, 3, ic_suite_find(1));
    for (size_t i = 0; i < IC_COUNT(plans); i++) {
        struct ic_mls_staged *staged = commit(&all[0], plans[i]);
        struct mls_state before = mls_state_of(all[1].group);
        assert_int_equal(party_hear(&all[1], ic_mls_staged_message(staged)), IC_OK);
        assert_int_equal(party_hear(&all[1], ic_mls_staged_message(staged)), IC_OK);
        struct mls_state after = mls_state_of(all[1].group);
        assert_true(mls_state_equal(&before, &after));
        party_tell(all, 3, &all[0], ic_mls_staged_message(staged));
        assert_int_equal(ic_mls_group_enter(all[0].group, staged), IC_OK);
        party_check_agree(&all[0], &all[1]);
    }
    party_end(all, 3);
}

/* A byte changed anywhere, or an end cut off: refused, and nothing has changed. */
static void damage(struct party *p, struct ic_bytes message, size_t step)
{
    struct mls_state before = mls_state_of(p->group);
    uint8_t *copy = malloc(message.len);
    assert_non_null(copy);

    for (size_t at = 0; at < message.len; at += step) {
        memcpy(copy, message.at, message.len);
        copy[at] ^= 0x10;
        assert_int_not_equal(party_hear(p, (struct ic_bytes){copy, message.len}), IC_OK);
    }
    for (size_t len = 0; len < message.len; len += step)
        assert_int_not_equal(party_hear(p, (struct ic_bytes){message.at, len}), IC_OK);
    free(copy);
    struct mls_state after = mls_state_of(p->group);
    assert_true(mls_state_equal(&before, &after));
}

TEST(mls_damaged_message_is_refused_and_changes_nothing)
{
    struct party all[4];
    struct ic_mls_message message;
    const struct ic_mls_protection how = {0}, hidden = {.private_message = true};
    const struct ic_mls_proposal update = {.type = IC_MLS_UPDATE};

    party_gather(all, 4, ic_suite_find(1));
    struct ic_mls_staged *staged = commit(&all[0], &FRESH);
    damage(&all[3], ic_mls_staged_message(staged), 3);
    ic_mls_staged_free(staged);
    staged = commit(&all[0], &FRESH_PRIVATE);
    damage(&all[3], ic_mls_staged_message(staged), 11);
    ic_mls_staged_free(staged);
    assert_int_equal(ic_mls_group_propose(&message, NULL, all[1].group, &update, NULL, &how),
                     IC_OK);
    damage(&all[3], ic_mls_message_bytes(&message), 3);
    ic_mls_message_clear(&message);
    assert_int_equal(ic_mls_group_propose(&message, NULL, all[1].group, &update, NULL, &hidden),
                     IC_OK);
    damage(&all[3], ic_mls_message_bytes(&message), 11);
    ic_mls_message_clear(&message);
    party_end(all, 4);
}

TEST(mls_outlook_shows_what_a_commit_would_change)
{
    struct party all[4];
    struct ic_mls_heard heard;
    const struct ic_mls_psk_id link = party_link();

    party_gather(all, 3, ic_suite_find(1));
    party_init(&all[3], ic_suite_find(1), 3);
    struct ic_bytes package = party_package(&all[3]);
    struct ic_leaf gone = party_leaf(&all[1]);
    const struct ic_mls_commit_plan plan = {
        .adds = &package,
        .add_count = 1,
        .removes = &gone,
        .remove_count = 1,
        .psks = &link,
        .psk_count = 1,
        .protection = {.authenticated_data = ic_bytes_of_text("why")},
    };
    struct ic_mls_staged *staged = commit(&all[0], &plan);
    assert_true(ic_mls_staged_outlook(staged)->is_ours);
    assert_int_equal(ic_mls_group_hear(&heard, all[2].group, ic_mls_staged_message(staged)), IC_OK);
    const struct ic_mls_outlook *outlook = ic_mls_staged_outlook(heard.staged);
    assert_int_equal(outlook->committer.n, 0);
    assert_false(outlook->is_newcomer);
    assert_false(outlook->is_ours);
    assert_false(outlook->removes_us);
    assert_true(outlook->has_path);
    assert_true(ic_bytes_equal(outlook->authenticated_data, ic_bytes_of_text("why")));
    assert_int_equal(outlook->change_count, 3);
    assert_int_equal(outlook->changes[0].proposal.type, IC_MLS_ADD);
    assert_int_equal(outlook->changes[0].leaf.n, gone.n); /* the place that became free */
    assert_int_equal(outlook->changes[1].proposal.type, IC_MLS_REMOVE);
    assert_int_equal(outlook->changes[1].leaf.n, gone.n);
    assert_int_equal(outlook->changes[2].proposal.type, IC_MLS_PSK);
    const struct ic_mls_leaf_node *leaf = ic_mls_tree_leaf(outlook->tree, gone);
    assert_memory_equal(leaf->credential.identity.at, all[3].name, PARTY_NAME_LEN);
    leaf = ic_mls_tree_leaf(ic_mls_group_tree(all[2].group), gone);
    assert_memory_equal(leaf->credential.identity.at, all[1].name, PARTY_NAME_LEN);
    assert_int_equal(outlook->context->epoch, ic_mls_group_context(all[2].group)->epoch + 1);
    assert_true(ic_bytes_equal(ic_mls_staged_epoch_authenticator(heard.staged),
                               ic_mls_staged_epoch_authenticator(staged)));
    ic_mls_heard_clear(&heard);
    ic_mls_staged_free(staged);
    party_end(all, 4);
}

TEST(mls_removed_member_is_told_and_can_do_nothing_any_more)
{
    struct party all[3];
    struct ic_mls_heard heard;
    struct ic_mls_message message;
    struct ic_mls_staged *staged, *other;
    uint8_t secret[16];
    const struct ic_mls_proposal update = {.type = IC_MLS_UPDATE};
    const struct ic_mls_protection how = {0};

    party_gather(all, 3, ic_suite_find(1));
    struct ic_leaf gone = party_leaf(&all[2]);
    const struct ic_mls_commit_plan plan = {.removes = &gone, .remove_count = 1};
    staged = commit(&all[0], &plan);
    assert_int_equal(ic_mls_group_hear(&heard, all[2].group, ic_mls_staged_message(staged)), IC_OK);
    assert_true(ic_mls_staged_outlook(heard.staged)->removes_us);
    assert_int_equal(ic_mls_staged_epoch_authenticator(heard.staged).len, 0);
    other = heard.staged;
    heard.staged = NULL;
    assert_int_equal(ic_mls_group_enter(all[2].group, other), IC_OK);
    ic_mls_heard_clear(&heard);
    assert_true(ic_mls_group_is_over(all[2].group));
    assert_int_equal(party_hear(&all[2], ic_mls_staged_message(staged)), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_mls_group_commit(&other, all[2].group, &FRESH), IC_ERR_FORBIDDEN);
    assert_int_equal(
        ic_mls_group_seal(&message, all[2].group, ic_bytes_of_text(""), ic_bytes_of_text("x"), 0),
        IC_ERR_FORBIDDEN);
    assert_int_equal(ic_mls_group_propose(&message, NULL, all[2].group, &update, NULL, &how),
                     IC_ERR_FORBIDDEN);
    assert_int_equal(ic_mls_group_info(&message, all[2].group, false, (struct ic_bytes){0}),
                     IC_ERR_FORBIDDEN);
    assert_int_equal(ic_mls_group_export(secret, 16, all[2].group, "x", ic_bytes_of_text("")),
                     IC_ERR_FORBIDDEN);
    ic_mls_staged_free(staged);
    party_end(all, 3);
}

TEST(mls_text_of_past_epochs_is_heard_until_they_are_forgotten)
{
    enum { EPOCHS = IC_MLS_PAST_EPOCHS_MAX + 2 };
    struct party all[2];
    struct ic_mls_message said[EPOCHS];

    party_gather(all, 2, ic_suite_find(1));
    uint64_t first = ic_mls_group_context(all[0].group)->epoch;
    for (size_t i = 0; i < EPOCHS; i++) {
        assert_int_equal(ic_mls_group_seal(&said[i], all[0].group, ic_bytes_of_text(""),
                                           ic_bytes_of_text("late"), 0),
                         IC_OK);
        party_commit(all, 2, &all[0], &FRESH, NULL, 0);
    }
    assert_int_equal(ic_mls_group_past_epochs(all[1].group), IC_MLS_PAST_EPOCHS_MAX);
    for (size_t i = 0; i < EPOCHS; i++) {
        bool kept = i >= EPOCHS - IC_MLS_PAST_EPOCHS_MAX;
        if (i + 1 < EPOCHS)
            assert_int_equal(party_hear(&all[1], ic_mls_message_bytes(&said[i])),
                             kept ? IC_OK : IC_ERR_REPLAYED);
        if (kept && i + 1 < EPOCHS)
            assert_int_equal(party_hear(&all[1], ic_mls_message_bytes(&said[i])), IC_ERR_REPLAYED);
    }
    ic_mls_group_forget_before(all[1].group, first + EPOCHS - 1);
    assert_int_equal(ic_mls_group_past_epochs(all[1].group), 1);
    assert_int_equal(party_hear(&all[1], ic_mls_message_bytes(&said[EPOCHS - 1])), IC_OK);
    ic_mls_group_forget_before(all[1].group, first + EPOCHS);
    assert_int_equal(ic_mls_group_past_epochs(all[1].group), 0);
    for (size_t i = 0; i < EPOCHS; i++)
        ic_mls_message_clear(&said[i]);
    party_end(all, 2);
}

/* A leaf whose name is in `user` is not wanted. */
static bool judge_name(void *user, const struct ic_mls_leaf_node *leaf,
                       const struct ic_mls_leaf_node *before)
{
    (void)before;
    return memcmp(leaf->credential.identity.at, user, PARTY_NAME_LEN) != 0;
}

/* The first proposes to be another from now on, and commits that in its own name. */
static void check_update_is_judged(struct party *all, const struct ic_mls_identity *other)
{
    const struct ic_mls_proposal update = {.type = IC_MLS_UPDATE};
    const struct ic_mls_protection how = {0};
    const struct ic_mls_commit_plan pending = {.all_pending = true};
    struct ic_mls_message message;
    struct ic_mls_staged *staged;

    assert_int_equal(ic_mls_group_propose(&message, NULL, all[1].group, &update, other, &how),
                     IC_OK);
    assert_int_equal(party_hear(&all[0], ic_mls_message_bytes(&message)), IC_OK);
    staged = commit(&all[0], &pending);
    assert_int_equal(party_hear(&all[1], ic_mls_staged_message(staged)), IC_ERR_FORBIDDEN);
    ic_mls_staged_free(staged);
    ic_mls_message_clear(&message);
}

TEST(mls_application_judges_each_leaf_that_comes)
{
    struct party all[3], other;
    struct ic_mls_staged *staged;

    for (unsigned i = 0; i < 3; i++)
        party_init(&all[i], ic_suite_find(1), i);
    party_init(&other, ic_suite_find(1), 9);
    all[1].application.judge = judge_name;
    all[1].application.user = all[2].name;
    all[2].application.judge = judge_name;
    all[2].application.user = all[0].name;
    party_create(&all[0], "judged");
    party_add(all, 2, &all[0], &all[1], 1);
    struct ic_bytes package = party_package(&all[2]);
    const struct ic_mls_commit_plan plan = {.adds = &package, .add_count = 1};
    struct mls_state before = mls_state_of(all[1].group);
    staged = commit(&all[0], &plan);
    assert_int_equal(party_hear(&all[1], ic_mls_staged_message(staged)), IC_ERR_FORBIDDEN);
    const struct ic_mls_group_join join = {.welcome = ic_mls_staged_welcome(staged),
                                           .package = &all[2].package,
                                           .application = &all[2].application};
    assert_int_equal(ic_mls_group_join(&all[2].group, &join), IC_ERR_FORBIDDEN);
    ic_mls_staged_free(staged);
    memcpy(other.name, all[2].name, PARTY_NAME_LEN);
    const struct ic_mls_commit_plan renamed = {.identity = &other.identity};
    staged = commit(&all[0], &renamed);
    assert_int_equal(party_hear(&all[1], ic_mls_staged_message(staged)), IC_ERR_FORBIDDEN);
    ic_mls_staged_free(staged);
    struct mls_state after = mls_state_of(all[1].group);
    assert_true(mls_state_equal(&before, &after));
    check_update_is_judged(all, &other.identity);
    party_end(all, 3);
}

TEST(mls_pre_shared_keys_must_be_there)
{
    struct party all[2];
    struct ic_mls_staged *staged;
    const struct ic_mls_psk_id unknown = {.type = IC_MLS_PSK_EXTERNAL,
                                          .external_id = ic_bytes_of_text("other")};
    const struct ic_mls_psk_id link = party_link();
    const struct ic_mls_commit_plan bad = {.psks = &unknown, .psk_count = 1};
    const struct ic_mls_commit_plan good = {.psks = &link, .psk_count = 1};

    party_gather(all, 2, ic_suite_find(1));
    assert_int_equal(ic_mls_group_commit(&staged, all[0].group, &bad), IC_ERR_NOT_FOUND);
    party_commit(all, 2, &all[0], &good, NULL, 0);

    /* Of this group's own earlier epochs everybody has them. */
    const struct ic_mls_psk_id resumed = {.type = IC_MLS_PSK_RESUMPTION,
                                          .usage = IC_MLS_PSK_APPLICATION,
                                          .group_id = ic_mls_group_context(all[0].group)->group_id,
                                          .epoch = 1};
    const struct ic_mls_commit_plan again = {.psks = &resumed, .psk_count = 1};
    party_commit(all, 2, &all[0], &again, NULL, 0);
    all[1].application.find_psk = NULL;
    party_end(all, 2);
}

static bool find_old(void *user, const struct ic_mls_psk_id *id, struct ic_bytes *secret)
{
    struct party *p = user;
    return id->type == IC_MLS_PSK_RESUMPTION &&
           ic_mls_group_resumption_psk(p->group, id->epoch, secret);
}

/* `all` have a group; the first two make another one of it. */
static void follow(struct party *all, struct party *next, enum ic_mls_psk_usage usage,
                   const char *group_id)
{
    const struct ic_mls_group_context *context = ic_mls_group_context(all[0].group);
    const struct ic_mls_psk_id from = {.type = IC_MLS_PSK_RESUMPTION,
                                       .usage = usage,
                                       .group_id = context->group_id,
                                       .epoch = context->epoch};
    for (unsigned i = 0; i < 2; i++) {
        next[i] = all[i];
        next[i].group = NULL;
        next[i].package = (struct ic_mls_own_package){0};
        next[i].identity.credential.identity = (struct ic_bytes){next[i].name, PARTY_NAME_LEN};
        next[i].identity.signature_private.at = next[i].signature_private;
        next[i].application = (struct ic_mls_application){.find_psk = find_old, .user = &all[i]};
    }
    party_create(&next[0], group_id);
    struct ic_bytes package = party_package(&next[1]);
    const struct ic_mls_commit_plan plan = {
        .adds = &package, .add_count = 1, .psks = &from, .psk_count = 1};
    party_commit(next, 1, &next[0], &plan, &next[1], 1);
}

TEST(mls_branch_takes_its_secret_from_the_group_it_left)
{
    struct party all[3], branch[2], strangers[2];

    party_gather(all, 3, ic_suite_find(1));
    follow(all, branch, IC_MLS_PSK_BRANCH, "branch");
    assert_int_equal(ic_mls_group_check_branch(branch[1].group, all[1].group), IC_OK);
    party_check_agree(&branch[0], &branch[1]);
    party_gather(strangers, 2, ic_suite_find(1));
    assert_int_equal(ic_mls_group_check_branch(strangers[1].group, all[1].group), IC_ERR_FORBIDDEN);
    party_end(strangers, 2);
    party_commit(branch, 2, &branch[0], &FRESH, NULL, 0); /* it is a group of its own by now */
    assert_int_equal(ic_mls_group_check_branch(branch[1].group, all[1].group), IC_ERR_FORBIDDEN);
    party_end(branch, 2);
    party_end(all, 3);
}

/* The same people in a group of another suite are no branch. */
TEST(mls_branch_keeps_the_suite)
{
    struct party all[2], branch[2];

    party_gather(all, 2, ic_suite_find(1));
    for (unsigned i = 0; i < 2; i++) {
        party_init(&branch[i], ic_suite_find(3), i);
        memcpy(branch[i].signature_private, all[i].signature_private,
               sizeof branch[i].signature_private);
    }
    party_create(&branch[0], "branch");
    party_add(branch, 1, &branch[0], &branch[1], 1);
    assert_int_equal(ic_mls_group_check_branch(branch[1].group, all[1].group), IC_ERR_FORBIDDEN);
    party_end(branch, 2);
    party_end(all, 2);
}

/* What another member says that takes no notice of the ReInit. */
static void check_closed(struct party *all)
{
    struct ic_mls_message message;
    struct ic_mls_staged *staged;

    ic_mls_message_clear(&all[0].group->reinit_bytes);
    assert_int_equal(ic_mls_group_commit(&staged, all[0].group, &FRESH), IC_OK);
    assert_int_equal(party_hear(&all[1], ic_mls_staged_message(staged)), IC_ERR_FORBIDDEN);
    ic_mls_staged_free(staged);
    const struct ic_mls_proposal update = {.type = IC_MLS_UPDATE};
    const struct ic_mls_protection how = {0};
    assert_int_equal(ic_mls_group_propose(&message, NULL, all[0].group, &update, NULL, &how),
                     IC_OK);
    assert_int_equal(party_hear(&all[1], ic_mls_message_bytes(&message)), IC_ERR_FORBIDDEN);
    ic_mls_message_clear(&message);
}

TEST(mls_reinit_closes_a_group_and_names_the_next)
{
    struct party all[2], next[2], other[2];
    struct ic_mls_staged *staged;
    const struct ic_mls_reinit reinit = {
        .group_id = ic_bytes_of_text("after"), .version = IC_MLS_VERSION, .suite = 1};
    const struct ic_mls_commit_plan plan = {.reinit = &reinit};

    party_gather(all, 2, ic_suite_find(1));
    assert_null(ic_mls_group_reinit(all[1].group));
    party_commit(all, 2, &all[0], &plan, NULL, 0);
    assert_non_null(ic_mls_group_reinit(all[1].group));
    assert_true(ic_bytes_equal(ic_mls_group_reinit(all[1].group)->group_id, reinit.group_id));
    assert_int_equal(ic_mls_group_commit(&staged, all[1].group, &FRESH), IC_ERR_FORBIDDEN);
    party_check_talk(all, 2);
    follow(all, next, IC_MLS_PSK_REINIT, "after");
    assert_int_equal(ic_mls_group_check_successor(next[1].group, all[1].group), IC_OK);
    follow(all, other, IC_MLS_PSK_REINIT, "something else");
    assert_int_equal(ic_mls_group_check_successor(other[1].group, all[1].group), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_mls_group_check_successor(next[1].group, other[1].group), IC_ERR_FORBIDDEN);
    party_commit(next, 2, &next[0], &FRESH, NULL, 0); /* too late to look */
    assert_int_equal(ic_mls_group_check_successor(next[1].group, all[1].group), IC_ERR_FORBIDDEN);
    check_closed(all);
    party_end(other, 2);
    party_end(next, 2);
    party_end(all, 2);
}

TEST(mls_external_sender_may_propose_what_the_rules_let_it)
{
    struct party all[2], server;
    uint8_t public_key[IC_SIGNATURE_PUBLIC_MAX], room[512], list_room[512];
    struct ic_writer w = ic_writer_of(room, sizeof room), l = ic_writer_of(list_room, 512);
    struct ic_mls_message message;

    for (unsigned i = 0; i < 2; i++)
        party_init(&all[i], ic_suite_find(1), i);
    party_init(&server, ic_suite_find(1), 7);
    assert_int_equal(
        ic_signature_public(public_key, all[0].suite->signature, server.identity.signature_private),
        IC_OK);
    const struct ic_mls_external_sender sender = {.signature_key = {public_key, 32},
                                                  .credential = server.identity.credential};
    ic_mls_write_external_senders(&w, &sender, 1);
    ic_mls_write_extension(&l, IC_MLS_EXT_EXTERNAL_SENDERS, ic_written(&w));
    const struct ic_mls_create create = {.suite = all[0].suite,
                                         .group_id = ic_bytes_of_text("served"),
                                         .identity = &all[0].identity,
                                         .extensions = ic_written(&l),
                                         .application = &all[0].application};
    assert_int_equal(ic_mls_group_create(&all[0].group, &create), IC_OK);
    party_add(all, 2, &all[0], &all[1], 1);

    struct ic_mls_outside outside = {.suite = all[0].suite,
                                     .group_id = create.group_id,
                                     .epoch = 1,
                                     .signature_private = server.identity.signature_private};
    const struct ic_mls_proposal remove = {.type = IC_MLS_REMOVE, .removed = {1}};
    const struct ic_mls_proposal update = {.type = IC_MLS_UPDATE};
    assert_int_equal(ic_mls_propose_from_outside(&message, &outside, &update), IC_ERR_FORBIDDEN);
    outside.index = 1;
    assert_int_equal(ic_mls_propose_from_outside(&message, &outside, &remove), IC_OK);
    assert_int_equal(party_hear(&all[0], ic_mls_message_bytes(&message)), IC_ERR_FORBIDDEN);
    ic_mls_message_clear(&message);
    outside.index = 0;
    outside.signature_private = all[1].identity.signature_private;
    assert_int_equal(ic_mls_propose_from_outside(&message, &outside, &remove), IC_OK);
    assert_int_equal(party_hear(&all[0], ic_mls_message_bytes(&message)), IC_ERR_FORGED);
    ic_mls_message_clear(&message);
    outside.signature_private = server.identity.signature_private;
    assert_int_equal(ic_mls_propose_from_outside(&message, &outside, &remove), IC_OK);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(party_hear(&all[i], ic_mls_message_bytes(&message)), IC_OK);
    ic_mls_message_clear(&message);
    const struct ic_mls_commit_plan plan = {.all_pending = true};
    party_commit(all, 2, &all[0], &plan, NULL, 0);
    assert_int_equal(ic_mls_group_member_count(all[0].group), 1);

    /* And somebody new asks to be added. */
    struct ic_mls_proposal add = {.type = IC_MLS_ADD, .add.encoded = party_package(&all[1])};
    outside = (struct ic_mls_outside){.suite = all[0].suite,
                                      .group_id = create.group_id,
                                      .epoch = 2,
                                      .signature_private = all[1].identity.signature_private,
                                      .is_newcomer = true};
    assert_int_equal(ic_mls_propose_from_outside(&message, &outside, &add), IC_OK);
    assert_int_equal(party_hear(&all[0], ic_mls_message_bytes(&message)), IC_OK);
    ic_mls_message_clear(&message);
    party_commit(all, 1, &all[0], &plan, &all[1], 1);
    party_check_talk(all, 2);
    party_end(all, 2);
}

RUN_TESTS(cmocka_unit_test(mls_of_two_competing_commits_one_is_thrown_away),
          cmocka_unit_test(mls_dropped_commit_changes_nothing_and_can_be_heard_again),
          cmocka_unit_test(mls_damaged_message_is_refused_and_changes_nothing),
          cmocka_unit_test(mls_outlook_shows_what_a_commit_would_change),
          cmocka_unit_test(mls_removed_member_is_told_and_can_do_nothing_any_more),
          cmocka_unit_test(mls_text_of_past_epochs_is_heard_until_they_are_forgotten),
          cmocka_unit_test(mls_application_judges_each_leaf_that_comes),
          cmocka_unit_test(mls_pre_shared_keys_must_be_there),
          cmocka_unit_test(mls_branch_takes_its_secret_from_the_group_it_left),
          cmocka_unit_test(mls_branch_keeps_the_suite),
          cmocka_unit_test(mls_reinit_closes_a_group_and_names_the_next),
          cmocka_unit_test(mls_external_sender_may_propose_what_the_rules_let_it))
