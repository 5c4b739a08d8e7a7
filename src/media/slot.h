/* slot.h - one receive slot of one receiver: whatever it points at, the receiver sees one stream.
 *
 * SSRC, numbers (numbering.h), payload type and header extensions are the slot's own (rewrite.h).
 * It changes layer or sender where a key frame begins (a voice slot anywhere), and leaves out
 * frames of a scalable stream or layer (layers.h). The payload behind the
 * descriptor is never read but for VP8's key-frame bit. Redundant audio (red.h) is rewritten for
 * receivers that take it, and cut down to the newest frame for the others.
 *
 * A packet from a publisher goes: ic_publisher_receive(), then ic_slot_forward() for every slot
 * that points at its upstream; the caller copies `head`, then `out->body`, and seals. */
#pragma once

#include "base/base.h"
#include "media/numbering.h"
#include "media/rtcp.h"
#include "media/rtp.h"
#include "media/upstream.h"

enum {
    /* header, then RTX's original number and a descriptor, or the headers of redundant audio */
    IC_SLOT_HEAD_MAX = IC_RTP_EXTENDED_MAX + IC_RED_HEADER_MAX,
    IC_SLOT_SENT_VIDEO = 512, /* packets that can still be resent */
    IC_SLOT_SENT_VOICE = 64,
    IC_SLOT_PADDING_LEN = 255, /* the most that its last byte can say */
};

#define IC_SLOT_TICK (50 * IC_NS_PER_MS)

/* What a receiver's sequence number stands for; with its run, which packet of the layer's history.
 */
struct ic_slot_sent {
    uint16_t out_seq;
    uint16_t resent_ms; /* low bits of the time of the last resend */
    uint8_t run;        /* low bits of its number */
    uint8_t fate;       /* rewrite.h */
};

/* What each packet touches comes first, and of that what a tick does, in one cache line: with
 * hundreds of receivers a slot is in no cache. */
struct ic_slot {
    struct ic_upstream *upstream; /* NULL: points at nothing */
    struct ic_slot_sent *sent;
    uint16_t sent_mask;
    bool running; /* the newest run is what is forwarded now */
    uint8_t wanted;
    int8_t limit;           /* highest step that the path bears; negative: none */
    uint8_t target;         /* layer to switch to; equals the running one when settled */
    uint8_t codec;          /* of several the first: is it voice? */
    bool redundant;         /* older frames of a voice again, if the receiver takes them:
                               ic_slot_redundant() */
    bool resting;           /* ic_slot_rest() */
    uint8_t pts[IC_CODECS]; /* 0: the receiver does not take that codec */
    uint8_t red_pt;
    uint8_t dependency_ext;
    uint8_t resend_halves;   /* of what is forwarded, so many halves may be resent */
    uint8_t hurried;         /* so many reports do not wait for their second */
    uint32_t resend_credit;  /* bytes */
    uint32_t packets, bytes; /* for sender reports */
    uint32_t ssrc, rtx_ssrc;
    int64_t reported_at;
    struct ic_rtp_template head;
    int64_t timestamp_at; /* when the newest timestamp first went out */
    struct ic_numbering numbers;

    uint8_t rtx_pts[IC_CODECS]; /* likewise */
    uint64_t rtx_index;
    /* Time of capture by our clock and outgoing timestamp that belong together: whatever the slot
     * points at goes by them, so that receivers need not find the two together anew. */
    bool anchored;
    uint32_t anchor_timestamp;
    int64_t anchor_at;
};

/* `line` is a slot of its transport. `sent` has `sent_count` entries, a power of two, zeroed, and
 * is the caller's. `first_seq` and `first_timestamp` should be random (RFC 3550 section 5.1); the
 * former is used halved. */
void ic_slot_init(struct ic_slot *s, const struct ic_line *line, struct ic_slot_sent *sent,
                  size_t sent_count, uint16_t first_seq, uint32_t first_timestamp);

