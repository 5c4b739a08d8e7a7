/* e2ee.h - the frames of one participant in one meeting, sealed and opened with the keys of its
 * group's epochs (RFC 9605 section 5.2). The group itself is in conference/, whose header is the
 * one to begin with. What is sealed and why is in docs/security.md, the numbers in
 * docs/protocol.md.
 *
 * Nothing here does I/O, starts a thread or reads a clock; times are monotonic nanoseconds. One
 * core and all that hangs on it belong to one thread. Keys go in and never come out. */
#pragma once

#include "base/base.h"
#include "base/stream.h"

enum {
    IC_LINK_SECRET_LEN = 32,
    IC_MEETING_LEN = 16,
    IC_PARTICIPANT_LEN = 16,
    IC_ADMISSION_PROOF_LEN = 32,
    IC_BASE_KEY_LEN = 16,
    IC_MEMBERS_MAX = 1024, /* an index is smaller */

    /* A sealed frame is at most this much longer: the longest constant header, the longest SFrame
     * header that occurs here, the tag; the longest padding. */
    IC_FRAME_OVERHEAD_MAX = 10 + 7 + 16 + 1000,
};

/* A late key may come this long after its first frame; hold the frames in order until then, drop
 * them after, and ask for a key frame when the key comes. */
#define IC_HOLD_VIDEO_NS (200 * IC_NS_PER_MS)
#define IC_HOLD_AUDIO_NS (60 * IC_NS_PER_MS)

struct ic_e2ee;

/* NULL: no memory. */
struct ic_e2ee *ic_e2ee_new(void) IC_CHECKED;

/* Wipes every key. Free its senders and receivers before it. */
void ic_e2ee_free(struct ic_e2ee *core);

/* Wipes what has been kept long enough; call about once a second. */
void ic_e2ee_expire(struct ic_e2ee *core, int64_t now);

/* The group has begun an epoch: its frames open from now on, those of the epochs before it for
 * `keep_ns` more, at most. `base_key` is what the group exports for SFrame in it (RFC 9605 section
 * 5.2); the caller wipes its copy. IC_ERR_FORBIDDEN: not newer than the newest. */
enum ic_err ic_e2ee_epoch_install(struct ic_e2ee *core, uint64_t number,
                                  const uint8_t base_key[IC_BASE_KEY_LEN], int64_t now,
                                  int64_t keep_ns) IC_CHECKED;

/* Sealing moves to that epoch, with counters at zero; `index` is one's own leaf in it. Never back:
 * IC_ERR_FORBIDDEN when it is not newer, since a counter would begin again. IC_ERR_NOT_FOUND: not
 * installed. */
enum ic_err ic_e2ee_epoch_send(struct ic_e2ee *core, uint64_t number, unsigned index) IC_CHECKED;

/* Who had this leaf is no member any more: nothing of it opens in the epochs installed so far, so
 * that what was sealed there is not taken for the next one's to have the leaf. */
void ic_e2ee_leaf_left(struct ic_e2ee *core, unsigned index);

/* The group is over, and another begins its count of epochs anew: all its keys are wiped, and
 * nothing opens or is sealed until the next epoch is installed. */
void ic_e2ee_group_over(struct ic_e2ee *core);

/* While held nothing is sealed: IC_ERR_FORBIDDEN. */
void ic_e2ee_hold_sending(struct ic_e2ee *core, bool held);

/* Sending one stream. All layers of a stream share one sender, or have one each: the counter
 * belongs to the key and is leased to senders in blocks. */
struct ic_frame_sender;
struct ic_frame_sender *ic_frame_sender_new(struct ic_e2ee *core, enum ic_stream stream,
                                            enum ic_codec codec) IC_CHECKED;
void ic_frame_sender_free(struct ic_frame_sender *sender);

/* Seals one encoded frame into `sealed`, which has room for frame.len + IC_FRAME_OVERHEAD_MAX.
 * On any error nothing may be sent. IC_ERR_NOT_FOUND: no epoch seals yet. IC_ERR_EXHAUSTED: the
 * group has to begin a new one. IC_ERR_MALFORMED: not a frame of this codec. */
enum ic_err ic_frame_seal(struct ic_frame_sender *sender, uint8_t *sealed, size_t *sealed_len,
                          struct ic_bytes frame) IC_CHECKED;

/* Receiving in one slot. */
struct ic_frame_receiver;
struct ic_frame_receiver *ic_frame_receiver_new(struct ic_e2ee *core,
                                                enum ic_codec codec) IC_CHECKED;
void ic_frame_receiver_free(struct ic_frame_receiver *receiver);

/* Whose stream the slot shows, as far as the server's assignment and the sender's own word agree.
 * Only frames of that key id's index and context open. In the beginning none does. */
enum ic_err ic_frame_receiver_expect(struct ic_frame_receiver *receiver, unsigned index,
                                     enum ic_stream stream) IC_CHECKED;
void ic_frame_receiver_expect_nobody(struct ic_frame_receiver *receiver);

struct ic_opened_frame {
    struct ic_bytes frame; /* inside the buffer given */
    unsigned index;
    enum ic_stream stream;
    uint64_t counter; /* rises by one for each frame that its sender sealed, all layers together */
};

/* Opens a sealed frame in place. On error its bytes are undefined and must not be decoded:
 *   IC_ERR_NOT_FOUND  no such key yet, or not yet expected here: hold the frame, try a copy again
 *   IC_ERR_FORBIDDEN  of somebody whom this slot showed before: drop
 *   IC_ERR_REPLAYED   seen before: drop silently, browsers repeat frames too
 *   IC_ERR_MALFORMED, IC_ERR_FORGED: drop and count
 * Only IC_ERR_FORGED damages the bytes; after the others the same buffer may be tried again. */
enum ic_err ic_frame_open(struct ic_frame_receiver *receiver, struct ic_opened_frame *out,
                          uint8_t *sealed, size_t sealed_len, int64_t now) IC_CHECKED;
