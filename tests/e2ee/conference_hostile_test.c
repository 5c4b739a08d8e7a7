/* Members who cheat, while the server lets everything pass: nobody gets in, the others go on, and
 * people are told (SEC-10, SEC-11, SEC-26, ACC-08). The evil member makes its commits with MLS
 * alone, past all that its own client would refuse. */
#include "tests/e2ee/conference_four.h"

#include "e2ee/conference/state_now.h"
#include "e2ee/door/validity.h"
#include "e2ee/mls/group_state.h"

/* ---- What an evil member makes ---- */

struct evil {
    struct ic_bytes add;        /* a key package */
    struct ic_bytes extensions; /* of the group's context */
    bool all_pending, without_psk;
};

/* The member's commit, said with a server that lets everything pass. */
static void say_evil(unsigned who, const struct evil *evil, const uint8_t *welcomed)
{
    uint8_t id[IC_DOOR_LINK_PSK_ID_LEN];
    struct ic_mls_psk_id psk = ic_link_psk_id(of(who), id);
    struct ic_mls_staged *staged;
    struct ic_mls_commit_plan plan = {
        .adds = &evil->add,
        .add_count = evil->add.len > 0,
        .psks = &psk,
        .psk_count = (evil->add.len > 0 || evil->all_pending) && !evil->without_psk,
        .extensions = evil->extensions.len > 0 ? &evil->extensions : NULL,
        .all_pending = evil->all_pending,
        .force_path = true,
        .protection = {.private_message = true},
    };
    assert_int_equal(ic_mls_group_commit(&staged, group_of(who), &plan), IC_OK);
    struct ic_say say = {.type = IC_SAY_COMMIT,
                         .epoch = ic_conference_epoch(of(who)),
                         .sealed = ic_mls_staged_message(staged),
                         .welcome = ic_mls_staged_welcome(staged),
                         .participants = {welcomed, welcomed ? IC_PARTICIPANT_LEN : 0}};
    courier_say(&s, who, &say);
    ic_mls_staged_free(staged);
}

/* The state as it is, changed as the caller likes and signed by this member. */
static void say_evil_state(unsigned who, void (*change)(struct ic_door_state *, unsigned who),
                           bool spoil)
{
    static uint8_t bytes[16384], out[16384];
    uint8_t hash[IC_DOOR_STATE_HASH_LEN];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes), list = ic_writer_of(out, sizeof out);
    struct ic_door_pair pair = ic_own_pair(of(who));
    struct ic_door_state state;

    assert_int_equal(ic_state_now(of(who), &state), IC_OK);
    ic_door_state_hash(hash, state.encoded);
    state.version++;
    state.previous = (struct ic_bytes){hash, sizeof hash};
    state.signer = ic_own_key(of(who));
    change(&state, who);
    assert_int_equal(
        ic_door_write_state(&w, &state, (struct ic_bytes){s.meeting, IC_MEETING_LEN}, &pair),
        IC_OK);
    ic_mls_write_extension(&list, IC_DOOR_STATE_EXTENSION, ic_written(&w));
    if (spoil)
        out[list.len - 1] ^= 1; /* the end of the signature */
    say_evil(who, &(struct evil){.extensions = ic_written(&list)}, NULL);
}

static void assert_refused(enum ic_door_rule rule)
{
    unsigned honest[] = {host, layla, kofi};
    for (size_t i = 0; i < IC_COUNT(honest); i++)
        if (honest[i] != mallory)
            assert_int_equal(courier_last(&s, honest[i], IC_EVENT_WRONG_COMMIT)->number, rule);
    assert_int_equal(s.rejects, 1);
}

/* ---- Getting somebody in ---- */

TEST(member_without_the_right_adds_nobody) /* SEC-10, SEC-26 */
{
    start_four();
    unsigned friend = come("Friend");
    struct ic_bytes package = ic_mls_message_bytes(&of(friend)->entering.package.encoded);
    say_evil(mallory, &(struct evil){.add = package}, s.clients[friend].participant);
    courier_run(&s, SECOND);

    assert_refused(IC_DOOR_RULE_ADD_RIGHT);
    assert_int_not_equal(ic_conference_stage(of(friend)), IC_CONFERENCE_IN);
    assert_int_equal(courier_saw(&s, friend, IC_EVENT_PERSON), 0);
    assert_meeting_goes_on(4);
    courier_clear(&s);
}

