/* What a newcomer demands: a server that lets somebody in by itself gets nowhere (SEC-10, SEC-11).
 */
#include "e2ee/door/welcome_check.h"

#include "tests/e2ee/door_scene.h"

/* The newcomer is in the tree; the co-host signed the GroupInfo. */
static struct scene s;
static uint8_t pin[IC_DOOR_PIN_LEN];
static const uint8_t ELSEWHERE[IC_MEETING_LEN] = {8};

static struct ic_door_entered usual_entry(void)
{
    scene_begin(&s, COHOST);
    ic_door_pin(pin, key_of(ROOT).at);
    struct ic_mls_leaf_node own = scene_leaf(NEWCOMER, NEWCOMER, "Sofia");
    scene_put(s.nodes, NEWCOMER, own);
    return (struct ic_door_entered){
        .entry = IC_DOOR_ENTRY_ADMITTED,
        .meeting = MEETING,
        .pin = pin,
        .now_ms = 1000,
        .context = &s.before,
        .tree = &s.tree,
        .own = scene_place(NEWCOMER),
        .info_signer = scene_place(COHOST),
        .own_profile = scene_profile(NEWCOMER, "Sofia"),
        .used_link_psk = true,
    };
}

static void set_state(const struct ic_door_state *state, int signer)
{
    struct ic_door_state whole;
    uint8_t *room = signed_state(&whole, state, signer);
    s.before.extensions = scene_state_extension(whole.encoded);
    free(room);
}

static void nothing(__attribute__((unused)) struct ic_door_entered *e)
{
}
static void open_door(struct ic_door_entered *e)
{
    struct ic_door_state state = usual_state();
    state.flags = 0;
    set_state(&state, HOST);
    e->entry = IC_DOOR_ENTRY_EXTERNAL;
    e->info_signer.n = 7;
}
static void returning(struct ic_door_entered *e)
{
    e->entry = IC_DOOR_ENTRY_RETURNING;
    e->info_signer = scene_place(GUEST);
    e->epoch_before = 4;
}
static void another_meeting(struct ic_door_entered *e)
{
    e->meeting = ELSEWHERE;
}
static void no_state(__attribute__((unused)) struct ic_door_entered *e)
{
    s.before.extensions = (struct ic_bytes){0};
}
static void another_root(__attribute__((unused)) struct ic_door_entered *e)
{
    pin[0] ^= 1;
}
/* The server made a group of its own, with the right root key and grants, which it knows. */
static void state_of_a_stranger(__attribute__((unused)) struct ic_door_entered *e)
{
    struct ic_door_state state = usual_state();
    set_state(&state, GUEST);
}
static void state_of_a_guest(__attribute__((unused)) struct ic_door_entered *e)
{
    struct ic_door_state state = usual_state();
    state.signer = key_of(GUEST);
    set_state(&state, GUEST);
}
static void grants_of_a_stranger(__attribute__((unused)) struct ic_door_entered *e)
{
    struct ic_door_state state = usual_state();
    struct ic_writer w = ic_writer_of(scene_keep(1024), 1024);
    put_grant(&w, GUEST, OTHER, IC_DOOR_ALL_RIGHTS, 1);
    state.grants = ic_written(&w);
    state.signer = key_of(GUEST);
    set_state(&state, GUEST);
}
static void external_senders(__attribute__((unused)) struct ic_door_entered *e)
{
    s.before.extensions = scene_joined(
        s.before.extensions, scene_extension(IC_MLS_EXT_EXTERNAL_SENDERS, ic_bytes_of_text("x")));
}
static void info_of_a_guest(struct ic_door_entered *e)
{
    e->info_signer = scene_place(GUEST);
}
/* The one demand that nothing else covers: his grant is good, but for something else. */
static void info_of_who_may_only_remove(__attribute__((unused)) struct ic_door_entered *e)
{
    struct ic_door_state state = usual_state();
    struct ic_writer w = ic_writer_of(scene_keep(1024), 1024);
    put_grant(&w, HOST, ROOT, IC_DOOR_ALL_RIGHTS, 1);
    put_grant(&w, COHOST, HOST, IC_DOOR_REMOVE, 1);
    state.grants = ic_written(&w);
    set_state(&state, HOST);
}
static void info_of_nobody(struct ic_door_entered *e)
{
    e->info_signer.n = 7;
}
static void expired(__attribute__((unused)) struct ic_door_entered *e)
{
    struct ic_door_state state = usual_state();
    struct ic_writer w = ic_writer_of(scene_keep(1024), 1024);
    struct ic_door_pair root = pair_of(ROOT);
    const struct ic_door_grant grant = {.meeting = GROUP,
                                        .rights = IC_DOOR_ALL_RIGHTS,
                                        .expiry_ms = 1000,
                                        .link_version = 1,
                                        .member = key_of(COHOST)};
    put_grant(&w, HOST, ROOT, IC_DOOR_ALL_RIGHTS, 1);
    assert_int_equal(ic_door_write_grant(&w, &grant, &root), IC_OK);
    state.grants = ic_written(&w);
    set_state(&state, HOST);
}
static void external_with_waiting_room(struct ic_door_entered *e)
{
    e->entry = IC_DOOR_ENTRY_EXTERNAL;
}
static void external_while_locked(struct ic_door_entered *e)
{
    struct ic_door_state state = usual_state();
    state.flags = IC_DOOR_LOCKED;
    set_state(&state, HOST);
    e->entry = IC_DOOR_ENTRY_EXTERNAL;
}
static void weaker_suite(__attribute__((unused)) struct ic_door_entered *e)
{
    struct ic_door_state state = usual_state();
    state.least_post_quantum = true;
    set_state(&state, HOST);
}
static void no_psk(struct ic_door_entered *e)
{
    e->used_link_psk = false;
}
static void hidden_member(__attribute__((unused)) struct ic_door_entered *e)
{
    s.nodes[2 * scene_place(GUEST).n].leaf.extensions = (struct ic_bytes){0};
}
static void two_with_one_id(__attribute__((unused)) struct ic_door_entered *e)
{
    scene_put(s.nodes, GUEST, scene_leaf(GUEST, OTHER, "Amina"));
}
static void own_name_changed(struct ic_door_entered *e)
{
    e->own_profile = scene_profile(NEWCOMER, "Sophia");
}
static void not_in_the_tree(struct ic_door_entered *e)
{
    e->own.n = 7;
}
static void older_group(struct ic_door_entered *e)
{
    returning(e);
    e->epoch_before = 5;
}

