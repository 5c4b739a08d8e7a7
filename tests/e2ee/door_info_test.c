/* The GroupInfo in the open door: for who has the link of this meeting, and as it was sealed. */
#include "e2ee/door/info.h"

#include "tests/e2ee/door_rig.h"

static const uint8_t SECRET[IC_LINK_SECRET_LEN] = {1}, OTHER_SECRET[IC_LINK_SECRET_LEN] = {2};
static uint8_t room[4096], buffer[4096], content[700];
static struct ic_writer w;

static void seal(void)
{
    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (uint8_t)i;
    w = ic_writer_of(room, sizeof room);
    assert_int_equal(ic_door_info_seal(&w, IC_DOOR_INFO, (struct ic_bytes){content, sizeof content},
                                       SECRET, MEETING),
                     IC_OK);
}

static enum ic_err open(struct ic_bytes sealed)
{
    struct ic_bytes info;
    return ic_door_info_open(&info, buffer, IC_DOOR_INFO, sealed, SECRET, MEETING);
}

TEST(info_opens_as_it_was_sealed)
{
    struct ic_bytes info;
    seal();
    assert_int_equal(w.len, sizeof content + IC_DOOR_INFO_OVERHEAD);
    assert_int_equal(
        ic_door_info_open(&info, buffer, IC_DOOR_INFO, ic_written(&w), SECRET, MEETING), IC_OK);
    assert_true(ic_bytes_equal(info, (struct ic_bytes){content, sizeof content}));
}

TEST(info_of_another_link_or_meeting_does_not_open)
{
    static const uint8_t ELSE[IC_MEETING_LEN] = {1};
    struct ic_bytes info;
    seal();
    assert_int_equal(
        ic_door_info_open(&info, buffer, IC_DOOR_INFO, ic_written(&w), OTHER_SECRET, MEETING),
        IC_ERR_FORGED);
    assert_int_equal(ic_door_info_open(&info, buffer, IC_DOOR_INFO, ic_written(&w), SECRET, ELSE),
                     IC_ERR_FORGED);
}

TEST(info_does_not_pass_for_a_commit)
{
    struct ic_bytes info;
    seal();
    assert_int_equal(
        ic_door_info_open(&info, buffer, IC_DOOR_OUTSIDE_COMMIT, ic_written(&w), SECRET, MEETING),
        IC_ERR_FORGED);
}

TEST(info_that_is_cut_or_changed_does_not_open)
{
    seal();
    check_damage(ic_written(&w), open, 1);
}

TEST(info_without_room_is_not_sealed)
{
    w = ic_writer_of(room, sizeof content + IC_DOOR_INFO_OVERHEAD - 1);
    assert_int_equal(ic_door_info_seal(&w, IC_DOOR_INFO, (struct ic_bytes){content, sizeof content},
                                       SECRET, MEETING),
                     IC_ERR_FULL);
}

RUN_TESTS(cmocka_unit_test(info_opens_as_it_was_sealed),
          cmocka_unit_test(info_of_another_link_or_meeting_does_not_open),
          cmocka_unit_test(info_does_not_pass_for_a_commit),
          cmocka_unit_test(info_that_is_cut_or_changed_does_not_open),
          cmocka_unit_test(info_without_room_is_not_sealed))
