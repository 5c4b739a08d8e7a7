/* The state: who may what, signed. */
#include "e2ee/door/state.h"

#include "e2ee/door/text.h"
#include "e2ee/mls/codec.h"
#include "tests/e2ee/door_full_state.h"

static enum ic_err open(struct ic_bytes data)
{
    struct ic_door_state state;
    struct ic_reader r = ic_reader_of(data);

    ic_door_read_state(&r, &state);
    if (ic_mls_finish(&r) != IC_OK)
        return IC_ERR_MALFORMED;
    return ic_door_state_verify(&state, GROUP);
}

TEST(state_is_read_as_it_was_written)
{
    struct ic_door_state want = full_state(), got;
    uint8_t *room = signed_state(&got, &want, HOST);

    assert_int_equal(got.version, 1);
    assert_int_equal(got.flags, want.flags);
    assert_int_equal(got.link_version, 1);
    assert_int_equal(got.least_strength_bits, 128);
    assert_true(got.least_post_quantum);
    assert_int_equal(got.preset, 3);
    assert_int_equal(got.everyone, want.everyone);
    assert_true(ic_bytes_equal(got.root_key, want.root_key));
    assert_true(ic_bytes_equal(got.lines, want.lines));
    assert_true(ic_bytes_equal(got.named, want.named));
    assert_true(ic_bytes_equal(got.grants, want.grants));
    assert_true(ic_bytes_equal(got.recorder, want.recorder));
    assert_true(ic_bytes_equal(got.passcode_key, want.passcode_key));
    assert_true(ic_bytes_equal(got.invites, want.invites));
    assert_true(ic_bytes_equal(got.title, want.title));
    assert_int_equal(ic_door_state_verify(&got, GROUP), IC_OK);
    free(room);
}

TEST(state_that_is_cut_or_changed_is_refused)
{
    struct ic_door_state want = full_state(), got;
    uint8_t *room = signed_state(&got, &want, HOST);

    check_damage(got.encoded, open, 1);
    free(room);
}

/* ACC-13 */
TEST(state_says_what_each_member_may_do)
{
    struct ic_door_state full = full_state();

    assert_int_equal(ic_door_capabilities_of(&full, key_of(GUEST)), IC_DOOR_MAY_SPEAK);
    assert_int_equal(ic_door_capabilities_of(&full, key_of(OTHER)), full.everyone);
}

TEST(state_of_another_group_or_by_nobody_in_charge_is_refused)
{
    static const uint8_t ELSEWHERE[IC_MEETING_LEN] = {8};
    struct ic_door_state want = usual_state(), got;
    uint8_t *room = signed_state(&got, &want, HOST);

    assert_int_equal(ic_door_state_verify(&got, (struct ic_bytes){ELSEWHERE, sizeof ELSEWHERE}),
                     IC_ERR_FORGED);
    free(room);
    want.signer = key_of(GUEST);
    room = signed_state(&got, &want, GUEST);
    assert_int_equal(ic_door_state_verify(&got, GROUP), IC_ERR_FORBIDDEN);
    free(room);
    want.signer = key_of(HOST);
    room = signed_state(&got, &want, GUEST);
    assert_int_equal(ic_door_state_verify(&got, GROUP), IC_ERR_FORGED);
    free(room);
    want.root_key = key_of(OTHER);
    room = signed_state(&got, &want, HOST);
    assert_int_equal(ic_door_state_verify(&got, GROUP), IC_ERR_FORGED);
    free(room);
}

static void zero_version(struct ic_door_state *s)
{
    s->version = 0;
}
static void second_without_previous(struct ic_door_state *s)
{
    s->version = 2;
}
static void first_with_previous(struct ic_door_state *s)
{
    s->previous = key_of(OTHER);
}
static void unknown_flag(struct ic_door_state *s)
{
    s->flags = IC_DOOR_STATE_FLAGS + 1;
}
static void unknown_capability(struct ic_door_state *s)
{
    s->everyone = IC_DOOR_CAPABILITIES + 1;
}
static void zero_link(struct ic_door_state *s)
{
    s->link_version = 0;
}
static void falling_lines(struct ic_door_state *s)
{
    static const uint8_t LINES[] = {0, 9, 0, 0, 1, 0, 0, 1, 0, 0, 0, 5};
    s->lines = (struct ic_bytes){LINES, sizeof LINES};
}
static void equal_lines(struct ic_door_state *s)
{
    static const uint8_t LINES[] = {0, 9, 0, 0, 1, 0, 0, 9, 0, 0, 0, 5};
    s->lines = (struct ic_bytes){LINES, sizeof LINES};
}
static void cut_line(struct ic_door_state *s)
{
    static const uint8_t LINES[] = {0, 9, 0, 0, 1};
    s->lines = (struct ic_bytes){LINES, sizeof LINES};
}
static void too_many_lines(struct ic_door_state *s)
{
    static uint8_t lines[(IC_DOOR_LINES_MAX + 1) * 6];
    for (size_t i = 0; i <= IC_DOOR_LINES_MAX; i++)
        lines[6 * i + 1] = (uint8_t)i;
    s->lines = (struct ic_bytes){lines, sizeof lines};
}
static void name_twice(struct ic_door_state *s)
{
    static uint8_t names[128];
    struct ic_writer w = ic_writer_of(names, sizeof names);
    const struct ic_door_named named = {key_of(GUEST), IC_DOOR_MAY_SPEAK};
    ic_door_write_named(&w, &named);
    ic_door_write_named(&w, &named);
    s->named = ic_written(&w);
}
static void too_many_names(struct ic_door_state *s)
{
    static uint8_t names[(IC_DOOR_NAMED_MAX + 1) * 35];
    struct ic_writer w = ic_writer_of(names, sizeof names);
    for (size_t i = 0; i <= IC_DOOR_NAMED_MAX; i++) {
        const uint8_t key[32] = {(uint8_t)i};
        const struct ic_door_named named = {{key, sizeof key}, IC_DOOR_MAY_SPEAK};
        ic_door_write_named(&w, &named);
    }
    s->named = ic_written(&w);
}
static void recorder_is_no_key(struct ic_door_state *s)
{
    s->recorder = ic_bytes_of_text("me");
}

