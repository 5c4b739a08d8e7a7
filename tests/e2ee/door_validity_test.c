/* Validity: each rule broken once gives that rule, and nothing but the commit decides. */
#include "e2ee/door/validity.h"

#include "tests/e2ee/door_scene.h"

static enum ic_door_rule check(const struct scene *s)
{
    return ic_door_commit_check(&s->before, &s->tree, &s->next);
}

static void with_flags(struct scene *s, uint8_t flags)
{
    struct ic_door_state state = usual_state();
    state.flags = flags;
    scene_begin_with(s, &state);
}

static void newcomer(struct scene *s)
{
    scene_add(s, scene_leaf(NEWCOMER, NEWCOMER, "Sofia"));
    scene_psk(s, s->state.link_version);
}

/* ---- Commits that keep every rule ---- */

static void nothing(__attribute__((unused)) struct scene *s)
{
}
static void two_newcomers(struct scene *s)
{
    newcomer(s);
    scene_add(s, scene_leaf(ROOT, 40, "Sofia"))->leaf.n = 5;
}
static void vanished(struct scene *s)
{
    scene_remove(s, HOST);
}
static void leaving(struct scene *s)
{
    struct ic_mls_change *change = scene_add_change(s, IC_MLS_SELF_REMOVE);
    change->leaf = scene_place(OTHER);
    change->proposer.index = scene_place(OTHER).n;
}
static void back_while_locked(struct scene *s)
{
    with_flags(s, IC_DOOR_WAITING_ROOM | IC_DOOR_LOCKED);
    scene_remove(s, GUEST);
    scene_add(s, scene_leaf(GUEST, 77, SCENE_NAMES[GUEST]))->leaf = scene_place(GUEST);
    scene_psk(s, 1);
}
static void back_with_another_pseudonym(struct scene *s)
{
    struct ic_mls_leaf_node leaf = scene_leaf(GUEST, 77, SCENE_NAMES[GUEST]);
    scene_credential(&leaf.credential, 99, 16);
    scene_remove(s, GUEST);
    scene_add(s, leaf);
    scene_psk(s, 1);
}
static void removal_with_new_link(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, COHOST);
    state.link_version = 2;
    scene_remove(s, GUEST);
    scene_state(s, &state, COHOST);
}
static void fresh_keys(struct scene *s)
{
    struct ic_mls_change *change = scene_add_change(s, IC_MLS_UPDATE);
    change->proposal.update = scene_leaf(OTHER, OTHER, SCENE_NAMES[OTHER]);
    change->proposer.index = scene_place(OTHER).n;
    change->leaf = scene_place(OTHER);
    s->next.has_path = true;
}
static void settings(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, HOST);
    state.flags = IC_DOOR_LOCKED;
    state.everyone = 0;
    scene_state(s, &state, HOST);
}
static const uint8_t PASSCODE[IC_DOOR_PSK_LEN] = {3};

