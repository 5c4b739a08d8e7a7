/* People come and go; indexes rest before somebody else gets them. */
#include "server/meeting.h"

#include "tests/test.h"

static const uint8_t ID[IC_ID_LEN] = {1};

#define SECONDS(n) ((n) * IC_NS_PER_SEC)

static struct ic_participant *add(struct ic_meeting *meeting, int64_t now)
{
    struct ic_participant *p = NULL;
    assert_int_equal(ic_meeting_add(meeting, &p, IC_INDEXES, now), IC_OK);
    return p;
}

TEST(meeting_gives_the_lowest_free_index_and_random_ids)
{
    struct ic_meeting *meeting = ic_meeting_new(ID);
    struct ic_participant *a = add(meeting, 0), *b = add(meeting, 0);

    assert_int_equal(a->index, 0);
    assert_int_equal(b->index, 1);
    assert_memory_not_equal(a->id, b->id, IC_ID_LEN);
    assert_memory_not_equal(a->resume, b->resume, IC_TOKEN_LEN);
    assert_ptr_equal(ic_meeting_find(meeting, b->id), b);
    assert_null(ic_meeting_find(meeting, ID));
    ic_meeting_free(meeting);
}

TEST(meeting_does_not_reuse_an_index_for_sixty_seconds)
{
    struct ic_meeting *meeting = ic_meeting_new(ID);
    struct ic_participant *a = add(meeting, 0);

    ic_meeting_remove(meeting, a, SECONDS(10));
    assert_int_equal(add(meeting, SECONDS(69))->index, 1);
    assert_int_equal(add(meeting, SECONDS(70))->index, 0);
    ic_meeting_free(meeting);
}

TEST(meeting_refuses_one_more_than_the_limit)
{
    struct ic_meeting *meeting = ic_meeting_new(ID);
    struct ic_participant *p;

    add(meeting, 0);
    add(meeting, 0);
    assert_int_equal(ic_meeting_add(meeting, &p, 2, 0), IC_ERR_FULL);
    ic_meeting_free(meeting);
}

TEST(meeting_refuses_when_every_index_is_taken_or_resting)
{
    struct ic_meeting *meeting = ic_meeting_new(ID);
    struct ic_participant *p = NULL;

    for (int i = 0; i < IC_INDEXES; i++)
        p = add(meeting, 0);
    ic_meeting_remove(meeting, p, 0);
    assert_int_equal(ic_meeting_add(meeting, &p, 2 * IC_INDEXES, SECONDS(1)), IC_ERR_FULL);
    ic_meeting_free(meeting);
}

TEST(meeting_finds_only_who_shows_the_whole_resume_token)
{
    struct ic_meeting *meeting = ic_meeting_new(ID);
    struct ic_participant *a = add(meeting, 0);
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

RUN_TESTS(cmocka_unit_test(meeting_gives_the_lowest_free_index_and_random_ids),
          cmocka_unit_test(meeting_does_not_reuse_an_index_for_sixty_seconds),
          cmocka_unit_test(meeting_refuses_one_more_than_the_limit),
          cmocka_unit_test(meeting_refuses_when_every_index_is_taken_or_resting),
          cmocka_unit_test(meeting_finds_only_who_shows_the_whole_resume_token),
          cmocka_unit_test(meeting_participant_cannot_have_a_stream_live_twice))
