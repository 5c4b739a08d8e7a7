/* sender.h - what one participant sends: sources, sealing, packets, resends and reports.
 *
 *   source -> ic_frame_seal (whole frame) -> cut -> RTP -> peer (SRTP) -> socket
 *                                              \-> history -> RTX when asked */
#pragma once

#include "base/base.h"
#include "client/clip.h"
#include "client/messages.h"
#include "client/peer.h"
#include "client/source.h"
#include "client/stats.h"
#include "client/tamper.h"
#include "e2ee/e2ee.h"

/* What there is to send; the same for all who send. */
struct ic_media {
    const struct ic_clip *audio; /* NULL and no tone: no microphone */
    bool tone;
    const struct ic_clip *videos[IC_LAYERS];     /* by layer, smallest first; see video_count */
    uint32_t video_count;                        /* 0 and no pattern: no camera */
    uint64_t pattern_bps;                        /* of the largest layer */
    uint32_t layers;                             /* 1: a single encoding without rid */
    uint32_t rates;                              /* of the pattern's pictures; 1: they have none */
    const struct ic_clip *screen, *screen_audio; /* NULL: none */
    uint32_t height, screen_height;              /* for `live` */
};

/* Bit of each enum ic_stream that there is something for. */
uint32_t ic_media_streams(const struct ic_media *media);

/* Frames are made in these; one per process. */
struct ic_frame_buffers {
    uint8_t plain[IC_SOURCE_FRAME_MAX];
    uint8_t sealed[IC_SOURCE_FRAME_MAX + IC_FRAME_OVERHEAD_MAX];
};

struct ic_sender;

/* For the send lines of `connect` that `answer` accepted. `media`, `stats`, `buffers`, `core` and
 * `tamper` (or NULL) must outlive it. All memory that sending needs is taken here. */
enum ic_err ic_sender_new(struct ic_sender **out, const struct ic_connect *connect,
                          const struct ic_heard *answer, const struct ic_media *media,
                          struct ic_e2ee *core, struct ic_stats *stats,
                          struct ic_frame_buffers *buffers, const struct ic_tamper *tamper,
                          int64_t now) IC_CHECKED;
void ic_sender_free(struct ic_sender *sender);

/* Somebody shows the lowest `layers` layers of a stream, nobody more: the others rest. */
void ic_sender_want(struct ic_sender *sender, enum ic_stream stream, uint32_t layers);

/* Sends what is due through `peer`. IC_ERR_EXHAUSTED: a new epoch must begin. */
enum ic_err ic_sender_advance(struct ic_sender *sender, struct ic_peer *peer,
                              int64_t now) IC_CHECKED;
int64_t ic_sender_next_timeout(const struct ic_sender *sender);

/* One packet of an RTCP compound about what we send: NACK, PLI, FIR, feedback, reports. */
struct ic_rtcp;
void ic_sender_feedback(struct ic_sender *sender, struct ic_peer *peer,
                        const struct ic_rtcp *packet, int64_t now);

/* An SSRC of ours to speak of others with in RTCP. */
uint32_t ic_sender_ssrc(const struct ic_sender *sender);
