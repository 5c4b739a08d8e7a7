/* upstream.h - one stream of one publisher, as we receive it: its layers and their packets.
 *
 * Layers are 0 l, 1 m, 2 h; a stream without rids has layer 0 alone. Each may be scalable
 * (layers.h): by rate, or if it is alone by size. Slots (slot.h) read from here and ask for key
 * frames here; publisher.h finds the layer of an arriving packet and writes our RTCP. */
#pragma once

#include "base/base.h"
#include "media/control.h"
#include "media/history.h"
#include "media/layers.h"
#include "media/nack.h"
#include "media/reception.h"
#include "media/red.h"
#include "media/rtcp.h"
#include "media/rtp.h"
#include "media/vp8.h"
#include "media/vp9.h"

enum {
    IC_VIEWS_HOLD = 12 << 10,
    IC_PLI_TRIES = 10, /* then somebody has to want it again */
    IC_VIDEO_CLOCK_HZ = 90000,
    IC_VOICE_CLOCK_HZ = 48000,
};

/* Request again until a key frame comes; a new request after an answered one waits longer. */
#define IC_PLI_RETRY (300 * IC_NS_PER_MS)
#define IC_PLI_SPACING (500 * IC_NS_PER_MS)
/* A layer this far behind the others of its stream has been switched off by the sender. */
#define IC_LAYER_SILENCE (600 * IC_NS_PER_MS)

/* The sender's NTP clock as seen from our monotonic one; shared by all its streams, so that
 * sound and picture stay together. */
struct ic_sender_clock {
    bool known;
    int64_t offset; /* ours minus theirs, least path delay included */
};

struct ic_layer {
    bool seen;               /* ssrc is known */
    uint32_t ssrc, rtx_ssrc; /* rtx: 0 unknown */
    uint8_t rung_count;      /* more than 1: scalable */
    uint16_t picture;        /* newest VP8 picture, extended */
    uint8_t epoch;           /* counts up when the numbering starts anew: another SSRC, or a jump */
    uint32_t takers;         /* slots that forward this layer now */
    int64_t arrived_at;
    struct ic_reception reception;
    struct ic_history history;

    bool key_wanted;
    bool key_asked; /* the last request has not been answered yet */
    uint8_t plis;   /* sent since somebody last wanted a key frame */
    int64_t pli_at; /* of the last request; 0: none yet */

    bool sr_known;
    uint64_t sr_ntp;
    uint32_t sr_timestamp;
    int64_t sr_at;

    uint8_t worst_lost; /* of all who receive it, as they say (RFC 3550 section 6.4.1) */
    int64_t worst_at;   /* when; 0: nobody yet */

    uint32_t bps[IC_RATES]; /* of each rung, with those below it, over the last full interval; a
                               voice's first is without older frames */
    uint32_t interval_bytes[IC_RATES];
    int64_t interval_start;

    struct ic_nack nack; /* last: without loss its pages are never touched */
};

struct ic_upstream {
    uint8_t stream;                             /* enum ic_stream */
    uint8_t codec;                              /* enum ic_codec */
    uint8_t pt, rtx_pt, red_pt;                 /* of the publisher's offer; now in use */
    uint8_t pts[IC_CODECS], rtx_pts[IC_CODECS]; /* all; 0: not that codec */
    uint8_t layer_mask;                         /* bit 0 l, 1 m, 2 h; without rids bit 0 */
    uint8_t orientation_ext, dependency_ext;    /* ids of these extensions, 0: none */
    bool by_size; /* rungs are sizes: a higher one begins with a key frame only */
    struct ic_dependency_cache *dependencies; /* with dependency_ext */
    int64_t arrived_at;                       /* newest packet of any layer */
    struct ic_sender_clock *clock;
    struct ic_layer layers[IC_LAYERS];
};

/* A packet of a publisher on its way to the slots. Its views point into its layer's history, and
 * hold until IC_VIEWS_HOLD more bytes of the layer have come. */
