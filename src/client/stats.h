/* stats.h - what a process of headless participants counts, and its JSON lines.
 *
 * Counters of the current second are added to those of the whole run when a line is written. */
#pragma once

#include <stdio.h>

#include "base/base.h"
#include "client/histogram.h"

#define IC_FREEZE_NS (200 * IC_NS_PER_MS)

struct ic_counters {
    uint64_t frames_in;  /* whole sealed frames that arrived */
    uint64_t decrypted;  /* of these */
    uint64_t failed;     /* forged or malformed */
    uint64_t unexpected; /* of nobody who is shown there, or whose key did not come in time */
    uint64_t repeated;   /* seen before; browsers repeat frames too */
    uint64_t dropped;    /* never whole, or of no use after one that was not */
    uint64_t audio_in, video_in; /* decrypted frames by kind */
    uint64_t freezes;  /* times that a picture came over IC_FREEZE_NS after the one before */
    uint64_t switches; /* key frames of another size than the one before */
    uint64_t packets_in, packets_out, bytes_in, bytes_out; /* RTP with headers, without UDP */
    uint64_t frames_out;
    uint64_t lost;      /* RTP packets that never came, as receiver reports count them */
    uint64_t resent_in; /* packets that came as RTX */
    uint64_t copied_in; /* frames of voice that came as a copy in a later packet alone */
    uint64_t resent_out;
    uint64_t nacks_out, nacks_in, plis_out, plis_in;
    uint64_t feedback_in, feedback_lost; /* packets that transport-wide feedback spoke of */
    uint64_t srtp_gcm, srtp_sha1;        /* handshakes that chose this profile */
    uint64_t socket_drops;               /* by our own full receive buffers */
    int64_t audio_gap_ns, video_gap_ns;  /* longest time without a frame of a live stream */
};

struct ic_stats {
    int64_t started_at;
    struct ic_counters now, total;
    struct ic_histogram latency, latency_total;
    struct ic_histogram joins; /* from opening the socket to having media keys */
    uint32_t participants;     /* that this process runs */
    uint32_t joined;           /* of these, in the meeting with media now */
    uint32_t failed_joins;
    uint32_t reconnects; /* connections replaced after the first */
    uint32_t people;     /* others seen by the participant who sees most */
};

void ic_stats_init(struct ic_stats *stats, int64_t now);

/* A frame of a live stream came, or its absence is looked at: `gap_ns` since the one before. */
void ic_stats_gap(struct ic_stats *stats, bool video, int64_t gap_ns);

/* One line about the time since the last one, then begins the next. */
void ic_stats_line(struct ic_stats *stats, FILE *out, int64_t now);

/* The line about all of it, marked by "final":true. Call after the last ic_stats_line(). */
void ic_stats_final(const struct ic_stats *stats, FILE *out, int64_t now);