static struct ic_bytes invites_by(uint32_t from, uint32_t to, int user)
{
    static const uint8_t SALT[IC_DOOR_INVITE_SALT_LEN] = {4}, SECRET[IC_LINK_SECRET_LEN] = {5};
    uint8_t *room = scene_keep(1024);
    struct ic_writer w = ic_writer_of(room, 1024);
    struct ic_door_invite_bytes bytes;
    for (uint32_t number = from; number <= to; number++) {
        struct ic_door_invite invite = {.number = number,
                                        .maker = key_of(HOST),
                                        .user = number == to ? key_of(user) : key_of(OTHER),
                                        .salt = {SALT, sizeof SALT}};
        assert_int_equal(ic_door_invite_fill(&invite, &bytes, SECRET, MEETING), IC_OK);
        ic_door_write_invite(&w, &invite);
    }
    return ic_written(&w);
}
static void with_invites(struct scene *s)
{
    struct ic_door_state state = usual_state();
    state.invites = invites_by(1, 3, GUEST);
    scene_begin_with(s, &state);
}
static void invites_become(struct scene *s, int signer, struct ic_bytes invites)
{
    struct ic_door_state state = scene_next_state(s, signer);
    state.invites = invites;
    scene_state(s, &state, signer);
}
static void invites_made(struct scene *s)
{
    invites_become(s, HOST, invites_by(1, 2, GUEST));
}
static void invite_goes_with_its_user(struct scene *s)
{
    with_invites(s);
    struct ic_door_state state = scene_next_state(s, COHOST);
    state.link_version = 2;
    state.invites = invites_by(1, 2, OTHER);
    scene_remove(s, GUEST);
    scene_state(s, &state, COHOST);
}
static void invite_by_cohost(struct scene *s)
{
    with_invites(s);
    invites_become(s, COHOST, invites_by(1, 4, GUEST));
}
static void invite_changed_by_cohost(struct scene *s)
{
    with_invites(s);
    invites_become(s, COHOST, invites_by(1, 3, OTHER));
}
static void grants_admit_alone(struct ic_door_state *state)
{
    struct ic_writer w = ic_writer_of(scene_keep(1024), 1024);
    put_grant(&w, HOST, ROOT, IC_DOOR_ALL_RIGHTS, 1);
    put_grant(&w, COHOST, HOST, IC_DOOR_ADMIT, 1);
    state->grants = ic_written(&w);
}
/* By who may admit and nothing else: the invite says who came in by it. */
static void invited_with(struct scene *s, struct ic_bytes invites)
{
    struct ic_door_state state = usual_state();
    grants_admit_alone(&state);
    state.invites = invites_by(1, 3, GUEST);
    scene_begin_with(s, &state);
    invites_become(s, COHOST, invites);
}
static void invited_by_admitter(struct scene *s)
{
    invited_with(s, invites_by(1, 3, NEWCOMER));
    newcomer(s);
}
static void second_with_an_invite_by_admitter(struct scene *s)
{
    invited_with(s, invites_by(1, 2, OTHER));
    newcomer(s);
}
static void invited_who_does_not_come(struct scene *s)
{
    invited_with(s, invites_by(1, 3, NEWCOMER));
}
static void invite_made_by_admitter(struct scene *s)
{
    invited_with(s, invites_by(1, 4, NEWCOMER));
    newcomer(s);
}
static void invite_altered_by_admitter(struct scene *s)
{
    struct ic_bytes invites = invites_by(1, 3, NEWCOMER);
    struct ic_reader list = ic_reader_of(invites);
    struct ic_door_invite invite;
    while (ic_door_invite_next(&list, &invite))
        continue;
    ((uint8_t *)invite.signer.at)[0] ^= 1; /* a key of its own */
    invited_with(s, invites);
    newcomer(s);
}
static void passcode_by(struct scene *s, int signer, uint32_t link_version)
{
    struct ic_door_state state = scene_next_state(s, signer);
    state.flags |= IC_DOOR_PASSCODE;
    state.passcode_key = (struct ic_bytes){PASSCODE, sizeof PASSCODE};
    state.link_version = link_version;
    scene_state(s, &state, signer);
}
static void passcode_set(struct scene *s)
{
    passcode_by(s, HOST, 2);
}
static void passcode_by_cohost(struct scene *s)
{
    passcode_by(s, COHOST, 2);
}
static void passcode_in_the_same_link_version(struct scene *s)
{
    passcode_by(s, HOST, 1);
}
static void passcode_changed_in_the_same_link_version(struct scene *s)
{
    static const uint8_t OTHER_CODE[IC_DOOR_PSK_LEN] = {8};
    struct ic_door_state before = usual_state();
    before.flags |= IC_DOOR_PASSCODE;
    before.passcode_key = (struct ic_bytes){OTHER_CODE, sizeof OTHER_CODE};
    scene_begin_with(s, &before);
    passcode_by(s, HOST, 1);
}
static void new_grant_by(struct scene *s, int giver, int signer, uint8_t rights, uint32_t version)
{
    struct ic_door_state state = scene_next_state(s, signer);
    struct ic_writer w = ic_writer_of(scene_keep(2048), 2048);
    ic_write_bytes(&w, s->state.grants);
    put_grant(&w, OTHER, giver, rights, version);
    state.grants = ic_written(&w);
    scene_state(s, &state, signer);
}
static void new_grant(struct scene *s)
{
    new_grant_by(s, HOST, HOST, IC_DOOR_ADMIT, 1);
}
static void grant_taken(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, HOST);
    struct ic_writer w = ic_writer_of(scene_keep(1024), 512);
    put_grant(&w, HOST, ROOT, IC_DOOR_ALL_RIGHTS, 1);
    state.grants = ic_written(&w);
    scene_state(s, &state, HOST);
}
static void external(struct scene *s)
{
    with_flags(s, 0);
    scene_enter(s, NEWCOMER);
}
static void external_again(struct scene *s)
{
    external(s);
    scene_put(s->nodes, GUEST, scene_leaf(NEWCOMER, GUEST, "Sofia"));
    scene_remove(s, GUEST);
    leaving(s);
}

