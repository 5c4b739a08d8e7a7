/* publisher.h - all that one transport sends us: its streams, and our feedback on them.
 *
 * An arriving packet finds its stream by SSRC. An unknown SSRC is learned from the MID and RID (for
 * retransmissions the repaired RID) of its header extensions (RFC 8843 section 9.2, RFC 8852), or
 * from its payload type where only one line has it; senders stop writing the extensions once they
 * are heard. */
#pragma once

#include "base/base.h"
#include "media/control.h"
#include "media/twcc.h"
#include "media/upstream.h"

enum {
    IC_PUBLISHER_STREAMS = IC_STREAMS,
    IC_PUBLISHER_FEEDBACK_MAX = 1200, /* bytes a buffer for our feedback should have */
};

#define IC_REPORT_INTERVAL IC_NS_PER_SEC

struct ic_send_line {
    char mid[IC_MID_SIZE];
    bool used; /* index is enum ic_stream */
};

struct ic_publisher {
    uint32_t ssrc;              /* ours, as the sender of feedback */
    uint8_t ext[IC_EXTENSIONS]; /* the offer is one bundle: an id means one thing on all lines */
    struct ic_send_line lines[IC_PUBLISHER_STREAMS];
    struct ic_upstream upstreams[IC_PUBLISHER_STREAMS]; /* by enum ic_stream */
    struct ic_sender_clock clock;
    struct ic_twcc_receiver twcc;
    uint32_t twcc_media; /* an SSRC of the publisher, which the feedback must name */
    int64_t reported_at;
    uint32_t nacks, plis; /* sent, since the start */
    uint32_t resent;      /* came as retransmissions and were new */
};

/* Bytes of history for all send lines. */
size_t ic_publisher_history_size(const struct ic_line *lines, size_t count);

/* Reads the lines that are no slots; at most one of each stream counts. `p` and `history` are
 * zeroed, so that what is never used costs no memory; `history` is aligned to 4 bytes and the
 * caller's. `p` must not move afterwards. */
void ic_publisher_init(struct ic_publisher *p, const struct ic_line *lines, size_t count,
                       uint8_t *history, uint32_t ssrc);

/* Takes one decrypted RTP packet; `bytes` may be changed (a retransmission is unwrapped in place).
 * IC_OK: `out` is to be offered to every slot that points at out->upstream, in the order of
 * arrival; several at once, as long as their views hold. Otherwise nothing is to be forwarded:
 * IC_ERR_MALFORMED, IC_ERR_REPLAYED (had it), IC_ERR_NOT_FOUND (a probe, or not known to belong to
 * a stream: count it if out of the ordinary).
 */
enum ic_err ic_publisher_receive(struct ic_publisher *p, uint8_t *bytes, size_t len, int64_t now,
                                 struct ic_packet *out) IC_CHECKED;

/* The same for a packet whose stream and layer are known and which has no envelope of a
 * retransmission. `again`: newer ones may have come before; it opens no new numbering. */
enum ic_err ic_publisher_take(struct ic_publisher *p, enum ic_stream stream, uint8_t layer,
                              bool again, struct ic_bytes bytes, int64_t now,
                              struct ic_packet *out) IC_CHECKED;

/* NULL if the transport has no line for `stream`. */
struct ic_upstream *ic_publisher_upstream(struct ic_publisher *p, enum ic_stream stream);

/* A sender report of the publisher. */
void ic_publisher_note_sr(struct ic_publisher *p, const struct ic_rtcp_sr *sr, int64_t now);

/* Appends what is due: receiver reports, PLIs, NACKs, transport-wide feedback. Call it every 10 to
 * 20 ms, and at once when a key frame is wanted. `rtt` in ns, 0 unknown. True if there is more:
 * call again with an empty buffer. The buffer has IC_PUBLISHER_FEEDBACK_MAX bytes or more. */
bool ic_publisher_write_feedback(struct ic_publisher *p, struct ic_writer *w, int64_t rtt,
                                 int64_t now);
