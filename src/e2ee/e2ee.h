/* e2ee.h - the end-to-end core of one participant in one meeting: the only public header of this
 * folder. What is sealed and why is in docs/security.md, the numbers in docs/protocol.md.
 *
 * The words are those that MLS will need: an epoch, members known by their key-id index, and keys
 * that are exported from a source. In this stage an epoch belongs to one sender, and the source is
 * the link secret with a nonce (link_keys.h); the rest does not know that.
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
    IC_EPOCH_NONCE_LEN = 16,
    IC_BASE_KEY_LEN = 16,
    IC_MEMBERS_MAX = 1024, /* an index is smaller */

    IC_ANNOUNCEMENT_SEALED_MAX = 4096,
    IC_ANNOUNCEMENT_OVERHEAD = 28, /* nonce and tag */
    IC_ANNOUNCEMENT_TEXT_MAX = IC_ANNOUNCEMENT_SEALED_MAX - IC_ANNOUNCEMENT_OVERHEAD,

    /* A sealed frame is at most this much longer: the longest constant header, the longest SFrame
     * header that occurs here, the tag. */
    IC_FRAME_OVERHEAD_MAX = 10 + 7 + 16,
};

/* A late key may come this long after its first frame; hold the frames in order until then, drop
 * them after, and ask for a key frame when the key comes. */
#define IC_HOLD_VIDEO_NS (200 * IC_NS_PER_MS)
#define IC_HOLD_AUDIO_NS (60 * IC_NS_PER_MS)

/* What the server asks for at the door; it keeps the SHA-256 of it. Needs no meeting, since the
 * meeting's id is made after it. */
void ic_admission_proof(uint8_t proof[IC_ADMISSION_PROOF_LEN],
                        const uint8_t link_secret[IC_LINK_SECRET_LEN]);

struct ic_e2ee;

/* What a sender announces: it names the keys of all its streams. */
struct ic_epoch {
    uint8_t number;
    uint8_t nonce[IC_EPOCH_NONCE_LEN];
};

/* NULL when memory or the library fails. Copies both; the caller wipes its copy of the secret. */
struct ic_e2ee *ic_e2ee_new(const uint8_t link_secret[IC_LINK_SECRET_LEN],
                            const uint8_t meeting[IC_MEETING_LEN]) IC_CHECKED;

/* A core whose keys come from the epochs of a group. The functions about epochs and members of the
 * link and about announcements are not for it. */
struct ic_e2ee *ic_e2ee_new_for_group(void) IC_CHECKED;

/* Wipes every key. Free its senders and receivers before it. */
void ic_e2ee_free(struct ic_e2ee *core);

/* Begins the next epoch of this participant, with a new nonce, new keys and counters at zero. Do
 * so for every new connection, when the server gives another index, and when sealing says
 * IC_ERR_EXHAUSTED; announce it before the first frame. IC_ERR_FORBIDDEN: the index is too big. */
enum ic_err ic_e2ee_epoch_begin(struct ic_e2ee *core, unsigned index,
                                struct ic_epoch *announce) IC_CHECKED;

/* Installs what a member announced, so that its frames open. The epoch before it stays for 10 s.
 * The same epoch again is no change. IC_ERR_FORBIDDEN: the index is too big. IC_ERR_REPLAYED: an
 * epoch that was replaced or removed before; somebody repeats an old announcement. */
enum ic_err ic_e2ee_member_install(struct ic_e2ee *core, unsigned index,
                                   const struct ic_epoch *epoch, int64_t now) IC_CHECKED;

/* Wipes a member's keys at once. An unknown index is fine. */
void ic_e2ee_member_remove(struct ic_e2ee *core, unsigned index);

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

/* The group is over, and another begins its count of epochs anew: all its keys are wiped, and
 * nothing opens or is sealed until the next epoch is installed. */
void ic_e2ee_group_over(struct ic_e2ee *core);

/* While held nothing is sealed: IC_ERR_FORBIDDEN. */
void ic_e2ee_hold_sending(struct ic_e2ee *core, bool held);

/* Announcements. Sealing pads the text with spaces to a multiple of 256 bytes (as far as there is
 * room), so that the length of a name does not show. `participant` is the sender's id.
 * IC_ERR_FULL: the text is longer than IC_ANNOUNCEMENT_TEXT_MAX. */
enum ic_err ic_e2ee_announcement_seal(const struct ic_e2ee *core,
                                      uint8_t sealed[IC_ANNOUNCEMENT_SEALED_MAX],
                                      size_t *sealed_len,
                                      const uint8_t participant[IC_PARTICIPANT_LEN],
                                      struct ic_bytes text) IC_CHECKED;

/* The text, padding included, is written to `text`. IC_ERR_MALFORMED, IC_ERR_FORGED. */
enum ic_err ic_e2ee_announcement_open(const struct ic_e2ee *core,
                                      uint8_t text[IC_ANNOUNCEMENT_TEXT_MAX], size_t *text_len,
                                      const uint8_t participant[IC_PARTICIPANT_LEN],
                                      struct ic_bytes sealed) IC_CHECKED;

/* Sending one stream. All layers of a stream share one sender, or have one each: the counter
 * belongs to the key and is leased to senders in blocks. */
struct ic_frame_sender;
struct ic_frame_sender *ic_frame_sender_new(struct ic_e2ee *core, enum ic_stream stream,
                                            enum ic_codec codec) IC_CHECKED;
void ic_frame_sender_free(struct ic_frame_sender *sender);

/* Seals one encoded frame into `sealed`, which has room for frame.len + IC_FRAME_OVERHEAD_MAX.
 * On any error nothing may be sent. IC_ERR_NOT_FOUND: no epoch has begun. IC_ERR_EXHAUSTED: begin a
 * new one. IC_ERR_MALFORMED: not a frame of this codec. */
enum ic_err ic_frame_seal(struct ic_frame_sender *sender, uint8_t *sealed, size_t *sealed_len,
                          struct ic_bytes frame) IC_CHECKED;

/* Receiving in one slot. */
struct ic_frame_receiver;
struct ic_frame_receiver *ic_frame_receiver_new(struct ic_e2ee *core,
                                                enum ic_codec codec) IC_CHECKED;
void ic_frame_receiver_free(struct ic_frame_receiver *receiver);

/* Whose stream the slot shows, as far as the server's assignment and the sender's announcement
 * agree. Only frames of that key id's index and context open. In the beginning none does. */
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
