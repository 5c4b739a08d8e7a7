/* People come through the door and go. */
#include "server/meeting.h"

#include "tests/server/member.h"
#include "tests/test.h"

static const uint8_t ID[IC_ID_LEN] = {1}, ADDRESS[IC_ADDRESS_LEN] = {1};

static struct ic_participant *add(struct ic_meeting *meeting)
{
    return ic_test_member(meeting, IC_PEOPLE_MAX);
}

TEST(meeting_member_is_who_waited_and_waits_no_more)
{
    struct ic_meeting *meeting = ic_meeting_new(ID);
    struct ic_waiter *a, *b;
    struct ic_participant *p;

    assert_int_equal(ic_waiting_add(&meeting->group.waiting, &a, 2, ADDRESS), IC_OK);
    assert_int_equal(ic_waiting_add(&meeting->group.waiting, &b, 2, ADDRESS), IC_OK);
    b->is_host = true;
    b->away_since = 7;
    assert_int_equal(ic_meeting_add(meeting, &p, b, 2), IC_OK);
    assert_memory_equal(p->id, b->id, IC_ID_LEN);
    assert_memory_equal(p->resume, b->resume, IC_TOKEN_LEN);
    assert_true(p->is_host && p->is_keeper);
    assert_int_equal(p->away_since, 7);
    assert_int_equal(meeting->group.waiting.count, 1);
    assert_ptr_equal(meeting->group.waiting.first, a);
    assert_int_equal(ic_meeting_add(meeting, &p, a, 2), IC_OK);
    assert_false(p->is_host || p->is_keeper);
    ic_meeting_free(meeting);
}

TEST(meeting_finds_its_members_by_their_random_ids)
{
    struct ic_meeting *meeting = ic_meeting_new(ID);
    struct ic_participant *a = add(meeting), *b = add(meeting);

    assert_memory_not_equal(a->id, b->id, IC_ID_LEN);
    assert_memory_not_equal(a->resume, b->resume, IC_TOKEN_LEN);
    assert_ptr_equal(ic_meeting_find(meeting, b->id), b);
    assert_null(ic_meeting_find(meeting, ID));
    ic_meeting_free(meeting);
}

TEST(meeting_keeps_the_order_of_joining_and_knows_since_when_it_is_empty)
{
    struct ic_meeting *meeting = ic_meeting_new(ID);
    struct ic_participant *a = add(meeting), *b = add(meeting), *c = add(meeting);

    ic_meeting_remove(meeting, b, 1);
    assert_ptr_equal(meeting->people[0], a);
    assert_ptr_equal(meeting->people[1], c);
    ic_meeting_remove(meeting, a, 2);
    ic_meeting_remove(meeting, c, 3);
    assert_int_equal(meeting->count, 0);
    assert_int_equal(meeting->empty_since, 3);
    ic_meeting_free(meeting);
}

TEST(meeting_that_is_full_leaves_waiting_who_waits)
{
    struct ic_meeting *meeting = ic_meeting_new(ID);
    struct ic_waiter *waiter;
    struct ic_participant *p;

    add(meeting);
    add(meeting);
    assert_int_equal(ic_waiting_add(&meeting->group.waiting, &waiter, 1, ADDRESS), IC_OK);
    assert_int_equal(ic_meeting_add(meeting, &p, waiter, 2), IC_ERR_FULL);
    assert_ptr_equal(meeting->group.waiting.first, waiter);
    for (uint32_t i = 2; i < IC_PEOPLE_MAX; i++) {
        assert_int_equal(ic_meeting_add(meeting, &p, waiter, IC_PEOPLE_MAX), IC_OK);
        assert_int_equal(ic_waiting_add(&meeting->group.waiting, &waiter, 1, ADDRESS), IC_OK);
    }
    assert_int_equal(ic_meeting_add(meeting, &p, waiter, 2 * IC_PEOPLE_MAX), IC_ERR_FULL);
    ic_meeting_free(meeting);
}