TEST(external_commit_with_the_waiting_room_on_is_refused) /* SEC-10, SEC-26 */
{
    start_four();
    unsigned friend = come("Friend");
    uint8_t id[IC_DOOR_LINK_PSK_ID_LEN];
    struct ic_mls_psk_id psk = ic_link_psk_id(of(friend), id);
    struct ic_mls_application application = ic_application(of(friend));
    struct ic_identity_buffer buffer;
    struct ic_mls_identity identity;
    struct ic_mls_message info, commit;
    struct ic_mls_group *group;

    assert_int_equal(ic_mls_group_info(&info, group_of(mallory), false, (struct ic_bytes){0}),
                     IC_OK);
    assert_int_equal(ic_own_identity(&identity, &buffer, of(friend), ic_suite_find(SUITE), s.now),
                     IC_OK);
    struct ic_mls_join_external join = {.group_info = ic_mls_message_bytes(&info),
                                        .identity = &identity,
                                        .application = &application,
                                        .psks = &psk,
                                        .psk_count = 1};
    assert_int_equal(ic_mls_group_join_external(&group, &commit, NULL, &join), IC_OK);
    courier_say(&s, mallory,
                &(struct ic_say){.type = IC_SAY_COMMIT,
                                 .epoch = ic_conference_epoch(of(mallory)),
                                 .sealed = ic_mls_message_bytes(&commit)});
    courier_run(&s, SECOND);

    assert_refused(IC_DOOR_RULE_WAITING_ROOM);
    assert_meeting_goes_on(4);
    ic_mls_group_free(group);
    ic_mls_message_clear(&commit);
    ic_mls_message_clear(&info);
    courier_clear(&s);
}

TEST(proposal_from_outside_brings_nobody_in) /* SEC-10, SEC-26 */
{
    start_four();
    unsigned friend = come("Friend");
    struct ic_bytes package = ic_mls_message_bytes(&of(friend)->entering.package.encoded);
    struct ic_reader r = ic_reader_of(package);
    struct ic_mls_proposal add = {.type = IC_MLS_ADD};
    struct ic_mls_message proposal;
    struct ic_mls_outside outside = {.suite = ic_suite_find(SUITE),
                                     .group_id = {s.meeting, IC_MEETING_LEN},
                                     .epoch = ic_conference_epoch(of(mallory)),
                                     .signature_private = ic_own_pair(of(friend)).private_key,
                                     .is_newcomer = true};
    ic_mls_read_key_package(&r, &add.add);
    assert_int_equal(ic_mls_propose_from_outside(&proposal, &outside, &add), IC_OK);
    struct ic_bytes bytes = ic_mls_message_bytes(&proposal);
    unsigned members[] = {host, layla, kofi, mallory};
    group_of(mallory)->application.by_value_only = false;
    for (size_t i = 0; i < IC_COUNT(members); i++) {
        assert_int_equal(ic_conference_hear_message(of(members[i]), bytes, s.now), IC_OK);
        assert_int_equal(ic_mls_group_pending_count(group_of(members[i])), members[i] == mallory);
    }
    ic_mls_message_clear(&proposal);

    /* Nobody honest keeps it, and nobody follows a commit that takes it along. */
    say_evil(mallory, &(struct evil){.all_pending = true}, s.clients[friend].participant);
    courier_run(&s, SECOND);
    assert_refused(IC_DOOR_VALID); /* refused by MLS, before the rules */
    assert_int_not_equal(ic_conference_stage(of(friend)), IC_CONFERENCE_IN);
    assert_meeting_goes_on(4);
    courier_clear(&s);
}

static void hear_welcome(unsigned client, struct ic_bytes welcome, bool keeper)
{
    struct ic_conference_joined joined = {
        .people = 3, .epoch = s.head, .welcome = welcome, .keeper = keeper};
    memcpy(joined.participant, s.clients[client].participant, IC_PARTICIPANT_LEN);
    assert_int_equal(ic_conference_hear_joined(of(client), &joined, s.now), IC_OK);
}

