/* source.h - where one encoding's frames come from: a clip that repeats, or the built-in pattern.
 *
 * Frames are due at their own times, whatever the caller's clock does; a caller who comes late by
 * more than a second skips what it missed. */
#pragma once

#include "base/base.h"
#include "client/clip.h"

enum { IC_SOURCE_FRAME_MAX = 1 << 20 };

struct ic_source {
    enum ic_codec codec;
    const struct ic_clip *clip; /* NULL: pattern or tone */
    uint64_t pattern_bps;
    size_t next;     /* frame of the clip */
    int64_t clip_at; /* when the clip's current round began */
    int64_t due;     /* of the next frame */
    uint32_t number; /* frames given */
    bool key_wanted;
    int64_t key_at; /* last key frame */
};

struct ic_source_frame {
    struct ic_bytes data; /* valid until the next call, at most IC_SOURCE_FRAME_MAX */
    int64_t due;
    bool key;
};

/* The first frame is due at `start`. `clip` must outlive the source; NULL for the pattern (VP8) of
 * `pattern_bps` or the tone (Opus). */
void ic_source_init(struct ic_source *source, enum ic_codec codec, const struct ic_clip *clip,
                    uint64_t pattern_bps, int64_t start);

/* The next frame if it is due at `now`, else false. A pattern is written to `scratch`, of
 * IC_SOURCE_FRAME_MAX bytes, with both clocks in its stamp. */
bool ic_source_next(struct ic_source *source, struct ic_source_frame *out, uint8_t *scratch,
                    int64_t now, int64_t wall_now);

/* Somebody cannot decode: the next frame shall be a key frame. At most one in 300 ms. */
void ic_source_want_key(struct ic_source *source);
