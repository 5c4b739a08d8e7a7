/* pair.h - two participants of one meeting, one sealing and one opening, for the tests here. */
#pragma once

#include "e2ee/e2ee.h"
#include "tests/test.h"

enum { PAIR_INDEX = 3, PAIR_FRAME_MAX = 4096 };

struct pair {
    struct ic_e2ee *alice, *bob;
    struct ic_epoch epoch; /* alice's, installed at bob's */
    struct ic_frame_sender *sender;
    struct ic_frame_receiver *receiver;
    enum ic_codec codec;
    uint8_t sealed[PAIR_FRAME_MAX + IC_FRAME_OVERHEAD_MAX];
    size_t sealed_len;
};

static inline void pair_install(struct pair *p, int64_t now)
{
    assert_int_equal(ic_e2ee_epoch_begin(p->alice, PAIR_INDEX, &p->epoch), IC_OK);
    assert_int_equal(ic_e2ee_member_install(p->bob, PAIR_INDEX, &p->epoch, now), IC_OK);
}

static inline struct pair pair_new(enum ic_stream stream, enum ic_codec codec)
{
    static const uint8_t secret[IC_LINK_SECRET_LEN] = {1}, meeting[IC_MEETING_LEN] = {2};
    struct pair p = {.alice = ic_e2ee_new(secret, meeting), .bob = ic_e2ee_new(secret, meeting)};
    p.codec = codec;
    pair_install(&p, 0);
    p.sender = ic_frame_sender_new(p.alice, stream, codec);
    p.receiver = ic_frame_receiver_new(p.bob, codec);
    assert_int_equal(ic_frame_receiver_expect(p.receiver, PAIR_INDEX, stream), IC_OK);
    return p;
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
