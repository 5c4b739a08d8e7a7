/* A reject frees the epoch from the very commit that one refused or could not open, and from no
 * other (SEC-26); and proposals that come apart are not kept. */
#include "tests/e2ee/conference_three.h"

#include "e2ee/conference/inside.h"
#include "e2ee/conference/returning.h"
#include "e2ee/door/returning.h"
#include "e2ee/mls/group_state.h"
#include "tests/e2ee/poison.h"

/* Mallory's commit takes the epoch, and is refused; `out` gets its hash. */
static void take_epoch(uint8_t out[IC_SHA256_LEN])
{
    struct ic_mls_staged *staged;
    struct ic_say say;
    assert_int_equal(poison_lawless(&say, &staged, of(mallory)), IC_OK);
    ic_sha256(out, say.sealed);
    courier_say(&s, mallory, &say);
    ic_mls_staged_free(staged);
}

static struct ic_mls_message sealed_by(unsigned who, const struct ic_door_app_message *message)
{
    struct ic_mls_message sealed;
    assert_int_equal(ic_seal_app(&sealed, of(who), message), IC_OK);
    return sealed;
}

/* The host's, of the epoch that it is in. */
static struct ic_mls_message reject_of(const uint8_t hash[IC_SHA256_LEN])
{
    struct ic_door_app_message message = {
        .type = IC_DOOR_APP_REJECT,
        .reject = {.epoch = ic_conference_epoch(of(host)), .commit = {hash, IC_SHA256_LEN}}};
    return sealed_by(host, &message);
}

static void hear_reject(unsigned who, struct ic_mls_message *sealed)
{
    assert_int_equal(ic_conference_hear_rejected(of(who), ic_conference_epoch(of(who)),
                                                 ic_mls_message_bytes(sealed), s.now),
                     IC_OK);
    ic_mls_message_clear(sealed);
}

TEST(reject_of_another_commit_frees_nobody_who_refused_one)
{
    start_three();
    uint8_t hash[IC_SHA256_LEN], other[IC_SHA256_LEN];
    struct ic_mls_message wrong, right;
    s.clients[host].connected = false; /* it does not hear of it */
    take_epoch(hash);
    memcpy(other, hash, sizeof other);
    other[31] ^= 1;
    wrong = reject_of(other);
    right = reject_of(hash);
    courier_run(&s, SECOND / 2);
    assert_true(of(layla)->ordering.stuck);
    hear_reject(layla, &wrong);
    assert_true(of(layla)->ordering.stuck);
    hear_reject(layla, &right);
    assert_false(of(layla)->ordering.stuck);
    courier_clear(&s);
}

TEST(reject_of_another_commit_frees_nobody_who_could_not_open_one)
{
    start_three();
    uint8_t hash[IC_SHA256_LEN];
    s.withhold[host] = true; /* and so is in the epoch that is over */
    assert_int_equal(poison_rekey(of(mallory), poison_all, s.now), IC_OK);
    ic_sha256(hash, ic_mls_staged_message(of(mallory)->ordering.pending));
    assert_true(poisoned > 0);
    courier_run(&s, SECOND / 20);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_BEHIND);
    hash[0] ^= 1;
    struct ic_mls_message wrong = reject_of(hash);
    hash[0] ^= 1;
    struct ic_mls_message right = reject_of(hash);
    hear_reject(layla, &wrong);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_BEHIND);
    hear_reject(layla, &right);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

TEST(right_holder_takes_no_replay_of_its_own_for_its_reject)
{
    start_three();
    uint8_t hash[IC_SHA256_LEN];
    struct ic_mls_message older =
        sealed_by(host, &(struct ic_door_app_message){.type = IC_DOOR_APP_COMPARE});
    s.clients[host].keeper = false; /* the server takes its reject from nobody */
    take_epoch(hash);
    courier_run(&s, SECOND / 2);
    assert_true(of(host)->ordering.stuck);
    hear_reject(host, &older);
    assert_true(of(host)->ordering.stuck);
    courier_clear(&s);
}

