/* Frames under the keys of a group's epochs: what opens, from when, until when, and what seals. */
#include "e2ee/core.h"
#include "e2ee/e2ee.h"
#include "tests/test.h"

enum { ALICE = 3, BOB = 700, SEALED_MAX = 256 };

static const uint8_t BASE[3][IC_BASE_KEY_LEN] = {{1}, {2}, {3}};

struct room {
    struct ic_e2ee *alice, *bob;
    struct ic_frame_sender *sender;
    struct ic_frame_receiver *receiver;
};

static struct room room_new(void)
{
    struct room r = {.alice = ic_e2ee_new(), .bob = ic_e2ee_new()};
    r.sender = ic_frame_sender_new(r.alice, IC_STREAM_MICROPHONE, IC_CODEC_OPUS);
    r.receiver = ic_frame_receiver_new(r.bob, IC_CODEC_OPUS);
    assert_int_equal(ic_frame_receiver_expect(r.receiver, ALICE, IC_STREAM_MICROPHONE), IC_OK);
    return r;
}

static void room_free(struct room *r)
{
    ic_frame_sender_free(r->sender);
    ic_frame_receiver_free(r->receiver);
    ic_e2ee_free(r->alice);
    ic_e2ee_free(r->bob);
}

static void install(struct ic_e2ee *core, uint64_t epoch, int64_t now, int64_t keep)
{
    assert_int_equal(ic_e2ee_epoch_install(core, epoch, BASE[epoch % 3], now, keep), IC_OK);
}

/* Both are in the epoch, and alice seals with it. */
static void move_on(struct room *r, uint64_t epoch, int64_t now, int64_t keep)
{
    install(r->alice, epoch, now, keep);
    install(r->bob, epoch, now, keep);
    assert_int_equal(ic_e2ee_epoch_send(r->alice, epoch, ALICE), IC_OK);
}

struct sealed {
    uint8_t at[SEALED_MAX];
    size_t len;
};

static struct sealed seal(struct room *r)
{
    struct sealed s;
    assert_int_equal(ic_frame_seal(r->sender, s.at, &s.len, ic_bytes_of_text("voice")), IC_OK);
    return s;
}

static enum ic_err open_at(struct room *r, struct sealed s, int64_t now)
{
    struct ic_opened_frame opened;
    enum ic_err err = ic_frame_open(r->receiver, &opened, s.at, s.len, now);
    if (err == IC_OK)
        assert_int_equal(opened.index, ALICE);
    return err;
}

TEST(frame_of_a_members_epoch_opens_for_who_is_in_that_epoch)
{
    struct room r = room_new();
    move_on(&r, 1, 0, 0);
    assert_int_equal(open_at(&r, seal(&r), 1), IC_OK);
    room_free(&r);
}

TEST(frame_of_an_epoch_that_is_not_installed_yet_waits_for_it)
{
    struct room r = room_new();
    move_on(&r, 1, 0, 0);
    install(r.alice, 2, 0, 0);
    assert_int_equal(ic_e2ee_epoch_send(r.alice, 2, ALICE), IC_OK);
    struct sealed early = seal(&r);

    assert_int_equal(open_at(&r, early, 1), IC_ERR_NOT_FOUND);
    install(r.bob, 2, 1, IC_NS_PER_SEC);
    assert_int_equal(open_at(&r, early, 2), IC_OK);
    room_free(&r);
}

TEST(frame_of_the_epoch_before_opens_as_long_as_was_said_and_no_longer)
{
    struct room r = room_new();
    move_on(&r, 1, 0, 0);
    struct sealed old = seal(&r), older = seal(&r);
    move_on(&r, 2, 100, 50);

    assert_int_equal(open_at(&r, old, 149), IC_OK);
    assert_int_equal(open_at(&r, older, 150), IC_ERR_NOT_FOUND);
    ic_e2ee_expire(r.bob, 150);
    assert_int_equal(open_at(&r, older, 100), IC_ERR_NOT_FOUND);
    assert_int_equal(open_at(&r, seal(&r), 150), IC_OK);
    room_free(&r);
}