/* ---- Each rule, broken ---- */

static void no_state(struct scene *s)
{
    s->before.extensions = s->after.extensions =
        scene_extension(IC_DOOR_STATE_EXTENSION, ic_bytes_of_text("?"));
}
static void nobody_commits(struct scene *s)
{
    s->next.committer.n = 7;
}
static void external_sender(struct scene *s)
{
    newcomer(s);
    s->changes[0].proposer.type = IC_MLS_SENDER_EXTERNAL;
}
static void newcomer_proposes_itself(struct scene *s)
{
    newcomer(s);
    s->changes[0].proposer.type = IC_MLS_SENDER_NEW_MEMBER_PROPOSAL;
}
static void newcomer_inside(struct scene *s)
{
    scene_remove(s, GUEST);
    s->changes[0].proposer.type = IC_MLS_SENDER_NEW_MEMBER_COMMIT;
}
static void reinit(struct scene *s)
{
    scene_add_change(s, IC_MLS_REINIT);
}
static void external_init_inside(struct scene *s)
{
    scene_add_change(s, IC_MLS_EXTERNAL_INIT);
}
static void unknown_kind(struct scene *s)
{
    scene_add_change(s, (enum ic_mls_proposal_type)4000);
}
static void external_adds(struct scene *s)
{
    external(s);
    scene_add(s, scene_leaf(ROOT, 40, "Sofia"));
}
static void external_sets(struct scene *s)
{
    external(s);
    scene_set_extensions(s, s->before.extensions);
}
static void external_with_waiting_room(struct scene *s)
{
    scene_enter(s, NEWCOMER);
}
static void external_while_locked(struct scene *s)
{
    with_flags(s, IC_DOOR_LOCKED);
    scene_enter(s, NEWCOMER);
}
static void external_removes_another(struct scene *s)
{
    external(s);
    scene_remove(s, GUEST);
}
static void external_removes_nobody(struct scene *s)
{
    external(s);
    scene_remove(s, NEWCOMER);
}
static void newcomer_while_locked(struct scene *s)
{
    with_flags(s, IC_DOOR_WAITING_ROOM | IC_DOOR_LOCKED);
    newcomer(s);
}
static void named_while_locked(struct scene *s)
{
    struct ic_door_state state = usual_state();
    struct ic_writer w = ic_writer_of(scene_keep(128), 128);
    ic_door_write_named(&w, &(struct ic_door_named){key_of(NEWCOMER), 0});
    state.named = ic_written(&w);
    state.flags = IC_DOOR_WAITING_ROOM | IC_DOOR_LOCKED;
    scene_begin_with(s, &state);
    newcomer(s);
}
static void back_with_another_key(struct scene *s)
{
    scene_remove(s, GUEST);
    scene_add(s, scene_leaf(NEWCOMER, 77, SCENE_NAMES[GUEST]));
    scene_psk(s, 1);
}
static void other_suite(struct scene *s)
{
    newcomer(s);
    s->changes[0].proposal.add.suite = IC_SUITE_P256_AES128;
}
static void no_profile(struct scene *s)
{
    newcomer(s);
    s->changes[0].proposal.add.leaf.extensions = (struct ic_bytes){0};
}
static void bad_profile(struct scene *s)
{
    newcomer(s);
    s->changes[0].proposal.add.leaf.extensions =
        scene_extension(IC_DOOR_PROFILE_EXTENSION, ic_bytes_of_text("Sofia"));
}
static void long_pseudonym(struct scene *s)
{
    newcomer(s);
    scene_credential(&s->changes[0].proposal.add.leaf.credential, 5, 17);
}
static void path_without_profile(struct scene *s)
{
    struct ic_mls_leaf_node leaf = scene_leaf(GUEST, GUEST, SCENE_NAMES[GUEST]);
    leaf.extensions = (struct ic_bytes){0};
    scene_put(s->nodes_after, GUEST, leaf);
    s->next.has_path = true;
}
static void external_without_profile(struct scene *s)
{
    external(s);
    s->nodes_after[2 * scene_place(NEWCOMER).n].leaf.extensions = (struct ic_bytes){0};
}
static void another_name(struct scene *s)
{
    scene_put(s->nodes_after, GUEST, scene_leaf(GUEST, GUEST, SCENE_NAMES[HOST]));
    s->next.has_path = true;
}
static void another_claim(struct scene *s)
{
    static const uint8_t CLAIMS[] = {0, 1, 1, 5}, ID[IC_PARTICIPANT_LEN] = {OTHER};
    const struct ic_door_profile profile = {
        {ID, sizeof ID}, ic_bytes_of_text(SCENE_NAMES[OTHER]), {CLAIMS, sizeof CLAIMS}};
    uint8_t data[512];
    struct ic_writer w = ic_writer_of(data, sizeof data);

    fresh_keys(s);
    ic_door_write_profile(&w, &profile);
    s->changes[0].proposal.update.extensions =
        scene_extension(IC_DOOR_PROFILE_EXTENSION, ic_written(&w));
}
static void another_participant(struct scene *s)
{
    fresh_keys(s);
    s->changes[0].proposal.update = scene_leaf(OTHER, 77, SCENE_NAMES[OTHER]);
}
static void another_key(struct scene *s)
{
    fresh_keys(s);
    s->changes[0].proposal.update.signature_key = key_of(NEWCOMER);
}
static void another_pseudonym(struct scene *s)
{
    fresh_keys(s);
    scene_credential(&s->changes[0].proposal.update.credential, 99, 16);
}
static void back_with_another_name(struct scene *s)
{
    scene_remove(s, GUEST);
    scene_add(s, scene_leaf(GUEST, 77, SCENE_NAMES[HOST]));
    scene_psk(s, 1);
}
static void id_of_a_member(struct scene *s)
{
    scene_add(s, scene_leaf(NEWCOMER, HOST, "Sofia"));
    scene_psk(s, 1);
}
static void key_of_a_member(struct scene *s)
{
    scene_add(s, scene_leaf(HOST, 77, "Sofia"));
    scene_psk(s, 1);
}
static void id_of_another_newcomer(struct scene *s)
{
    two_newcomers(s);
    s->changes[2].proposal.add.leaf.extensions = s->changes[0].proposal.add.leaf.extensions;
}
static void back_twice(struct scene *s)
{
    scene_remove(s, GUEST);
    for (uint8_t i = 0; i < 2; i++)
        scene_add(s, scene_leaf(GUEST, (uint8_t)(77 + i), SCENE_NAMES[GUEST]));
    scene_psk(s, 1);
}
static void external_with_id_of_a_member(struct scene *s)
{
    with_flags(s, 0);
    scene_enter(s, HOST);
}
static void beyond_the_last_index(struct scene *s)
{
    newcomer(s);
    s->changes[0].leaf.n = 1024;
}
static void psk_of_an_older_link(struct scene *s)
{
    struct ic_door_state state = usual_state();
    state.link_version = 2;
    scene_begin_with(s, &state);
    scene_add(s, scene_leaf(NEWCOMER, NEWCOMER, "Sofia"));
    scene_psk(s, 1);
}
static void psk_of_resumption(struct scene *s)
{
    newcomer(s);
    scene_add_change(s, IC_MLS_PSK)->proposal.psk =
        (struct ic_mls_psk_id){.type = IC_MLS_PSK_RESUMPTION};
}
static void no_psk(struct scene *s)
{
    scene_add(s, scene_leaf(NEWCOMER, NEWCOMER, "Sofia"));
}
static void external_without_psk(struct scene *s)
{
    external(s);
    s->next.change_count = 1;
}
static void another_extension(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, HOST);
    scene_state(s, &state, HOST);
    s->after.extensions = scene_joined(
        s->after.extensions, scene_extension(IC_MLS_EXT_EXTERNAL_SENDERS, ic_bytes_of_text("x")));
}
static void an_extension_less(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, HOST);
    scene_state(s, &state, HOST);
    s->after.extensions =
        (struct ic_bytes){s->after.extensions.at + 6, s->after.extensions.len - 6};
}
static void state_gone(struct scene *s)
{
    scene_set_extensions(s, (struct ic_bytes){s->before.extensions.at, 6});
}
static void same_version(struct scene *s)
{
    scene_set_extensions(s, s->before.extensions);
}
static void version_skipped(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, HOST);
    state.version++;
    scene_state(s, &state, HOST);
}
static void wrong_previous(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, HOST);
    state.previous = key_of(OTHER);
    scene_state(s, &state, HOST);
}
static void another_root(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, HOST);
    state.root_key = key_of(OTHER);
    scene_state(s, &state, HOST);
}
static void signed_by_another(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, COHOST);
    scene_state(s, &state, COHOST);
}
static void signed_by_a_guest(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, GUEST);
    scene_state(s, &state, GUEST);
}
static void signed_wrongly(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, HOST);
    scene_state(s, &state, GUEST);
}
static void lock_by_cohost(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, COHOST);
    state.flags |= IC_DOOR_LOCKED;
    scene_state(s, &state, COHOST);
}
static void title_by_cohost(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, COHOST);
    state.title = ic_bytes_of_text("Placement review");
    scene_state(s, &state, COHOST);
}
static void title_shown_by_cohost(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, COHOST);
    state.flags |= IC_DOOR_TITLE_SHOWN;
    scene_state(s, &state, COHOST);
}
static void title_by_host(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, HOST);
    state.title = ic_bytes_of_text("Placement review");
    state.flags |= IC_DOOR_TITLE_SHOWN;
    scene_state(s, &state, HOST);
}
static void grants_of(struct scene *s, uint8_t rights)
{
    struct ic_door_state state = usual_state();
    struct ic_writer w = ic_writer_of(scene_keep(1024), 1024);
    put_grant(&w, HOST, ROOT, IC_DOOR_ALL_RIGHTS, 1);
    put_grant(&w, COHOST, HOST, rights, 1);
    put_grant(&w, GUEST, HOST, IC_DOOR_ADMIT, 1);
    state.grants = ic_written(&w);
    scene_begin_with(s, &state);
}
static void link_by_giver(struct scene *s)
{
    grants_of(s, IC_DOOR_GRANT);
    struct ic_door_state state = scene_next_state(s, COHOST);
    state.link_version = 2;
    scene_state(s, &state, COHOST);
}
static void link_of(struct scene *s, uint32_t version)
{
    struct ic_door_state state = usual_state();
    state.link_version = 3;
    scene_begin_with(s, &state);
    state = scene_next_state(s, HOST);
    state.link_version = version;
    scene_state(s, &state, HOST);
}
static void link_skips(struct scene *s)
{
    link_of(s, 5);
}
static void link_goes_back(struct scene *s)
{
    link_of(s, 2);
}
static void newcomer_with_new_link(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, HOST);
    newcomer(s);
    state.link_version = 2;
    scene_state(s, &state, HOST);
}
static void grant_by_cohost(struct scene *s)
{
    new_grant_by(s, HOST, COHOST, IC_DOOR_ADMIT, 1);
}
static void grant_taken_by_giver(struct scene *s)
{
    grants_of(s, IC_DOOR_GRANT);
    struct ic_door_state state = scene_next_state(s, COHOST);
    struct ic_writer w = ic_writer_of(scene_keep(1024), 1024);
    put_grant(&w, HOST, ROOT, IC_DOOR_ALL_RIGHTS, 1);
    put_grant(&w, COHOST, HOST, IC_DOOR_GRANT, 1);
    state.grants = ic_written(&w);
    scene_state(s, &state, COHOST);
}
static void old_grant(struct scene *s)
{
    struct ic_door_state state = usual_state();
    state.link_version = 2;
    scene_begin_with(s, &state);
    new_grant_by(s, ROOT, HOST, IC_DOOR_ADMIT, 1);
}
static void grant_of_a_stranger(struct scene *s)
{
    new_grant_by(s, NEWCOMER, HOST, IC_DOOR_ADMIT, 1);
}
static void grant_with_more_rights(struct scene *s)
{
    grants_of(s, IC_DOOR_GRANT | IC_DOOR_ADMIT);
    new_grant_by(s, COHOST, COHOST, IC_DOOR_SETTINGS, 1);
}
static void signer_gives_up(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, HOST);
    struct ic_writer w = ic_writer_of(scene_keep(1024), 512);
    put_grant(&w, COHOST, ROOT, IC_DOOR_ALL_RIGHTS, 1);
    state.grants = ic_written(&w);
    scene_state(s, &state, HOST);
}
static void asks_for_more_strength(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, HOST);
    state.least_strength_bits = 192;
    scene_state(s, &state, HOST);
}
static void asks_for_post_quantum(struct scene *s)
{
    struct ic_door_state state = scene_next_state(s, HOST);
    state.least_post_quantum = true;
    scene_state(s, &state, HOST);
}

