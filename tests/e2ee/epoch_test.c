/* Whose keys are installed, from when and until when. */
#include "tests/e2ee/pair.h"

static const uint8_t FRAME[] = "\x10 a frame that is whole";
static struct ic_opened_frame opened;

TEST(epoch_of_every_connection_has_a_new_nonce_and_the_next_number)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);
    struct ic_epoch seen[300] = {p.epoch};

    for (size_t i = 1; i < IC_COUNT(seen); i++) {
        assert_int_equal(ic_e2ee_epoch_begin(p.alice, PAIR_INDEX, &seen[i]), IC_OK);
        assert_int_equal(seen[i].number, (seen[i - 1].number + 1) & 255);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(seen[i].nonce, seen[j].nonce, IC_EPOCH_NONCE_LEN);
    }
    pair_free(&p);
}

TEST(epoch_of_a_core_that_lost_its_state_seals_the_same_frame_differently)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8), q;
    pair_seal(&p, FRAME, sizeof FRAME);
    q = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);
    pair_seal(&q, FRAME, sizeof FRAME);

    assert_memory_not_equal(p.epoch.nonce, q.epoch.nonce, IC_EPOCH_NONCE_LEN);
    size_t tail = sizeof FRAME + 16;
    assert_memory_not_equal(p.sealed + p.sealed_len - tail, q.sealed + q.sealed_len - tail, tail);
    pair_free(&p);
    pair_free(&q);
}

TEST(epoch_that_begins_gives_a_running_sender_the_new_key_with_its_next_frame)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);

    pair_seal(&p, FRAME, sizeof FRAME);
    assert_int_equal(ic_e2ee_epoch_begin(p.alice, PAIR_INDEX, &p.epoch), IC_OK);
    pair_seal(&p, FRAME, sizeof FRAME);
    assert_int_equal(pair_open(&p, &opened), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_e2ee_member_install(p.bob, PAIR_INDEX, &p.epoch, 0), IC_OK);
    assert_int_equal(pair_open(&p, &opened), IC_OK);
    assert_int_equal(opened.counter, 0);
    pair_free(&p);
}

TEST(epoch_before_the_current_one_opens_for_ten_seconds_and_no_longer)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);

    pair_seal(&p, FRAME, sizeof FRAME);
    struct pair later = p; /* a second frame of the same epoch */
    pair_seal(&later, FRAME, sizeof FRAME);
    pair_install(&p, 5 * IC_NS_PER_SEC);

    assert_int_equal(pair_open_with(p.receiver, &p, &opened, 15 * IC_NS_PER_SEC - 1), IC_OK);
    assert_int_equal(pair_open_with(p.receiver, &later, &opened, 15 * IC_NS_PER_SEC),
                     IC_ERR_NOT_FOUND);
    ic_e2ee_expire(p.bob, 15 * IC_NS_PER_SEC);
    assert_int_equal(pair_open_with(p.receiver, &later, &opened, 0), IC_ERR_NOT_FOUND);
    pair_free(&p);
}

TEST(epoch_that_was_replaced_or_removed_never_comes_back)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);
    struct ic_epoch first = p.epoch;

    assert_int_equal(ic_e2ee_member_install(p.bob, PAIR_INDEX, &first, 0), IC_OK);
    pair_install(&p, 0);
    assert_int_equal(ic_e2ee_member_install(p.bob, PAIR_INDEX, &first, 0), IC_ERR_REPLAYED);
    ic_e2ee_member_remove(p.bob, PAIR_INDEX);
    assert_int_equal(ic_e2ee_member_install(p.bob, PAIR_INDEX, &p.epoch, 0), IC_ERR_REPLAYED);
    assert_int_equal(ic_e2ee_member_install(p.bob, PAIR_INDEX + 1, &p.epoch, 0), IC_ERR_REPLAYED);
    pair_free(&p);
}

TEST(epoch_with_a_number_in_use_replaces_that_one_at_once)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);
    struct ic_epoch same_number = {.number = p.epoch.number, .nonce = {9}};

    pair_seal(&p, FRAME, sizeof FRAME);
    assert_int_equal(ic_e2ee_member_install(p.bob, PAIR_INDEX, &same_number, 0), IC_OK);
    assert_int_equal(pair_open(&p, &opened), IC_ERR_FORGED);
    pair_free(&p);
}

TEST(member_that_is_removed_is_not_opened_any_more)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);

    pair_seal(&p, FRAME, sizeof FRAME);
    ic_e2ee_member_remove(p.bob, PAIR_INDEX);
    ic_e2ee_member_remove(p.bob, PAIR_INDEX);
    assert_int_equal(pair_open(&p, &opened), IC_ERR_NOT_FOUND);
    pair_free(&p);
}

TEST(member_with_an_index_over_1023_or_ones_own_is_refused)
{
    struct pair p = pair_new(IC_STREAM_CAMERA, IC_CODEC_VP8);
    struct ic_epoch epoch = {.nonce = {1}};

    assert_int_equal(ic_e2ee_epoch_begin(p.alice, IC_MEMBERS_MAX, &epoch), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_e2ee_member_install(p.bob, IC_MEMBERS_MAX, &epoch, 0), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_e2ee_member_install(p.alice, PAIR_INDEX, &epoch, 0), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_frame_receiver_expect(p.receiver, IC_MEMBERS_MAX, IC_STREAM_CAMERA),
                     IC_ERR_FORBIDDEN);
    ic_e2ee_member_remove(p.bob, IC_MEMBERS_MAX);
    pair_free(&p);
}

TEST(sealing_before_an_epoch_has_begun_is_refused)
{
    static const uint8_t zeros[IC_LINK_SECRET_LEN];
    struct ic_e2ee *core = ic_e2ee_new(zeros, zeros);
    struct ic_frame_sender *sender = ic_frame_sender_new(core, IC_STREAM_MICROPHONE, IC_CODEC_OPUS);
    uint8_t sealed[64];
    size_t len;

    assert_int_equal(ic_frame_seal(sender, sealed, &len, ic_bytes_of_text("voice")),
                     IC_ERR_NOT_FOUND);
    ic_frame_sender_free(sender);
    ic_e2ee_free(core);
}

RUN_TESTS(
    cmocka_unit_test(epoch_of_every_connection_has_a_new_nonce_and_the_next_number),
    cmocka_unit_test(epoch_of_a_core_that_lost_its_state_seals_the_same_frame_differently),
    cmocka_unit_test(epoch_that_begins_gives_a_running_sender_the_new_key_with_its_next_frame),
    cmocka_unit_test(epoch_before_the_current_one_opens_for_ten_seconds_and_no_longer),
    cmocka_unit_test(epoch_that_was_replaced_or_removed_never_comes_back),
    cmocka_unit_test(epoch_with_a_number_in_use_replaces_that_one_at_once),
    cmocka_unit_test(member_that_is_removed_is_not_opened_any_more),
    cmocka_unit_test(member_with_an_index_over_1023_or_ones_own_is_refused),
    cmocka_unit_test(sealing_before_an_epoch_has_begun_is_refused))