TEST(commit_that_was_taken_back_and_is_said_again_holds_nobody_up)
{
    start_three();
    uint64_t epoch = ic_conference_epoch(of(layla));
    struct ic_mls_staged *staged;
    struct ic_say say;
    assert_int_equal(poison_lawless(&say, &staged, of(mallory)), IC_OK);
    courier_say(&s, mallory, &say);
    courier_run(&s, SECOND / 2);
    courier_say(&s, mallory, &say);
    courier_run(&s, SECOND / 2);
    assert_int_equal(s.rejects, 2);
    assert_int_equal(s.head, epoch);
    unsigned all[] = {host, layla};
    for (size_t i = 0; i < IC_COUNT(all); i++)
        assert_int_equal(courier_saw(&s, all[i], IC_EVENT_WRONG_COMMIT), 1);
    assert_int_equal(ic_conference_lock(of(host), true, s.now), IC_OK);
    courier_run(&s, SECOND / 2);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_STATE)->number & IC_CONFERENCE_LOCKED,
                     IC_CONFERENCE_LOCKED);
    ic_mls_staged_free(staged);
    courier_clear(&s);
}

/* Mallory alone enters what it poisoned, and takes nobody in there. */
static void poison_and_sit(void)
{
    assert_int_equal(poison_rekey(of(mallory), poison_all, s.now), IC_OK);
    of(mallory)->ordering.next_commit_at = INT64_MAX;
    courier_run(&s, SECOND / 4);
    assert_int_equal(ic_conference_stage(of(mallory)), IC_CONFERENCE_IN);
}

/* All are where the host has been all the time. */
static void assert_all_are_back(uint64_t since)
{
    unsigned all[] = {host, layla, mallory};
    assert_true(courier_agrees(&s));
    assert_int_equal(ic_mls_group_member_count(of(host)->group), 3);
    assert_true(s.head > since);
    for (size_t i = 0; i < IC_COUNT(all); i++)
        assert_int_equal(courier_saw(&s, all[i], IC_EVENT_ENTERED), 1 + (all[i] == mallory));
}

TEST(who_entered_what_others_cannot_open_goes_back_to_them_when_it_is_rejected)
{
    start_three();
    uint64_t before = s.head;
    poison_and_sit();
    courier_run(&s, 3 * SECOND);
    assert_int_equal(s.rejects, 1);
    assert_int_equal(courier_saw(&s, mallory, IC_EVENT_WRONG_COMMIT), 0);
    courier_run(&s, SECOND);
    assert_all_are_back(before);
    courier_clear(&s);
}

TEST(who_missed_the_reject_of_what_it_entered_goes_back_and_rejects_nothing)
{
    start_three();
    uint64_t before = s.head;
    assert_int_equal(ic_conference_grant(of(host), leaf_of(mallory), IC_DOOR_REMOVE, s.now), IC_OK);
    courier_run(&s, SECOND);
    poison_and_sit();
    s.keeps_rejects_back = true;
    courier_cut(&s, mallory, 3 * SECOND);
    courier_run(&s, 5 * SECOND / 2);
    assert_int_equal(s.rejects, 1);
    assert_int_equal(ic_conference_rekey(of(layla), s.now), IC_OK);
    courier_run(&s, SECOND); /* it is back, in another epoch of that number */
    assert_int_equal(ic_conference_rekey(of(layla), s.now), IC_OK);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(s.rejects, 1);
    assert_all_are_back(before);
    courier_clear(&s);
}