TEST(welcome_serves_once_and_only_whom_it_was_made_for) /* SEC-11 */
{
    start_four();
    struct ic_bytes welcome = s.clients[mallory].welcome;
    unsigned friend = come("Friend");
    uint64_t epoch = ic_conference_epoch(of(layla));

    hear_welcome(layla, welcome, false);
    hear_welcome(friend, welcome, false);
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_epoch(of(layla)), epoch);
    assert_int_not_equal(ic_conference_stage(of(friend)), IC_CONFERENCE_IN);

    assert_int_equal(ic_conference_remove(of(host), leaf_of(mallory), s.now), IC_OK);
    courier_run(&s, SECOND);
    hear_welcome(mallory, welcome, false);
    assert_int_equal(ic_conference_stage(of(mallory)), IC_CONFERENCE_OVER); /* ACC-08 */
    assert_true(in_one_group(host, layla));
    courier_clear(&s);
}

TEST(group_of_another_host_takes_in_nobody) /* SEC-11 */
{
    start_four();
    unsigned guest = come("Sam Porter");
    struct ic_conference_options options = {.link = s.host_link,
                                            .name = ic_bytes_of_text("Amara Osei"),
                                            .suite = SUITE,
                                            .wall_ms_at_zero = UINT64_C(1795000000000),
                                            .frames = ic_e2ee_new()};
    struct ic_conference *evil;
    options.link.root_seed[0] ^= 1; /* he knows the link, and not the host's key */
    memcpy(options.meeting, s.meeting, IC_MEETING_LEN);
    assert_int_equal(ic_conference_new(&evil, &options), IC_OK);
    struct ic_conference_joined alone = {.keeper = true, .participant = {9}};
    assert_int_equal(ic_conference_hear_joined(evil, &alone, s.now), IC_OK);

    struct ic_bytes package = ic_mls_message_bytes(&of(guest)->entering.package.encoded);
    struct ic_mls_staged *staged;
    struct ic_mls_commit_plan plan = {.adds = &package, .add_count = 1, .force_path = true};
    uint8_t id[IC_DOOR_LINK_PSK_ID_LEN];
    struct ic_mls_psk_id psk = ic_link_psk_id(evil, id);
    plan.psks = &psk;
    plan.psk_count = 1;
    assert_int_equal(ic_mls_group_commit(&staged, evil->group, &plan), IC_OK);
    hear_welcome(guest, ic_mls_staged_welcome(staged), false);
    courier_run(&s, SECOND);

    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_KNOCKED);
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_CARD_BAD), 1);
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_PERSON), 0);
    ic_mls_staged_free(staged);
    ic_conference_free(evil);
    ic_e2ee_free(options.frames);
    courier_clear(&s);
}

TEST(card_of_a_link_that_was_replaced_is_shown_as_wrong) /* SEC-11, ACC-08 */
{
    start_four();
    static uint8_t old[IC_DOOR_CARD_SEALED_MAX];
    struct ic_bytes card = {old, s.card.len};
    memcpy(old, s.card.at, s.card.len);
    assert_int_equal(ic_conference_replace_link(of(host), s.now), IC_OK);
    courier_run(&s, SECOND);
    struct ic_door_link fresh = link_of(courier_last(&s, host, IC_EVENT_LINK));
    unsigned guest = courier_come(&s, &fresh, "Sam Porter", SUITE);
    assert_int_equal(ic_conference_hear_carded(of(guest), card, s.now), IC_OK);
    unsigned knocks = courier_saw(&s, host, IC_EVENT_KNOCK);
    s.clients[guest].connected = false; /* the real card does not come */
    courier_run(&s, SECOND);

    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), knocks);
    assert_int_not_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    courier_clear(&s);
}

TEST(keeper_by_the_servers_word_alone_has_no_power) /* SEC-26 */
{
    start_four();
    struct ic_conference_joined joined = {
        .keeper = true, .people = 3, .epoch = ic_conference_epoch(of(mallory))};
    memcpy(joined.participant, s.clients[mallory].participant, IC_PARTICIPANT_LEN);
    assert_int_equal(ic_conference_hear_joined(of(mallory), &joined, s.now), IC_OK);
    s.clients[mallory].keeper = true;
    unsigned guest = come("Sam Porter");

    assert_int_equal(courier_saw(&s, mallory, IC_EVENT_KNOCK), 0); /* it cannot read it */
    assert_int_equal(ic_conference_admit(of(mallory), s.clients[guest].participant, s.now),
                     IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_remove(of(mallory), leaf_of(layla), s.now), IC_ERR_FORBIDDEN);
    courier_clear(&s);
}

