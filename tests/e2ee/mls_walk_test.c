/* A group's life by chance: whoever is in does anything, and all agree after each step. The seed is
 * fixed; MLS_WALK_SEED takes another walk. */
#include "e2ee/mls/group.h"

#include "tests/e2ee/mls_party.h"

#ifdef __wasm__
enum { STEPS = 100 }; /* three engines run it; the native build takes all */
#else
enum { STEPS = 400 };
#endif
enum { PEOPLE = 12 };

static struct party all[PEOPLE];
static uint64_t chance;
static unsigned next_number;

static uint32_t draw(uint32_t below)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return (uint32_t)(chance >> 20) % below;
}

static bool is_in(size_t i)
{
    return all[i].group != NULL;
}

static size_t count_in(void)
{
    size_t count = 0;
    for (size_t i = 0; i < PEOPLE; i++)
        count += is_in(i);
    return count;
}

static struct party *anybody(bool in)
{
    for (;;) {
        size_t i = draw(PEOPLE);
        if (is_in(i) == in)
            return &all[i];
    }
}

static struct ic_mls_protection any_protection(void)
{
    return (struct ic_mls_protection){.private_message = draw(2) == 1, .padding = draw(50)};
}

static void renew(struct party *p)
{
    ic_mls_own_package_clear(&p->package);
    party_init(p, ic_suite_find(1), next_number++);
}

static void check_all(void)
{
    const struct party *one = anybody(true);
    for (size_t i = 0; i < PEOPLE; i++)
        if (is_in(i))
            party_check_agree(one, &all[i]);
    assert_int_equal(ic_mls_group_member_count(one->group), count_in());
}

static void commit(struct party *who, const struct ic_mls_commit_plan *plan, struct party **joiners,
                   size_t joiner_count)
{
    struct ic_mls_staged *staged;

    assert_int_equal(ic_mls_group_commit(&staged, who->group, plan), IC_OK);
    party_tell(all, PEOPLE, who, ic_mls_staged_message(staged));
    for (size_t i = 0; i < joiner_count; i++)
        party_join(joiners[i], ic_mls_staged_welcome(staged));
    assert_int_equal(ic_mls_group_enter(who->group, staged), IC_OK);
    for (size_t i = 0; i < PEOPLE; i++)
        if (is_in(i) && ic_mls_group_is_over(all[i].group))
            party_leave(&all[i]);
}

static void step_add(void)
{
    struct ic_bytes packages[3];
    struct party *joiners[3], *who = anybody(true);
    size_t count = 0, want = 1 + draw(3);

    for (size_t i = 0; i < PEOPLE && count < want; i++)
        if (!is_in(i)) {
            renew(&all[i]);
            joiners[count] = &all[i];
            packages[count++] = party_package(&all[i]);
        }
    const struct ic_mls_commit_plan plan = {.adds = packages,
                                            .add_count = count,
                                            .force_path = draw(2) == 1,
                                            .all_pending = draw(2) == 1,
                                            .protection = any_protection()};
    commit(who, &plan, joiners, count);
}

static void step_remove(void)
{
    struct party *who = anybody(true), *gone = anybody(true);
    if (who == gone || count_in() < 3)
        return;
    struct ic_leaf leaf = party_leaf(gone);
    const struct ic_mls_commit_plan plan = {
        .removes = &leaf, .remove_count = 1, .protection = any_protection()};
    commit(who, &plan, NULL, 0);
}

static void step_refresh(void)
{
    const struct ic_mls_psk_id link = party_link();
    const struct ic_mls_commit_plan plan = {
        .force_path = true, .psks = &link, .psk_count = draw(2), .protection = any_protection()};
    commit(anybody(true), &plan, NULL, 0);
}

static void propose(struct party *who, const struct ic_mls_proposal *proposal)
{
    const struct ic_mls_protection how = any_protection();
    struct ic_mls_message message;
    enum ic_err err = ic_mls_group_propose(&message, NULL, who->group, proposal, NULL, &how);

    if (err == IC_ERR_REPLAYED)
        return; /* the same words a second time are the same proposal */
    assert_int_equal(err, IC_OK);
    for (size_t i = 0; i < PEOPLE; i++)
        if (is_in(i) && &all[i] != who)
            assert_int_equal(party_hear(&all[i], ic_mls_message_bytes(&message)), IC_OK);
    ic_mls_message_clear(&message);
}