static const struct {
    const char *what;
    int committer;
    void (*make)(struct scene *s);
    enum ic_door_rule rule;
} ROWS[] = {
    {"an empty commit", GUEST, nothing, IC_DOOR_VALID},
    {"a newcomer by the co-host", COHOST, newcomer, IC_DOOR_VALID},
    {"two newcomers by the host", HOST, two_newcomers, IC_DOOR_VALID},
    {"somebody vanished, says a guest", GUEST, vanished, IC_DOOR_VALID},
    {"somebody leaves", GUEST, leaving, IC_DOOR_VALID},
    {"coming back while locked, by a guest", OTHER, back_while_locked, IC_DOOR_VALID},
    {"coming back after a reload", OTHER, back_with_another_pseudonym, IC_DOOR_VALID},
    {"a removal with a new link", COHOST, removal_with_new_link, IC_DOOR_VALID},
    {"fresh keys", GUEST, fresh_keys, IC_DOOR_VALID},
    {"settings by the host", HOST, settings, IC_DOOR_VALID},
    {"a title by the host", HOST, title_by_host, IC_DOOR_VALID},
    {"a passcode with the next link version", HOST, passcode_set, IC_DOOR_VALID},
    {"invites by the host", HOST, invites_made, IC_DOOR_VALID},
    {"a removal with the invite", COHOST, invite_goes_with_its_user, IC_DOOR_VALID},
    {"whom the state names while locked", COHOST, named_while_locked, IC_DOOR_VALID},
    {"an invited person by who may admit", COHOST, invited_by_admitter, IC_DOOR_VALID},
    {"a second by an invite, which goes", COHOST, second_with_an_invite_by_admitter, IC_DOOR_VALID},
    {"a grant by the host", HOST, new_grant, IC_DOOR_VALID},
    {"a grant taken by the host", HOST, grant_taken, IC_DOOR_VALID},
    {"an external commit", NEWCOMER, external, IC_DOOR_VALID},
    {"an external commit instead of the old leaf", NEWCOMER, external_again, IC_DOOR_VALID},

    {"no state", HOST, no_state, IC_DOOR_RULE_STATE_UNREADABLE},
    {"a committer who is nobody", HOST, nobody_commits, IC_DOOR_RULE_COMMITTER_UNKNOWN},
    {"an external sender", HOST, external_sender, IC_DOOR_RULE_FROM_OUTSIDE},
    {"a newcomer's own proposal", HOST, newcomer_proposes_itself, IC_DOOR_RULE_FROM_OUTSIDE},
    {"a newcomer's sender inside", HOST, newcomer_inside, IC_DOOR_RULE_FROM_OUTSIDE},
    {"ReInit", HOST, reinit, IC_DOOR_RULE_KIND},
    {"ExternalInit by a member", HOST, external_init_inside, IC_DOOR_RULE_KIND},
    {"an unknown kind", HOST, unknown_kind, IC_DOOR_RULE_KIND},
    {"external commit with an Add", NEWCOMER, external_adds, IC_DOOR_RULE_KIND},
    {"external commit with extensions", NEWCOMER, external_sets, IC_DOOR_RULE_KIND},
    {"external, waiting room on", NEWCOMER, external_with_waiting_room, IC_DOOR_RULE_WAITING_ROOM},
    {"external, locked", NEWCOMER, external_while_locked, IC_DOOR_RULE_EXTERNAL_LOCKED},
    {"external removes another", NEWCOMER, external_removes_another, IC_DOOR_RULE_EXTERNAL_REMOVES},
    {"external removes nobody", NEWCOMER, external_removes_nobody, IC_DOOR_RULE_EXTERNAL_REMOVES},
    {"a newcomer by a guest", GUEST, newcomer, IC_DOOR_RULE_ADD_RIGHT},
    {"coming back with another key", GUEST, back_with_another_key, IC_DOOR_RULE_ADD_RIGHT},
    {"a newcomer while locked", HOST, newcomer_while_locked, IC_DOOR_RULE_ADD_LOCKED},
    {"another suite", HOST, other_suite, IC_DOOR_RULE_SUITE},
    {"no profile", HOST, no_profile, IC_DOOR_RULE_PROFILE},
    {"a bad profile", HOST, bad_profile, IC_DOOR_RULE_PROFILE},
    {"a pseudonym of 17 bytes", HOST, long_pseudonym, IC_DOOR_RULE_PROFILE},
    {"a path without a profile", GUEST, path_without_profile, IC_DOOR_RULE_PROFILE},
    {"external without a profile", NEWCOMER, external_without_profile, IC_DOOR_RULE_PROFILE},
    {"another name", GUEST, another_name, IC_DOOR_RULE_IDENTITY},
    {"another claim", GUEST, another_claim, IC_DOOR_RULE_IDENTITY},
    {"another participant", GUEST, another_participant, IC_DOOR_RULE_IDENTITY},
    {"another signature key", GUEST, another_key, IC_DOOR_RULE_IDENTITY},
    {"another pseudonym", GUEST, another_pseudonym, IC_DOOR_RULE_IDENTITY},
    {"coming back with another name", OTHER, back_with_another_name, IC_DOOR_RULE_IDENTITY},
    {"the id of a member", HOST, id_of_a_member, IC_DOOR_RULE_TWICE},
    {"the key of a member", HOST, key_of_a_member, IC_DOOR_RULE_TWICE},
    {"the id of another newcomer", HOST, id_of_another_newcomer, IC_DOOR_RULE_TWICE},
    {"coming back twice", OTHER, back_twice, IC_DOOR_RULE_TWICE},
    {"external with a member's id", NEWCOMER, external_with_id_of_a_member, IC_DOOR_RULE_TWICE},
    {"index 1024", HOST, beyond_the_last_index, IC_DOOR_RULE_TOO_MANY},
    {"the key of an older link", HOST, psk_of_an_older_link, IC_DOOR_RULE_OTHER_PSK},
    {"a resumption key", HOST, psk_of_resumption, IC_DOOR_RULE_OTHER_PSK},
    {"an Add without a key", HOST, no_psk, IC_DOOR_RULE_LINK_PSK},
    {"external without a key", NEWCOMER, external_without_psk, IC_DOOR_RULE_LINK_PSK},
    {"another extension", HOST, another_extension, IC_DOOR_RULE_CONTEXT_OTHER},
    {"an extension less", HOST, an_extension_less, IC_DOOR_RULE_CONTEXT_OTHER},
    {"the state taken away", HOST, state_gone, IC_DOOR_RULE_NEW_STATE_UNREADABLE},
    {"the same state again", HOST, same_version, IC_DOOR_RULE_STATE_ORDER},
    {"a version skipped", HOST, version_skipped, IC_DOOR_RULE_STATE_ORDER},
    {"a wrong hash of the one before", HOST, wrong_previous, IC_DOOR_RULE_STATE_ORDER},
    {"another root key", HOST, another_root, IC_DOOR_RULE_STATE_ROOT},
    {"signed by another right-holder", HOST, signed_by_another, IC_DOOR_RULE_STATE_SIGNER},
    {"signed by a guest", GUEST, signed_by_a_guest, IC_DOOR_RULE_STATE_SIGNER},
    {"signed wrongly", HOST, signed_wrongly, IC_DOOR_RULE_STATE_SIGNATURE},
    {"locked by who may not", COHOST, lock_by_cohost, IC_DOOR_RULE_SETTINGS_RIGHT},
    {"a passcode by who may not", COHOST, passcode_by_cohost, IC_DOOR_RULE_SETTINGS_RIGHT},
    {"a title by who may not", COHOST, title_by_cohost, IC_DOOR_RULE_SETTINGS_RIGHT},
    {"a title shown by who may not", COHOST, title_shown_by_cohost, IC_DOOR_RULE_SETTINGS_RIGHT},
    {"an invite by who may not", COHOST, invite_by_cohost, IC_DOOR_RULE_SETTINGS_RIGHT},
    {"an invite's user by who may not", COHOST, invite_changed_by_cohost,
     IC_DOOR_RULE_SETTINGS_RIGHT},
    {"an invite's user who does not come in", COHOST, invited_who_does_not_come,
     IC_DOOR_RULE_SETTINGS_RIGHT},
    {"an invite made by who may admit", COHOST, invite_made_by_admitter,
     IC_DOOR_RULE_SETTINGS_RIGHT},
    {"an invite's key changed by who may admit", COHOST, invite_altered_by_admitter,
     IC_DOOR_RULE_SETTINGS_RIGHT},
    {"a passcode and no link version", HOST, passcode_in_the_same_link_version,
     IC_DOOR_RULE_LINK_STEP},
    {"another passcode and no link version", HOST, passcode_changed_in_the_same_link_version,
     IC_DOOR_RULE_LINK_STEP},
    {"link replaced by who may not", COHOST, link_by_giver, IC_DOOR_RULE_LINK_RIGHT},
    {"a link version skipped", HOST, link_skips, IC_DOOR_RULE_LINK_STEP},
    {"an earlier link version", HOST, link_goes_back, IC_DOOR_RULE_LINK_STEP},
    {"a newcomer and a new link", HOST, newcomer_with_new_link, IC_DOOR_RULE_LINK_ADD},
    {"a grant by who may not give", COHOST, grant_by_cohost, IC_DOOR_RULE_GRANT_RIGHT},
    {"a grant taken that others gave", COHOST, grant_taken_by_giver, IC_DOOR_RULE_GRANT_TAKEN},
    {"a grant of an earlier link", HOST, old_grant, IC_DOOR_RULE_GRANT_OLD},
    {"a grant by a stranger", HOST, grant_of_a_stranger, IC_DOOR_RULE_STATE_GRANTS},
    {"a grant of more than one has", COHOST, grant_with_more_rights, IC_DOOR_RULE_STATE_GRANTS},
    {"the signer gives up its right", HOST, signer_gives_up, IC_DOOR_RULE_SIGNER_STAYS},
    {"more strength than the suite", HOST, asks_for_more_strength, IC_DOOR_RULE_LEAST_SUITE},
    {"post-quantum, which it is not", HOST, asks_for_post_quantum, IC_DOOR_RULE_LEAST_SUITE},
};