TEST(removal_shortens_the_life_of_every_older_epoch)
{
    struct room r = room_new();
    move_on(&r, 1, 0, 0);
    struct sealed first = seal(&r);
    move_on(&r, 2, 0, 10 * IC_NS_PER_SEC);
    move_on(&r, 3, 0, IC_NS_PER_SEC / 2);

    assert_int_equal(open_at(&r, first, IC_NS_PER_SEC / 2), IC_ERR_NOT_FOUND);
    room_free(&r);
}

TEST(sealing_stays_in_its_epoch_until_it_is_moved_and_never_goes_back)
{
    struct room r = room_new();
    uint8_t sealed[SEALED_MAX];
    size_t len;
    install(r.alice, 4, 0, 0);
    assert_int_equal(ic_frame_seal(r.sender, sealed, &len, ic_bytes_of_text("voice")),
                     IC_ERR_NOT_FOUND);
    install(r.bob, 4, 0, 0);
    assert_int_equal(ic_e2ee_epoch_send(r.alice, 5, ALICE), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_e2ee_epoch_send(r.alice, 4 + IC_EPOCHS_ALIVE, ALICE), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_e2ee_epoch_send(r.alice, 4, ALICE), IC_OK);
    install(r.alice, 5, 0, 0);
    ic_e2ee_expire(r.alice, 1);
    assert_int_equal(open_at(&r, seal(&r), 1), IC_OK); /* its own epoch 4 has expired by now */

    assert_int_equal(ic_e2ee_epoch_send(r.alice, 4, ALICE), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_e2ee_epoch_send(r.alice, 5, IC_MEMBERS_MAX), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_e2ee_epoch_send(r.alice, 5, ALICE), IC_OK);
    assert_int_equal(open_at(&r, seal(&r), 1), IC_ERR_NOT_FOUND);
    room_free(&r);
}

TEST(epoch_that_is_not_newer_is_refused)
{
    struct room r = room_new();
    install(r.alice, 7, 0, 0);
    assert_int_equal(ic_e2ee_epoch_install(r.alice, 7, BASE[0], 0, 0), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_e2ee_epoch_install(r.alice, 6, BASE[0], 0, 0), IC_ERR_FORBIDDEN);
    install(r.alice, 7 + 256, 0, 0);
    room_free(&r);
}

TEST(epoch_whose_number_ends_like_another_does_not_open_its_frames)
{
    struct room r = room_new();
    move_on(&r, 1, 0, 0);
    struct sealed old = seal(&r);
    install(r.bob, 1 + 256, 0, 10 * IC_NS_PER_SEC);
    assert_int_equal(open_at(&r, old, 1), IC_ERR_FORGED);
    room_free(&r);
}

TEST(leaf_that_somebody_left_opens_again_in_the_next_epoch_only)
{
    struct room r = room_new();
    move_on(&r, 1, 0, 0);
    ic_e2ee_leaf_left(r.bob, BOB);
    ic_e2ee_leaf_left(r.bob, IC_MEMBERS_MAX);
    assert_int_equal(open_at(&r, seal(&r), 1), IC_OK);
    struct sealed late = seal(&r);
    ic_e2ee_leaf_left(r.bob, ALICE);
    assert_int_equal(open_at(&r, late, 1), IC_ERR_NOT_FOUND);
    move_on(&r, 2, 1, 10 * IC_NS_PER_SEC);
    assert_int_equal(open_at(&r, late, 1), IC_ERR_NOT_FOUND);
    assert_int_equal(open_at(&r, seal(&r), 1), IC_OK);
    room_free(&r);
}

TEST(frame_is_opened_once_and_none_with_a_flipped_bit)
{
    struct room r = room_new();
    move_on(&r, 1, 0, 0);
    struct sealed s = seal(&r);

    for (size_t bit = 0; bit < 8 * s.len; bit++) {
        struct sealed damaged = s;
        damaged.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(open_at(&r, damaged, 1), IC_OK);
    }
    assert_int_equal(open_at(&r, s, 1), IC_OK);
    assert_int_equal(open_at(&r, s, 1), IC_ERR_REPLAYED);
    room_free(&r);
}

