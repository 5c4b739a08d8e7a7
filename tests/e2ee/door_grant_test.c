/* Grants: only what leads to the host root key counts (ACC-12). */
#include "e2ee/door/grant.h"

#include "e2ee/mls/codec.h"
#include "tests/e2ee/door_rig.h"

static uint8_t room[8192];
static struct ic_writer w;

static void begin(void)
{
    w = ic_writer_of(room, sizeof room);
}

static enum ic_err verify(void)
{
    return ic_door_grants_verify(ic_written(&w), GROUP, key_of(ROOT), 1);
}

static enum ic_err open_list(struct ic_bytes list)
{
    uint8_t vector[8192 + 8];
    struct ic_writer v = ic_writer_of(vector, sizeof vector);
    ic_mls_write_vector(&v, list);
    struct ic_reader r = ic_reader_of(ic_written(&v));
    struct ic_bytes grants = ic_door_read_grants(&r);
    if (ic_mls_finish(&r) != IC_OK)
        return IC_ERR_MALFORMED;
    return ic_door_grants_verify(grants, GROUP, key_of(ROOT), 1);
}

TEST(grant_from_the_root_and_from_who_may_give_is_valid)
{
    begin();
    put_grant(&w, HOST, ROOT, IC_DOOR_ALL_RIGHTS, 1);
    put_grant(&w, OTHER, COHOST, IC_DOOR_ADMIT, 1);
    put_grant(&w, COHOST, HOST, IC_DOOR_ADMIT | IC_DOOR_GRANT, 1);
    assert_int_equal(verify(), IC_OK);
    assert_int_equal(ic_door_rights_of(ic_written(&w), key_of(OTHER)), IC_DOOR_ADMIT);
    assert_int_equal(ic_door_rights_of(ic_written(&w), key_of(GUEST)), 0);
    assert_true(ic_door_grant_descends(ic_written(&w), key_of(OTHER), key_of(HOST)));
    assert_false(ic_door_grant_descends(ic_written(&w), key_of(HOST), key_of(OTHER)));
}

TEST(grant_of_more_than_the_giver_has_is_refused)
{
    begin();
    put_grant(&w, HOST, ROOT, IC_DOOR_ADMIT | IC_DOOR_GRANT, 1);
    put_grant(&w, COHOST, HOST, IC_DOOR_ADMIT | IC_DOOR_REMOVE, 1);
    assert_int_equal(verify(), IC_ERR_FORBIDDEN);
}

TEST(grant_by_somebody_who_may_not_give_is_refused)
{
    begin();
    put_grant(&w, HOST, ROOT, IC_DOOR_ADMIT, 1);
    put_grant(&w, COHOST, HOST, IC_DOOR_ADMIT, 1);
    assert_int_equal(verify(), IC_ERR_FORBIDDEN);
}

TEST(grant_by_somebody_who_is_not_in_the_list_is_refused)
{
    begin();
    put_grant(&w, COHOST, HOST, IC_DOOR_ADMIT, 1);
    assert_int_equal(verify(), IC_ERR_FORBIDDEN);
}

TEST(grant_circles_lead_nowhere)
{
    begin();
    put_grant(&w, COHOST, OTHER, IC_DOOR_ALL_RIGHTS, 1);
    put_grant(&w, OTHER, COHOST, IC_DOOR_ALL_RIGHTS, 1);
    assert_int_equal(verify(), IC_ERR_FORBIDDEN);
    assert_true(ic_door_grant_expired(ic_written(&w), key_of(OTHER), 1));
    assert_false(ic_door_grant_descends(ic_written(&w), key_of(OTHER), key_of(HOST)));
    begin();
    put_grant(&w, COHOST, COHOST, IC_DOOR_ALL_RIGHTS, 1);
    assert_int_equal(verify(), IC_ERR_FORBIDDEN);
}

TEST(grant_of_another_meeting_root_or_later_link_is_refused)
{
    begin();
    static const uint8_t ELSEWHERE[IC_MEETING_LEN] = {8};
    put_grant(&w, HOST, ROOT, IC_DOOR_ADMIT, 2);
    struct ic_bytes grants = ic_written(&w);
    struct ic_bytes elsewhere = {ELSEWHERE, sizeof ELSEWHERE};

    assert_int_equal(ic_door_grants_verify(grants, GROUP, key_of(ROOT), 2), IC_OK);
    assert_int_equal(ic_door_grants_verify(grants, GROUP, key_of(ROOT), 1), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_door_grants_verify(grants, elsewhere, key_of(ROOT), 2), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_door_grants_verify(grants, GROUP, key_of(HOST), 2), IC_ERR_FORGED);
}

