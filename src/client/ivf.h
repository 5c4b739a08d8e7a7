/* ivf.h - IVF files: a 32-byte header, then frames of 12 bytes of header and their data, all
 * little-endian. The file is in memory; nothing is copied. */
#pragma once

#include "base/base.h"

enum {
    IC_IVF_HEADER_LEN = 32,
    IC_IVF_FRAME_HEADER_LEN = 12,
    IC_IVF_FRAME_MAX = 1 << 20, /* bytes of one frame; more is a damaged file */
};

struct ic_ivf {
    char fourcc[5]; /* "VP80", and a zero */
    uint16_t width, height;
    uint32_t rate, scale; /* a tick of the time stamps is scale / rate seconds; neither is 0 */
    struct ic_bytes rest; /* frames not yet read */
};

struct ic_ivf_frame {
    struct ic_bytes data; /* never empty */
    uint64_t ticks;
};

/* `file` must outlive `out` and its frames. */
enum ic_err ic_ivf_open(struct ic_ivf *out, struct ic_bytes file) IC_CHECKED;

/* IC_ERR_NOT_FOUND after the last frame; IC_ERR_MALFORMED for a frame that is cut off, empty or too
 * long. */
enum ic_err ic_ivf_next(struct ic_ivf *ivf, struct ic_ivf_frame *out) IC_CHECKED;

/* What a file starts with. `frame_count` may be written again at the end. */
void ic_ivf_write_header(uint8_t out[IC_IVF_HEADER_LEN], const struct ic_ivf *ivf,
                         uint32_t frame_count);
void ic_ivf_write_frame_header(uint8_t out[IC_IVF_FRAME_HEADER_LEN], uint32_t len, uint64_t ticks);