TEST(who_missed_the_reject_of_what_it_entered_goes_back_when_a_word_does_not_open)
{
    start_three();
    uint64_t before = s.head;
    poison_and_sit();
    s.keeps_rejects_back = true;
    courier_cut(&s, mallory, 3 * SECOND);
    courier_run(&s, 5 * SECOND / 2);
    assert_int_equal(ic_conference_rekey(of(layla), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_chat(of(layla), ic_bytes_of_text("Hello"), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_all_are_back(before);
    courier_clear(&s);
}

/* Both ways the settings were changed once, so that their versions are the same number. */
TEST(who_goes_back_from_what_it_entered_is_shown_the_settings_of_the_others)
{
    start_three();
    s.keeps_rejects_back = true;
    assert_int_equal(
        ic_conference_grant(of(host), leaf_of(mallory), IC_DOOR_SETTINGS | IC_DOOR_ADMIT, s.now),
        IC_OK);
    courier_run(&s, SECOND);
    poisons = poison_all;
    assert_int_equal(ic_conference_lock(of(mallory), true, s.now), IC_OK);
    poisons = NULL;
    of(mallory)->ordering.next_commit_at = INT64_MAX;
    courier_run(&s, SECOND / 4);
    assert_true(courier_last(&s, mallory, IC_EVENT_STATE)->number & IC_CONFERENCE_LOCKED);
    courier_cut(&s, mallory, 4 * SECOND);
    courier_run(&s, 3 * SECOND);
    assert_int_equal(s.rejects, 1);
    assert_int_equal(ic_conference_straight_in(of(host), true, s.now), IC_OK);
    courier_run(&s, 2 * SECOND);
    assert_int_equal(ic_conference_chat(of(layla), ic_bytes_of_text("Hello"), s.now), IC_OK);
    courier_run(&s, 2 * SECOND);
    assert_true(courier_agrees(&s));
    assert_int_equal(courier_last(&s, mallory, IC_EVENT_STATE)->number,
                     IC_CONFERENCE_WAITING_ROOM | IC_CONFERENCE_STRAIGHT_IN);
    courier_clear(&s);
}

/* Another commit of Mallory's, behind the one that it poisoned. */
static void commit_behind_it(void)
{
    struct ic_mls_staged *second;
    struct ic_mls_commit_plan plan = {.force_path = true, .protection = {.private_message = true}};
    assert_int_equal(ic_mls_group_commit(&second, of(mallory)->group, &plan), IC_OK);
    courier_say(&s, mallory,
                &(struct ic_say){.type = IC_SAY_COMMIT,
                                 .epoch = ic_conference_epoch(of(mallory)),
                                 .sealed = ic_mls_staged_message(second)});
    of(mallory)->ordering.pending = second;
}

/* The others are in an earlier epoch than it then, and nothing happens there. */
TEST(who_was_away_when_what_it_entered_was_taken_back_is_told_and_goes_back)
{
    start_three();
    uint64_t before = s.head;
    poison_and_sit();
    commit_behind_it();
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_epoch(of(mallory)), before + 2);
    courier_cut(&s, mallory, 9 * SECOND);
    courier_run(&s, 9 * SECOND);
    assert_int_equal(s.rejects, 1);
    assert_int_equal(s.head, before);
    courier_run(&s, SECOND);
    assert_int_equal(s.head, before + 1); /* it was taken in again, at once */
    assert_all_are_back(before);
    courier_clear(&s);
}

/* Layla could not open what Mallory poisoned and asks to return; the host has it taken back before
 * that is heard, so all go on, and Sam, who may admit nobody, takes Layla back all the same. */
static void sam_takes_back_who_went_on(void)
{
    start_three();
    come_in("Sam Porter");
    courier_run(&s, SECOND);
    poison_and_sit();
    courier_cut(&s, mallory, 60 * SECOND);
    courier_run(&s, SECOND / 2);
    uint8_t knock[IC_DOOR_RETURNING_MAX];
    struct ic_bytes sealed = {knock, s.clients[layla].knock.len};
    memcpy(knock, s.clients[layla].knock.at, sealed.len);
    assert_true(sealed.len > 0);
    while (s.rejects == 0 || ic_conference_stage(of(host)) == IC_CONFERENCE_BEHIND)
        courier_run(&s, s.step);
    courier_cut(&s, host, 60 * SECOND);
    courier_say(&s, layla, &(struct ic_say){.type = IC_SAY_KNOCK, .flag = true, .sealed = sealed});
}

static void assert_layla_is_here(void)
{
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_REMOVED), 0);
    assert_int_equal(ic_conference_stage(of(layla)), IC_CONFERENCE_IN);
    assert_true(courier_agrees(&s));
    assert_int_equal(ic_mls_group_member_count(of(layla)->group), 4);
}