/* SEC-10, SEC-11, ACC-02, ACC-07, ACC-12, PRV-03 */
TEST(validity_names_the_rule_that_is_broken)
{
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        struct scene s;
        scene_begin(&s, ROWS[i].committer);
        ROWS[i].make(&s);
        enum ic_door_rule rule = check(&s);
        if (rule != ROWS[i].rule)
            fail_msg("%s: %d, %s", ROWS[i].what, rule, ic_door_rule_text(rule));
        scene_forget();
    }
}

TEST(validity_has_a_case_and_a_sentence_for_every_rule)
{
    for (int rule = 0; rule < IC_DOOR_RULES; rule++) {
        bool found = false;
        for (size_t i = 0; i < IC_COUNT(ROWS); i++)
            found |= (int)ROWS[i].rule == rule;
        const char *text = ic_door_rule_text((enum ic_door_rule)rule);
        assert_true(found);
        assert_non_null(text);
        for (int other = 0; other < rule; other++)
            assert_true(strcmp(text, ic_door_rule_text((enum ic_door_rule)other)) != 0);
    }
    assert_non_null(ic_door_rule_text(IC_DOOR_RULES));
}

static uint32_t random_state = 1;
static uint32_t next_random(uint32_t below)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % below;
}

static void shuffle(struct scene *s)
{
    for (size_t i = s->next.change_count; i > 1; i--) {
        size_t j = next_random((uint32_t)i);
        struct ic_mls_change held = s->changes[i - 1];
        s->changes[i - 1] = s->changes[j];
        s->changes[j] = held;
    }
}