TEST(nobody_elses_key_opens_a_frame)
{
    struct room r = room_new();
    move_on(&r, 1, 0, 0);
    struct sealed s = seal(&r);
    assert_int_equal(ic_frame_receiver_expect(r.receiver, BOB, IC_STREAM_MICROPHONE), IC_OK);
    assert_int_equal(open_at(&r, s, 1), IC_ERR_FORBIDDEN);
    room_free(&r);
}

TEST(slot_shows_nobody_with_an_index_over_1023)
{
    struct room r = room_new();
    move_on(&r, 1, 0, 0);
    assert_int_equal(ic_frame_receiver_expect(r.receiver, IC_MEMBERS_MAX, IC_STREAM_MICROPHONE),
                     IC_ERR_FORBIDDEN);
    assert_int_equal(open_at(&r, seal(&r), 1), IC_OK);
    room_free(&r);
}

TEST(running_sender_takes_the_new_key_with_its_next_frame_and_counts_from_zero)
{
    struct room r = room_new();
    struct ic_opened_frame opened;
    move_on(&r, 1, 0, 0);
    assert_int_equal(open_at(&r, seal(&r), 1), IC_OK);
    move_on(&r, 2, 1, 0);
    struct sealed s = seal(&r);
    assert_int_equal(ic_frame_open(r.receiver, &opened, s.at, s.len, 2), IC_OK);
    assert_int_equal(opened.counter, 0);
    room_free(&r);
}

TEST(group_that_is_over_opens_and_seals_nothing_until_the_next_one_begins)
{
    struct room r = room_new();
    uint8_t sealed[SEALED_MAX];
    size_t len;
    move_on(&r, 9, 0, 0);
    struct sealed s = seal(&r);
    ic_e2ee_group_over(r.alice);
    ic_e2ee_group_over(r.bob);
    assert_int_equal(open_at(&r, s, 1), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_frame_seal(r.sender, sealed, &len, ic_bytes_of_text("voice")),
                     IC_ERR_NOT_FOUND);
    move_on(&r, 1, 1, 0);
    assert_int_equal(open_at(&r, seal(&r), 2), IC_OK);
    room_free(&r);
}

TEST(nothing_is_sealed_while_sending_is_held)
{
    struct room r = room_new();
    uint8_t sealed[SEALED_MAX];
    size_t len;
    move_on(&r, 1, 0, 0);
    ic_e2ee_hold_sending(r.alice, true);
    assert_int_equal(ic_frame_seal(r.sender, sealed, &len, ic_bytes_of_text("voice")),
                     IC_ERR_FORBIDDEN);
    ic_e2ee_hold_sending(r.alice, false);
    assert_int_equal(open_at(&r, seal(&r), 1), IC_OK);
    room_free(&r);
}

RUN_TESTS(
    cmocka_unit_test(frame_of_a_members_epoch_opens_for_who_is_in_that_epoch),
    cmocka_unit_test(frame_of_an_epoch_that_is_not_installed_yet_waits_for_it),
    cmocka_unit_test(frame_of_the_epoch_before_opens_as_long_as_was_said_and_no_longer),
    cmocka_unit_test(removal_shortens_the_life_of_every_older_epoch),
    cmocka_unit_test(sealing_stays_in_its_epoch_until_it_is_moved_and_never_goes_back),
    cmocka_unit_test(epoch_that_is_not_newer_is_refused),
    cmocka_unit_test(epoch_whose_number_ends_like_another_does_not_open_its_frames),
    cmocka_unit_test(leaf_that_somebody_left_opens_again_in_the_next_epoch_only),
    cmocka_unit_test(frame_is_opened_once_and_none_with_a_flipped_bit),
    cmocka_unit_test(nobody_elses_key_opens_a_frame),
    cmocka_unit_test(slot_shows_nobody_with_an_index_over_1023),
    cmocka_unit_test(running_sender_takes_the_new_key_with_its_next_frame_and_counts_from_zero),
    cmocka_unit_test(group_that_is_over_opens_and_seals_nothing_until_the_next_one_begins),
    cmocka_unit_test(nothing_is_sealed_while_sending_is_held))
