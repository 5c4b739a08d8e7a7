/* control.h - what the control process and a media worker say to each other.
 *
 * One SOCK_SEQPACKET socketpair per worker; each packet is one `struct ic_control`, native byte
 * order, always sizeof long (both ends are built together). The worker trusts the control process
 * for content but checks sizes, counts and ids; the control process checks everything, since the
 * worker parses strangers' packets.
 *
 * This header is all that src/server and src/worker share. */
#pragma once

#include "base/address.h"
#include "base/stream.h"

enum {
    IC_LINES_MAX = 36,       /* 4 send lines and 32 slots */
    IC_MID_SIZE = 16,        /* with the terminating zero; RFC 9143 mids are short tokens */
    IC_ICE_UFRAG_SIZE = 260, /* RFC 8839: 4 to 256 characters, and a zero */
    IC_ICE_PWD_SIZE = 260,   /* 22 to 256 characters, and a zero */
    IC_FINGERPRINT_LEN = 32, /* SHA-256 of the DER certificate */
    IC_LAYERS = 3,           /* l, m, h */
    IC_RELAY_ADDRESSES_MAX = 16,
    IC_WORKERS_MAX = 64,     /* their numbers are below */
    IC_ESTIMATE_BUCKETS = 9, /* see ic_estimate_bounds_bps */
};

/* The header extensions that we read or write (RFC 8285). */
enum ic_extension {
    IC_EXT_MID,         /* RFC 9143 */
    IC_EXT_RID,         /* RFC 8852 */
    IC_EXT_RRID,        /* RFC 8852, repaired-rtp-stream-id */
    IC_EXT_TWCC,        /* draft-holmer-rmcat-transport-wide-cc-extensions-01 */
    IC_EXT_ORIENTATION, /* 3GPP TS 26.114, copied from sender to receiver */
    IC_EXT_DEPENDENCY,  /* AV1 RTP specification, appendix A: written anew for each receiver */
    IC_EXTENSIONS,
};

/* One m-section of one client. */
struct ic_line {
    char mid[IC_MID_SIZE];
    bool is_slot;   /* receive line of the client; else it sends `stream` */
    bool large;     /* slots: the stage, which is served before the tiles */
    uint8_t stream; /* enum ic_stream; meaningless for slots */
    uint8_t codec;  /* enum ic_codec */
    uint8_t pt;     /* payload type of this client's offer */
    uint8_t rtx_pt; /* 0: no retransmission stream */
    uint8_t red_pt; /* of redundant audio (RFC 2198), 0: none; of a send line it may equal `pt` */
    uint8_t layers; /* send lines: bit 0 l, 1 m, 2 h; 0: a single encoding without rid */
    /* Payload types of the other codecs that the line may carry, 0: not that one. */
    uint8_t more_pt[IC_CODECS], more_rtx_pt[IC_CODECS];
    uint8_t ext[IC_EXTENSIONS]; /* id 1-14 in this client's offer, 0: absent */
    uint32_t ssrc;              /* slots: what we send with */
    uint32_t rtx_ssrc;          /* slots with rtx_pt */
};

static inline uint8_t ic_line_pt(const struct ic_line *line, uint8_t codec)
{
    return codec == line->codec ? line->pt : line->more_pt[codec];
}

static inline uint8_t ic_line_rtx_pt(const struct ic_line *line, uint8_t codec)
{
    return codec == line->codec ? line->rtx_pt : line->more_rtx_pt[codec];
}

struct ic_ice_credentials {
    char ufrag[IC_ICE_UFRAG_SIZE];
    char pwd[IC_ICE_PWD_SIZE];
};

enum ic_control_type {
    /* to the worker */
    IC_CONTROL_TRANSPORT_ADD,
    IC_CONTROL_TRANSPORT_RESTART, /* new ICE credentials; the old ones hold until the new are used
                                   */
    IC_CONTROL_TRANSPORT_REMOVE,
    IC_CONTROL_SLOT_POINT,
    IC_CONTROL_TRANSPORT_ASK, /* the answer is IC_CONTROL_TRANSPORT_STATS */
    IC_CONTROL_RELAYS,        /* instead of those named before */
    IC_CONTROL_LINK,          /* a socket to another worker comes with it (SCM_RIGHTS) */
    IC_CONTROL_SOURCE_ADD,    /* a transport of another worker may be pointed at */
    IC_CONTROL_SOURCE_REMOVE, /* slots that point there fall silent */
    IC_CONTROL_STREAM_SHARE,  /* what of a stream of ours goes to another worker */
    IC_CONTROL_STOP,
    /* from the worker */
    IC_CONTROL_READY,
    IC_CONTROL_TRANSPORT_STATE,
    IC_CONTROL_STATS,
    IC_CONTROL_TRANSPORT_STATS, /* also unasked, when `lowered` or `dark` changed */
    IC_CONTROL_SOURCE_REFUSED,  /* there is no room for it */
};