TEST(grant_runs_out_with_those_above_it)
{
    begin();
    struct ic_door_pair root = pair_of(ROOT);
    const struct ic_door_grant grant = {.meeting = GROUP,
                                        .rights = IC_DOOR_ALL_RIGHTS,
                                        .expiry_ms = 1000,
                                        .link_version = 1,
                                        .member = key_of(HOST)};
    assert_int_equal(ic_door_write_grant(&w, &grant, &root), IC_OK);
    put_grant(&w, COHOST, HOST, IC_DOOR_ADMIT, 1);
    for (int who = HOST; who <= COHOST; who++) {
        assert_false(ic_door_grant_expired(ic_written(&w), key_of(who), 999));
        assert_true(ic_door_grant_expired(ic_written(&w), key_of(who), 1000));
    }
    assert_true(ic_door_grant_expired(ic_written(&w), key_of(GUEST), 0));
    assert_int_equal(verify(), IC_OK); /* which has no clock */
}

TEST(grant_list_with_one_member_twice_is_refused)
{
    begin();
    put_grant(&w, HOST, ROOT, IC_DOOR_ADMIT, 1);
    put_grant(&w, HOST, ROOT, IC_DOOR_REMOVE, 1);
    assert_int_equal(open_list(ic_written(&w)), IC_ERR_MALFORMED);
}

TEST(grant_list_of_the_greatest_length_is_read_and_a_longer_one_refused)
{
    begin();
    static uint8_t big[IC_DOOR_GRANTS_MAX * 200 + 400];
    struct ic_door_pair root = pair_of(ROOT);
    struct ic_writer v = ic_writer_of(big, sizeof big);

    for (size_t i = 0; i <= IC_DOOR_GRANTS_MAX; i++) {
        const uint8_t key[32] = {(uint8_t)(i + 1)};
        const struct ic_door_grant grant = {.meeting = GROUP,
                                            .rights = IC_DOOR_ADMIT,
                                            .link_version = 1,
                                            .member = {key, sizeof key}};
        assert_int_equal(ic_door_write_grant(&v, &grant, &root), IC_OK);
        if (i + 1 == IC_DOOR_GRANTS_MAX) {
            uint8_t vector[sizeof big];
            struct ic_writer list = ic_writer_of(vector, sizeof vector);
            ic_mls_write_vector(&list, ic_written(&v));
            struct ic_reader r = ic_reader_of(ic_written(&list));
            struct ic_bytes grants = ic_door_read_grants(&r);
            assert_false(r.bad);
            assert_int_equal(ic_door_grants_verify(grants, GROUP, key_of(ROOT), 1), IC_OK);
        }
    }
    static uint8_t vector[sizeof big + 8];
    struct ic_writer list = ic_writer_of(vector, sizeof vector);
    ic_mls_write_vector(&list, ic_written(&v));
    struct ic_reader r = ic_reader_of(ic_written(&list));
    ic_door_read_grants(&r);
    assert_true(r.bad);
}

/* Cut between two grants it is a shorter list, which is fine by itself: what holds the list is
 * signed. So one grant is damaged here. */