/* What to show from now on; `wanted` is the highest layer of interest. With NULL the slot falls
 * silent: do this to every slot before the upstream goes away. The same upstream with another layer
 * keeps the picture until the key frame of the other. */
void ic_slot_point(struct ic_slot *s, struct ic_upstream *up, uint8_t wanted);

/* What the receiver's path bears: the highest step (layers.h), or negative for no video at all;
 * every step at first. Voice is not limited. */
void ic_slot_limit(struct ic_slot *s, int8_t step);

/* Does the receiver's path lose packets? Then it gets older frames of a voice again, where it takes
 * RED and the sender has them; else only behind a hole of the sender's. In the beginning it does.
 */
static inline void ic_slot_redundant(struct ic_slot *s, bool redundant)
{
    s->redundant = redundant;
}

/* The receiver's path is full for a moment: no size of a picture begins, and no key frame is asked
 * for. What runs goes on. */
static inline void ic_slot_rest(struct ic_slot *s, bool resting)
{
    s->resting = resting;
}

/* Every IC_SLOT_TICK: leaves a layer that fell silent, asks for the key frame it waits for. */
void ic_slot_tick(struct ic_slot *s);

/* The receiver asked for a key frame (PLI, FIR). */
void ic_slot_want_key(struct ic_slot *s);

/* One packet to be sealed and sent. */
struct ic_slot_out {
    uint16_t header_len; /* of the RTP header, which SRTP leaves in the clear */
    uint16_t head_len;   /* bytes written to `head` */
    uint16_t twcc_at; /* offset in `head` of the two bytes for the transport-wide number; 0: none */
    uint64_t index;   /* for sealing: rollover count and sequence number */
    uint32_t ssrc;
    struct ic_bytes body; /* follows `head` */
    uint8_t padding; /* bytes to follow that (RFC 3550): none, unless who sends it wants some */
};

/* Writes what this receiver gets of `packet`. False: nothing. */
bool ic_slot_forward(struct ic_slot *s, const struct ic_packet *packet, int64_t now,
                     uint8_t head[IC_SLOT_HEAD_MAX], struct ic_slot_out *out);

/* Writes once more what ic_slot_forward() wrote as `seq`, byte for byte, if it was held back then
 * and is to be sealed only now: never seal both. IC_ERR_NOT_FOUND: it is not here any more.
 * `out->body` holds until the publisher's next packet. */
enum ic_err ic_slot_recall(struct ic_slot *s, uint16_t seq, uint8_t head[IC_SLOT_HEAD_MAX],
                           struct ic_slot_out *out) IC_CHECKED;

/* The receiver missed `seq` (NACK): writes it again on the retransmission stream (RFC 4588).
 * IC_ERR_NOT_FOUND: never sent, too old, or no such stream. IC_ERR_REPLAYED: resent less than `rtt`
 * (ns; 0 unknown) ago. IC_ERR_FULL: resends have used up their share of the rate. `out->body` holds
 * until the publisher's next packet. */
enum ic_err ic_slot_resend(struct ic_slot *s, uint16_t seq, int64_t rtt, int64_t now,
                           uint8_t head[IC_SLOT_HEAD_MAX], struct ic_slot_out *out) IC_CHECKED;

/* Was `seq` resent, later than `since` (0: ever)? Also if it is too old to tell. */
bool ic_slot_was_resent(const struct ic_slot *s, uint16_t seq, int64_t since, int64_t now);

/* Writes a packet of IC_SLOT_PADDING_LEN bytes of padding and nothing else on the retransmission
 * stream: it is sent to probe the path. False if the slot has no such stream or points at
 * nothing. */
bool ic_slot_pad(struct ic_slot *s, uint8_t head[IC_SLOT_HEAD_MAX], struct ic_slot_out *out);

/* The sender report that is due: once a second, and at once after a switch; where time and
 * timestamp could not be kept together, several after it, which take the place of those that a
 * receiver remembers. False if none is, or if the source's own clock is not known yet. NTP is our
 * monotonic time. */
bool ic_slot_report(struct ic_slot *s, struct ic_rtcp_sr *out, int64_t now);