struct ic_packet {
    struct ic_rtp rtp;
    uint8_t codec;     /* enum ic_codec */
    bool key_start;    /* first packet of a key frame */
    struct ic_vp8 vp8; /* len 0: no such descriptor */
    struct ic_vp9 vp9; /* likewise */
    struct ic_red red; /* no blocks: not redundant */
    struct ic_frame frame;
    struct ic_bytes dependency_bytes; /* of the header extension; empty: none */
    struct ic_dependency dependency;
    uint32_t seq; /* extended, key into the layer's history */
    uint8_t layer;
    uint8_t epoch;       /* of the layer */
    bool newest;         /* none of this layer's packets before it was newer */
    bool after_hole;     /* the one right before it has not come */
    int16_t orientation; /* -1: the packet has none */
    struct ic_upstream *upstream;
};

/* Bytes of history that a stream like `line` needs, all layers together; a multiple of 8. */
size_t ic_upstream_history_size(const struct ic_line *line);

/* `up` is zeroed. `history` is ic_upstream_history_size() long, zeroed, aligned to 8 bytes, the
 * caller's; so is `clock`. Both, and `up` itself, must stay where they are while slots point
 * here. */
void ic_upstream_init(struct ic_upstream *up, const struct ic_line *line, uint8_t *history,
                      struct ic_sender_clock *clock);

/* Takes a packet whose `rtp`, `layer`, `orientation` and `dependency_bytes` are set, fills in the
 * rest and keeps a copy. `resent`: it came on the retransmission stream. IC_OK: forward it.
 * IC_ERR_REPLAYED: had it.
 */
enum ic_err ic_upstream_receive(struct ic_upstream *up, struct ic_packet *packet,
                                struct ic_bytes bytes, bool resent, int64_t now) IC_CHECKED;

/* Which codec a payload type stands for; negative if none. */
int ic_upstream_codec_of(const struct ic_upstream *up, uint8_t pt, bool resent);

/* A packet again as it was received; its views hold until the layer receives the next. */
enum ic_err ic_upstream_recall(struct ic_upstream *up, struct ic_packet *out, uint8_t layer,
                               uint32_t seq) IC_CHECKED;

/* The layer to take if `wanted` is the highest of interest: the highest living one not above it,
 * else the lowest living one. Negative while nothing has come. */
int ic_upstream_layer(const struct ic_upstream *up, uint8_t wanted);

/* Somebody needs a key frame of this layer. Costs one request however many ask. */
void ic_upstream_want_key(struct ic_upstream *up, uint8_t layer);

/* Is it time to send a PLI to the layer's SSRC? Counts as sent if so. */
bool ic_upstream_take_pli(struct ic_upstream *up, uint8_t layer, int64_t now);

/* The publisher's sender report; true if `sr->ssrc` is a layer of this stream. */
bool ic_upstream_note_sr(struct ic_upstream *up, const struct ic_rtcp_sr *sr, int64_t now);

/* The same of a layer whose packets come over another worker, which knows the sender's clock. */
void ic_upstream_take_report(struct ic_upstream *up, uint8_t layer, const struct ic_rtcp_sr *sr,
                             int64_t offset, int64_t now);

/* When by our clock, least path delay included, a timestamp of a layer was captured. False before
 * the first sender report. */
bool ic_upstream_captured(const struct ic_upstream *up, uint8_t layer, uint32_t timestamp,
                          int64_t *at);

/* A receiver of this stream says what fraction (of 256) it loses. Of voice the worst goes into our
 * own reports for a few seconds: the sender's encoder makes up for it, and nobody else could. */
void ic_upstream_note_lost(struct ic_upstream *up, uint8_t fraction, int64_t now);

/* The worst of those few seconds; 0: nobody said that any is lost. */
uint8_t ic_upstream_worst_lost(const struct ic_upstream *up, int64_t now);

/* What the layer's next receiver report says. */
void ic_layer_report(struct ic_layer *layer, struct ic_rtcp_report *out, int64_t now);

/* Bits a second that a step (layers.h) takes, 0 when it is silent or there is no such step. */
uint32_t ic_upstream_bps(const struct ic_upstream *up, uint8_t step, int64_t now);

/* Likewise of a voice with its older frames. */
uint32_t ic_upstream_redundant_bps(const struct ic_upstream *up);

static inline uint32_t ic_upstream_clock_hz(const struct ic_upstream *up)
{
    return up->codec == IC_CODEC_OPUS ? IC_VOICE_CLOCK_HZ : IC_VIDEO_CLOCK_HZ;
}