TEST(who_went_on_is_taken_back_all_the_same_when_it_had_asked)
{
    sam_takes_back_who_went_on();
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_ENTERED), 2);
    assert_layla_is_here();
    courier_clear(&s);
}

TEST(commit_that_puts_us_in_a_new_place_without_its_welcome_removes_nobody)
{
    sam_takes_back_who_went_on();
    for (uint64_t commits = s.commits; s.commits == commits && s.now < 60 * SECOND;)
        courier_run(&s, s.step);
    courier_cut(&s, layla, SECOND / 2); /* with the Welcome on its way */
    courier_run(&s, 2 * SECOND);
    assert_layla_is_here();
    courier_clear(&s);
}

/* Mallory poisons an epoch for all, and takes Layla in there: she cannot read the reject, for she
 * never had the keys of the epoch that it ends. */
TEST(who_was_taken_into_what_is_taken_back_goes_to_the_others)
{
    start_three();
    unsigned sam = come_in("Sam Porter");
    courier_run(&s, SECOND);
    courier_cut(&s, host, SECOND);
    courier_cut(&s, sam, SECOND);
    assert_int_equal(poison_rekey(of(mallory), poison_all, s.now), IC_OK);
    courier_run(&s, SECOND / 2);
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_ENTERED), 2);
    of(mallory)->ordering.next_commit_at = of(layla)->ordering.next_commit_at = INT64_MAX;
    while (s.rejects == 0)
        courier_run(&s, s.step);
    courier_run(&s, SECOND);
    assert_true(courier_agrees(&s));
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_ENTERED), 3);
    unsigned asked = courier_saw(&s, layla, IC_EVENT_BEHIND);
    courier_cut(&s, layla, SECOND); /* the server says it again to who comes back */
    courier_run(&s, 3 * SECOND);
    assert_true(courier_agrees(&s));
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_BEHIND), asked);
    courier_clear(&s);
}

