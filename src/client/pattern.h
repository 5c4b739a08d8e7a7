/* pattern.h - frames that need no camera: a stamp that a receiver can measure with, and filler.
 *
 * Such a frame is sealed like any other, so only a participant of the meeting finds the stamp:
 *
 *   magic "ICPF" | number u32 | monotonic ns u64 | wall clock ns u64 | filler
 *
 * The clocks are the sender's; they compare with the receiver's only on one machine. */
#pragma once

#include "base/base.h"

enum {
    IC_PATTERN_STAMP_LEN = 24,
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

/* Fills the whole frame. `len` is at least IC_PATTERN_STAMP_LEN. */
void ic_pattern_fill(uint8_t *frame, size_t len, const struct ic_stamp *stamp);

/* False if `frame` is not such a frame. */
bool ic_pattern_read(struct ic_stamp *out, struct ic_bytes frame);