static void passcode_without_key(struct ic_door_state *s)
{
    s->flags |= IC_DOOR_PASSCODE;
}
static void key_without_passcode(struct ic_door_state *s)
{
    s->passcode_key = (struct ic_bytes){FULL_PASSCODE, sizeof FULL_PASSCODE};
}
static void short_passcode_key(struct ic_door_state *s)
{
    s->flags |= IC_DOOR_PASSCODE;
    s->passcode_key = (struct ic_bytes){FULL_PASSCODE, sizeof FULL_PASSCODE - 1};
}
static void cut_invite(struct ic_door_state *s)
{
    s->invites = full_state().invites;
    s->invites.len--;
}

static void title_of_a_blank(struct ic_door_state *s)
{
    s->title = ic_bytes_of_text(" ");
}
static void title_of_two_lines(struct ic_door_state *s)
{
    s->title = ic_bytes_of_text("a\nb");
}
static void title_that_turns_the_text(struct ic_door_state *s)
{
    s->title = ic_bytes_of_text("a\xe2\x80\xae"
                                "b");
}
static void title_that_is_no_text(struct ic_door_state *s)
{
    s->title = ic_bytes_of_text("a\xff");
}
static void title_too_long(struct ic_door_state *s)
{
    static uint8_t letters[IC_DOOR_TITLE_MAX + 1];
    memset(letters, 'a', sizeof letters);
    s->title = (struct ic_bytes){letters, sizeof letters};
}

TEST(state_that_breaks_its_form_is_not_even_written)
{
    static const struct {
        const char *what;
        void (*damage)(struct ic_door_state *s);
    } ROWS[] = {
        {"version 0", zero_version},
        {"version 2 without a previous one", second_without_previous},
        {"version 1 with a previous one", first_with_previous},
        {"unknown flag", unknown_flag},
        {"unknown capability", unknown_capability},
        {"link version 0", zero_link},
        {"lines that fall", falling_lines},
        {"a line twice", equal_lines},
        {"a line that is cut", cut_line},
        {"too many lines", too_many_lines},
        {"a member named twice", name_twice},
        {"too many members named", too_many_names},
        {"recorder that is no key", recorder_is_no_key},
        {"a passcode that nobody knows", passcode_without_key},
        {"the key of no passcode", key_without_passcode},
        {"a passcode key that is cut", short_passcode_key},
        {"an invite that is cut", cut_invite},
        {"a title that shows nothing", title_of_a_blank},
        {"a title of two lines", title_of_two_lines},
        {"a title that turns the text", title_that_turns_the_text},
        {"a title that is no text", title_that_is_no_text},
        {"a title that is too long", title_too_long},
    };
    static uint8_t room[IC_DOOR_STATE_MAX];
    struct ic_door_pair host = pair_of(HOST);

    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        struct ic_door_state damaged = usual_state();
        struct ic_writer w = ic_writer_of(room, sizeof room);
        CHECK_ROW(ROWS[i].what, ic_door_write_state(&w, &damaged, GROUP, &host) == IC_OK);
        ROWS[i].damage(&damaged);
        w = ic_writer_of(room, sizeof room);
        CHECK_ROW(ROWS[i].what,
                  ic_door_write_state(&w, &damaged, GROUP, &host) == IC_ERR_MALFORMED);
    }
}

TEST(state_of_another_format_or_of_version_0_is_not_read)
{
    struct ic_door_state want = full_state(), got;
    uint8_t *room = signed_state(&got, &want, HOST);
    struct ic_reader r;

    room[0]++;
    r = ic_reader_of(got.encoded);
    ic_door_read_state(&r, &want);
    assert_true(r.bad);
    room[0]--;
    room[8] = 0;  /* the version was 1 */
    room[9] = 77; /* and there was no state before */
    r = ic_reader_of(got.encoded);
    ic_door_read_state(&r, &want);
    assert_true(r.bad);
    room[8] = 2;
    r = ic_reader_of(got.encoded);
    ic_door_read_state(&r, &want);
    assert_false(r.bad);
    free(room);
}

TEST(state_for_a_group_whose_id_is_no_meeting_is_neither_written_nor_believed)
{
    struct ic_door_state want = usual_state(), got;
    uint8_t *room = signed_state(&got, &want, HOST), other[IC_DOOR_STATE_MAX];
    struct ic_writer w = ic_writer_of(other, sizeof other);
    struct ic_door_pair pair = pair_of(HOST);
    struct ic_bytes id = {MEETING, sizeof MEETING - 1};

    assert_int_equal(ic_door_write_state(&w, &want, id, &pair), IC_ERR_MALFORMED);
    assert_int_equal(ic_door_state_verify_signature(&got, id), IC_ERR_FORGED);
    free(room);
}

RUN_TESTS(
    cmocka_unit_test(state_is_read_as_it_was_written),
    cmocka_unit_test(state_that_is_cut_or_changed_is_refused),
    cmocka_unit_test(state_says_what_each_member_may_do),
    cmocka_unit_test(state_of_another_group_or_by_nobody_in_charge_is_refused),
    cmocka_unit_test(state_that_breaks_its_form_is_not_even_written),
    cmocka_unit_test(state_of_another_format_or_of_version_0_is_not_read),
    cmocka_unit_test(state_for_a_group_whose_id_is_no_meeting_is_neither_written_nor_believed))