TEST(validity_does_not_depend_on_the_order_of_proposals)
{
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        struct scene s;
        scene_begin(&s, ROWS[i].committer);
        ROWS[i].make(&s);
        for (int turn = 0; turn < 20; turn++) {
            shuffle(&s);
            CHECK_ROW(ROWS[i].what, check(&s) == ROWS[i].rule);
        }
        scene_forget();
    }
}

/* Several faults at once: which one is named must not depend on the order either, and asking again
 * gives the same. */
TEST(validity_of_random_commits_is_the_same_in_any_order_and_again)
{
    size_t refused = 0;

    for (int round = 0; round < 400; round++) {
        struct scene s;
        scene_begin(&s, HOST + (int)next_random(4));
        for (uint32_t n = next_random(3); n > 0; n--) {
            size_t row = next_random(IC_COUNT(ROWS));
            if (ROWS[row].committer != NEWCOMER && s.next.change_count <= SCENE_CHANGES - 4)
                ROWS[row].make(&s);
        }
        enum ic_door_rule rule = check(&s);
        refused += rule != IC_DOOR_VALID;
        for (int turn = 0; turn < 10; turn++) {
            assert_int_equal(check(&s), rule);
            shuffle(&s);
            assert_int_equal(check(&s), rule);
        }
        scene_forget();
    }
    assert_true(refused > 100 && refused < 400);
}

/* Whatever the server or a clock says is no argument; what is local to us does not count either. */
TEST(validity_does_not_depend_on_who_asks)
{
    struct scene s;
    scene_begin(&s, GUEST);
    vanished(&s);
    for (int i = 0; i < 4; i++) {
        s.next.is_ours = i & 1;
        s.next.removes_us = i & 2;
        assert_int_equal(check(&s), IC_DOOR_VALID);
    }
    scene_forget();
}

RUN_TESTS(cmocka_unit_test(validity_names_the_rule_that_is_broken),
          cmocka_unit_test(validity_has_a_case_and_a_sentence_for_every_rule),
          cmocka_unit_test(validity_does_not_depend_on_the_order_of_proposals),
          cmocka_unit_test(validity_of_random_commits_is_the_same_in_any_order_and_again),
          cmocka_unit_test(validity_does_not_depend_on_who_asks))