TEST(meeting_finds_only_who_shows_the_whole_resume_token)
{
    struct ic_meeting *meeting = ic_meeting_new(ID);
    struct ic_participant *a = add(meeting);
    uint8_t token[IC_TOKEN_LEN];

    memcpy(token, a->resume, sizeof token);
    assert_ptr_equal(ic_meeting_find_resumable(meeting, token), a);
    for (size_t i = 0; i < sizeof token; i++) {
        token[i] ^= 1;
        assert_null(ic_meeting_find_resumable(meeting, token));
        token[i] ^= 1;
    }
    ic_meeting_free(meeting);
}

TEST(meeting_participant_cannot_have_a_stream_live_twice)
{
    struct ic_participant p = {.speaking = true};
    const struct ic_msg_live once[] = {{IC_STREAM_CAMERA, 720}};
    const struct ic_msg_live twice[] = {{IC_STREAM_CAMERA, 720}, {IC_STREAM_CAMERA, 360}};

    assert_int_equal(ic_participant_set_live(&p, once, 1), IC_OK);
    assert_true(p.live[IC_STREAM_CAMERA]);
    assert_false(p.speaking); /* its microphone is off now */
    assert_int_equal(ic_participant_set_live(&p, twice, 2), IC_ERR_MALFORMED);
    assert_int_equal(p.height[IC_STREAM_CAMERA], 720);
}

static void place(struct ic_participant *p, uint32_t transport, uint32_t worker)
{
    p->transport = transport;
    p->worker = worker;
}

TEST(meeting_knows_its_parts_and_which_has_the_fewest_people)
{
    struct ic_meeting *meeting = ic_meeting_new(ID);
    struct ic_participant *a = add(meeting), *b = add(meeting), *c = add(meeting);

    assert_null(ic_meeting_smallest_part(meeting));
    ic_meeting_add_part(meeting, (struct ic_part){.worker = 5, .room = 11});
    ic_meeting_add_part(meeting, (struct ic_part){.worker = 0, .room = 12});
    place(a, 1, 5);
    place(b, 2, 5);
    place(c, 0, 5); /* it has no path, so it is nowhere */
    assert_int_equal(ic_meeting_people_on(meeting, 5), 2);
    assert_int_equal(ic_meeting_smallest_part(meeting)->room, 12);
    place(b, 2, 0);
    assert_int_equal(ic_meeting_smallest_part(meeting)->room, 11); /* the first of two alike */
    assert_null(ic_meeting_part(meeting, 1));
    ic_meeting_remove_part(meeting, 5);
    assert_null(ic_meeting_part(meeting, 5));
    assert_int_equal(ic_meeting_part(meeting, 0)->room, 12);
    assert_int_equal(meeting->last_workers, 1 << 5 | 1 << 0);
    ic_meeting_free(meeting);
}

TEST(meeting_that_is_carried_anew_remembers_only_its_new_worker)
{
    struct ic_meeting *meeting = ic_meeting_new(ID);

    ic_meeting_add_part(meeting, (struct ic_part){.worker = 63, .room = 1});
    assert_true(meeting->last_workers == UINT64_C(1) << 63);
    ic_meeting_remove_part(meeting, 63);
    assert_true(meeting->last_workers == UINT64_C(1) << 63);
    ic_meeting_add_part(meeting, (struct ic_part){.worker = 1, .room = 2});
    assert_int_equal(meeting->last_workers, 2);
    ic_meeting_free(meeting);
}

RUN_TESTS(cmocka_unit_test(meeting_knows_its_parts_and_which_has_the_fewest_people),
          cmocka_unit_test(meeting_that_is_carried_anew_remembers_only_its_new_worker),
          cmocka_unit_test(meeting_member_is_who_waited_and_waits_no_more),
          cmocka_unit_test(meeting_finds_its_members_by_their_random_ids),
          cmocka_unit_test(meeting_keeps_the_order_of_joining_and_knows_since_when_it_is_empty),
          cmocka_unit_test(meeting_that_is_full_leaves_waiting_who_waits),
          cmocka_unit_test(meeting_finds_only_who_shows_the_whole_resume_token),
          cmocka_unit_test(meeting_participant_cannot_have_a_stream_live_twice))
