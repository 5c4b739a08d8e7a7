/* pair.h - two members of one group, one sealing and one opening, for the tests here. */
#pragma once

#include "e2ee/e2ee.h"
#include "tests/test.h"

enum { PAIR_GROUP = 1, PAIR_INDEX = 3, PAIR_FRAME_MAX = 4096 };

struct pair {
    struct ic_e2ee *alice, *bob;
    uint64_t epoch; /* in which both are */
    struct ic_frame_sender *sender;
    struct ic_frame_receiver *receiver;
    enum ic_codec codec;
    uint8_t sealed[PAIR_FRAME_MAX + IC_FRAME_OVERHEAD_MAX];
    size_t sealed_len;
};

/* Bytes that stand nowhere by chance, so that a search for them finds keys only. */
static inline void pair_base_key(uint8_t out[IC_BASE_KEY_LEN], uint8_t group, uint64_t epoch)
{
    memset(out, 0x5A, IC_BASE_KEY_LEN);
    out[0] = group;
    out[1] = (uint8_t)epoch;
}

/* Both come into the next epoch of `group`, and alice seals with it. */
static inline void pair_move_on(struct pair *p, uint8_t group, int64_t now, int64_t keep)
{
    uint8_t base_key[IC_BASE_KEY_LEN];
    pair_base_key(base_key, group, ++p->epoch);
    assert_int_equal(ic_e2ee_epoch_install(p->alice, p->epoch, base_key, now, keep), IC_OK);
    assert_int_equal(ic_e2ee_epoch_install(p->bob, p->epoch, base_key, now, keep), IC_OK);
    assert_int_equal(ic_e2ee_epoch_send(p->alice, p->epoch, PAIR_INDEX), IC_OK);
}

static inline struct pair pair_new_of(uint8_t group, enum ic_stream stream, enum ic_codec codec)
{
    struct pair p = {.alice = ic_e2ee_new(), .bob = ic_e2ee_new()};
    p.codec = codec;
    pair_move_on(&p, group, 0, 0);
    p.sender = ic_frame_sender_new(p.alice, stream, codec);
    p.receiver = ic_frame_receiver_new(p.bob, codec);
    assert_int_equal(ic_frame_receiver_expect(p.receiver, PAIR_INDEX, stream), IC_OK);
    return p;
}

static inline struct pair pair_new(enum ic_stream stream, enum ic_codec codec)
{
    return pair_new_of(PAIR_GROUP, stream, codec);
}

static inline void pair_free(struct pair *p)
{
    ic_frame_sender_free(p->sender);
    ic_frame_receiver_free(p->receiver);
    ic_e2ee_free(p->alice);
    ic_e2ee_free(p->bob);
}

static inline void pair_seal(struct pair *p, const void *frame, size_t len)
{
    assert_true(len <= PAIR_FRAME_MAX);
    assert_int_equal(
        ic_frame_seal(p->sender, p->sealed, &p->sealed_len, (struct ic_bytes){frame, len}), IC_OK);
}

/* Opens a copy, so that the sealed frame stays. */
static inline enum ic_err pair_open_with(struct ic_frame_receiver *receiver, const struct pair *p,
                                         struct ic_opened_frame *out, int64_t now)
{
    static uint8_t copy[sizeof p->sealed];
    memcpy(copy, p->sealed, p->sealed_len);
    return ic_frame_open(receiver, out, copy, p->sealed_len, now);
}

static inline enum ic_err pair_open(struct pair *p, struct ic_opened_frame *out)
{
    return pair_open_with(p->receiver, p, out, 1);
}
