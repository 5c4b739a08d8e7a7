/* Two right-holders change the state at once: the loser's wish is done to the winner's state. */
#include "e2ee/door/state.h"

#include "tests/e2ee/door_rig.h"

static uint8_t lists_room[32768], hash[IC_DOOR_STATE_HASH_LEN];
static struct ic_door_state base, mine, winner, merged;
static uint8_t *signed_room;

static void begin(void)
{
    struct ic_door_state unsigned_base = usual_state();

    free(signed_room);
    signed_room = signed_state(&base, &unsigned_base, HOST);
    mine = winner = base;
    winner.version = 2;
}

static enum ic_err merge(void)
{
    struct ic_writer lists = ic_writer_of(lists_room, sizeof lists_room);
    return ic_door_state_merge(&merged, hash, &lists, &base, &mine, &winner);
}

static struct ic_bytes line(uint8_t key, uint8_t value)
{
    static uint8_t rooms[8][6];
    static size_t next;
    uint8_t *room = rooms[next++ % 8];
    memset(room, 0, 6);
    room[1] = key;
    room[5] = value;
    return (struct ic_bytes){room, 6};
}

TEST(merge_follows_the_winner)
{
    begin();
    uint8_t want[IC_DOOR_STATE_HASH_LEN];
    ic_door_state_hash(want, winner.encoded);
    assert_int_equal(merge(), IC_OK);
    assert_int_equal(merged.version, 3);
    assert_memory_equal(merged.previous.at, want, sizeof want);
    assert_true(ic_bytes_equal(merged.grants, base.grants));
    assert_int_equal(merged.signer.len, 0);
}

TEST(merge_keeps_both_changes_of_different_things)
{
    begin();
    mine.flags |= IC_DOOR_LOCKED;
    winner.flags = 0; /* waiting room off */
    mine.everyone &= (uint16_t)~IC_DOOR_MAY_CHAT;
    winner.everyone |= IC_DOOR_MAY_SHARE;
    mine.preset = 4;
    winner.recorder = key_of(OTHER);
    assert_int_equal(merge(), IC_OK);
    assert_int_equal(merged.flags, IC_DOOR_LOCKED);
    assert_int_equal(merged.everyone, IC_DOOR_MAY_SPEAK | IC_DOOR_MAY_VIDEO | IC_DOOR_MAY_SHARE);
    assert_int_equal(merged.preset, 4);
    assert_true(ic_bytes_equal(merged.recorder, key_of(OTHER)));
}

TEST(merge_prefers_the_later_wish_for_the_same_thing)
{
    begin();
    mine.preset = 4;
    winner.preset = 5;
    mine.lines = line(1, 7);
    winner.lines = line(1, 8);
    assert_int_equal(merge(), IC_OK);
    assert_int_equal(merged.preset, 4);
    assert_true(ic_bytes_equal(merged.lines, line(1, 7)));
}

TEST(merge_keeps_lines_in_order)
{
    begin();
    uint8_t both[12];
    mine.lines = line(9, 1);
    winner.lines = line(3, 2);
    memcpy(both, line(3, 2).at, 6);
    memcpy(both + 6, line(9, 1).at, 6);
    assert_int_equal(merge(), IC_OK);
    assert_true(ic_bytes_equal(merged.lines, (struct ic_bytes){both, sizeof both}));
}

TEST(merge_of_two_replacements_of_the_link_replaces_it_once_more)
{
    begin();
    mine.link_version = 2;
    winner.link_version = 2;
    assert_int_equal(merge(), IC_OK);
    assert_int_equal(merged.link_version, 3);
    mine.link_version = 1;
    assert_int_equal(merge(), IC_OK);
    assert_int_equal(merged.link_version, 2);
}

static struct ic_bytes grants(uint8_t *room, size_t size, bool cohost, bool other,
                              uint32_t link_version)
{
    struct ic_writer w = ic_writer_of(room, size);
    put_grant(&w, HOST, ROOT, IC_DOOR_ALL_RIGHTS, 1);
    if (cohost)
        put_grant(&w, COHOST, HOST, IC_DOOR_ADMIT | IC_DOOR_REMOVE, 1);
    if (other)
        put_grant(&w, OTHER, HOST, IC_DOOR_ADMIT, link_version);
    return ic_written(&w);
}

