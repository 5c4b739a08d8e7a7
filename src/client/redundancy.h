/* redundancy.h - the last frames of a voice, sent again in front of the next (RFC 2198).
 *
 * One older frame always; two while those who listen lose so much that one is not enough. Frames
 * are sealed already: what is sent again are the same bytes. */
#pragma once

#include "media/red.h"

enum {
    IC_OLDER_MAX = 2,
    IC_OLDER_LEN_MAX = 320, /* a longer frame is not sent again */
    IC_REDUNDANT_MAX = IC_RED_HEADER_MAX + IC_OLDER_MAX * IC_OLDER_LEN_MAX, /* besides the newest */
};

struct ic_older_frame {
    uint32_t timestamp;
    uint16_t len; /* 0: none */
    uint8_t bytes[IC_OLDER_LEN_MAX];
};

struct ic_redundancy {
    struct ic_older_frame older[IC_OLDER_MAX]; /* oldest first */
    int64_t lossy_until;
};

/* A receiver report says what fraction (of 256) of the stream is lost. */
void ic_redundancy_lost(struct ic_redundancy *r, uint8_t fraction, int64_t now);

/* Writes the payload of the packet at `timestamp` whose newest frame is `frame`, into room for
 * frame.len + IC_REDUNDANT_MAX; returns its length. A zeroed `r` knows no older frames. */
size_t ic_redundancy_payload(struct ic_redundancy *r, uint8_t *out, struct ic_bytes frame,
                             uint32_t timestamp, uint8_t pt, int64_t now);