enum ic_transport_state {
    IC_TRANSPORT_NEW,
    IC_TRANSPORT_CHECKED,   /* an authenticated connectivity check came */
    IC_TRANSPORT_CONNECTED, /* DTLS is done and the fingerprint was right */
    IC_TRANSPORT_LOST,      /* no consent for 30 s (RFC 7675); may come back by a new check */
    IC_TRANSPORT_FAILED,    /* DTLS failed, wrong fingerprint, or full: remove it */
};

/* What a client sends is policed by kind (worker/police.h). */
enum ic_traffic {
    IC_TRAFFIC_SOUND,    /* of each line */
    IC_TRAFFIC_PICTURES, /* of each line */
    IC_TRAFFIC_REPORTS,  /* RTCP */
    IC_TRAFFIC_CHECKS,   /* STUN */
    IC_TRAFFIC_HANDSHAKES,
    IC_TRAFFICS,
};

/* How a client is reached. */
enum ic_route {
    IC_ROUTE_NONE, /* it is not connected */
    IC_ROUTE_UDP,
    IC_ROUTE_TCP,
    IC_ROUTE_RELAY, /* from one of the addresses of IC_CONTROL_RELAYS */
    IC_ROUTES,
};

/* Upper ends of the ranges that estimates are counted in; the last one has none. */
static const uint32_t ic_estimate_bounds_bps[IC_ESTIMATE_BUCKETS - 1] = {
    100000, 200000, 400000, 800000, 1600000, 3200000, 6400000, 12800000};

/* Totals since the worker's start, but for what is there `now`. Counts of packets, bytes and
 * connections, never anything about one of them. */
struct ic_worker_stats {
    uint64_t packets_in, packets_out, bytes_in, bytes_out;
    uint64_t dropped_malformed, dropped_forged, dropped_replayed, dropped_unknown, dropped_full;
    uint64_t dropped_checks;               /* STUN without valid integrity */
    uint64_t dropped_policed[IC_TRAFFICS]; /* a client sent more than its grant */
    uint64_t nacks_in, nacks_out, rtx_in, rtx_out, plis_in, plis_out;
    uint64_t handshakes_done, handshakes_failed;
    uint64_t cross_in, cross_out;            /* records from and to other workers */
    uint64_t cross_lost;                     /* of these, what found its link full or closed, */
    uint64_t cross_refused;                  /* and what another worker may not say, or damaged */
    uint64_t downs;                          /* a slot lost a layer for want of bandwidth */
    uint64_t estimates[IC_ESTIMATE_BUCKETS]; /* one a second of each receiver that tells */
    uint64_t estimates_bps;                  /* their sum */
    struct {
        uint32_t transports, rooms;
        uint32_t routes[IC_ROUTES]; /* of the transports */
    } now;
};

/* How a receiver's path is, as its feedback tells; all 0 before any came. */
struct ic_transport_stats {
    uint32_t estimate_bps; /* what the path carries */
    uint32_t given_bps;    /* what its slots get of that */
    uint32_t rtt_us;
    uint32_t acked, lost; /* packets, since the start */
    uint32_t probes;
    uint32_t downs;         /* how often a slot lost a layer for want of bandwidth */
    uint32_t lowered, dark; /* slots that have a smaller picture than is sent and wanted, or none */
};

struct ic_control {
    uint32_t type;      /* enum ic_control_type */
    uint32_t room;      /* chosen by the control process, never reused while the worker lives */
    uint32_t transport; /* likewise; 0 is nobody */
    union {
        struct {
            struct ic_ice_credentials ours, theirs;
            uint8_t fingerprint[IC_FINGERPRINT_LEN]; /* what the client's certificate must have */
            uint32_t line_count;
            struct ic_line lines[IC_LINES_MAX];
        } add;
        struct {
            struct ic_ice_credentials ours, theirs;
        } restart;
        struct {
            uint32_t line;   /* index into the transport's lines; a slot */
            uint32_t source; /* transport or far source of the same room; 0: nothing */
            uint8_t stream;  /* enum ic_stream of the source */
            uint8_t layer;   /* highest wanted: 0 l, 1 m, 2 h */
        } point;
        struct {
            struct ic_address addresses[IC_RELAY_ADDRESSES_MAX]; /* ports do not matter */
            uint32_t count;
        } relays;
        struct {
            uint32_t worker; /* the other one; an older link to it is closed */
        } link;
        struct {
            uint32_t home; /* the worker that has the transport */
            uint32_t line_count;
            struct ic_line lines[IC_STREAMS]; /* its send lines */
        } source;
        struct {
            uint32_t worker; /* the other one */
            uint8_t stream;  /* enum ic_stream of the transport */
            uint8_t
                layers; /* that go there: bit 0 l, 1 m, 2 h; bit 0 of a single encoding; 0: none */
        } share;
        struct {
            uint16_t port; /* UDP and TCP, all addresses */
            uint8_t fingerprint[IC_FINGERPRINT_LEN];
        } ready;
        struct {
            uint8_t state; /* enum ic_transport_state */
        } state;
        struct ic_worker_stats stats; /* once a second while anything changed */
        struct ic_transport_stats transport_stats;
    };
};
