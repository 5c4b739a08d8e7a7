/* pattern.h - frames that need no camera: a stamp that a receiver can measure with, and filler.
 *
 * Such a frame is sealed like any other, so only a participant of the meeting finds the stamp:
 *
 *   codec header | magic "ICPF" | number u32 | monotonic ns u64 | wall clock ns u64 | filler
 *
 * The codec header is what an encoder would begin with (VP8: 10 bytes, RFC 6386 section 9.1; Opus:
 * the TOC byte), so that the frame passes for one; a decoder would still find no picture in it. The
 * clocks are the sender's; they compare with the receiver's only on one machine. */
#pragma once

#include "base/base.h"

enum {
    IC_PATTERN_LEAST = 10 + 24, /* bytes of the shortest frame */
    IC_PATTERN_FPS = 30,
    IC_TONE_LEN = 80,      /* bytes of a tone frame: 32 kb/s at 20 ms */
    IC_TONE_SAMPLES = 960, /* 20 ms at 48 kHz */
};

struct ic_stamp {
    uint32_t number;
    int64_t monotonic_ns, wall_ns;
};

/* Bytes of frame `number` so that the mean is `bps` at 30 frames a second: frames vary by a third,
 * and a key frame is six times as long. At least a stamp. */
size_t ic_pattern_frame_len(uint64_t bps, uint32_t number, bool key);

/* The rate (RFC 7741's temporal layer) of a frame that comes `place` frames after a key frame,
 * where there are so many rates: 0 2 1 2, or 0 1. Frames of the pattern refer to nothing, so that
 * at each of them one may go up. */
uint8_t ic_pattern_rate(uint32_t rates, uint32_t place);

enum ic_pattern_kind { IC_PATTERN_TONE, IC_PATTERN_DELTA, IC_PATTERN_KEY };

/* Fills the whole frame. `len` is at least IC_PATTERN_LEAST. */
void ic_pattern_fill(uint8_t *frame, size_t len, enum ic_pattern_kind kind,
                     const struct ic_stamp *stamp);

/* False if `frame` is not such a frame. */
bool ic_pattern_read(struct ic_stamp *out, struct ic_bytes frame);