TEST(merge_adds_my_grant_and_takes_what_the_winner_took)
{
    begin();
    uint8_t a[1024], b[1024];
    mine.grants = grants(a, sizeof a, true, true, 1);
    winner.grants = grants(b, sizeof b, false, false, 1);
    assert_int_equal(merge(), IC_OK);
    assert_int_equal(ic_door_rights_of(merged.grants, key_of(OTHER)), IC_DOOR_ADMIT);
    assert_int_equal(ic_door_rights_of(merged.grants, key_of(COHOST)), 0);
    assert_int_equal(ic_door_grants_verify(merged.grants, GROUP, key_of(ROOT), 1), IC_OK);
}

TEST(merge_drops_a_grant_whose_giver_is_gone)
{
    begin();
    uint8_t a[1024], b[1024], c[1024];
    struct ic_writer w = ic_writer_of(a, sizeof a);
    put_grant(&w, HOST, ROOT, IC_DOOR_ALL_RIGHTS, 1);
    put_grant(&w, COHOST, HOST, IC_DOOR_ADMIT | IC_DOOR_GRANT, 1);
    base.grants = ic_written(&w);
    memcpy(b, a, w.len);
    struct ic_writer more = {.at = b, .len = w.len, .size = sizeof b};
    put_grant(&more, OTHER, COHOST, IC_DOOR_ADMIT, 1);
    mine.grants = ic_written(&more);
    struct ic_writer less = ic_writer_of(c, sizeof c);
    put_grant(&less, HOST, ROOT, IC_DOOR_ALL_RIGHTS, 1);
    winner.grants = ic_written(&less);
    assert_int_equal(merge(), IC_OK);
    assert_true(ic_bytes_equal(merged.grants, winner.grants));
}

TEST(merge_asks_for_a_new_signature_when_the_link_was_replaced_meanwhile)
{
    begin();
    uint8_t a[1024];
    mine.grants = grants(a, sizeof a, true, true, 1);
    winner.link_version = 2;
    assert_int_equal(merge(), IC_ERR_EXHAUSTED);
    mine.grants = grants(a, sizeof a, true, true, 2);
    assert_int_equal(merge(), IC_OK);
}

TEST(merge_without_room_or_into_too_long_a_list_is_refused)
{
    begin();
    static uint8_t a[IC_DOOR_LINES_MAX * 6], b[6];
    for (size_t i = 0; i < IC_DOOR_LINES_MAX; i++)
        a[6 * i + 1] = (uint8_t)i;
    b[1] = 200;
    winner.lines = (struct ic_bytes){a, sizeof a};
    assert_int_equal(merge(), IC_OK);
    mine.lines = (struct ic_bytes){b, sizeof b};
    assert_int_equal(merge(), IC_ERR_FULL);
    struct ic_writer lists = ic_writer_of(lists_room, 16);
    assert_int_equal(ic_door_state_merge(&merged, hash, &lists, &base, &base, &base), IC_ERR_FULL);
}

RUN_TESTS(cmocka_unit_test(merge_follows_the_winner),
          cmocka_unit_test(merge_keeps_both_changes_of_different_things),
          cmocka_unit_test(merge_prefers_the_later_wish_for_the_same_thing),
          cmocka_unit_test(merge_keeps_lines_in_order),
          cmocka_unit_test(merge_of_two_replacements_of_the_link_replaces_it_once_more),
          cmocka_unit_test(merge_adds_my_grant_and_takes_what_the_winner_took),
          cmocka_unit_test(merge_drops_a_grant_whose_giver_is_gone),
          cmocka_unit_test(merge_asks_for_a_new_signature_when_the_link_was_replaced_meanwhile),
          cmocka_unit_test(merge_without_room_or_into_too_long_a_list_is_refused))
