/* tamper.h - where a test can reach into a client: to attack the others, or to lose what arrives.
 *
 * The program itself has none; tests/client/hostile.c links the same client with one of its own. */
#pragma once

#include "base/base.h"
#include "base/stream.h"

struct ic_tamper {
    /* May change a sealed frame, or make it again from the frame. `sealed` has room for frame.len +
     * IC_FRAME_OVERHEAD_MAX. Returns its new length, 0 to send nothing. NULL: nothing changes. */
    size_t (*frame)(void *owner, enum ic_stream stream, struct ic_bytes frame, uint8_t *sealed,
                    size_t sealed_len);
    /* True to lose an RTP packet that arrived. NULL: none is lost. */
    bool (*lose)(void *owner);
    /* Once taken out of the meeting it goes on listening. */
    bool stays;
    void *owner;
};