TEST(grant_that_is_cut_or_changed_is_refused)
{
    begin();
    put_grant(&w, HOST, ROOT, IC_DOOR_ALL_RIGHTS, 1);
    for (size_t len = 1; len < w.len; len++)
        assert_int_not_equal(open_list((struct ic_bytes){room, len}), IC_OK);
    for (size_t bit = 0; bit < w.len * 8; bit++) {
        room[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(open_list(ic_written(&w)), IC_OK);
        room[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(open_list(ic_written(&w)), IC_OK);
}

TEST(grant_is_never_signed_into_too_little_room)
{
    begin();
    struct ic_door_pair root = pair_of(ROOT);
    const struct ic_door_grant grant = {
        .meeting = GROUP, .rights = 1, .link_version = 1, .member = key_of(HOST)};
    for (size_t size = 0; size < 128; size++) {
        struct ic_writer small = ic_writer_of(room, size);
        assert_int_equal(ic_door_write_grant(&small, &grant, &root), IC_ERR_FULL);
    }
}

/* Signed by the root, so that the form alone decides. */
TEST(grant_that_breaks_its_form_is_not_read_though_it_is_signed)
{
    static const uint8_t SHORT[31] = {1};
    struct ic_bytes none = {0}, odd = {SHORT, sizeof SHORT};
    const struct ic_door_grant grants[] = {
        {.meeting = GROUP, .rights = 0, .link_version = 1, .member = key_of(HOST)},
        {.meeting = GROUP,
         .rights = IC_DOOR_ALL_RIGHTS + 1,
         .link_version = 1,
         .member = key_of(HOST)},
        {.meeting = GROUP, .rights = IC_DOOR_ADMIT, .link_version = 1, .member = none},
        {.meeting = GROUP, .rights = IC_DOOR_ADMIT, .link_version = 1, .member = odd},
        {.meeting = GROUP,
         .rights = IC_DOOR_ADMIT,
         .link_version = 1,
         .member = key_of(HOST),
         .giver = odd},
    };
    struct ic_door_pair pair = pair_of(ROOT);

    for (size_t i = 0; i < IC_COUNT(grants); i++) {
        begin();
        assert_int_equal(ic_door_write_grant(&w, &grants[i], &pair), IC_OK);
        if (open_list(ic_written(&w)) != IC_ERR_MALFORMED || verify() != IC_ERR_MALFORMED)
            fail_msg("grant %zu", i);
    }
}

TEST(grant_with_a_signature_longer_than_any_is_not_read)
{
    uint8_t zeros[IC_SIGNATURE_MAX + 1] = {0};

    begin();
    put_grant(&w, HOST, ROOT, IC_DOOR_ADMIT, 1);
    w.len -= 1 + 1 + 64; /* its size, of two bytes, and the signature */
    ic_mls_write_vector(&w, (struct ic_bytes){zeros, sizeof zeros});
    assert_int_equal(open_list(ic_written(&w)), IC_ERR_MALFORMED);
}

TEST(grant_of_a_giver_that_has_none_leads_nowhere)
{
    begin();
    put_grant(&w, HOST, ROOT, IC_DOOR_ALL_RIGHTS, 1);
    put_grant(&w, COHOST, OTHER, IC_DOOR_ADMIT, 1);
    assert_int_equal(verify(), IC_ERR_FORBIDDEN);
    assert_true(ic_door_grant_expired(ic_written(&w), key_of(COHOST), 0));
    assert_false(ic_door_grant_expired(ic_written(&w), key_of(HOST), 0));
    assert_false(ic_door_grant_descends(ic_written(&w), key_of(COHOST), key_of(HOST)));
    assert_false(ic_door_grant_descends(ic_written(&w), key_of(GUEST), key_of(HOST)));
}

RUN_TESTS(cmocka_unit_test(grant_from_the_root_and_from_who_may_give_is_valid),
          cmocka_unit_test(grant_of_more_than_the_giver_has_is_refused),
          cmocka_unit_test(grant_by_somebody_who_may_not_give_is_refused),
          cmocka_unit_test(grant_by_somebody_who_is_not_in_the_list_is_refused),
          cmocka_unit_test(grant_circles_lead_nowhere),
          cmocka_unit_test(grant_of_another_meeting_root_or_later_link_is_refused),
          cmocka_unit_test(grant_runs_out_with_those_above_it),
          cmocka_unit_test(grant_list_with_one_member_twice_is_refused),
          cmocka_unit_test(grant_list_of_the_greatest_length_is_read_and_a_longer_one_refused),
          cmocka_unit_test(grant_that_is_cut_or_changed_is_refused),
          cmocka_unit_test(grant_is_never_signed_into_too_little_room),
          cmocka_unit_test(grant_that_breaks_its_form_is_not_read_though_it_is_signed),
          cmocka_unit_test(grant_with_a_signature_longer_than_any_is_not_read),
          cmocka_unit_test(grant_of_a_giver_that_has_none_leads_nowhere))