static void step_propose(void)
{
    struct party *who = anybody(true);
    struct ic_mls_proposal proposal = {.type = IC_MLS_UPDATE};

    switch (draw(4)) {
    case 0:
        proposal.type = IC_MLS_SELF_REMOVE;
        break;
    case 1:
        proposal.type = IC_MLS_REMOVE;
        proposal.removed = party_leaf(anybody(true));
        break;
    case 2:
        proposal.type = IC_MLS_PSK;
        proposal.psk = party_link();
        break;
    default:
        break;
    }
    propose(who, &proposal);
}

/* Whatever is proposed, as far as it fits together; never the last one out. */
static void step_commit_pending(void)
{
    const struct ic_mls_commit_plan plan = {.all_pending = true, .protection = any_protection()};
    commit(anybody(true), &plan, NULL, 0);
}

/* From outside: somebody new, or a member that lost its state. */
static void step_external(bool comes_back)
{
    struct party *helper = anybody(true), *who = anybody(comes_back);
    struct ic_mls_message info, message;
    const struct ic_mls_psk_id link = party_link();
    struct ic_leaf old = {0};

    if (comes_back && helper == who)
        return;
    assert_int_equal(ic_mls_group_info(&info, helper->group, false, (struct ic_bytes){0}), IC_OK);
    if (comes_back) {
        old = party_leaf(who);
        party_leave(who);
    } else {
        renew(who);
    }
    const struct ic_mls_join_external join = {.group_info = ic_mls_message_bytes(&info),
                                              .identity = &who->identity,
                                              .application = &who->application,
                                              .psks = &link,
                                              .psk_count = draw(2),
                                              .replaces = comes_back ? &old : NULL};
    assert_int_equal(ic_mls_group_join_external(&who->group, &message, NULL, &join), IC_OK);
    party_tell(all, PEOPLE, who, ic_mls_message_bytes(&message));
    ic_mls_message_clear(&message);
    ic_mls_message_clear(&info);
}

/* Two commit at once; the first wins, the second is thrown away. */
static void step_compete(void)
{
    struct party *first = anybody(true), *second = anybody(true);
    struct ic_mls_staged *winner, *loser;
    const struct ic_mls_commit_plan plan = {.force_path = true, .protection = any_protection()};

    if (first == second)
        return;
    assert_int_equal(ic_mls_group_commit(&winner, first->group, &plan), IC_OK);
    assert_int_equal(ic_mls_group_commit(&loser, second->group, &plan), IC_OK);
    party_tell(all, PEOPLE, first, ic_mls_staged_message(winner));
    assert_int_equal(ic_mls_group_enter(first->group, winner), IC_OK);
    assert_int_equal(ic_mls_group_enter(second->group, loser), IC_ERR_REPLAYED);
    ic_mls_staged_free(loser);
}

static void step(void)
{
    switch (draw(10)) {
    case 0:
    case 1:
        if (count_in() < PEOPLE)
            step_add();
        break;
    case 2:
        step_remove();
        break;
    case 3:
        step_refresh();
        break;
    case 4:
    case 5:
        step_propose();
        break;
    case 6:
        step_commit_pending();
        break;
    case 7:
        if (count_in() < PEOPLE)
            step_external(false);
        break;
    case 8:
        if (count_in() > 1)
            step_external(true);
        break;
    default:
        step_compete();
        break;
    }
}

TEST(mls_group_agrees_after_each_step_of_a_random_walk)
{
    const char *seed = getenv("MLS_WALK_SEED");

    chance = seed ? strtoull(seed, NULL, 10) : 20;
    chance = chance * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (size_t i = 0; i < PEOPLE; i++)
        renew(&all[i]);
    party_create(&all[0], "walk");
    for (size_t i = 0; i < STEPS; i++) {
        step();
        check_all();
        if (i % 20 == 0)
            party_check_talk(all, PEOPLE);
    }
    party_end(all, PEOPLE);
}

RUN_TESTS(cmocka_unit_test(mls_group_agrees_after_each_step_of_a_random_walk))