/* ---- The state ---- */

static void lock(struct ic_door_state *state, unsigned who)
{
    (void)who;
    state->flags |= IC_DOOR_LOCKED;
}

TEST(state_with_a_wrong_signature_is_refused_also_from_the_host) /* SEC-26 */
{
    start_four();
    say_evil_state(host, lock, true);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_WRONG_COMMIT)->number,
                     IC_DOOR_RULE_STATE_SIGNATURE);
    assert_int_equal(s.rejects, 1);
    assert_meeting_goes_on(4);
    courier_clear(&s);
}

TEST(member_does_not_change_the_settings) /* SEC-26 */
{
    start_four();
    say_evil_state(mallory, lock, false);
    courier_run(&s, SECOND);
    assert_refused(IC_DOOR_RULE_STATE_SIGNER);
    assert_meeting_goes_on(4);
    courier_clear(&s);
}

static void rise(struct ic_door_state *state, unsigned who)
{
    static uint8_t bytes[4096];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    struct ic_door_grant grant = {.meeting = {s.meeting, IC_MEETING_LEN},
                                  .rights = IC_DOOR_ALL_RIGHTS,
                                  .link_version = state->link_version,
                                  .member = ic_own_key(of(who)),
                                  .giver = ic_own_key(of(host))};
    struct ic_door_pair pair = ic_own_pair(of(who));
    pair.public_key = ic_own_key(of(who));
    ic_write_bytes(&w, state->grants);
    assert_int_equal(ic_door_write_grant(&w, &grant, &pair), IC_OK);
    state->grants = ic_written(&w);
}

TEST(member_gives_itself_no_rights) /* SEC-26 */
{
    start_four();
    say_evil_state(mallory, rise, false);
    courier_run(&s, SECOND);
    assert_true(courier_last(&s, layla, IC_EVENT_WRONG_COMMIT)->number > IC_DOOR_VALID);
    assert_int_equal(s.rejects, 1);
    assert_false(ic_may(of(layla), ic_own_key(of(mallory)), IC_DOOR_ADMIT));
    assert_meeting_goes_on(4);
    courier_clear(&s);
}

/* ---- Rejecting ---- */

TEST(reject_by_who_has_no_right_frees_nothing) /* SEC-26 */
{
    start_four();
    s.clients[host].connected = false; /* it cannot help */
    say_evil_state(kofi, lock, false);
    courier_run(&s, SECOND / 2);
    assert_true(of(layla)->ordering.stuck);

    uint8_t hash[IC_SHA256_LEN] = {1};
    struct ic_door_app_message message = {
        .type = IC_DOOR_APP_REJECT,
        .reject = {.epoch = ic_conference_epoch(of(mallory)), .commit = {hash, sizeof hash}}};
    assert_int_equal(ic_say_app(of(mallory), &message, IC_SAY_REJECT), IC_OK);
    const struct ic_say *say = ic_conference_next_say(of(mallory));
    while (say && say->type != IC_SAY_REJECT)
        say = ic_conference_next_say(of(mallory));
    assert_non_null(say);
    assert_int_equal(ic_conference_hear_rejected(of(layla), say->epoch, say->sealed, s.now), IC_OK);
    assert_true(of(layla)->ordering.stuck);

    /* Nor does a message of somebody else that comes again, or noise. */
    assert_int_equal(ic_conference_hear_rejected(of(layla), ic_conference_epoch(of(layla)),
                                                 ic_bytes_of_text("noise"), s.now),
                     IC_OK);
    assert_int_equal(ic_conference_hear_rejected(of(layla), say->epoch, say->sealed, s.now), IC_OK);
    assert_true(of(layla)->ordering.stuck);
    courier_clear(&s);
}

