/* recording.h - what was decrypted of one stream, as a file: IVF for VP8, Ogg for Opus. */
#pragma once

#include "base/base.h"
#include "base/stream.h"

struct ic_recording;

/* Makes `path`, which gets its header with the first frame. IC_ERR_SYSTEM: cannot be written. */
enum ic_err ic_recording_new(struct ic_recording **out, const char *path,
                             enum ic_codec codec) IC_CHECKED;
/* Completes the file. */
void ic_recording_free(struct ic_recording *recording);

/* Adds a frame; `timestamp` is RTP's, of 90 kHz for video. VP8 begins with a key frame: what comes
 * before it is left out. */
void ic_recording_add(struct ic_recording *recording, struct ic_bytes frame, uint32_t timestamp);
