/* A commit that leaves somebody out, because the path secret that is sealed to it is spoilt, or all
 * are: who is left out comes back, and the others go on (SEC-26). */
#include "tests/e2ee/conference_four.h"

#include "tests/e2ee/poison.h"

static struct ic_bytes spoilt_key; /* what is sealed to this key is spoilt */
static bool is_spoilt(struct ic_bytes public_key, unsigned number)
{
    (void)number;
    return ic_bytes_equal(public_key, spoilt_key);
}

/* What is sealed to this one alone is spoilt by a commit of its neighbour in the tree. */
static void spoil_for(unsigned victim, unsigned neighbour)
{
    static uint8_t key[IC_KEM_PUBLIC_MAX];
    const struct ic_mls_leaf_node *node =
        ic_mls_tree_leaf(ic_mls_group_tree(group_of(neighbour)), (struct ic_leaf){leaf_of(victim)});
    memcpy(key, node->encryption_key.at, node->encryption_key.len);
    spoilt_key = (struct ic_bytes){key, node->encryption_key.len};
    assert_int_equal(poison_rekey(of(neighbour), is_spoilt, s.now), IC_OK);
    assert_int_equal(poisoned, 1);
    courier_run(&s, 4 * SECOND);

    assert_int_equal(s.rejects, 0);
    unsigned all[] = {host, layla, kofi, mallory};
    for (size_t i = 0; i < IC_COUNT(all); i++) {
        bool first = all[i] == host; /* founded the group, which is no entry of a member */
        assert_int_equal(courier_saw(&s, all[i], IC_EVENT_WRONG_COMMIT), 0);
        assert_int_equal(courier_saw(&s, all[i], IC_EVENT_BEHIND), all[i] == victim);
        assert_true(first || courier_saw(&s, all[i], IC_EVENT_ENTERED) == 1 + (all[i] == victim));
    }
    assert_true(courier_agrees(&s));
}

TEST(member_whose_path_secret_is_spoilt_comes_back_and_the_others_go_on) /* SEC-26 */
{
    start_four();
    spoil_for(mallory, kofi);
    courier_clear(&s);
}

TEST(host_whose_path_secret_alone_is_spoilt_comes_back_and_takes_nothing_back) /* SEC-26 */
{
    start_four();
    spoil_for(host, layla);
    courier_clear(&s);
}

TEST(host_alone_whom_nobody_answers_takes_nothing_back_nor_does_a_replay_for_it) /* SEC-26 */
{
    start_four();
    static uint8_t key[IC_KEM_PUBLIC_MAX];
    const struct ic_mls_leaf_node *node =
        ic_mls_tree_leaf(ic_mls_group_tree(group_of(layla)), (struct ic_leaf){leaf_of(host)});
    struct ic_mls_message said;
    assert_int_equal(ic_mls_group_seal(&said, group_of(host), (struct ic_bytes){0},
                                       ic_bytes_of_text("before"), 0),
                     IC_OK);
    memcpy(key, node->encryption_key.at, node->encryption_key.len);
    spoilt_key = (struct ic_bytes){key, node->encryption_key.len};
    uint64_t before = s.head;
    assert_int_equal(poison_rekey(of(layla), is_spoilt, s.now), IC_OK);
    while (s.head == before)
        courier_run(&s, s.step);
    unsigned others[] = {layla, kofi, mallory};
    for (size_t i = 0; i < IC_COUNT(others); i++)
        courier_cut(&s, others[i], 20 * SECOND);
    courier_run(&s, 4 * SECOND);
    assert_int_equal(ic_conference_stage(of(host)), IC_CONFERENCE_BEHIND);
    assert_int_equal(s.rejects, 0);
    assert_int_equal(ic_conference_hear_rejected(of(host), ic_conference_epoch(of(host)),
                                                 ic_mls_message_bytes(&said), s.now),
                     IC_OK);
    assert_int_equal(ic_conference_stage(of(host)), IC_CONFERENCE_BEHIND);
    ic_mls_message_clear(&said);
    courier_clear(&s);
}

TEST(commit_that_nobody_can_open_is_taken_back_and_its_sender_put_out) /* SEC-26 */
{
    start_four();
    uint64_t before = s.head;
    assert_int_equal(poison_rekey(of(mallory), poison_all, s.now), IC_OK);
    courier_run(&s, SECOND / 20);
    assert_int_equal(s.head, before + 1);
    courier_cut(&s, mallory, 60 * SECOND); /* it does not take them in where it is */
    courier_run(&s, 3 * SECOND);
    unsigned all[] = {host, layla, kofi};
    for (size_t i = 0; i < IC_COUNT(all); i++) {
        assert_int_equal(ic_conference_stage(of(all[i])), IC_CONFERENCE_IN);
        assert_int_equal(courier_saw(&s, all[i], IC_EVENT_BEHIND), 1);
        assert_int_equal(courier_saw(&s, all[i], IC_EVENT_SILENCED), 0);
        assert_int_equal(courier_saw(&s, all[i], IC_EVENT_WRONG_COMMIT), 1);
    }
    assert_int_equal(s.rejects, 1);
    assert_int_equal(s.head, before);

    assert_int_equal(ic_conference_remove(of(host), leaf_of(mallory), s.now), IC_OK);
    courier_run(&s, SECOND);
    for (size_t i = 0; i < IC_COUNT(all); i++)
        assert_int_equal(ic_conference_epoch(of(all[i])), before + 1);
    assert_true(in_one_group(host, layla) && in_one_group(layla, kofi));
    courier_clear(&s);
}

RUN_TESTS(
    cmocka_unit_test(member_whose_path_secret_is_spoilt_comes_back_and_the_others_go_on),
    cmocka_unit_test(host_whose_path_secret_alone_is_spoilt_comes_back_and_takes_nothing_back),
    cmocka_unit_test(host_alone_whom_nobody_answers_takes_nothing_back_nor_does_a_replay_for_it),
    cmocka_unit_test(commit_that_nobody_can_open_is_taken_back_and_its_sender_put_out))