/* The server takes nobody back whom it does not hear ask, and says so to who is no keeper. */
TEST(request_to_return_that_the_server_forgot_holds_up_nothing_else)
{
    start_three();
    unsigned sam = come_in("Sam Porter");
    courier_run(&s, SECOND);
    courier_cut(&s, host, 60 * SECOND);
    courier_cut(&s, mallory, 60 * SECOND);
    assert_int_equal(ic_ask_to_return(of(layla), s.now), IC_OK);
    while (!of(sam)->ordering.wishes)
        courier_run(&s, s.step);
    s.clients[layla].returning = false;
    uint64_t commits = s.commits;
    courier_run(&s, SECOND);
    assert_int_equal(s.commits, commits);
    assert_int_equal(ic_conference_rekey(of(sam), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(s.commits, commits + 1);
    courier_run(&s, 5 * SECOND); /* and she asks again */
    assert_int_equal(courier_saw(&s, layla, IC_EVENT_ENTERED), 2);
    courier_clear(&s);
}

TEST(second_commit_behind_one_that_nobody_can_open_is_taken_back_with_it)
{
    start_three();
    uint64_t before = s.head;
    poison_and_sit();
    commit_behind_it();
    courier_run(&s, 7 * SECOND);
    assert_int_equal(s.head, before + 2);
    assert_int_equal(s.rejects, 0); /* somebody goes on there: it may take us in yet */
    courier_run(&s, 2 * SECOND);
    assert_int_equal(s.rejects, 1);
    courier_run(&s, SECOND);
    assert_all_are_back(before);
    courier_clear(&s);
}

TEST(member_has_no_proposal_kept_and_a_commit_that_refers_to_one_is_refused_at_once)
{
    start_three();
    struct ic_mls_proposal out = {.type = IC_MLS_REMOVE,
                                  .removed = ic_mls_group_own_leaf(of(layla)->group)};
    struct ic_mls_protection how = {.private_message = true};
    unsigned honest[] = {host, layla};
    struct ic_mls_message proposal;
    for (uint8_t n = 0; n < 20; n++) {
        how.authenticated_data = (struct ic_bytes){&n, 1}; /* so that none is another */
        assert_int_equal(
            ic_mls_group_propose(&proposal, NULL, of(mallory)->group, &out, NULL, &how), IC_OK);
        for (size_t i = 0; i < IC_COUNT(honest); i++)
            assert_int_equal(
                ic_conference_hear_message(of(honest[i]), ic_mls_message_bytes(&proposal), s.now),
                IC_OK);
        ic_mls_message_clear(&proposal);
    }
    for (size_t i = 0; i < IC_COUNT(honest); i++)
        assert_int_equal(ic_mls_group_pending_count(of(honest[i])->group), 0);

    struct ic_mls_staged *staged;
    struct ic_bytes ref = ic_mls_group_pending(of(mallory)->group, 0).ref;
    struct ic_mls_commit_plan plan = {
        .refs = &ref, .ref_count = 1, .force_path = true, .protection = {.private_message = true}};
    assert_int_equal(ic_mls_group_commit(&staged, of(mallory)->group, &plan), IC_OK);
    courier_say(&s, mallory,
                &(struct ic_say){.type = IC_SAY_COMMIT,
                                 .epoch = ic_conference_epoch(of(mallory)),
                                 .sealed = ic_mls_staged_message(staged)});
    courier_run(&s, SECOND / 2);
    for (size_t i = 0; i < IC_COUNT(honest); i++) {
        assert_int_equal(courier_saw(&s, honest[i], IC_EVENT_WRONG_COMMIT), 1);
        assert_int_equal(courier_saw(&s, honest[i], IC_EVENT_BEHIND), 0);
        assert_false(of(honest[i])->ordering.stuck);
    }
    assert_int_equal(s.rejects, 1);
    ic_mls_staged_free(staged);
    courier_clear(&s);
}

RUN_TESTS(
    cmocka_unit_test(reject_of_another_commit_frees_nobody_who_refused_one),
    cmocka_unit_test(reject_of_another_commit_frees_nobody_who_could_not_open_one),
    cmocka_unit_test(right_holder_takes_no_replay_of_its_own_for_its_reject),
    cmocka_unit_test(commit_that_was_taken_back_and_is_said_again_holds_nobody_up),
    cmocka_unit_test(who_entered_what_others_cannot_open_goes_back_to_them_when_it_is_rejected),
    cmocka_unit_test(who_missed_the_reject_of_what_it_entered_goes_back_and_rejects_nothing),
    cmocka_unit_test(who_missed_the_reject_of_what_it_entered_goes_back_when_a_word_does_not_open),
    cmocka_unit_test(who_was_away_when_what_it_entered_was_taken_back_is_told_and_goes_back),
    cmocka_unit_test(who_goes_back_from_what_it_entered_is_shown_the_settings_of_the_others),
    cmocka_unit_test(who_went_on_is_taken_back_all_the_same_when_it_had_asked),
    cmocka_unit_test(commit_that_puts_us_in_a_new_place_without_its_welcome_removes_nobody),
    cmocka_unit_test(who_was_taken_into_what_is_taken_back_goes_to_the_others),
    cmocka_unit_test(request_to_return_that_the_server_forgot_holds_up_nothing_else),
    cmocka_unit_test(second_commit_behind_one_that_nobody_can_open_is_taken_back_with_it),
    cmocka_unit_test(
        member_has_no_proposal_kept_and_a_commit_that_refers_to_one_is_refused_at_once))