TEST(epoch_that_was_entered_is_never_opened_again)
{
    start_four();
    uint64_t before = ic_conference_epoch(of(layla));
    uint8_t hash[IC_SHA256_LEN] = {1};
    struct ic_door_app_message message = {
        .type = IC_DOOR_APP_REJECT, .reject = {.epoch = before, .commit = {hash, sizeof hash}}};
    static uint8_t sealed[16384];
    struct ic_mls_message text, commit;
    struct ic_mls_staged *staged;

    /* The host signs a reject for an epoch that others have entered already, and goes another way
     * with the server's help. */
    uint8_t body[256];
    struct ic_writer w = ic_writer_of(body, sizeof body);
    ic_door_app_write(&w, &message);
    assert_int_equal(
        ic_mls_group_seal(&text, group_of(host), (struct ic_bytes){0}, ic_written(&w), 0), IC_OK);
    struct ic_mls_commit_plan plan = {.force_path = true, .protection = {.private_message = true}};
    assert_int_equal(ic_mls_group_commit(&staged, group_of(host), &plan), IC_OK);
    assert_int_equal(ic_mls_message_copy(&commit, ic_mls_staged_message(staged)), IC_OK);
    s.withhold[host] = true;
    assert_int_equal(ic_conference_rekey(of(kofi), s.now), IC_OK);
    courier_run(&s, SECOND / 2);
    assert_int_equal(ic_conference_epoch(of(layla)), before + 1);
    assert_int_equal(ic_conference_epoch(of(host)), before);
    uint8_t held[IC_CONFERENCE_AUTHENTICATOR_LEN], now[IC_CONFERENCE_AUTHENTICATOR_LEN];
    assert_int_equal(ic_conference_authenticator(of(layla), held), IC_OK);

    unsigned stayed[] = {layla, kofi, mallory};
    for (size_t i = 0; i < IC_COUNT(stayed); i++) {
        assert_int_equal(
            ic_conference_hear_rejected(of(stayed[i]), before, ic_mls_message_bytes(&text), s.now),
            IC_OK);
        assert_int_equal(ic_conference_hear_committed(of(stayed[i]), before,
                                                      ic_mls_message_bytes(&commit), s.now),
                         IC_OK);
    }
    struct ic_bytes own = ic_mls_message_bytes(&commit);
    memcpy(sealed, own.at, own.len);
    of(host)->ordering.pending = staged;
    assert_int_equal(
        ic_conference_hear_committed(of(host), before, (struct ic_bytes){sealed, own.len}, s.now),
        IC_OK);
    courier_run(&s, 9 * SECOND);

    /* They stay, and are told that the host is elsewhere; and the host, that they are. */
    assert_int_equal(ic_conference_authenticator(of(layla), now), IC_OK);
    assert_memory_equal(held, now, sizeof held);
    assert_true(in_one_group(layla, kofi));
    assert_int_equal(courier_last(&s, layla, IC_EVENT_ELSEWHERE)->leaf, leaf_of(host));
    assert_int_equal(courier_last(&s, layla, IC_EVENT_ELSEWHERE)->number, 1);
    assert_true(courier_saw(&s, host, IC_EVENT_ELSEWHERE) == 3);
    courier_run(&s, 10 * SECOND); /* nobody with rights vouches for their epoch: they say no more */
    assert_int_equal(courier_last(&s, layla, IC_EVENT_SILENCED)->number, 1);
    ic_mls_message_clear(&text);
    ic_mls_message_clear(&commit);
    courier_clear(&s);
}

RUN_TESTS(cmocka_unit_test(member_without_the_right_adds_nobody),
          cmocka_unit_test(external_commit_with_the_waiting_room_on_is_refused),
          cmocka_unit_test(proposal_from_outside_brings_nobody_in),
          cmocka_unit_test(welcome_serves_once_and_only_whom_it_was_made_for),
          cmocka_unit_test(group_of_another_host_takes_in_nobody),
          cmocka_unit_test(card_of_a_link_that_was_replaced_is_shown_as_wrong),
          cmocka_unit_test(keeper_by_the_servers_word_alone_has_no_power),
          cmocka_unit_test(state_with_a_wrong_signature_is_refused_also_from_the_host),
          cmocka_unit_test(member_does_not_change_the_settings),
          cmocka_unit_test(member_gives_itself_no_rights),
          cmocka_unit_test(reject_by_who_has_no_right_frees_nothing),
          cmocka_unit_test(epoch_that_was_entered_is_never_opened_again))
