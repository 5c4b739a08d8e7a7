/* A group when memory runs out at any one allocation: each call fails as a whole, leaks nothing and
 * leaves the state of before. Linked with --wrap, so that the library's allocations come here. */
#include "e2ee/mls/group.h"

#include "tests/e2ee/failing_heap.h"
#include "tests/e2ee/mls_party.h"
#include "tests/e2ee/mls_state.h"

enum { MEMBERS = 4, FAILURES_MAX = 2000 };
static struct party all[MEMBERS + 1];
static struct ic_mls_message info, heard_commit, heard_proposal, welcome;
static struct ic_bytes package;

/* Each does one thing once; what it made is thrown away again. */
static enum ic_err create(void)
{
    struct ic_mls_group *group;
    const struct ic_mls_create how = {
        .suite = all[0].suite, .group_id = ic_bytes_of_text("x"), .identity = &all[0].identity};
    enum ic_err err = ic_mls_group_create(&group, &how);
    if (err == IC_OK)
        ic_mls_group_free(group);
    return err;
}

static enum ic_err join(void)
{
    struct ic_mls_group *group;
    const struct ic_mls_group_join how = {.welcome = ic_mls_message_bytes(&welcome),
                                          .package = &all[MEMBERS].package,
                                          .application = &all[MEMBERS].application};
    enum ic_err err = ic_mls_group_join(&group, &how);
    if (err == IC_OK)
        ic_mls_group_free(group);
    return err;
}

static enum ic_err join_external(void)
{
    struct ic_mls_group *group;
    struct ic_mls_message commit, next_info;
    const struct ic_mls_join_external how = {.group_info = ic_mls_message_bytes(&info),
                                             .identity = &all[MEMBERS].identity,
                                             .application = &all[MEMBERS].application,
                                             .want_info = true};
    enum ic_err err = ic_mls_group_join_external(&group, &commit, &next_info, &how);
    if (err == IC_OK) {
        ic_mls_group_free(group);
        ic_mls_message_clear(&commit);
        ic_mls_message_clear(&next_info);
    }
    return err;
}

static enum ic_err commit(void)
{
    struct ic_mls_staged *staged;
    const struct ic_leaf gone = {2};
    const struct ic_mls_psk_id link = party_link();
    const struct ic_mls_commit_plan plan = {.adds = &package,
                                            .add_count = 1,
                                            .removes = &gone,
                                            .remove_count = 1,
                                            .psks = &link,
                                            .psk_count = 1,
                                            .all_pending = true,
                                            .want_info = true};
    enum ic_err err = ic_mls_group_commit(&staged, all[1].group, &plan);
    if (err == IC_OK)
        ic_mls_staged_free(staged);
    return err;
}

static enum ic_err hear_commit(void)
{
    return party_hear(&all[1], ic_mls_message_bytes(&heard_commit));
}

static enum ic_err describe(void)
{
    struct ic_mls_message message;
    enum ic_err err = ic_mls_group_info(&message, all[1].group, false, (struct ic_bytes){0});
    if (err == IC_OK)
        ic_mls_message_clear(&message);
    return err;
}

/* These change the group when they succeed: the last of each run. */
static enum ic_err hear_proposal(void)
{
    return party_hear(&all[1], ic_mls_message_bytes(&heard_proposal));
}

static enum ic_err propose(void)
{
    struct ic_mls_message message;
    const struct ic_mls_proposal update = {.type = IC_MLS_UPDATE};
    const struct ic_mls_protection how = {0};
    enum ic_err err = ic_mls_group_propose(&message, NULL, all[1].group, &update, NULL, &how);
    if (err == IC_OK)
        ic_mls_message_clear(&message);
    return err;
}

static void exhaust(const char *what, enum ic_err (*call)(void))
{
    struct mls_state before = mls_state_of(all[1].group);
    enum ic_err err = IC_ERR_SYSTEM;
    long failed = 0;

    for (; err != IC_OK && failed < FAILURES_MAX; failed++) {
        until_failure = failed;
        err = call();
        until_failure = -1;
        if (err == IC_OK)
            break;
        CHECK_ROW(what, err == IC_ERR_SYSTEM);
        struct mls_state after = mls_state_of(all[1].group);
        CHECK_ROW(what, mls_state_equal(&before, &after));
    }
    CHECK_ROW(what, err == IC_OK);
    CHECK_ROW(what, failed > 2);
}

static void set_up(void)
{
    struct ic_mls_staged *staged;
    const struct ic_mls_protection hidden = {.private_message = true};
    const struct ic_mls_proposal update = {.type = IC_MLS_UPDATE};

    party_gather(all, MEMBERS, ic_suite_find(1));
    party_init(&all[MEMBERS], ic_suite_find(1), MEMBERS);
    package = party_package(&all[MEMBERS]);
    assert_int_equal(ic_mls_group_info(&info, all[0].group, false, (struct ic_bytes){0}), IC_OK);
    const struct ic_mls_commit_plan plan = {.adds = &package, .add_count = 1, .force_path = true};
    assert_int_equal(ic_mls_group_commit(&staged, all[0].group, &plan), IC_OK);
    assert_int_equal(ic_mls_message_copy(&heard_commit, ic_mls_staged_message(staged)), IC_OK);
    assert_int_equal(ic_mls_message_copy(&welcome, ic_mls_staged_welcome(staged)), IC_OK);
    ic_mls_staged_free(staged);
    assert_int_equal(
        ic_mls_group_propose(&heard_proposal, NULL, all[3].group, &update, NULL, &hidden), IC_OK);
}

TEST(mls_group_survives_each_allocation_that_fails)
{
    const struct {
        const char *what;
        enum ic_err (*call)(void);
    } rows[] = {{"create", create},
                {"join by a Welcome", join},
                {"join from outside", join_external},
                {"commit", commit},
                {"hear a commit", hear_commit},
                {"describe the group", describe},
                {"hear a proposal", hear_proposal},
                {"propose", propose}};

    set_up();
    for (size_t i = 0; i < IC_COUNT(rows); i++)
        exhaust(rows[i].what, rows[i].call);
    ic_mls_message_clear(&info);
    ic_mls_message_clear(&heard_commit);
    ic_mls_message_clear(&heard_proposal);
    ic_mls_message_clear(&welcome);
    party_end(all, MEMBERS + 1);
}

RUN_TESTS(cmocka_unit_test(mls_group_survives_each_allocation_that_fails))
