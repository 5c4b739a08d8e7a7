/* frame.h - inside the core: packing a whole encoded frame, apart from the cipher itself.
 *
 *    constant header   SFrame header   ciphertext   tag
 *   +-----------------+---------------+------------+----+
 *   | VP8: 10 or 1    | key id,       | the whole frame |
 *   | VP9, H.264: 1   | counter       |                 |
 *   | AV1: 1 and size |               |                 |
 *   | Opus: none      |               | Opus: padded    |
 *   +-----------------+---------------+-----------------+
 *    <-- authenticated, readable ----> <--- sealed ----->
 *
 * A frame of Opus is followed by one byte 0x80 and by zeros, up to one of three lengths, the second
 * and no longer the first once one needed it: what is said or not said does not show in the size of
 * packets (PRV-17).
 *
 * The browser seals and opens the body with a cipher of its own, which answers later; the C client
 * does so at once. Both take a plan from here. */
#pragma once

#include "e2ee/core.h"
#include "e2ee/replay.h"

enum {
    IC_FAKE_HEADER_MAX = 10,
    IC_FRAME_PREFIX_MAX = IC_FAKE_HEADER_MAX + IC_SFRAME_HEADER_MAX,
};

struct ic_frame_sender {
    struct ic_e2ee *core;
    enum ic_stream stream;
    enum ic_codec codec;
    uint64_t generation; /* of the epoch the lease is of */
    struct ic_counter_lease lease;
    const struct ic_frame_key *key; /* valid while the generation is */
    uint8_t least_padded;           /* the first of the three lengths that is still used */
};

/* One slot's view: nobody, or whose stream. */
struct ic_frame_view {
    bool somebody;
    unsigned index;
    enum ic_stream stream;
};

struct ic_frame_receiver {
    struct ic_e2ee *core;
    enum ic_codec codec; /* Opus, or any other for video of every codec */
    struct ic_frame_view expected, before;
    struct ic_replay replay;
};

/* All that the cipher needs. Borrowed from the core until it changes. */
struct ic_frame_plan {
    struct ic_aead *aead;
    uint8_t nonce[IC_SFRAME_NONCE_LEN];
    uint8_t prefix[IC_FRAME_PREFIX_MAX]; /* constant header, SFrame header: before the body */
    size_t prefix_len;
    uint8_t aad[IC_FRAME_PREFIX_MAX]; /* SFrame header, constant header (RFC 9605 section 4.4.3) */
    struct ic_key_id id;
    uint64_t serial;
    uint64_t counter;
    size_t body_len; /* for sealing: of the frame with its padding */
    bool is_key;     /* a picture that needs none before it */
};

/* `start` is the frame or its first bytes; `len` that of the whole frame. Uses up one counter. */
enum ic_err ic_frame_plan_seal(struct ic_frame_sender *sender, struct ic_frame_plan *plan,
                               struct ic_bytes start, size_t len) IC_CHECKED;

/* `start` is the sealed frame or its first IC_FRAME_PREFIX_MAX bytes; `len` that of the whole. */
enum ic_err ic_frame_plan_open(struct ic_frame_receiver *receiver, struct ic_frame_plan *plan,
                               struct ic_bytes start, size_t len, int64_t now) IC_CHECKED;

/* After the body was found authentic, and before anything is done with it: is the slot still this
 * sender's and the key still installed, and is the frame new? Same errors as ic_frame_open(). */
enum ic_err ic_frame_claim(struct ic_frame_receiver *receiver, struct ic_key_id id, uint64_t serial,
                           uint64_t counter, int64_t now) IC_CHECKED;

/* The frame in an opened body: without what padding its codec has. False: there is none. */
bool ic_frame_unpad(enum ic_codec codec, struct ic_bytes *body) IC_CHECKED;

void ic_frame_sender_init(struct ic_frame_sender *sender, struct ic_e2ee *core,
                          enum ic_stream stream, enum ic_codec codec);
/* Of the frames that follow. IC_ERR_FORBIDDEN: video and sound do not mix. */
enum ic_err ic_frame_sender_use(struct ic_frame_sender *sender, enum ic_codec codec) IC_CHECKED;
void ic_frame_receiver_init(struct ic_frame_receiver *receiver, struct ic_e2ee *core,
                            enum ic_codec codec);
