/* clip.h - a media file loaded whole, as frames with times; several participants may play one. */
#pragma once

#include "base/base.h"
#include "base/stream.h"

struct ic_clip_frame {
    struct ic_bytes data;
    int64_t at_ns; /* from the start of the clip; never falls */
    bool key;      /* VP8 only; the first frame always is one */
};

struct ic_clip {
    enum ic_codec codec;
    uint16_t width, height; /* VP8 only */
    struct ic_clip_frame *frames;
    size_t count;        /* at least 1 */
    int64_t duration_ns; /* after it the clip begins again; more than 0 */
    void *memory;        /* what the frames point into */
};

/* Loads an IVF file of VP8 or an Ogg file of Opus. On error one sentence is in `*why`:
 * IC_ERR_SYSTEM: cannot be read; IC_ERR_MALFORMED: is not such a file. */
enum ic_err ic_clip_load(struct ic_clip *out, const char *path, enum ic_codec codec,
                         const char **why) IC_CHECKED;
void ic_clip_clear(struct ic_clip *clip);