static const struct {
    const char *what;
    void (*make)(struct ic_door_entered *e);
    enum ic_door_welcome_fault fault;
} ROWS[] = {
    {"let in by the co-host", nothing, IC_DOOR_WELCOME_FINE},
    {"through an open door", open_door, IC_DOOR_WELCOME_SILENT},
    {"back, by a guest", returning, IC_DOOR_WELCOME_SILENT},
    {"another meeting", another_meeting, IC_DOOR_WELCOME_MEETING},
    {"no state", no_state, IC_DOOR_WELCOME_STATE},
    {"another root key", another_root, IC_DOOR_WELCOME_ROOT},
    {"a state that another signed", state_of_a_stranger, IC_DOOR_WELCOME_STATE_FORGED},
    {"a state of a guest", state_of_a_guest, IC_DOOR_WELCOME_STATE_FORGED},
    {"grants of a stranger", grants_of_a_stranger, IC_DOOR_WELCOME_STATE_FORGED},
    {"external senders", external_senders, IC_DOOR_WELCOME_CONTEXT},
    {"let in by a guest", info_of_a_guest, IC_DOOR_WELCOME_SIGNER},
    {"let in by who may only remove", info_of_who_may_only_remove, IC_DOOR_WELCOME_SIGNER},
    {"let in by nobody", info_of_nobody, IC_DOOR_WELCOME_SIGNER},
    {"let in by who no longer may", expired, IC_DOOR_WELCOME_EXPIRED},
    {"own commit with a waiting room", external_with_waiting_room, IC_DOOR_WELCOME_WAITING_ROOM},
    {"own commit while locked", external_while_locked, IC_DOOR_WELCOME_WAITING_ROOM},
    {"a weaker suite", weaker_suite, IC_DOOR_WELCOME_SUITE},
    {"without the link's key", no_psk, IC_DOOR_WELCOME_PSK},
    {"a hidden member", hidden_member, IC_DOOR_WELCOME_PROFILES},
    {"two with one id", two_with_one_id, IC_DOOR_WELCOME_PROFILES},
    {"our name changed", own_name_changed, IC_DOOR_WELCOME_OWN_PROFILE},
    {"we are not in the tree", not_in_the_tree, IC_DOOR_WELCOME_OWN_PROFILE},
    {"an older group", older_group, IC_DOOR_WELCOME_OLD},
};

TEST(welcome_is_refused_for_the_demand_that_it_breaks)
{
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        struct ic_door_entered entered = usual_entry();
        ROWS[i].make(&entered);
        enum ic_door_welcome_fault fault = ic_door_welcome_check(&entered);
        if (fault != ROWS[i].fault)
            fail_msg("%s: %d, %s", ROWS[i].what, fault, ic_door_welcome_text(fault));
        scene_forget();
    }
}

TEST(welcome_has_a_case_and_a_sentence_for_every_demand)
{
    for (int fault = 0; fault < IC_DOOR_WELCOME_FAULTS; fault++) {
        bool found = false;
        for (size_t i = 0; i < IC_COUNT(ROWS); i++)
            found |= (int)ROWS[i].fault == fault;
        assert_true(found);
        assert_non_null(ic_door_welcome_text((enum ic_door_welcome_fault)fault));
    }
}

RUN_TESTS(cmocka_unit_test(welcome_is_refused_for_the_demand_that_it_breaks),
          cmocka_unit_test(welcome_has_a_case_and_a_sentence_for_every_demand))
